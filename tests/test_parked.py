"""Updates that were put aside are tried again when the operator asks for it: once each, and in their place."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import bot.app
import bot.inbox.intake
import bot.schedule
from bot.cli.parked import show_parked
from tests.people import Someone
from tests.town import PATIENCE, Town

NO_NUMBER = "Здесь нет числа"
HOME = "🏠"
READINGS = "📟"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other at once."""
    monkeypatch.setattr(bot.inbox.intake, "PAUSES", (0,))


async def put_aside(town: Town, someone: Someone, text: str) -> None:
    """Have a message fail as often as it is tried."""
    town.supplier.trouble = ZeroDivisionError("a bug")
    await someone.send(text)
    assert len(town.parked()) == 1
    town.supplier.trouble = None
    town.journal.take()


async def retry(town: Town) -> list[str]:
    """What the operator reads."""
    said: list[str] = []
    await show_parked(town.app.settings.database.url, True, said.append)
    return said


def count(someone: Someone, words: str) -> int:
    return sum(words in screen for screen in someone.screens)


async def test_the_running_bot_takes_it_up_by_itself(silent_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town = silent_town
    monkeypatch.setattr(bot.schedule, "TICK", 0.05)
    await town.start()
    maria = await town.customer("Мария", "360000123456")
    await put_aside(town, maria, "/menu")
    before = town.world.cursor
    said = await retry(town)
    assert said[-1].startswith("Tried again: 1.")
    assert not [word for word in ("/menu", str(maria.id), "Мария") if word in " ".join(said)]
    await town.told(maria, HOME, before)
    await town.quiet()
    assert town.rows("SELECT count(*) FROM inbox WHERE done_at IS NULL OR body IS NOT NULL") == [(0,)]


async def test_putting_aside_and_saying_so_is_one_thing(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends the process right after it."""
    park, over = town.app.inbox.park, asyncio.Event()

    async def park_and_end(*what: Any) -> None:
        await park(*what)
        over.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(bot.app, "PATIENCE", 0)
    monkeypatch.setattr(town.app.inbox, "park", park_and_end)
    town.supplier.trouble = ZeroDivisionError("a bug")
    maria.types("/menu")
    await asyncio.wait_for(over.wait(), PATIENCE)
    assert len(town.alerts()) == 1
    await town.restart()
    await town.until("SELECT kind, state FROM outbox", [("trouble", "sent")])
    assert "Это наша ошибка" in maria.screen
    town.journal.take()
    await town.run("DELETE FROM inbox WHERE parked_at IS NOT NULL")


async def test_nothing_is_tried_again_unasked(town: Town, maria: Someone) -> None:
    await put_aside(town, maria, "/menu")
    await town.app.intake.take_up()
    await town.restart()
    await town.quiet()
    assert len(town.parked()) == 1
    await town.run("DELETE FROM inbox WHERE parked_at IS NOT NULL")


async def test_it_is_worked_off_once_however_often_it_is_asked_for(town: Town, maria: Someone) -> None:
    await put_aside(town, maria, "/menu")
    before = count(maria, HOME)
    await retry(town)
    town.supplier.gate.clear()
    await asyncio.gather(*(town.app.intake.take_up() for _ in range(5)))
    await retry(town)
    await town.app.intake.take_up()
    town.supplier.gate.set()
    await town.quiet()
    assert count(maria, HOME) == before + 1


async def test_a_stopped_bot_takes_it_up_when_it_starts(town: Town, maria: Someone) -> None:
    await put_aside(town, maria, "/menu")
    before = count(maria, HOME)
    await retry(town)
    await town.restart()
    await town.quiet()
    assert count(maria, HOME) == before + 1


async def test_it_keeps_its_place_among_what_waits(town: Town, maria: Someone) -> None:
    await put_aside(town, maria, "/readings")
    await retry(town)
    said = len(maria.screens)
    town.supplier.gate.clear()
    town.supplier.called.clear()
    maria.types("/menu")
    await asyncio.wait_for(town.supplier.called.wait(), PATIENCE)
    maria.types("?")
    await town.world.updates.settled(PATIENCE)
    await town.app.intake.take_up()
    town.supplier.gate.set()
    await town.quiet()
    words = (HOME, READINGS, NO_NUMBER)
    assert [next((one for one in words if one in screen), screen) for screen in maria.screens[said:]] == list(words)


async def test_what_fails_again_is_put_aside_again(town: Town, maria: Someone) -> None:
    await put_aside(town, maria, "/menu")
    await retry(town)
    town.supplier.trouble = ZeroDivisionError("a bug")
    await town.app.intake.take_up()
    await town.quiet()
    assert town.rows("SELECT tries FROM inbox WHERE parked_at IS NOT NULL") == [(bot.inbox.intake.TRIES,)]
    town.journal.take()
    await town.run("DELETE FROM inbox WHERE parked_at IS NOT NULL")


async def test_there_may_be_nothing_to_try(town: Town) -> None:
    assert await retry(town) == ["No update is put aside."]
