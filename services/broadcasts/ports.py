"""Tables of broadcasts, as the use cases see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.broadcasts.models import Broadcast, Card, Reach
from services.customers.models import Customer
from services.notices.models import Tally


class BroadcastRepository(Protocol):
    async def add(self, broadcast: Broadcast) -> int:
        """The id of a new one; its own does not count."""
        ...

    async def get(self, broadcast_id: int) -> Broadcast | None: ...

    async def running(self) -> Sequence[Broadcast]:
        """Confirmed ones that have no end yet."""
        ...

    async def to_count(self) -> Sequence[Broadcast]:
        """Those whose people are to be counted."""
        ...

    async def ask_count(self, broadcast_id: int, at: datetime) -> None: ...

    async def note_count(self, broadcast_id: int, reach: Reach) -> None: ...

    async def unconfirmed(self, before: datetime) -> Sequence[Broadcast]:
        """Drafts that were begun before a moment."""
        ...

    async def change(self, broadcast: Broadcast, was: Broadcast) -> bool:
        """Write its new values, but the count. False: its state or place is not as it was any more, and nothing is."""
        ...

    async def customers(self, accounts: Sequence[str], after: int, limit: int) -> Sequence[Customer]:
        """The next customers by id who have one of these accounts; who have any, where there are none."""
        ...

    async def recipients(self, broadcast: Broadcast, after: int, limit: int) -> Sequence[Customer]:
        """The next customers by id who got a broadcast, or may have got it."""
        ...

    async def tally(self, broadcast: Broadcast, after: str, limit: int, recent: datetime) -> tuple[Tally, str]:
        """Its notices with the next keys, and the last of these; "" at the end. `recent`: since when such are."""
        ...

    async def withdraw(self, broadcast: Broadcast, after: str, at: datetime, limit: int) -> str:
        """Drop those of its notices with the next keys that have not begun to be sent. The last of these keys; "" at
        the end."""
        ...

    # Cards

    async def card(self, broadcast_id: int) -> Card | None: ...

    async def card_of(self, chat: int, command: str) -> Card | None:
        """The one that a message or a press began."""
        ...

    async def card_asked(self, chat: int, message: int) -> Card | None:
        """The one whose question is a message, or that is the message."""
        ...

    async def keep(self, card: Card) -> None: ...
