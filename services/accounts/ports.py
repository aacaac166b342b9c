"""Tables of links, proofs, disclosures, invitations and recoveries, as the use cases see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.accounts.models import Action, Control, Invitation, JournalEntry, Link, RecoveryRequest, Watch


@dataclass(frozen=True, slots=True)
class GuessCounts:
    """Numbers of guesses: one person's at all accounts, theirs at one account, and the crowd's there, the person
    included."""

    by_person: int
    by_person_here: int
    by_crowd: int


class ProofRepository(Protocol):
    """Guesses at a sum, and who has proved an account."""

    async def outcomes(self, key: str) -> tuple[bool | None, ...]:
        """Results of the guesses typed in one message; None where the process ended before it knew."""
        ...

    async def guesses(
        self, user_id: int, account: str, since: datetime, apart: Collection[int], *, erased: bool
    ) -> GuessCounts:
        """Made after a moment. `apart`: people whose guesses do not count with those of the crowd. `erased`: guesses
        at the account that have lost their person count as the person's own."""
        ...

    async def note(self, key: str, user_id: int, account: str, at: datetime) -> int:
        """Write a guess down before the supplier is asked; its id."""
        ...

    async def settle(self, guess_id: int, *, hit: bool) -> None: ...

    async def take_back(self, guess_id: int) -> None:
        """The supplier could not be asked."""
        ...

    async def verify(self, user_id: int, link_id: str, at: datetime, *, first: bool) -> bool:
        """`first`: no other proof stands. False when the link is gone or verified already."""
        ...

    async def verified(self, account: str) -> tuple[Link, ...]:
        """Everybody who has proved the account, the first one first."""
        ...

    async def has_proved(self, link: Link) -> bool:
        """Whether the link's customer has proved the account since it was linked, also where that has ended."""
        ...

    async def find(self, link_id: str) -> Link | None:
        """Anybody's link."""
        ...

    async def control(self, account: str) -> Control: ...

    async def set_control(self, account: str, control: Control) -> None: ...

    async def record(self, account: str, user_id: int | None, action: Action, at: datetime) -> None:
        """Into the account's journal; without a user it was the company."""
        ...

    async def renew(self, accounts: Iterable[str], at: datetime) -> None:
        """Payments for these accounts until now prove nothing."""
        ...

    async def renewed_at(self, account: str) -> datetime | None: ...

    async def concerned(self, accounts: Iterable[str]) -> tuple[str, ...]:
        """The accounts among these that have a proof, a share, a bar, or a request to withdraw an access."""
        ...

    async def unprove(self, account: str) -> tuple[Link, ...]:
        """Take every proof of the account back to the trust that the address gives; the links as they were."""
        ...

    async def journal(self, account: str, limit: int) -> tuple[JournalEntry, ...]:
        """Newest first."""
        ...


class DisclosureRepository(Protocol):
    """Sums that were shown to people without a proof of the account; the people are not kept."""

    async def watch(self, account: str) -> Watch | None: ...

    async def begin(self, account: str, watch: Watch) -> None:
        """A watch that has begun already stays as it is."""
        ...

    async def show(self, account: str, sums: Iterable[int], day: date) -> None:
        """Sums, in kopecks, that are going to be shown."""
        ...

    async def forget(self, before: date) -> None:
        """Remove sums that were first shown before a day, and watches of accounts not looked at since."""
        ...


class ShareRepository(Protocol):
    """Invitations to accounts, and those who followed them."""

    async def invite(self, digest: str, key: str, invitation: Invitation) -> bool:
        """Write an invitation down; False when it takes the place of an earlier one with the same `key`."""
        ...

    async def invitations(self, account: str, at: datetime) -> tuple[Invitation, ...]:
        """Those that are good at a moment, the oldest first."""
        ...

    async def uninvite(self, account: str, invitation_id: str) -> bool:
        """False when it was not there, or was used."""
        ...

    async def invitation(self, digest: str) -> Invitation | None: ...

    async def use(self, digest: str, at: datetime) -> bool:
        """False when it was used before."""
        ...

    async def join(self, user_id: int, link_id: str, invitation: Invitation, person: str, at: datetime) -> Link:
        """Link the account, or widen a link that there is."""
        ...

    async def members(self, account: str) -> tuple[Link, ...]:
        """Everybody who has the account, the owners first."""
        ...

    async def withdraw(self, account: str, granted_by: int | None = None) -> tuple[Link, ...]:
        """Remove everything that a person, or anybody, has given to others; the links that are gone."""
        ...

    async def touch(self, link_id: str, at: datetime) -> None:
        """The link is in use."""
        ...


class RecoveryRepository(Protocol):
    """Requests to withdraw the access of a Telegram account that was lost: one for each two people at an account."""

    async def open(self, account: str, asked_by: int, against: int, at: datetime) -> bool:
        """False when there is one, open or refused."""
        ...

    async def get(self, account: str, asked_by: int, against: int) -> RecoveryRequest | None: ...

    async def asked_by(self, account: str, user_id: int) -> tuple[RecoveryRequest, ...]: ...

    async def object(self, account: str, asked_by: int, against: int, at: datetime) -> bool:
        """False when it is not open."""
        ...

    async def unanswered(self, before: datetime) -> tuple[RecoveryRequest, ...]:
        """Open ones that were asked before a moment."""
        ...

    async def drop(self, account: str, user_id: int) -> None:
        """End the open ones by or against a person; refused ones stay."""
        ...

    async def forget(self, account: str) -> None:
        """Remove all of an account, refused ones too."""
        ...
