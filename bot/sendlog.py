"""What was sent to Telegram and what it answered, kept over kill -9.

Telegram has no idempotency key. So a message is noted before it leaves, and again when its answer comes. What an
earlier try has said is not said again, and a message of which nothing was heard is looked for first.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import structlog

from bot import sends
from bot.recordfile import Record, RecordFile
from bot.sends import Answer, Key, Kind, Sends

log = structlog.get_logger("sendlog")

FORMAT = 2  # of the file; records of another one mean nothing
LARGE = 100_000  # bytes that a file grows by before it is compacted, at least


class SendLog:
    """Of one bot, while the machine runs: after a power cut newest records may be missing, and nothing counts.

    The file holds what is open, the newest ids, which chats are in doubt, and what was done in the last minute.
    """

    def __init__(
        self, file: RecordFile, bot_id: int, boot: str | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        """`boot`: the machine's present run, this one when left out; `now`: seconds since it began."""
        self._file = file
        self._now = now
        self._heading: Record = ["sent", FORMAT, bot_id, boot or _this_boot()]
        self._compacted = 0  # bytes of the file when it was
        self.taken = 0  # by Telegram since this process began
        self.known = Sends(now)
        records = file.read()
        if records[:1] != [self._heading] or not self._replay(records[1:]):
            self.known = Sends(now)
            self.known.complete_from = now() if file.new else now() + sends.LATE
            self._compact()

    def _replay(self, records: list[Record]) -> bool:
        try:
            for record in records:
                self.known.apply(record)
        except (TypeError, ValueError):
            log.warning("what was sent before cannot be read")
            return False
        return True

    def close(self) -> None:
        self._file.close()

    def ids(self, kind: Kind) -> list[int]:
        """Of the updates or notices of which anything is remembered."""
        return [key.id for key in self.known.keys if key.kind == kind]

    async def forget_closed(
        self, kind: Kind, still_open: Callable[[Collection[int]], Awaitable[Collection[int]]]
    ) -> None:
        """`still_open`: which of these ids are those of open updates or notices."""
        known = self.ids(kind)
        left = await still_open(known)
        self.forget(*(Key(kind, one) for one in known if one not in left))

    def expire(self) -> None:
        """Forget what left too long ago, and make the file small."""
        for key in self.known.keys:
            for digest in self.known.too_old(key):
                self.note("abandoned", *key, digest)
            sent = self.known.of(key)
            if not (sent.accepted or sent.unconfirmed):
                self.forget(key)
        if self._file.size > self._compacted:
            self._compact()

    def forget(self, *keys: Key) -> None:
        """They are done: what they said will not be asked for again."""
        for key in keys:
            if key in self.known:
                self.note("done", *key)
        if self._file.size > LARGE + 3 * self._compacted:
            self._compact()

    def has_said(self, key: Key) -> bool:
        """Whether Telegram has accepted anything of it."""
        return bool(self.known.of(key).accepted)

    def can_tell(self, key: Key) -> bool:
        """Whether all that left of it can be looked for."""
        return self.known.can_tell(key)

    @contextmanager
    def attempt(self, key: Key, *, never_twice: bool = False) -> Iterator[None]:
        """What is sent inside belongs to one try of this update or notice. `never_twice`: rather never."""
        token = _attempt.set(Attempt(self, key, never_twice=never_twice))
        try:
            yield
        finally:
            _attempt.reset(token)

    def note_id(self, chat_id: int, message_id: int) -> None:
        """A person's own message has this id.

        It counts from the first message on that was noted: before that one others may stand of which nobody knows.
        """
        if self.known.newest(chat_id) is not None:
            self.note("theirs", sends.numbering_of(chat_id), message_id)

    def note_sending(self, key: Key, digest: str, chat_id: int) -> None:
        self.note("sending", *key, digest, chat_id, self.known.newest(chat_id), self._now())

    def note(self, what: str, *of: Any) -> None:
        self.taken += what == "accepted"
        self.known.apply([what, *of])
        if self._file.whole:
            self._file.append([what, *of])
        else:
            self._compact()

    def _compact(self) -> None:
        """Keep only what may be asked for."""
        self.known.trim()
        self._file.replace([self._heading, *self.known.records()])
        self._compacted = self._file.size


class Attempt:
    """One try at an update or a notice: each message that an earlier try sent stands for one call of this one. A press
    is answered once in all tries."""

    def __init__(self, send_log: SendLog, key: Key, *, never_twice: bool = False) -> None:
        self.never_twice = never_twice
        self.press_answered = False  # in this try or an earlier one
        self._log = send_log
        self._sends = send_log.known
        self._key = key
        self._repeatable = list(self._sends.of(key).accepted)

    def recall(self, digest: str) -> Answer | None:
        """What Telegram answered when an earlier try said this."""
        known = next((said for said in self._repeatable if said[0] == digest), None)
        if known is None:
            return None
        self._repeatable.remove(known)
        return known[1]

    def changing(self, message_id: int) -> None:
        """A message is about to change: what else earlier tries made of it will not stand there any more."""
        for said in [one for one in self._repeatable if one[1] == message_id]:
            self._repeatable.remove(said)
            self._log.note("changed", *self._key, *said)

    def is_lost(self, digest: str) -> bool:
        """Whether an earlier try sent this and nothing was heard of it."""
        return self._sends.is_lost(self._key, digest)

    def possible_ids(self, digest: str) -> list[int]:
        """Ids that a message may have which an earlier try sent without hearing of it again; none where it cannot be
        told apart from others."""
        return self._sends.possible_ids(self._key, digest)

    def vacant(self, digest: str) -> set[int]:
        """Those of them at which earlier searches have not found it."""
        return self._sends.vacant(self._key, digest)

    def unsettled(self, digest: str) -> float:
        """Seconds that such a message may still be on its way."""
        return self._sends.unsettled(self._key, digest)

    def tried_long_enough(self, digest: str) -> bool:
        """Whether nobody shall be asked about the message any more who does not answer."""
        return self._sends.tried_long_enough(self._key, digest)

    def sending(self, digest: str, chat_id: int) -> None:
        """A message is about to leave."""
        self._log.note_sending(self._key, digest, chat_id)

    def accepted(self, digest: str, answer: Answer, chat_id: int | None) -> None:
        """Telegram has done what it was asked. `chat_id`: where `answer` is the id of a new message."""
        self._log.note("accepted", *self._key, digest, answer, chat_id)

    def found(self, digest: str, message_id: int) -> None:
        """The message has arrived, or another one that is as good."""
        self._log.note("found", *self._key, digest, message_id)

    def rejected(self, digest: str) -> None:
        """The message has surely not arrived, and will not."""
        self._log.note("rejected", *self._key, digest)

    def abandoned(self, digest: str) -> None:
        """Nobody will look for the message any more. It may still arrive."""
        self._log.note("abandoned", *self._key, digest)


_attempt: ContextVar[Attempt] = ContextVar("attempt")


def current_attempt() -> Attempt | None:
    """That of the update or notice being worked off; None for what the process says of itself."""
    return _attempt.get(None)


def _this_boot() -> str:
    """The same until the machine starts anew; where nobody says, another one each time."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return uuid.uuid4().hex
