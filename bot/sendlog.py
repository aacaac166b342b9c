"""What was sent to Telegram and what it answered, kept over kill -9.

Telegram has no idempotency key. So a message is noted before it leaves, and again when its answer comes. What an
earlier try has said is not said again, and a message of which nothing was heard is looked for first.

It is looked for by its id, and what is found is taken for it. That is right only if all other messages of the bot's
that may have such an id in that chat are known by theirs. So each message of which nothing was heard casts doubt on its
chat, whatever becomes of it, until one that left well after it has got its id. In doubt nothing is looked for, and the
message is said again: a message that comes twice is a nuisance, one that never comes is a loss. Its own earlier copies
are no reason for doubt: whichever is found, it was said. Nor are those of another one that was said again: what is
found may be a needless copy of that one, which may be taken away.

All rests on this: of the bot's own messages with ids above the `after` of one that is looked for, each is accounted
for, or unconfirmed, or in doubt.
"""

from __future__ import annotations

import time
import uuid
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

import structlog

from bot.recordfile import Record, RecordFile

log = structlog.get_logger("sendlog")

AHEAD = 64  # ids after the newest known one: of messages that nobody has told us about
MOST = 400  # ids among which a message is looked for, without those that are known to be others
SETTLED = 2.0  # seconds after which one that left has arrived, or has not
LATE = 120.0  # seconds after which it does not arrive any more, however slow Telegram is
SEARCHED = 60.0  # seconds after which one that nobody can be asked about is said again
OLD = 3600.0  # seconds after which nobody looks for it
FORMAT = 1  # of the file; records of another one mean nothing
LARGE = 100_000  # bytes that a file grows by before it is compacted, at least
_SUPERGROUPS = -1_000_000_000_000

Answer = int | Literal[True]
Kind = Literal["update", "notice"]
Call = tuple[Kind, int, str]  # a key's, and its digest


