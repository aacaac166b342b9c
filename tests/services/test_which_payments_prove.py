"""Which payments prove that an account is one's own."""

from __future__ import annotations

from datetime import date, timedelta

from services.models import Payment
from services.proofs import telling

TODAY = date(2026, 11, 23)
DAY = date(2026, 11, 10)


def test_todays_and_empty_payments_prove_nothing() -> None:
    known = [Payment(TODAY - timedelta(days=days), amount) for days in (0, 1) for amount in (0, 100)]
    assert telling(known, TODAY) == (Payment(TODAY - timedelta(days=1), 100),)


def test_what_somebody_else_paid_through_the_bot_is_left_out_once() -> None:
    """Two people have paid a rouble on one day: one of the payments is the other's."""
    rouble, other = Payment(DAY, 100), Payment(DAY, 777)
    assert telling([rouble, rouble, other], TODAY, [rouble]) == (rouble, other)
    assert telling([rouble], TODAY, [rouble]) == ()
    assert telling([other], TODAY, [rouble]) == (other,)
