"""Subscriptions to receipts, for each account: letters to an address that has been confirmed, and files in the chat.

Letters with receipts keep paper away, but only at the word of an owner who has proved the account: who was invited, or
knows the address alone, gets letters beside it. A subscription ends with the access to its account.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.accounts.accounts import link_of, owned, present
from services.accounts.errors import not_for
from services.accounts.models import Link
from services.accounts.ports import ProofRepository
from services.accounts.seniority import Seniority
from services.customers.addresses import confirmed, masked
from services.customers.letter_links import LetterLinks, Opened, digest_of, find
from services.customers.models import Customer, EmailRequest, Errand, Purpose
from services.customers.ports import CustomerRepository, EmailRequestRepository
from services.errors import NotYours
from services.notices.catalog import (
    PaperBack,
    PaperEnded,
    ReceiptsMovedLetter,
    ReceiptsStopped,
    SubscribedBeside,
    SubscribedLetter,
    SubscribeLetter,
    UnsubscribedLetter,
    UnsubscribeLetter,
)
from services.notices.letters import inform
from services.notices.models import Channel, Notice
from services.notices.ports import NoticeRepository
from services.ports import Clock, Store, UnitOfWork
from services.receipts.errors import NotSubscribed, StoppedByOwner, WordsTooLong
from services.receipts.models import Reason, Subscription
from services.receipts.ports import SubscriptionRepository
from services.receipts.subscribers import mailable
from services.supplier.models import Month
from services.supplier.periods import local_day, month_read
from services.supplier.profile import SupplierProfile

LONGEST_REASON = 300  # characters
KEPT = timedelta(days=365)  # spans without paper after their end, and reasons


@dataclass(frozen=True, slots=True)
class ReceiptWays:
    """The ways on which receipts of an account come to a customer. `waiting`: another address, whose link is to be
    opened; `ending`: a link that ends the letters, to be opened, too. `paper_from`: the month whose receipt would
    be the first on paper if the letters ended now; None where others keep it away, or it comes anyway.
    `decides_from`: the day from which this owner decides about the account's paper; None: they do already, or are
    none. `paperless`: the account's paper does not come, by this customer's wish or another's."""

    link: Link
    mail: Subscription | None = None
    in_chat: bool = False
    waiting: EmailRequest | None = None
    ending: EmailRequest | None = None
    paper_from: Month | None = None
    decides_from: date | None = None
    paperless: bool = False

    @property
    def decides(self) -> bool:
        """Whether letters to this customer may come instead of the account's paper."""
        return self.link.verified and self.decides_from is None

    @property
    def needs_no_paper(self) -> bool:
        """Whether paper comes beside letters, and the customer may do without it: they did not decide about it when the
        letters began."""
        return self.mail is not None and not self.mail.paperless and self.decides


@dataclass(frozen=True, slots=True)
class Followed:
    """The result of a letter's link, and what it was about; without `link` that is not the customer's to know."""

    opened: Opened
    address: str = ""
    link: Link | None = None
    paper_from: Month | None = None


