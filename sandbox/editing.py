"""Methods that change or remove messages and answer presses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sandbox.access import readable, writable
from sandbox.errors import BadRequest
from sandbox.keyboards import check_markup
from sandbox.schema import Params
from sandbox.sending import caption_of, media_of, text_of
from sandbox.state import Chat, Json, Posted
from sandbox.world import World

Handler = Callable[[World, Params], Any]

_CAPTION_KEYS: Final = ("caption", "caption_entities", "show_caption_above_media")
_TEXT_KEYS: Final = ("text", "entities", "link_preview_options")
_FILE_KEYS: Final = ("photo", "document", "video", "animation", "audio", "has_media_spoiler")
_SAME: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same as "
    "a current content and reply markup of the message"
)
_EDITABLE: Final = frozenset({"text", "voice", *_FILE_KEYS})
_TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"
_MAX_ANSWER: Final = 200


def edit_message_text(world: World, params: Params) -> Json:
    """Another text and keyboard; a keyboard left out is taken away."""
    chat, posted = _own(world, params)
    content = text_of(params)
    if "text" not in posted.json:
        raise BadRequest("there is no text in the message to edit")
    if params.get("link_preview_options"):
        content["link_preview_options"] = params["link_preview_options"]
    return _edit(world, params, chat, posted, _TEXT_KEYS, content)


def edit_message_caption(world: World, params: Params) -> Json:
    """Another caption, or none."""
    chat, posted = _own(world, params)
    if not any(key in posted.json for key in (*_FILE_KEYS, "voice")):
        raise BadRequest("there is no caption in the message to edit")
    return _edit(world, params, chat, posted, _CAPTION_KEYS, caption_of(params))


def edit_message_media(world: World, params: Params) -> Json:
    """Another file with its caption; a text message may become a file."""
    chat, posted = _own(world, params)
    media: Json = params["media"]
    if media["type"] not in _FILE_KEYS[:-1]:
        raise BadRequest(f'unsupported media type "{media["type"]}"')
    content = media_of(world, media["type"], media, "media")
    return _edit(world, params, chat, posted, (*_FILE_KEYS, *_CAPTION_KEYS, *_TEXT_KEYS), content)


def edit_message_reply_markup(world: World, params: Params) -> Json:
    """Another inline keyboard, or none."""
    chat, posted = _own(world, params, any_content=True)
    return _edit(world, params, chat, posted, (), {})


def stop_message_live_location(world: World, params: Params) -> Json:
    """A point that moves stands still from now on."""
    chat, posted = _own(world, params)
    point = posted.json.get("location", {})
    if "live_period" not in point:
        raise BadRequest("there is no live location in the message to edit")
    still = {key: point[key] for key in point if key != "live_period"}
    return _edit(world, params, chat, posted, ("location",), {"location": still})


def _own(world: World, params: Params, *, any_content: bool = False) -> tuple[Chat, Posted]:
    """The bot's own message that may be edited: a text, a file or a point that moves, without a reply keyboard."""
    if "chat_id" not in params or "message_id" not in params:
        raise BadRequest("message identifier is not specified")
    chat = writable(world, params["chat_id"])
    posted = chat.messages.get(params["message_id"])
    if posted is None:
        raise BadRequest("message to edit not found")
    if not posted.outgoing or posted.keyboard or not (any_content or _is_editable(posted.json)):
        raise BadRequest("message can't be edited")
    return chat, posted


def _is_editable(message: Json) -> bool:
    return not _EDITABLE.isdisjoint(message) or "live_period" in message.get("location", {})


def _edit(
    world: World,
    params: Params,
    chat: Chat,
    posted: Posted,
    replaced: tuple[str, ...],
    content: Json,
) -> Json:
    """Put `content` in the place of the keys it replaces; the same again is refused."""
    markup = check_markup(params.get("reply_markup"))
    if markup is not None:
        content = {**content, "reply_markup": markup}
    old = posted.json
    keys = (*replaced, "reply_markup")
    if all(old.get(key) == content.get(key) for key in keys):
        raise BadRequest(_SAME)
    world.flood.count(chat.id)
    kept = {key: old[key] for key in old if key not in keys}
    return world.amend(chat, posted, {**kept, **content, "edit_date": int(world.now())})


def delete_message(world: World, params: Params) -> bool:
    """Remove a message: one's own, a person's in a private chat, anybody's with the right to."""
    chat = readable(world, params["chat_id"])
    posted = chat.messages.get(params["message_id"])
    if posted is None:
        raise BadRequest("message to delete not found")
    _check_deletable(world, chat, posted)
    world.remove(chat, [posted.message_id])
    return True


def delete_messages(world: World, params: Params) -> bool:
    """Remove 1-100 messages; those that are gone are passed over."""
    ids: list[int] = params["message_ids"]
    if not 1 <= len(ids) <= 100:
        raise BadRequest("there must be 1-100 messages to delete")
    chat = readable(world, params["chat_id"])
    for posted in [chat.messages[one] for one in ids if one in chat.messages]:
        _check_deletable(world, chat, posted)
    world.remove(chat, ids)
    return True


def _check_deletable(world: World, chat: Chat, posted: Posted) -> None:
    if chat.type != "private" and chat.may("can_delete_messages"):
        return
    if world.now() - posted.time > world.settings.delete_window:
        raise BadRequest("message can't be deleted for everyone")
    if chat.type != "private" and not posted.outgoing:
        raise BadRequest("message can't be deleted")


def answer_callback_query(world: World, params: Params) -> bool:
    """Stop the button from spinning; once for each press, in time."""
    text = params.get("text")
    if text is not None and len(text) > _MAX_ANSWER:
        raise BadRequest("MESSAGE_TOO_LONG")
    _check_url(world, params.get("url"))
    press = world.presses.get(params["callback_query_id"])
    if press is None or world.is_over(press):
        raise BadRequest(_TOO_OLD)
    if press.expiry is not None:
        press.expiry.cancel()
    del world.presses[press.id]
    world.emit(
        "callback_answer",
        user_id=press.user_id,
        callback_query_id=press.id,
        text=text,
        show_alert=params.get("show_alert", False),
        url=params.get("url"),
    )
    return True


def _check_url(world: World, url: str | None) -> None:
    """Only a link that opens this bot is allowed."""
    opened = (f"t.me/{world.bot['username']}?start=", f"telegram.me/{world.bot['username']}?start=")
    if url is not None and not url.removeprefix("https://").startswith(opened):
        raise BadRequest("URL_INVALID")


METHODS: Final[dict[str, Handler]] = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "stopMessageLiveLocation": stop_message_live_location,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "answerCallbackQuery": answer_callback_query,
}
