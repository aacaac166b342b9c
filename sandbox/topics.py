"""Methods about forum topics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sandbox.access import readable
from sandbox.errors import BadRequest
from sandbox.schema import Params
from sandbox.stage import GENERAL
from sandbox.state import Chat, Json, Topic
from sandbox.world import TOPIC_COLORS, World

Handler = Callable[[World, Params], Any]

_MAX_NAME: Final = 128


def create_forum_topic(world: World, params: Params) -> Json:
    """Open a topic."""
    chat = _forum(world, params, "not enough rights to create a topic")
    color = params.get("icon_color", TOPIC_COLORS[0])
    if color not in TOPIC_COLORS:
        raise BadRequest("invalid forum topic icon color specified")
    topic = Topic(0, _name(params), color, params.get("icon_custom_emoji_id"))
    world.add_topic(chat, world.bot, topic, outgoing=True)
    created: Json = {"message_thread_id": topic.thread_id, "name": topic.name, "icon_color": color}
    if topic.icon_custom_emoji_id:
        created["icon_custom_emoji_id"] = topic.icon_custom_emoji_id
    return created


def edit_forum_topic(world: World, params: Params) -> bool:
    """Another name or icon."""
    chat, topic = _topic(world, params)
    name = _name(params) if "name" in params else topic.name
    icon = params.get("icon_custom_emoji_id", topic.icon_custom_emoji_id)
    if (name, icon) == (topic.name, topic.icon_custom_emoji_id):
        raise BadRequest("TOPIC_NOT_MODIFIED")
    return _rename(world, chat, topic, name, icon)


def edit_general_forum_topic(world: World, params: Params) -> bool:
    """Another name of General."""
    chat, topic = _general(world, params)
    name = _name(params)
    if name == topic.name:
        raise BadRequest("TOPIC_NOT_MODIFIED")
    return _rename(world, chat, topic, name, topic.icon_custom_emoji_id)


def _rename(world: World, chat: Chat, topic: Topic, name: str, icon: str | None) -> bool:
    change: Json = {"name": name} if name != topic.name else {}
    if icon != topic.icon_custom_emoji_id:
        change["icon_custom_emoji_id"] = icon
    topic.name, topic.icon_custom_emoji_id = name, icon
    return _say(world, chat, topic, {"forum_topic_edited": change})


def delete_forum_topic(world: World, params: Params) -> bool:
    """Remove a topic with its messages; needs the right to delete messages."""
    chat, topic = _topic(world, params)
    if not chat.may("can_delete_messages"):
        raise BadRequest("not enough rights to delete a topic")
    world.drop_topic(chat, topic.thread_id)
    return True


def _switch(find: Callable[[World, Params], tuple[Chat, Topic]], flag: str, service: str, *, on: bool) -> Handler:
    """A method that sets `closed` or `hidden`; setting it twice is refused."""

    def switch(world: World, params: Params) -> bool:
        chat, topic = find(world, params)
        if getattr(topic, flag) == on:
            raise BadRequest("TOPIC_NOT_MODIFIED")
        setattr(topic, flag, on)
        return _say(world, chat, topic, {service: {}})

    return switch


def _say(world: World, chat: Chat, topic: Topic, content: Json) -> bool:
    world.post(chat, world.bot, content, outgoing=True, thread_id=topic.thread_id, tell_bot=True)
    world.tell_topic(chat, topic)
    return True


def _name(params: Params) -> str:
    name: str = params["name"].strip()
    if not 1 <= len(name) <= _MAX_NAME:
        raise BadRequest(f"topic title must be 1-{_MAX_NAME} characters long")
    return name


def _forum(world: World, params: Params, refusal: str) -> Chat:
    chat = readable(world, params["chat_id"])
    if not chat.is_forum:
        raise BadRequest("the chat is not a forum")
    if not chat.may("can_manage_topics"):
        raise BadRequest(refusal)
    return chat


def _topic(world: World, params: Params) -> tuple[Chat, Topic]:
    chat = _forum(world, params, "not enough rights to edit the topic")
    topic = chat.topics.get(params["message_thread_id"])
    if topic is None or topic.thread_id == GENERAL:
        raise BadRequest("message thread not found")
    return chat, topic


def _general(world: World, params: Params) -> tuple[Chat, Topic]:
    chat = _forum(world, params, "not enough rights to edit the topic")
    return chat, chat.topics[GENERAL]


METHODS: Final[dict[str, Handler]] = {
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "closeForumTopic": _switch(_topic, "closed", "forum_topic_closed", on=True),
    "reopenForumTopic": _switch(_topic, "closed", "forum_topic_reopened", on=False),
    "deleteForumTopic": delete_forum_topic,
    "editGeneralForumTopic": edit_general_forum_topic,
    "closeGeneralForumTopic": _switch(_general, "closed", "forum_topic_closed", on=True),
    "reopenGeneralForumTopic": _switch(_general, "closed", "forum_topic_reopened", on=False),
    "hideGeneralForumTopic": _switch(_general, "hidden", "general_forum_topic_hidden", on=True),
    "unhideGeneralForumTopic": _switch(_general, "hidden", "general_forum_topic_unhidden", on=False),
}
