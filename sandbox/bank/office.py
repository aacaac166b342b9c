"""The provider's side of the play, `/bank`: payments as a merchant's cabinet shows them, and what can befall them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from html import escape
from typing import Any, Final

from aiohttp import web

from sandbox.bank.errors import Refusal
from sandbox.bank.look import roubles
from sandbox.bank.notifications import Notification, Notifications
from sandbox.bank.payments import Payment, money
from sandbox.bank.till import Till
from sandbox.errors import Refused
from sandbox.faults import Faults
from sandbox.html import page

_REFRESH: Final = 5  # seconds between looks at the list
_STATUSES: Final = {
    "pending": "ждёт оплаты",
    "waiting_for_capture": "деньги зарезервированы",
    "succeeded": "оплачен",
    "canceled": "отменён",
}
_STATES: Final = {
    "waiting": "в пути",
    "held": "задержано до следующего",
    "delivered": "доставлено",
    "given up": "не доставлено",
    "lost": "потеряно",
    "nowhere": "некуда слать",
}
_TROUBLES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "notification_loss": ("Терять", {}),
    "notification_repeat": ("Повторять трижды", {"times": 3}),
    "notification_delay": ("Задерживать на 10 секунд", {"seconds": 10.0}),
    "notification_reorder": ("Менять местами с последующим", {}),
}


class Office:
    """The page on which the operator of the play sees payments and presses."""

    def __init__(self, till: Till, notifications: Notifications, faults: Faults) -> None:
        self._till = till
        self._notifications = notifications
        self._faults = faults

    def add_routes(self, app: web.Application) -> None:
        """Serve /bank."""
        app.router.add_get("/bank", self.show)
        app.router.add_get("/bank/settings", self.show_settings)
        app.router.add_post("/bank/settings", self.set)
        for verb, act in (("refund", self._refund), ("cancel", self._till.stop), ("notify", self._notify)):
            app.router.add_post(f"/bank/{{payment_id}}/{verb}", self._pressed(act))

    async def show(self, _: web.Request) -> web.Response:
        """Payments, newest first."""
        self._till.expire_due()
        found = "".join(self._shown(one) for one in reversed(self._till.payments.values()))
        top = '<p><a href="/bank/settings">Настройки уведомлений</a></p>'
        body = found or "<p>Платежей пока нет.</p>"
        return page("Платежи песочницы", top + body, refresh=_REFRESH, forms=True)

    def _shown(self, payment: Payment) -> str:
        sent = "".join(f"<p>{escape(_told(one))}</p>" for one in self.about(payment))
        what = escape(payment.asked.get("description") or "без назначения")
        return (
            f"<article><h2>{roubles(payment.amount)} · {escape(_state(payment))}</h2>"
            f'<p><a href="/pay/{payment.id}">{what}</a></p>'
            f'<p class="quiet">{payment.created.astimezone():%d.%m.%Y %H:%M:%S}, № {payment.id}</p>'
            f"{sent}{self._buttons(payment)}</article>"
        )

    def _buttons(self, payment: Payment) -> str:
        shown = {
            "refund": ("Вернуть деньги", payment.left > 0),
            "cancel": ("Отменить", payment.status in {"pending", "waiting_for_capture"}),
            "notify": ("Прислать уведомление ещё раз", bool(self.about(payment))),
        }
        return "".join(
            f'<form class="inline" method="post" action="/bank/{payment.id}/{verb}"><button>{words}</button></form>'
            for verb, (words, possible) in shown.items()
            if possible
        )

    def about(self, payment: Payment) -> list[Notification]:
        """Its notifications, those of its refunds among them."""
        ids = {payment.id, *(one.id for one in self._till.refunds.values() if one.payment_id == payment.id)}
        return [one for one in self._notifications.all if one.object_id in ids]

    def _pressed(self, act: Callable[[Payment], object]) -> Callable[[web.Request], Awaitable[web.Response]]:
        """An action that is no longer possible since the page was loaded does nothing."""

        async def handle(request: web.Request) -> web.Response:
            with suppress(Refusal, Refused):
                act(self._till.find(request.match_info["payment_id"]))
            raise web.HTTPSeeOther("/bank")

        return handle

    def _refund(self, payment: Payment) -> None:
        self._till.refund({"payment_id": payment.id, "amount": money(payment.left)})

    def _notify(self, payment: Payment) -> None:
        if found := self.about(payment):
            self._notifications.repeat(found[-1])

    # Settings of notifications

    async def show_settings(self, _: web.Request) -> web.Response:
        """Where notifications go, and what happens to them on the way."""
        on = {one["kind"] for one in self._faults.json()}
        boxes = "".join(
            f'<label><input type="checkbox" name="{kind}"{" checked" if kind in on else ""}> {words}</label>'
            for kind, (words, _) in _TROUBLES.items()
        )
        body = (
            '<p><a href="/bank">← Все платежи</a></p><form method="post" action="/bank/settings">'
            '<label class="over">Адрес, куда слать <input type="url" name="url" '
            f'value="{escape(self._notifications.url or "")}"></label>{boxes}<button>Сохранить</button></form>'
        )
        return page("Уведомления магазину", body, forms=True)

    async def set(self, request: web.Request) -> web.Response:
        """Exactly these; faults of other kinds stay."""
        given = await request.post()
        self._notifications.url = str(given.get("url", "")).strip() or None
        for kind, (_, settings) in _TROUBLES.items():
            self._faults.clear(kind)
            if kind in given:
                self._faults.add(kind, **settings)
        if "notification_reorder" not in given:
            self._notifications.release()
        raise web.HTTPSeeOther("/bank/settings")


def _state(payment: Payment) -> str:
    words = _STATUSES[payment.status]
    if payment.cancellation is not None:
        words += f": {payment.cancellation['reason']}"
    if payment.refunded:
        words += f", возвращено {roubles(payment.refunded)}"
    return words


def _told(notification: Notification) -> str:
    answers = ", ".join(notification.answers)
    return f"{notification.event}: {_STATES[notification.state]}" + (f" ({answers})" if answers else "")
