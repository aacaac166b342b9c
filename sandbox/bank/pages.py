"""The payment page for a person in a browser: `/pay/{payment}`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape
from typing import Final

from aiohttp import web

from sandbox.bank.cards import CARDS, Card, Typed
from sandbox.bank.errors import NotFound
from sandbox.bank.look import button, field, result, roubles, screen
from sandbox.bank.payments import Payment
from sandbox.bank.till import Till
from sandbox.errors import Refused
from sandbox.links import leads_to

Handler = Callable[[web.Request, Payment], Awaitable[web.Response]]

REASONS: Final = {
    "3d_secure_failed": "Банк не подтвердил, что платите вы.",
    "insufficient_funds": "На карте не хватает денег.",
    "expired_on_confirmation": "Время на оплату вышло.",
    "expired_on_capture": "Магазин не принял платёж вовремя, деньги вернулись вам.",
    "canceled_by_merchant": "Магазин отменил платёж, деньги вернулись вам.",
}
_OTHER_REASON: Final = "Платёж отклонён."


class Pages:
    """Pages of the payer. `bot` is the username whose t.me links lead to the chat page of the same server."""

    def __init__(self, till: Till, bot: str | None) -> None:
        self._till = till
        self._bot = bot

    def add_routes(self, app: web.Application) -> None:
        """Serve the page and its steps."""
        for method, path, handler in (
            ("GET", "", self.show),
            ("POST", "/card", self.card),
            ("GET", "/3ds", self.ask_bank),
            ("POST", "/3ds", self.answer_bank),
            ("GET", "/sbp", self.ask_app),
            ("POST", "/sbp", self.answer_app),
            ("POST", "/decline", self.decline),
        ):
            app.router.add_route(method, "/pay/{payment_id}" + path, self._about_payment(handler))

    def _about_payment(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Unknown payments say so; what can no longer be done leads to the payment as it is."""

        async def handle(request: web.Request) -> web.Response:
            try:
                payment = self._till.find(request.match_info["payment_id"])
                return await handler(request, payment)
            except NotFound:
                words = "Проверьте ссылку или создайте платёж в магазине ещё раз."
                return screen("Платёж не найден", result("?", "", "Такого платежа нет", words), 404)
            except Refused:
                return _to(payment)

        return handle

    async def show(self, request: web.Request, payment: Payment) -> web.Response:
        """The form, or how it ended."""
        if payment.status != "pending":
            return screen("Оплата", _ended(payment) + self._back(payment, "Вернуться в магазин", "button"))
        chosen = CARDS.get(request.query.get("card", ""))
        typed = Typed(_spaced(chosen), "12/30", "123") if chosen else Typed()
        return self._form(payment, typed, {})

    async def card(self, request: web.Request, payment: Payment) -> web.Response:
        """Pay by the card that was typed in."""
        given = await request.post()
        typed = Typed(*(str(given.get(name, "")) for name in ("number", "expiry", "csc")))
        if mistakes := typed.mistakes(self._till.now().date()):
            return self._form(payment, typed, mistakes)
        card, expires = typed.card, typed.expires()
        assert card is not None  # noqa: S101 - no mistakes
        assert expires is not None  # noqa: S101
        self._till.offer_card(payment, card, *expires)
        return _to(payment, "/3ds" if payment.status == "pending" else "")

    async def ask_bank(self, _: web.Request, payment: Payment) -> web.Response:
        """The page of the card's bank."""
        if payment.status != "pending" or payment.method is None:
            return _to(payment)
        last4 = payment.method["card"]["last4"]
        return screen(
            "Подтверждение банка", _step("Банк просит подтвердить оплату", f"Карта •••• {last4}", payment, "3ds")
        )

    async def answer_bank(self, request: web.Request, payment: Payment) -> web.Response:
        """The 3-D Secure step is passed or refused."""
        if await _agreed(request):
            self._till.confirm(payment)
        else:
            self._till.decline(payment, "3d_secure_failed")
        return _to(payment)

    async def ask_app(self, _: web.Request, payment: Payment) -> web.Response:
        """The bank's app, which a person reaches by button or QR code."""
        if payment.status != "pending" or not payment.allows("sbp", self._till.shop):
            return _to(payment)
        words = "Система быстрых платежей"
        return screen("Приложение банка", _step("Приложение вашего банка", words, payment, "sbp"))

    async def answer_app(self, request: web.Request, payment: Payment) -> web.Response:
        """Paid or refused in the bank's app."""
        if await _agreed(request):
            self._till.pay_by_sbp(payment)
        else:
            self._till.decline(payment)
        return _to(payment)

    async def decline(self, _: web.Request, payment: Payment) -> web.Response:
        """The person does not want to pay."""
        self._till.decline(payment)
        return _to(payment)

    def _form(self, payment: Payment, typed: Typed, mistakes: dict[str, str]) -> web.Response:
        shop = self._till.shop
        card, sbp = payment.allows("bank_card", shop), payment.allows("sbp", shop)
        parts = [
            f'<div class="shop"><span class="mark" aria-hidden="true">⚡</span><h1>{escape(shop.name)}</h1></div>',
            f'<p class="sum">{roubles(payment.amount)}</p>',
            f'<p class="quiet">{escape(payment.asked.get("description", ""))}</p>',
            _card_form(payment, typed, mistakes) if card else "",
            '<p class="or">или</p>' if card and sbp else "",
            _app_link(payment) if sbp else "",
            button(f"/pay/{payment.id}/decline", "Отказаться от оплаты", "plain"),
            self._back(payment, "Вернуться в магазин без оплаты", "button plain"),
            _samples(payment, opened="number" in mistakes) if card else "",
        ]
        return screen(f"Оплата {roubles(payment.amount)}", "".join(parts))

    def _back(self, payment: Payment, words: str, kind: str) -> str:
        link = leads_to(payment.return_url or "", self._bot)
        return f'<a class="{kind}" href="{escape(link)}">{words}</a>' if link else ""


