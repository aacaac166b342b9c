"""Finding an account by its number and confirming its address.

A number shows its account's address as `hide_flat` leaves it; the hidden number has to be known. A wrong answer is
written down with its verdict before anybody hears of it, so that no kill gives one more, and the same answer again is
the same one.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from hashlib import blake2b

from services.accounts import flats
from services.accounts.accounts import Limits, is_linked
from services.accounts.errors import ErasedLately, FlatMissing, FlatWrong, TooManyAccounts, TooManyLookups
from services.accounts.models import Link, Trust
from services.customers.models import Customer
from services.customers.ports import CustomerRepository, PersonalDataRepository
from services.errors import InputError
from services.ports import Clock, Store, UnitOfWork
from services.readings import numbers
from services.readings.errors import AccountClosed
from services.reminders.ports import ReminderRepository
from services.supplier.errors import AccountUnknown
from services.supplier.models import Access, Account
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

COUNTED = timedelta(days=1)  # how long a wrong answer counts, and an erasure stands against linking
_LONG = 7  # digits that no flat has and no post code: an account's number, mistyped


class Links:
    def __init__(
        self,
        store: Store,
        supplier: Supplier,
        clock: Clock,
        profile: SupplierProfile,
        limits: Limits,
        *,
        confirm_flat: bool,
    ) -> None:
        """Without `confirm_flat` every address is confirmed by a press."""
        self._store = store
        self._supplier = supplier
        self._clock = clock
        self._profile = profile
        self._limits = limits
        self._confirm_flat = confirm_flat

    def own(self, customer: Customer, text: str, *, alone: bool = False) -> Link | None:
        """The customer's own account whose number is in a message; with `alone`, where that has no other digits."""
        try:
            number = numbers.account_number(text)
        except InputError:
            return None
        if alone and sum(map(str.isdigit, text)) > len(number):
            return None
        return next((link for link in customer.links if link.account == number), None)

    async def look_up(self, customer: Customer, text: str) -> Account:
        """Find an account by its number as typed. Looking for the same one again is free. Raises AccountNumberWrong,
        TooManyAccounts, TooManyLookups, ErasedLately, AccountUnknown, AccountClosed."""
        number = numbers.account_number(text)
        self._check_room(customer, number)
        if not is_linked(customer, number):
            await self._count_lookup(customer, number)
        return await self.find(customer, number)

    async def find(self, customer: Customer, number: str) -> Account:
        """Raises AccountUnknown, AccountClosed."""
        account = await self._supplier.find(Access(number, customer.user_id))
        if account.closed:
            raise AccountClosed
        return account

    def question(self, account: Account) -> flats.AddressQuestion | None:
        """The question that confirms the address; None where a press will do."""
        asked = self._confirm_flat and self._supplier.capabilities.finds_by_number
        return flats.question(account.address) if asked else None

    async def answer(self, customer: Customer, account: Account, typed: str) -> Customer:
        """Link an account about which there is a question. Raises FlatMissing, FlatWrong, StrangeDigits,
        AccountNumberWrong, TooManyAccounts."""
        question = self.question(account)
        given = _given(question, typed) if question else ()
        right = question is None or given in question.answers
        now, key = self._clock.now(), _digest(customer.user_id, account.number, given)
        async with self._store.writing() as unit:
            wrong = await self._wrong_flats(unit, customer, account.number)
            spent = len(wrong) >= self._limits.flats
            if right and not spent:
                await self._link(unit, customer, account.number)
            elif not right and not spent and key not in wrong:
                await unit.of(CustomerRepository).note_wrong_flat(customer.user_id, account.number, key, now)
            await unit.commit()
        if spent or not right:
            raise FlatWrong
        return await self._refreshed(customer)

    async def confirm(self, customer: Customer, account: Account) -> Customer:
        """Link an account about which there is no question."""
        async with self._store.writing() as unit:
            await self._link(unit, customer, account.number)
            await unit.commit()
        return await self._refreshed(customer)

    async def _link(self, unit: UnitOfWork, customer: Customer, number: str) -> None:
        self._check_room(customer, number)
        link_id = secrets.token_urlsafe(6)
        link = await unit.of(CustomerRepository).link(
            customer.user_id, link_id, number, Trust.CONFIRMED, self._clock.now()
        )
        await unit.of(CustomerRepository).choose(customer.user_id, link.id)
        await unit.of(ReminderRepository).pass_over(customer.user_id)

    def _check_room(self, customer: Customer, number: str) -> None:
        if len(customer.links) >= self._limits.accounts and not is_linked(customer, number):
            raise TooManyAccounts(limit=self._limits.accounts)

    async def _refreshed(self, customer: Customer) -> Customer:
        async with self._store.reading() as unit:
            return await unit.of(CustomerRepository).get(customer.user_id) or customer

    async def _count_lookup(self, customer: Customer, number: str) -> None:
        """Raises TooManyLookups, ErasedLately, and AccountUnknown after too many wrong answers."""
        now = self._clock.now()
        day = now.astimezone(self._profile.elsewhere.timezone).date()
        async with self._store.writing() as unit:
            seen = await unit.of(CustomerRepository).looked_up(customer.user_id, day)
            if number not in seen:
                if len(seen) >= self._limits.lookups:
                    raise TooManyLookups
                if await unit.of(PersonalDataRepository).erased_since(customer.user_id, now - COUNTED):
                    raise ErasedLately
                await unit.of(CustomerRepository).note_lookup(customer.user_id, day, number)
                await unit.commit()
            if len(await self._wrong_flats(unit, customer, number)) >= self._limits.flats:
                raise AccountUnknown

    async def _wrong_flats(self, unit: UnitOfWork, customer: Customer, number: str) -> frozenset[str]:
        return await unit.of(CustomerRepository).wrong_flats(customer.user_id, number, self._clock.now() - COUNTED)


def _given(question: flats.AddressQuestion, typed: str) -> flats.Numbers:
    """Raises FlatMissing, StrangeDigits, AccountNumberWrong."""
    plain = numbers.plain_text(typed)
    if re.search(f"[0-9]{{{_LONG}}}", plain):
        numbers.account_number(plain)
    given = question.numbers_in(plain)
    if len(given) < question.least:
        raise FlatMissing
    return given


def _digest(user_id: int, number: str, given: flats.Numbers) -> str:
    """A digest tells answers apart; the flat that was typed is not kept."""
    return blake2b(f"{user_id}:{number}:{'/'.join(given)}".encode(), digest_size=12).hexdigest()
