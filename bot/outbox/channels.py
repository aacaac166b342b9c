"""The channels to people, Telegram and e-mail, and the consequences of their errors for a notice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import chain, groupby
from typing import Any, TypeVar

import structlog
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
from aiogram.methods import SendMessage
from aiogram.types import BufferedInputFile, InlineKeyboardMarkup

from bot.outbox.rate_limiter import RateLimiter
from bot.outbox.sender import Admitted, Outcome, Send, SendResult
from bot.telegram.errors import NotConnected, PossibleDuplicate, ProbeUnanswered
from handlers.conversation import UseCases
from handlers.notices import FileScreen, InSteps, LetterText, Made, Making, Message, NotedScreen, NotYet, Words
from handlers.show import Screen, is_gone, is_same
from locales import current, speak
from services.notices.errors import MailPostponed, MailRefused, MailUnavailable, MailUnknown
from services.notices.models import ByMail, Channel, EditIfThere, Facts, Loss, Notice, Urgency
from services.notices.ports import Letter, Mail, OutboxQueue, Queued
from services.ports import Alerts, Clock
from services.supplier.errors import SupplierUnavailable

log = structlog.get_logger("sender")
Id = TypeVar("Id", int, str)

AWAY = 60.0  # seconds between two tries in a group where the bot may not write
NO_DESK = "the bot may not write in a group of the desk: appeals wait until it is an administrator there again"
_OUTSIDE = (
    "chat not found",
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "chat_write_forbidden",
)
_MESSAGE = SendMessage(chat_id=0, text="")
_CLOSED = (NotConnected, TelegramUnauthorizedError, TelegramNotFound, TelegramConflictError)


class Speaker:
    """Says notices in their customers' languages; those with the same facts in one go."""

    def __init__(self, words: Words, bot: Bot, use_cases: UseCases) -> None:
        self._words = words
        self._bot = bot
        self._use_cases = use_cases

    async def say(self, batch: Sequence[Admitted]) -> list[Made]:
        """In their order; None for one of which there is nothing to send any more."""
        alike = [list(group) for _, group in groupby(batch, key=_said)]
        return list(chain.from_iterable(await asyncio.gather(*map(self._say_alike, alike))))

    async def _say_alike(self, group: Sequence[Admitted]) -> Sequence[Made]:
        facts, language = _said(group[0])
        speak(language)
        try:
            return await self._words.of(facts, [self._making(one) for one in group])
        except SupplierUnavailable as error:
            return [error] * len(group)
        except Exception as error:  # noqa: BLE001  # told with each notice; one of them may be to blame
            if len(group) == 1:
                return [error]
            return list(chain.from_iterable([await self._say_alike([one]) for one in group]))

    def _making(self, one: Admitted) -> Making:
        return Making(one.queued.notice.user_id, self._bot, self._use_cases, one.customer, one.goes_on)


def _said(one: Admitted) -> tuple[Facts, str]:
    return one.queued.notice.facts, one.language


