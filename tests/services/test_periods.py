from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.supplier.models import Month
from services.supplier.periods import ReadingDays, WindowState, closes, is_open, opens, pay_by, period_of, window

MOSCOW = ZoneInfo("Europe/Moscow")
VLADIVOSTOK = ZoneInfo("Asia/Vladivostok")
DAYS = ReadingDays(23, 25)


@pytest.mark.parametrize(
    ("text", "days"),
    [("23-25", DAYS), (" 23 – 25 ", DAYS), ("1-31", ReadingDays(1, 31)), ("25-25", ReadingDays(25, 25))],
)
def test_reading_days_are_read(text: str, days: ReadingDays) -> None:
    assert ReadingDays.parse(text) == days
    assert ReadingDays.parse(str(days)) == days


@pytest.mark.parametrize("text", ["", "23", "25-23", "0-25", "23-32", "-5-10", "23-25-27", "a-b", "²-25", "023-025"])
def test_wrong_reading_days_say_so(text: str) -> None:
    with pytest.raises(ValueError, match="reading days must"):
        ReadingDays.parse(text)


@pytest.mark.parametrize(
    ("local", "period"),
    [
        ("2026-11-01T00:00:00", "2026-11"),
        ("2026-11-25T23:59:59", "2026-11"),
        ("2026-11-26T00:00:00", "2026-12"),
        ("2026-11-30T23:59:59", "2026-12"),
        ("2026-12-25T23:59:59", "2026-12"),
        ("2026-12-26T00:00:00", "2027-01"),
        ("2026-12-31T23:59:59", "2027-01"),
        ("2028-02-29T12:00:00", "2028-03"),
    ],
)
@pytest.mark.parametrize("tz", [MOSCOW, VLADIVOSTOK, ZoneInfo("America/New_York")])
def test_readings_after_the_last_day_count_for_the_next_month(local: str, period: str, tz: ZoneInfo) -> None:
    moment = datetime.fromisoformat(local).replace(tzinfo=tz).astimezone(UTC)
    assert period_of(moment, tz, DAYS) == Month.parse(period)


def test_the_same_moment_is_another_day_elsewhere() -> None:
    moment = datetime(2026, 11, 25, 20, 59, tzinfo=UTC)
    assert period_of(moment, MOSCOW, DAYS) == Month(2026, 11)
    assert period_of(moment, VLADIVOSTOK, DAYS) == Month(2026, 12)
    assert period_of(moment + timedelta(minutes=2), MOSCOW, DAYS) == Month(2026, 12)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        period_of(datetime(2026, 11, 25), MOSCOW, DAYS)  # noqa: DTZ001 -- that is the point


@pytest.mark.parametrize(
    ("day", "state", "period", "closing", "left"),
    [
        (1, WindowState.BEFORE, Month(2026, 11), date(2026, 11, 25), 25),
        (22, WindowState.BEFORE, Month(2026, 11), date(2026, 11, 25), 4),
        (23, WindowState.OPEN, Month(2026, 11), date(2026, 11, 25), 3),
        (25, WindowState.OPEN, Month(2026, 11), date(2026, 11, 25), 1),
        (26, WindowState.LATE, Month(2026, 12), date(2026, 12, 25), 30),
        (30, WindowState.LATE, Month(2026, 12), date(2026, 12, 25), 26),
    ],
)
def test_what_a_screen_says_about_the_window(
    day: int, state: WindowState, period: Month, closing: date, left: int
) -> None:
    seen = window(datetime(2026, 11, day, 12, tzinfo=MOSCOW), MOSCOW, DAYS)
    assert (seen.state, seen.period, seen.closes, seen.days_left) == (state, period, closing, left)
    assert seen.opens == date(period.year, period.month, 23)


@pytest.mark.parametrize(
    ("period", "last"),
    [
        (Month(2026, 2), date(2026, 2, 28)),
        (Month(2028, 2), date(2028, 2, 29)),
        (Month(2026, 4), date(2026, 4, 30)),
        (Month(2026, 12), date(2026, 12, 31)),
    ],
)
def test_a_short_month_closes_on_its_last_day(period: Month, last: date) -> None:
    days = ReadingDays(29, 31)
    assert closes(period, days) == last
    assert opens(period, days) <= last


def test_a_correction_is_possible_until_the_end_of_the_last_day() -> None:
    november = Month(2026, 11)
    assert is_open(november, datetime(2026, 11, 25, 23, 59, 59, tzinfo=MOSCOW), MOSCOW, DAYS)
    assert not is_open(november, datetime(2026, 11, 26, tzinfo=MOSCOW), MOSCOW, DAYS)
    assert is_open(Month(2026, 12), datetime(2026, 11, 26, tzinfo=MOSCOW), MOSCOW, DAYS)


@pytest.mark.parametrize(
    ("month", "day", "until"),
    [
        (Month(2026, 11), 15, date(2026, 12, 15)),
        (Month(2026, 12), 15, date(2027, 1, 15)),
        (Month(2027, 1), 30, date(2027, 2, 28)),
        (Month(2026, 11), 10, date(2026, 12, 10)),
    ],
)
def test_charges_are_paid_in_the_next_month(month: Month, day: int, until: date) -> None:
    assert pay_by(month, day) == until


def test_the_law_says_the_fifteenth() -> None:
    assert pay_by(Month(2026, 11)) == date(2026, 12, 15)


moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
reading_days = st.tuples(st.integers(1, 31), st.integers(1, 31)).map(lambda pair: ReadingDays(min(pair), max(pair)))


@given(moment=moments, days=reading_days, tz=st.sampled_from([MOSCOW, VLADIVOSTOK, ZoneInfo("UTC")]))
def test_the_window_agrees_with_itself(moment: datetime, days: ReadingDays, tz: ZoneInfo) -> None:
    seen = window(moment, tz, days)
    assert seen.period == period_of(moment, tz, days)
    assert is_open(seen.period, moment, tz, days)
    assert not is_open(seen.period.plus(-1), moment, tz, days)
    assert seen.days_left >= 1
    assert (seen.state is WindowState.OPEN) == (seen.opens <= seen.today <= seen.closes)


@given(moment=moments, later=st.timedeltas(timedelta(0), timedelta(days=70)), days=reading_days)
def test_the_period_never_goes_back(moment: datetime, later: timedelta, days: ReadingDays) -> None:
    assert period_of(moment + later, MOSCOW, days) >= period_of(moment, MOSCOW, days)
