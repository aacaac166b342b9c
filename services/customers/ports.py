"""Tables of customers, as the use cases see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from services.accounts.models import Link, Trust
from services.customers.models import (
    ConsentText,
    Customer,
    EmailRequest,
    Errand,
    GivenConsent,
    NotificationKind,
    Quiet,
    Section,
)


class CustomerRepository(Protocol):
    async def get(self, user_id: int) -> Customer | None: ...

    async def get_all(self, user_ids: Collection[int]) -> Mapping[int, Customer]:
        """Those of them who are known, by id."""
        ...

    async def create(self, user_id: int, language: str, at: datetime) -> None: ...

    async def block(self, user_id: int, at: datetime | None) -> None:
        """Note that the customer stopped the bot, or with None that they are back."""
        ...

    async def set_language(self, user_id: int, language: str) -> None: ...

    async def set_email(self, user_id: int, address: str | None) -> None: ...

    async def set_quiet(self, user_id: int, quiet: Quiet) -> None: ...

    async def mute(self, user_id: int, kinds: Iterable[NotificationKind]) -> None:
        """These and no others."""
        ...

    async def agree(self, user_id: int, shown: Iterable[ConsentText], at: datetime) -> None: ...

    async def choose(self, user_id: int, link_id: str | None) -> None:
        """The account in view; None is the first."""
        ...

    async def link(self, user_id: int, link_id: str, account: str, trust: Trust, at: datetime) -> Link:
        """Add an account; one that is linked already is returned as it is."""
        ...

    async def unlink(self, user_id: int, link_id: str) -> bool: ...

    async def rename(self, user_id: int, link_id: str, label: str) -> bool: ...

    async def include_preliminary(self, user_id: int, link_id: str, *, on: bool) -> bool: ...

    async def put_first(self, user_id: int, link_id: str) -> None:
        """Before the person's other accounts."""
        ...

    async def looked_up(self, user_id: int, day: date) -> frozenset[str]:
        """Numbers of the accounts that this user looked for on `day`."""
        ...

    async def note_lookup(self, user_id: int, day: date, account: str) -> None: ...

    async def wrong_flats(self, user_id: int, account: str, since: datetime) -> frozenset[str]:
        """Digests of the wrong answers that a person gave about an address after a moment."""
        ...

    async def note_wrong_flat(self, user_id: int, account: str, answer: str, at: datetime) -> None: ...


class EmailRequestRepository(Protocol):
    """Addresses that wait for their link to be opened, `digest` being that of the link's token; and counts of
    letters to addresses that are not confirmed, `mailbox` being the digest of one."""

    async def ask(self, digest: str, request: EmailRequest) -> None:
        """One with this digest that there is already stays as it is."""
        ...

    async def find(self, digest: str) -> EmailRequest | None: ...

    async def pending(self, user_id: int, at: datetime, errand: Errand | None = None) -> EmailRequest | None:
        """The newest whose link is good, of an errand, or of any that confirms an address."""
        ...

    async def letters_since(self, mailbox: str, since: datetime) -> int: ...

    async def note_letter(self, mailbox: str, key: str, at: datetime) -> None: ...

    async def end(self, user_id: int, at: datetime, errand: Errand, but: str | None = None) -> None:
        """A person's links of an errand are no longer good, save those to an address."""
        ...

    async def end_about(self, accounts: Collection[str], at: datetime) -> None:
        """Everybody's links about receipts of accounts are no longer good."""
        ...

    async def forget(self, before: datetime) -> None:
        """Remove what expired before a moment."""
        ...


class PersonalDataRepository(Protocol):
    """Rows about one person, wherever they stand."""

    async def consents(self, user_id: int) -> tuple[GivenConsent, ...]:
        """The newest of each kind, withdrawn ones included."""
        ...

    async def withdraw(self, user_id: int, consent_id: int, at: datetime) -> None:
        """One that is not theirs, or not in force, is left alone."""
        ...

    async def everything(self, user_id: int) -> Sequence[Section]:
        """Rows have names that a person can read; moments and days are as such, the rest as in JSON."""
        ...

    async def erase(self, user_id: int, at: datetime) -> None:
        """Take the person out of everything but the history of consents. Once more changes nothing."""
        ...

    async def erased_since(self, user_id: int, since: datetime) -> bool:
        """Whether the person has been erased since a moment, and has come back."""
        ...

    async def forget(self, before: datetime, guesses_before: datetime) -> None:
        """Remove look-ups, wrong answers, counts of letters and invitations that were over before a moment, and guesses
        made before another."""
        ...
