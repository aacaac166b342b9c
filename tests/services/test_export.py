"""Files of readings and payments as billing finds them."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from services.payments.models import Movement
from services.readings.export import write_payments, write_readings
from services.readings.models import Remark, Submission, SubmissionStatus, Submitted
from services.supplier.models import Month, Zone
from services.supplier.periods import ReadingDays
from services.supplier.profile import Region, SupplierProfile

SUBMISSION = Submission(
    key="k1",
    number="П-2611-00042",
    user_id=1,
    account="010000123456",
    meter="10000001",
    period=Month(2026, 11),
    day=date(2026, 11, 23),
    submitted_at=datetime(2026, 11, 23, 7, 14, tzinfo=UTC),
    values=(Submitted(Zone.DAY, 3650, 3500, 150), Submitted(Zone.NIGHT, 12, 1500, None, Remark.REPLACED)),
)


async def stream(*submissions: Submission) -> AsyncIterator[Submission]:
    for submission in submissions:
        yield submission


async def exported(*submissions: Submission) -> list[str]:
    file = io.StringIO(newline="")
    count = await write_readings(stream(*submissions), file)
    lines = file.getvalue().split("\n")
    assert lines[-1] == ""
    assert count == len(lines) - 2
    return lines[:-1]


async def test_a_line_for_every_register() -> None:
    assert await exported(SUBMISSION) == [
        "account;meter;zone;date;value;source;submission",
        "010000123456;10000001;day;2026-11-23;3650;bot;П-2611-00042",
        "010000123456;10000001;night;2026-11-23;12;bot:meter_replaced;П-2611-00042",
    ]


async def test_replaced_and_refused_submissions_are_left_out() -> None:
    versions = [replace(SUBMISSION, status=status, number=f"П-{status}") for status in SubmissionStatus]
    numbers = {line.rsplit(";", 1)[1] for line in (await exported(*versions))[1:]}
    assert numbers == {"П-queued", "П-sent", "П-accepted", "П-counted"}


async def test_cells_that_spreadsheets_would_run_are_text() -> None:
    for first in "=+-@":
        (_, line, _) = await exported(replace(SUBMISSION, meter=f"{first}1;2"))
        assert line.split(";day;")[0] == f'010000123456;"\'{first}1;2"'


async def test_nothing_submitted_is_a_file_with_a_header() -> None:
    assert await exported() == ["account;meter;zone;date;value;source;submission"]


# Payments

VORONEZH = Region("", ("01",), ZoneInfo("Europe/Moscow"), ReadingDays(23, 25))
OMSK = Region("", ("55",), ZoneInfo("Asia/Omsk"), ReadingDays(23, 25))
PROFILE = SupplierProfile("", "", "", "", (VORONEZH, OMSK), (), VORONEZH)
PAID = Movement("010000123456", "О-2611-00007", 123456, datetime(2026, 11, 23, 7, 14, tzinfo=UTC))


async def moved(*movements: Movement, days: tuple[int, int] = (1, 30)) -> list[str]:
    async def each() -> AsyncIterator[Movement]:
        for one in movements:
            yield one

    file = io.StringIO(newline="")
    first, last = (date(2026, 11, day) for day in days)
    count = await write_payments(each(), PROFILE, first, last, file)
    lines = file.getvalue().splitlines()
    assert count == len(lines) - 1
    return lines


async def test_what_was_paid_and_what_was_given_back_are_lines() -> None:
    back = replace(PAID, kopecks=-5, at=datetime(2026, 11, 25, 7, 14, tzinfo=UTC))
    assert await moved(PAID, back) == [
        "account;date;amount;source;reference",
        "010000123456;2026-11-23;1234.56;bot;О-2611-00007",
        "010000123456;2026-11-25;-0.05;bot;О-2611-00007",
    ]


async def test_days_are_those_of_the_account_s_region() -> None:
    """At 20:30 UTC it is still the 23rd in Moscow and the 24th in Omsk."""
    late = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
    here, there = replace(PAID, at=late), replace(PAID, account="550000123456", at=late)
    assert [line.split(";")[1] for line in (await moved(here, there))[1:]] == ["2026-11-23", "2026-11-24"]
    assert len(await moved(here, there, days=(23, 23))) == 2
    assert len(await moved(here, there, days=(24, 24))) == 2
    assert len(await moved(here, there, days=(25, 25))) == 1


async def test_cells_of_payments_are_text_and_sums_are_numbers() -> None:
    [_, line] = await moved(replace(PAID, number="=1+1", kopecks=-100))
    assert line == "010000123456;2026-11-23;-1.00;bot;'=1+1"
