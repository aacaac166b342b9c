"""Updates that come thrice, lost replies, refusals, pages of HTML: while people talk, and with kills between."""

from __future__ import annotations

import random
from typing import Any, Final

import pytest

from tests.faults.checker import Tally
from tests.faults.crowd import crowd
from tests.faults.live import LiveHarness

PEOPLE: Final = 8
KILLS: Final = 3
STRUCK: Final = 20  # calls
EVERYTHING: Final = ("send*", "edit*", "stop*", "answerCallbackQuery", "deleteMessage", "getUpdates")
FAULTS: Final[list[dict[str, Any]]] = [
    {"kind": "reset_after"},
    {"kind": "truncated_body"},
    {"kind": "reset_before"},
    {"kind": "http_status"},
    {"kind": "http_status", "status": 200, "body": "<html>a captive portal</html>"},
    {"kind": "json_5xx"},
    {"kind": "too_many_requests"},
]


async def test_updates_that_come_three_times_have_one_effect(harness: LiveHarness, tally: Tally) -> None:
    harness.world.faults.add("duplicate_updates", method="getUpdates", times=3)
    await harness.start()
    async with crowd(harness, tally, PEOPLE):
        for _ in range(KILLS):
            await harness.commits(random.randint(1, 100))
            await harness.kill()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault.values()))[:24])
async def test_a_bad_network_loses_and_doubles_nothing(
    harness: LiveHarness, tally: Tally, fault: dict[str, Any]
) -> None:
    await harness.start()
    async with crowd(harness, tally, PEOPLE):
        struck = [harness.world.faults.add(method=one, probability=0.1, count=STRUCK, **fault) for one in EVERYTHING]
        for _ in range(KILLS):
            await harness.commits(random.randint(1, 100))
            await harness.kill()
        await harness.until(lambda: sum(one.hits for one in struck) >= STRUCK)
        harness.world.faults.clear()
