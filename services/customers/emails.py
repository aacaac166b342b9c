"""A customer's e-mail address: it counts when they themselves have opened the link in the letter sent to it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.customers.letter_links import LetterLinks, Opened, digest_of, find
from services.customers.models import Customer, EmailRequest, Errand, Purpose
from services.customers.ports import CustomerRepository, EmailRequestRepository
from services.notices.catalog import AddressChanged, AddressChangedLetter, AddressRemovedLetter, ConfirmationLetter
from services.notices.letters import inform
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import Clock, Store, UnitOfWork

_OWN: Final = Errand(Purpose.OWN)


class Emails:
    def __init__(self, store: Store, clock: Clock, links: LetterLinks, *, offered: bool) -> None:
        """`offered`: letters can be sent."""
        self._store = store
        self._clock = clock
        self._links = links
        self.offered = offered

    async def pending(self, customer: Customer) -> EmailRequest | None:
        """The address that waits for its link to be opened."""
        async with self._store.reading() as unit:
            return await unit.of(EmailRequestRepository).pending(customer.user_id, self._clock.now(), _OWN)

    async def ask(self, customer: Customer, address: str, request: str, bot: str) -> None:
        """Queue a letter with a link to the bot of this name, unless the address is the confirmed one. Links to
        other addresses are no longer good. The same `request` again is the same letter. Raises TooManyMails."""
        now = self._clock.now()
        letter = ConfirmationLetter(address=address, request=request, bot=bot)
        async with self._store.writing() as unit:
            await unit.of(EmailRequestRepository).end(customer.user_id, now, _OWN, but=address)
            if address != customer.email:
                await self._links.post(unit, customer, request, _OWN, letter, now)
            await unit.commit()

    async def open(self, customer: Customer, token: str) -> tuple[Opened, str]:
        """The result of a link, and its address, empty where it is not this customer's to know. What the address
        replaces hears of it, and so does the customer."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            opened, request = await find(unit, customer, token, Purpose.OWN, now)
            if request is None:
                return opened, ""
            if opened is Opened.CONFIRMED:
                await self._confirm(unit, customer, request.address, digest_of(token), now)
                await unit.commit()
            elif request.address == customer.email:
                opened = Opened.CONFIRMED
        return opened, request.address

    async def _confirm(self, unit: UnitOfWork, customer: Customer, address: str, key: str, now: datetime) -> None:
        await unit.of(CustomerRepository).set_email(customer.user_id, address)
        await unit.of(EmailRequestRepository).end(customer.user_id, now, _OWN)
        if customer.email and customer.email != address:
            await inform(unit, customer.user_id, f"email_changed:{key[:32]}", AddressChangedLetter(customer.email), now)
            told = Notice(f"email_changed:{key}", customer.user_id, AddressChanged())
            await unit.of(NoticeRepository).tell(told, now)

    async def remove(self, customer: Customer, address: str, request: str) -> None:
        """Forget a confirmed or a pending address, if it is this one still, and tell the confirmed one."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            pending = await unit.of(EmailRequestRepository).pending(customer.user_id, now, _OWN)
            if pending and pending.address == address:
                await unit.of(EmailRequestRepository).end(customer.user_id, now, _OWN)
            if customer.email == address:
                await unit.of(CustomerRepository).set_email(customer.user_id, None)
                await inform(unit, customer.user_id, f"email_removed:{request}", AddressRemovedLetter(address), now)
            await unit.commit()

    async def forget(self) -> None:
        """Links that are too old."""
        async with self._store.writing() as unit:
            await unit.of(EmailRequestRepository).forget(self._clock.now())
            await unit.commit()
