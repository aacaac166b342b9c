"""Forum topics: opened, renamed, closed, deleted, by the bot and by hand."""

from typing import Any

import pytest

from sandbox.errors import Refused
from sandbox.state import Chat, Person
from sandbox.world import World
from tests.sandbox.caller import Caller


@pytest.fixture
def oleg(world: World, staff: Chat) -> Person:
    return world.people[next(iter(staff.members))]


async def test_a_topic_is_the_message_that_opened_it(api: Caller, world: World, staff: Chat) -> None:
    topic = await api.call("createForumTopic", chat_id=staff.id, name=" Обращение ")
    (opened,) = world.chat_view(staff.id, topic["message_thread_id"])
    assert opened["message_id"] == topic["message_thread_id"]
    assert opened["forum_topic_created"]["name"] == topic["name"] == "Обращение"
    (update,) = await api.call("getUpdates")
    assert update["message"] == opened


async def test_what_is_said_in_a_topic(api: Caller, world: World, staff: Chat, oleg: Person) -> None:
    thread = (await api.call("createForumTopic", chat_id=staff.id, name="a"))["message_thread_id"]
    message = world.send_text(oleg, "ответ", staff, thread)
    assert (message["message_thread_id"], message["is_topic_message"]) == (thread, True)
    assert message["reply_to_message"]["forum_topic_created"]
    reply = world.send_text(oleg, "ещё", staff, thread, reply_to=message["message_id"])
    assert reply["reply_to_message"]["text"] == "ответ"
    await api.send(staff.id, "в общую")
    assert [one.get("text") for one in world.chat_view(staff.id, thread)] == [None, "ответ", "ещё"]
    assert [one.get("text") for one in world.chat_view(staff.id, 1)] == ["в общую"]


async def test_deleting_a_topic_deletes_what_was_said(api: Caller, world: World, staff: Chat) -> None:
    thread = (await api.call("createForumTopic", chat_id=staff.id, name="a"))["message_thread_id"]
    place = {"chat_id": staff.id, "message_thread_id": thread}
    await api.call("sendMessage", **place, text="a")
    await api.call("deleteForumTopic", **place)
    assert world.chat_view(staff.id) == []
    for method, params in (("sendMessage", {"text": "a"}), ("closeForumTopic", {}), ("deleteForumTopic", {})):
        assert await api.refused(method, **place, **params) == "Bad Request: message thread not found"


async def test_a_topic_deleted_by_hand(api: Caller, world: World, staff: Chat) -> None:
    thread = (await api.call("createForumTopic", chat_id=staff.id, name="a"))["message_thread_id"]
    world.delete_topic(staff, thread)
    reason = await api.refused("sendMessage", chat_id=staff.id, message_thread_id=thread, text="a")
    assert reason == "Bad Request: message thread not found"
    assert world.events[-1]["type"] == "topic_deleted"


async def test_general_has_no_number_for_senders(api: Caller, staff: Chat) -> None:
    reason = await api.refused("sendMessage", chat_id=staff.id, message_thread_id=1, text="a")
    assert reason == "Bad Request: message thread not found"


async def test_closed_topics(api: Caller, world: World, staff: Chat, oleg: Person) -> None:
    thread = (await api.call("createForumTopic", chat_id=staff.id, name="a"))["message_thread_id"]
    place = {"chat_id": staff.id, "message_thread_id": thread}
    await api.call("closeForumTopic", **place)
    assert await api.call("sendMessage", **place, text="the bot manages topics")
    world.join(staff, oleg, "member")
    with pytest.raises(Refused):
        world.send_text(oleg, "a", staff, thread)
    staff.bot_rights.discard("can_manage_topics")
    assert await api.refused("sendMessage", **place, text="a") == "Bad Request: TOPIC_CLOSED"


@pytest.mark.parametrize(
    ("method", "params", "reason"),
    [
        ("createForumTopic", {"name": " "}, "topic title must be 1-128 characters long"),
        ("createForumTopic", {"name": "a" * 129}, "topic title must be 1-128 characters long"),
        ("createForumTopic", {"name": "a", "icon_color": 1}, "invalid forum topic icon color specified"),
        ("editForumTopic", {"name": "a", "message_thread_id": 2}, "TOPIC_NOT_MODIFIED"),
        ("editForumTopic", {"message_thread_id": 2}, "TOPIC_NOT_MODIFIED"),
        ("reopenForumTopic", {"message_thread_id": 2}, "TOPIC_NOT_MODIFIED"),
        ("closeForumTopic", {"message_thread_id": 1}, "message thread not found"),
        ("editGeneralForumTopic", {"name": "General"}, "TOPIC_NOT_MODIFIED"),
        ("reopenGeneralForumTopic", {}, "TOPIC_NOT_MODIFIED"),
    ],
)
async def test_refusals(api: Caller, staff: Chat, method: str, params: dict[str, Any], reason: str) -> None:
    await api.call("createForumTopic", chat_id=staff.id, name="a")
    assert await api.refused(method, chat_id=staff.id, **params) == f"Bad Request: {reason}"


@pytest.mark.parametrize(
    ("method", "right", "params", "reason"),
    [
        ("createForumTopic", "can_manage_topics", {"name": "a"}, "not enough rights to create a topic"),
        ("closeForumTopic", "can_manage_topics", {"message_thread_id": 2}, "not enough rights to edit the topic"),
        ("deleteForumTopic", "can_delete_messages", {"message_thread_id": 2}, "not enough rights to delete a topic"),
        ("pinChatMessage", "can_pin_messages", {"message_id": 2}, "not enough rights to manage pinned messages"),
    ],
)
async def test_rights(
    api: Caller,
    staff: Chat,
    method: str,
    right: str,
    params: dict[str, Any],
    reason: str,
) -> None:
    await api.call("createForumTopic", chat_id=staff.id, name="a")
    staff.bot_rights.discard(right)
    assert (await api.refused(method, chat_id=staff.id, **params)).startswith(f"Bad Request: {reason}")


async def test_albums_stay_albums_when_copied(api: Caller, world: World, staff: Chat, maria: Person) -> None:
    album = world.new_media_group_id()
    ids = [world.send_file(maria, "document", b"a", "a.txt", media_group_id=album)["message_id"] for _ in range(2)]
    copied = await api.call("copyMessages", chat_id=staff.id, from_chat_id=maria.id, message_ids=ids)
    assert len(copied) == 2
    groups = {one["media_group_id"] for one in world.chat_view(staff.id)}
    assert len(groups) == 1
    assert album not in groups
