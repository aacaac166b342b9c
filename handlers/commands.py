"""Commands in plain words, in every language: not everybody finds the menu, or a button that has scrolled away."""

from __future__ import annotations

import re

from fsm.accounts import ANY_WORDS

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
_LONGEST = 64  # characters that a command and the signs around it may have
_WORD = re.compile(r"\w+")


def command_of(text: str, state: str | None) -> str | None:
    """The command that a short text is in plain words and nothing else; case, signs and «ё» do not matter.
    Where any words are the answer, only that which leaves the question."""
    if len(text) > _LONGEST:
        return None
    command = _COMMANDS.get(" ".join(_WORD.findall(text.casefold())).replace("ё", "е"))
    return None if state in ANY_WORDS and command != "cancel" else command
