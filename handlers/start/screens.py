"""Screens of the first contact: consents and documents."""

from __future__ import annotations

from collections.abc import Collection

from aiogram.types import InlineKeyboardButton

from handlers.callbacks import Go, Place
from handlers.keyboards import button, rows
from handlers.show import Screen
from handlers.start.callbacks import Agree, ReadConsent, Speak, Tick
from handlers.wording import escape, language_name
from locales import LANGUAGES, _
from services.customers.models import Consent, ConsentText
from services.supplier.profile import SupplierProfile


def consents(profile: SupplierProfile, ticked: Collection[Consent], language: str, *, number_kept: bool) -> Screen:
    """`number_kept`: an account's number that was typed waits for the consents."""
    text = _(
        "Здравствуйте! Это бот компании {name}. Я помогу передать показания счётчика, "
        "оплатить электроэнергию и связаться с нами.\n\n"
        "Чтобы начать, нужны два согласия: на пользование сервисом и на обработку персональных данных.\n\n"
        "☎️ Если есть вопросы, звоните: {phone}"
    ).format(name=f"<b>{escape(profile.name)}</b>", phone=escape(profile.phone))
    if number_kept:
        text += "\n\n" + _("Номер счёта я запомнил, присылать его снова не нужно.")
    both = _("✅ Продолжить") if set(ticked) >= set(Consent) else _("✅ Согласен с обоими, продолжить")
    return Screen(
        text,
        rows(
            *([_read_first(consent, consent in ticked)] for consent in Consent),
            [button(both, Agree(), "success")],
            language_buttons(language),
        ),
    )


def _read_first(consent: Consent, ticked: bool) -> InlineKeyboardButton:
    labels = {Consent.SERVICES: _("Читать соглашение"), Consent.PERSONAL_DATA: _("Читать о личных данных")}
    mark = "☑ " if ticked else ""
    return button(mark + labels[consent], ReadConsent(consent=consent, back=Place.CONSENTS))


def consent_name(consent: Consent) -> str:
    return {
        Consent.SERVICES: _("Соглашение"),
        Consent.PERSONAL_DATA: _("Личные данные"),
    }[consent]


def language_buttons(language: str) -> list[InlineKeyboardButton]:
    others = [code for code in LANGUAGES if code != language]
    return [button(f"🌐 {language_name(code)}", Speak(language=code)) for code in others]


def document(text: ConsentText, back: Place, *, ticked: bool | None = None) -> Screen:
    """`ticked`: whether the reader has agreed to it so far; None where that is not asked."""
    head = _("Версия от {version}").format(version=escape(text.version))
    body = f"<b>{escape(text.title)}</b>\n<i>{head}</i>\n\n{escape(text.text)}"
    label = f"{'☑' if ticked else '☐'} " + _("Согласен")
    tick = [] if ticked is None else [button(label, Tick(consent=text.consent))]
    return Screen(body, rows(tick, [button(_("Назад"), Go(to=back))]))


def documents() -> Screen:
    return Screen(
        _("Соглашение и согласие на обработку данных:"),
        rows(
            *(
                [button(consent_name(consent), ReadConsent(consent=consent, back=Place.DOCUMENTS))]
                for consent in Consent
            ),
            [button(_("Назад"), Go(to=Place.HELP))],
        ),
    )
