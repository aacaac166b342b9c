"""May the bot write there? Chats, topics and the messages it answers, with Telegram's refusals."""

from __future__ import annotations

from typing import Final

from sandbox.errors import BadRequest, Forbidden
from sandbox.schema import Params
from sandbox.stage import GENERAL
from sandbox.state import Chat, Person, Posted
from sandbox.world import World

_OUTSIDE: Final = {
    "left": "bot is not a member of the supergroup chat",
    "kicked": "bot was kicked from the supergroup chat",
}


def readable(world: World, chat_id: int | str) -> Chat:
    """A chat the bot can see."""
    chat = world.chat(chat_id)
    if chat.migrated_to is not None:
        raise BadRequest(
            "group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": chat.migrated_to},
        )
    if chat.bot_status in _OUTSIDE:
        raise Forbidden(_OUTSIDE[chat.bot_status])
    return chat


def writable(world: World, chat_id: int | str) -> Chat:
    """A chat the bot can write to."""
    chat = readable(world, chat_id)
    if chat.person is not None:
        _check_person(chat.person)
    return chat


def _check_person(person: Person) -> None:
    if person.deactivated:
        raise Forbidden("user is deactivated")
    if person.blocked:
        raise Forbidden("bot was blocked by the user")
    if not person.started:
        raise Forbidden("bot can't initiate conversation with a user")


def room(world: World, params: Params) -> tuple[Chat, int | None]:
    """Chat and topic that a send is meant for."""
    chat = writable(world, params["chat_id"])
    thread_id: int | None = params.get("message_thread_id")
    if not chat.is_forum:
        if thread_id is not None:
            raise BadRequest("message thread not found")
        return chat, None
    # General has the number 1, yet Telegram takes messages for it only without a number.
    topic = chat.topics.get(GENERAL if thread_id is None else thread_id)
    if topic is None or thread_id == GENERAL:
        raise BadRequest("message thread not found")
    if topic.closed and not chat.may("can_manage_topics"):
        raise BadRequest("TOPIC_CLOSED")
    return chat, thread_id


def answered(chat: Chat, params: Params) -> Posted | None:
    """The message that a send replies to."""
    reply = params.get("reply_parameters", {})
    message_id = reply.get("message_id", params.get("reply_to_message_id"))
    if message_id is None:
        return None
    posted = chat.messages.get(message_id)
    lenient = reply.get("allow_sending_without_reply", params.get("allow_sending_without_reply", False))
    if posted is None and not lenient:
        raise BadRequest("message to be replied not found")
    return posted
