"""Tables of broadcasts, as the use case sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.broadcasts.models import Audience, Broadcast
from services.customers.models import Customer


class BroadcastRepository(Protocol):
    async def add(self, text: str, audience: Audience, made_by: str, count: int, at: datetime) -> int:
        """The id of a new one."""
        ...

    async def get(self, broadcast_id: int) -> Broadcast | None: ...

    async def update(self, broadcast: Broadcast) -> None: ...

    async def reached(self, broadcast: Broadcast, after: int, limit: int) -> Sequence[Customer]:
        """Customers to whom a broadcast went, or may have gone, the next by id."""
        ...

    async def withdraw(self, broadcast: Broadcast, at: datetime) -> int:
        """Drop its notices that have not begun to be sent; how many there were."""
        ...
