"""How fast the bot may speak.

Telegram takes about 30 messages a second in all, one a second in a chat and 20 a minute in a group, and answers
429 to the rest. Live answers go first and are not held up for each other; many in one chat come at its own pace.
Unasked messages take the places that live answers leave, and mass messages keep some free while people talk. Where
unasked messages have filled Telegram's second, a live answer gets the next place in it. Against payment Telegram takes
a thousand mass messages a second, which do not count among the others then.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from services.notices.models import Urgency

UNASKED = 28  # a second; the rest is for live answers
BULK = 25
PAID = 970  # the network bunches them
MOST, MOST_PAID = 30, 1000  # that Telegram takes a second
CATCHING_UP = 0.075  # seconds of the pace, at most, that are made up for at once
ROOM = 5  # places a second, at most, that mass messages keep free while people talk
TALKING = 3.0  # seconds for which one stays free after a live call
SHIFT = 0.025  # seconds by which the network may bring two messages nearer that are a second apart
CHAT_PAUSE = 1.05  # seconds between messages in one chat; a little more, for the network shifts them
GROUP_PER_MINUTE = 18
LIVELY = 10  # calls in one chat that may follow each other as fast as answers are asked for
OWN_BURST = 5  # calls in one chat that may follow each other faster than by its pauses
WARY = 60.0  # seconds after a refusal during which its chat is spoken to at Telegram's own pace


@dataclass(slots=True)
class _Pace:
    """`limit`: messages a second that Telegram takes; `second`: its second as seen from here. `leaves`: moments at
    which the newest have left or will; `asked`: those at which the newest live calls were asked for; `unasked`: the one
    at which the last unasked message left."""

    limit: int
    second: float
    leaves: deque[float] = field(init=False)
    asked: deque[float] = field(default_factory=lambda: deque(maxlen=ROOM))
    unasked: float = -1.0

    def __post_init__(self) -> None:
        self.leaves = deque(maxlen=self.limit)

    def kept_free(self, now: float) -> int:
        """Places a second for the next live calls: one for each within the last `TALKING` seconds, `ROOM` at most."""
        return sum(at > now - TALKING for at in self.asked)

    def until_free(self, places: int, now: float) -> float:
        """Seconds until so many places are free in Telegram's second."""
        standing = self.limit - places + 1
        return max(0.0, self.leaves[-standing] + self.second - now) if len(self.leaves) >= standing else 0.0


