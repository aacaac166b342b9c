"""Numbers that came in answer to a reminder of several accounts: draft."""

from __future__ import annotations

from datetime import datetime

from fsm.draft import Draft


class AnswerDraft(Draft):
    """`typed` waits for its account to be picked; `message`: where it was typed, at `typed_at`."""

    typed: str
    message: int
    typed_at: datetime
