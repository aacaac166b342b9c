"""Appeals as their customer has them: sent, read, added to, closed, rated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.appeals import by_mail, closing, exchange
from services.appeals.errors import AppealGone, NoAppeals, TooManyAppeals, TooManyMessages
from services.appeals.files import MOST
from services.appeals.models import (
    About,
    Appeal,
    AppealMessage,
    AppealToSend,
    Contact,
    Deed,
    Side,
    Written,
)
from services.appeals.ports import AppealMessageRepository, AppealRepository
from services.appeals.settings import Subject
from services.appeals.working_time import WorkingTime
from services.customers.models import Customer
from services.customers.ports import CustomerRepository
from services.errors import NotYours
from services.ports import Clock, Store, UnitOfWork
from services.supplier.profile import SupplierProfile

PER_DAY: Final = 10  # appeals of one person
PER_HOUR: Final = 60  # their messages: a group gets 18 a minute, and others have questions, too
PAGE: Final = 8  # appeals of a list
THREAD_PAGE: Final = 5  # messages
LONGEST_WORDS: Final = 1000  # characters beside a rating
STARS: Final = range(1, 6)
_RECENT: Final = timedelta(days=92)
_KEPT: Final = timedelta(days=3 * 366)
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
_TEXTS: Final = 20  # messages with words that a letter has room for
_SIDES: Final = (Side.CUSTOMER, Side.STAFF)


@dataclass(frozen=True, slots=True)
class Sent:
    """`mailed`: a letter with the number is on its way."""

    appeal: Appeal
    mailed: bool


@dataclass(frozen=True, slots=True)
class AppealList:
    """`every`: not of the last three months alone; `older`: there are others; `more`: a next page."""

    appeals: tuple[Appeal, ...]
    page: int = 0
    more: bool = False
    older: bool = False
    every: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """A page of an appeal's messages, the newest page being the first and its oldest message on top."""

    appeal: Appeal
    messages: tuple[AppealMessage, ...]
    page: int = 0
    pages: int = 1


