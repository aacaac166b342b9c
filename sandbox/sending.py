"""Methods that put new messages into chats."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any, Final

from sandbox.access import answered, readable, room
from sandbox.errors import BadRequest
from sandbox.files import StoredFile
from sandbox.keyboards import check_markup
from sandbox.markup import Entity, clean, found_entities, parse_html, utf16_length
from sandbox.schema import Params, Upload
from sandbox.state import Chat, Json, Posted
from sandbox.world import World

Handler = Callable[[World, Params], Any]

MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
_MENTION: Final = "tg://user?id="
_UNTOUCHED: Final = frozenset({"code", "pre", "text_link"})
_TEXT_KEYS: Final = ("text", "entities", "caption", "caption_entities", "show_caption_above_media", "has_media_spoiler")
_MEDIA: Final = ("photo", "document", "video", "animation", "audio", "voice", "video_note", "sticker")
CONTENT_KEYS: Final = (*_TEXT_KEYS, *_MEDIA, "location", "contact")
_ALBUMS: Final = {"photo": "visual", "video": "visual", "document": "document", "audio": "audio"}


# Text


def text_of(params: Params) -> Json:
    """`{text, entities}` of a call. Raises `BadRequest` when it is empty, too long or badly marked up."""
    text, entities = formatted(params, "text", "entities")
    if not text:
        raise BadRequest("message text is empty")
    if utf16_length(text) > MAX_TEXT:
        raise BadRequest("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_of(params: Params) -> Json:
    """`{caption, caption_entities}` of a call, empty when there is none."""
    if not params.get("caption"):
        return {}
    text, entities = formatted(params, "caption", "caption_entities")
    if utf16_length(text) > MAX_CAPTION:
        raise BadRequest("message caption is too long")
    caption: Json = {"caption": text} if text else {}
    if entities:
        caption["caption_entities"] = entities
    if params.get("show_caption_above_media"):
        caption["show_caption_above_media"] = True
    return caption


def formatted(params: Params, key: str, entities_key: str) -> tuple[str, list[Entity]]:
    """Plain text and entities of one parameter, those that Telegram finds by itself included."""
    text, entities = params[key], params.get(entities_key, [])
    mode = params.get("parse_mode", "")
    if mode.lower() == "html":
        text, entities = parse_html(text)
    elif mode:
        raise BadRequest("unsupported parse_mode")
    else:
        _check_entities(text, entities)
    text, entities = clean(text, entities)
    return text, _with_found(text, entities)


def _check_entities(text: str, entities: list[Entity]) -> None:
    length = utf16_length(text)
    for entity in entities:
        if entity["offset"] < 0 or entity["length"] <= 0 or entity["offset"] + entity["length"] > length:
            raise BadRequest("entity begins or ends outside of the text")


def _with_found(text: str, entities: list[Entity]) -> list[Entity]:
    fixed = [(one["offset"], one["offset"] + one["length"]) for one in entities if one["type"] in _UNTOUCHED]
    found = [
        one
        for one in found_entities(text)
        if not any(begin < one["offset"] + one["length"] and one["offset"] < end for begin, end in fixed)
    ]
    return sorted(entities + found, key=lambda one: (one["offset"], -one["length"])) if found else entities


# Delivery


def deliver(world: World, params: Params, content: Json) -> Json:
    """Post one message of the bot and return it."""
    chat, thread_id = room(world, params)
    markup = check_markup(params.get("reply_markup"))
    reply = answered(chat, params)
    world.flood.count(chat.id)
    return _post(world, chat, {**content, **_about(params), **_inline(markup)}, thread_id, reply, markup)


def _post(
    world: World,
    chat: Chat,
    content: Json,
    thread_id: int | None,
    reply: Posted | None,
    markup: Json | None = None,
) -> Json:
    posted = world.post(chat, world.bot, content, outgoing=True, thread_id=thread_id, reply_to=reply)
    posted.keyboard = markup is not None and "inline_keyboard" not in markup
    if markup is not None and posted.keyboard and chat.type == "private":
        chat.reply_keyboard = None if "remove_keyboard" in markup else markup
        world.emit("reply_keyboard", chat_id=chat.id, markup=chat.reply_keyboard)
    if markup is not None and markup.get("force_reply"):
        field = {"placeholder": markup.get("input_field_placeholder"), "user_ids": _selected(world, posted, markup)}
        world.emit("reply_field", chat_id=chat.id, thread_id=thread_id, message_id=posted.message_id, **field)
    return posted.json


def _selected(world: World, posted: Posted, markup: Json) -> list[int] | None:
    """People in whose apps a reply field opens, by id: with `selective` those who are mentioned, and the one who is
    answered; None: everybody."""
    if not markup.get("selective"):
        return None
    text: str = posted.json.get("text") or posted.json.get("caption") or ""
    found = {person.id for person in world.people.values() if person.username and f"@{person.username}" in text}
    entities: list[Json] = posted.json.get("entities") or posted.json.get("caption_entities") or []
    links = (str(one.get("url", "")) for one in entities)
    found |= {int(one.removeprefix(_MENTION)) for one in links if re.fullmatch(f"{re.escape(_MENTION)}\\d+", one)}
    answered_one: Json = posted.json.get("reply_to_message", {}).get("from", {})
    return sorted(found | ({answered_one["id"]} if answered_one else set()))


def _inline(markup: Json | None) -> Json:
    return {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}


def _about(params: Params) -> Json:
    about: Json = {}
    if params.get("protect_content"):
        about["has_protected_content"] = True
    if params.get("link_preview_options"):
        about["link_preview_options"] = params["link_preview_options"]
    if params.get("message_effect_id"):
        about["effect_id"] = params["message_effect_id"]
    return about


# Files


def stored(world: World, kind: str, value: str | Upload) -> StoredFile:
    """The file of a parameter: uploaded now or known by its id."""
    if isinstance(value, Upload):
        return world.files.add(kind, value.data, value.name, value.content_type)
    if value.startswith(("http://", "https://")):
        raise BadRequest("failed to get HTTP URL content")
    file = world.files.get(value)
    if file.kind != kind:
        raise BadRequest(f"can't use file of type {file.kind.capitalize()} as {kind.capitalize()}")
    return file


def media_of(world: World, kind: str, params: Params, key: str) -> Json:
    """Content of a message with a file and its caption."""
    caption = caption_of(params)
    content = {**world.files.describe(stored(world, kind, params[key])), **caption}
    if params.get("has_spoiler"):
        content["has_media_spoiler"] = True
    return content


def _sender(kind: str) -> Handler:
    def send(world: World, params: Params) -> Json:
        room(world, params)  # a file for nobody is not kept
        return deliver(world, params, media_of(world, kind, params, kind))

    return send


def send_message(world: World, params: Params) -> Json:
    """A text message."""
    return deliver(world, params, text_of(params))


def send_location(world: World, params: Params) -> Json:
    """A point on the map."""
    if abs(params["latitude"]) > 90 or abs(params["longitude"]) > 180:
        raise BadRequest("invalid location specified")
    kept = ("latitude", "longitude", "horizontal_accuracy", "live_period")
    point = {key: params[key] for key in kept if key in params}
    return deliver(world, params, {"location": point})


def send_contact(world: World, params: Params) -> Json:
    """A phone number with a name."""
    keys = ("phone_number", "first_name", "last_name", "vcard")
    return deliver(world, params, {"contact": {key: params[key] for key in keys if key in params}})


def send_media_group(world: World, params: Params) -> list[Json]:
    """An album: messages with one media_group_id."""
    items: list[Json] = params["media"]
    if not 2 <= len(items) <= 10:
        raise BadRequest("album must include 2-10 items")
    kinds = {_ALBUMS.get(item["type"], "") for item in items}
    if "" in kinds:
        raise BadRequest("unsupported media type in an album")
    if len(kinds) > 1:
        raise BadRequest(f"{'document' if 'document' in kinds else 'audio'} can't be mixed with other media types")
    chat, thread_id = room(world, params)
    reply = answered(chat, params)
    contents = [media_of(world, item["type"], item, "media") for item in items]
    world.flood.count(chat.id, len(items))
    shared = {**_about(params), **_new_album()}
    return [_post(world, chat, {**content, **shared}, thread_id, reply) for content in contents]


# Copies


def copy_message(world: World, params: Params) -> Json:
    """The same content as a new message of the bot; a given caption replaces the old one."""
    content = _content(_source(world, params, params["message_id"], "copy"), "copied")
    if "caption" in params and "text" not in content:
        content = {key: content[key] for key in content if "caption" not in key} | caption_of(params)
    return {"message_id": deliver(world, params, content)["message_id"]}


def forward_message(world: World, params: Params) -> Json:
    """The same content with its author named."""
    source = _source(world, params, params["message_id"], "forward")
    return deliver(world, params, _forwarded(source))


def _forwarded(source: Posted) -> Json:
    origin = {"type": "user", "sender_user": source.json["from"], "date": source.json["date"]}
    return {"forward_origin": source.json.get("forward_origin", origin), **_content(source, "forwarded")}


def copy_messages(world: World, params: Params) -> list[Json]:
    """Copies of 1-100 messages; those that are gone are left out, albums stay albums."""
    sources = _sources(world, params, "copy")
    contents = [_content(source, "copied") for source in sources]
    if params.get("remove_caption"):
        contents = [{key: one[key] for key in one if "caption" not in key} for one in contents]
    return _post_all(world, params, sources, contents)


def forward_messages(world: World, params: Params) -> list[Json]:
    """1-100 messages forwarded; those that are gone are left out, albums stay albums."""
    sources = _sources(world, params, "forward")
    return _post_all(world, params, sources, [_forwarded(source) for source in sources])


def _post_all(world: World, params: Params, sources: list[Posted], contents: list[Json]) -> list[Json]:
    albums: dict[str, Json] = {}
    posted = []
    for source, content in zip(sources, contents, strict=True):
        old = source.json.get("media_group_id")
        album = albums.setdefault(old, _new_album()) if old else {}
        posted.append({"message_id": deliver(world, params, {**content, **album})["message_id"]})
    return posted


def _new_album() -> Json:
    return {"media_group_id": str(10**16 + secrets.randbelow(10**16))}


def _sources(world: World, params: Params, verb: str) -> list[Posted]:
    ids: list[int] = params["message_ids"]
    if not 1 <= len(ids) <= 100:
        raise BadRequest(f"there must be 1-100 messages to {verb}")
    if ids != sorted(set(ids)):
        raise BadRequest("message identifiers must be in a strictly increasing order")
    chat = readable(world, params["from_chat_id"])
    found = [chat.messages[one] for one in ids if one in chat.messages]
    if not found:
        raise BadRequest(f"there are no messages to {verb}")
    return found


def _source(world: World, params: Params, message_id: int, verb: str) -> Posted:
    posted = readable(world, params["from_chat_id"]).messages.get(message_id)
    if posted is None:
        raise BadRequest(f"message to {verb} not found")
    return posted


def _content(posted: Posted, verb: str) -> Json:
    content: Json = {key: posted.json[key] for key in CONTENT_KEYS if key in posted.json}
    if not content or posted.json.get("has_protected_content"):
        raise BadRequest(f"message can't be {verb}")
    return content


METHODS: Final[dict[str, Handler]] = {
    "sendMessage": send_message,
    "sendPhoto": _sender("photo"),
    "sendDocument": _sender("document"),
    "sendVideo": _sender("video"),
    "sendAnimation": _sender("animation"),
    "sendAudio": _sender("audio"),
    "sendVoice": _sender("voice"),
    "sendVideoNote": _sender("video_note"),
    "sendSticker": _sender("sticker"),
    "sendLocation": send_location,
    "sendContact": send_contact,
    "sendMediaGroup": send_media_group,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
}
