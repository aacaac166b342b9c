"""How fast the bot may speak.

Telegram takes about 30 messages a second in all, one a second in a chat and 20 a minute in a group, and answers
429 to the rest. Live answers go first and are not held up for each other; many in one chat come at its own pace.
Unasked messages take the room that they leave, and mass messages leave some while people talk; where they have filled
Telegram's second, a live answer gets the next place in it. Against payment Telegram takes a thousand mass messages a
second, which do not count among the others then.
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
ROOM = 5  # a second, at most, that mass messages leave to live answers while people talk
TALKING = 3.0  # seconds for which they do after a live answer
SHIFT = 0.025  # seconds by which the network may bring two messages nearer that are a second apart
_SECOND = 1.0 + SHIFT  # Telegram's, as seen from here
CHAT_PAUSE = 1.05  # seconds between messages in one chat; a little more, for the network shifts them
GROUP_PER_MINUTE = 18
LIVELY = 10  # calls in one chat that may follow each other as fast as answers are asked for
OWN_BURST = 5  # calls in one chat that may follow each other faster than by its pauses
WARY = 60.0  # seconds after a refusal during which its chat is spoken to at Telegram's own pace


@dataclass(slots=True)
class _Pace:
    """Moments of the newest messages, of the live answers among them, and the one at which the last unasked one was to
    go out."""

    sent: deque[float] = field(default_factory=lambda: deque(maxlen=PAID))
    live: deque[float] = field(default_factory=lambda: deque(maxlen=ROOM))
    unasked: float = -1.0

    def room(self, now: float) -> int:
        """Messages a second that are left to live answers now."""
        return sum(at > now - TALKING for at in self.live)

    def until(self, count: int, second: float, now: float) -> float:
        """Seconds until fewer than `count` have left within the last `second`."""
        return max(0.0, self.sent[-count] + second - now) if len(self.sent) >= count else 0.0


class RateLimiter:
    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        chat_pause: float = CHAT_PAUSE,
        bulk: int = BULK,
        *,
        paid: bool = False,
    ) -> None:
        """`bulk`: mass messages a second. `paid`: they are paid for, and take no room from the others."""
        self._paid = paid
        self._most = dict.fromkeys(Urgency, UNASKED) | {Urgency.BULK: min(bulk, PAID)}
        own = 0 if paid else self._most[Urgency.BULK]  # a Telegram of one's own may take more
        self._limits = {True: MOST_PAID, False: max(MOST, own)}  # a second, paid for or not
        self._gap = {urgency: self._gap_of(urgency) for urgency in Urgency}
        self._now = now
        self._chat_pause = chat_pause
        self._sent: deque[tuple[float, int]] = deque()
        self._paces = {True: _Pace(), False: _Pace()}  # of messages that are paid for, and of the others
        self._chats: defaultdict[int, deque[float]] = defaultdict(deque)
        self._taken: set[int] = set()  # chats whose place is taken by something that has not left yet
        self._held: dict[int, float] = {}
        self._wondered_at: dict[int, float] = {}  # those held that had not been spoken to too often
        self._refused: dict[int, float] = {}
        self._all_held = 0.0

    def is_paid(self, urgency: Urgency) -> bool:
        """Whether unasked messages of this urgency are paid for."""
        return self._paid and urgency is Urgency.BULK

    def _limit(self, urgency: Urgency) -> int:
        """Messages a second that Telegram takes."""
        return self._limits[self.is_paid(urgency)]

    def _gap_of(self, urgency: Urgency) -> float:
        """Seconds between two unasked messages. At Telegram's own pace a little more, as the network may bring them
        nearer."""
        return max(1.0 / self._most[urgency], _SECOND / self._limit(urgency))

    def rate(self, urgency: Urgency) -> float:
        """Unasked messages a second, at most."""
        return 1.0 / self._gap[urgency]

    def take(self, chat_id: int, urgency: Urgency) -> None:
        """Something unasked goes out to this chat now. Its first call is counted with it."""
        paid, gap = self.is_paid(urgency), self._gap[urgency]
        spare = self._limit(urgency) - self._most[urgency] - 1  # may leave together: Telegram has room for them
        pace = self._paces[paid]
        pace.unasked = max(pace.unasked + gap, self._now() - min(CATCHING_UP, max(1, spare) * gap))
        self._count(chat_id, paid=paid)
        self._taken.add(chat_id)

    def release(self, chat_id: int) -> None:
        """The unasked thing has gone out, or does not."""
        self._taken.discard(chat_id)

    def note(self, chat_id: int) -> float:
        """A message goes out to this chat, after as many seconds: 0 is now. A live answer waits for its place where
        unasked messages have filled Telegram's second, which make way for it from then on."""
        if chat_id in self._taken:
            self._taken.discard(chat_id)
            return 0.0
        now, pace = self._now(), self._paces[False]
        filled = pace.unasked > now - _SECOND
        wait = min(_SECOND, pace.until(self._limits[False], _SECOND, now)) if filled else 0.0
        pace.live.append(now)
        self._count(chat_id, wait)
        return wait

    def _count(self, chat_id: int, wait: float = 0.0, *, paid: bool = False) -> None:
        """A message that leaves after so many seconds."""
        now = self._now()
        self._forget(now)
        self._paces[paid].sent.append(now + wait)
        self._sent.append((now + wait, chat_id))
        self._chats[chat_id].append(now + wait)

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
        most, gap, pace = self._most[urgency], self._gap[urgency], self._paces[self.is_paid(urgency)]
        second = most * gap  # and a little more, as in the gap
        if urgency is Urgency.BULK:
            most = min(most, self._limit(urgency) - pace.room(now))
        full = pace.until(most, second, now)
        apart = pace.unasked + gap - now  # nearly evenly, for the network bunches them
        return max(0.0, full, apart, self._all_held - now)

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
            self._chats[chat_id].popleft()
            if not self._chats[chat_id]:
                del self._chats[chat_id]
        if self._refused or self._held:
            self._held = {chat_id: until for chat_id, until in self._held.items() if until > now}
            self._wondered_at = {chat_id: until for chat_id, until in self._wondered_at.items() if until > now}
            self._refused = {
                chat_id: at for chat_id, at in self._refused.items() if at > now - WARY or chat_id in self._held
            }
