"""The update or notice that is being worked off, for what cannot be handed it: words, new ids, Telegram's session."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple


def _random_id() -> str:
    return secrets.token_urlsafe(9)


class Work(NamedTuple):
    """`language`: of its texts; `new_id`: gives ids, in each try at an update the same ones; `attempt`: remembers what
    earlier tries have sent, None for what the process says of itself; `step`: the name of a message that is the same in
    each try, though its words may have changed since."""

    language: str = "ru"
    new_id: Callable[[], str] = _random_id
    attempt: Any = None
    step: str = ""


_NOTHING = Work()
_work: ContextVar[Work] = ContextVar("work")


def current() -> Work:
    return _work.get(_NOTHING)


def change(**fields: Any) -> None:
    """From here on, in this task."""
    _work.set(current()._replace(**fields))


@contextmanager
def within(**fields: Any) -> Iterator[None]:
    """As long as the block runs; then everything is as before, whatever was changed inside."""
    token = _work.set(current()._replace(**fields))
    try:
        yield
    finally:
        _work.reset(token)