class TelegramChannel:
    channel = Channel.TELEGRAM
    notes_calls = True

    def __init__(
        self,
        bot: Bot,
        speaker: Speaker,
        outbox: OutboxQueue,
        limiter: RateLimiter,
        clock: Clock,
        alerts: Alerts,
    ) -> None:
        self.limiter = limiter
        self._alerts = alerts
        self._bot = bot
        self._speaker = speaker
        self._outbox = outbox
        self._clock = clock
        self._unheard: set[int] = set()
        self._away: set[int] = set()  # groups where the bot may not write, of which the operator knows

    async def prepare(self, batch: Sequence[Admitted]) -> list[Send | BaseException]:
        said = zip(batch, await self._speaker.say(batch), strict=True)
        return [self._ready(one, message) for one, message in said]

    def _ready(self, one: Admitted, made: Made) -> Send | BaseException:
        match made:
            case BaseException():
                return made
            case LetterText():
                return TypeError(f"{one.queued.notice.kind} is a letter")
        return partial(self._send, one, made)

    async def _send(self, one: Admitted, message: Message | None) -> SendResult:
        if message is None:
            return SendResult(Outcome.GONE)
        speak(one.language)  # a message in steps has words that are said on the way
        queued = one.queued
        self._unheard.add(queued.notice.user_id)
        try:
            return await self._result(queued, message)
        finally:
            self._unheard.discard(queued.notice.user_id)

    async def _result(self, queued: Queued, message: Message) -> SendResult:
        try:
            await self._call(queued, message)
        except NotYet:
            return SendResult(Outcome.RETRY, only_this_one=True, soon=True)
        except TelegramAPIError as error:
            return await self._failed(queued, error)
        self._away.discard(queued.notice.user_id)
        return SendResult(Outcome.DONE)

    async def _failed(self, queued: Queued, error: TelegramAPIError) -> SendResult:
        match error:
            case TelegramMigrateToChat():
                await self._outbox.move(queued.notice.user_id, error.migrate_to_chat_id)
                return SendResult(Outcome.REPLACE)
            case TelegramForbiddenError():
                return await self._stopped(queued)
            case TelegramRetryAfter():
                self.limiter.hold(queued.chat_id, error.retry_after)
                return SendResult(Outcome.RETRY)
            case TelegramEntityTooLarge():
                return SendResult(Outcome.PERMANENT)
            case TelegramBadRequest():
                return await self._refused(queued, error)
        if isinstance(error, _CLOSED):
            return SendResult(Outcome.RETRY, peer_down=True)
        return _unanswered(queued.notice, error)

    async def _call(self, queued: Queued, message: Message) -> None:
        chat_id, message_id = queued.chat_id, queued.notice.edits
        paid = self.limiter.is_paid(queued.notice.urgency) or None
        match message:
            case Screen(text, markup) if message_id is not None:
                await self._bot.edit_message_text(text, chat_id=chat_id, message_id=message_id, reply_markup=markup)
            case Screen(text, markup):
                await self._bot(new_message(chat_id, text, markup, paid=paid))
            case NotedScreen(Screen(text, markup), note):
                said = await self._bot(new_message(chat_id, text, markup, paid=paid))
                await _keep(note, said.message_id)
            case FileScreen(name, content, Screen(text, markup), photo, keep):
                send = self._bot.send_photo if photo else self._bot.send_document
                document = BufferedInputFile(content, name)
                sent: Any = await send(chat_id, document, caption=text, reply_markup=markup, allow_paid_broadcast=paid)
                await _keep(keep, sent.file_id)
            case InSteps(send):
                await send(chat_id)

    async def _refused(self, queued: Queued, error: TelegramBadRequest) -> SendResult:
        if queued.notice.line and _is_outside(error):
            return await self._stopped(queued)
        if queued.notice.edits is None:
            return SendResult(Outcome.PERMANENT)
        if is_same(error) or (is_gone(error) and isinstance(queued.notice.facts, EditIfThere)):
            return SendResult(Outcome.DONE)
        if is_gone(error):
            await self._outbox.make_new(queued)
            return SendResult(Outcome.REPLACE)
        return SendResult(Outcome.PERMANENT)

    def hear(self, user_id: int) -> None:
        """A message of the person has come: the refusal of a notice that was sent before is older than it."""
        self._unheard.discard(user_id)

    def come_back(self, chat_id: int) -> None:
        """The bot is in the group again."""
        self.limiter.wake(chat_id)

    async def _stopped(self, queued: Queued) -> SendResult:
        """A notice that is not bulk stays, hidden from the lane, until the customer starts the bot again. A group of
        the staff is tried again and again, as it has to have what customers write."""
        if queued.notice.line:
            self.limiter.rest(queued.chat_id, AWAY)
            await self._tell_operator(queued.notice.user_id)
            return SendResult(Outcome.RETRY)
        if queued.notice.user_id not in self._unheard:
            return SendResult(Outcome.RETRY)
        known = await self._outbox.stop_for(queued.notice.user_id, self._clock.now())
        waits = known and queued.notice.urgency is not Urgency.BULK
        return SendResult(Outcome.RETRY if waits else Outcome.PERMANENT)

    async def _tell_operator(self, group: int) -> None:
        """Once, until something has been said there again."""
        if group not in self._away:
            self._away.add(group)
            await self._alerts.send(NO_DESK)

    async def reachable(self) -> bool:
        try:
            await self._bot.get_me()
        except TelegramAPIError:
            return False
        return True


