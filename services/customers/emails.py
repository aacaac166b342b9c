"""A customer's e-mail address: it counts when they themselves have opened the link in the letter sent to it."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from enum import StrEnum

from services.customers.models import Customer, EmailRequest
from services.customers.ports import CustomerRepository, EmailRequestRepository
from services.notices.catalog import AddressChanged, AddressChangedLetter, AddressRemovedLetter, ConfirmationLetter
from services.notices.letters import post
from services.notices.models import ByMail, Notice
from services.notices.ports import NoticeRepository
from services.ports import Clock, Store, UnitOfWork

LIFE = timedelta(hours=24)  # of a link


class Opened(StrEnum):
    """The result of a link. KNOWN: it had worked before; ENDED: another address was asked for or this one removed
    since; GONE: too old, or never ours; FOREIGN: somebody else's."""

    CONFIRMED = "confirmed"
    KNOWN = "known"
    ENDED = "ended"
    GONE = "gone"
    FOREIGN = "foreign"


class Emails:
    def __init__(self, store: Store, clock: Clock, secret: str, *, offered: bool) -> None:
        """`secret`: what tokens are made with. `offered`: letters can be sent."""
        self._store = store
        self._clock = clock
        self._secret = secret.encode()
        self.offered = offered

    def token(self, user_id: int, request: str) -> str:
        """The token in a letter's link. It is made anew for each try to send the letter, so that nothing that is kept
        holds it, neither the outbox nor the file of a person's own data."""
        digest = hmac.digest(self._secret, f"email:{user_id}:{request}".encode(), "sha256")
        return urlsafe_b64encode(digest[:18]).decode()

    async def pending(self, customer: Customer) -> EmailRequest | None:
        """The address that waits for its link to be opened."""
        async with self._store.reading() as unit:
            return await unit.of(EmailRequestRepository).pending(customer.user_id, self._clock.now())

    async def ask(self, customer: Customer, address: str, request: str, bot: str) -> None:
        """Queue a letter with a link to the bot of this name, unless the address is the confirmed one. Links to
        other addresses are no longer good. The same `request` again is the same letter. Raises TooManyMails."""
        now = self._clock.now()
        letter = ConfirmationLetter(address=address, request=request, bot=bot)
        digest = _digest(self.token(customer.user_id, request))
        async with self._store.writing() as unit:
            await unit.of(EmailRequestRepository).end(customer.user_id, now, but=address)
            if address != customer.email:
                await post(unit, customer, f"email:{request}", letter, now)
                await unit.of(EmailRequestRepository).ask(digest, EmailRequest(customer.user_id, address, now + LIFE))
            await unit.commit()

    async def open(self, customer: Customer, token: str) -> tuple[Opened, str]:
        """The result of a link, and its address, empty where it is not this customer's to know. What the address
        replaces hears of it, and so does the customer."""
        now, digest = self._clock.now(), _digest(token)
        async with self._store.writing() as unit:
            request = await unit.of(EmailRequestRepository).find(digest)
            opened = _judge(request, customer, now)
            if request is None or opened in (Opened.GONE, Opened.FOREIGN):
                return opened, ""
            if opened is Opened.CONFIRMED:
                await unit.of(CustomerRepository).set_email(customer.user_id, request.address)
                await unit.of(EmailRequestRepository).end(customer.user_id, now)
                if customer.email and customer.email != request.address:
                    await _warn(unit, customer.user_id, AddressChangedLetter(customer.email), digest[:32], now)
                    told = Notice(f"email_changed:{digest}", customer.user_id, AddressChanged())
                    await unit.of(NoticeRepository).tell(told, now)
                await unit.commit()
        return opened, request.address

    async def remove(self, customer: Customer, address: str, request: str) -> None:
        """Forget a confirmed or a pending address, if it is this one still, and tell the confirmed one."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            pending = await unit.of(EmailRequestRepository).pending(customer.user_id, now)
            if pending and pending.address == address:
                await unit.of(EmailRequestRepository).end(customer.user_id, now)
            if customer.email == address:
                await unit.of(CustomerRepository).set_email(customer.user_id, None)
                await _warn(unit, customer.user_id, AddressRemovedLetter(address), request, now)
            await unit.commit()

    async def forget(self) -> None:
        """Links that are too old."""
        async with self._store.writing() as unit:
            await unit.of(EmailRequestRepository).forget(self._clock.now())
            await unit.commit()


def _judge(request: EmailRequest | None, customer: Customer, now: datetime) -> Opened:
    if request is None:
        return Opened.GONE
    if request.user_id != customer.user_id:
        return Opened.FOREIGN
    if request.ended_at:
        return Opened.KNOWN if request.address == customer.email else Opened.ENDED
    return Opened.GONE if request.expires_at <= now else Opened.CONFIRMED


async def _warn(unit: UnitOfWork, user_id: int, letter: ByMail, key: str, at: datetime) -> None:
    """A letter to the address that no longer counts; it is not one of those that a day is limited to."""
    await unit.of(NoticeRepository).tell(Notice(f"{letter.kind}:{key}", user_id, letter), at)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
