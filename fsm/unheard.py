"""A message that could not be worked off: its draft."""

from __future__ import annotations

from datetime import datetime

from fsm.draft import Draft


class UnheardDraft(Draft):
    """What was typed, and in which form, when it could not be worked off: one press says it again."""

    form: str | None
    text: str
    message: int
    typed_at: datetime
