"""Screens of the first contact: consents and documents."""

from __future__ import annotations

from collections.abc import Collection

from aiogram.types import InlineKeyboardButton

from handlers.callbacks import Go, Place
from handlers.keyboards import button, rows
from handlers.show import Screen
from handlers.start.callbacks import Agree, Read, Speak, Tick
from handlers.wording import escape, language_name
from locales import LANGUAGES, _
from services.customers.models import Consent, ConsentText
from services.supplier.profile import SupplierProfile


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
