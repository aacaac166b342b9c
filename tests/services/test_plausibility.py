from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.readings.errors import NumbersAmbiguous
from services.readings.models import Remark
from services.readings.numbers import readings
from services.readings.plausibility import (
    Doubt,
    DoubtKind,
    Habits,
    Way,
    consumption,
    previous_reading,
)
from services.supplier.models import Meter, Reading, Zone, ZoneScheme

TODAY = date(2026, 11, 23)
SINGLE, DAY, NIGHT = Zone.SINGLE, Zone.DAY, Zone.NIGHT


def month_back(months: int) -> date:
    index = TODAY.year * 12 + TODAY.month - 1 - months
    return date(index // 12, index % 12 + 1, 23)


def history(zone: Zone, newest: int, monthly: Iterable[int]) -> list[Reading]:
    """Readings on the 23rd of past months, newest first; `monthly` is what each month took, newest first."""
    value, found = newest, [Reading(zone, month_back(1), newest)]
    for back, gone in enumerate(monthly, start=2):
        value -= gone
        found.append(Reading(zone, month_back(back), value))
    return found


def single(newest: int, monthly: Iterable[int], digits: int = 6, coefficient: int = 1) -> Meter:
    return Meter("1", ZoneScheme.SINGLE, digits, coefficient, readings=tuple(history(SINGLE, newest, monthly)))


def day_night(day: int = 3500, night: int = 1500) -> Meter:
    values = [*history(DAY, day, [150] * 23), *history(NIGHT, night, [60] * 23)]
    return Meter("1", ZoneScheme.DAY_NIGHT, readings=tuple(sorted(values, key=lambda one: one.day, reverse=True)))


def kind(meter: Meter, value: int, day: date = TODAY) -> DoubtKind | None:
    found = Habits(meter, day).doubts({SINGLE: value})
    return found[0].kind if found else None


STEADY = single(50_000, [150] * 23)  # 150 kWh a month


@pytest.mark.parametrize(
    ("value", "doubt"),
    [
        (50_150, None),
        (50_035, None),
        (50_025, DoubtKind.FAR_BELOW),
        (50_000, DoubtKind.FAR_BELOW),
        (49_999, DoubtKind.BELOW_PREVIOUS),
        (50_450, None),
        (50_500, DoubtKind.FAR_ABOVE),
        (999_999, DoubtKind.FAR_ABOVE),
        (1_000_000, DoubtKind.TOO_MANY_DIGITS),
    ],
)
def test_a_steady_home(value: int, doubt: DoubtKind | None) -> None:
    assert kind(STEADY, value) is doubt


def test_a_doubt_tells_its_facts() -> None:
    (doubt,) = Habits(STEADY, TODAY).doubts({SINGLE: 51_000})
    assert doubt == Doubt(DoubtKind.FAR_ABOVE, SINGLE, 51_000, STEADY.readings[0], 1000, 155)


def test_little_use_is_neither_missed_nor_multiplied() -> None:
    garage = single(500, [5] * 23)
    assert kind(garage, 500) is None
    assert kind(garage, 500 + 5 + 145) is None
    assert kind(garage, 500 + 5 + 160) is DoubtKind.FAR_ABOVE


def test_a_longer_gap_allows_more() -> None:
    assert kind(STEADY, 50_900) is DoubtKind.FAR_ABOVE
    assert kind(STEADY, 50_900, TODAY + timedelta(days=150)) is None
    assert kind(STEADY, 50_100, TODAY + timedelta(days=150)) is DoubtKind.FAR_BELOW


def heated(winter: int, summer: int, months: int = 25) -> Meter:
    """A home that takes `winter` kWh in the months that end from November to March."""
    ends = [month_back(back) for back in range(1, months + 1)]
    return single(50_000, [winter if end.month in {11, 12, 1, 2, 3} else summer for end in ends])


def test_the_first_cold_month_is_compared_with_earlier_winters() -> None:
    assert kind(heated(700, 60), 50_700) is None
    assert kind(heated(60, 60), 50_700) is DoubtKind.FAR_ABOVE


def test_a_mild_november_does_not_spoil_the_season_of_december() -> None:
    ends = [month_back(back) for back in range(1, 14)]
    past = history(SINGLE, 50_000, [700 if end.month in {12, 1, 2} else 60 for end in ends])
    meter = Meter("1", ZoneScheme.SINGLE, readings=(Reading(SINGLE, TODAY, 50_060), *past))
    assert kind(meter, 50_760, date(2026, 12, 23)) is None


def test_december_and_january_are_one_season() -> None:
    assert kind(heated(700, 60, months=12), 52_100, date(2027, 1, 23)) is None


def test_a_habit_of_the_last_three_months_counts_as_well() -> None:
    bought_a_boiler = single(50_000, [500, 500, 500, *[100] * 20])
    assert kind(bought_a_boiler, 50_500) is None
    assert kind(bought_a_boiler, 50_100) is None


def test_an_empty_home_may_stay_empty() -> None:
    assert kind(single(50_000, [0, 0, 0, *[150] * 20]), 50_000) is None
    assert kind(heated(0, 200), 50_000) is None


def test_usual_is_the_habit_that_was_compared() -> None:
    meter = single(50_000, [500, 500, 500, *[100] * 20])
    above, below = (Habits(meter, TODAY).doubts({SINGLE: value})[0].usual for value in (60_000, 50_001))
    assert above is not None
    assert below is not None
    assert above > 400
    assert below < 120


@pytest.mark.parametrize(
    "monthly",
    [
        [150, 150, 9000, *[150] * 20],
        [0, 150, 150, 150, 150, 0, *[150] * 17],
        [150, 150, 150, -49_000, *[150] * 19],
        [150] * 4,
    ],
    ids=["one spike", "some zeros", "another meter", "short"],
)
def test_the_habit_survives(monthly: list[int]) -> None:
    meter = single(50_000, monthly)
    assert kind(meter, 50_150) is None
    assert kind(meter, 50_000) is DoubtKind.FAR_BELOW
    assert kind(meter, 50_700) is DoubtKind.FAR_ABOVE


def test_a_roll_over_of_the_past_is_no_other_meter() -> None:
    values = [250, 100, 99_950, 99_800]
    past = tuple(Reading(SINGLE, month_back(back), value) for back, value in enumerate(values, start=1))
    meter = Meter("1", ZoneScheme.SINGLE, digits=5, readings=past)
    (doubt,) = Habits(meter, TODAY).doubts({SINGLE: 5000})
    assert doubt.usual is not None
    assert 140 <= doubt.usual <= 160


def test_a_fall_of_the_past_tells_nothing_of_the_habit() -> None:
    assert kind(single(50_000, [150, -40_000, 150]), 50_000) is None
    assert kind(single(50_000, [150, 150, 150]), 50_000) is DoubtKind.FAR_BELOW


def test_gaps_weigh_as_long_as_they_are() -> None:
    days = {2: 50_000, 3: 49_990, 4: 49_980, 16: 48_180, 23: 47_130}
    past = tuple(Reading(SINGLE, month_back(back), value) for back, value in days.items())
    assert kind(Meter("1", ZoneScheme.SINGLE, readings=past), 50_300) is None


@pytest.mark.parametrize("monthly", [[], [150], [150, 150]])
def test_without_a_habit_only_the_absurd_is_doubted(monthly: list[int]) -> None:
    meter = single(50_000, monthly)
    assert kind(meter, 50_000) is None
    assert kind(meter, 60_000) is None
    assert kind(meter, 60_500) is DoubtKind.FAR_ABOVE
    assert kind(meter, 60_500, TODAY + timedelta(days=60)) is None
    assert kind(meter, 49_999) is DoubtKind.BELOW_PREVIOUS
    assert Habits(meter, TODAY).doubts({SINGLE: 60_500})[0].usual is None


def test_a_first_reading_needs_only_to_fit_the_display() -> None:
    meter = Meter("1", ZoneScheme.SINGLE)
    assert kind(meter, 999_999) is None
    assert kind(meter, 1_000_000) is DoubtKind.TOO_MANY_DIGITS
    (doubt,) = Habits(meter, TODAY).doubts({SINGLE: 1_000_000})
    assert doubt.previous is None


def test_the_coefficient_multiplies() -> None:
    shop = single(5000, [15] * 23, coefficient=20)
    assert kind(shop, 5015) is None
    assert kind(shop, 5060) is DoubtKind.FAR_ABOVE
    (doubt,) = Habits(shop, TODAY).doubts({SINGLE: 5060})
    assert doubt.consumption == 1200
    assert doubt.usual is not None
    assert 290 <= doubt.usual <= 320


def test_a_reading_of_the_same_day_is_the_previous_one() -> None:
    today = Reading(SINGLE, TODAY, 50_170)
    meter = Meter("1", ZoneScheme.SINGLE, readings=(today, *STEADY.readings))
    assert kind(meter, 50_150) is DoubtKind.BELOW_PREVIOUS
    assert kind(meter, 50_180) is None
    assert previous_reading(meter, SINGLE, TODAY) == today


def test_what_came_after_the_day_is_left_out() -> None:
    later = Reading(SINGLE, TODAY + timedelta(days=3), 51_000)
    meter = Meter("1", ZoneScheme.SINGLE, readings=(later, *STEADY.readings))
    assert previous_reading(meter, SINGLE, TODAY) == STEADY.readings[0]


def test_meters_that_differ_in_their_older_readings_have_habits_of_their_own() -> None:
    large, small = single(3500, [200] * 12), single(3500, [20] * 12)
    assert hash(large) == hash(small)
    assert [kind(meter, 3510) for meter in (large, small, large)] == [DoubtKind.FAR_BELOW, None, DoubtKind.FAR_BELOW]


def test_doubts_come_in_the_order_of_the_zones() -> None:
    found = Habits(day_night(), TODAY).doubts({NIGHT: 1480, DAY: 3490})
    assert [doubt.zone for doubt in found] == [DAY, NIGHT]


def test_zones_without_a_value_are_not_doubted() -> None:
    assert Habits(day_night(), TODAY).doubts({DAY: 3650}) == ()


def answers(meter: Meter, values: dict[Zone, int]) -> tuple[Way, ...]:
    habits = Habits(meter, TODAY)
    return habits.ways(habits.doubts(values)[0], values)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({DAY: 1560, NIGHT: 3650}, (Way.FIX, Way.SWAPPED, Way.REPLACED, Way.CERTAIN)),
        ({DAY: 3650, NIGHT: 1480}, (Way.FIX, Way.REPLACED, Way.CERTAIN)),
        ({DAY: 3400}, (Way.FIX, Way.REPLACED, Way.CERTAIN)),
        ({DAY: 9000, NIGHT: 1560}, (Way.FIX, Way.CERTAIN)),
        ({DAY: 3500, NIGHT: 1560}, (Way.FIX, Way.CERTAIN)),
        ({DAY: 3_650_000, NIGHT: 1560}, (Way.FIX, Way.REPLACED)),
    ],
)
def test_only_explanations_that_fit_are_offered(values: dict[Zone, int], expected: tuple[Way, ...]) -> None:
    assert answers(day_night(), values) == expected


