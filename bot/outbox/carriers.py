"""The ways to people: Telegram and e-mail. What each of their errors means for a notice stands here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from bot.outbox.delivery import Ending, Outcome
from bot.outbox.pace import Pace
from bot.telegram.errors import NotConnected, PossibleDuplicate, ProbeUnanswered
from handlers.emails import letters
from handlers.notices import TIDYING, words
from handlers.show import Screen, is_gone, is_same
from handlers.submissions.sheet import file_name, mail_subject, mail_text, sheet
from locales import speak
from services.customers.emails import Emails
from services.db.outbox import Outbox, Queued
from services.notices.errors import MailPostponed, MailRefused, MailUnavailable, MailUnknown
from services.notices.models import Channel, Notice, Urgency
from services.notices.policy import Telling
from services.notices.ports import Letter, Mail
from services.ports import Clock, Documents, Store
from services.supplier.profile import SupplierProfile

_CLOSED = (NotConnected, TelegramUnauthorizedError, TelegramNotFound, TelegramConflictError)


class TelegramCarrier:
    channel = Channel.TELEGRAM

    def __init__(self, bot: Bot, store: Store, outbox: Outbox, pace: Pace, clock: Clock, telling: Telling) -> None:
        self.pace = pace
        self._bot = bot
        self._store = store
        self._outbox = outbox
        self._clock = clock
        self._unheard: set[int] = set()
        self._telling = telling

    async def prepare(self, queued: Queued) -> Callable[[], Awaitable[Ending]] | None:
        if not await self._telling.admits(queued.notice):
            return None
        await _speak_to(queued.notice, self._store)
        return partial(self._send, queued, words(queued.notice))

    async def _send(self, queued: Queued, screen: Screen) -> Ending:
        self._unheard.add(queued.notice.user_id)
        try:
            return await self._ending(queued, screen)
        finally:
            self._unheard.discard(queued.notice.user_id)

    async def _ending(self, queued: Queued, screen: Screen) -> Ending:
        try:
            await self._say(queued, screen)
        except TelegramMigrateToChat as error:
            await self._outbox.move(queued.notice.user_id, error.migrate_to_chat_id)
            return Ending(Outcome.REPLACE)
        except TelegramForbiddenError:
            return await self._stopped(queued)
        except TelegramRetryAfter as error:
            self.pace.hold(queued.chat_id, error.retry_after)
            return Ending(Outcome.RETRY)
        except TelegramBadRequest as error:
            return await self._refused(queued, error)
        except TelegramEntityTooLarge:
            return Ending(Outcome.PERMANENT)
        except _CLOSED:
            return Ending(Outcome.RETRY, away=True)
        except TelegramAPIError as error:
            return _unanswered(queued.notice, error)
        return Ending(Outcome.DONE)

    async def _say(self, queued: Queued, screen: Screen) -> None:
        chat_id, message_id = queued.chat_id, queued.notice.edits
        if message_id is None:
            await self._bot.send_message(chat_id, screen.text, reply_markup=screen.markup)
        else:
            await self._bot.edit_message_text(
                screen.text, chat_id=chat_id, message_id=message_id, reply_markup=screen.markup
            )

    async def _refused(self, queued: Queued, error: TelegramBadRequest) -> Ending:
        if queued.notice.edits is None:
            return Ending(Outcome.PERMANENT)
        if is_same(error) or (is_gone(error) and queued.notice.kind in TIDYING):
            return Ending(Outcome.DONE)
        if is_gone(error):
            await self._outbox.make_new(queued)
            return Ending(Outcome.REPLACE)
        return Ending(Outcome.PERMANENT)

    def hear(self, user_id: int) -> None:
        """Somebody has written: what is refused from now on and was sent before is older than that."""
        self._unheard.discard(user_id)

    async def _stopped(self, queued: Queued) -> Ending:
        """What is not bulk stays, hidden from the lane, until the customer starts the bot again."""
        if queued.notice.user_id not in self._unheard:
            return Ending(Outcome.RETRY)
        known = await self._outbox.stop_for(queued.notice.user_id, self._clock.now())
        waits = known and queued.notice.urgency is not Urgency.BULK
        return Ending(Outcome.RETRY if waits else Outcome.PERMANENT)

    async def reachable(self) -> bool:
        try:
            await self._bot.get_me()
        except TelegramAPIError:
            return False
        return True

    async def given_up(self, queued: Queued) -> None:
        """There is no other way to tell."""


def _unanswered(notice: Notice, error: TelegramAPIError) -> Ending:
    """An edit does no harm a second time; it waits longer and longer, lest one that never ends holds up the others."""
    if isinstance(error, ProbeUnanswered):
        return Ending(Outcome.RETRY, alone=True)
    if isinstance(error, PossibleDuplicate):
        return Ending(Outcome.UNKNOWN)
    if notice.edits is None:
        return Ending(Outcome.UNKNOWN, away=True)
    return Ending(Outcome.RETRY, away=True, alone=True)


class MailCarrier:
    channel = Channel.MAIL

    def __init__(
        self, mail: Mail, store: Store, documents: Documents, profile: SupplierProfile, clock: Clock, emails: Emails
    ) -> None:
        self.pace = Pace()
        self._mail = mail
        self._store = store
        self._documents = documents
        self._profile = profile
        self._clock = clock
        self._emails = emails

    async def prepare(self, queued: Queued) -> Callable[[], Awaitable[Ending]]:
        await _speak_to(queued.notice, self._store)
        return partial(self._send, await self._letter(queued.notice))

    async def _send(self, letter: Letter | None) -> Ending:
        if letter is None:
            return Ending(Outcome.PERMANENT)
        try:
            await self._mail.send(letter)
        except MailRefused:
            return Ending(Outcome.PERMANENT)
        except MailPostponed:
            return Ending(Outcome.RETRY, alone=True)
        except MailUnavailable:
            return Ending(Outcome.RETRY, away=True)
        except MailUnknown:
            return Ending(Outcome.UNKNOWN, away=True)
        return Ending(Outcome.DONE)

    async def reachable(self) -> bool:
        return await self._mail.answers()

    async def given_up(self, queued: Queued) -> None:
        """Unless they had everything about them erased meanwhile, or have left that address behind."""
        lost = queued.notice
        if lost.kind in letters.WARNINGS:
            return
        notice = Notice(f"undelivered:{lost.key}", lost.user_id, "undelivered", {"address": lost.facts["address"]})
        async with self._store.writing() as unit:
            if await unit.customers.get(lost.user_id):
                await unit.notices.tell(notice, self._clock.now())
                await unit.commit()

    async def _letter(self, notice: Notice) -> Letter | None:
        facts = dict(notice.facts)
        if notice.kind == "sheet":
            return await self._sheet(notice)
        if notice.kind == "email_confirm":
            facts["token"] = self._emails.token(notice.user_id, facts["request"])
        return Letter(notice.key, facts["address"], *letters.words(notice.kind, facts, self._profile))

    async def _sheet(self, notice: Notice) -> Letter | None:
        async with self._store.reading() as unit:
            submission = await unit.submissions.get(notice.facts["submission"])
        if submission is None:
            return None
        pdf = await self._documents.sheet(sheet(submission, self._profile))
        text = mail_text(submission, self._profile)
        return Letter(notice.key, notice.facts["address"], mail_subject(submission), text, (file_name(submission), pdf))


async def _speak_to(notice: Notice, store: Store) -> None:
    async with store.reading() as unit:
        customer = await unit.customers.get(notice.user_id)
    speak(customer.language if customer else "ru")
