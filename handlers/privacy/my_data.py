"""The file of one's own data: JSON that a person can read and a program too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from locales import LANGUAGES, N_, _, catalog

_SECTIONS = {
    "customer": N_("вы, как вас знает бот"),
    "consents": N_("ваши согласия и тексты, которые вы тогда видели"),
    "accounts": N_("привязанные счета"),
    "shared": N_("кому вы открыли доступ к своим счетам"),
    "invitations": N_("приглашения, которые вы создали"),
    "recoveries": N_("ваши просьбы отозвать доступ прежнего Telegram"),
    "withdrawals": N_("просьбы других отозвать ваш доступ"),
    "emails": N_("адреса почты, которые вы указывали, и до когда действует ссылка из письма"),
    "lookups": N_("какие счета вы искали"),
    "wrong_flats": N_("о каких счетах вы ответили неверно, когда бот спрашивал номер квартиры или дома"),
    "guesses": N_("ваши попытки подтвердить счёт, без сумм"),
    "submissions": N_("показания, которые вы передали"),
    "payments": N_("ваши оплаты через бота"),
    "journal": N_("ваши важные действия со счетами"),
    "notices": N_("сообщения и письма, которые бот отправил вам сам или отправит"),
    "conversation": N_("незаконченный ввод"),
    "updates": N_("ваши сообщения и нажатия, которые бот ещё обрабатывает"),
}
_GENERAL = (
    N_("Здесь всё, что бот хранит о вас."),
    N_("Время указано по Гринвичу (UTC), деньги в копейках, показания в кВт·ч."),
    N_("Адрес, начисления и оплаты относятся к лицевому счёту, их хранит компания."),
)


def my_data_file(everything: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[str, bytes]:
    """Its name and UTF-8 content. Sections of which nothing is kept are there, and empty."""
    head = {"explanation": {language: _explanation(language) for language in LANGUAGES}}
    return _("Мои данные.json"), orjson.dumps(head | dict(everything), option=orjson.OPT_INDENT_2)


def _explanation(language: str) -> list[str]:
    words = catalog(language).gettext
    return [*map(words, _GENERAL), *(f"{section}: {words(text)}" for section, text in _SECTIONS.items())]
