"""Topics of appeals in groups of the staff, and templates of answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.appeals.models import AppealMessage


@dataclass(frozen=True, slots=True)
class Topic:
    """An appeal in a group of the staff. `group`: by its number in the settings; `chat`: where the topic stands, for
    the group may have moved; `thread`: None until it is made, and in a `flat` group, which has no topics; `card`: the
    message with the facts; `asked_at`: when Telegram was asked for it, without an answer yet; `remade`: an earlier one
    was deleted; `owner`: the member of the staff who took it."""

    appeal: str
    group: int
    chat: int | None = None
    thread: int | None = None
    card: int | None = None
    asked_at: datetime | None = None
    flat: bool = False
    remade: bool = False
    closed: bool = False
    owner: int | None = None
    owner_name: str = ""
    reminded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """An answer that staff use again. `text`: HTML."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """An answer that has not arrived. `blocked`: its customer has stopped the bot."""

    message: AppealMessage
    blocked: bool