def new_message(chat_id: int, text: str, markup: InlineKeyboardMarkup | None, *, paid: bool | None) -> SendMessage:
    """A message as a call, not validated: a broadcast would pay for that with a thirtieth of its time."""
    values = {"chat_id": chat_id, "text": text, "reply_markup": markup, "allow_paid_broadcast": paid}
    return _MESSAGE.model_copy(update=values)


def _is_outside(error: TelegramBadRequest) -> bool:
    """Whether Telegram refuses the group to the bot, not this message."""
    return any(words in error.message.lower() for words in _OUTSIDE)


async def _keep(keep: Callable[[Id], Awaitable[None]] | None, sent: Id) -> None:
    """The document or the message has arrived, whatever becomes of its id."""
    if keep is None or not sent:
        return
    try:
        await keep(sent)
    except Exception:
        log.exception("the id of what was sent could not be kept")


def _unanswered(notice: Notice, error: TelegramAPIError) -> SendResult:
    """An edit does no harm a second time; it waits longer and longer, lest one that never ends holds up the others."""
    if isinstance(error, ProbeUnanswered):
        return SendResult(Outcome.RETRY, only_this_one=True)
    if isinstance(error, PossibleDuplicate):
        return SendResult(Outcome.UNKNOWN)
    if notice.edits is None:
        return SendResult(Outcome.UNKNOWN, peer_down=True)
    return SendResult(Outcome.RETRY, peer_down=True, only_this_one=True)


class MailChannel:
    channel = Channel.MAIL
    notes_calls = False

    def __init__(self, mail: Mail, speaker: Speaker) -> None:
        self.limiter = RateLimiter(chat_pause=0.0)  # the pause between messages is Telegram's
        self._mail = mail
        self._speaker = speaker

    async def prepare(self, batch: Sequence[Admitted]) -> list[Send | BaseException]:
        said = zip(batch, await self._speaker.say(batch), strict=True)
        return [self._ready(one, letter) for one, letter in said]

    def _ready(self, one: Admitted, made: Made) -> Send | BaseException:
        notice = one.queued.notice
        match made:
            case BaseException():
                return made
            case None | LetterText() if isinstance(notice.facts, ByMail):
                return partial(self._send, one, made, notice.facts.address)
        return TypeError(f"{notice.kind} is no letter")

    async def _send(self, one: Admitted, said: LetterText | None, address: str) -> SendResult:
        if said is None:
            return SendResult(Outcome.GONE)
        speak(one.language)
        letter = _letter(one.queued.notice.key, said.to or address, said)
        lost = partial(Loss, address=letter.to)
        try:
            await self._mail.send(letter)
        except MailRefused as error:
            return SendResult(Outcome.PERMANENT, loss=lost(error.refusal))
        except MailPostponed as error:
            return SendResult(Outcome.RETRY, only_this_one=True, loss=lost(error.refusal))
        except MailUnavailable:
            return SendResult(Outcome.RETRY, peer_down=True, loss=lost())
        except MailUnknown:
            return SendResult(Outcome.UNKNOWN, peer_down=True, loss=lost())
        return SendResult(Outcome.DONE)

    async def reachable(self) -> bool:
        return await self._mail.answers()


def _letter(key: str, address: str, said: LetterText) -> Letter:
    """In the language that is spoken at the moment."""
    return Letter(key, address, said.subject, said.parts, said.footer, said.attachment, said.leave, language=current())
