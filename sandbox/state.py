"""People, chats, topics and messages as the sandbox keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
"""A Bot API object. One that was handed out is never changed: an edit makes a new one."""

BOT_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)


@dataclass(slots=True)
class Person:
    """A user; a private chat with the bot has the same id."""

    id: int
    first_name: str
    language_code: str | None = "ru"
    last_name: str | None = None
    username: str | None = None
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def user(self) -> Json:
        """The User of the Bot API."""
        return {"id": self.id, "is_bot": False, **self._names(), **_given(language_code=self.language_code)}

    def chat(self) -> Json:
        """The Chat of the Bot API."""
        return {"id": self.id, **self._names(), "type": "private"}

    def _names(self) -> Json:
        return _given(first_name=self.first_name, last_name=self.last_name, username=self.username)


@dataclass(slots=True)
class Topic:
    """A forum topic; `thread_id` is the id of the service message that opened it, 1 for General."""

    thread_id: int
    name: str
    icon_color: int
    icon_custom_emoji_id: str | None = None
    closed: bool = False
    hidden: bool = False

    def json(self) -> Json:
        """As the control API shows it."""
        return {
            "thread_id": self.thread_id,
            "name": self.name,
            "closed": self.closed,
            "hidden": self.hidden,
            "icon_color": self.icon_color,
        }


@dataclass(slots=True)
class Posted:
    """A message and what only the sandbox knows about it. `time` in seconds since 1970; `keyboard`: it came with one
    that is not inline."""

    json: Json
    time: float
    outgoing: bool
    keyboard: bool = False
    edits: int = 0
    reactions: dict[int, str] = field(default_factory=dict)  # one emoji by user id

    @property
    def message_id(self) -> int:
        """Unique in its chat."""
        return int(self.json["message_id"])

    @property
    def thread_id(self) -> int | None:
        """The topic, None outside topics and in General."""
        thread: int | None = self.json.get("message_thread_id")
        return thread


@dataclass(slots=True)
class Chat:
    """A private chat or a supergroup, with what is in it now."""

    id: int
    type: str
    title: str | None = None
    person: Person | None = None
    is_forum: bool = False
    messages: dict[int, Posted] = field(default_factory=dict)
    next_message_id: int = 1
    topics: dict[int, Topic] = field(default_factory=dict)
    members: dict[int, str] = field(default_factory=dict)
    bot_status: str = "administrator"
    bot_rights: set[str] = field(default_factory=lambda: set(BOT_RIGHTS))
    hides_members: bool = False
    pinned: list[int] = field(default_factory=list)
    reply_keyboard: Json | None = None
    migrated_to: int | None = None
    brief: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Make `brief`, the Chat of the Bot API, anew."""
        if self.person is not None:
            self.brief = self.person.chat()
        else:
            forum = {"is_forum": True} if self.is_forum else {}
            self.brief = {"id": self.id, "title": self.title, "type": self.type, **forum}

    def may(self, right: str) -> bool:
        """Whether the bot has an administrator's right here."""
        return self.bot_status == "creator" or (self.bot_status == "administrator" and right in self.bot_rights)


@dataclass(slots=True)
class Press:
    """A pressed button that waits for answerCallbackQuery; `time` in seconds since 1970."""

    id: str
    user_id: int
    time: float
    expiry: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class Call:
    """One call of the bot: parameters as read (files by their size), the refusal or None."""

    seq: int
    time: float
    method: str
    params: Json
    ok: bool
    error: str | None

    def json(self) -> Json:
        """As the control API shows it."""
        return {
            "seq": self.seq,
            "time": self.time,
            "method": self.method,
            "params": self.params,
            "ok": self.ok,
            "error": self.error,
        }


def _given(**values: Any) -> Json:
    return {key: value for key, value in values.items() if value is not None}


@dataclass(slots=True)
class Profile:
    """Texts in which the bot describes itself. Keys: commands by (scope as JSON text, language), texts by language."""

    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    name: dict[str, str] = field(default_factory=dict)
    description: dict[str, str] = field(default_factory=dict)
    short_description: dict[str, str] = field(default_factory=dict)
    menu_buttons: dict[int | None, Json] = field(default_factory=dict)


@dataclass(slots=True)
class Settings:
    """How strict the sandbox is; all in seconds.

    `webhook_backoff` is the first pause after a failed delivery, doubled each time.
    """

    callback_lifetime: float = 150.0
    delete_window: float = 48 * 3600.0
    webhook_backoff: float = 1.0
    webhook_timeout: float = 60.0
    flood: bool = False


@dataclass(slots=True)
class Webhook:
    """The webhook as setWebhook asked for it, and how deliveries go."""

    url: str = ""
    secret_token: str | None = None
    max_connections: int = 40
    last_error_date: int | None = None
    last_error_message: str | None = None


def member(user: Json, status: str, rights: Iterable[str] = BOT_RIGHTS) -> Json:
    """A ChatMember of the Bot API."""
    shared = {"status": status, "user": user}
    if status == "kicked":
        return {**shared, "until_date": 0}
    if status == "creator":
        return {**shared, "is_anonymous": False}
    if status == "administrator":
        held = set(rights)
        return {**shared, "can_be_edited": False, "is_anonymous": False, **{name: name in held for name in _ALL_RIGHTS}}
    return shared


_ALL_RIGHTS = (
    *BOT_RIGHTS,
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
)