def _ended(payment: Payment) -> str:
    total = f'<span class="sum">{roubles(payment.amount)}</span>'
    if payment.status == "canceled":
        reason = (payment.cancellation or {}).get("reason", "")
        title = "Срок оплаты истёк" if reason == "expired_on_confirmation" else "Оплата не прошла"
        kept = "Деньги не списаны." if payment.authorized is None else ""
        return result("✕", "bad", title, REASONS.get(reason, _OTHER_REASON), kept)
    if payment.status == "waiting_for_capture":
        return result("⏳", "", "Деньги зарезервированы", total, "Магазин подтвердит платёж или вернёт деньги.")
    back = f"Возвращено {roubles(payment.refunded)}." if payment.refunded else ""
    return result("✓", "good", "Оплачено", total, _how(payment), back)


def _how(payment: Payment) -> str:
    method = payment.method or {}
    return f"Карта •••• {method['card']['last4']}" if "card" in method else "Через СБП"


def _card_form(payment: Payment, typed: Typed, mistakes: dict[str, str]) -> str:
    number = field(
        *("number", "Номер карты", typed.number, mistakes.get("number")),
        inputmode="numeric", autocomplete="cc-number", maxlength="23", placeholder="0000 0000 0000 0000",
    )  # fmt: skip
    expiry = field(
        *("expiry", "Срок действия", typed.expiry, mistakes.get("expiry")),
        inputmode="numeric", autocomplete="cc-exp", maxlength="9", placeholder="ММ/ГГ",
    )  # fmt: skip
    csc = field(
        *("csc", "Код с оборота", typed.csc, mistakes.get("csc")),
        inputmode="numeric", autocomplete="cc-csc", maxlength="4", placeholder="CVC",
    )  # fmt: skip
    return (
        f'<h2>Банковская карта</h2><form method="post" action="/pay/{payment.id}/card" novalidate>'
        f'{number}<div class="pair">{expiry}{csc}</div>'
        f'<button class="button">Оплатить {roubles(payment.amount)}</button></form>'
    )


def _app_link(payment: Payment) -> str:
    words = 'Оплатить через СБП<span class="quiet">в приложении банка</span>'
    return f'<a class="button second" href="/pay/{payment.id}/sbp">{words}</a>'


def _samples(payment: Payment, *, opened: bool) -> str:
    lines = "".join(
        f'<li><a href="/pay/{payment.id}?card={card.number}"><b>{_spaced(card)}</b>'
        f'<span class="quiet">{_fate(card)}</span></a></li>'
        for card in CARDS.values()
    )
    return f"<details{' open' if opened else ''}><summary>Карты для пробы</summary><ul>{lines}</ul></details>"


def _fate(card: Card) -> str:
    if card.refusal is not None:
        return f"не пройдёт: {REASONS[card.refusal].rstrip('.').lower()}"
    return "пройдёт, банк попросит подтвердить" if card.secure else "пройдёт"


def _spaced(card: Card) -> str:
    return " ".join(card.number[start : start + 4] for start in range(0, len(card.number), 4))


def _step(title: str, words: str, payment: Payment, step: str) -> str:
    action = f"/pay/{payment.id}/{step}"
    return (
        f'<h1>{title}</h1><p class="sum">{roubles(payment.amount)}</p><p class="quiet">{words}</p>'
        + button(action, "Подтвердить оплату", agree="yes")
        + button(action, "Отклонить", "second", agree="no")
        + f'<a class="button plain" href="/pay/{payment.id}">Назад к выбору способа</a>'
    )


async def _agreed(request: web.Request) -> bool:
    return (await request.post()).get("agree") == "yes"


def _to(payment: Payment, step: str = "") -> web.Response:
    return web.Response(status=303, headers={"Location": f"/pay/{payment.id}{step}"})