def test_a_roll_over_is_offered_near_the_end_of_the_display() -> None:
    near = single(99_950, [150] * 23, digits=5)
    assert answers(near, {SINGLE: 100}) == (Way.FIX, Way.REPLACED, Way.ROLLED_OVER, Way.CERTAIN)
    assert answers(near, {SINGLE: 5000}) == (Way.FIX, Way.REPLACED, Way.CERTAIN)


def test_swapping_gives_the_exchanged_values() -> None:
    values = {DAY: 1560, NIGHT: 3650}
    (first, *_) = Habits(day_night(), TODAY).doubts(values)
    assert Habits(day_night(), TODAY).swapped(first, values) == {DAY: 3650, NIGHT: 1560}


def test_of_three_zones_exactly_two_are_exchanged() -> None:
    zones = ZoneScheme.PEAK_HALF_NIGHT.zones
    past = [
        one for zone, newest in zip(zones, (1000, 5000, 9000), strict=True) for one in history(zone, newest, [50] * 12)
    ]
    meter = Meter("1", ZoneScheme.PEAK_HALF_NIGHT, readings=tuple(past))
    values = dict(zip(zones, (1050, 9050, 5050), strict=True))
    (doubt, *_) = Habits(meter, TODAY).doubts(values)
    assert Habits(meter, TODAY).swapped(doubt, values) == dict(zip(zones, (1050, 5050, 9050), strict=True))
    round_trip = dict(zip(zones, (9050, 1050, 5050), strict=True))
    habits = Habits(meter, TODAY)
    assert habits.swapped(habits.doubts(round_trip)[0], round_trip) is None


