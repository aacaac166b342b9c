from __future__ import annotations

from collections.abc import Collection

from aiogram.types import InlineKeyboardButton

from handlers.callbacks import Agree, ConfirmAddress, Go, Place, Read, Speak, Tick
from handlers.keyboards import button, help_button, home_button, rows
from handlers.screens.words import escape, language_name
from handlers.show import Screen
from locales import LANGUAGES, _
from services.address import hide_flat
from services.flats import AddressQuestion, Dwelling
from services.models import Account, Consent, ConsentText
from services.profile import SupplierProfile


def consents(profile: SupplierProfile, ticked: Collection[Consent], language: str) -> Screen:
    text = _(
        "Здравствуйте! Это бот компании {name}. Я помогу передать показания счётчика, "
        "оплатить электроэнергию и связаться с нами.\n\n"
        "Чтобы начать, нужны два согласия: на пользование сервисом и на обработку персональных данных."
    ).format(name=f"<b>{escape(profile.name)}</b>")
    both = _("✅ Продолжить") if set(ticked) >= set(Consent) else _("✅ Даю оба согласия")
    return Screen(
        text,
        rows(
            *([_tick(consent, consent in ticked), _read(consent, Place.CONSENTS)] for consent in Consent),
            [button(both, Agree(), "success")],
            language_buttons(language),
        ),
    )


def _tick(consent: Consent, ticked: bool) -> InlineKeyboardButton:
    mark = "☑" if ticked else "☐"
    return button(f"{mark} {consent_name(consent)}", Tick(consent=consent))


def _read(consent: Consent, back: Place) -> InlineKeyboardButton:
    return button(_("Читать"), Read(consent=consent, back=back))


def consent_name(consent: Consent) -> str:
    return {
        Consent.SERVICES: _("Соглашение"),
        Consent.PERSONAL_DATA: _("Личные данные"),
    }[consent]


def language_buttons(language: str) -> list[InlineKeyboardButton]:
    others = [code for code in LANGUAGES if code != language]
    return [button(f"🌐 {language_name(code)}", Speak(language=code)) for code in others]


def document(text: ConsentText, back: Place) -> Screen:
    head = _("Версия от {version}").format(version=escape(text.version))
    body = f"<b>{escape(text.title)}</b>\n<i>{head}</i>\n\n{escape(text.text)}"
    return Screen(body, rows([button(_("Назад"), Go(to=back))]))


def documents() -> Screen:
    return Screen(
        _("Соглашение и согласие на обработку данных:"),
        rows(
            *([button(consent_name(consent), Read(consent=consent, back=Place.DOCUMENTS))] for consent in Consent),
            [button(_("Назад"), Go(to=Place.HELP))],
        ),
    )


def ask_account(*, can_leave: bool) -> Screen:
    text = _("Пришлите номер лицевого счёта: 12 цифр, он вверху квитанции.")
    return Screen(text, rows([home_button()] if can_leave else [help_button()]))


def confirm_address(account: Account, question: AddressQuestion | None, draft: str) -> Screen:
    another = button(_("Нет, другой номер"), ConfirmAddress(draft=draft, yes=False))
    found = {"tail": account.tail, "address": escape(hide_flat(account.address))}
    if question is None:
        text = _("Нашёл счёт <b>…{tail}</b>. Это ваш адрес?\n<b>{address}</b>").format(**found)
        yes = button(_("Да, это верный адрес"), ConfirmAddress(draft=draft, yes=True), "primary")
        return Screen(text, rows([yes], [another]))
    text = _("Нашёл счёт <b>…{tail}</b>:\n<b>{address}</b>\n\nЕсли это ваш адрес, напишите номер {place}.").format(
        **found, place=_names(question)
    )
    return Screen(text, rows([another]))


def _names(question: AddressQuestion) -> str:
    names = {
        Dwelling.FLAT: _("квартиры"),
        Dwelling.ROOM: _("комнаты"),
        Dwelling.PREMISES: _("помещения"),
        Dwelling.OFFICE: _("офиса"),
        Dwelling.HOUSE: _("дома"),
        Dwelling.ESTATE: _("владения"),
        Dwelling.PLOT: _("участка"),
        Dwelling.GARAGE: _("гаража"),
    }
    named = [names[one] for one in question.dwellings]
    return _(" и ").join(named) if named else _("дома и квартиры, если она есть")
