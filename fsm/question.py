"""The question that a customer is asked: its draft."""

from __future__ import annotations

from typing import Any

from fsm.draft import Draft


class QuestionDraft(Draft):
    """The question of a form as it was shown: `text` in HTML, and the buttons below it by row. The buttons are shown
    again below the error of an answer, all of it after small talk."""

    id: str = ""
    form: str
    text: str
    buttons: list[list[dict[str, Any]]]
