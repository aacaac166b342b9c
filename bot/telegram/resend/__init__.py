"""A call that Telegram took in an earlier try is not made again, and a message whose answer was lost is looked for
before it is sent again. docs/resend.md explains it from the beginning.

`Attempt` is one try at an update or a notice, and the session alone uses its verbs: `recall`, `find`, `begin` and
`end`. All others see `Resend`. Intake and the sender of the outbox open attempts, forget what is done and ask whether
the next try repeats anything; intake also notes the ids of people's messages.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import structlog
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramEntityTooLarge,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import ForumTopic

import context
from bot.telegram.errors import NotConnected, PossibleDuplicate, ProbeUnanswered
from bot.telegram.resend.append_log import AppendLog, Record
from bot.telegram.resend.call import Answer, Call, SentMessage
from bot.telegram.resend.memory import Key, Kind, Memory, ResendLimits, Result, numbering_of
from bot.telegram.resend.probe import UNANSWERED, Ask, Probe

log = structlog.get_logger("resend")

FORMAT = 2  # of the file; records of another one mean nothing

StillOpen = Callable[[Collection[int]], Awaitable[Collection[int]]]  # those of these ids that are open


class Resend:
    """Messages that one bot has sent, over kill -9. Telegram has no idempotency key, so a file takes its place: after a
    power cut its newest records may be missing, and it means nothing.

    The file holds what is open, the newest ids, which chats are in doubt, and what was done in the last minute.
    """

    def __init__(
        self,
        file: AppendLog,
        bot_id: int,
        limits: ResendLimits,
        boot: str | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`boot`: the machine's present run, this one when left out; `now`: seconds since it began."""
        self._file = file
        self.now = now
        self._limits = limits
        self._heading: Record = ["sent", FORMAT, bot_id, boot or _this_boot()]
        self._compacted = 0  # bytes of the file when it was
        self.accepted = 0  # calls since this process began
        self.memory = Memory(now, limits)
        self.probe = Probe()
        records = file.read()
        if records[:1] != [self._heading] or not self._replay(records[1:]):
            self.memory = Memory(now, limits)
            self.memory.complete_from = now() if file.new else now() + limits.late
            self._compact()

    def _replay(self, records: list[Record]) -> bool:
        try:
            for record in records:
                self.memory.apply(record)
        except (KeyError, TypeError, ValueError):
            log.warning("records of sent messages cannot be read")
            return False
        return True

    def close(self) -> None:
        self._file.close()

    def attempt(self, key: Key, *, never_twice: bool = False) -> AbstractContextManager[None]:
        """Calls inside belong to one try of this update or notice. `never_twice`: in doubt a message is given up."""
        return context.within(attempt=Attempt(self, key, never_twice=never_twice))

    def repeats_nothing(self, key: Key) -> bool:
        """Whether all that earlier tries may have sent is known to the next one, or can be found by it."""
        return bool(self.memory.of(key).accepted) or self.memory.can_find_all(key)

    def goes_on(self, key: Key) -> bool:
        """Whether an earlier try has said something, or may have."""
        progress = self.memory.of(key)
        return bool(progress.accepted or progress.unconfirmed)

    def note_begun(self, keys: Iterable[Key]) -> None:
        """Tries of these are about to begin."""
        self._note_all(["begun", *key] for key in keys)

    def waits(self, key: Key) -> bool:
        """Whether its newest try has begun, and no message of it has left."""
        return self.memory.of(key).waits

    def forget(self, *keys: Key) -> None:
        """They are done and will not be tried again."""
        for key in keys:
            if key in self.memory:
                self._note_done(key)
        if self._file.size > self._limits.large + 3 * self._compacted:
            self._compact()

    async def forget_closed(self, still_open: Mapping[Kind, StillOpen]) -> None:
        """Records of open updates and notices are kept, all others dropped."""
        for kind, open_among in still_open.items():
            known = [key.id for key in self.memory.keys if key.kind == kind]
            left = await open_among(known)
            self.forget(*(Key(kind, one) for one in known if one not in left))
        self.expire()

    def expire(self) -> None:
        """Forget what left too long ago, and make the file small."""
        for key in self.memory.keys:
            for digest in self.memory.too_old(key):
                self.note("abandoned", *key, digest)
            if not self.memory.of(key).worth_keeping:
                self.forget(key)
        if self._file.size > self._compacted:
            self._compact()

    def note_incoming(self, messages: Iterable[tuple[int, int]]) -> None:
        """Messages of people, each with its chat and its id.

        They count from the first message on that was noted: before that one others may stand without a record.
        """
        self._note_all(
            ["incoming", numbering_of(chat_id), message_id]
            for chat_id, message_id in messages
            if self.memory.newest(chat_id) is not None
        )

    def note_sending(self, key: Key, digest: str, chat_id: int) -> None:
        self.note("sending", *key, digest, chat_id, self.memory.newest(chat_id), self.now())

    def note_topic(self, chat_id: int, thread_id: int, asked: float) -> None:
        """A new topic of a group has the number of its first message, which is Telegram's own. `asked`: a time before
        Telegram made it."""
        self.note("topic", chat_id, thread_id, asked)

    def note(self, what: str, *of: Any) -> None:
        self.accepted += what == "accepted"
        self._note_all([[what, *of]])

    def _note_all(self, records: Iterable[Record]) -> None:
        noted = list(records)
        for record in noted:
            self.memory.apply(record)
        if noted and self._file.whole:
            self._file.append(*noted)
        elif noted:
            self._compact()

    def _note_done(self, key: Key) -> None:
        """The record is written with the next one: a process that starts without it drops the key by its update or row,
        which says that it is done."""
        record = ["done", *key]
        self.memory.apply(record)
        self._file.add(record)

    def _compact(self) -> None:
        """Keep only what may be asked for."""
        self.memory.trim()
        self._file.replace([self._heading, *self.memory.records()])
        self._compacted = self._file.size


