from __future__ import annotations

from handlers.keyboards import button, home_button, rows
from handlers.papers.callbacks import MailTo
from handlers.show import Screen
from handlers.wording import email_shown, masked
from locales import _


def ask_email(question: str, own: str | None, draft: str) -> Screen:
    """`own`: the customer's confirmed address."""
    label = _("✉️ На {address}").format(address=masked(own or ""))
    offered = [button(label[:60], MailTo(draft=draft), "primary")] if own else []
    return Screen(question, rows(offered, [home_button(fresh=True)]))


def mail_queued(address: str) -> Screen:
    text = _("✉️ Отправляю на {address}. Если письма нет через 10 минут, проверьте папку «Спам».")
    return Screen(text.format(address=email_shown(address)), rows([home_button(fresh=True)]))
