"""The desk: staff answer appeals in groups of Telegram, each in a topic of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from services.accounts.access import unlink, unlock
from services.accounts.models import Action, JournalEntry, Link
from services.accounts.ports import ProofRepository, ShareRepository
from services.appeals.by_mail import tell_by_mail
from services.appeals.closing import close, open_again
from services.appeals.exchange import tell_topic, to_customer
from services.appeals.models import Appeal, AppealMessage, AppealState, Copy, DeliveryState, Side, Written
from services.appeals.ports import AppealMessageRepository, AppealRepository, DeskRepository
from services.appeals.topics import Template, Topic
from services.appeals.working_time import WorkingTime
from services.customers.ports import CustomerRepository
from services.errors import N_, NotAllowed, ServiceError
from services.notices.catalog import AppealMark, DeskAccess, DeskCard, DeskHint, DeskReleased, DeskReminder
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import Clock, Store, UnitOfWork
from services.supplier.models import Access, Account, Bill, Meter
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

SOON = timedelta(seconds=5)  # an answer that takes longer is marked as waiting
LAST_ACTIONS = 3  # of the account's journal, on the card
PART_LEFT = 4  # staff are reminded when a quarter of the time is left, and an hour before the end at the latest
STATS_DAYS = 30


class ErasedCustomer(NotAllowed):
    text = N_("Клиент удалил свои данные из бота: ответить ему здесь нельзя.")


@dataclass(frozen=True, slots=True)
class CardFacts:
    """The customer and the account, for the card. `known`: whether the supplier could be asked; `waiting`: appeals of
    the group without an answer."""

    link: Link | None = None
    account: Account | None = None
    bill: Bill | None = None
    meters: tuple[Meter, ...] = ()
    actions: tuple[JournalEntry, ...] = ()
    blocked: bool = False
    known: bool = True
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Stats:
    """Appeals of the last days. `half` and `most`: within which time half of them and 90 % got their first answer;
    `rating`: the mean in tenths."""

    count: int
    answered: int
    half: timedelta | None
    most: timedelta | None
    in_time: int
    reopened: int
    rated: int
    rating: int


class Desk:
    def __init__(
        self, store: Store, clock: Clock, profile: SupplierProfile, supplier: Supplier, working_time: WorkingTime
    ) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile
        self._supplier = supplier
        self._working_time = working_time

    async def appeal(self, key: str) -> Appeal | None:
        async with self._store.reading() as unit:
            return await unit.of(AppealRepository).get(key)

    # Topics

    async def topic(self, appeal: str, group: int) -> Topic:
        """The topic of an appeal in a group, as far as it is made. One in another group ends."""
        known = await self.standing(appeal)
        if known is not None and known.group == group:
            return known
        async with self._store.writing() as unit:
            found = await unit.of(DeskRepository).topic(appeal)
            if found is None or found.group != group:
                found = Topic(appeal, group)
                await unit.of(DeskRepository).keep(found)
                await unit.commit()
        return found

    async def standing(self, appeal: str) -> Topic | None:
        """In whichever group it is."""
        async with self._store.reading() as unit:
            return await unit.of(DeskRepository).topic(appeal)

    async def change(self, appeal: str, **values: Any) -> Topic:
        """Note something about its topic."""
        async with self._store.writing() as unit:
            found = await unit.of(DeskRepository).topic(appeal)
            if found is None:
                raise LookupError("no topic")
            changed = replace(found, **values)
            await unit.of(DeskRepository).keep(changed)
            await unit.commit()
        return changed

    async def note_card(self, topic: Topic, card: int) -> Topic:
        """The card has been sent, with the facts that are certain; an edit adds the others."""
        async with self._store.writing() as unit:
            changed = replace(topic, card=card)
            await unit.of(DeskRepository).keep(changed)
            await tell_topic(unit, topic.group, DeskCard(appeal=topic.appeal), self._clock.now())
            await unit.commit()
        return changed

    async def bind(self, number: str, chat: int, thread: int) -> bool:
        """Telegram tells of a topic that the bot has made for the appeal of a number. False: it has another one, and
        this one is superfluous."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            appeal = await unit.of(AppealRepository).by_number(number)
            topic = await unit.of(DeskRepository).topic(appeal.key) if appeal else None
            if topic is None or topic.flat:
                return True
            if topic.thread is not None:
                return (topic.chat, topic.thread) == (chat, thread)
            if topic.asked_at is None:
                return False
            await unit.of(DeskRepository).keep(replace(topic, chat=chat, thread=thread, asked_at=None))
            await unit.of(NoticeRepository).hurry(topic.group, topic.appeal, now)
            await unit.commit()
        return True

    async def at(self, chat: int, thread: int) -> Topic | None:
        async with self._store.reading() as unit:
            return await unit.of(DeskRepository).topic_at(chat, thread)

    async def of_reply(self, chat: int, message: int) -> Topic | None:
        """The one that a message of the group belongs to: a card, a copy or an answer."""
        async with self._store.reading() as unit:
            if found := await unit.of(DeskRepository).topic_of_card(chat, message):
                return found
            messages = unit.of(AppealMessageRepository)
            one = await messages.copied_to(chat, message) or await messages.at(chat, message)
            return await unit.of(DeskRepository).topic(one.appeal) if one else None

    async def home_of(self, chat: int) -> int | None:
        """The group of the desk that a chat is, by its number in the settings; None for any other chat."""
        if chat in self._profile.desk.chats:
            return chat
        async with self._store.reading() as unit:
            home = await unit.of(DeskRepository).home_of(chat)
        return home if home in self._profile.desk.chats else None

    async def chat_of(self, home: int) -> int:
        """Where a group of the settings is now."""
        async with self._store.reading() as unit:
            return await unit.of(DeskRepository).chat_of(home)

    async def former_groups(self) -> Sequence[int]:
        """Groups that have answered appeals, and are in the settings no more."""
        async with self._store.reading() as unit:
            known = await unit.of(DeskRepository).groups()
        return [one for one in known if one not in self._profile.desk.chats]

    async def tell_hidden_members(self, home: int) -> None:
        """To a group whose members the bot cannot see, once a day while somebody writes there."""
        now = self._clock.now()
        key = f"desk_hint:{home}:{now:%Y%m%d}"
        async with self._store.reading() as unit:
            if await unit.of(NoticeRepository).knows(key):
                return
        async with self._store.writing() as unit:
            await unit.of(NoticeRepository).tell(Notice(key, home, DeskHint(), line="hint"), now)
            await unit.commit()

    # Messages

    async def answer(self, topic: Topic, written: Written) -> AppealMessage | None:
        """An answer of the staff. None: it is known already. Raises ErasedCustomer."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            appeal = await self._appeal(unit, topic)
            if appeal.user_id is None:
                raise ErasedCustomer
            kept = await to_customer(unit, appeal, written, now)
            if kept is None:
                return None
            answered = replace(appeal, answered_at=appeal.answered_at or now, answer_at=now)
            await unit.of(AppealRepository).save(answered)
            await tell_by_mail(unit, answered, kept, now)
            await unit.commit()
        return kept

    async def note(self, topic: Topic, written: Written) -> None:
        """A note that stays among the staff."""
        async with self._store.writing() as unit:
            await unit.of(AppealMessageRepository).add(topic.appeal, written)
            await unit.commit()

    async def place_of(self, message: AppealMessage, *, copy_in: int) -> int | None:
        """The message on the other side, in the chat `copy_in`, that this one answers."""
        reply, chat = message.written.reply, message.written.chat
        if reply is None:
            return None
        async with self._store.reading() as unit:
            messages = unit.of(AppealMessageRepository)
            if (copied := await messages.copied_to(chat, reply)) and copied.written.chat == copy_in:
                return copied.written.message
            own = await messages.at(chat, reply)
        return own.copy.message if own and own.copy and own.copy.chat == copy_in else None

    async def note_copies(self, copies: Iterable[tuple[AppealMessage, Copy]], *, mark_in: int | None = None) -> None:
        """`mark_in`: the group where staff are to see that they have arrived."""
        async with self._store.writing() as unit:
            for message, copy in copies:
                await unit.of(AppealMessageRepository).note_copy(message.id, copy)
                await self._mark(unit, message, mark_in)
            await unit.commit()

    async def note_refusal(self, message: AppealMessage, reason: str, mark_in: int | None) -> None:
        async with self._store.writing() as unit:
            await unit.of(AppealMessageRepository).note_delivery(message.id, DeliveryState.REFUSED, reason[:64])
            await self._mark(unit, message, mark_in)
            await unit.commit()

    async def note_mark(self, message: AppealMessage, mark: int | None) -> None:
        async with self._store.writing() as unit:
            await unit.of(AppealMessageRepository).note_mark(message.id, mark)
            await unit.commit()

    async def _mark(self, unit: UnitOfWork, message: AppealMessage, group: int | None) -> None:
        if group is not None:
            mark = AppealMark(appeal=message.appeal, message=message.id)
            await tell_topic(unit, group, mark, self._clock.now())

    # Deeds of the staff

    async def take(self, topic: Topic, member: int, name: str) -> Topic:
        """The first who takes it is its owner. The topic with its owner."""
        async with self._store.writing() as unit:
            found = await unit.of(DeskRepository).topic(topic.appeal) or topic
            if found.owner is not None or found.owner_name:
                return found
            taken = replace(found, owner=member, owner_name=name[:128])
            await unit.of(DeskRepository).keep(taken)
            await tell_topic(unit, topic.group, DeskCard(appeal=topic.appeal), self._clock.now())
            await unit.commit()
        return taken

    async def release(self, topic: Topic, owner: str, name: str) -> bool:
        """Its owner, by their number, has it no more; the topic is told the name of the member who did it. False:
        somebody else has taken it."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            found = await unit.of(DeskRepository).topic(topic.appeal)
            if found is None or found.owner is None:
                return True
            if str(found.owner) != owner:
                return False
            await unit.of(DeskRepository).keep(replace(found, owner=None, owner_name=""))
            await tell_topic(unit, found.group, DeskReleased(appeal=topic.appeal, name=name), now)
            await tell_topic(unit, found.group, DeskCard(appeal=topic.appeal), now)
            await unit.commit()
        return True

    async def unlock(self, topic: Topic, account: str, name: str) -> None:
        """Let people prove the account again; the topic is told the name of the member who did it."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            if await unlock(unit, account, now):
                mended = DeskAccess(appeal=topic.appeal, name=name, action=Action.UNLOCKED_BY_COMPANY)
                await tell_topic(unit, topic.group, mended, now)
                await unit.commit()

    async def unlink(self, topic: Topic, account: str, link: str, name: str) -> None:
        """End one person's access to the account. Raises AccessEnded."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            await unlink(unit, account, link, now)
            mended = DeskAccess(appeal=topic.appeal, name=name, action=Action.UNLINKED_BY_COMPANY)
            await tell_topic(unit, topic.group, mended, now)
            await unit.commit()

    async def close(self, topic: Topic) -> bool:
        """False: it is closed already."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            appeal = await self._appeal(unit, topic)
            if appeal.state is AppealState.CLOSED:
                return False
            await close(unit, appeal, Side.STAFF, now)
            await tell_topic(unit, topic.group, DeskCard(appeal=topic.appeal), now)
            await unit.commit()
        return True

    async def reopen(self, topic: Topic) -> bool:
        """False: it is open."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            appeal = await self._appeal(unit, topic)
            zone = self._profile.region_of(appeal.about.account).timezone
            opened = await open_again(unit, appeal, self._working_time.promised(now, zone), now)
            if opened is appeal:
                return False
            await tell_topic(unit, topic.group, DeskCard(appeal=topic.appeal), now)
            await unit.commit()
        return True

    async def _appeal(self, unit: UnitOfWork, topic: Topic) -> Appeal:
        appeal = await unit.of(AppealRepository).get(topic.appeal)
        if appeal is None:
            raise LookupError("no appeal")
        return appeal

    async def numbered(self, number: str, group: int) -> tuple[Appeal, Topic] | None:
        """The appeal of a group that has exactly this number."""
        async with self._store.reading() as unit:
            appeal = await unit.of(AppealRepository).by_number(number)
            topic = await unit.of(DeskRepository).topic(appeal.key) if appeal else None
        return (appeal, topic) if appeal and topic and topic.group == group else None

    async def find(self, words: str, group: int, limit: int) -> Sequence[tuple[Appeal, Topic]]:
        async with self._store.reading() as unit:
            return await unit.of(DeskRepository).find(words, group, limit)

    async def stats(self, group: int) -> Stats:
        async with self._store.reading() as unit:
            since = self._clock.now() - timedelta(days=STATS_DAYS)
            return _stats(await unit.of(DeskRepository).since(since, group))

    async def templates(self, group: int) -> Sequence[Template]:
        async with self._store.reading() as unit:
            return await unit.of(DeskRepository).templates(group)

    async def keep_template(self, group: int, name: str, text: str) -> None:
        """An empty text removes it."""
        async with self._store.writing() as unit:
            if text:
                await unit.of(DeskRepository).keep_template(group, Template(name, text))
            else:
                await unit.of(DeskRepository).drop_template(group, name)
            await unit.commit()

    # The card

    async def card(self, appeal: Appeal, topic: Topic) -> CardFacts:
        """The facts of the bot and the supplier; without the supplier's part when it does not answer."""
        async with self._store.reading() as unit:
            waiting = len(await unit.of(DeskRepository).unanswered(topic.group))
            customer = await unit.of(CustomerRepository).get(appeal.user_id) if appeal.user_id else None
            facts = CardFacts(blocked=bool(customer and customer.stopped), waiting=waiting)
            number = appeal.about.account
            if not number:
                return facts
            links = await unit.of(ShareRepository).members(number)
            link = next((one for one in links if one.user_id == appeal.user_id), None)
            actions = tuple(await unit.of(ProofRepository).journal(number, LAST_ACTIONS))
            facts = replace(facts, link=link, actions=actions)
        try:
            return await self._supplied(facts, Access.of_bot(number))
        except ServiceError:
            return replace(facts, known=False)

    async def _supplied(self, facts: CardFacts, access: Access) -> CardFacts:
        zone = self._profile.region_of(access.account).timezone
        metering = await self._supplier.metering(access)
        bill = await self._supplier.bill(access, self._clock.now().astimezone(zone).date())
        return replace(facts, account=metering.account, bill=bill, meters=metering.meters)


