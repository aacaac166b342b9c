"""Methods about chats: who is in them, what is pinned, what the bot is doing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sandbox.access import readable, room, writable
from sandbox.errors import BadRequest
from sandbox.files import MAX_DOWNLOAD
from sandbox.schema import Params
from sandbox.state import Chat, Json, Posted, member
from sandbox.world import World

Handler = Callable[[World, Params], Any]

_ACTIONS: Final = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    },
)
_GIFTS: Final = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)


def send_chat_action(world: World, params: Params) -> bool:
    """«is typing…» for five seconds."""
    if params["action"] not in _ACTIONS:
        raise BadRequest("wrong parameter action in request")
    chat, thread_id = room(world, params)
    world.emit("chat_action", chat_id=chat.id, thread_id=thread_id, action=params["action"])
    return True


def get_chat(world: World, params: Params) -> Json:
    """ChatFullInfo."""
    chat = readable(world, params["chat_id"])
    full = {
        **chat.brief,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }
    if chat.pinned:
        full["pinned_message"] = chat.messages[chat.pinned[-1]].json
    return full


def get_chat_member(world: World, params: Params) -> Json:
    """One member; a known user outside has left. A group may hide its members from all but administrators."""
    chat = readable(world, params["chat_id"])
    if params["user_id"] == world.bot["id"]:
        return member(world.bot, chat.bot_status if chat.person is None else "member", chat.bot_rights)
    if chat.hides_members and chat.bot_status != "administrator":
        raise BadRequest("member list is inaccessible")
    person = world.people.get(params["user_id"])
    if person is None:
        raise BadRequest("user not found")
    inside = "member" if chat.person is person else "left"
    return member(person.user(), chat.members.get(person.id, inside))


def get_chat_administrators(world: World, params: Params) -> list[Json]:
    """People who run the group, and the bot when it is one of them; other bots there are none here."""
    chat = _group(world, params)
    heads = [user_id for user_id, status in chat.members.items() if status in ("administrator", "creator")]
    found = [member(world.people[user_id].user(), chat.members[user_id]) for user_id in heads]
    if chat.bot_status == "administrator":
        found.append(member(world.bot, chat.bot_status, chat.bot_rights))
    return found


def get_chat_member_count(world: World, params: Params) -> int:
    """People inside and the bot."""
    chat = readable(world, params["chat_id"])
    if chat.person is not None:
        return 2
    return 1 + sum(status not in ("left", "kicked") for status in chat.members.values())


def leave_chat(world: World, params: Params) -> bool:
    """Leave a group."""
    world.set_bot_status(_group(world, params), "left")
    return True


def _group(world: World, params: Params) -> Chat:
    chat = readable(world, params["chat_id"])
    if chat.person is not None:
        raise BadRequest("there are no administrators in the private chat")
    return chat


def pin_chat_message(world: World, params: Params) -> bool:
    """Pin a message; the chat is told by a service message."""
    chat = _pinnable(world, params)
    posted = _found(chat, params["message_id"], "message to pin not found")
    if posted.message_id in chat.pinned:
        chat.pinned.remove(posted.message_id)
    chat.pinned.append(posted.message_id)
    world.post(
        chat,
        world.bot,
        {"pinned_message": posted.json},
        outgoing=True,
        thread_id=posted.thread_id,
        tell_bot=True,
    )
    world.emit("pinned", chat_id=chat.id, message_id=posted.message_id)
    return True


def unpin_chat_message(world: World, params: Params) -> bool:
    """Unpin a message, the latest pinned one when none is named."""
    chat = _pinnable(world, params)
    message_id = params.get("message_id", chat.pinned[-1] if chat.pinned else 0)
    posted = _found(chat, message_id, "message to unpin not found")
    if posted.message_id in chat.pinned:
        chat.pinned.remove(posted.message_id)
    world.emit("pinned", chat_id=chat.id, message_id=chat.pinned[-1] if chat.pinned else None)
    return True


def unpin_all(world: World, params: Params) -> bool:
    """Unpin everything in the chat, or in one topic."""
    chat = _pinnable(world, params)
    thread_id = params.get("message_thread_id")
    kept = [one for one in chat.pinned if thread_id is not None and chat.messages[one].thread_id != thread_id]
    chat.pinned = kept
    world.emit("pinned", chat_id=chat.id, message_id=kept[-1] if kept else None)
    return True


def _pinnable(world: World, params: Params) -> Chat:
    chat = writable(world, params["chat_id"])
    if chat.person is None and not chat.may("can_pin_messages"):
        raise BadRequest("not enough rights to manage pinned messages in the chat")
    return chat


def _found(chat: Chat, message_id: int, refusal: str) -> Posted:
    posted = chat.messages.get(message_id)
    if posted is None:
        raise BadRequest(refusal)
    return posted


def set_message_reaction(world: World, params: Params) -> bool:
    """One emoji under a message, none takes it back; bots have one at most."""
    chat = writable(world, params["chat_id"])
    posted = _found(chat, params["message_id"], "message to react not found")
    reactions: list[Json] = params.get("reaction", [])
    if len(reactions) > 1:
        raise BadRequest("REACTIONS_TOO_MANY")
    if reactions and (reactions[0]["type"] != "emoji" or not reactions[0].get("emoji")):
        raise BadRequest("REACTION_INVALID")
    world.set_reaction(chat, posted, world.bot["id"], reactions[0]["emoji"] if reactions else None)
    return True


def get_file(world: World, params: Params) -> Json:
    """Where to download a file of at most 20 MB."""
    file = world.files.get(params["file_id"])
    if len(file.data) > MAX_DOWNLOAD:
        raise BadRequest("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.file_unique_id,
        "file_size": len(file.data),
        "file_path": file.path,
    }


METHODS: Final[dict[str, Handler]] = {
    "sendChatAction": send_chat_action,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all,
    "unpinAllForumTopicMessages": unpin_all,
    "setMessageReaction": set_message_reaction,
    "getFile": get_file,
}
