"""Payments that prove that an account is one's own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.accounts.models import Watch
from services.accounts.proofs import telling
from services.supplier.models import Payment

TODAY = date(2026, 11, 23)
DAY = date(2026, 11, 10)
BEGAN = datetime(2026, 11, 20, tzinfo=UTC)


def watch(*known: Payment, sums: tuple[int, ...] = ()) -> Watch:
    return Watch(BEGAN, TODAY, tuple((one.day, one.amount) for one in known), frozenset(sums))


def test_todays_and_empty_payments_prove_nothing() -> None:
    known = [Payment(TODAY - timedelta(days=days), amount) for days in (0, 1) for amount in (0, 101)]
    assert telling(known, TODAY, None) == (Payment(TODAY - timedelta(days=1), 101),)


def test_whole_roubles_prove_for_their_payer_alone() -> None:
    """A stranger would try them first."""
    thousand, other = Payment(DAY, 1000_00), Payment(DAY, 999_99)
    assert telling([thousand, other], TODAY, None) == (other,)
    assert telling([thousand, other], TODAY, None, own=[thousand]) == (thousand, other)


def test_what_somebody_else_paid_through_the_bot_is_left_out_once() -> None:
    """Two people have paid a little on one day: one of the payments is the other's."""
    rouble, other = Payment(DAY, 101), Payment(DAY, 777)
    assert telling([rouble, rouble, other], TODAY, None, by_others=[rouble]) == (rouble, other)
    assert telling([rouble], TODAY, None, by_others=[rouble]) == ()
    assert telling([other], TODAY, None, by_others=[rouble]) == (other,)


def test_what_was_credited_while_somebody_could_look_proves_nothing() -> None:
    before, late = Payment(DAY, 613_37), Payment(DAY - timedelta(days=30), 777_77)
    assert telling([before, late], TODAY, watch(before)) == (before,)
    assert telling([before, late], TODAY, watch()) == ()


def test_an_amount_that_comes_again_before_somebodys_eyes_is_known_of_the_earlier_payment_too() -> None:
    """A payer of the same sum each month; the difference that was seen held a rouble of the observer's own as well."""
    before, again, other = Payment(DAY - timedelta(days=30), 613_37), Payment(DAY, 613_37), Payment(DAY, 777_77)
    assert telling([before, again, other], TODAY, watch(before, other)) == (other,)
    assert telling([again, again, other], TODAY, watch(again, other)) == (other,), "of one day"
    assert telling([again, again], TODAY, watch(again, again)) == (again, again)
    assert telling([before, Payment(TODAY, 613_37)], TODAY, watch(before)) == (), "today's has been seen as well"
    assert telling([before, again], TODAY, watch(before), own=[again]) == (again,)


@pytest.mark.parametrize(
    ("sums", "proves"),
    [
        ((), True),
        ((613_37,), False),
        ((-613_37,), False),
        ((1234_56, 621_19), False),
        ((600_00, -13_37), False),
        ((1234_56,), True),
        ((1234_56, 621_20), True),
    ],
)
def test_a_shown_sum_and_the_difference_of_two_prove_nothing(sums: tuple[int, ...], proves: bool) -> None:
    paid = Payment(DAY, 613_37)
    assert telling([paid], TODAY, watch(paid, sums=sums)) == ((paid,) if proves else ())


def test_ones_own_payment_through_the_bot_proves_whatever_was_shown() -> None:
    own, other = Payment(DAY, 613_37, reference="ours"), Payment(DAY, 100)
    assert telling([own, other], TODAY, watch(sums=(613_37,)), own=[own], by_others=[other]) == (own,)
    assert telling([Payment(TODAY, 100)], TODAY, watch(), own=[Payment(TODAY, 100)]) == ()
