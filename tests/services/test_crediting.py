"""The supplier's credited rows: those of them that are payments through the bot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments.crediting import matched
from services.payments.models import Order, OrderStatus
from services.supplier.models import Payment

DAY: Final = date(2026, 11, 10)
PAID: Final = Order(
    "k1", "О-2611-00001", 1, "360000123456", 10000, datetime(2026, 11, 10, 9, tzinfo=UTC),
    status=OrderStatus.PAID, external_id="2d1f4c6e", settled_at=datetime(2026, 11, 10, 9, tzinfo=UTC),
)  # fmt: skip


def paid(number: int, day: int = 0, kopecks: int = 10000, *, refunded: int = 0, credited: int | None = None) -> Order:
    at = PAID.created_at + timedelta(days=day)
    credited_on = None if credited is None else DAY + timedelta(days=credited)
    return replace(
        PAID, key=f"k{number}", number=f"О-2611-{number:05d}", external_id=f"x{number}", kopecks=kopecks,
        created_at=at, settled_at=at, refunded=refunded, credited_on=credited_on,
    )  # fmt: skip


def row(day: int = 0, amount: int = 10000, reference: str = "") -> Payment:
    return Payment(DAY + timedelta(days=day), amount, "банк", reference)


def credited(orders: list[Order], rows: list[Payment]) -> dict[str, Payment]:
    return dict(matched(orders, rows, ZoneInfo("UTC")))


def test_our_number_the_provider_s_id_and_our_key_are_references() -> None:
    for reference in (PAID.number, "2d1f4c6e", "k1"):
        far = row(60, 9950, reference)  # the bank has kept something, and took its time
        assert credited([PAID], [row(1), far]) == {"k1": far}


def test_an_empty_reference_refers_to_nothing() -> None:
    order = replace(PAID, external_id=None)
    assert credited([order], [row(60)]) == {}
    assert credited([replace(order, external_id="")], [row(60)]) == {}


def test_without_a_reference_the_sum_and_a_near_day_do() -> None:
    assert credited([PAID], [row(day) for day in (-2, 6)]) == {}
    for day in (-1, 0, 5):
        assert credited([PAID], [row(day)]) == {"k1": row(day)}
    assert credited([PAID], [row(0, 10001), row(0, 9999), row(0, -10000), row(0, 0)]) == {}


def test_a_row_counts_once() -> None:
    orders = [paid(1), paid(2)]
    assert credited(orders, [row(1)]) == {"k1": row(1)}
    assert len(credited(orders, [row(1), row(1)])) == 2


def test_what_names_another_of_ours_is_not_taken_for_this_one() -> None:
    named = row(0, 10000, "О-2611-00002")
    assert credited([paid(1), paid(2)], [named]) == {"k2": named}


def test_the_earlier_row_is_of_the_earlier_payment() -> None:
    """However the supplier sorts them: otherwise the later payment finds nothing."""
    early, late = row(1), row(5)
    for rows in ([early, late], [late, early]):
        assert credited([paid(1, 0), paid(2, 4)], rows) == {"k1": early, "k2": late}


def test_a_row_without_a_reference_is_rather_ours_than_one_with_somebody_else_s() -> None:
    foreign, bare = row(0, reference="36241123456"), row(1)
    for rows in ([foreign, bare], [bare, foreign]):
        assert credited([PAID], rows) == {"k1": bare}
    assert credited([PAID], [foreign]) == {"k1": foreign}, "billing may have references of its own"
    before = replace(PAID, credited_on=DAY)
    assert credited([before], [foreign, bare]) == {"k1": foreign}


def test_what_was_credited_before_keeps_its_row() -> None:
    first = paid(1, 0, credited=2)
    assert credited([first, paid(2, 0)], [row(2)]) == {"k1": row(2)}
    assert credited([first, paid(2, 0)], [row(1), row(2)]) == {"k1": row(2), "k2": row(1)}


def test_a_payment_of_which_a_part_was_given_back_is_credited_whole_or_in_part() -> None:
    order = paid(1, refunded=3000)
    for amount in (10000, 7000):
        assert credited([order], [row(1, amount), row(2, -3000)]) == {"k1": row(1, amount)}
    assert credited([order], [row(1, 3000)]) == {}


def test_what_was_given_back_leaves_the_row_to_another() -> None:
    assert credited([paid(1, refunded=10000), paid(2)], [row(1)]) == {"k2": row(1)}


ORDERS = st.lists(
    st.builds(
        paid, st.integers(1, 99), st.integers(0, 8), st.sampled_from([10000, 20000]),
        refunded=st.sampled_from([0, 0, 3000, 10000]), credited=st.none() | st.integers(0, 8),
    ),
    max_size=6, unique_by=lambda order: order.key,
)  # fmt: skip
ROWS = st.lists(
    st.builds(
        row, st.integers(-3, 15), st.sampled_from([10000, 20000, 7000, -10000]),
        st.sampled_from(["", "", "36241123456"]) | st.builds(lambda n: f"О-2611-{n:05d}", st.integers(1, 99)),
    ),
    max_size=6,
)  # fmt: skip


@settings(deadline=None)
@given(ORDERS, ROWS, st.randoms())
def test_whatever_there_is(orders: list[Order], rows: list[Payment], chance: Random) -> None:
    found = credited(orders, rows)
    left = list(rows)
    for key, one in found.items():
        left.remove(one)  # raises when a row counts twice
        assert one.amount > 0
        assert key in {order.key for order in orders}
    by_number = {order.number: order for order in orders}
    for one in rows:
        if one.amount > 0 and one.reference in by_number:
            assert by_number[one.reference].key in found
    shuffled_orders, shuffled_rows = chance.sample(orders, len(orders)), chance.sample(rows, len(rows))
    assert credited(shuffled_orders, shuffled_rows) == found


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), max_size=7), st.lists(st.integers(-2, 27), max_size=7))
def test_as_many_as_possible_find_their_row(paid_on: list[int], booked_on: list[int]) -> None:
    orders = [paid(number, day) for number, day in enumerate(paid_on)]
    assert len(credited(orders, [row(day) for day in booked_on])) == _most(sorted(paid_on), sorted(booked_on))


def _most(days: list[int], rows: list[int]) -> int:
    """By trying everything."""
    if not days:
        return 0
    first, others = days[0], days[1:]
    best = _most(others, rows)
    for place, day in enumerate(rows):
        if first - 1 <= day <= first + 5:
            best = max(best, 1 + _most(others, rows[:place] + rows[place + 1 :]))
    return best
