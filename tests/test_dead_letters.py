"""Updates that were put aside are tried again when the operator asks for it: once each, and in their place."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.cli.dead_letters import show_parked
from tests.harness import PATIENCE, BotHarness
from tests.people import Someone

NO_NUMBER = "Здесь нет числа"
HOME = "🏠"
READINGS = "📟"

pytestmark = pytest.mark.limits(intake={"pauses": (0,)})


async def put_aside(harness: BotHarness, someone: Someone, text: str) -> None:
    """Have a message fail as often as it is tried."""
    harness.supplier.trouble = ZeroDivisionError("a bug")
    await someone.send(text)
    assert len(harness.dead_letters()) == 1
    harness.supplier.trouble = None
    harness.journal.take()


async def retry(harness: BotHarness) -> list[str]:
    """Lines that the operator reads."""
    said: list[str] = []
    await show_parked(harness.app.settings.database.url, True, said.append)
    return said


def count(someone: Someone, words: str) -> int:
    return sum(words in screen for screen in someone.screens)


@pytest.mark.limits(intervals={"tick": 0.05})
async def test_the_running_bot_takes_it_up_by_itself(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", "360000123456")
    await put_aside(harness, maria, "/menu")
    before = harness.world.cursor
    said = await retry(harness)
    assert said[-1].startswith("Tried again: 1.")
    assert not [word for word in ("/menu", str(maria.id), "Мария") if word in " ".join(said)]
    await harness.told(maria, HOME, before)
    await harness.quiet()
    assert set(harness.inbox("body, done_at IS NULL")) == {(None, False)}


@pytest.mark.limits(patience=0)
async def test_putting_aside_and_saying_so_is_one_thing(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process may end right after it."""
    set_aside, over = harness.app.inbox.set_aside, asyncio.Event()

    async def set_aside_and_end(*what: Any) -> None:
        await set_aside(*what)
        over.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(harness.app.inbox, "set_aside", set_aside_and_end)
    harness.supplier.trouble = ZeroDivisionError("a bug")
    maria.types("/menu")
    await asyncio.wait_for(over.wait(), PATIENCE)
    assert len(harness.alerts()) == 1
    await harness.restart()
    await harness.outbox_becomes("kind, state", [("trouble", "sent")])
    assert "Это наша ошибка" in maria.screen
    harness.journal.take()
    await harness.drop_dead_letters()


async def test_nothing_is_tried_again_unasked(harness: BotHarness, maria: Someone) -> None:
    await put_aside(harness, maria, "/menu")
    await harness.app.intake.take_up()
    await harness.restart()
    await harness.quiet()
    assert len(harness.dead_letters()) == 1
    await harness.drop_dead_letters()


async def test_it_is_worked_off_once_however_often_it_is_asked_for(harness: BotHarness, maria: Someone) -> None:
    await put_aside(harness, maria, "/menu")
    before = count(maria, HOME)
    await retry(harness)
    harness.supplier.gate.clear()
    await asyncio.gather(*(harness.app.intake.take_up() for _ in range(5)))
    await retry(harness)
    await harness.app.intake.take_up()
    harness.supplier.gate.set()
    await harness.quiet()
    assert count(maria, HOME) == before + 1


async def test_a_stopped_bot_takes_it_up_when_it_starts(harness: BotHarness, maria: Someone) -> None:
    await put_aside(harness, maria, "/menu")
    before = count(maria, HOME)
    await retry(harness)
    await harness.restart()
    await harness.quiet()
    assert count(maria, HOME) == before + 1


async def test_it_keeps_its_place_among_what_waits(harness: BotHarness, maria: Someone) -> None:
    await put_aside(harness, maria, "/readings")
    await retry(harness)
    said = len(maria.screens)
    harness.supplier.gate.clear()
    harness.supplier.called.clear()
    maria.types("/menu")
    await asyncio.wait_for(harness.supplier.called.wait(), PATIENCE)
    maria.types("?")
    await harness.world.updates.settled(PATIENCE)
    await harness.app.intake.take_up()
    harness.supplier.gate.set()
    await harness.quiet()
    words = (HOME, READINGS, NO_NUMBER)
    assert [next((one for one in words if one in screen), screen) for screen in maria.screens[said:]] == list(words)


async def test_what_fails_again_is_put_aside_again(harness: BotHarness, maria: Someone) -> None:
    await put_aside(harness, maria, "/menu")
    await retry(harness)
    harness.supplier.trouble = ZeroDivisionError("a bug")
    await harness.app.intake.take_up()
    await harness.quiet()
    assert harness.dead_letters("tries") == [(harness.limits.intake.tries,)]
    harness.journal.take()
    await harness.drop_dead_letters()


async def test_there_may_be_nothing_to_try(harness: BotHarness) -> None:
    assert await retry(harness) == ["No update is put aside."]
