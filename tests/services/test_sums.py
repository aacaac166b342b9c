"""Sums in any spelling, to the kopeck, and never a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InputError
from services.payments.errors import NegativeSum, SumMissing, SumUnclear
from services.payments.sums import kopecks
from services.readings.errors import StrangeDigits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234,56", 123456),
        ("1234.56", 123456),
        ("1 234,56 ₽", 123456),
        ("1\u00a0234,56\u202f₽", 123456),
        ("1234-56", 123456),
        ("1234=56", 123456),
        ("1234 руб 56 коп", 123456),
        ("1234 руб. 56 коп.", 123456),
        ("1234р56к", 123456),
        ("1234 рубля 56 копеек", 123456),
        ("1.234,56", 123456),
        ("1,234.56", 123456),
        ("1'234.56", 123456),
        ("12 345 678,90", 1234567890),
        ("500", 50000),
        ("500 р", 50000),
        ("500₽", 50000),
        ("500 600", 50060000),
        ("500,5", 50050),
        ("500,05", 50005),
        ("0,01", 1),
        ("007", 700),
        ("500 RUB", 50000),
        (" 500. ", 50000),
        ("100 рублей", 10000),
        ("100 руб 5 коп", 10005),
    ],
)
def test_people_write_sums_in_many_ways(text: str, expected: int) -> None:
    assert kopecks(text) == expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", SumMissing),
        ("   ", SumMissing),
        ("не помню", SumMissing),
        ("-500", NegativeSum),
        ("−500", NegativeSum),
        ("1,234", SumUnclear),
        ("1.234", SumUnclear),
        ("1e5", SumUnclear),
        ("12 34,56", SumUnclear),
        ("500,567", SumUnclear),
        ("1,23,45", SumUnclear),
        ("1234567890", SumUnclear),
        ("9" * 10_000, SumUnclear),
        ("500 долларов", SumUnclear),
        ("5²", StrangeDigits),
        ("٥٠٠", StrangeDigits),
        ("<b>500</b>", SumUnclear),
    ],
)
def test_what_could_mean_something_else_is_asked_about(text: str, error: type[InputError]) -> None:
    with pytest.raises(error):
        kopecks(text)


@given(st.integers(min_value=0, max_value=99_999_999_999), st.sampled_from([",", ".", "-", "="]), st.booleans())
def test_every_sum_survives_being_written(amount: int, point: str, grouped: bool) -> None:
    roubles = f"{amount // 100:,}".replace(",", " ") if grouped else str(amount // 100)
    assert kopecks(f"{roubles}{point}{amount % 100:02d}") == amount


@given(st.text(max_size=40))
def test_anything_else_is_an_input_error_or_a_sum(text: str) -> None:
    try:
        assert kopecks(text) >= 0
    except InputError:
        return
