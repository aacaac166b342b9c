"""Texts in Russian (their source) and English, from gettext catalogs compiled when the process starts.

aiogram's I18n finds its catalog through four calls a text; twenty texts a screen made that a tenth of an update.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

import context

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = [
    "DOMAIN",
    "LANGUAGES",
    "N_",
    "SOURCE",
    "_",
    "catalog",
    "clock",
    "current",
    "day",
    "language_of",
    "moment",
    "money",
    "month",
    "number",
    "plural",
    "price",
    "speak",
]

FOLDER = Path(__file__).parent
DOMAIN = "messages"
SOURCE = "ru"
LANGUAGES = ("ru", "en")
_LOCALES = {language: Locale.parse(language) for language in LANGUAGES}  # by name Babel would look each up every time
_SPACE = "\N{NO-BREAK SPACE}"
_RUSSIAN_SIGNS = str.maketrans({",": _SPACE, ".": ","})


def N_(text: str) -> str:
    """Mark a text for the catalogs; `_` translates it where it is shown."""
    return text


def _(text: str) -> str:
    return catalog(current()).gettext(text)


def plural(one: str, many: str, count: int) -> str:
    return catalog(current()).ngettext(one, many, count)


@cache
def catalog(language: str) -> GNUTranslations:
    """Compiled from its source, once a process."""
    binary = BytesIO()
    with (FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        write_mo(binary, read_po(file, locale=language))
    binary.seek(0)
    return GNUTranslations(binary)


def speak(language: str) -> None:
    """Use a language for the rest of the present update."""
    context.change(language=language if language in LANGUAGES else SOURCE)


def current() -> str:
    """The language of the present update."""
    return context.current().language


def language_of(code: str | None) -> str:
    """The catalog for a Telegram language code: the source for the unknown and for Russian's neighbours."""
    return "en" if code and code.split("-")[0] not in _READ_RUSSIAN else SOURCE


_READ_RUSSIAN = frozenset({"ru", "be", "uk", "kk", "ky", "tg", "uz", "hy", "az", "ka", "tt", "ba"})


def money(kopecks: int) -> str:
    """`1 234,56 ₽`, with spaces that do not break; `1,234.56 ₽` in English."""
    sign = "−" if kopecks < 0 else ""
    roubles, rest = divmod(abs(kopecks), 100)
    shown = f"{roubles:,}.{rest:02}"  # Babel takes many times as long, and every screen has some
    return f"{sign}{shown.translate(_RUSSIAN_SIGNS) if current() == SOURCE else shown}{_SPACE}₽"


def number(value: int | Decimal) -> str:
    """`3 650` in both languages."""
    return _grouped(value) if isinstance(value, int) else _spaced(format_decimal(value, locale=_LOCALES[current()]))


def _grouped(value: int) -> str:
    return f"{value:,}".replace(",", _SPACE)


def price(roubles: Decimal) -> str:
    """`12,70`, with more decimals only where the tariff has them."""
    return _spaced(format_decimal(roubles, "#,##0.00##", locale=_LOCALES[current()]))


def _spaced(formatted: str) -> str:
    # People type numbers as they see them, and the comma of English thousands begins Russian decimals.
    return formatted.replace(",", _SPACE) if current() == "en" else formatted


def day(value: date) -> str:
    """`23.11.2026` in both languages: the form on meters and receipts."""
    return f"{value:%d.%m.%Y}"


def moment(value: datetime, zone: ZoneInfo) -> str:
    return f"{value.astimezone(zone):%d.%m.%Y %H:%M}"


def clock(value: datetime, zone: ZoneInfo) -> str:
    """`11:14`"""
    return f"{value.astimezone(zone):%H:%M}"


def month(value: date) -> str:
    """The month's name as it stands alone: `ноябрь`."""
    return format_date(value, "LLLL", locale=_LOCALES[current()])
