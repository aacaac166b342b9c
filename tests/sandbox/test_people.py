"""Things that people can do, and things that the apps would not let them do."""

import pytest

from sandbox.errors import Refused
from sandbox.state import Chat, Person
from sandbox.world import World
from tests.sandbox.caller import Caller


async def test_ids_are_like_in_life(world: World) -> None:
    ids = [world.add_person("Мария").id for _ in range(4)]
    assert any(one > 2**31 for one in ids)
    assert any(one < 2**31 for one in ids)
    with pytest.raises(Refused):
        world.add_person("Мария", person_id=ids[0])


async def test_long_texts_go_in_parts(world: World, maria: Person) -> None:
    world.send_text(maria, "а" * 10_000)
    assert [len(one["text"]) for one in world.chat_view(maria.id)[1:]] == [4096, 4096, 1808]


@pytest.mark.parametrize("text", ["", "  \n", "\u202e"])
async def test_empty_texts_are_not_sent(world: World, maria: Person, text: str) -> None:
    with pytest.raises(Refused):
        world.send_text(maria, text)


async def test_edits_keep_the_message_and_tell_the_bot(api: Caller, world: World, maria: Person) -> None:
    message = world.send_text(maria, "3600")
    world.edit_text(maria, message["message_id"], "3650")
    file = world.send_file(maria, "document", b"a", "a.txt", "подпись")
    world.edit_text(maria, file["message_id"], "другая")
    updates = await api.call("getUpdates")
    edited = [update["edited_message"] for update in updates if "edited_message" in update]
    assert [one.get("text", one.get("caption")) for one in edited] == ["3650", "другая"]
    assert updates[0]["message"]["text"] == "3600"
    with pytest.raises(Refused):
        world.edit_text(maria, await api.send(maria.id), "чужое")


async def test_deleted_messages_are_gone_and_the_bot_is_not_told(api: Caller, world: World, maria: Person) -> None:
    message_id = world.send_text(maria, "a")["message_id"]
    world.delete_message(maria, message_id)
    assert message_id not in world.chats[maria.id].messages
    assert len(await api.call("getUpdates")) == 1


async def test_a_blocked_bot_hears_of_it_and_of_the_return(api: Caller, world: World, maria: Person) -> None:
    world.block(maria)
    world.block(maria)
    with pytest.raises(Refused):
        world.send_text(maria, "a")
    world.unblock(maria)
    states = [update["my_chat_member"]["new_chat_member"]["status"] for update in await api.call("getUpdates")]
    assert states == ["kicked", "member"]


async def test_chats_of_others_and_groups_one_is_not_in(world: World, maria: Person, staff: Chat) -> None:
    other = world.add_person("Иван")
    for chat in (other.id, staff, 5):
        with pytest.raises(Refused):
            world.send_text(maria, "a", chat)


async def test_own_contact_and_somebody_elses(world: World, maria: Person) -> None:
    assert world.send_contact(maria)["contact"]["user_id"] == maria.id
    assert "user_id" not in world.send_contact(maria, own=False)["contact"]


async def test_taps_on_the_reply_keyboard(api: Caller, world: World, maria: Person) -> None:
    buttons = [
        {"text": "Да"},
        {"text": "Телефон", "request_contact": True},
        {"text": "Где я", "request_location": True},
    ]
    await api.send(maria.id, reply_markup={"keyboard": [buttons]})
    assert world.tap(maria, "Да")["text"] == "Да"
    assert world.tap(maria, "Телефон")["contact"]["user_id"] == maria.id
    assert world.tap(maria, "Где я")["location"]
    with pytest.raises(Refused):
        world.tap(maria, "Нет")


async def test_any_content_can_be_injected(api: Caller, world: World, maria: Person) -> None:
    world.inject(maria, {"dice": {"emoji": "🎲", "value": 3}})
    (update,) = await api.call("getUpdates")
    assert update["message"]["dice"]["value"] == 3


async def test_waiting_for_events(api: Caller, world: World, maria: Person) -> None:
    cursor = world.cursor
    await api.send(maria.id, "a")
    event = await world.wait_for(lambda one: one["type"] == "message", after=cursor)
    assert event["message"]["text"] == "a"
    with pytest.raises(TimeoutError):
        await world.wait_for(lambda one: one["type"] == "message", timeout=0.01)


async def test_old_events_keep_what_was_said_then(api: Caller, world: World, maria: Person) -> None:
    message_id = await api.send(maria.id, "a")
    await api.call("editMessageText", chat_id=maria.id, message_id=message_id, text="b")
    shown = [event["message"]["text"] for event in world.events if event["type"] in ("message", "edited")]
    assert shown == ["/start", "a", "b"]


async def test_any_bytes_are_a_photo_when_a_person_sends_them(world: World, maria: Person) -> None:
    assert world.send_file(maria, "photo", b"?")["photo"][-1]["width"] == 800


def test_a_world_needs_no_server() -> None:
    world = World()
    maria = world.add_person("Мария")
    world.send_text(maria, "/start")
    assert world.forge_press(maria, maria.id, 1, "x") in world.presses
