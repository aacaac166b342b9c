"""Quiet hours to the minute, in any zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from services.customers.models import Quiet
from services.notices.policy import quiet_until

MOSCOW = ZoneInfo("Europe/Moscow")
OMSK = ZoneInfo("Asia/Omsk")  # three hours ahead of Moscow


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (Quiet.NIGHT, "2026-11-23 21:59:59", None),
        (Quiet.NIGHT, "2026-11-23 22:00", "2026-11-24 08:00"),
        (Quiet.NIGHT, "2026-11-23 23:59:59", "2026-11-24 08:00"),
        (Quiet.NIGHT, "2026-11-24 00:00", "2026-11-24 08:00"),
        (Quiet.NIGHT, "2026-11-24 07:59:59", "2026-11-24 08:00"),
        (Quiet.NIGHT, "2026-11-24 08:00", None),
        (Quiet.NIGHT, "2026-12-31 22:30", "2027-01-01 08:00"),
        (Quiet.EARLY, "2026-11-23 21:00", "2026-11-24 09:00"),
        (Quiet.LATE, "2026-11-23 22:59", None),
        (Quiet.LATE, "2026-11-24 06:59", "2026-11-24 07:00"),
        (Quiet.NEVER, "2026-11-24 03:00", None),
    ],
)
def test_quiet_hours_end_in_the_morning(quiet: Quiet, now: str, until: str | None) -> None:
    for zone in (MOSCOW, OMSK):
        expected = None if until is None else datetime.fromisoformat(until).replace(tzinfo=zone)
        assert quiet_until(quiet, datetime.fromisoformat(now).replace(tzinfo=zone), zone) == expected


def test_the_hours_are_those_of_the_zone() -> None:
    ten_in_omsk = datetime(2026, 11, 23, 19, tzinfo=MOSCOW)
    assert quiet_until(Quiet.NIGHT, ten_in_omsk, OMSK) == datetime(2026, 11, 24, 8, tzinfo=OMSK)
    assert quiet_until(Quiet.NIGHT, ten_in_omsk, MOSCOW) is None