class Attempt:
    """One try at an update or a notice: each message that an earlier try sent stands for one call of this one. A press
    is answered once in all tries."""

    def __init__(self, resend: Resend, key: Key, *, never_twice: bool = False) -> None:
        self.press_answered = False  # in this try or an earlier one
        self._never_twice = never_twice
        self._resend = resend
        self._memory = resend.memory
        self._key = key
        self._repeatable = list(self._memory.of(key).accepted)
        self._began = resend.now()

    def recall(self, call: Call) -> Answer | None:
        """Telegram's answer to this call in an earlier try."""
        self.press_answered |= isinstance(call.method, AnswerCallbackQuery)
        known = next((one for one in self._repeatable if one[0] == call.digest), None)
        if known is None:
            return None
        self._repeatable.remove(known)
        return _answer(call, known[1])

    async def find(self, call: Call, ask: Ask) -> Answer | None:
        """The message or album, if an earlier try has made it whose answer was lost. Raises ProbeUnanswered, or
        NotConnected or TelegramRetryAfter, when it has to be tried later; PossibleDuplicate when that helps nothing."""
        if call.chat_id is None or not self._memory.is_unconfirmed(self._key, call.digest):
            return None
        while (ids := self._possible_ids(call)) is not None and not self._resend.probe.crowded:
            if wait := self._memory.unsettled(self._key, call.digest):
                await asyncio.sleep(wait)  # Telegram may still be at it, and tells of no end
                continue
            found = await self._search(call, call.chat_id, ids, ask)
            log.info("looked for a message that may have arrived", found=found is not None)
            if found is None:
                self._note("abandoned", call)
                return None
            if set(found) <= set(self._possible_ids(call) or ()):  # another one may have come meanwhile
                made: Result = found if call.count > 1 else found[0]
                self._note("found", call, made)
                return _answer(call, made)
        self._unless_never_twice(call)
        return None

    def begin(self, call: Call) -> None:
        """The call is about to leave. A message that it edits will not show what earlier tries made of it."""
        if call.chat_id is not None:
            self._resend.note_sending(self._key, call.digest, call.chat_id)
        for known in [one for one in self._repeatable if one[1] == call.edits]:
            self._repeatable.remove(known)
            self._resend.note("changed", *self._key, *known)

    def end(self, call: Call, answer: object) -> None:
        """`answer`: of Telegram, or the error."""
        if isinstance(answer, SentMessage):
            self._note("accepted", call, answer.message_id, call.chat_id)
        elif isinstance(answer, list) and call.chat_id is not None:
            self._note("accepted", call, [one.message_id for one in answer], call.chat_id)
        elif answer is True:
            self._note("accepted", call, True, None)
        elif isinstance(answer, ForumTopic):
            self._resend.note_topic(call.values["chat_id"], answer.message_thread_id, self._began)
        elif isinstance(answer, TelegramAPIError) and not _may_have_arrived(answer):
            self._note("rejected", call)

    async def _search(self, call: Call, chat_id: int, ids: list[int], ask: Ask) -> list[int] | None:
        vacant = self._memory.vacant(self._key, call.digest)
        try:
            return await self._resend.probe.run_of_ours(ask, chat_id, ids, vacant, call.count)
        except NotConnected:
            raise
        except TelegramRetryAfter:  # there may never be room for so many questions
            self._abandon(call)
            raise
        except UNANSWERED as error:
            if self._memory.tried_long_enough(self._key, call.digest):
                self._abandon(call)
            raise ProbeUnanswered(method=call.method, message=type(error).__name__) from None

    def _abandon(self, call: Call) -> None:
        """The next try does not look for it, though it may have arrived."""
        self._note("abandoned", call)
        self._unless_never_twice(call)

    def _unless_never_twice(self, call: Call) -> None:
        if self._never_twice:
            raise PossibleDuplicate(method=call.method, message="not to be repeated") from None

    def _possible_ids(self, call: Call) -> list[int] | None:
        return self._memory.possible_ids(self._key, call.digest)

    def _note(self, what: str, call: Call, *more: Any) -> None:
        self._resend.note(what, *self._key, call.digest, *more)


def current_attempt() -> Attempt | None:
    """At the update or notice being worked off; None for what the process says of itself."""
    attempt: Attempt | None = context.current().attempt
    return attempt


def _answer(call: Call, made: Result) -> Answer:
    """An album may have had fewer parts in the earlier try."""
    if made is True:
        return True
    parts = [SentMessage(one) for one in (made if isinstance(made, list) else [made])]
    return parts if call.count > 1 else parts[0]


def _may_have_arrived(error: TelegramAPIError) -> bool:
    never_left = (NotConnected, ProbeUnanswered, TelegramEntityTooLarge)
    lost = isinstance(error, TelegramNetworkError) and not isinstance(error, never_left)
    return lost or isinstance(error, TelegramServerError)


def _this_boot() -> str:
    """The same until the machine starts anew; where it cannot be read, another one each time."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return uuid.uuid4().hex
