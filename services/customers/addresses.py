"""E-mail addresses: how they are shown, which of them a customer has confirmed, and which one was probably meant."""

from __future__ import annotations

from typing import Final

from services.customers.models import Customer
from services.ports import UnitOfWork
from services.receipts.ports import SubscriptionRepository

_PROVIDERS: Final = (
    "mail.ru", "yandex.ru", "ya.ru", "gmail.com", "bk.ru", "list.ru", "inbox.ru", "internet.ru", "rambler.ru",
    "icloud.com", "outlook.com", "hotmail.com", "yahoo.com",
)  # fmt: skip
_TAKEN_FOR: Final = {"gmail.ru": "gmail.com"}  # nearer to another one by its letters


def masked(address: str) -> str:
    """`m•••@mail.ru`: enough to know one's own address by."""
    name, _at, host = address.rpartition("@")
    return f"{name[:1]}•••@{host}"


def meant(address: str) -> str | None:
    """The address at the provider whose name this one's is but for a slip; None where there is nothing to doubt."""
    name, _at, host = address.rpartition("@")
    if host in _PROVIDERS:
        return None
    near = _TAKEN_FOR.get(host) or next((one for one in _PROVIDERS if _is_slip(host, one)), None)
    return f"{name}@{near}" if near else None


def _is_slip(typed: str, word: str) -> bool:
    """Whether one letter is wrong, missing or too much, or two have changed places."""
    same = next((at for at, pair in enumerate(zip(typed, word, strict=False)) if pair[0] != pair[1]), -1)
    ours, theirs = (typed[same:], word[same:]) if same >= 0 else (typed[len(word) :], word[len(typed) :])
    swapped = ours[1::-1] + ours[2:] if len(ours) > 1 else ours
    return theirs in (ours[1:], swapped) or ours[1:] == theirs[1:] or ours == theirs[1:]


async def confirmed(unit: UnitOfWork, customer: Customer, address: str) -> str | None:
    """The address as this customer has confirmed it, as their own or for receipts; None where they have not."""
    known = await unit.of(SubscriptionRepository).addresses(customer.user_id)
    spellings = {one.casefold(): one for one in (*known, customer.email or "")}
    return spellings.get(address.casefold()) or None
