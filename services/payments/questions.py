"""Questions to the payment provider that may be asked now: one about an order at a time, a few for one person, and
none that notifications ask for again and again in vain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from services.payments.models import Order

AT_ONCE = 20  # orders that the clock asks about at the same time
OF_ONE = 5  # of them of one person: their slow ones must not take every place
NOTIFIED = 4  # orders that notifications ask about at the same time: customers' own questions never wait behind them
_FIRST_REST = timedelta(seconds=5)
_LONGEST_REST = timedelta(minutes=10)
_KEPT = 1000  # rests


class ProviderQuestions:
    """In memory only: after a restart everything may be asked about again.

    A notification is not signed, so a stranger with an order's id may send any number about it. One that brought news
    was true. After one that did not, notifications about its order rest for a while, each time for longer.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._asking: dict[str, Order] = {}
        self._by_notifications: set[str] = set()
        self._noted: set[str] = set()
        self._rests: dict[str, tuple[datetime, timedelta]] = {}

    @contextmanager
    def asking(self, order: Order) -> Iterator[None]:
        """While it is being asked about."""
        self._asking[order.key] = order
        try:
            yield
        finally:
            del self._asking[order.key]

    def room_for(self, due: Iterable[Order]) -> list[Order]:
        """Orders of `due` that there are places for, in their order."""
        taken: list[Order] = []
        for order in due:
            held = [*self._asking.values(), *taken]
            if len(held) - len(self._by_notifications) >= self._at_once:
                break
            of_one = sum(_person(one) == _person(order) for one in held)
            if order.key not in self._asking and of_one < OF_ONE:
                taken.append(order)
        return taken

    def note_notification(self, key: str) -> None:
        """There has been a notification about an order."""
        self._noted.add(key)

    def pop_note(self, key: str) -> bool:
        """Whether there has been one since it was last asked about; it is not remembered any longer."""
        found = key in self._noted
        self._noted.discard(key)
        return found

    def under_way(self, key: str) -> bool:
        return key in self._asking

    @contextmanager
    def asking_on_notification(self, order: Order) -> Iterator[None]:
        """While it is being asked about because of a notification."""
        self._by_notifications.add(order.key)
        try:
            with self.asking(order):
                yield
        finally:
            self._by_notifications.discard(order.key)

    def worth_asking(self, key: str, now: datetime) -> bool:
        """Whether a notification about an order is worth a question now."""
        return len(self._by_notifications) < NOTIFIED and self.rests_until(key, now) <= now

    def rests_until(self, key: str, now: datetime) -> datetime:
        """When a notification about it will be worth a question."""
        return self._rests.get(key, (now, _FIRST_REST))[0]

    def note_answer(self, key: str, now: datetime, *, news: bool) -> None:
        """The question after a notification has an answer, or none; `news`: the order has changed."""
        _, last = self._rests.pop(key, (now, _FIRST_REST / 2))
        if not news:
            rest = min(2 * last, _LONGEST_REST)
            self._rests[key] = (now + rest, rest)
        if len(self._rests) > _KEPT:
            self._rests = {name: rest for name, rest in self._rests.items() if rest[0] > now}


def _person(order: Order) -> int | str:
    return order.user_id or order.account
