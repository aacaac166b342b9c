"""The outbox and the mail server, as the use cases see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.notices.models import Channel, Notice


class Notices(Protocol):
    async def tell(self, notice: Notice, at: datetime) -> None:
        """Queue a message to a customer; a second one with the same key is ignored."""
        ...

    async def told_since(self, user_id: int, channel: Channel, since: datetime) -> int:
        """How many messages were queued for a person."""
        ...

    async def knows(self, key: str) -> bool:
        """Whether the message with this key was queued."""
        ...

    async def delivered_at(self, key: str) -> datetime | None:
        """When the message with this key reached the customer, None if it has not."""
        ...

    async def hold(self, key: str, until: datetime) -> None:
        """It waits, and does not keep later ones waiting."""
        ...

    async def drop(self, key: str, at: datetime) -> None: ...

    async def release(self, user_id: int, at: datetime) -> None:
        """What is held for a person may go out."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """`attachment`: file name and PDF. `key`: the same one again is the same letter, which a mailbox may drop."""

    key: str
    to: str
    subject: str
    text: str
    attachment: tuple[str, bytes] | None = None


class Mail(Protocol):
    async def send(self, letter: Letter) -> None:
        """Raises MailUnavailable, MailPostponed, MailRefused or MailUnknown."""
        ...

    async def answers(self) -> bool:
        """Whether letters could be sent now."""
        ...
