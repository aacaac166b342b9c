"""Trouble with others in an operator's words: told when it begins, once a minute while it goes on, and when it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import structlog
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from services.db.engine import out_of_order

log = structlog.get_logger("trouble")

QUIET = 60  # seconds between two lines with the same words
CALM = 30  # seconds without trouble after which it is over: two processes with one token are answered in turns
CLOSED = (TelegramUnauthorizedError, TelegramNotFound, TelegramConflictError)  # Telegram's no to the bot as such
_AWAY = (TelegramNetworkError, TelegramServerError, *CLOSED)

Tell = Callable[[str], object]


class Trouble:
    """`whom`: with whom it is. Besides the log it is told by `tell`, or by `alert` when it is serious, and its end by
    `all_clear`."""

    def __init__(
        self,
        whom: str,
        tell: Tell | None = None,
        alert: Tell | None = None,
        all_clear: Tell | None = None,
        calm: float = CALM,
    ) -> None:
        self._whom = whom
        self._tell = tell
        self._alert = alert
        self._all_clear = all_clear or tell
        self._calm_after = calm
        self._began: float | None = None
        self._last = 0.0
        self._times = 0
        self._said: dict[str, float] = {}
        self._told = False
        self._calm: asyncio.TimerHandle | None = None

    def met(self, words: str, *, serious: bool = False) -> None:
        """An error of the other side. `serious`: it does not go away by itself."""
        now = self._last = time.monotonic()
        begins = self._began is None
        self._began = now if self._began is None else self._began
        self._times += 1
        self._relax(calm=False)
        if now - self._said.get(words, -QUIET) >= QUIET:
            self._said[words] = now
            log.warning(words, state="begins" if begins else "goes on", times=self._times)
        tell = self._alert if serious else self._tell
        if tell and not self._told:
            self._told = True
            tell(words)

    def met_storage(self, error: Exception) -> bool:
        """Note an error, if it is the database's own. False: it is another one."""
        if out_of_order(error):
            self.met(storage_says(error))
            return True
        return False

    def ended(self) -> None:
        """The other side has answered as it should."""
        if self._began is not None and self._calm is None:
            self._relax(calm=True)

    def close(self) -> None:
        """Nothing more is told by itself."""
        if self._calm is not None:
            self._calm.cancel()

    def _relax(self, *, calm: bool) -> None:
        self.close()
        self._calm = asyncio.get_running_loop().call_later(self._calm_after, self._over) if calm else None

    def _over(self) -> None:
        words, seconds = f"{self._whom} answers again", round(self._last - (self._began or 0.0))
        log.info(words, state="over", seconds=seconds, times=self._times)
        if self._told and self._all_clear:
            self._all_clear(words)
        self._began, self._times, self._told, self._calm = None, 0, False, None


@dataclass(frozen=True, slots=True)
class Troubles:
    """Troubles of one bot, by the other side. Those with Telegram or the database reach no chat while they last."""

    telegram: Trouble
    mail: Trouble
    supplier: Trouble
    provider: Trouble
    database: Trouble

    @classmethod
    def of(cls, tell: Tell, alert: Tell, calm: float) -> Troubles:
        """`tell`: a word into the operator's chat; `alert`: an alert."""
        return cls(
            telegram=Trouble("Telegram", alert=alert, all_clear=tell, calm=calm),
            mail=Trouble("the mail server", tell, calm=calm),
            supplier=Trouble("the supplier's system", tell, calm=calm),
            provider=Trouble("the payment provider", tell, calm=calm),
            database=Trouble("the database", calm=calm),
        )

    def close(self) -> None:
        for one in fields(self):
            getattr(self, one.name).close()


NO_MAIL = "the mail server takes no letters: `check` tells why"


def telegram_says(error: BaseException) -> str:
    """An error of Telegram's in an operator's words."""
    if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
        return "Telegram does not know BOT_TOKEN"
    if isinstance(error, TelegramConflictError):
        of_webhook = "webhook" in error.message.lower()
        return "this token is used with a webhook elsewhere" if of_webhook else "another process polls with this token"
    if isinstance(error, TelegramServerError):
        return "Telegram is out of order"
    return "Telegram cannot be reached, or does not answer in time"


def is_away(error: BaseException) -> bool:
    """Whether Telegram cannot be reached or refuses the bot as such; a body that is too large is refused for itself."""
    return isinstance(error, _AWAY) and not isinstance(error, TelegramEntityTooLarge)


def note_call(trouble: Trouble, error: TelegramAPIError | None) -> None:
    """A call to Telegram has ended."""
    if error is not None and is_away(error):
        trouble.met(telegram_says(error), serious=isinstance(error, CLOSED))
    else:
        trouble.ended()


def storage_says(error: BaseException) -> str:
    """An error of the database in an operator's words."""
    if out_of_order(error):
        return f"the database is in trouble: {getattr(error, 'orig', error)}"
    return f"the database is in trouble: {type(error).__name__}"


class Watched:
    """A port whose failures and times are noted.

    `away`: errors by which that is known; `timed` is told of each call, its end and its seconds.
    """

    def __init__(
        self,
        real: Any,
        trouble: Trouble,
        words: str,
        away: tuple[type[Exception], ...],
        timed: Callable[[str, str, float], None] = lambda *_: None,
    ) -> None:
        self._real, self._trouble, self._words, self._away, self._timed = real, trouble, words, away, timed

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        return partial(self._call, name, found) if asyncio.iscoroutinefunction(found) else found

    async def _call(self, name: str, real: Callable[..., Any], *values: Any, **named: Any) -> Any:
        began, outcome = time.monotonic(), "broken off"
        try:
            result = await real(*values, **named)
            outcome = "answered"
        except self._away:
            outcome = "away"
            self._trouble.met(self._words)
            raise
        except Exception:
            outcome = "refused"
            raise
        finally:
            self._timed(name, outcome, time.monotonic() - began)
            if outcome == "refused" or (outcome == "answered" and result is not False):
                self._trouble.ended()
        return result
