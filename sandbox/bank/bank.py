"""The payment provider in one piece, within another process."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.bank.api import Api, Call
from sandbox.bank.cards import CARDS, GOOD
from sandbox.bank.control import Control
from sandbox.bank.faults import KINDS
from sandbox.bank.keeping import Keeping
from sandbox.bank.notifications import Notifications
from sandbox.bank.office import Office
from sandbox.bank.pages import Pages
from sandbox.bank.payments import Payment, Refund, Shop, money
from sandbox.bank.till import Till
from sandbox.faults import Faults
from sandbox.state import Json


class Bank:
    """`bank.add_routes(sandbox.app)` before the server starts serves `{sandbox.url}/yookassa/v3` and `/pay/{id}`.

    `clock` says what time it is for the provider, aware. Whoever moves it calls `expire_due` then. `bot` is the
    username whose t.me links lead to the chat page of the same server. Payments are kept in `file`, if there is one.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        shop: Shop | None = None,
        bot: str | None = None,
        file: Path | None = None,
    ) -> None:
        self.shop = shop or Shop()
        self.clock = clock
        self.faults = Faults(lambda: clock().timestamp(), kinds=KINDS)
        self.notifications = Notifications(self.faults)
        self.till = Till(self.shop, clock, self._tell)
        self._api = Api(self.till, self.faults, self._changed)
        self._parts = (
            self._api,
            Pages(self.till, bot),
            Office(self.till, self.notifications, self.faults),
            Control(self.till, self._api, self.notifications, self.faults),
        )
        self._keeping = Keeping(self.till, self._api, file) if file else None
        self._alarm: asyncio.TimerHandle | None = None

    def add_routes(self, app: web.Application) -> None:
        """Serve everything; ends with the app."""
        for part in self._parts:
            part.add_routes(app)
        app.on_startup.append(self._open)
        app.on_cleanup.append(self._close)

    async def _open(self, _: web.Application) -> None:
        self._set_alarm()

    async def _close(self, _: web.Application) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        await self.notifications.close()

    def _tell(self, event: str, about: Json) -> None:
        self.notifications.send(event, about)
        self._changed()

    def _changed(self) -> None:
        if self._keeping is not None:
            self._keeping.write()
        self._set_alarm()

    def _ring(self) -> None:
        self.till.expire_due()
        self._set_alarm()

    def _set_alarm(self) -> None:
        """Payments expire even when nobody asks for them. A clock that a test moves needs `expire_due`."""
        if self._alarm is not None:
            self._alarm.cancel()
        dues = [due for one in self.till.payments.values() if (due := one.due(self.shop)) is not None]
        if dues:
            left = (min(dues) - self.clock()).total_seconds()
            self._alarm = asyncio.get_running_loop().call_later(max(left, 0.0), self._ring)

    # For tests in the same process. What a person or an operator does returns when each notification about it
    # has been tried once, has been kept back by a fault, or has nowhere to go.

    @property
    def payments(self) -> list[Payment]:
        """All of them, oldest first, as they are at this moment."""
        self.till.expire_due()
        return list(self.till.payments.values())

    @property
    def refunds(self) -> list[Refund]:
        """All of them, oldest first."""
        return list(self.till.refunds.values())

    @property
    def calls(self) -> deque[Call]:
        """Requests of the shop, in order."""
        return self._api.calls

    def notify_to(self, url: str | None) -> None:
        """Where notifications go from now on; nowhere at first."""
        self.notifications.url = url

    async def pay(self, payment_id: str, card: str = GOOD, *, sbp: bool = False) -> Payment:
        """Pay by a test card (its 3-D Secure step included, and what it refuses is canceled) or by СБП."""
        payment = self.till.find(payment_id)
        if sbp:
            self.till.pay_by_sbp(payment)
        else:
            self.till.pay_by_card(payment, CARDS[card])
        await self.tried()
        return payment

    async def decline(self, payment_id: str, reason: str = "general_decline") -> Payment:
        """Cancel a pending payment as the payment network does."""
        payment = self.till.find(payment_id)
        self.till.decline(payment, reason)
        await self.tried()
        return payment

    async def refund(self, payment_id: str, kopecks: int | None = None) -> Refund:
        """Give back all that is left, or a part."""
        amount = money(self.till.find(payment_id).left if kopecks is None else kopecks)
        refund = self.till.refund({"payment_id": payment_id, "amount": amount})
        await self.tried()
        return refund

    async def expire_due(self) -> None:
        """Cancel what has waited too long by the clock."""
        self.till.expire_due()
        await self.tried()

    async def tried(self) -> None:
        """Return when every notification that is under way has been tried once."""
        waits: list[Any] = [one.tried.wait() for one in self.notifications.all if not one.tried.is_set()]
        await asyncio.gather(*waits)
