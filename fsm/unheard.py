"""A message that could not be worked off: its draft."""

from __future__ import annotations

from datetime import datetime

from fsm.draft import Draft


class UnheardDraft(Draft):
    """A message that could not be worked off, and the form in which it was typed: one press says it again."""

    form: str | None
    text: str
    message: int
    typed_at: datetime
