from __future__ import annotations

from zoneinfo import ZoneInfo

from handlers.callbacks import Go, Place
from handlers.emails.callbacks import RemoveEmail
from handlers.keyboards import button, home_button, rows
from handlers.show import Screen
from handlers.wording import email_shown, masked
from locales import N_, _, moment
from services.customers.letter_links import Opened
from services.customers.models import EmailRequest

_OPENED = {
    Opened.CONFIRMED: N_("✅ Адрес {address} подтверждён."),
    Opened.ENDED: N_("Эта ссылка больше не действует: после неё вы указали другой адрес или удалили этот."),
    Opened.GONE: N_("Эта ссылка больше не действует: она работает 24 часа. Запросите новое письмо."),
    Opened.FOREIGN: N_(
        "Эта ссылка не ваша: письмо запросил другой человек, и подтвердить адрес может только он. Ничего не изменилось."
    ),
}


def email(confirmed: str | None, pending: EmailRequest | None, zone: ZoneInfo) -> Screen:
    """At least one of them is there."""
    parts = [_("📧 <b>Почта</b>")]
    if confirmed:
        parts.append(_("✅ {address}, подтверждён").format(address=email_shown(masked(confirmed))))
    if pending:
        text = _(
            "⏳ {address} ждёт подтверждения. Откройте ссылку из письма на устройстве, где у вас Telegram, "
            "до {moment}. Письма нет — проверьте папку «Спам»."
        )
        shown = text.format(address=email_shown(masked(pending.address)), moment=moment(pending.expires_at, zone))
        parts.append(shown)
    return Screen(
        "\n\n".join(parts),
        rows(
            [button(_("🔁 Отправить письмо ещё раз"), Go(to=Place.EMAIL_AGAIN))] if pending else [],
            [
                button(_("✏️ Другой адрес"), Go(to=Place.EMAIL_ASK)),
                button(_("🗑 Удалить"), Go(to=Place.EMAIL_REMOVE), "danger"),
            ],
            [button(_("Назад"), Go(to=Place.SETTINGS)), home_button()],
        ),
    )


def ask_address() -> Screen:
    text = _(
        "📧 <b>Почта</b>\n\nПришлите адрес, например maria@mail.ru. Я отправлю на него письмо со ссылкой: "
        "когда вы её откроете, адрес заработает."
    )
    return Screen(text, rows([button(_("Назад"), Go(to=Place.SETTINGS)), home_button()]))


def confirm_removal(address: str, draft: str, *, receipts: bool) -> Screen:
    """`receipts`: they come to this address, and go on doing so."""
    text = _("Удалить адрес {address}? Письма на него больше не придут.")
    still = _("Удалить адрес {address}? Придут на него только квитанции: их отключают в «Доставке квитанций».")
    return Screen(
        (still if receipts else text).format(address=email_shown(masked(address))),
        rows(
            [button(_("Да, удалить"), RemoveEmail(draft=draft), "danger")],
            [button(_("Нет, оставить"), Go(to=Place.EMAIL))],
        ),
    )


def opened(what: Opened, address: str) -> Screen:
    """The result of a link; a new letter is at hand where it was in vain."""
    text = _(_OPENED[what]).format(address=email_shown(masked(address)))
    return Screen(text, rows([button(_("📧 Почта"), Go(to=Place.EMAIL))], [home_button()]))
