"""One person's flood is that person's alone: others are served, nothing is lost, and what only repeats is answered
once."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.inbox.conversation_queue import HELD
from bot.outbox.rate_limiter import LIVELY, OWN_BURST, RateLimiter
from tests.flows.kept import values
from tests.harness import PATIENCE, BotHarness
from tests.people import Someone

TWO_ZONES = "360000123456"
ONE_ZONE = "360000200017"
HINT = "Не понял. Пришлите показания числами"

pytestmark = pytest.mark.limits(intake={"pauses": (0,), "flood_gap": 0})


async def stuck(harness: BotHarness, someone: Someone) -> None:
    """Messages that they send from now on wait for the supplier."""
    harness.supplier.gate.clear()
    harness.supplier.called.clear()
    someone.types("/menu")
    await asyncio.wait_for(harness.supplier.called.wait(), PATIENCE)


async def released(harness: BotHarness) -> None:
    harness.supplier.gate.set()
    await harness.quiet()
    assert harness.undone_updates() == []


async def is_served(harness: BotHarness, someone: Someone) -> None:
    before = harness.world.cursor
    someone.types("?")
    await harness.told(someone, HINT, before)


def hints(someone: Someone) -> int:
    return sum(screen.startswith(HINT) for screen in someone.screens)


async def test_one_persons_flood_keeps_nobody_waiting_and_is_answered_once(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    await stuck(harness, maria)
    for _ in range(5300):
        maria.types("?")
    await is_served(harness, oleg)
    assert len(harness.undone_updates()) > 5000
    await released(harness)
    assert hints(maria) == 1


async def test_nor_does_that_of_twenty(harness: BotHarness, maria: Someone) -> None:
    crowd = [await harness.customer(f"Сосед {number}", ONE_ZONE) for number in range(20)]
    harness.supplier.gate.clear()
    for one in crowd:
        one.types("/menu")
        for _ in range(300):
            one.types("?")
    await is_served(harness, maria)
    await released(harness)
    assert {hints(one) for one in crowd} == {1}


async def test_the_first_messages_of_twenty_floods_are_not_all_answered_before_others(harness: BotHarness) -> None:
    """None of them is a flood yet: what has come of each fits into memory."""
    harness.limiter = RateLimiter(chat_pause=3600)
    await harness.restart()
    crowd = [await harness.customer(f"Сосед {number}", ONE_ZONE) for number in range(20)]
    others = [await harness.customer(f"Прохожий {number}", ONE_ZONE) for number in range(8)]
    before = [len(one.screens) for one in crowd]
    harness.supplier.gate.clear()
    for one in crowd:
        one.types("/menu")
        for number in range(HELD - 1):
            one.types(f"{5000 + number}")
    await harness.world.updates.settled(PATIENCE)
    harness.supplier.gate.set()
    for one in others * 4:
        await is_served(harness, one)
    assert sum(len(one.screens) for one in crowd) - sum(before) <= OWN_BURST * len(crowd)


async def test_a_flood_of_different_messages_is_answered_in_order(harness: BotHarness, maria: Someone) -> None:
    await stuck(harness, maria)
    for number in range(4 * HELD):
        maria.types(f"{3600 + number} 1580")
    await released(harness)
    shown = [screen.split("День 3 500 → ")[1][:5] for screen in maria.screens if "День 3 500 → " in screen]
    assert shown == [f"3 {600 + number}" for number in range(4 * HELD)]
    await maria.press("Передать")
    assert values(harness) == [{"day": 3600 + 4 * HELD - 1, "night": 1580}]


@pytest.mark.parametrize("text", ["3650", "3650 1580", "8420", "/readings", "показания", "/settings", "500"])
async def test_what_is_repeated_leads_where_it_would_have_led_one_by_one(
    harness: BotHarness, maria: Someone, text: str
) -> None:
    """A number may be that of the day first and that of the night next."""
    oleg = await harness.customer("Олег", TWO_ZONES)
    await oleg.send("/readings")
    for _ in range(3 * HELD):
        await oleg.send(text)
    await maria.send("/readings")
    await stuck(harness, maria)
    maria.types("/readings")
    for _ in range(3 * HELD):
        maria.types(text)
    await released(harness)
    assert maria.screen == oleg.screen
    assert maria.buttons == oleg.buttons


async def test_a_press_that_is_repeated_leaves_no_button_spinning(harness: BotHarness, maria: Someone) -> None:
    where = maria.find("Передать показания")
    await stuck(harness, maria)
    for _ in range(3 * HELD):
        harness.world.forge_press(maria.person, maria.id, *where)
    await released(harness)
    assert maria.unanswered == 0


@pytest.mark.limits(patience=0)
async def test_what_waits_in_the_table_outlives_a_restart(harness: BotHarness, maria: Someone) -> None:
    await stuck(harness, maria)
    for number in range(4 * HELD):
        maria.types(f"{3600 + number} 1580")
    await harness.world.updates.settled(PATIENCE)
    await harness.stop()
    assert len(harness.undone_updates()) == 4 * HELD + 1
    harness.supplier.gate.set()
    await harness.start()
    await harness.quiet()
    shown = [screen.split("День 3 500 → ")[1][:5] for screen in maria.screens if "День 3 500 → " in screen]
    assert shown == [f"3 {600 + number}" for number in range(4 * HELD)]


@pytest.mark.limits(intake={"most_queues": 4})
async def test_more_conversations_than_there_is_room_for_take_turns(harness: BotHarness, maria: Someone) -> None:
    crowd = [await harness.customer(f"Сосед {number}", ONE_ZONE) for number in range(15)]
    harness.supplier.gate.clear()
    for text in ("/menu", "?"):
        for one in crowd:
            one.types(text)
    await harness.world.updates.settled(PATIENCE)
    await released(harness)
    assert [hints(one) for one in crowd] == [1] * 15


async def test_a_flood_in_the_staff_group_keeps_nobody_waiting(harness: BotHarness, maria: Someone) -> None:
    group = harness.world.add_staff_group("Смена")
    harness.world.join(group, maria.person)
    for number in range(500):
        harness.world.send_text(maria.person, f"Смена {number} сдана", group)
    await is_served(harness, maria)
    await harness.quiet()
    assert harness.undone_updates() == []


# Health


async def ready(harness: BotHarness) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as http, http.get(f"{harness.app.web.url}/health/ready") as answer:
        return answer.status, await answer.json()


async def waiting_flood(harness: BotHarness, someone: Someone) -> None:
    """Its first update has waited for 121 seconds."""
    await stuck(harness, someone)
    for _ in range(2 * HELD):
        someone.types("?")
    await harness.world.updates.settled(PATIENCE)
    harness.clock.advance(seconds=121)


async def test_a_flood_that_waits_is_no_trouble_of_the_bots(harness: BotHarness, maria: Someone) -> None:
    await waiting_flood(harness, maria)
    status, body = await ready(harness)
    assert (status, body["troubles"], body["queue_age"]) == (200, [], 121)
    await released(harness)


@pytest.mark.limits(health={"oldest_update": 0})  # and nothing was done for longer
async def test_a_flood_that_waits_while_nothing_is_done_is_trouble(harness: BotHarness, maria: Someone) -> None:
    await waiting_flood(harness, maria)
    status, body = await ready(harness)
    assert (status, body["troubles"]) == (503, ["an update has waited for 121 s"])
    await released(harness)


async def test_somebody_who_waits_beside_a_flood_is_trouble(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    await stuck(harness, maria)
    oleg.types("/menu")
    for _ in range(2 * HELD):
        maria.types("?")
    await harness.world.updates.settled(PATIENCE)
    harness.clock.advance(seconds=121)
    assert (await ready(harness))[1]["troubles"] == ["an update has waited for 121 s"]
    await released(harness)


async def test_who_is_answered_faster_than_telegrams_pace_waits_for_it_alone(idle_harness: BotHarness) -> None:
    """However short their queue is: twenty people at once need no long ones to take the whole machine."""
    harness = idle_harness
    harness.limiter = RateLimiter(chat_pause=3600)
    await harness.start()
    maria, oleg = await harness.customer("Мария", TWO_ZONES), await harness.customer("Олег", ONE_ZONE)
    while not harness.limiter.wait_when_lively(maria.id):
        await maria.send("?")
    answered = hints(maria)
    assert answered == LIVELY - 1, "home was shown before"
    maria.types("?")
    await is_served(harness, oleg)
    await harness.inbox_becomes("1", [(1,)], done_at=None)
    assert hints(maria) == answered
