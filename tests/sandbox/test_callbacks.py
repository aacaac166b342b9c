"""Pressed buttons and their answers: once, in time, no longer than allowed."""

from typing import Any

import pytest

from sandbox.errors import Refused
from sandbox.server import Sandbox
from sandbox.state import Person, Settings
from sandbox.world import World
from tests.sandbox.caller import Caller, inline

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
BUTTON = {"text": "Далее", "callback_data": "next:1"}


@pytest.fixture
async def press(api: Caller, world: World, maria: Person) -> str:
    message_id = await api.send(maria.id, reply_markup=inline(BUTTON))
    return world.press(maria, maria.id, message_id, "Далее")


async def test_the_bot_sees_the_press(api: Caller, press: str, maria: Person) -> None:
    (update,) = await api.call("getUpdates")
    query = update["callback_query"]
    assert (query["id"], query["data"], query["from"]["id"]) == (press, "next:1", maria.id)
    assert query["message"]["reply_markup"] == inline(BUTTON)


async def test_an_answer_reaches_the_person(api: Caller, world: World, press: str, maria: Person) -> None:
    cursor = world.cursor
    await api.call("answerCallbackQuery", callback_query_id=press, text="Готово")
    event = await world.wait_for(lambda one: one["type"] == "callback_answer", after=cursor)
    assert (event["user_id"], event["text"], event["show_alert"]) == (maria.id, "Готово", False)


async def test_answers_twice_unknown_or_late(api: Caller, world: World, press: str, maria: Person) -> None:
    await api.call("answerCallbackQuery", callback_query_id=press)
    assert await api.refused("answerCallbackQuery", callback_query_id=press) == TOO_OLD
    assert await api.refused("answerCallbackQuery", callback_query_id="1") == TOO_OLD
    late = world.forge_press(maria, maria.id, 1, "x")
    cursor = world.cursor
    world.advance(149)
    assert world.cursor == cursor
    world.advance(1)
    assert world.events[-1] == {"cursor": cursor + 1, "type": "callback_expired", "callback_query_id": late}
    assert await api.refused("answerCallbackQuery", callback_query_id=late) == TOO_OLD


async def test_presses_expire_by_themselves() -> None:
    async with Sandbox(settings=Settings(callback_lifetime=0.01)) as sandbox:
        maria = sandbox.world.add_person("Мария")
        press = sandbox.world.forge_press(maria, maria.id, 1, "x")
        event = await sandbox.world.wait_for(lambda one: one["type"] == "callback_expired")
        assert event["callback_query_id"] == press


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"text": "a" * 201}, "MESSAGE_TOO_LONG"),
        ({"url": "https://example.org"}, "URL_INVALID"),
    ],
)
async def test_bad_answers_do_not_use_the_press_up(
    api: Caller,
    press: str,
    params: dict[str, Any],
    reason: str,
) -> None:
    assert await api.refused("answerCallbackQuery", callback_query_id=press, **params) == f"Bad Request: {reason}"
    url = "https://t.me/energy_sandbox_bot?start=a"
    assert await api.call("answerCallbackQuery", callback_query_id=press, text="a" * 200, url=url)


async def test_only_buttons_that_are_there_can_be_pressed(api: Caller, world: World, maria: Person) -> None:
    buttons: list[dict[str, Any]] = [BUTTON, {"text": "Сайт", "url": "https://x.ru"}, {"text": "2/5", "disabled": {}}]
    message_id = await api.send(maria.id, reply_markup=inline(*buttons))
    for name in ("нет такой", "Сайт", "2/5"):
        with pytest.raises(Refused):
            world.press(maria, maria.id, message_id, name)
    with pytest.raises(Refused):
        world.press(maria, maria.id, 99, "Далее")


async def test_a_forged_press_carries_anything(api: Caller, world: World, maria: Person) -> None:
    world.forge_press(maria, maria.id, 99, "чужое")
    (update,) = await api.call("getUpdates")
    assert update["callback_query"]["data"] == "чужое"
    assert update["callback_query"]["message"] == {"chat": world.chats[maria.id].brief, "message_id": 99, "date": 0}
