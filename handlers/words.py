"""Commands in plain words, in every language: not everybody finds the menu, or a button that has scrolled away."""

from __future__ import annotations

import re

_SPOKEN = {
    "menu": "меню, главная, на главную, главное меню, домой, начать, старт, привет, здравствуйте, добрый день, "
    "menu, home, main menu, hello",
    "cancel": "отмена, отменить, отмени, стоп, cancel, stop",
    "readings": "показания, передать показания, подать показания, сдать показания, передать, счётчик, "
    "readings, submit readings, meter",
    "pay": "оплата, оплатить, заплатить, платёж, оплатить счёт, долг, задолженность, баланс, сколько платить, "
    "к оплате, pay, payment, debt, balance",
    "history": "мои показания, история, история показаний, history, my readings",
    "accounts": "мои счета, счета, лицевой счёт, лицевые счета, accounts, my accounts",
    "settings": "настройки, мои данные, settings, my data",
    "help": "помощь, помоги, помогите, справка, поддержка, оператор, телефон, телефоны, контакты, офисы, адреса, "
    "help, support, contacts, phone, offices",
}
_COMMANDS = {phrase.replace("ё", "е"): command for command, spoken in _SPOKEN.items() for phrase in spoken.split(", ")}
_OUTSIDE = re.compile(r"^\W+|\W+$")


def command_of(text: str) -> str | None:
    """The command that a text is in plain words and nothing else; case, signs around it and «ё» do not matter."""
    words = " ".join(_OUTSIDE.sub("", text.casefold()).split())
    return _COMMANDS.get(words.replace("ё", "е"))
