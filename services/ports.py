"""What the use cases need from outside, in our own words. Adapters are chosen in `bot/app.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from services.models import (
    Account,
    Action,
    Balance,
    Bill,
    Channel,
    ConsentText,
    Control,
    Customer,
    Details,
    EmailRequest,
    Entry,
    GivenConsent,
    Invitation,
    Link,
    Meter,
    Month,
    Notice,
    Order,
    OrderStatus,
    Payment,
    Quiet,
    RecoveryRequest,
    Submission,
    SubmissionStatus,
    Tariff,
    Topic,
    Transaction,
    Trust,
    Watch,
)


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Metering:
    """What is needed to take readings of one account: its meters in use, newest readings first."""

    account: Account
    meters: tuple[Meter, ...]


class Supplier(Protocol):
    """The energy supplier's system. Every call may raise SupplierUnavailable."""

    async def find(self, number: str) -> Account | None: ...

    async def metering(self, number: str) -> Metering | None: ...

    async def tariff(self, number: str, day: date) -> Tariff | None:
        """Prices in force on `day`, None where the account has none."""
        ...

    async def balance(self, number: str) -> Balance: ...

    async def bill(self, number: str, day: date) -> Bill | None:
        """What there is to pay on `day`, with a preliminary charge for its month."""
        ...

    async def details(self, number: str) -> Details | None: ...

    async def payments(self, number: str, since: date) -> tuple[Payment, ...]:
        """Credited to the account since a day."""
        ...

    async def submit(self, submission: Submission) -> None:
        """Hand over readings. The same `key` again changes nothing; `replaces` withdraws the earlier
        submission of the period. Raises SupplierRefused when the supplier says no."""
        ...

    async def counted(self, submissions: Sequence[Submission]) -> frozenset[str]:
        """Keys of those that billing has used in full."""
        ...


@dataclass(frozen=True, slots=True)
class ConversationState:
    """Where a conversation stands. With neither state nor data it is at rest and needs no row."""

    state: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


class Conversations(Protocol):
    async def state(self, key: str) -> ConversationState: ...


class Customers(Protocol):
    async def get(self, user_id: int) -> Customer | None: ...

    async def create(self, user_id: int, language: str, at: datetime) -> None: ...

    async def block(self, user_id: int, at: datetime | None) -> None:
        """Note that the customer stopped the bot, or with None that they are back."""
        ...

    async def set_language(self, user_id: int, language: str) -> None: ...

    async def set_email(self, user_id: int, address: str | None) -> None: ...

    async def set_quiet(self, user_id: int, quiet: Quiet) -> None: ...

    async def mute(self, user_id: int, topics: Iterable[Topic]) -> None:
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


@dataclass(frozen=True, slots=True)
class GuessCounts:
    """Numbers of guesses: one person's at all accounts, theirs at one account, and the crowd's there, the person
    included."""

    by_person: int
    by_person_here: int
    by_crowd: int


class Proofs(Protocol):
    """Guesses at a sum, and who has proved an account."""

    async def outcomes(self, key: str) -> tuple[bool | None, ...]:
        """What came of the guesses typed in one message; None where the process ended before it knew."""
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

    async def journal(self, account: str, limit: int) -> tuple[Entry, ...]:
        """Newest first."""
        ...


class Disclosures(Protocol):
    """Sums that were shown to people who had not proved the account, without the people."""

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


class Shares(Protocol):
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


class Recoveries(Protocol):
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


class EmailRequests(Protocol):
    """Addresses that wait for their link to be opened, `digest` being that of the link's token; and counts of
    letters to addresses that are not confirmed, `mailbox` being the digest of one."""

    async def ask(self, digest: str, request: EmailRequest) -> None:
        """One with this digest that there is already stays as it is."""
        ...

    async def find(self, digest: str) -> EmailRequest | None: ...

    async def pending(self, user_id: int, at: datetime) -> EmailRequest | None:
        """The newest whose link is good."""
        ...

    async def letters_since(self, mailbox: str, since: datetime) -> int: ...

    async def note_letter(self, mailbox: str, key: str, at: datetime) -> None: ...

    async def end(self, user_id: int, at: datetime, but: str | None = None) -> None:
        """Links of a person are no longer good, save those to an address."""
        ...

    async def forget(self, before: datetime) -> None:
        """Remove what expired before a moment."""
        ...


class PersonalData(Protocol):
    """What is kept about one person, wherever it stands."""

    async def consents(self, user_id: int) -> tuple[GivenConsent, ...]:
        """The newest of each kind, withdrawn ones included."""
        ...

    async def withdraw(self, user_id: int, consent_id: int, at: datetime) -> None:
        """One that is not theirs, or not in force, is left alone."""
        ...

    async def everything(self, user_id: int) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Rows by section, with names that a person can read; moments and days as such, the rest as in JSON."""
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


class Submissions(Protocol):
    async def get(self, key: str) -> Submission | None: ...

    async def next_number(self, period_of: date) -> str: ...

    async def add(self, submission: Submission) -> None:
        """Raises KeyError when `key` exists already."""
        ...

    async def active(self, account: str, period: Month) -> tuple[Submission, ...]:
        """Those of the period that nothing has replaced, refused ones left out."""
        ...

    async def of_account(self, user_id: int, account: str, limit: int, offset: int = 0) -> tuple[Submission, ...]:
        """One person's, newest first, replaced ones included."""
        ...

    async def set_status(
        self, key: str, status: SubmissionStatus, expected: Iterable[SubmissionStatus], at: datetime
    ) -> bool:
        """Compare and set; False when the submission was in none of the `expected` states."""
        ...

    async def level(self, accounts: Iterable[str]) -> None:
        """Submissions of these accounts lose their rank: any customer of the account may replace them."""
        ...

    async def waiting(self, before: datetime, now: datetime, limit: int) -> tuple[Submission, ...]:
        """Submitted before a moment, or by a clock that was set back since, and not yet confirmed by the supplier; the
        one that was tried last at the end."""
        ...


