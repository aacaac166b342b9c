"""Getting to know a customer and the accounts they look after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from services.accounts import names
from services.accounts.errors import LabelWrong, not_for
from services.accounts.members import leave
from services.accounts.models import Link
from services.accounts.ports import ProofRepository, ShareRepository
from services.customers.models import Consent, Customer
from services.customers.ports import CustomerRepository
from services.errors import NotYours
from services.ports import Clock, Store, UnitOfWork
from services.reminders.ports import ReminderRepository
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

LABEL_LENGTH = 30
_USED = timedelta(hours=1)  # how exactly the last use of a shared account is known


@dataclass(frozen=True, slots=True)
class Limits:
    """`lookups`: of different accounts by one person in a day; `accounts`: linked at once; `flats`: wrong answers by
    one person about one account in any 24 hours. Guesses at paid sums by one person: in any 24 hours `proofs` at one
    account and `proofs_of_person` at all; at one account in any 30 days `proofs_of_month`, and `proofs_of_crowd` by all
    people together."""

    lookups: int = 10
    accounts: int = 10
    proofs: int = 3
    proofs_of_person: int = 5
    flats: int = 3

    @property
    def proofs_of_month(self) -> int:
        return 2 * self.proofs

    @property
    def proofs_of_crowd(self) -> int:
        """Guesses at one account: more than one person can use up."""
        return 4 * self.proofs


class Accounts:
    def __init__(self, store: Store, supplier: Supplier, clock: Clock, profile: SupplierProfile, limits: Limits):
        self._store = store
        self._supplier = supplier
        self._clock = clock
        self._profile = profile
        self._limits = limits

    async def arrive(self, user_id: int, language: str) -> Customer:
        """The customer behind a Telegram user; a new one is written down. Messages show that the bot is not stopped."""
        async with self._store.reading() as unit:
            known = await unit.of(CustomerRepository).get(user_id)
        if known and known.stopped:
            await self.block(known, blocked=False)
        if known and known.current and (known.current.shared or known.current.verified):
            await self._touch(known.current)
        if known:
            return known
        async with self._store.writing() as unit:
            await unit.of(CustomerRepository).create(user_id, language, self._clock.now())
            await unit.commit()
        return Customer(user_id, language)

    async def _touch(self, link: Link) -> None:
        """Its owner sees when it was used last."""
        now = self._clock.now()
        if link.used_at is None or now - link.used_at >= _USED:
            async with self._store.writing() as unit:
                await unit.of(ShareRepository).touch(link.id, now)
                await unit.commit()

    async def knows(self, user_id: int) -> bool:
        async with self._store.reading() as unit:
            return await unit.of(CustomerRepository).get(user_id) is not None

    async def refresh(self, customer: Customer) -> Customer:
        return await self.arrive(customer.user_id, customer.language)

    async def block(self, customer: Customer, *, blocked: bool = True) -> None:
        """Note that the customer stopped the bot, or came back."""
        async with self._store.writing() as unit:
            await unit.of(CustomerRepository).block(customer.user_id, self._clock.now() if blocked else None)
            await unit.commit()

    async def set_language(self, customer: Customer, language: str) -> Customer:
        async with self._store.writing() as unit:
            await unit.of(CustomerRepository).set_language(customer.user_id, language)
            await unit.commit()
        return await self.refresh(customer)

    async def agree(self, customer: Customer, given: Collection[Consent]) -> Customer:
        """Write down consents with the words that were shown."""
        shown = [text for text in self._profile.texts(customer.language) if text.consent in given]
        async with self._store.writing() as unit:
            await unit.of(CustomerRepository).agree(customer.user_id, shown, self._clock.now())
            await unit.commit()
        return await self.refresh(customer)

    async def choose(self, customer: Customer, link_id: str) -> Customer:
        owned(customer, link_id)
        async with self._store.writing() as unit:
            await unit.of(CustomerRepository).choose(customer.user_id, link_id)
            await unit.of(ReminderRepository).pass_over(customer.user_id)
            await unit.commit()
        return await self.refresh(customer)

    async def start_over(self, customer: Customer) -> Customer:
        """Back to the first account."""
        if customer.current_id is None:
            return customer
        async with self._store.writing() as unit:
            await unit.of(CustomerRepository).choose(customer.user_id, None)
            await unit.commit()
        return await self.refresh(customer)

    async def put_first(self, customer: Customer, link_id: str) -> Customer:
        """The account stands before the others and is in view after a start."""
        if owned(customer, link_id) == customer.links[0]:
            return customer
        async with self._store.writing() as unit:
            await unit.of(CustomerRepository).put_first(customer.user_id, link_id)
            await unit.commit()
        return await self.refresh(customer)

    async def rename(self, customer: Customer, link_id: str, typed: str) -> Customer:
        """Give an account a name of the customer's own; a lone dash takes it away. Raises LabelWrong."""
        label = _label(typed)
        async with self._store.writing() as unit:
            if not await unit.of(CustomerRepository).rename(customer.user_id, link_id, label):
                raise NotYours
            await unit.commit()
        return await self.refresh(customer)

    async def include_preliminary(self, customer: Customer, link_id: str, *, on: bool) -> Customer:
        """Whether the account's sum to pay is shown with the charge of the current month."""
        async with self._store.writing() as unit:
            if not await unit.of(CustomerRepository).include_preliminary(customer.user_id, link_id, on=on):
                raise NotYours
            await unit.commit()
        return await self.refresh(customer)

    async def unlink(self, customer: Customer, link_id: str) -> Customer:
        """With an owner goes what they gave to others."""
        link, now = owned(customer, link_id), self._clock.now()
        async with self._store.writing() as unit:
            if not await unit.of(CustomerRepository).unlink(customer.user_id, link_id):
                raise NotYours
            await leave(unit, link, now)
            await unit.commit()
        return await self.refresh(customer)


def owned(customer: Customer, link_id: str) -> Link:
    """The customer's own link; raises NotYours. `customer` is read from the database for each update."""
    for link in customer.links:
        if link.id == link_id:
            return link
    raise NotYours


async def present(unit: UnitOfWork, link: Link) -> Link:
    """The link as it stands in the database now; raises NotYours."""
    found = await unit.of(ProofRepository).find(link.id)
    if found is None or found.user_id != link.user_id:
        raise NotYours
    return replace(found, control=await unit.of(ProofRepository).control(found.account))


def proved(customer: Customer, link_id: str) -> Link:
    """The customer's own link that lets them decide about the account; raises NotYours, NotVerified, OwnersOnly."""
    link = owned(customer, link_id)
    if not link.verified:
        raise not_for(link)
    return link


def is_linked(customer: Customer, account: str) -> bool:
    return any(link.account == account for link in customer.links)


def link_of(customer: Customer, account: str) -> Link:
    """The customer's own link to an account; raises NotYours."""
    found = next((link for link in customer.links if link.account == account), None)
    if found is None:
        raise NotYours
    return found


def _label(typed: str) -> str:
    label = names.visible(typed)
    if not label or len(label) > LABEL_LENGTH:
        raise LabelWrong(limit=LABEL_LENGTH)
    return "" if label in {"-", "–", "—"} else label