def test_two_exchanges_that_fit_are_no_exchange() -> None:
    zones = ZoneScheme.PEAK_HALF_NIGHT.zones
    past = [Reading(zone, month_back(1), value) for zone, value in zip(zones, (1000, 40_000, 40_000), strict=True)]
    meter = Meter("1", ZoneScheme.PEAK_HALF_NIGHT, readings=tuple(past))
    values = dict(zip(zones, (40_100, 1010, 1020), strict=True))
    (doubt, *_) = Habits(meter, TODAY).doubts(values)
    assert Habits(meter, TODAY).swapped(doubt, values) is None


@pytest.mark.parametrize(
    ("value", "remark", "gone"),
    [
        (3650, Remark.NONE, 150),
        (3650, Remark.CERTAIN, 150),
        (3500, Remark.NONE, 0),
        (3499, Remark.CERTAIN, None),
        (3650, Remark.REPLACED, None),
        (5, Remark.REPLACED, None),
        (3400, Remark.ROLLED_OVER, 999_900),
    ],
)
def test_consumption_by_the_customers_word(value: int, remark: Remark, gone: int | None) -> None:
    assert consumption(day_night(), DAY, value, TODAY, remark) == gone


def test_consumption_through_a_transformer() -> None:
    meter = single(99_950, [1] * 5, digits=5, coefficient=30)
    assert consumption(meter, SINGLE, 99_960, TODAY) == 300
    assert consumption(meter, SINGLE, 10, TODAY, Remark.ROLLED_OVER) == 1800
    assert consumption(Meter("1", ZoneScheme.SINGLE), SINGLE, 10, TODAY) is None


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3650 1560", {DAY: 3650, NIGHT: 1560}),
        ("3 650", {DAY: 3650}),
        ("3 650 1 560", {DAY: 3650, NIGHT: 1560}),
        ("003 650 001 560", {DAY: 3650, NIGHT: 1560}),
        ("7 850", {DAY: 7, NIGHT: 850}),
    ],
)
def test_the_past_tells_what_the_spaces_mean(text: str, values: dict[Zone, int]) -> None:
    assert Habits(day_night(), TODAY).only_plausible(readings(text, ZoneScheme.DAY_NIGHT)) == values