class Appeals:
    def __init__(self, store: Store, clock: Clock, profile: SupplierProfile, working_time: WorkingTime) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile
        self._working_time = working_time

    @property
    def offered(self) -> bool:
        """Whether a staff group is set up."""
        return self._profile.takes_appeals

    def require(self) -> None:
        """Raises NoAppeals."""
        if not self.offered:
            raise NoAppeals(phone=self._profile.phone)

    def subjects(self, about: About) -> tuple[Subject, ...]:
        """Those that a group answers. Raises NoAppeals where there is none."""
        region = self._profile.region_of(about.account).name
        found = tuple(one for one in self._profile.appeals.subjects if self._profile.desk.group_of(one.key, region))
        if not found:
            raise NoAppeals(phone=self._profile.phone)
        return found

    def zone(self, appeal: Appeal) -> ZoneInfo:
        return self._profile.region_of(appeal.about.account).timezone

    async def last_contact(self, customer: Customer) -> Contact:
        """As it was given the last time."""
        async with self._store.reading() as unit:
            last = await unit.of(AppealRepository).of_person(customer.user_id, _EVER, 1)
        return last[0].contact if last else Contact()

    async def send(self, customer: Customer, draft: AppealToSend) -> Sent:
        """The appeal of a draft; once more it is the same one. Raises NotYours, NoAppeals, TooManyAppeals."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            known = await unit.of(AppealRepository).get(draft.key)
            if known is None:
                known = await self._make(unit, customer, draft, now)
                await unit.commit()
            elif known.user_id != customer.user_id:
                raise AppealGone
            mailed = await by_mail.is_told(unit, known)
        return Sent(known, mailed)

    async def _make(self, unit: UnitOfWork, customer: Customer, draft: AppealToSend, now: datetime) -> Appeal:
        await self._check(unit, customer, draft.about, now)
        zone = self._profile.region_of(draft.about.account).timezone
        appeal = Appeal(
            key=draft.key,
            number=await unit.of(AppealRepository).next_number(now.astimezone(zone).date()),
            user_id=customer.user_id,
            language=customer.language,
            about=draft.about,
            subject=draft.subject,
            contact=draft.contact,
            created_at=now,
            due_at=self._working_time.promised(now, zone),
        )
        group = self._group(appeal)
        await unit.of(AppealRepository).add(appeal)
        await exchange.to_desk(unit, appeal, group, draft.messages, now)
        await by_mail.tell_sent(unit, appeal, now)
        return appeal

    async def _check(self, unit: UnitOfWork, customer: Customer, about: About, now: datetime) -> None:
        known = await unit.of(CustomerRepository).get(customer.user_id)
        if about.account and not (known and any(link.account == about.account for link in known.links)):
            raise NotYours
        zone = self._profile.region_of(about.account).timezone
        midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
        count = await unit.of(AppealRepository).count_since(customer.user_id, midnight)
        if count >= PER_DAY:
            raise TooManyAppeals(count=count)

    async def _leave_room(self, unit: UnitOfWork, customer: Customer, now: datetime) -> None:
        hour = now - timedelta(hours=1)
        count = await unit.of(AppealMessageRepository).count_of_person(customer.user_id, hour)
        if count >= PER_HOUR:
            raise TooManyMessages(count=count)

    def _group(self, appeal: Appeal) -> int:
        group = exchange.group_of(appeal, self._profile)
        if group is None:
            raise NoAppeals(phone=self._profile.phone)
        return group

    async def find(self, customer: Customer, key: str) -> Appeal | None:
        """None where there is none of theirs with this key."""
        async with self._store.reading() as unit:
            found = await unit.of(AppealRepository).get(key)
        return found if found and found.user_id == customer.user_id else None

    async def own(self, customer: Customer, key: str) -> Appeal:
        """Raises AppealGone."""
        found = await self.find(customer, key)
        if found is None:
            raise AppealGone
        return found

    async def answered_by(self, customer: Customer, message: int) -> Appeal | None:
        """The appeal to which a message of the customer's chat belongs, be it an answer or their own."""
        async with self._store.reading() as unit:
            messages = unit.of(AppealMessageRepository)
            found = await messages.copied_to(customer.user_id, message) or await messages.at(customer.user_id, message)
        return await self.find(customer, found.appeal) if found else None

    async def add(self, customer: Customer, key: str, messages: Sequence[Written], *, asks: bool = True) -> Appeal:
        """Further messages; they open a closed appeal again, unless they ask for nothing. Raises AppealGone, NoAppeals,
        TooManyMessages."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            appeal = await _theirs(unit, customer, key)
            await self._leave_room(unit, customer, now)
            seen = replace(await self._opened(unit, appeal, now) if asks else appeal, seen_at=now)
            await unit.of(AppealRepository).save(seen)
            await exchange.to_desk(unit, seen, self._group(seen), messages, now)
            await unit.commit()
        return seen

    async def reopen(self, customer: Customer, key: str) -> Appeal:
        """Raises AppealGone."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            known = await _theirs(unit, customer, key)
            appeal = await self._opened(unit, known, now)
            if appeal is not known:
                await self._tell(unit, appeal, Deed.REOPENED, now)
            await unit.commit()
        return appeal

    async def _keep(self, unit: UnitOfWork, appeal: Appeal, deed: Deed, now: datetime) -> None:
        await unit.of(AppealRepository).save(appeal)
        await self._tell(unit, appeal, deed, now)

    async def _tell(self, unit: UnitOfWork, appeal: Appeal, deed: Deed, now: datetime) -> None:
        await exchange.tell_deed(unit, appeal, deed, exchange.group_of(appeal, self._profile), now)

    async def _opened(self, unit: UnitOfWork, appeal: Appeal, now: datetime) -> Appeal:
        return await closing.open_again(unit, appeal, self._working_time.promised(now, self.zone(appeal)), now)

    async def close(self, customer: Customer, key: str) -> Appeal:
        """The question is settled, the customer says. Raises AppealGone."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            known = await _theirs(unit, customer, key)
            closed = await closing.close(unit, known, Side.CUSTOMER, now)
            if closed is not known:
                await self._tell(unit, closed, Deed.CLOSED, now)
            await unit.commit()
        return closed

    async def rate(self, customer: Customer, key: str, stars: int) -> Appeal:
        """1 to 5; the last word counts. Raises AppealGone."""
        if stars not in STARS:
            raise AppealGone
        async with self._store.writing() as unit:
            known = await _theirs(unit, customer, key)
            appeal = replace(known, rating=stars)
            if appeal != known:
                await self._keep(unit, appeal, Deed.RATED, self._clock.now())
            await unit.commit()
        return appeal

    async def explain_rating(self, customer: Customer, key: str, words: str) -> Appeal:
        """Raises AppealGone."""
        async with self._store.writing() as unit:
            known = await _theirs(unit, customer, key)
            appeal = replace(known, rating_words=words[:LONGEST_WORDS])
            if appeal != known:
                await self._keep(unit, appeal, Deed.EXPLAINED, self._clock.now())
            await unit.commit()
        return appeal

    async def listed(self, customer: Customer, *, every: bool = False, page: int = 0) -> AppealList:
        """The newest first: of three months, or all."""
        since = _EVER if every else self._clock.now() - _RECENT
        async with self._store.reading() as unit:
            found = await unit.of(AppealRepository).of_person(customer.user_id, since, PAGE + 1, page * PAGE)
            count = 0 if every else await unit.of(AppealRepository).count_since(customer.user_id, _EVER)
        more = len(found) > PAGE
        older = not more and count > page * PAGE + len(found)
        return AppealList(found[:PAGE], page, more, older, every)

    async def has_unread(self, customer: Customer) -> bool:
        """Whether an answer has come that the customer has not looked at."""
        async with self._store.reading() as unit:
            return await unit.of(AppealRepository).has_unread(customer.user_id)

    async def thread(self, customer: Customer, key: str, page: int = 0) -> Thread:
        """The customer has seen all answers then. Raises AppealGone."""
        appeal = await self.own(customer, key)
        if appeal.unread:
            appeal = await self._mark_seen(customer, key)
        async with self._store.reading() as unit:
            count = await unit.of(AppealMessageRepository).count(key, _SIDES)
            end = max(count - page * THREAD_PAGE, min(count, THREAD_PAGE))
            start = max(end - THREAD_PAGE, 0)
            messages = await unit.of(AppealMessageRepository).of_appeal(key, _SIDES, end - start, start)
        return Thread(appeal, messages, page, max(-(-count // THREAD_PAGE), 1))

    async def _mark_seen(self, customer: Customer, key: str) -> Appeal:
        async with self._store.writing() as unit:
            appeal = replace(await _theirs(unit, customer, key), seen_at=self._clock.now())
            await unit.of(AppealRepository).save(appeal)
            await unit.commit()
        return appeal

    async def message(self, customer: Customer, message_id: int) -> AppealMessage:
        """One of the customer's own appeals. Raises AppealGone."""
        async with self._store.reading() as unit:
            found = await unit.of(AppealMessageRepository).get(message_id)
        if found is None or found.withdrawn_at or found.written.side is Side.NOTE:
            raise AppealGone
        await self.own(customer, found.appeal)
        return found

    async def kept(self, user_id: int, key: str) -> tuple[Appeal, tuple[AppealMessage, ...]] | None:
        """A person's appeal with its first messages, for a letter."""
        async with self._store.reading() as unit:
            appeal = await unit.of(AppealRepository).get(key)
            if appeal is None or appeal.user_id != user_id:
                return None
            found = await unit.of(AppealMessageRepository).of_appeal(key, (Side.CUSTOMER,), MOST + _TEXTS)
        return appeal, found

    async def forget(self) -> None:
        """Appeals that have rested for three years."""
        async with self._store.writing() as unit:
            await unit.of(AppealRepository).forget(self._clock.now() - _KEPT)
            await unit.commit()


async def _theirs(unit: UnitOfWork, customer: Customer, key: str) -> Appeal:
    found = await unit.of(AppealRepository).get(key)
    if found is None or found.user_id != customer.user_id:
        raise AppealGone
    return found
