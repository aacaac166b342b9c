"""The clock jumps while people are in the middle of handing in readings, each at another place."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest
from aiosmtpd.smtp import Envelope

from sandbox.server import Sandbox
from tests.faults.checker import Tally
from tests.faults.live import Found, LiveHarness, LockedMailbox
from tests.faults.stories import PAPERS, READINGS, Part

HOUR: Final = 3600
DAY: Final = 24 * HOUR
PLACES: Final = 6  # after so many actions


class Pausing:
    """Stops a person after some actions, until `go`."""

    def __init__(self, part: Part, actions: int) -> None:
        self.arrived = asyncio.Event()
        self.go = asyncio.Event()
        self._left = actions
        self._quiet = part.someone._quiet
        part.someone._quiet = self

    async def __call__(self) -> None:
        await self._quiet()
        self._left -= 1
        if self._left == 0:
            self.arrived.set()
            await self.go.wait()


@pytest.mark.parametrize(
    ("from_noon", "jump", "periods"),
    [
        pytest.param(0, DAY, {"2026-11"}, id="a-day-forward"),
        pytest.param(0, -HOUR, {"2026-11"}, id="an-hour-back"),
        pytest.param(2.45 * DAY, 0.1 * DAY, {"2026-11", "2026-12"}, id="over-the-midnight-that-closes-the-month"),
        pytest.param(2.55 * DAY, -0.1 * DAY, {"2026-11", "2026-12"}, id="and-back"),
    ],
)
async def test_a_jump_of_the_clock_loses_and_doubles_nothing(
    harness: LiveHarness, tally: Tally, from_noon: float, jump: float, periods: set[str]
) -> None:
    harness.ahead += from_noon
    await harness.start()
    parts = [READINGS.cast(harness) for _ in range(PLACES)]
    for part in parts:
        await READINGS.before(part)
    stops = [Pausing(part, actions) for actions, part in enumerate(parts, 1)]
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(READINGS.tell(part))  # type: ignore[arg-type]  # it is a coroutine
        for stop in stops:
            await stop.arrived.wait()
        harness.jump(jump)
        for stop in stops:
            stop.go.set()
    for part in parts:
        if not part.someone.screen.startswith(READINGS.ends):  # the month of the preview is over
            assert part.someone.screen.startswith("Проверьте")
            await part.someone.press("Передать")
        READINGS.check(part)
        assert part.someone.screen.startswith(READINGS.ends)
    assert {row[0] for row in harness.rows("SELECT DISTINCT period FROM submissions")} == periods
    tally.close(harness)


class BusyMailbox(LockedMailbox):
    """Asks for patience until it is told not to."""

    busy = True

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        return "451 Try again later" if self.busy else await super().handle_DATA(server, session, envelope)


@pytest.mark.parametrize("killed", [False, True])
async def test_what_waits_for_its_next_try_does_not_wait_for_a_clock_that_was_set_back(
    found: Found, killed: bool
) -> None:
    async with Sandbox() as sandbox, BusyMailbox() as mailbox, found("harness", sandbox, mailbox) as harness:
        await harness.start()
        part = PAPERS.cast(harness)
        await PAPERS.before(part)
        await part.someone.press("На e-mail")
        part.someone.types(part.email)
        await harness.until(lambda: any(tries for (tries,) in harness.outbox("tries", state="waiting")))
        mailbox.busy = False
        harness.jump(-HOUR)
        if killed:
            await harness.kill()
        await harness.quiet(part.someone.id)
        assert part.letters() == 1
