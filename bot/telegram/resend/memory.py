"""Messages that left for Telegram: which were accepted, which may have arrived, and with which ids.

A message whose answer was lost is looked for by its id, and the message that is found is taken for it. That is right
only if all other messages of the bot's that may have such an id in that chat are known by theirs. So each message
without an answer casts doubt on its chat, whatever becomes of it, until one that left well after it has got its id. In
doubt nothing is looked for, and the message is sent again: a message that comes twice is a nuisance, one that never
comes is a loss. Its own earlier copies are no reason for doubt: whichever is found, it was sent.

All rests on this: of the bot's own messages with ids above the `after` of one that is looked for, each is accounted
for, or unconfirmed, or in doubt.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal, NamedTuple

from bot.telegram.resend.append_log import Record

AHEAD = 64  # ids after the newest known one: of messages whose answers are missing
MOST = 400  # ids among which a message is looked for, without those that are known to be others
_SUPERGROUPS = -1_000_000_000_000

Apply = Callable[..., None]
Kind = Literal["update", "notice"]
Result = int | list[int] | Literal[True]  # ids of the messages that a call made, else True


@dataclass(frozen=True, slots=True)
class ResendLimits:
    """Seconds since a message left, except for the last one."""

    settled: float = 2.0  # after which it has arrived, or has not
    late: float = 120.0  # after which it does not arrive any more, however slow Telegram is
    searched: float = 60.0  # after which it is sent again where the questions about it meet errors
    old: float = 3600.0  # after which it is not looked for any more
    large: int = 100_000  # bytes that a file grows by before it is compacted, at least


class Key(NamedTuple):
    """Of an update that is answered, or a notice that is sent."""

    kind: Kind
    id: int


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A message that left for a chat, so many seconds after the machine's start. Its id is greater than `after`, None
    where no id was known yet. `vacant`: ids at which a search that met an error has not found it."""

    chat_id: int
    after: int | None
    left: float
    vacant: set[int] = field(default_factory=set)


@dataclass(slots=True)
class TryResults:
    """Results of the tries at an update or a notice, by digests of their calls. `waits`: the newest try has begun, and
    no message of it has left."""

    accepted: list[tuple[str, Result]] = field(default_factory=list)
    unconfirmed: dict[str, Unconfirmed] = field(default_factory=dict)
    waits: bool = False

    @property
    def worth_keeping(self) -> bool:
        return bool(self.accepted or self.unconfirmed or self.waits)