class Subscriptions:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        profile: SupplierProfile,
        links: LetterLinks,
        seniority: Seniority,
        *,
        offered: bool,
    ) -> None:
        """`offered`: letters can be sent."""
        self._store = store
        self._clock = clock
        self._profile = profile
        self._links = links
        self._seniority = seniority
        self.offered = offered

    # The state

    def mailable(self, link: Link) -> bool:
        """Whether receipts of the account may be sent by e-mail to the link's customer."""
        return mailable(link, self._profile.receipts.subscribe)

    async def delivery(self, customer: Customer, link_id: str) -> ReceiptWays:
        """Raises NotYours, NotVerified, OwnersOnly."""
        link = owned(customer, link_id)
        self._admit(link)
        async with self._store.reading() as unit:
            return await self._delivery(unit, link)

    async def deliveries(self, customer: Customer) -> tuple[ReceiptWays, ...]:
        """Of all accounts whose receipts may come to the customer."""
        async with self._store.reading() as unit:
            return tuple([await self._delivery(unit, link) for link in customer.links if self.mailable(link)])

    async def of_person(self, customer: Customer) -> tuple[Subscription, ...]:
        async with self._store.reading() as unit:
            return tuple(await unit.of(SubscriptionRepository).of_person(customer.user_id))

    async def by_mail(self, link: Link) -> Subscription | None:
        async with self._store.reading() as unit:
            return await _of(unit, link, Channel.MAIL)

    async def in_chat(self, link: Link) -> bool:
        async with self._store.reading() as unit:
            return await _of(unit, link, Channel.TELEGRAM) is not None

    async def typed_for(self, customer: Customer) -> EmailRequest | None:
        """The newest address that waits for its link, the customer's own or one for receipts: another one that is
        typed takes its place."""
        async with self._store.reading() as unit:
            return await unit.of(EmailRequestRepository).pending(customer.user_id, self._clock.now())

    async def _delivery(self, unit: UnitOfWork, link: Link) -> ReceiptWays:
        mail, now = await _of(unit, link, Channel.MAIL), self._clock.now()
        asked = [
            await unit.of(EmailRequestRepository).pending(link.user_id, now, Errand(purpose, link.account))
            for purpose in (Purpose.SUBSCRIBE, Purpose.UNSUBSCRIBE)
        ]
        chat = await _of(unit, link, Channel.TELEGRAM) is not None
        ending, paper_from = asked[1] if mail else None, await self._paper_from(unit, mail)
        away = await unit.of(SubscriptionRepository).paperless(link.account, but=0)
        return ReceiptWays(link, mail, chat, asked[0], ending, paper_from, self._decides_from(link), away)

    def _decides_from(self, link: Link) -> date | None:
        """Paper is everybody's who lives there: a proof beside another one takes none from them for a month."""
        return self._seniority.waits_until(link) if link.verified else None

    async def _paper_from(self, unit: UnitOfWork, mail: Subscription | None) -> Month | None:
        """Receipts of a month are there ten days later: until then the one before may still be to come."""
        if mail is None or not mail.paperless:
            return None
        if await unit.of(SubscriptionRepository).paperless(mail.account, but=mail.user_id):
            return None
        return self._month_read(mail.account, self._clock.now())

    async def _paper_came_from(self, unit: UnitOfWork, request: EmailRequest) -> Month | None:
        """The same after a link that ended the letters."""
        account, at = request.errand.account, request.ended_at
        if at is None or not await unit.of(SubscriptionRepository).paper_came(account, at):
            return None
        return self._month_read(account, at)

    def _month_read(self, account: str, at: datetime) -> Month:
        return month_read(local_day(at, self._profile.region_of(account).timezone))

    # Letters

    async def subscribe(self, customer: Customer, link_id: str, address: str, request: str, bot: str) -> str | None:
        """Subscribe at once by an address that this customer has confirmed, and say how that is spelled; else, and
        None, queue a letter with a link to the bot of this name. Links to other addresses are no longer good. The same
        `request` again is the same. Raises NotYours, NotVerified, OwnersOnly, StoppedByOwner, TooManyMails."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            link = await self._admitted(unit, owned(customer, link_id))
            errand = Errand(Purpose.SUBSCRIBE, link.account)
            known = await confirmed(unit, customer, address)
            await unit.of(EmailRequestRepository).end(customer.user_id, now, errand, but=None if known else address)
            if known:
                await self._begin(unit, customer, link, known, request)
            else:
                letter = SubscribeLetter(address=address, request=request, bot=bot, tail=link.tail)
                await self._links.post(unit, customer, request, errand, letter, now)
            await unit.commit()
        return known

    async def _begin(self, unit: UnitOfWork, customer: Customer, link: Link, address: str, key: str) -> None:
        """The address that this one replaces hears of it, and so do the account's owners, if it is not theirs."""
        now, before = self._clock.now(), await _of(unit, link, Channel.MAIL)
        if before and before.address == address:
            return
        paperless = before.paperless if before else link.verified and self._decides_from(link) is None
        mail = Subscription(link.user_id, link.account, Channel.MAIL, now, address, paperless)
        await unit.of(SubscriptionRepository).begin(mail)
        await unit.of(EmailRequestRepository).end(link.user_id, now, Errand(Purpose.UNSUBSCRIBE, link.account))
        if before:
            moved = ReceiptsMovedLetter(address=before.address, tail=link.tail)
            await inform(unit, link.user_id, f"receipts_moved:{key}", moved, now)
        told = SubscribedLetter(address=address, tail=link.tail, paperless=paperless)
        await inform(unit, link.user_id, f"receipts_on:{key}", told, now)
        if customer.email is None:
            await unit.of(CustomerRepository).set_email(customer.user_id, address)
        if not link.sees:
            await self._tell_owners(unit, link, address)
        if paperless and before is None:
            await self._tell_paper_ended(unit, link)

    async def _tell_owners(self, unit: UnitOfWork, link: Link, address: str) -> None:
        """Once a day."""
        now = self._clock.now()
        for owner in await unit.of(ProofRepository).verified(link.account):
            decides = self._seniority.waits_until(owner) is None
            facts = SubscribedBeside(
                tail=link.tail, shown=masked(address), own=owner.id, link=link.id if decides else None
            )
            notice = Notice(f"beside:{link.id}:{owner.id}:{now:%Y%m%d}", owner.user_id, facts)
            await unit.of(NoticeRepository).tell(notice, now)

    async def _tell_paper_ended(self, unit: UnitOfWork, link: Link) -> None:
        """Other owners live with the same letterbox."""
        now = self._clock.now()
        for owner in await unit.of(ProofRepository).verified(link.account):
            if owner.user_id != link.user_id:
                notice = Notice(
                    f"paper_ended:{link.id}:{owner.id}:{now:%Y%m%d}",
                    owner.user_id,
                    PaperEnded(tail=link.tail, own=owner.id),
                )
                await unit.of(NoticeRepository).tell(notice, now)

    async def bring_paper(self, customer: Customer, link_id: str) -> None:
        """The account's paper comes again, beside all letters; whose letters had kept it away hears of it. Once more
        is fine. Raises NotYours, NotVerified, OwnersOnly, DecidesLater."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            own = await self._seniority.decider(unit, customer, link_id)
            for one in await unit.of(SubscriptionRepository).bring_paper(own.account, now):
                if one.user_id != own.user_id:
                    key = f"paper_back:{one.account}:{one.user_id}:{now:%Y%m%d%H%M}"
                    facts = PaperBack(tail=own.tail, own=await self._link_of(unit, one))
                    await unit.of(NoticeRepository).tell(Notice(key, one.user_id, facts), now)
            await unit.commit()

    async def _link_of(self, unit: UnitOfWork, subscription: Subscription) -> str:
        customer = await unit.of(CustomerRepository).get(subscription.user_id)
        return link_of(customer, subscription.account).id if customer else ""

    async def do_without_paper(self, customer: Customer, link_id: str) -> None:
        """Letters that come beside paper come instead of it, where the customer is an owner by now. Raises NotYours."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            link = await present(unit, owned(customer, link_id))
            found = await self._delivery(unit, link)
            if found.mail and found.needs_no_paper:
                await unit.of(SubscriptionRepository).begin(replace(found.mail, since=now, paperless=True))
                await self._tell_paper_ended(unit, link)
                await unit.commit()

    async def open(self, customer: Customer, token: str) -> Followed:
        """Follow a letter's link that subscribes. Raises NotYours, NotVerified, OwnersOnly, StoppedByOwner."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            opened, request = await find(unit, customer, token, Purpose.SUBSCRIBE, now)
            if request is None:
                return Followed(opened)
            link = link_of(customer, request.errand.account)
            if opened is Opened.CONFIRMED:
                link = await self._admitted(unit, link)
                await unit.of(EmailRequestRepository).end(customer.user_id, now, request.errand)
                await self._begin(unit, customer, link, request.address, digest_of(token)[:32])
                await unit.commit()
            elif (mail := await _of(unit, link, Channel.MAIL)) and mail.address == request.address:
                opened = Opened.CONFIRMED
        return Followed(opened, request.address, link)

    async def take_back(self, customer: Customer, link_id: str) -> None:
        """Links that have not been opened do nothing any more, neither begin letters nor end them."""
        link, now = owned(customer, link_id), self._clock.now()
        async with self._store.writing() as unit:
            for purpose in (Purpose.SUBSCRIBE, Purpose.UNSUBSCRIBE):
                await unit.of(EmailRequestRepository).end(customer.user_id, now, Errand(purpose, link.account))
            await unit.commit()

    # The end of letters

    async def ask_to_end(
        self, customer: Customer, link_id: str, request: str, bot: str, reason: Reason | None, words: str = ""
    ) -> None:
        """Queue a letter whose link ends the letters, to where they go now. The same `request` again is the same
        letter; a `reason` is kept with the first. Raises NotYours, NotSubscribed, TooManyMails."""
        link, now = owned(customer, link_id), self._clock.now()
        async with self._store.writing() as unit:
            mail = await self._mail(unit, link)
            letter = UnsubscribeLetter(address=mail.address, request=request, bot=bot, tail=link.tail)
            errand = Errand(Purpose.UNSUBSCRIBE, link.account)
            if await self._links.post(unit, customer, request, errand, letter, now) and reason:
                await self._note_reason(unit, link, reason, words)
            await unit.commit()

    async def open_end(self, customer: Customer, token: str) -> Followed:
        """Follow a letter's link that ends the letters. Raises NotYours."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            opened, request = await find(unit, customer, token, Purpose.UNSUBSCRIBE, now)
            if request is None:
                return Followed(opened)
            link = link_of(customer, request.errand.account)
            mail = await _of(unit, link, Channel.MAIL)
            if mail is None:
                return Followed(Opened.CONFIRMED, request.address, link, await self._paper_came_from(unit, request))
            paper_from = await self._paper_from(unit, mail)
            if opened is Opened.CONFIRMED:
                await self._end(unit, mail, digest_of(token)[:32])
                await unit.commit()
        return Followed(opened, request.address, link, paper_from)

    async def end_now(self, customer: Customer, link_id: str, key: str, reason: Reason, words: str = "") -> None:
        """End the letters of a customer who does not reach the mailbox; it hears of it. Once more is fine. Raises
        NotYours."""
        link = owned(customer, link_id)
        async with self._store.writing() as unit:
            if mail := await _of(unit, link, Channel.MAIL):
                errand = Errand(Purpose.UNSUBSCRIBE, link.account)
                asked = await unit.of(EmailRequestRepository).pending(link.user_id, self._clock.now(), errand)
                if await self._end(unit, mail, key) and not asked:
                    await self._note_reason(unit, link, reason, words)
                await unit.commit()

    async def _end(self, unit: UnitOfWork, mail: Subscription, key: str) -> bool:
        """Whether the mailbox hears of it, as it does of so many ends in a day."""
        now, paper_from = self._clock.now(), await self._paper_from(unit, mail)
        await unit.of(SubscriptionRepository).end(mail.user_id, mail.account, Channel.MAIL, now)
        for purpose in (Purpose.SUBSCRIBE, Purpose.UNSUBSCRIBE):
            await unit.of(EmailRequestRepository).end(mail.user_id, now, Errand(purpose, mail.account))
        letter = UnsubscribedLetter(
            address=mail.address, tail=mail.account[-4:], paper_from=paper_from.first if paper_from else None
        )
        return await inform(unit, mail.user_id, f"receipts_off:{key}", letter, now)

    async def stop_for(self, customer: Customer, own_id: str, link_id: str) -> Link:
        """End the letters of somebody who has only confirmed the address, at the word of the account's owner, whose
        link it returns; they may subscribe again when they have proved the account. Once more is fine. Raises
        NotYours, NotVerified, OwnersOnly, DecidesLater."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            own = await self._seniority.decider(unit, customer, own_id)
            other = await unit.of(ProofRepository).find(link_id)
            if other and (other.account != own.account or other.verified or other.shared):
                raise NotYours
            if other:  # also where they have just ended by themselves: else they would begin anew unseen
                await unit.of(SubscriptionRepository).end(other.user_id, other.account, Channel.MAIL, now)
                notice = Notice(_stopped(other), other.user_id, ReceiptsStopped(tail=other.tail))
                await unit.of(NoticeRepository).tell(notice, now)
                await unit.commit()
        return own

    # The chat

    async def switch_chat(self, customer: Customer, link_id: str, *, on: bool) -> None:
        """Raises NotYours, NotVerified, OwnersOnly."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            link = await present(unit, owned(customer, link_id))
            if on and not link.sees:
                raise not_for(link)
            if on:
                await unit.of(SubscriptionRepository).begin(
                    Subscription(link.user_id, link.account, Channel.TELEGRAM, now)
                )
            else:
                await unit.of(SubscriptionRepository).end(link.user_id, link.account, Channel.TELEGRAM, now)
            await unit.commit()

    async def forget(self) -> None:
        """Spans without paper that ended long ago, and old reasons."""
        async with self._store.writing() as unit:
            await unit.of(SubscriptionRepository).forget(self._clock.now() - KEPT)
            await unit.commit()

    def _admit(self, link: Link) -> None:
        if not self.mailable(link):
            raise not_for(link)

    async def _admitted(self, unit: UnitOfWork, link: Link) -> Link:
        """The link as it stands now, if letters may be begun for it."""
        link = await present(unit, link)
        self._admit(link)
        if not link.sees and await unit.of(NoticeRepository).knows(_stopped(link)):
            raise StoppedByOwner
        return link

    async def _mail(self, unit: UnitOfWork, link: Link) -> Subscription:
        mail = await _of(unit, link, Channel.MAIL)
        if mail is None:
            raise NotSubscribed
        return mail

    async def _note_reason(self, unit: UnitOfWork, link: Link, reason: Reason, words: str) -> None:
        day = local_day(self._clock.now(), self._profile.region_of(link.account).timezone)
        await unit.of(SubscriptionRepository).note_reason(reason, words, day)


def reason_of(typed: str) -> str:
    """One's own words for a reason, on one line. Raises WordsTooLong."""
    words = " ".join(typed.split())
    if len(words) > LONGEST_REASON:
        raise WordsTooLong(limit=LONGEST_REASON)
    return words


def _stopped(link: Link) -> str:
    """The key of the notice to somebody whose letters an owner has ended; it stays theirs when they link anew."""
    return f"receipts_stopped:{link.user_id}:{link.account}"


async def _of(unit: UnitOfWork, link: Link, channel: Channel) -> Subscription | None:
    found = await unit.of(SubscriptionRepository).of_account(link.user_id, link.account)
    return next((one for one in found if one.channel is channel), None)
