"""The control API of the provider, `/sandbox/bank/…`, for tests in another process."""

from __future__ import annotations

from itertools import islice
from typing import Final

from aiohttp import web

from sandbox.answers import as_json, json_object, refusing
from sandbox.bank.api import Api
from sandbox.bank.cards import CARDS, GOOD
from sandbox.bank.errors import Refusal
from sandbox.bank.notifications import Notifications
from sandbox.bank.payments import money
from sandbox.bank.till import Till
from sandbox.errors import Refused
from sandbox.faults import Faults
from sandbox.switches import Switches

_NOTIFICATIONS: Final = frozenset({"url", "backoff", "tries", "timeout"})
_SHOP: Final = frozenset({"utility", "fiscalization", "name"})


class Control:
    """Faults, settings, the log, and what people do to payments."""

    def __init__(self, till: Till, api: Api, notifications: Notifications, faults: Faults) -> None:
        self._till = till
        self._api = api
        self._notifications = notifications
        self._faults = faults

    def add_routes(self, app: web.Application) -> None:
        """Serve /sandbox/bank/…"""
        for method, path, handler in (
            ("GET", "payments", self.payments),
            ("POST", r"payments/{payment_id}/{verb:pay|sbp|decline|cancel|refund}", self.act),
            ("GET", "calls", self.calls),
            *Switches(self._faults).routes("faults"),
            ("GET", "settings", self.settings),
            ("PUT", "settings", self.set),
            ("GET", "notifications", self.notifications),
            ("POST", "notifications", self.forge),
            ("POST", "notifications/release", self.release),
        ):
            app.router.add_route(method, f"/sandbox/bank/{path}", refusing(handler, Refused, Refusal))

    async def payments(self, _: web.Request) -> web.Response:
        """All, oldest first, each with what it was asked for with."""
        self._till.expire_due()
        found = [{**one.json(self._till.shop), "asked": one.asked} for one in self._till.payments.values()]
        return as_json(found)

    async def act(self, request: web.Request) -> web.Response:
        """`pay` (`card`), `sbp`, `decline` (`reason`), `cancel`, `refund` (`amount` in kopecks)."""
        given, payment = await json_object(request), self._till.find(request.match_info["payment_id"])
        till, verb = self._till, request.match_info["verb"]
        if verb == "pay":
            card = CARDS.get(given.get("card", GOOD))
            if card is None:
                raise Refused(f"no such card, known: {', '.join(CARDS)}")
            till.pay_by_card(payment, card)
        elif verb == "sbp":
            till.pay_by_sbp(payment)
        elif verb == "decline":
            till.decline(payment, given.get("reason", "general_decline"))
        elif verb == "cancel":
            till.stop(payment)
        else:
            till.refund({"payment_id": payment.id, "amount": money(given.get("amount", payment.left))})
        return as_json(payment.json(till.shop))

    async def calls(self, request: web.Request) -> web.Response:
        """The log of the shop's requests after a number."""
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit()):
            raise Refused("after must be a number")
        calls = self._api.calls
        first = calls[0].seq if calls else 1
        return as_json([one.json() for one in islice(calls, max(int(after) + 1 - first, 0), None)])

    # Settings and notifications

    async def settings(self, _: web.Request) -> web.Response:
        """Of notifications (times in seconds) and of the shop."""
        found = {name: getattr(self._notifications, name) for name in _NOTIFICATIONS}
        return as_json(found | {name: getattr(self._till.shop, name) for name in _SHOP})

    async def set(self, request: web.Request) -> web.Response:
        """Change those that are given."""
        given = await json_object(request)
        if unknown := given.keys() - _NOTIFICATIONS - _SHOP:
            raise Refused(f"unknown settings: {', '.join(sorted(unknown))}")
        for name, value in given.items():
            setattr(self._notifications if name in _NOTIFICATIONS else self._till.shop, name, value)
        return await self.settings(request)

    async def notifications(self, _: web.Request) -> web.Response:
        """All, with how they fared."""
        return as_json([one.json() for one in self._notifications.all])

    async def forge(self, request: web.Request) -> web.Response:
        """Post this body as it is, whatever it says, once; answers with how it fared."""
        found = self._notifications.forge(await request.read(), request.content_type)
        await found.tried.wait()
        return as_json(found.json())

    async def release(self, _: web.Request) -> web.Response:
        """Let those go that wait for a later one."""
        self._notifications.release()
        return as_json({})
