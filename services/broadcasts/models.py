"""Broadcasts and those whom they are for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST = 3500  # characters of a broadcast: a message holds 4096


class BroadcastState(StrEnum):
    """`DRAFT` waits for a second person; `GOING`: rows are being queued; `QUEUED`: they all are."""

    DRAFT = "draft"
    GOING = "going"
    QUEUED = "queued"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Audience:
    """Customers with an account that fits: all, or those of a region, a street, or of some accounts. `corrects`: those
    to whom an earlier broadcast went, and no others."""

    region: str = ""
    street: str = ""
    accounts: tuple[str, ...] = ()
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class Broadcast:
    """`count`: people when it was made; `after`: the last one that was looked at."""

    id: int
    text: str
    audience: Audience
    made_by: str
    made_at: datetime
    count: int
    state: BroadcastState = BroadcastState.DRAFT
    confirmed_by: str = ""
    after: int = 0

    def key(self, user_id: int) -> str:
        """Of the notice to a person."""
        return f"{self.prefix}{user_id}"

    @property
    def prefix(self) -> str:
        return f"broadcast:{self.id}:"


class CannotBroadcast(Exception):
    """`str()` says it to the operator."""
