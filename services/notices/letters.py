"""Letters to customers: how many of those that they ask for one person may have in a day, and one mailbox.

A mailbox is counted across people, as long as the one who asks has not shown that they read it: otherwise many people
could fill somebody's. Letters to an address that its reader has confirmed cannot be used up by others.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from hashlib import blake2b

from services.customers.addresses import confirmed
from services.customers.models import Customer
from services.customers.ports import EmailRequestRepository, PersonalDataRepository
from services.notices.catalog import CATALOG, AskedByMail
from services.notices.errors import TooManyMails
from services.notices.models import ByMail, Notice
from services.notices.ports import NoticeRepository
from services.ports import UnitOfWork

MAILS_PER_DAY = 5
MAILS_TO_ADDRESS = 5
NEWS_PER_DAY = 20  # of a kind, to one person: what is done more often is said no more
_DAY = timedelta(days=1)
_ASKED_FOR = frozenset(one.kind for one in CATALOG if issubclass(one, AskedByMail))
_ONE_PROVIDER = {
    "googlemail.com": "gmail.com",
    **dict.fromkeys(("ya.ru", "narod.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.uz"), "yandex.ru"),
    **dict.fromkeys(("me.com", "mac.com"), "icloud.com"),
    **dict.fromkeys(("protonmail.com", "pm.me"), "proton.me"),
}


async def post(unit: UnitOfWork, customer: Customer, key: str, letter: ByMail, at: datetime) -> bool:
    """Queue a letter; the same key again is the same letter, and False. Raises TooManyMails."""
    if await unit.of(NoticeRepository).knows(key):
        return False
    if await unit.of(NoticeRepository).letters_since(customer.user_id, _ASKED_FOR, at - _DAY) >= MAILS_PER_DAY:
        raise TooManyMails
    if await unit.of(PersonalDataRepository).erased_since(customer.user_id, at - _DAY):
        raise TooManyMails  # how many there were has been erased, too
    if await confirmed(unit, customer, letter.address) is None:
        await _count(unit, key, letter, at)
    await unit.of(NoticeRepository).tell(Notice(key, customer.user_id, letter), at)
    return True


async def inform(unit: UnitOfWork, user_id: int, key: str, letter: ByMail, at: datetime) -> bool:
    """Queue a letter about what has been done, to an address that was confirmed, and say whether it is; the limits are
    for others."""
    if await unit.of(NoticeRepository).letters_since(user_id, [letter.kind], at - _DAY) >= NEWS_PER_DAY:
        return False
    await unit.of(NoticeRepository).tell(Notice(key, user_id, letter), at)
    return True


async def _count(unit: UnitOfWork, key: str, letter: ByMail, at: datetime) -> None:
    mailbox = blake2b(mailbox_of(letter.address).encode(), digest_size=16).hexdigest()
    if await unit.of(EmailRequestRepository).letters_since(mailbox, at - _DAY) >= MAILS_TO_ADDRESS:
        raise TooManyMails
    await unit.of(EmailRequestRepository).note_letter(mailbox, key, at)


def mailbox_of(address: str) -> str:
    """The mailbox of an address, as far as spellings tell: case, «+tags», dots and dashes do not count, though
    some providers part them. Two people who share it by that wait for a day at most."""
    local, _, domain = address.casefold().rpartition("@")
    name = re.sub("[.-]", "", local.partition("+")[0])
    return f"{name}@{_ONE_PROVIDER.get(domain, domain)}"
