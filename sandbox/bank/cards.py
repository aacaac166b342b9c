"""The provider's test cards, and what a person types into the card form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import uuid4

from sandbox.state import Json


@dataclass(frozen=True, slots=True)
class Card:
    """`refusal` is the reason of the cancellation, None when the card pays; `secure`: a 3-D Secure step comes first."""

    number: str
    kind: str
    refusal: str | None = None
    secure: bool = False


CARDS: Final = {
    card.number: card
    for card in (
        Card("5555555555554444", "MasterCard"),
        Card("5555555555554477", "MasterCard", secure=True),
        Card("4111111111111111", "Visa"),
        Card("2200000000000004", "Mir", secure=True),
        Card("2202474301322987", "Mir"),
        Card("5555555555554592", "MasterCard", refusal="3d_secure_failed"),
        Card("5555555555554600", "MasterCard", refusal="insufficient_funds"),
    )
}
GOOD: Final = "5555555555554444"
_EXPIRY: Final = re.compile(r"([0-9]{2}) ?/? ?(?:20)?([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Typed:
    """The card form as a person filled it in."""

    number: str = ""
    expiry: str = ""
    csc: str = ""

    @property
    def card(self) -> Card | None:
        """The test card of this number."""
        return CARDS.get(re.sub(r"[ -]", "", self.number))

    def expires(self) -> tuple[int, int] | None:
        """Year and month; None for anything but a date."""
        found = _EXPIRY.fullmatch(self.expiry.strip())
        month = int(found[1]) if found else 0
        return (2000 + int(found[2]), month) if found and 1 <= month <= 12 else None

    def mistakes(self, today: date) -> dict[str, str]:
        """Sentences for each wrong field."""
        expires = self.expires()
        found = {}
        if self.card is None:
            found["number"] = "Такой карты нет среди карт для пробы. Их номера внизу страницы."
        if expires is None:
            found["expiry"] = "Укажите месяц и год, например 12/30."
        elif expires < (today.year, today.month):
            found["expiry"] = "Срок действия карты истёк."
        if not re.fullmatch("[0-9]{3,4}", self.csc.strip()):
            found["csc"] = "Нужны 3 или 4 цифры."
        return found


def card_method(card: Card, year: int, month: int) -> Json:
    """The `payment_method` of who paid by this card."""
    last4 = card.number[-4:]
    shown = {
        "first6": card.number[:6],
        "last4": last4,
        "expiry_year": f"{year:04}",
        "expiry_month": f"{month:02}",
        "card_type": card.kind,
        "issuer_country": "RU",
    }
    return {**_method("bank_card", f"Bank card *{last4}"), "card": shown}


def sbp_method() -> Json:
    """The `payment_method` of who paid in the bank's own app."""
    bank = {"bank_id": "100000000111", "bic": "044525225"}
    return {**_method("sbp", "СБП"), "sbp_operation_id": uuid4().hex.upper(), "payer_bank_details": bank}


def _method(kind: str, title: str) -> Json:
    return {"type": kind, "id": str(uuid4()), "saved": False, "status": "inactive", "title": title}
