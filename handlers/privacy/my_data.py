"""The file of one's own data: JSON that a person can read and a program too."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from locales import LANGUAGES, N_, _, catalog
from services.customers.models import Section

_GENERAL = (
    N_("Здесь всё, что бот хранит о вас."),
    N_("Время указано по Гринвичу (UTC), деньги в копейках, показания в кВт·ч."),
    N_("Адрес, начисления и оплаты относятся к лицевому счёту, их хранит компания."),
)


def my_data_file(everything: Sequence[Section]) -> tuple[str, bytes]:
    """Its name and UTF-8 content. Sections of which nothing is kept are there, and empty."""
    head = {"explanation": {language: _explanation(language, everything) for language in LANGUAGES}}
    rows = {section.name: section.rows for section in everything}
    return _("Мои данные.json"), orjson.dumps(head | rows, option=orjson.OPT_INDENT_2)


def _explanation(language: str, everything: Sequence[Section]) -> list[str]:
    words = catalog(language).gettext
    return [*map(words, _GENERAL), *(f"{section.name}: {words(section.words)}" for section in everything)]
