"""Commands: their places in the menu and in the help, and the plain words for them in every language. Not everybody
finds the menu, or a button that has scrolled away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fsm.accounts import Naming
from fsm.appeals import Adding, Appealing, Rating
from fsm.subscriptions import Leaving
from locales import N_

_LONGEST = 64  # characters that a command and the signs around it may have
_WORD = re.compile(r"\w+")
_WHY: Final = {Leaving.reason.state, Rating.words.state}  # any words are the answer there, but a greeting
_ANY_WORDS: Final = {
    *(*_WHY, Naming.label.state),
    *(Appealing.subject.state, Appealing.text.state, Appealing.preview.state, Adding.message.state),
}  # states in which any words are the answer


def spoken(words: str) -> tuple[str, ...]:
    return tuple(words.replace("ё", "е").split(", "))


@dataclass(frozen=True, slots=True)
class MenuCommand:
    """`title`: in the menu; `short`: in the list of the help, where it has a place there; both are messages of the
    catalogs. `spoken`: words that stand for it, in lower case and without «ё»."""

    name: str
    title: str
    short: str | None
    spoken: tuple[str, ...]


COMMANDS: Final = (
    MenuCommand(
        "menu",
        N_("Главная"),
        N_("главная"),
        spoken("меню, главная, на главную, главное меню, домой, начать, старт, menu, home, main menu"),
    ),
    MenuCommand(
        "readings",
        N_("Передать показания"),
        N_("показания"),
        spoken(
            "показания, передать показания, подать показания, сдать показания, передать, счётчик, "
            "readings, submit readings, meter"
        ),
    ),
    MenuCommand(
        "pay",
        N_("Оплатить"),
        N_("оплата"),
        spoken(
            "оплата, оплатить, заплатить, платёж, оплатить счёт, долг, задолженность, баланс, сколько платить, "
            "сколько надо платить, сколько нужно платить, сколько я должен, сколько я должна, сколько должен, "
            "сколько должна, какой долг, мой долг, сумма, сумма к оплате, к оплате, "
            "pay, payment, debt, balance, how much, how much do i owe"
        ),
    ),
    MenuCommand(
        "history",
        N_("История: начисления, платежи, расход"),
        N_("история"),
        spoken(
            "история, начисления, начисления и платежи, начисления и оплаты, платежи, мои платежи, история платежей, "
            "мои начисления, расход, график, график расхода, потребление, "
            "history, charges, payments, my payments, consumption, chart"
        ),
    ),
    MenuCommand(
        "submissions",
        N_("Мои показания"),
        N_("мои показания"),
        spoken("мои показания, история показаний, переданные показания, my readings, submissions"),
    ),
    MenuCommand(
        "receipts",
        N_("Квитанции"),
        N_("квитанции"),
        spoken(
            "квитанция, квитанции, моя квитанция, мои квитанции, платёжка, счёт на оплату, квиток, "
            "receipt, receipts, my receipts, bill"
        ),
    ),
    MenuCommand(
        "delivery",
        N_("Доставка квитанций"),
        N_("доставка квитанций"),
        spoken(
            "электронная квитанция, электронные квитанции, подключить квитанцию, подключить электронную квитанцию, "
            "доставка квитанций, доставка квитанции, квитанция на почту, квитанции на почту, квитанция на e mail, "
            "отключить квитанцию, отключить электронную квитанцию, e receipt, e receipts, electronic receipt, "
            "receipt by e mail, receipts by e mail"
        ),
    ),
    MenuCommand(
        "accounts",
        N_("Мои счета"),
        N_("счета"),
        spoken(
            "мои счета, счета, все счета, лицевой счёт, лицевые счета, сколько всего должен, сколько всего должна, "
            "сколько всего я должен, сколько всего я должна, сколько всего платить, всего к оплате, "
            "accounts, my accounts, all accounts"
        ),
    ),
    MenuCommand(
        "verify",
        N_("Подтвердить счёт"),
        None,
        spoken(
            "подтвердить счёт, подтверждение счёта, подтвердить лицевой счёт, подтвердить, подтверждение, "
            "как подтвердить счёт, verify, verify account, verify my account, confirm account"
        ),
    ),
    MenuCommand(
        "appeals",
        N_("Обращения в компанию"),
        N_("обращения"),
        spoken(
            "обращение, обращения, мои обращения, обращение в компанию, написать обращение, новое обращение, жалоба, "
            "пожаловаться, претензия, заявление, вопрос, задать вопрос, есть вопрос, у меня вопрос, поддержка, "
            "служба поддержки, техподдержка, написать в поддержку, оператор, позвать оператора, "
            "соедините с оператором, связаться с оператором, позвать человека, позовите человека, живой человек, "
            "человек, специалист, appeal, appeals, my appeals, complaint, support, operator, human, question"
        ),
    ),
    MenuCommand(
        "settings",
        N_("Настройки и мои данные"),
        N_("настройки"),
        spoken("настройки, мои данные, settings, my data"),
    ),
    MenuCommand(
        "help",
        N_("Помощь и телефоны"),
        None,
        spoken(
            "помощь, помоги, помогите, справка, телефон, телефоны, контакты, офисы, адреса, "
            "help, contacts, phone, offices"
        ),
    ),
    MenuCommand(
        "cancel",
        N_("Отменить ввод"),
        N_("отменить ввод"),
        spoken("отмена, отменить, отмени, стоп, cancel, stop"),
    ),
)
_THANKS: Final = frozenset(
    spoken(
        "спасибо, спасибо большое, большое спасибо, спасибо вам, огромное спасибо, благодарю, благодарю вас, "
        "спс, thanks, thank you, thank you very much, many thanks"
    )
)
_GREETINGS: Final = frozenset(
    spoken(
        "привет, здравствуйте, здравствуй, здрасьте, добрый день, добрый вечер, доброе утро, доброго дня, "
        "hello, hi, good morning, good afternoon, good evening"
    )
)
_BY_WORDS = {words: command.name for command in COMMANDS for words in command.spoken}


def command_of(text: str, state: str | None) -> str | None:
    """The command that a short text is in plain words and nothing else; case, signs and «ё» do not matter.
    Where any words are the answer, only that which leaves the question. A greeting opens the menu where nothing was
    asked."""
    plain = _plain(text)
    command = "menu" if state is None and plain in _GREETINGS else _BY_WORDS.get(plain)
    return None if state in _ANY_WORDS and command != "cancel" else command


def is_thanks(text: str) -> bool:
    """Whether a short text thanks and says nothing else."""
    return _plain(text) in _THANKS


def is_courtesy(text: str, state: str | None) -> bool:
    """Whether it thanks or greets and says nothing else; not where that is an answer, as thanks may be to the question
    why, nor where a greeting opens the menu."""
    if state is None or _plain(text) not in _GREETINGS:
        return state not in _ANY_WORDS and is_thanks(text)
    return state not in _ANY_WORDS - _WHY


def _plain(text: str) -> str:
    """The words of a text as the lists here have them, empty where it is long."""
    return " ".join(_WORD.findall(text.casefold())).replace("ё", "е") if len(text) <= _LONGEST else ""
