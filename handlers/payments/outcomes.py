"""A payment's link and its end in words: under its sum, where the order is shown, and in a message of its own."""

from __future__ import annotations

from handlers.wording import escape
from locales import N_, _, day, money
from services.notices.catalog import OrderNotice
from services.payments.models import Order
from services.payments.states import EXPIRED, NEVER_MADE, REFUSED

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


# Under the sum


def paid(found: Order) -> str:
    if found.refunded >= found.kopecks:
        return _("Деньги возвращены: {sum}").format(sum=money(found.refunded))
    if found.refunded:
        return _("Возвращено {sum} из {whole}").format(sum=money(found.refunded), whole=money(found.kopecks))
    if found.credited_on:
        return _("✅ Оплачено и зачислено {day}.").format(day=day(found.credited_on))
    return just_paid()


def on_paper(found: Order) -> str:
    """The same in a fact of a paper."""
    if found.refunded >= found.kopecks:
        return _("деньги возвращены: {sum}").format(sum=money(found.refunded))
    if found.refunded:
        return _("возвращено {sum} из {whole}").format(sum=money(found.refunded), whole=money(found.kopecks))
    if found.credited_on:
        return _("зачислено {day}").format(day=day(found.credited_on))
    return _("получено, зачислим за 1–3 дня")


def just_paid() -> str:
    return _("✅ Оплачено, зачислим за 1–3 дня.")


def not_paid(reason: str) -> str:
    return _("❌ Не оплачено: {reason}. Деньги не списаны.").format(reason=_reason(reason))


# In a message of its own, each named as its notice


def order_paid(facts: OrderNotice) -> str:
    text = _("✅ Оплата <b>{sum}</b> получена, зачислим за 1–3 дня.\n№ {number}, счёт …{tail}")
    if facts.day:
        text = _("✅ Оплата <b>{sum}</b> от {day} получена, зачислим за 1–3 дня.\n№ {number}, счёт …{tail}")
    return _about(text, facts)


def order_declined(facts: OrderNotice) -> str:
    return _about(_("❌ Оплата <b>{sum}</b> не прошла: {reason}. Деньги не списаны.\n№ {number}, счёт …{tail}"), facts)


def order_expired(facts: OrderNotice) -> str:
    text = _("⌛ Ссылка на оплату <b>{sum}</b> больше не действует, деньги не списаны.\n№ {number}, счёт …{tail}")
    return _about(text, facts)


def order_refunded(facts: OrderNotice) -> str:
    text = _("↩️ Возвращено <b>{sum}</b> по оплате № {number}, счёт …{tail}. Деньги придут туда, откуда вы платили.")
    return _about(text, facts)


def order_link(facts: OrderNotice) -> str:
    return _about(_("💳 Ссылка на оплату <b>{sum}</b> готова.\n№ {number}, счёт …{tail}"), facts)


def _about(text: str, facts: OrderNotice) -> str:
    return text.format(
        sum=money(facts.kopecks),
        number=escape(facts.number),
        tail=facts.tail,
        reason=_reason(facts.reason),
        day=day(facts.day) if facts.day else "",
    )


def _reason(reason: str) -> str:
    """The provider's word for a cancellation in the customer's."""
    return _(_REASONS.get(reason, _OTHERWISE))