class RateLimiter:
    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        chat_pause: float = CHAT_PAUSE,
        bulk: int = BULK,
        *,
        paid: bool = False,
        limit: int = MOST,
    ) -> None:
        """`bulk`: mass messages a second. `paid`: they are paid for, and take no places from the others. `limit`:
        messages a second that are not paid for and that Telegram takes."""
        self._paid = paid
        self._most = dict.fromkeys(Urgency, UNASKED) | {Urgency.BULK: min(bulk, PAID)}
        paid_for, others = _Pace(MOST_PAID, MOST_PAID / PAID), _Pace(limit, 1.0 + SHIFT)
        self._paces = {True: paid_for, False: others}
        self._gap = {urgency: self._gap_of(urgency) for urgency in Urgency}
        self._due = dict.fromkeys(Urgency, -1.0)  # moments at which the last unasked ones were to leave
        self._now = now
        self._chat_pause = chat_pause
        self._sent: deque[tuple[float, int]] = deque()
        self._chats: defaultdict[int, list[float]] = defaultdict(list)  # most hold one moment
        self._taken: set[int] = set()  # chats whose place is taken by something that has not left yet
        self._held: dict[int, float] = {}
        self._wondered_at: dict[int, float] = {}  # those held that had not been spoken to too often
        self._refused: dict[int, float] = {}
        self._all_held = 0.0

    def is_paid(self, urgency: Urgency) -> bool:
        """Whether unasked messages of this urgency are paid for."""
        return self._paid and urgency is Urgency.BULK

    def _pace(self, urgency: Urgency) -> _Pace:
        return self._paces[self.is_paid(urgency)]

    def _gap_of(self, urgency: Urgency) -> float:
        """Seconds between two unasked messages. At Telegram's own pace a little more, as the network may bring them
        nearer."""
        pace = self._pace(urgency)
        return max(1.0 / self._most[urgency], pace.second / pace.limit)

    def rate(self, urgency: Urgency) -> float:
        """Unasked messages a second, at most."""
        return 1.0 / self._gap[urgency]

    @property
    def bulk_while_people_talk(self) -> float:
        """Mass messages a second, before the places that answers themselves take."""
        rate = self.rate(Urgency.BULK)
        return rate if self._paid else min(rate, self._pace(Urgency.BULK).limit - ROOM)

    def take(self, chat_id: int, urgency: Urgency) -> None:
        """Something unasked goes out to this chat now. Its first call is counted with it."""
        now, pace, gap = self._now(), self._pace(urgency), self._gap[urgency]
        spare = pace.limit - self._most[urgency] - 1  # may leave together: Telegram has room for them
        self._due[urgency] = max(self._due[urgency] + gap, now - min(CATCHING_UP, max(1, spare) * gap))
        pace.unasked = now
        self._count(chat_id, now, pace)
        self._taken.add(chat_id)

    def release(self, chat_id: int) -> None:
        """The unasked thing has gone out, or does not."""
        self._taken.discard(chat_id)

    def reserve(self, chat_id: int, count: int = 1) -> float:
        """Places for a call that makes so many messages in this chat; seconds until it may leave.

        The first message of something unasked has its place already. A live call waits for places that unasked
        messages have filled, not for those of other live ones.
        """
        has_place = chat_id in self._taken
        self._taken.discard(chat_id)
        if has_place and count == 1:
            return 0.0
        now, pace = self._now(), self._paces[False]
        filled = max(0.0, pace.unasked + pace.second - now)  # seconds for which an unasked message stands in Telegram's
        wait = min(filled, pace.until_free(count, now))
        if has_place:  # an album, unasked as a whole: its place may be over when it leaves
            pace.unasked = max(pace.unasked, now + wait)
        else:
            pace.asked.append(now)
        for _ in range(count):
            self._count(chat_id, now + wait, pace)
        return wait

    def _count(self, chat_id: int, at: float, pace: _Pace) -> None:
        """A message that leaves at this moment."""
        self._forget(self._now())
        pace.leaves.append(at)
        self._sent.append((at, chat_id))
        self._chats[chat_id].append(at)

    def hold(self, chat_id: int, seconds: float) -> None:
        """Telegram asked for patience in this chat. When it asks in a second one meanwhile, it means everybody; but
        not where the chat itself was spoken to too often."""
        now = self._now()
        self._forget(now)
        self._held[chat_id] = max(self._held.get(chat_id, 0.0), now + seconds)
        self._refused[chat_id] = now
        if self.too_fast(chat_id):
            return
        if any(chat != chat_id for chat in self._wondered_at):
            self._all_held = max(self._all_held, now + seconds)
        self._wondered_at[chat_id] = self._held[chat_id]

    def rest(self, chat_id: int, seconds: float) -> None:
        """Leave this chat alone, which has nothing to do with others."""
        self._held[chat_id] = max(self._held.get(chat_id, 0.0), self._now() + seconds)

    def wake(self, chat_id: int) -> None:
        """End a rest of this chat."""
        self._held.pop(chat_id, None)

    def too_fast(self, chat_id: int, burst: int = OWN_BURST) -> bool:
        """Whether the last `burst` calls in this chat were too many for their time."""
        sent = self._chats.get(chat_id, ())
        return len(sent) >= burst and sent[-burst] > self._now() - burst * self._chat_pause

    def wait_when_lively(self, chat_id: int, burst: int = LIVELY) -> float:
        """Seconds until the next answer in this chat, if it has got `burst` faster than at Telegram's pace; else 0."""
        return self.wait_in(chat_id) if self.too_fast(chat_id, burst) else 0.0

    def wait_to_answer(self, chat_id: int) -> float:
        """Seconds until the next of many answers may be given in this chat: Telegram's pace once it has refused one."""
        self._forget(self._now())
        return self.wait_in(chat_id) if chat_id in self._refused else 0.0

    def wait(self, urgency: Urgency) -> float:
        """Seconds until anything of this urgency may be said to anybody; 0 is now."""
        now = self._now()
        self._forget(now)
        pace = self._pace(urgency)
        free = 1 + (pace.kept_free(now) if urgency is Urgency.BULK else 0)
        apart = self._due[urgency] + self._gap[urgency] - now  # nearly evenly, for the network bunches them
        return max(0.0, pace.until_free(free, now), apart, self._all_held - now)

    def wait_in(self, chat_id: int) -> float:
        """Seconds until something unasked may be said in this chat; 0 is now."""
        now = self._now()
        self._forget(now)
        sent = self._chats.get(chat_id, ())
        after_last = sent[-1] + self._chat_pause - now if sent else 0.0
        full = sent[-GROUP_PER_MINUTE] + 60.0 - now if chat_id < 0 and len(sent) >= GROUP_PER_MINUTE else 0.0
        return max(0.0, after_last, full, self._held.get(chat_id, 0.0) - now)

    def _forget(self, now: float) -> None:
        """Nothing older than a minute matters."""
        while self._sent and self._sent[0][0] <= now - 60.0:
            _, chat_id = self._sent.popleft()
            self._chats[chat_id].pop(0)
            if not self._chats[chat_id]:
                del self._chats[chat_id]
        if self._refused or self._held:
            self._held = {chat_id: until for chat_id, until in self._held.items() if until > now}
            self._wondered_at = {chat_id: until for chat_id, until in self._wondered_at.items() if until > now}
            self._refused = {
                chat_id: at for chat_id, at in self._refused.items() if at > now - WARY or chat_id in self._held
            }
