"""Calls of the Bot API, and the part of their answers that is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from aiogram.client.default import Default
from aiogram.methods import SendMediaGroup, TelegramMethod
from aiogram.types import InputFile, Message, MessageId
from pydantic import BaseModel

_PLAIN = frozenset({str, int, bool, Default})
NEW_MESSAGE = (Message, MessageId)  # answers to calls that make a message


@dataclass(frozen=True, slots=True)
class SentMessage:
    """Its id, and that of its document where the answer was heard: building aiogram's Message costs more than sending
    it."""

    message_id: int
    file_id: str = ""


Answer = SentMessage | list[SentMessage] | Literal[True]


@dataclass(frozen=True, slots=True)
class Call:
    """`digest`: the same for equal calls, and for messages of one step; `chat_id`: where it makes a message;
    `edits`: the message that it changes; `values`: those of the method, made once for all who need them;
    `count`: how many messages it makes, an album's parts."""

    method: TelegramMethod[Any]
    digest: str
    chat_id: int | None
    edits: int | None
    values: Mapping[str, Any]
    count: int = 1

    @classmethod
    def of(cls, method: TelegramMethod[Any], step: str = "") -> Call:
        """`step`: of the message that the call makes, where it has a name."""
        values, chat_id = _values(method), getattr(method, "chat_id", None)
        makes = isinstance(method, SendMediaGroup) or method.__returning__ in NEW_MESSAGE
        sends = makes and isinstance(chat_id, int)
        edits = None if sends else getattr(method, "message_id", None)
        count = len(method.media) if isinstance(method, SendMediaGroup) else 1
        digest = _digest([step, chat_id] if step and sends else [method.__api_method__, _chosen(values)])
        return cls(method, digest, chat_id if sends else None, edits, values, count)

    @property
    def acts_in(self) -> int | None:
        """The chat that it names by its id, whatever it does there."""
        chat_id = getattr(self.method, "chat_id", None)
        return chat_id if isinstance(chat_id, int) else None


def _values(method: TelegramMethod[Any]) -> dict[str, Any]:
    """Values of a call, as pydantic dumps them; plain ones without it, as its dump costs more than all else here."""
    return {name: value if type(value) in _PLAIN else _dumped(value) for name, value in method if value is not None}


def _dumped(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_none=True, warnings=False)
    return [_dumped(one) for one in value] if isinstance(value, list) else value


def _chosen(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without the bot's defaults, which are the same in each call."""
    return {name: value for name, value in values.items() if type(value) is not Default}


def _digest(of: list[Any]) -> str:
    content = orjson.dumps(of, default=_plain)
    return hashlib.sha256(content).hexdigest()[:16]


def _plain(value: object) -> str:
    """A file by its name: a paper that is made anew may differ in its bytes."""
    return str(value.filename) if isinstance(value, InputFile) else repr(value)
