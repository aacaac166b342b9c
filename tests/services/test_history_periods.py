"""Periods as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InputError
from services.history.errors import PeriodAhead, PeriodTooEarly, PeriodUnclear
from services.history.periods import EARLIEST, Period
from services.history.typed import period_of
from services.supplier.models import Month

PRESENT = Month(2026, 11)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2025", "2025-01", "2025-12"),
        ("за 2025 год", "2025-01", "2025-12"),
        ("март 2025", "2025-03", "2025-03"),
        ("Март", "2026-03", "2026-03"),
        ("декабрь", "2025-12", "2025-12"),
        ("с марта 2024 по май 2025", "2024-03", "2025-05"),
        ("03.2024-05.2025", "2024-03", "2025-05"),
        ("3/2024 – 5/2025", "2024-03", "2025-05"),
        ("2024-03 2025-05", "2024-03", "2025-05"),
        ("май 2025 — март 2024", "2024-03", "2025-05"),
        ("с ноября по февраль 2025", "2024-11", "2025-02"),
        ("ноябрь 2024 - февраль", "2024-11", "2025-02"),
        ("с декабря по март", "2025-12", "2026-03"),
        ("с 15.03.2024 по 02.05.2025", "2024-03", "2025-05"),
        ("с июля 2025", "2025-07", "2026-11"),
        ("2024-2025", "2024-01", "2025-12"),
        ("2026", "2026-01", "2026-11"),
        ("2014 2015", "2015-01", "2015-12"),
        ("год", "2025-12", "2026-11"),
        ("Полгода.", "2026-06", "2026-11"),
        ("всё", "2015-01", "2026-11"),
        ("from March 2024 to May 2025", "2024-03", "2025-05"),
        ("Сентябрь - ноябрь", "2026-09", "2026-11"),
        ("май", "2026-05", "2026-05"),
        ("март 2024 май", "2024-03", "2024-05"),
        ("2015-01", "2015-01", "2015-01"),
        ("с 2025", "2025-01", "2026-11"),
        ("since May 2026", "2026-05", "2026-11"),
        ("10.2026 12.2027", "2026-10", "2026-11"),
    ],
)
def test_a_period_is_understood(typed: str, first: str, last: str) -> None:
    assert period_of(typed, PRESENT) == Period(Month.parse(first), Month.parse(last))


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("когда-нибудь", PeriodUnclear),
        ("13.2024", PeriodUnclear),
        ("2024 2025 2026", PeriodUnclear),
        ("март апрель май", PeriodUnclear),
        ("٢٠٢٤", PeriodUnclear),
        ("2" * 4000, PeriodUnclear),
        ("0000", PeriodUnclear),
        ("2014", PeriodTooEarly),
        ("12.2014", PeriodTooEarly),
        ("2027", PeriodAhead),
        ("декабрь 2026", PeriodAhead),
        ("", PeriodUnclear),
        ("с", PeriodUnclear),
        ("3650 1580", PeriodUnclear),
        ("0.2024", PeriodUnclear),
    ],
)
def test_what_is_no_period_is_told(typed: str, error: type[InputError]) -> None:
    with pytest.raises(error):
        period_of(typed, PRESENT)


@given(st.text() | st.text("0123456789 .-/мартсопд"))
def test_whatever_is_typed_is_a_period_within_reach_or_an_error(typed: str) -> None:
    try:
        found = period_of(typed, PRESENT)
    except InputError:
        return
    assert EARLIEST <= found.first <= found.last <= PRESENT
