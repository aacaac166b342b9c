"""Notices about a customer's e-mail address: letters to it, and messages about them."""

from __future__ import annotations

from typing import Final

from handlers.callbacks import Go, Place
from handlers.keyboards import button, home_button, rows
from handlers.letters import letter
from handlers.notices import LetterText, Making, Words
from handlers.payments.callbacks import OnOrder, OrderAction
from handlers.show import Screen
from handlers.submissions.callbacks import OnSubmission, SubmissionAction
from handlers.wording import email_shown, masked
from locales import N_, _
from services.customers.letter_links import LetterLinks
from services.notices.catalog import (
    AddressChanged,
    AddressChangedLetter,
    AddressRemovedLetter,
    ConfirmationLetter,
    LetterUndelivered,
)
from services.notices.models import Refusal
from services.notices.ports import LetterLink
from services.supplier.profile import SupplierProfile

CONFIRMATION = "eml_"  # how the payload of a letter's link begins
words = Words()

_REFUSED: Final = {
    Refusal.NO_MAILBOX: N_("✉️ Письмо на {address} не доставлено: такого ящика нет. Проверьте адрес."),
    Refusal.FULL: N_("✉️ Письмо на {address} не доставлено: ящик переполнен. Освободите место или укажите другой."),
    Refusal.SPAM: N_(
        "✉️ Письмо на {address} не доставлено: почта получателя его не пропустила, так бывает из-за защиты от спама. "
        "Укажите другой адрес."
    ),
    Refusal.TOO_LARGE: N_(
        "✉️ Письмо на {address} не доставлено: почта получателя не принимает такие большие письма. Укажите другой адрес."
    ),
}
_NOT_DELIVERED: Final = N_("✉️ Письмо на {address} не доставлено. Проверьте адрес.")


@words.text(LetterUndelivered)
def undelivered(facts: LetterUndelivered) -> Screen:
    text = _(_REFUSED.get(facts.refusal, _NOT_DELIVERED) if facts.refusal else _NOT_DELIVERED)
    elsewhere = button(_("✏️ Изменить адрес"), Go(to=Place.DELIVERY if facts.receipts else Place.EMAIL))
    if facts.submission:
        again = OnSubmission(key=facts.submission, action=SubmissionAction.MAIL, fresh=True)
        elsewhere = button(_("✉️ Отправить на другой адрес"), again)
    elif facts.order:
        elsewhere = button(_("✉️ Отправить на другой адрес"), OnOrder(key=facts.order, action=OrderAction.MAIL))
    return Screen(text.format(address=email_shown(masked(facts.address))), rows([elsewhere], [home_button(fresh=True)]))


@words.text(AddressChanged)
def changed(facts: AddressChanged) -> Screen:
    text = _("📧 Адрес почты в ваших настройках заменён. Если это сделали не вы, проверьте настройки и позвоните нам.")
    return Screen(text, rows([home_button(fresh=True)]))


@words.made(ConfirmationLetter)
async def confirmation(facts: ConfirmationLetter, making: Making) -> LetterText:
    profile, token = making.use(SupplierProfile), making.use(LetterLinks).token(making.user_id, facts.request)
    asked = _(
        "Этот адрес указали в боте компании {name}. Чтобы подтвердить его, откройте ссылку на устройстве, где у вас "
        "Telegram, и нажмите «Запустить»."
    )
    link = LetterLink(_("Подтвердить адрес"), f"https://t.me/{facts.bot}?start={CONFIRMATION}{token}")
    life = _("Ссылка действует 24 часа и только для того, кто указал адрес. Если это были не вы, ничего не делайте.")
    return letter(profile, _("Подтвердите адрес почты"), asked.format(name=profile.name), link, life)


@words.made(AddressChangedLetter)
async def changed_letter(facts: AddressChangedLetter, making: Making) -> LetterText:
    profile = making.use(SupplierProfile)
    text = _("В боте компании {name} этот адрес заменён на другой. Сюда придут только квитанции, если они подключены.")
    return letter(profile, _("Адрес почты заменён"), text.format(name=profile.name), not_me(profile))


@words.made(AddressRemovedLetter)
async def removed_letter(facts: AddressRemovedLetter, making: Making) -> LetterText:
    profile = making.use(SupplierProfile)
    text = _("В боте компании {name} этот адрес удалён. Сюда придут только квитанции, если они подключены.")
    return letter(profile, _("Адрес почты удалён"), text.format(name=profile.name), not_me(profile))


def not_me(profile: SupplierProfile) -> str:
    text = _("Если это сделали не вы, проверьте настройки бота и позвоните нам: {phone}.")
    return text.format(phone=profile.phone)
