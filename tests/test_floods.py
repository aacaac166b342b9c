"""One person's flood is that person's alone: others are served, nothing is lost, and what only repeats is answered
once."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

import bot.app
import bot.inbox.intake
import bot.web.health
from bot.inbox.lines import HELD
from bot.outbox.pace import LIVELY, Pace
from tests.flows.kept import values
from tests.people import Someone
from tests.town import PATIENCE, Town

TWO_ZONES = "360000123456"
ONE_ZONE = "360000200017"
HINT = "Не понял. Пришлите показания числами"
OPEN = "SELECT count(*) FROM inbox WHERE done_at IS NULL"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.inbox.intake, "PAUSES", (0,))
    monkeypatch.setattr(bot.inbox.intake, "FLOOD_GAP", 0)


async def stuck(town: Town, someone: Someone) -> None:
    """What they send from now on waits for the supplier."""
    town.supplier.gate.clear()
    town.supplier.called.clear()
    someone.types("/menu")
    await asyncio.wait_for(town.supplier.called.wait(), PATIENCE)


async def released(town: Town) -> None:
    town.supplier.gate.set()
    await town.quiet()
    assert town.rows(OPEN) == [(0,)]


async def is_served(town: Town, someone: Someone) -> None:
    before = town.world.cursor
    someone.types("?")
    await town.told(someone, HINT, before)


def hints(someone: Someone) -> int:
    return sum(screen.startswith(HINT) for screen in someone.screens)


async def test_one_persons_flood_keeps_nobody_waiting_and_is_answered_once(town: Town, maria: Someone) -> None:
    oleg = await town.customer("Олег", ONE_ZONE)
    await stuck(town, maria)
    for _ in range(5300):
        maria.types("?")
    await is_served(town, oleg)
    assert town.rows(OPEN)[0][0] > 5000
    await released(town)
    assert hints(maria) == 1


async def test_nor_does_that_of_twenty(town: Town, maria: Someone) -> None:
    crowd = [await town.customer(f"Сосед {number}", ONE_ZONE) for number in range(20)]
    town.supplier.gate.clear()
    for one in crowd:
        one.types("/menu")
        for _ in range(300):
            one.types("?")
    await is_served(town, maria)
    await released(town)
    assert {hints(one) for one in crowd} == {1}


async def test_a_flood_of_different_messages_is_answered_in_order(town: Town, maria: Someone) -> None:
    await stuck(town, maria)
    for number in range(4 * HELD):
        maria.types(f"{3600 + number} 1580")
    await released(town)
    shown = [screen.split("День 3 500 → ")[1][:5] for screen in maria.screens if "День 3 500 → " in screen]
    assert shown == [f"3 {600 + number}" for number in range(4 * HELD)]
    await maria.press("Передать")
    assert values(town) == [{"day": 3600 + 4 * HELD - 1, "night": 1580}]


@pytest.mark.parametrize("text", ["3650", "3650 1580", "8420", "/readings", "показания", "/settings", "500"])
async def test_what_is_repeated_leads_where_it_would_have_led_one_by_one(town: Town, maria: Someone, text: str) -> None:
    """A number may be that of the day first and that of the night next."""
    oleg = await town.customer("Олег", TWO_ZONES)
    await oleg.send("/readings")
    for _ in range(3 * HELD):
        await oleg.send(text)
    await maria.send("/readings")
    await stuck(town, maria)
    maria.types("/readings")
    for _ in range(3 * HELD):
        maria.types(text)
    await released(town)
    assert maria.screen == oleg.screen
    assert maria.buttons == oleg.buttons


async def test_a_press_that_is_repeated_leaves_no_button_spinning(town: Town, maria: Someone) -> None:
    where = maria.find("Передать показания")
    await stuck(town, maria)
    for _ in range(3 * HELD):
        town.world.forge_press(maria.person, maria.id, *where)
    await released(town)
    assert maria.unanswered == 0


async def test_what_waits_in_the_table_outlives_a_restart(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.app, "PATIENCE", 0)
    await stuck(town, maria)
    for number in range(4 * HELD):
        maria.types(f"{3600 + number} 1580")
    await town.world.updates.settled(PATIENCE)
    await town.stop()
    assert town.rows(OPEN) == [(4 * HELD + 1,)]
    town.supplier.gate.set()
    await town.start()
    await town.quiet()
    shown = [screen.split("День 3 500 → ")[1][:5] for screen in maria.screens if "День 3 500 → " in screen]
    assert shown == [f"3 {600 + number}" for number in range(4 * HELD)]


async def test_more_conversations_than_there_is_room_for_take_turns(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.inbox.intake, "MOST_LINES", 4)
    crowd = [await town.customer(f"Сосед {number}", ONE_ZONE) for number in range(15)]
    town.supplier.gate.clear()
    for text in ("/menu", "?"):
        for one in crowd:
            one.types(text)
    await town.world.updates.settled(PATIENCE)
    await released(town)
    assert [hints(one) for one in crowd] == [1] * 15


async def test_a_flood_in_the_staff_group_keeps_nobody_waiting(town: Town, maria: Someone) -> None:
    group = town.world.add_staff_group("Смена")
    town.world.join(group, maria.person)
    for number in range(500):
        town.world.send_text(maria.person, f"Смена {number} сдана", group)
    await is_served(town, maria)
    await town.quiet()
    assert town.rows(OPEN) == [(0,)]


# Health


async def ready(town: Town) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as http, http.get(f"{town.app.web.url}/health/ready") as answer:
        return answer.status, await answer.json()


async def test_a_flood_that_waits_is_no_trouble_of_the_bots_and_a_standstill_is(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stuck(town, maria)
    for _ in range(2 * HELD):
        maria.types("?")
    await town.world.updates.settled(PATIENCE)
    town.clock.advance(seconds=bot.web.health.OLDEST_UPDATE + 1)
    status, body = await ready(town)
    assert (status, body["troubles"], body["queue_age"]) == (200, [], bot.web.health.OLDEST_UPDATE + 1)
    monkeypatch.setattr(bot.web.health, "OLDEST_UPDATE", 0)
    assert (await ready(town))[0] == 503
    await released(town)


async def test_somebody_who_waits_beside_a_flood_is_trouble(town: Town, maria: Someone) -> None:
    oleg = await town.customer("Олег", ONE_ZONE)
    await stuck(town, maria)
    oleg.types("/menu")
    for _ in range(2 * HELD):
        maria.types("?")
    await town.world.updates.settled(PATIENCE)
    town.clock.advance(seconds=bot.web.health.OLDEST_UPDATE + 1)
    assert (await ready(town))[1]["troubles"] == ["an update has waited for 121 s"]
    await released(town)


async def test_who_is_answered_faster_than_telegrams_pace_waits_for_it_alone(silent_town: Town) -> None:
    """However short their line is: twenty people at once need no long ones to take the whole machine."""
    town = silent_town
    town.pace = Pace(chat_pause=3600)
    await town.start()
    maria, oleg = await town.customer("Мария", TWO_ZONES), await town.customer("Олег", ONE_ZONE)
    while not town.pace.wait_when_lively(maria.id):
        await maria.send("?")
    answered = hints(maria)
    assert answered == LIVELY - 1, "home was shown before"
    maria.types("?")
    await is_served(town, oleg)
    await town.until(OPEN, [(1,)])
    assert hints(maria) == answered
