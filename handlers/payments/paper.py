"""The paper of a payment, for PDF and e-mail."""

from __future__ import annotations

from handlers.payments import outcomes
from locales import _, current, day, moment, money
from services.payments.papers import PaidOrder
from services.ports import Sheet
from services.supplier.profile import SupplierProfile


def paper(paid: PaidOrder, profile: SupplierProfile) -> Sheet:
    order = paid.order
    whole = len(paid.account) > len(order.tail)
    account = paid.account if whole else _("оканчивается на {tail}").format(tail=order.tail)
    return Sheet(
        title=_("Оплата электроэнергии"),
        issuer=profile.name,
        facts=(
            (_("Номер"), order.number),
            (_("Лицевой счёт"), account),
            (_("Сумма"), money(order.kopecks)),
            (_("Оплачено"), moment(order.settled_at or order.created_at, paid.zone)),
            (_("Способ"), _("онлайн, через платёжную систему")),
            (_("Состояние"), outcomes.on_paper(order)),
        ),
        columns=(),
        rows=(),
        total="",
        note=_note(paid),
        footer=f"{profile.phone} · {profile.site}",
        language=current(),
    )


def _note(paid: PaidOrder) -> str:
    if paid.fiscal:
        return _(
            "Это подтверждение оплаты, а не кассовый чек. Кассовый чек (54-ФЗ) платёжная система отправляет на e-mail, "
            "указанный при оплате."
        )
    return _("Это подтверждение оплаты, а не кассовый чек.")


def file_name(paid: PaidOrder) -> str:
    return _("Оплата {number} от {day}.pdf").format(number=paid.order.number, day=_day(paid))


def subject(paid: PaidOrder) -> str:
    return _("Оплата № {number} от {day}").format(number=paid.order.number, day=_day(paid))


def _day(paid: PaidOrder) -> str:
    return day(paid.order.paid_on(paid.zone))