class Orders(Protocol):
    """Payments through the bot."""

    async def get(self, key: str) -> Order | None: ...

    async def of_provider(self, external_id: str) -> Order | None: ...

    async def next_number(self, period_of: date) -> str: ...

    async def add(self, order: Order, ask_at: datetime) -> None:
        """`ask_at`: when the provider is to be asked about it. Raises KeyError when `key` exists already."""
        ...

    async def update(self, order: Order, expected: Iterable[OrderStatus], *, ask_at: datetime | None) -> bool:
        """Write what may change; False when the order stood in none of the `expected` states. `ask_at` None: the
        provider need not be asked any more."""
        ...

    async def show_in(self, key: str, message_id: int | None) -> None:
        """The message that has its buttons, None when there is none or its number is not known."""
        ...

    async def refund(self, key: str, kopecks: int, at: datetime) -> None:
        """So much more was given back."""
        ...

    async def credit(self, key: str, day: date) -> None:
        """The supplier has credited it on a day."""
        ...

    async def ask_by(self, key: str, at: datetime) -> bool:
        """The provider is to be asked about it at this moment, or earlier where that was planned: then False."""
        ...

    async def due(self, now: datetime, each: int, limit: int) -> tuple[Order, ...]:
        """Orders that the provider is to be asked about, not more than `each` of one person: everybody's longest due
        first, then everybody's next."""
        ...

    async def outstanding(self, account: str, since: datetime) -> int:
        """Kopecks that anybody has paid for an account since a moment and that are not credited yet."""
        ...

    async def of_account(self, account: str, since: datetime) -> tuple[Order, ...]:
        """Everybody's, made since a moment, newest first."""
        ...

    async def payers(self, account: str, since: date) -> frozenset[int]:
        """People whose payment the supplier has credited to an account on a day or later."""
        ...

    async def uncredited(self, since: datetime, account: str | None = None) -> tuple[Order, ...]:
        """Paid since a moment and neither credited by the supplier yet nor given back; of one account or of all."""
        ...


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
class Sheet:
    """A one-page document in a person's language: facts as pairs, one table, a line below it."""

    title: str
    issuer: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: str
    footer: str
    language: str


class Documents(Protocol):
    async def sheet(self, sheet: Sheet) -> bytes:
        """PDF."""
        ...

    async def qr(self, payload: bytes) -> bytes:
        """PNG of a QR code that holds these very bytes, at least 600 pixels wide."""
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


class PaymentProvider(Protocol):
    """Who takes the money. Calls raise ProviderUnavailable when nobody knows what came of them."""

    @property
    def wants_email(self) -> bool:
        """For the receipt of the cash register law."""
        ...

    def request(
        self, order: Order, month: Month, return_url: str, email: str | None, language: str
    ) -> Mapping[str, Any]:
        """What to ask for: kept with the order before the first attempt, so that all attempts are equal."""
        ...

    async def create(self, order: Order) -> Transaction:
        """Ask for `order.request` under `order.key`; the same again, within a day, is the same payment. Raises
        ProviderRefused when nothing was made."""
        ...

    async def get(self, external_id: str) -> Transaction | None: ...

    def since(self, moment: datetime) -> AsyncIterator[Transaction]:
        """Everything made since a moment, ours or not, the newest first."""
        ...

    async def check(self) -> str | None:
        """What keeps the shop from taking payments, None when nothing does."""
        ...


class Operator(Protocol):
    async def alert(self, what: str, error: Exception | None = None) -> None:
        """Tell the operator of trouble that is ours. `what` names it, without anything of a customer's; the log
        gets the place that `error` comes from."""
        ...


class Unit(Protocol):
    """One short transaction. Nothing is kept unless `commit` was called."""

    @property
    def customers(self) -> Customers: ...

    @property
    def proofs(self) -> Proofs: ...

    @property
    def disclosures(self) -> Disclosures: ...

    @property
    def shares(self) -> Shares: ...

    @property
    def recoveries(self) -> Recoveries: ...

    @property
    def emails(self) -> EmailRequests: ...

    @property
    def submissions(self) -> Submissions: ...

    @property
    def orders(self) -> Orders: ...

    @property
    def notices(self) -> Notices: ...

    @property
    def personal(self) -> PersonalData: ...

    async def commit(self) -> None: ...


class Store(Protocol):
    """The bot's own tables."""

    def reading(self) -> AbstractAsyncContextManager[Unit]: ...

    def writing(self) -> AbstractAsyncContextManager[Unit]: ...
