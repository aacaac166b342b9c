"""getUpdates: what is queued, what confirms it, who may poll."""

import asyncio
from typing import Any

import pytest

from sandbox.state import Chat, Person
from sandbox.world import World
from tests.sandbox.caller import Caller

OTHER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


async def polling(api: Caller, world: World, **params: Any) -> asyncio.Task[Any]:
    """A long poll that has reached the server."""
    world.updates.poll_begun.clear()
    task = asyncio.ensure_future(api.answer("getUpdates", timeout=30, **params))
    await world.updates.poll_begun.wait()
    return task


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_updates_stay_until_confirmed(api: Caller, world: World, maria: Person) -> None:
    for text in "abc":
        world.send_text(maria, text)
    first = await api.call("getUpdates", limit=2)
    assert texts(first) == ["a", "b"]
    assert texts(await api.call("getUpdates")) == ["a", "b", "c"]
    offset = first[-1]["update_id"] + 1
    assert texts(await api.call("getUpdates", offset=offset)) == ["c"]
    assert texts(await api.call("getUpdates")) == ["c"]
    assert await api.call("getUpdates", offset=offset + 1) == []


async def test_negative_offset_forgets_all_but_the_last(api: Caller, world: World, maria: Person) -> None:
    for text in "abc":
        world.send_text(maria, text)
    assert texts(await api.call("getUpdates", offset=-1)) == ["c"]
    assert texts(await api.call("getUpdates")) == ["c"]


async def test_ids_grow_from_anywhere(api: Caller, world: World, maria: Person) -> None:
    world.send_text(maria, "a")
    world.send_text(maria, "b")
    ids = [update["update_id"] for update in await api.call("getUpdates")]
    assert ids[0] > 1_000_000
    assert ids[1] == ids[0] + 1


async def test_updates_are_kept_for_a_day(api: Caller, world: World, maria: Person) -> None:
    world.send_text(maria, "old")
    world.advance(23 * 3600)
    world.send_text(maria, "new")
    world.advance(2 * 3600)
    assert texts(await api.call("getUpdates")) == ["new"]


async def test_a_long_poll_ends_with_the_first_update(api: Caller, world: World, maria: Person) -> None:
    poll = await polling(api, world)
    world.send_text(maria, "a")
    assert texts((await poll)["result"]) == ["a"]


async def test_a_long_poll_ends_empty(api: Caller) -> None:
    assert await api.call("getUpdates", timeout=1) == []


async def test_allowed_updates_are_remembered(api: Caller, world: World, maria: Person) -> None:
    await api.call("getUpdates", allowed_updates=["callback_query"])
    world.send_text(maria, "not wanted")
    world.forge_press(maria, maria.id, 1, "wanted")
    assert [update.keys() - {"update_id"} for update in await api.call("getUpdates")] == [{"callback_query"}]
    await api.call("getUpdates", allowed_updates=[])
    world.send_text(maria, "wanted again")
    assert len(await api.call("getUpdates")) == 2


async def test_some_kinds_must_be_asked_for(api: Caller, world: World, staff: Chat, maria: Person) -> None:
    message_id = await api.send(maria.id)
    world.join(staff, maria)
    world.react(maria, message_id, "👍")
    assert await api.call("getUpdates") == []
    await api.call("getUpdates", allowed_updates=["chat_member", "message_reaction"])
    world.join(staff, maria, "left")
    world.react(maria, message_id, None)
    member, reaction = await api.call("getUpdates")
    assert member["chat_member"]["new_chat_member"]["status"] == "left"
    assert reaction["message_reaction"]["old_reaction"] == [{"type": "emoji", "emoji": "👍"}]


async def test_a_second_poller_ends_the_first(api: Caller, world: World, maria: Person) -> None:
    first = await polling(api, world)
    second = await polling(api, world)
    assert await first == {"ok": False, "error_code": 409, "description": OTHER}
    world.send_text(maria, "a")
    assert texts((await second)["result"]) == ["a"]


async def test_no_polling_under_a_webhook(api: Caller, world: World) -> None:
    poll = await polling(api, world)
    await api.call("setWebhook", url="https://example.org/hook")
    assert (await poll)["description"] == "Conflict: terminated by setWebhook request"
    description = await api.refused("getUpdates")
    assert description == (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )
    await api.call("deleteWebhook")
    assert await api.call("getUpdates") == []


async def test_pending_updates_can_be_dropped(api: Caller, world: World, maria: Person) -> None:
    world.send_text(maria, "a")
    assert (await api.call("getWebhookInfo"))["pending_update_count"] == 1
    await api.call("deleteWebhook", drop_pending_updates=True)
    assert await api.call("getUpdates") == []


async def test_a_restarted_bot_gets_what_the_killed_one_had(api: Caller, world: World, maria: Person) -> None:
    poll = await polling(api, world)
    poll.cancel()
    with pytest.raises(asyncio.CancelledError):
        await poll
    world.send_text(maria, "a")
    assert texts(await api.call("getUpdates")) == ["a"]
