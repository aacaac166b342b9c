from __future__ import annotations

from collections.abc import Iterator

from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.keyboards import button, home_button, rows
from handlers.payments.callbacks import Pay
from handlers.show import Screen
from handlers.subscriptions.screens import chat_off_button
from handlers.wording import account_title, error_words
from locales import _, day
from services.accounts.errors import NoGuessesLeft, NothingPaid, RoundSum, SumNotFound
from services.accounts.models import Link
from services.accounts.proofs import Terms


def ask_sum(link: Link, terms: Terms) -> Screen:
    text = _only_own() if terms.only_own else _any_payment()
    parts = [text.format(account=account_title(link), before=day(terms.before)), *_renewed(terms)]
    parts.append(
        _("После этого откроются полный адрес и сведения о счёте. Осталось попыток: {left}.").format(left=terms.left)
    )
    back = button(_("Назад"), OnAccount(link=link.id, action=AccountAction.OPEN))
    return Screen("\n\n".join(parts), rows([back]))


def _any_payment() -> str:
    return _(
        "🔑 {account}\n\nЧтобы убедиться, что счёт ваш, спрошу об оплате. Пришлите сумму, с копейками, любой оплаты по "
        "этому счёту за последний год, сделанной до {before}. Более поздние не подойдут: с этого дня сумму к оплате "
        "показывал бот. Можно назвать и свою оплату через бота, но не сегодняшнюю. Например 1234,56."
    )


def _only_own() -> str:
    return _(
        "🔑 {account}\n\nЧтобы убедиться, что счёт ваш, спрошу об оплате. Пришлите сумму своей оплаты через бота, но "
        "не сегодняшней. Если её ещё нет, оплатите здесь от 1 ₽ и возвращайтесь послезавтра."
    )


def _renewed(terms: Terms) -> Iterator[str]:
    if terms.renewed_on:
        yield _("⚠️ Оплаты раньше {day} не подойдут.").format(day=day(terms.renewed_on))


def pay_instead(link: Link, error: NothingPaid | RoundSum | SumNotFound | NoGuessesLeft) -> Screen:
    """The way out: a payment of one's own, however small."""
    pay = [button(_("💳 Оплатить"), Pay(link=link.id, fresh=True), "primary")] if link.pays else []
    return Screen(error_words(error), rows(pay, [home_button()]))


def proved(link: Link, *, in_chat: bool) -> Screen:
    """`in_chat`: receipts come into the chat."""
    parts = [_("✅ {account}\n\nСчёт подтверждён, теперь доступно всё.").format(account=account_title(link))]
    if in_chat:
        parts.append(_("🧾 Новые квитанции буду присылать сюда, как только они готовы."))
    info = button(_("ℹ️ О счёте"), OnAccount(link=link.id, action=AccountAction.INFO), "primary")
    return Screen("\n\n".join(parts), rows([info], [chat_off_button(link)] if in_chat else [], [home_button()]))


def disowned() -> Screen:
    text = _(
        "🔒 Доступ этого человека закрыт, и подтвердить счёт больше никто не сможет. Если это была ошибка, "
        "откройте подтверждение в сведениях о счёте."
    )
    return Screen(text, rows([home_button()]))
