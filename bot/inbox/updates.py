"""Updates as they come: each stands alone, whatever the others hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
from aiogram.methods import TelegramMethod

from services.db.inbox import Accepted

NAMELESS: Final = "nameless"  # the conversation of updates that name neither chat nor person
_LARGEST: Final = 2**63 - 1  # that the table can number an update with
_FARTHEST: Final = 2**53  # Telegram's ids have at most 52 bits
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},]', re.DOTALL)
_HEAD = re.compile(rb'\s*\{\s*"ok"\s*:\s*true\s*,\s*"result"\s*:\s*\[')
_NUMBER = re.compile(rb'"update_id"\s*:\s*([0-9]{1,19})\s*[,}]')
_OWN_NUMBERS: Final = frozenset({"update_id", "id", "message_id", "date"})  # differ when the same is said again


@dataclass(frozen=True, slots=True)
class UnreadableUpdate:
    """An update of which only the number, and perhaps the conversation, is known."""

    update_id: int
    conversation: str = NAMELESS


class GetRawUpdates(TelegramMethod[list[Any]]):
    """getUpdates without validation: one malformed update must not stop the rest."""

    __returning__ = list[Any]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int
    limit: int = 100
    allowed_updates: list[str] | None = None


def read(text: bytes) -> object:
    """One update from its JSON, or UnreadableUpdate. Raises ValueError where no number of an update can be made out."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        found = _NUMBER.search(text)
        if found is None or int(found[1]) > _LARGEST:
            raise ValueError("no update") from None
        return UnreadableUpdate(int(found[1]))


def read_answer(content: bytes) -> object:
    """Telegram's answer to getUpdates; None when it is none. Where it cannot be read as a whole, each update is read
    by itself."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        parts = _split(content)
        return None if parts is None else {"ok": True, "result": list(_readable(parts))}


def _readable(parts: list[bytes]) -> Iterator[object]:
    for part in parts:
        try:
            yield read(part)
        except ValueError:
            yield None


def _split(content: bytes) -> list[bytes] | None:
    """The elements of the array in the answer, by their brackets; None when it does not end."""
    head = _HEAD.match(content)
    if head is None:
        return None
    depth, begin, parts = 0, head.end(), []
    for token in _TOKEN.finditer(content, begin):
        sign = token[0]
        depth += (sign in {b"[", b"{"}) - (sign in {b"]", b"}"})
        if depth < 0 or (depth == 0 and sign == b","):
            parts.append(content[begin : token.start()])
            begin = token.end()
        if depth < 0:
            return [part for part in parts if part.strip()]
    return None


def number_of(raw: object) -> int | None:
    """The update's number, None without one that can be kept."""
    if isinstance(raw, UnreadableUpdate):
        return raw.update_id
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return _whole(number, 0, _LARGEST)


def kept(raw: Any) -> Accepted | UnreadableUpdate | None:
    """An update for the inbox, None without a number."""
    number = number_of(raw)
    if number is None or isinstance(raw, UnreadableUpdate):
        return raw if isinstance(raw, UnreadableUpdate) else None
    conversation = conversation_of(raw)
    try:
        return Accepted(number, conversation, orjson.dumps(raw))
    except orjson.JSONEncodeError:  # nested deeper than can be written
        return UnreadableUpdate(number, conversation)


def conversation_of(raw: dict[str, Any]) -> str:
    """A private chat by its id, a topic of a group by both ids, else the person's id with a prefix."""
    message = message_of(raw)
    chat = id_in(message.get("chat"))
    if chat is not None:
        topic = as_id(message.get("message_thread_id"))
        in_topic = topic and message["chat"].get("type") != "private"
        return f"{chat}/{topic}" if in_topic else str(chat)
    sender = id_in(_event_of(raw).get("from"))
    return NAMELESS if sender is None else f"user {sender}"


def chat_of(conversation: str) -> int | None:
    """The chat or group where a conversation takes place."""
    chat = conversation.partition("/")[0]
    return int(chat) if chat.removeprefix("-").isdecimal() else None


def message_of(raw: dict[str, Any]) -> dict[str, Any]:
    """The message of an update, that of the pressed button, or another object that names a chat."""
    event = _event_of(raw)
    inner = event.get("message")
    return inner if isinstance(inner, dict) else event


def id_in(thing: object) -> int | None:
    """The id of a chat or a user."""
    return as_id(thing.get("id")) if isinstance(thing, dict) else None


def as_id(value: Any) -> int | None:
    """The id of a chat, a user or a message, None when the value is none."""
    return _whole(value, -_FARTHEST, _FARTHEST)


def said_in(body: bytes) -> bytes:
    """An update's contents without the numbers that differ when it is repeated."""
    raw = orjson.loads(body)
    events = {
        kind: {name: value for name, value in event.items() if name not in _OWN_NUMBERS}
        for kind, event in raw.items()
        if isinstance(event, dict)
    }
    return orjson.dumps(events, option=orjson.OPT_SORT_KEYS)


def album_of(body: bytes) -> tuple[object, bool] | None:
    """The album of which an update brings a part, and whether there are words under that part."""
    if b'"media_group_id"' not in body:
        return None
    message = message_of(orjson.loads(body))
    album = message.get("media_group_id")
    return (album, bool(message.get("caption"))) if isinstance(album, str) else None


def _event_of(raw: dict[str, Any]) -> dict[str, Any]:
    return next((value for value in raw.values() if isinstance(value, dict)), {})


def _whole(value: Any, least: int, most: int) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most else None
