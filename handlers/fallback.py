"""The last router: nothing that a person sends stays without an answer."""

from __future__ import annotations

import re

from aiogram import Router

from handlers.accounts.router import take_number
from handlers.appeals.drafting import offer
from handlers.conversation import Conversation
from handlers.emails.router import change_pending
from handlers.home.router import show_home
from handlers.keyboards import help_button, home_button, rows
from handlers.readings.taking import take_typed
from handlers.show import Screen
from handlers.subscriptions.router import change_pending as change_for_receipts
from handlers.typed import unread
from handlers.wording import escape
from locales import _
from services.accounts.accounts import is_linked
from services.accounts.links import Links
from services.customers.models import EmailRequest, Purpose
from services.errors import DraftLost
from services.readings.errors import TooManyNumbers
from services.readings.numbers import looks_like_account, looks_like_readings, split_account
from services.receipts.subscriptions import Subscriptions
from services.supplier.profile import SupplierProfile

router = Router(name="fallback")

_FEW = 4  # words that may have been meant for a command


@router.message()
async def understand(talk: Conversation) -> None:
    """Numbers typed without being asked for: readings or an account, or both. Anything else gets a hint."""
    text, links = talk.text, talk.customer.links
    account, rest = split_account(text)
    if "@" in text and (waiting := await talk.use(Subscriptions).typed_for(talk.customer)):
        await _take_address(talk, waiting)
    elif links and account and looks_like_readings(rest):
        await _take_both(talk, account)
    elif talk.use(Links).own(talk.customer, text, alone=True):
        await take_number(talk)
    elif links and looks_like_readings(text):
        await _take_numbers(talk)
    elif looks_like_account(text) or not links:
        await take_number(talk)
    elif talk.message.text is None:
        raise unread(talk.message)
    elif talk.use(SupplierProfile).takes_appeals and _is_question(text):
        await talk.show(await offer(talk))
    else:
        await talk.show(_hint(talk.use(SupplierProfile)))


def _is_question(text: str) -> bool:
    """Words for a person to read: more than a few, or a question mark behind some."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    return len(words) >= _FEW or (len(words) > 1 and "?" in text)


async def _take_address(talk: Conversation, waiting: EmailRequest) -> None:
    """Another address, typed in place of the one that waits for its link."""
    if waiting.errand.purpose is Purpose.OWN:
        await change_pending(talk)
    else:
        await change_for_receipts(talk, waiting.errand.account)


async def _take_numbers(talk: Conversation) -> None:
    """Twelve digits that the meter cannot have shown are an account."""
    try:
        await take_typed(talk)
    except TooManyNumbers:
        if not looks_like_account(talk.text):
            raise
        await take_number(talk)


async def _take_both(talk: Conversation, account: str) -> None:
    """Another's account has to be linked before it can have any numbers."""
    await take_number(talk)
    if not is_linked(talk.customer, account):
        await talk.say(_("Показания пока не переданы: пришлите их, когда подтвердите адрес."))


def _hint(profile: SupplierProfile) -> Screen:
    text = _(
        "Не понял. Пришлите показания числами, например <code>3650</code>, номер счёта или слово: показания, оплата, "
        "история, счета, настройки, помощь.\n\nНа вопрос ответят по телефону:\n{phone}"
    )
    return Screen(text.format(phone=escape(profile.phone)), rows([help_button(), home_button()]))


@router.edited_message()
async def explain_edit(talk: Conversation) -> None:
    text = _("Вы изменили прежнее сообщение. Чтобы я учёл новое, пришлите его ещё раз.")
    await talk.show(Screen(text, rows([home_button()])))


@router.callback_query()
async def explain_button(talk: Conversation) -> None:
    """A button of an older version of the bot, or data that no version has made."""
    await talk.say(_(DraftLost.text))
    await show_home(talk)