class DeskWatch:
    """Looks, every few seconds, for what no event tells: answers on their way, topics behind their appeals, time that
    runs out."""

    def __init__(self, store: Store, clock: Clock, profile: SupplierProfile, working_time: WorkingTime) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile
        self._working_time = working_time

    async def look(self) -> None:
        async with self._store.reading() as unit:
            desk = unit.of(DeskRepository)
            late = [one for one in await desk.on_their_way() if self._needs_mark(one.message, blocked=one.blocked)]
            behind, hasty = await desk.out_of_step(), [one for one in await desk.unanswered() if self._is_due(*one)]
        if late or behind or hasty:
            async with self._store.writing() as unit:
                for one in late:
                    await self._mark(unit, one.message.id, blocked=one.blocked)
                for appeal in behind:
                    await self._follow(unit, appeal)
                for appeal_due, _ in hasty:
                    await self._remind(unit, appeal_due.key)
                await unit.commit()

    def _needs_mark(self, message: AppealMessage, *, blocked: bool) -> bool:
        told = (message.delivery, message.reason) == (_on_its_way(blocked=blocked), _TOLD)
        return not told and (blocked or self._clock.now() - message.written.at >= SOON)

    async def _mark(self, unit: UnitOfWork, message_id: int, *, blocked: bool) -> None:
        message = await unit.of(AppealMessageRepository).get(message_id)
        topic = await unit.of(DeskRepository).topic(message.appeal) if message else None
        if message and topic and message.delivery in (DeliveryState.WAITING, DeliveryState.BLOCKED):
            await unit.of(AppealMessageRepository).note_delivery(message.id, _on_its_way(blocked=blocked), _TOLD)
            mark = AppealMark(appeal=message.appeal, message=message.id)
            await tell_topic(unit, topic.group, mark, self._clock.now())

    async def _follow(self, unit: UnitOfWork, appeal: str) -> None:
        """Once for each change: the topic counts as changed from now on, and its row is kept until it is."""
        topic, now = await unit.of(DeskRepository).topic(appeal), self._clock.now()
        known = await unit.of(AppealRepository).get(appeal)
        if topic and known:
            await unit.of(DeskRepository).keep(replace(topic, closed=known.state is AppealState.CLOSED))
            await tell_topic(unit, topic.group, DeskCard(appeal=appeal), now)

    def _is_due(self, appeal: Appeal, topic: Topic) -> bool:
        if topic.reminded_at is not None:
            return False
        now, zone = self._clock.now(), self._profile.region_of(appeal.about.account).timezone
        began = appeal.reopened_at or appeal.created_at
        left = max((appeal.due_at - began) / PART_LEFT, timedelta(hours=1))
        return now >= appeal.due_at - left and self._working_time.is_open(now, zone)

    async def _remind(self, unit: UnitOfWork, appeal: str) -> None:
        topic, now = await unit.of(DeskRepository).topic(appeal), self._clock.now()
        if topic and topic.reminded_at is None:
            await unit.of(DeskRepository).keep(replace(topic, reminded_at=now))
            await tell_topic(unit, topic.group, DeskReminder(appeal=appeal), now)


_TOLD = "told"  # the reason of an answer on its way whose mark says so


def _on_its_way(*, blocked: bool) -> DeliveryState:
    return DeliveryState.BLOCKED if blocked else DeliveryState.WAITING


def _stats(appeals: Sequence[Appeal]) -> Stats:
    answered = [(one, one.answered_at - one.created_at) for one in appeals if one.answered_at]
    spans = sorted(span for _, span in answered)
    rated = [one.rating for one in appeals if one.rating]
    return Stats(
        count=len(appeals),
        answered=len(answered),
        half=_within(spans, 50),
        most=_within(spans, 90),
        in_time=sum(one.in_time for one in appeals),
        reopened=sum(one.reopened > 0 for one in appeals),
        rated=len(rated),
        rating=round(10 * sum(rated) / len(rated)) if rated else 0,
    )


def _within(spans: Sequence[timedelta], percent: int) -> timedelta | None:
    """The time that so many of a hundred did not exceed."""
    return spans[-(-len(spans) * percent // 100) - 1] if spans else None