class Memory:
    """State, by records. `now`: seconds since the machine began."""

    def __init__(self, now: Callable[[], float], limits: ResendLimits) -> None:
        self.complete_from = 0.0  # before this what an earlier process sent may arrive, without a record
        self._now = now
        self._limits = limits
        self._open: defaultdict[Key, TryResults] = defaultdict(TryResults)
        self._newest: dict[int, int] = {}  # by numbering
        self._accounted: set[tuple[int, int]] = set()  # numbering and id of messages that are known
        self._doubts: dict[tuple[int, Key, str], float] = {}  # by chat and call: when it left
        self._marks: defaultdict[int, deque[tuple[float, int]]] = defaultdict(deque)  # when one left, and its id
        self._events: dict[str, Apply] = {
            "incoming": self._know,
            "topic": self._know_topic,
            "snapshot": self._restore,
        }
        self._events_of_key: dict[str, Apply] = {
            "begun": self._begin,
            "sending": self._leave,
            "accepted": self._accept,
            "found": self._find,
            "changed": self._change,
            "rejected": self._reject,
            "abandoned": self._give_up,
            "done": self._finish,
        }

    # Questions

    @property
    def keys(self) -> tuple[Key, ...]:
        """Of updates and notices of which anything is remembered."""
        return tuple(self._open)

    def __contains__(self, key: Key) -> bool:
        return key in self._open

    def of(self, key: Key) -> TryResults:
        return self._open.get(key) or TryResults()

    def newest(self, chat_id: int) -> int | None:
        """The newest known id of the chat's numbering."""
        return self._newest.get(numbering_of(chat_id))

    def is_unconfirmed(self, key: Key, digest: str) -> bool:
        return digest in self.of(key).unconfirmed

    def unsettled(self, key: Key, digest: str) -> float:
        """Seconds for which the message may still be on its way."""
        lost = self.of(key).unconfirmed.get(digest)
        return 0.0 if lost is None else max(0.0, lost.left + self._limits.settled - self._now())

    def tried_long_enough(self, key: Key, digest: str) -> bool:
        """Whether a message whose questions meet errors is sent again."""
        lost = self.of(key).unconfirmed.get(digest)
        return lost is not None and self._now() - lost.left > self._limits.searched

    def too_old(self, key: Key) -> list[str]:
        """Digests of messages that are not looked for any more."""
        return [digest for digest, one in self.of(key).unconfirmed.items() if self._is_old(one)]

    def can_find_all(self, key: Key) -> bool:
        left = [self._possible_ids(key, digest) for digest in self.of(key).unconfirmed]
        return bool(left) and all(ids is not None and len(ids) <= MOST for ids in left)

    def vacant(self, key: Key, digest: str) -> set[int]:
        """Ids among them at which earlier searches have not found it; others may be added."""
        lost = self.of(key).unconfirmed.get(digest)
        return set() if lost is None else lost.vacant

    def possible_ids(self, key: Key, digest: str) -> list[int] | None:
        """Of the message, in order; an empty list when it has not arrived, None when it cannot be told apart from
        others."""
        ids = self._possible_ids(key, digest)
        return None if ids is None else ids[:MOST]  # the likeliest: it left soon after the newest known one

    def _possible_ids(self, key: Key, digest: str) -> list[int] | None:
        """In order, and no more than one beyond `MOST`; None when the message cannot be told apart from others."""
        lost = self.of(key).unconfirmed.get(digest)
        if lost is None or lost.after is None or self._is_old(lost) or self._is_doubtful(lost, key, digest):
            return None
        numbering = numbering_of(lost.chat_id)
        between = range(lost.after + 1, self._last_id(lost, lost.after) + 1)
        return list(islice((one for one in between if (numbering, one) not in self._accounted), MOST + 1))

    def _is_doubtful(self, lost: Unconfirmed, key: Key, digest: str) -> bool:
        another = any(chat_id == lost.chat_id and (of, call) != (key, digest) for chat_id, of, call in self._doubts)
        return another or self._unconfirmed_in(lost.chat_id) > 1

    def _last_id(self, lost: Unconfirmed, after: int) -> int:
        numbering = numbering_of(lost.chat_id)
        settled = lost.left + self._limits.settled
        later = (one - 1 for left, one in self._marks[numbering] if left >= settled and one > after)
        return next(later, max(self._newest[numbering], after) + AHEAD)

    def _is_old(self, lost: Unconfirmed) -> bool:
        return self._now() - lost.left >= self._limits.old

    def _unconfirmed_in(self, chat_id: int) -> int:
        return sum(one.chat_id == chat_id for one in self._unconfirmed())

    def _unconfirmed(self) -> Iterator[Unconfirmed]:
        return (one for progress in self._open.values() for one in progress.unconfirmed.values())

    # Events

    def apply(self, record: Record) -> None:
        """Raises KeyError, TypeError or ValueError for a record of another version."""
        what, *of = record
        if event := self._events.get(what):
            event(*of)
        else:
            kind, id_, *more = of
            self._events_of_key[what](Key(kind, id_), *more)

    def _restore(self, newest: list[Any], accounted: list[Any], doubts: list[Any], complete_from: float) -> None:
        self._newest, self.complete_from = dict(newest), complete_from
        self._doubts = {(chat_id, Key(kind, id_), digest): left for chat_id, kind, id_, digest, left in doubts}
        self._accounted = set(map(tuple, accounted))

    def _begin(self, key: Key) -> None:
        self._open[key].waits = True

    def _leave(self, key: Key, digest: str, chat_id: int, after: int | None, left: float) -> None:
        self._give_up(key, digest)
        progress = self._open[key]
        progress.waits = False
        progress.unconfirmed[digest] = Unconfirmed(chat_id, after, left)

    def _reject(self, key: Key, digest: str) -> None:
        self._open[key].unconfirmed.pop(digest, None)

    def _change(self, key: Key, digest: str, message_id: int) -> None:
        accepted = self._open[key].accepted
        accepted[:] = [one for one in accepted if one != (digest, message_id)]

    def _finish(self, key: Key) -> None:
        self._give_up(key, *self.of(key).unconfirmed)
        self._open.pop(key, None)

    def _give_up(self, key: Key, *digests: str) -> None:
        for digest in digests:
            lost = self.of(key).unconfirmed.pop(digest, None)
            if lost is not None:
                self._doubts[lost.chat_id, key, digest] = lost.left

    def _accept(self, key: Key, digest: str, result: Result, chat_id: int | None) -> None:
        progress = self._open[key]
        progress.accepted.append((digest, result))
        message = progress.unconfirmed.pop(digest, None)
        if chat_id is not None and message is not None:
            self._account(chat_id, result, message)

    def _find(self, key: Key, digest: str, found: int | list[int]) -> None:
        """It, or an earlier copy of it: then the one that left last may still arrive."""
        progress = self._open[key]
        progress.accepted.append((digest, found))
        lost = progress.unconfirmed.pop(digest, None)
        if lost is None:
            return
        if (doubt := (lost.chat_id, key, digest)) in self._doubts:
            self._doubts[doubt] = lost.left
            self._know(numbering_of(lost.chat_id), found)
        else:
            self._account(lost.chat_id, found, lost)

    def _account(self, chat_id: int, made: int | list[int], message: Unconfirmed) -> None:
        numbering = numbering_of(chat_id)
        if message.left < self.complete_from and numbering not in self._newest:
            return
        self._know(numbering, made)
        self._mark(self._marks[numbering], message.left, made[-1] if isinstance(made, list) else made)
        if self._doubts:
            self._resolve(numbering, message.left)

    def _know_topic(self, chat_id: int, message_id: int, asked: float) -> None:
        """A new topic is a message of its group, often the first one. Earlier ones of this process have smaller ids, or
        are without an answer; those of an earlier process may still be arriving."""
        numbering = numbering_of(chat_id)
        if asked >= self.complete_from or numbering in self._newest:
            self._know(numbering, message_id)

    def _know(self, numbering: int, made: int | list[int]) -> None:
        for message_id in made if isinstance(made, list) else [made]:
            self._newest[numbering] = max(self._newest.get(numbering, 0), message_id)
            self._accounted.add((numbering, message_id))

    def _resolve(self, numbering: int, left: float) -> None:
        """Copies that stand in these chats are older than all messages that will be looked for."""
        over = [doubt for doubt, since in self._doubts.items() if since + self._limits.late < left]
        open_chats = {one.chat_id for one in self._unconfirmed()} if over else set()
        for doubt in over:
            if numbering_of(doubt[0]) == numbering and doubt[0] not in open_chats:
                del self._doubts[doubt]

    def _mark(self, marks: deque[tuple[float, int]], left: float, message_id: int) -> None:
        """About one a second: what left before such a one has a smaller id."""
        if not marks or left > marks[-1][0] + 1.0:
            marks.append((left, message_id))
        while len(marks) > 1 and marks[0][0] < left - self._limits.old:
            marks.popleft()

    # Records

    def trim(self) -> None:
        """Keep only ids that may be asked for."""
        since: dict[int, int] = {}
        for one in self._unconfirmed():
            if one.after is not None:
                numbering = numbering_of(one.chat_id)
                since[numbering] = min(since.get(numbering, one.after), one.after)
        self._accounted = {one for one in self._accounted if one[0] in since and one[1] > since[one[0]]}

    def records(self) -> Iterator[Record]:
        """From which all this can be made again."""
        newest = list(self._newest.items())
        doubts = [(chat_id, *key, digest, left) for (chat_id, key, digest), left in self._doubts.items()]
        yield ["snapshot", newest, list(self._accounted), doubts, self.complete_from]
        for key, progress in self._open.items():
            if progress.waits:
                yield ["begun", *key]
            for digest, result in progress.accepted:
                yield ["accepted", *key, digest, result, None]
            for digest, one in progress.unconfirmed.items():
                yield ["sending", *key, digest, one.chat_id, one.after, one.left]


def numbering_of(chat_id: int) -> int:
    """A bot's private chats and small groups share one numbering of messages, a supergroup has its own."""
    return chat_id if chat_id < _SUPERGROUPS else 0
