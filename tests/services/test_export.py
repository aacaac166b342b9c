"""What billing finds in the file of readings."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime

from services.export import write_readings
from services.models import Month, Remark, Submission, SubmissionStatus, Submitted, Zone

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
