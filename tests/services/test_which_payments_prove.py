"""Which payments prove that an account is one's own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.models import Payment
from services.proofs import telling

TODAY = date(2026, 11, 23)
DAY = date(2026, 11, 10)
MADE = Payment(DAY, 100, "бот", "27f5")


def test_todays_and_empty_payments_prove_nothing() -> None:
    known = [Payment(TODAY - timedelta(days=days), amount) for days in (0, 1) for amount in (0, 100)]
    assert telling(known, TODAY) == (Payment(TODAY - timedelta(days=1), 100),)


@pytest.mark.parametrize(
    ("credited", "proves"),
    [
        (Payment(DAY, 100, "банк", "27f5"), False),
        (Payment(DAY + timedelta(days=9), 100, "банк", "27f5"), False),
        (Payment(DAY, 100), False),
        (Payment(DAY + timedelta(days=3), 100), False),
        (Payment(DAY - timedelta(days=3), 100), False),
        (Payment(DAY + timedelta(days=4), 100), True),
        (Payment(DAY, 101), True),
        (Payment(DAY, 101, "банк", "8a01"), True),
        (Payment(DAY + timedelta(days=1), 100, "банк", "8a01"), False),  # billing's own number, perhaps
    ],
)
def test_what_somebody_else_paid_through_the_bot_proves_nothing(credited: Payment, proves: bool) -> None:
    assert telling([credited], TODAY, [MADE]) == ((credited,) if proves else ())
    assert telling([credited], TODAY) == (credited,)
