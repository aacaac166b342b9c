from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.keyboards import button, home_button, rows
from handlers.recovery.callbacks import OnRecovery, RecoveryAction
from handlers.show import Screen
from handlers.wording import account_title
from locales import _, day
from services.accounts.models import Link


def confirm(link: Link, old_id: str, since: date | None = None) -> Screen:
    """`since`: the day before which nothing is withdrawn, where that is still to come."""
    text = _(
        "♻️ {account}\n\nЭто ваш прежний Telegram, и вы им больше не пользуетесь? Спросим в нём, можно ли закрыть "
        "доступ. Если за 7 дней никто не возразит, доступ закроется, в том числе у тех, кого пригласили оттуда.\n\n"
        "Если прежний Telegram удалён или бот в нём остановлен, ждать придётся 30 дней."
    )
    return Screen(
        "\n\n".join([text.format(account=account_title(link)), *_not_before(since)]),
        rows(
            [
                button(
                    _("Да, отозвать доступ"), OnRecovery(action=RecoveryAction.SEND, own=link.id, link=old_id), "danger"
                )
            ],
            [button(_("Назад"), OnAccount(link=link.id, action=AccountAction.MEMBERS))],
        ),
    )


def _not_before(since: date | None) -> Iterator[str]:
    if since is not None:
        text = _(
            "⏳ Счёт вы подтвердили недавно, поэтому раньше {since} доступ не закроется. "
            "Если ждать нельзя, позвоните нам."
        )
        yield text.format(since=day(since))


def asked(link: Link) -> Screen:
    text = _("♻️ {account}\n\nСпросили в прежнем Telegram. Когда доступ закроется или там возразят, сообщим вам.")
    back = button(_("Назад"), OnAccount(link=link.id, action=AccountAction.MEMBERS))
    return Screen(text.format(account=account_title(link)), rows([back], [home_button()]))


def kept() -> Screen:
    return Screen(_("✅ Доступ к счёту остаётся у вас."), rows([home_button()]))
