"""Messages and letters that are sent unasked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Channel(StrEnum):
    TELEGRAM = "telegram"
    MAIL = "mail"


class Urgency(IntEnum):
    """What goes out first. `ANSWER`, which somebody waits for or has to know at once, goes out in quiet hours, too.
    `BULK` goes to many at once, and not a second time when it may have arrived."""

    ANSWER = 0
    NOTICE = 1
    BULK = 2


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a customer unasked. `kind` names its words, `facts` fill them, `key` makes it once.

    `edits`: the message that it brings up to date; where that is gone, it comes as a new one."""

    key: str
    user_id: int
    kind: str
    facts: Mapping[str, str] = field(default_factory=dict)
    channel: Channel = Channel.TELEGRAM
    urgency: Urgency = Urgency.NOTICE
    edits: int | None = None