class Key(NamedTuple):
    """The update that is answered, or the notice that is said."""

    kind: Kind
    id: int


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A message that left for a chat, so many seconds after the machine's start. Its id is greater than `after`; None:
    nobody knows."""

    chat_id: int
    after: int | None
    left: float


@dataclass(slots=True)
class Doubt:
    """A message that nobody looks for any more may still arrive. `said`: another copy of it has."""

    left: float
    said: bool = False


@dataclass(slots=True)
class Sent:
    """By digests of the calls. `accepted`: with the id of the message that was made, else True."""

    accepted: list[tuple[str, Answer]] = field(default_factory=list)
    unconfirmed: dict[str, Unconfirmed] = field(default_factory=dict)


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
        self._taken = 0
        self._heading: Record = ["sent", FORMAT, bot_id, boot or _this_boot()]
        self._begin_anew()
        records = file.read()
        if records[:1] != [self._heading] or not self._replay(records):
            self._begin_anew()
            self._complete_from = now() if file.new else now() + LATE
            self._compact()

    def _begin_anew(self) -> None:
        self._open: dict[Key, Sent] = {}
        self._newest: dict[int, int] = {}  # by numbering
        self._accounted: set[tuple[int, int]] = set()  # numbering and id of messages that are known
        self._pressed: set[tuple[int, int]] = set()  # of the bot's own whose buttons were
        self._doubts: dict[tuple[int, Call], Doubt] = {}  # by chat
        self._marks: defaultdict[int, deque[tuple[float, int]]] = defaultdict(deque)  # when one left, and its id
        self._complete_from = 0.0  # before this what an earlier process sent may arrive, of which nobody knows
        self._compacted = 0  # bytes of the file when it was

    @property
    def taken(self) -> int:
        """How much Telegram has taken since this process began."""
        return self._taken

    def close(self) -> None:
        self._file.close()

    def ids(self, kind: Kind) -> list[int]:
        """Of the updates or notices of which anything is remembered."""
        return [key.id for key in self._open if key.kind == kind]

    async def forget_closed(
        self, kind: Kind, still_open: Callable[[Collection[int]], Awaitable[Collection[int]]]
    ) -> None:
        """`still_open`: which of these ids are those of open updates or notices."""
        known = self.ids(kind)
        left = await still_open(known)
        self.forget(*(Key(kind, one) for one in known if one not in left))

    def expire(self) -> None:
        """Forget what left too long ago, and make the file small."""
        for key, sent in tuple(self._open.items()):
            for digest in [digest for digest, one in sent.unconfirmed.items() if self._is_old(one)]:
                self.note_abandoned(key, digest)
            if not (sent.accepted or sent.unconfirmed):
                self.forget(key)
        if self._file.size > self._compacted:
            self._compact()

    def forget(self, *keys: Key) -> None:
        """They are done: what they said will not be asked for again."""
        for key in keys:
            if key in self._open:
                self._note("done", *key)
        if self._file.size > LARGE + 3 * self._compacted:
            self._compact()

    def note_id(self, chat_id: int, message_id: int, *, theirs: bool) -> None:
        """There is a message with this id: somebody's own, or one of the bot's whose button was pressed, which may be
        unconfirmed.

        It counts from the first message on that was noted: before that one others may stand of which nobody knows.
        """
        numbering = _numbering(chat_id)
        if numbering not in self._newest:
            return
        self._note("theirs" if theirs else "pressed", numbering, message_id)

    def has_said(self, key: Key) -> bool:
        """Whether Telegram has accepted anything of it."""
        return bool(self._sent(key).accepted)

    def can_tell(self, key: Key) -> bool:
        """Whether all that left of it can be looked for."""
        left = [self._possible_ids(key, digest) for digest in self._sent(key).unconfirmed]
        return bool(left) and all(ids is not None and len(ids) <= MOST for ids in left)

    @contextmanager
    def attempt(self, key: Key, *, never_twice: bool = False) -> Iterator[None]:
        """What is sent inside belongs to one try of this update or notice. `never_twice`: rather never."""
        token = _attempt.set(Attempt(self, key, never_twice=never_twice))
        try:
            yield
        finally:
            _attempt.reset(token)

    # What attempts ask and tell

    def is_lost(self, key: Key, digest: str) -> bool:
        return digest in self._sent(key).unconfirmed

    def accepted(self, key: Key) -> list[tuple[str, Answer]]:
        return list(self._sent(key).accepted)

    def possible_ids(self, key: Key, digest: str) -> list[int]:
        return (self._possible_ids(key, digest) or [])[:MOST]  # the likeliest: it left soon after the newest known one

    def may_be_another(self, key: Key, digest: str) -> bool:
        lost = self._sent(key).unconfirmed.get(digest)
        return lost is not None and any(self._doubts_of_others(lost, (*key, digest)))

    def unsettled(self, key: Key, digest: str) -> float:
        lost = self._sent(key).unconfirmed.get(digest)
        return 0.0 if lost is None else max(0.0, lost.left + SETTLED - self._now())

    def tried_long_enough(self, key: Key, digest: str) -> bool:
        lost = self._sent(key).unconfirmed.get(digest)
        return lost is not None and self._now() - lost.left > SEARCHED

    def note_sending(self, key: Key, digest: str, chat_id: int) -> None:
        self._note("sending", *key, digest, chat_id, self._newest.get(_numbering(chat_id)), self._now())

    def note_accepted(self, key: Key, digest: str, answer: Answer, chat_id: int | None) -> None:
        self._taken += 1
        self._note("accepted", *key, digest, answer, chat_id)

    def note_found(self, key: Key, digest: str, message_id: int) -> None:
        self._note("found", *key, digest, message_id)

    def note_changed(self, key: Key, digest: str, message_id: Answer) -> None:
        self._note("changed", *key, digest, message_id)

    def note_rejected(self, key: Key, digest: str) -> None:
        self._note("rejected", *key, digest)

    def note_abandoned(self, key: Key, digest: str) -> None:
        self._note("abandoned", *key, digest)

    # State, by records

    def _note(self, *record: Any) -> None:
        self._apply(list(record))
        if self._file.whole:
            self._file.append(list(record))
        else:
            self._compact()

    def _replay(self, records: list[Record]) -> bool:
        try:
            for record in records:
                self._apply(record)
        except (TypeError, ValueError):
            log.warning("what was sent before cannot be read")
            return False
        return True

    def _apply(self, record: Record) -> None:
        match record:
            case ["theirs", numbering, message_id]:
                self._know(numbering, message_id)
            case ["pressed", numbering, message_id]:
                self._newest[numbering] = max(self._newest.get(numbering, 0), message_id)
                self._pressed.add((numbering, message_id))
            case ["snapshot", newest, accounted, pressed, doubts, complete_from]:
                self._newest, self._complete_from = dict(newest), complete_from
                self._doubts = {(chat_id, tuple(call)): Doubt(left, said) for chat_id, call, left, said in doubts}
                self._accounted, self._pressed = set(map(tuple, accounted)), set(map(tuple, pressed))
            case [what, kind, id_, *rest]:
                self._apply_to(Key(kind, id_), [what, *rest])

    def _apply_to(self, key: Key, record: Record) -> None:
        match record:
            case ["sending", digest, chat_id, after, left]:
                self._give_up(key, digest)
                self._opened(key).unconfirmed[digest] = Unconfirmed(chat_id, after, left)
            case ["accepted", digest, answer, chat_id]:
                self._take(key, digest, answer, chat_id)
            case ["found", digest, message_id]:
                self._find(key, digest, message_id)
            case ["changed", digest, message_id]:
                said = self._opened(key).accepted
                said[:] = [one for one in said if one != (digest, message_id)]
            case ["rejected", digest]:
                self._opened(key).unconfirmed.pop(digest, None)
            case ["abandoned", digest]:
                self._give_up(key, digest)
            case ["done"]:
                self._give_up(key, *self._sent(key).unconfirmed)
                self._open.pop(key, None)

    def _give_up(self, key: Key, *digests: str) -> None:
        for digest in digests:
            lost = self._sent(key).unconfirmed.pop(digest, None)
            if lost is not None:
                self._doubts[lost.chat_id, (*key, digest)] = Doubt(lost.left)

    def _take(self, key: Key, digest: str, answer: Answer, chat_id: int | None) -> None:
        sent = self._opened(key)
        sent.accepted.append((digest, answer))
        message = sent.unconfirmed.pop(digest, None)
        if chat_id is None or message is None:
            return
        if doubt := self._doubts.get((chat_id, (*key, digest))):
            doubt.said = True
        self._account(chat_id, answer, message)

    def _find(self, key: Key, digest: str, message_id: int) -> None:
        """Another copy that says the same, perhaps: in doubt the one that left last may still arrive."""
        sent = self._opened(key)
        sent.accepted.append((digest, message_id))
        lost = sent.unconfirmed.pop(digest, None)
        if lost is None:
            return
        if any(chat_id == lost.chat_id for chat_id, _ in self._doubts):
            self._doubts[lost.chat_id, (*key, digest)] = Doubt(lost.left, said=True)
            self._know(_numbering(lost.chat_id), message_id)
        else:
            self._account(lost.chat_id, message_id, lost)

    def _account(self, chat_id: int, message_id: int, message: Unconfirmed) -> None:
        numbering = _numbering(chat_id)
        if message.left < self._complete_from and numbering not in self._newest:
            return
        self._know(numbering, message_id)
        self._mark(self._marks[numbering], message.left, message_id)
        if self._doubts:
            self._resolve(numbering, message.left)

    def _know(self, numbering: int, message_id: int) -> None:
        self._newest[numbering] = max(self._newest.get(numbering, 0), message_id)
        self._accounted.add((numbering, message_id))

    def _resolve(self, numbering: int, left: float) -> None:
        """Whatever stands in these chats is older than all that will be looked for."""
        over = [where for where, doubt in self._doubts.items() if doubt.left + LATE < left]
        waiting = {one.chat_id for one in self._unconfirmed()} if over else set()
        for chat_id, call in over:
            if _numbering(chat_id) == numbering and chat_id not in waiting:
                del self._doubts[chat_id, call]

    def _mark(self, marks: deque[tuple[float, int]], left: float, message_id: int) -> None:
        """About one a second: what left before such a one has a smaller id."""
        if not marks or left > marks[-1][0] + 1.0:
            marks.append((left, message_id))
        while len(marks) > 1 and marks[0][0] < left - OLD:
            marks.popleft()

    def _possible_ids(self, key: Key, digest: str) -> list[int] | None:
        """In order, and no more than one beyond `MOST`; None when the message cannot be told apart from others."""
        lost = self._sent(key).unconfirmed.get(digest)
        if lost is None or lost.after is None or self._is_old(lost) or self._is_doubtful(lost, (*key, digest)):
            return None
        numbering, in_use = _numbering(lost.chat_id), self._in_use(key, digest)
        between = ((numbering, one) for one in range(lost.after + 1, self._last_id(lost, lost.after) + 1))
        return list(islice((one[1] for one in between if one not in self._accounted and one not in in_use), MOST + 1))

    def _in_use(self, key: Key, digest: str) -> Collection[tuple[int, int]]:
        """A needless copy whose button was pressed may show something else by now. What an update says is safe from
        that: the press waits behind it."""
        return self._pressed if key.kind == "notice" and self.may_be_another(key, digest) else ()

    def _is_doubtful(self, lost: Unconfirmed, call: Call) -> bool:
        unsaid = any(not doubt.said for doubt in self._doubts_of_others(lost, call))
        return unsaid or self._unconfirmed_in(lost.chat_id) > 1

    def _doubts_of_others(self, lost: Unconfirmed, call: Call) -> Iterator[Doubt]:
        return (doubt for (chat_id, of), doubt in self._doubts.items() if chat_id == lost.chat_id and of != call)

    def _last_id(self, lost: Unconfirmed, after: int) -> int:
        numbering = _numbering(lost.chat_id)
        settled = lost.left + SETTLED
        later = (one - 1 for left, one in self._marks[numbering] if left >= settled and one > after)
        return next(later, max(self._newest[numbering], after) + AHEAD)

    def _is_old(self, lost: Unconfirmed) -> bool:
        return self._now() - lost.left >= OLD

    def _unconfirmed_in(self, chat_id: int) -> int:
        return sum(one.chat_id == chat_id for one in self._unconfirmed())

    def _unconfirmed(self) -> Iterator[Unconfirmed]:
        return (one for sent in self._open.values() for one in sent.unconfirmed.values())

    def _sent(self, key: Key) -> Sent:
        return self._open.get(key) or Sent()

    def _opened(self, key: Key) -> Sent:
        return self._open.setdefault(key, Sent())

    def _compact(self) -> None:
        """Keep only what may be asked for."""
        since: dict[int, int] = {}
        for one in self._unconfirmed():
            if one.after is not None:
                numbering = _numbering(one.chat_id)
                since[numbering] = min(since.get(numbering, one.after), one.after)
        for known in (self._accounted, self._pressed):
            known -= {one for one in known if one[0] not in since or one[1] <= since[one[0]]}
        self._file.replace(self._records())
        self._compacted = self._file.size

    def _records(self) -> Iterator[Record]:
        yield self._heading
        newest = list(self._newest.items())
        doubts = [(*where, doubt.left, doubt.said) for where, doubt in self._doubts.items()]
        yield ["snapshot", newest, list(self._accounted), list(self._pressed), doubts, self._complete_from]
        for key, sent in self._open.items():
            for digest, answer in sent.accepted:
                yield ["accepted", *key, digest, answer, None]
            for digest, one in sent.unconfirmed.items():
                yield ["sending", *key, digest, one.chat_id, one.after, one.left]


class Attempt:
    """One try: what earlier ones said is each good for one call of it."""

    def __init__(self, sends: SendLog, key: Key, *, never_twice: bool = False) -> None:
        self.never_twice = never_twice
        self._sends = sends
        self._key = key
        self._repeatable = sends.accepted(key)

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
            self._sends.note_changed(self._key, *said)

    def is_lost(self, digest: str) -> bool:
        """Whether an earlier try sent this and nothing was heard of it."""
        return self._sends.is_lost(self._key, digest)

    def possible_ids(self, digest: str) -> list[int]:
        """Ids that a message may have which an earlier try sent without hearing of it again; none where it cannot be
        told apart from others."""
        return self._sends.possible_ids(self._key, digest)

    def may_be_another(self, digest: str) -> bool:
        """Whether what is found among them may be a needless copy of another message."""
        return self._sends.may_be_another(self._key, digest)

    def unsettled(self, digest: str) -> float:
        """Seconds that such a message may still be on its way."""
        return self._sends.unsettled(self._key, digest)

    def tried_long_enough(self, digest: str) -> bool:
        """Whether nobody shall be asked about the message any more who does not answer."""
        return self._sends.tried_long_enough(self._key, digest)

    def sending(self, digest: str, chat_id: int) -> None:
        """A message is about to leave."""
        self._sends.note_sending(self._key, digest, chat_id)

    def accepted(self, digest: str, answer: Answer, chat_id: int | None) -> None:
        """Telegram has done what it was asked. `chat_id`: where `answer` is the id of a new message."""
        self._sends.note_accepted(self._key, digest, answer, chat_id)

    def found(self, digest: str, message_id: int) -> None:
        """The message has arrived, or another one that is as good."""
        self._sends.note_found(self._key, digest, message_id)

    def rejected(self, digest: str) -> None:
        """The message has surely not arrived, and will not."""
        self._sends.note_rejected(self._key, digest)

    def abandoned(self, digest: str) -> None:
        """Nobody will look for the message any more. It may still arrive."""
        self._sends.note_abandoned(self._key, digest)


_attempt: ContextVar[Attempt] = ContextVar("attempt")


def current_attempt() -> Attempt | None:
    """That of the update or notice being worked off; None for what the process says of itself."""
    return _attempt.get(None)


def _numbering(chat_id: int) -> int:
    """A bot's private chats and small groups share one numbering of messages, a supergroup has its own."""
    return chat_id if chat_id < _SUPERGROUPS else 0


def _this_boot() -> str:
    """The same until the machine starts anew; where nobody says, another one each time."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return uuid.uuid4().hex
