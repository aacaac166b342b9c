"""Commands in plain words, in every language: not everybody finds the menu, or a button that has scrolled away."""

from __future__ import annotations

import re

_SPOKEN = {
    "menu": "меню, главная, на главную, главное меню, домой, menu, home, main menu",
    "cancel": "отмена, отменить, отмени, стоп, cancel, stop",
    "readings": "показания, передать показания, подать показания, передать, счётчик, readings, submit readings, meter",
    "pay": "оплата, оплатить, заплатить, платёж, оплатить счёт, долг, сколько платить, pay, payment, debt",
    "history": "мои показания, история, история показаний, history, my readings",
    "accounts": "мои счета, счета, лицевой счёт, лицевые счета, accounts, my accounts",
    "settings": "настройки, мои данные, settings, my data",
    "help": "помощь, помоги, помогите, справка, телефон, телефоны, офисы, адреса, help, phone, offices",
}
_COMMANDS = {phrase.replace("ё", "е"): command for command, spoken in _SPOKEN.items() for phrase in spoken.split(", ")}
_OUTSIDE = re.compile(r"^\W+|\W+$")


def command_of(text: str) -> str | None:
    """The command that a text is in plain words and nothing else; case, signs around it and «ё» do not matter."""
    words = " ".join(_OUTSIDE.sub("", text.casefold()).split())
    return _COMMANDS.get(words.replace("ё", "е"))
