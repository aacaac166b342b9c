"""Letters of an appeal, to the address that its customer has given: its number, and the answers."""

from __future__ import annotations

from datetime import datetime

from services.appeals.models import Appeal, AppealMessage
from services.customers.addresses import confirmed
from services.customers.ports import CustomerRepository
from services.notices.catalog import AppealAnswerLetter, AppealSentLetter
from services.notices.errors import TooManyMails
from services.notices.letters import inform, post
from services.notices.models import ByMail
from services.notices.ports import NoticeRepository
from services.ports import UnitOfWork


async def tell_sent(unit: UnitOfWork, appeal: Appeal, now: datetime) -> None:
    """A copy with the number."""
    if address := appeal.contact.email:
        await _post(unit, appeal, _sent_key(appeal), AppealSentLetter(address=address, appeal=appeal.key), now)


async def is_told(unit: UnitOfWork, appeal: Appeal) -> bool:
    """Whether the letter with the number was queued."""
    return bool(appeal.contact.email) and await unit.of(NoticeRepository).knows(_sent_key(appeal))


async def tell_by_mail(unit: UnitOfWork, appeal: Appeal, message: AppealMessage, now: datetime) -> None:
    """An answer of the staff, an album being one; it comes to the chat, too."""
    if address := appeal.contact.email:
        letter = AppealAnswerLetter(address=address, appeal=appeal.key, message=message.id)
        album = f"{appeal.key}:{message.written.album}" if message.written.album else message.id
        await _post(unit, appeal, f"appeal_answer_letter:{album}", letter, now)


def _sent_key(appeal: Appeal) -> str:
    return f"appeal_letter:{appeal.key}"


async def _post(unit: UnitOfWork, appeal: Appeal, key: str, letter: ByMail, now: datetime) -> None:
    """Letters to an address that is not confirmed are limited, for it may be another person's."""
    customer = await unit.of(CustomerRepository).get(appeal.user_id) if appeal.user_id else None
    if customer is None:
        return
    if await confirmed(unit, customer, letter.address):
        await inform(unit, customer.user_id, key, letter, now)
        return
    try:
        await post(unit, customer, key, letter, now)
    except TooManyMails:
        return  # the appeal itself, and its answers in the chat, do not depend on letters
