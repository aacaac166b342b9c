"""Notices about a customer's e-mail address: letters to it, and messages about them."""

from __future__ import annotations

from handlers.keyboards import home_button, rows
from handlers.notices import LetterText, Making, Words
from handlers.show import Screen
from handlers.wording import email_shown, masked
from locales import _
from services.customers.emails import Emails
from services.notices.catalog import (
    AddressChanged,
    AddressChangedLetter,
    AddressRemovedLetter,
    ConfirmationLetter,
    LetterUndelivered,
)
from services.supplier.profile import SupplierProfile

CONFIRMATION = "eml_"  # how the payload of a letter's link begins
words = Words()


@words.text(LetterUndelivered)
def undelivered(facts: LetterUndelivered) -> Screen:
    text = _("✉️ Письмо на {address} не доставлено. Проверьте адрес.")
    return Screen(text.format(address=email_shown(masked(facts.address))), rows([home_button(fresh=True)]))


@words.text(AddressChanged)
def changed(facts: AddressChanged) -> Screen:
    text = _("📧 Адрес почты в ваших настройках заменён. Если это сделали не вы, проверьте настройки и позвоните нам.")
    return Screen(text, rows([home_button(fresh=True)]))


@words.made(ConfirmationLetter)
async def confirmation(facts: ConfirmationLetter, making: Making) -> LetterText:
    profile, token = making.use(SupplierProfile), making.use(Emails).token(making.user_id, facts.request)
    asked = _(
        "Этот адрес указали в боте компании {name}. Чтобы подтвердить его, откройте ссылку на устройстве, где у вас "
        "Telegram, и нажмите «Запустить»:"
    )
    url = f"https://t.me/{facts.bot}?start={CONFIRMATION}{token}"
    life = _("Ссылка действует 24 часа и только для того, кто указал адрес. Если это были не вы, ничего не делайте.")
    return _letter(profile, _("Подтвердите адрес почты"), asked.format(name=profile.name), url, life)


@words.made(AddressChangedLetter)
async def changed_letter(facts: AddressChangedLetter, making: Making) -> LetterText:
    profile = making.use(SupplierProfile)
    text = _("В боте компании {name} этот адрес заменён на другой, письма сюда больше не придут.")
    return _letter(profile, _("Адрес почты заменён"), text.format(name=profile.name), _not_me(profile))


@words.made(AddressRemovedLetter)
async def removed_letter(facts: AddressRemovedLetter, making: Making) -> LetterText:
    profile = making.use(SupplierProfile)
    text = _("В боте компании {name} этот адрес удалён, письма сюда больше не придут.")
    return _letter(profile, _("Адрес почты удалён"), text.format(name=profile.name), _not_me(profile))


def _not_me(profile: SupplierProfile) -> str:
    text = _("Если это сделали не вы, проверьте настройки бота и позвоните нам: {phone}.")
    return text.format(phone=profile.phone)


def _letter(profile: SupplierProfile, subject: str, *text: str) -> LetterText:
    signature = f"{profile.name}\n{profile.phone} · {profile.site}"
    return LetterText(subject, "\n\n".join((_("Здравствуйте."), *text, signature)))
