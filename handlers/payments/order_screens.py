"""A payment that was begun: what has become of it, in words and buttons."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton

from handlers.keyboards import Row, button, home_button, rows, url_button
from handlers.payments.callbacks import OnOrder, OrderAction, Pay
from handlers.show import Screen
from handlers.wording import account_title, escape
from locales import N_, _, clock, day, money
from services.accounts.models import Link
from services.payments.models import Order, OrderStatus
from services.payments.states import EXPIRED, NEVER_MADE, PAGE_LIFE, REFUSED

_REASONS = {
    EXPIRED: N_("ссылка больше не действует"),
    NEVER_MADE: N_("платёжная система так и не ответила"),
    REFUSED: N_("платёжная система не приняла запрос, мы уже разбираемся"),
    "insufficient_funds": N_("на карте не хватает денег"),
    "3d_secure_failed": N_("банк не получил подтверждения по коду"),
    "card_expired": N_("срок действия карты истёк"),
    "invalid_card_number": N_("в номере карты ошибка"),
    "invalid_csc": N_("неверный код с обратной стороны карты"),
    "call_issuer": N_("банк отклонил оплату, причину подскажут в самом банке"),
    "issuer_unavailable": N_("банк, который выпустил карту, не отвечает"),
    "payment_method_limit_exceeded": N_("превышен лимит оплат по этой карте или счёту"),
    "payment_method_restricted": N_("операции по этой карте или счёту запрещены"),
    "country_forbidden": N_("карты этой страны не принимаются"),
    "fraud_suspected": N_("платёж показался подозрительным, попробуйте другую карту"),
    "identification_required": N_("кошелёк не подтверждён, нужна карта или другой кошелёк"),
    "internal_timeout": N_("платёжная система не успела ответить"),
    "canceled_by_merchant": N_("оплата отменена нами"),
    "permission_revoked": N_("разрешение на списание отозвано"),
    "unsupported_mobile_operator": N_("этот оператор связи не поддерживается"),
}
_OTHERWISE = N_("банк или платёжная система отклонили оплату")


def reason_words(reason: str) -> str:
    """The provider's word for a cancellation in the customer's."""
    return _(_REASONS.get(reason, _OTHERWISE))


def order(found: Order, link: Link, zone: ZoneInfo) -> Screen:
    words, buttons = _state(found, link, zone)
    text = order_text(account_title(link), found.number, found.kopecks, words)
    return Screen(text, rows(*buttons, [home_button(fresh=True)]))


def order_text(account: str, number: str, kopecks: int, words: str) -> str:
    head = _("{account}\n№ {number}, <b>{sum}</b>").format(account=account, number=escape(number), sum=money(kopecks))
    return f"💳 {head}\n\n{words}"


def _state(found: Order, link: Link, zone: ZoneInfo) -> tuple[str, Iterable[Row]]:
    if found.status is OrderStatus.PAID:
        return _paid(found), []
    if found.status is OrderStatus.CANCELED:
        return not_paid_words(found.reason), [[retry_button(found.key)]]
    if found.dropped:
        words = _("Оплата отменена. Если вы успели заплатить по ссылке, деньги не пропадут: увижу оплату и сообщу.")
        return words, [[button(_("💳 Оплатить"), Pay(link=link.id, fresh=True))]]
    return _waiting(found, zone), link_buttons(found.key, found.url)


def _paid(found: Order) -> str:
    if found.refunded >= found.kopecks:
        return _("Деньги возвращены: {sum}").format(sum=money(found.refunded))
    if found.refunded:
        return _("Возвращено {sum} из {whole}").format(sum=money(found.refunded), whole=money(found.kopecks))
    if found.credited_on:
        return _("✅ Оплачено и зачислено {day}.").format(day=day(found.credited_on))
    return paid_words()


def paid_words() -> str:
    return _("✅ Оплачено, зачислим за 1–3 дня.")


def not_paid_words(reason: str) -> str:
    return _("❌ Не оплачено: {reason}. Деньги не списаны.").format(reason=reason_words(reason))


def _waiting(found: Order, zone: ZoneInfo) -> str:
    if not found.url:
        return _("⏳ Платёжная система отвечает медленно. Пришлю ссылку сюда, как только получу.")
    until = clock(found.created_at + PAGE_LIFE, zone)
    return _("Ссылка действует до {time}. О результате сообщу сам.").format(time=until)


def link_buttons(key: str, url: str | None) -> Iterable[Row]:
    """Under a link, or under the promise of one."""
    if url:
        yield [url_button(_("💳 Перейти к оплате"), url, "primary")]
    check, drop = OnOrder(action=OrderAction.CHECK, key=key), OnOrder(action=OrderAction.DROP, key=key)
    yield [button(_("🔄 Проверить"), check), button(_("Отменить"), drop)]


def retry_button(key: str) -> InlineKeyboardButton:
    return button(_("🔁 Повторить"), OnOrder(action=OrderAction.RETRY, key=key), "primary")