def test_three_groups_for_two_zones() -> None:
    meter = day_night(100_050, 240)
    assert Habits(meter, TODAY).only_plausible(readings("100 200 300", ZoneScheme.DAY_NIGHT)) == {
        DAY: 100_200,
        NIGHT: 300,
    }
    with pytest.raises(NumbersAmbiguous):
        Habits(day_night(), TODAY).only_plausible(readings("100 200 300", ZoneScheme.DAY_NIGHT))


pasts = st.lists(st.tuples(st.integers(0, 700), st.integers(0, 99_999)), max_size=30).map(
    lambda pairs: tuple(
        Reading(SINGLE, TODAY - timedelta(days=days), value) for days, value in sorted(pairs, key=lambda pair: pair[0])
    )
)
meters = st.builds(
    Meter,
    number=st.just("1"),
    scheme=st.just(ZoneScheme.SINGLE),
    digits=st.integers(4, 7),
    coefficient=st.sampled_from([1, 20, 40]),
    readings=pasts,
)


@given(meters, st.integers(0, 10**7), st.integers(0, 400))
def test_any_past_gives_at_most_one_doubt_with_a_way_out(meter: Meter, value: int, later: int) -> None:
    day = TODAY + timedelta(days=later)
    found = Habits(meter, day).doubts({SINGLE: value})
    assert len(found) <= 1
    for doubt in found:
        offered = Habits(meter, day).ways(doubt, {SINGLE: value})
        assert offered[0] is Way.FIX
        assert (Way.CERTAIN in offered) is (doubt.kind is not DoubtKind.TOO_MANY_DIGITS)
        assert Way.SWAPPED not in offered


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 60))
def test_the_longer_ago_the_higher_the_limit(less: int, more: int, later: int) -> None:
    less, more = sorted((less, more))
    day = TODAY + timedelta(days=later)
    if kind(STEADY, 50_000 + more, day) is None:
        assert kind(STEADY, 50_000 + less, day) is not DoubtKind.FAR_ABOVE
        assert kind(STEADY, 50_000 + more, day + timedelta(days=1)) is not DoubtKind.FAR_ABOVE
