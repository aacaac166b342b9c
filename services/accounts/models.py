"""Links between customers and accounts, and who may do what with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from services.supplier.models import Access, Payment


@dataclass(frozen=True, slots=True)
class Watch:
    """Sums of an account that were shown to people without a proof, all people taken together: `sums` in kopecks, debts
    and advances alike, the first one at `since`. `known`: day and amount of the payments that were credited before,
    equal ones as often as they were."""

    since: datetime
    seen_on: date
    known: tuple[tuple[date, int], ...] = ()
    sums: frozenset[int] = frozenset()

    def told_by(self, paid: Iterable[Payment]) -> frozenset[int]:
        """Amounts of `paid` that can be worked out from the sums. Payments that were credited later have moved these
        before somebody's eyes, so earlier ones of the same amount are known, too. So are amounts that equal a shown
        sum, or the difference of two: an advance is a debt below nothing."""
        amounts = Counter((payment.day, payment.amount) for payment in paid)
        later = {amount for _, amount in amounts - Counter(self.known)}
        seen = {0} | self.sums | {-one for one in self.sums}
        shown = {amount for _, amount in amounts if any(one + amount in seen for one in seen)}
        return frozenset(later | shown)


class Trust(StrEnum):
    """A customer's way to an account, the lowest first: its address, its owner's invitation, a paid sum."""

    CONFIRMED = "confirmed"
    SHARED = "shared"
    VERIFIED = "verified"

    def above(self, other: Trust) -> bool:
        ladder = list(Trust)
        return ladder.index(self) > ladder.index(other)


class Role(StrEnum):
    """Rights of an invited person; each includes the one before."""

    VIEW = "view"
    READINGS = "readings"
    PAY = "pay"


@dataclass(frozen=True, slots=True)
class Control:
    """Rights that the verified owners of an account give to others: readings from people who confirmed the address
    only, anything at all, and being verified."""

    anyone_submits: bool = True
    closed: bool = False
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An account in a customer's list, `alone` when there is no other. `id` is opaque and the only thing that buttons
    carry. `proved_first`: no other proof of the account stood when this one was made; `preliminary`: the customer wants
    the charge of the current month in the sum to pay; `reminded`: they want to hear of missing readings; `away_until`:
    the home stands empty till that day."""

    id: str
    user_id: int
    account: str
    trust: Trust
    label: str = ""
    verified_at: datetime | None = None
    proved_first: bool = False
    linked_at: datetime | None = None
    control: Control = Control()
    role: Role | None = None
    granted_by: int | None = None
    person: str | None = None
    used_at: datetime | None = None
    alone: bool = True
    preliminary: bool = True
    reminded: bool = True
    away_until: date | None = None

    @property
    def verified(self) -> bool:
        return self.trust is Trust.VERIFIED

    @property
    def shared(self) -> bool:
        return self.trust is Trust.SHARED

    @property
    def barred(self) -> bool:
        """The account's verified owners have closed it to everybody else."""
        return self.control.closed and not self.verified

    @property
    def sees(self) -> bool:
        """Whether the full address and everything else about the account is for this customer."""
        return self.verified or (self.shared and not self.barred)

    @property
    def submits(self) -> bool:
        """Whether its verified owners let this customer submit readings."""
        allowed = self.role is not Role.VIEW if self.shared else self.control.anyone_submits
        return self.verified or (allowed and not self.barred)

    @property
    def pays(self) -> bool:
        """Whether its verified owners let this customer pay."""
        return self.verified or (self.role in (None, Role.PAY) and not self.barred)

    def is_away(self, today: date) -> bool:
        return self.away_until is not None and today < self.away_until

    @property
    def access(self) -> Access:
        return Access(self.account, self.user_id)

    @property
    def tail(self) -> str:
        return self.account[-4:]

    def came_before(self, other: Link) -> bool:
        """Whether this customer proved the account before somebody else did, who may not have done so yet."""
        if self.account != other.account or self.user_id == other.user_id or self.verified_at is None:
            return False
        return other.verified_at is None or self.verified_at < other.verified_at


class Switch(StrEnum):
    """The fields of Control."""

    SUBMIT = "anyone_submits"
    CLOSED = "closed"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time way to an account. `granted_by`: the user whose account it is, and `person` their name in Telegram, if
    it can be seen; `id` is opaque, for buttons."""

    account: str
    granted_by: int
    role: Role
    expires_at: datetime
    used_at: datetime | None = None
    id: str = ""
    person: str | None = None


@dataclass(frozen=True, slots=True)
class RecoveryRequest:
    """An owner who has proved the account anew asks that the access of `against` be withdrawn, a Telegram account that
    they say was theirs; with `objected_at` its holder has refused."""

    account: str
    asked_by: int
    against: int
    asked_at: datetime
    objected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountMembers:
    """Everybody else who has an owner's account, the invitations that are still good, and the owner's requests
    to withdraw an access, by user. `since`: the day from which the owner decides about others, where it is still to
    come."""

    members: tuple[Link, ...]
    invitations: tuple[Invitation, ...] = ()
    requests: Mapping[int, RecoveryRequest] = field(default_factory=dict)
    since: date | None = None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A line of an account's journal."""

    user_id: int | None
    action: Action
    at: datetime


class Action(StrEnum):
    """Events in the journal of an account."""

    VERIFIED = "verified"
    DISOWNED = "disowned"
    ANYONE_SUBMITS = "anyone_submits"
    NOBODY_SUBMITS = "nobody_submits"
    CLOSED = "closed"
    OPENED = "opened"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    INVITED = "invited"
    UNINVITED = "uninvited"
    JOINED = "joined"
    REVOKED = "revoked"
    LEFT = "left"
    RECOVERY_ASKED = "recovery_asked"
    RECOVERY_REFUSED = "recovery_refused"
    RECOVERED = "recovered"
    HOLDER_CHANGED = "holder_changed"
    UNLOCKED_BY_COMPANY = "unlocked_by_company"
    UNLINKED_BY_COMPANY = "unlinked_by_company"
    RESET_BY_COMPANY = "reset_by_company"

    @property
    def by_company(self) -> bool:
        """Done by the supplier's people or registry, not by a customer."""
        return self in _BY_COMPANY

    @property
    def begins_anew(self) -> bool:
        """Every earlier proof of the account has ended with it."""
        return self in _BEGINS_ANEW


_BEGINS_ANEW = frozenset({Action.HOLDER_CHANGED, Action.RESET_BY_COMPANY})
_BY_COMPANY = _BEGINS_ANEW | {Action.UNLOCKED_BY_COMPANY, Action.UNLINKED_BY_COMPANY}
