"""Chats and what happens in them: the state that the Bot API and the people share."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

from sandbox.errors import BadRequest
from sandbox.faults import Faults
from sandbox.files import Files
from sandbox.flood import Flood
from sandbox.state import Call, Chat, Json, Person, Posted, Press, Profile, Settings, Topic, Webhook
from sandbox.updates import UpdateQueue

Event = dict[str, Any]
Listener = Callable[[Event], None]

GENERAL: Final = 1
"""thread_id of the topic that every forum has."""


class Stage:
    """Everything there is, in memory. One event loop, no locks: no method here waits in the middle of a change."""

    def __init__(self, token: str, username: str, first_name: str, settings: Settings) -> None:
        self.token = token
        self.settings = settings
        bot_id = int(token.split(":")[0])
        self.bot: Json = {"id": bot_id, "is_bot": True, "first_name": first_name, "username": username}
        self._skew = 0.0
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.presses: dict[str, Press] = {}
        self.profile = Profile()
        self.webhook = Webhook()
        self.webhook_changed: Callable[[], None] = lambda: None
        self.files = Files()
        self.updates = UpdateQueue(self.now)
        self.faults = Faults(self.now, self.updates.put_raw)
        self.flood = Flood(self.now)
        self.flood.enabled = settings.flood
        self.events: list[Event] = []
        self.calls: deque[Call] = deque(maxlen=100_000)
        self._listeners: set[Listener] = set()
        self.next_private_id = 1
        self._called = 0

    def now(self) -> float:
        """Seconds since 1970 on the sandbox's clock."""
        return time.time() + self._skew

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock on: presses expire, messages get too old to delete, faults end."""
        self._skew += seconds
        for press in [one for one in self.presses.values() if self.is_over(one)]:
            self.expire(press.id)

    # Events

    @property
    def cursor(self) -> int:
        """Number of the last event."""
        return len(self.events)

    def emit(self, type_: str, **data: Any) -> None:
        """Add an event and tell the listeners."""
        event = {"cursor": len(self.events) + 1, "type": type_, **data}
        self.events.append(event)
        for listener in tuple(self._listeners):
            listener(event)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event from now on; the returned function ends it."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def wait_for(
        self,
        predicate: Callable[[Event], object],
        timeout: float = 5.0,
        after: int | None = None,
    ) -> Event:
        """The first event that satisfies `predicate`, among those after cursor `after` (None: from now on).

        Raises `TimeoutError` after `timeout` seconds.
        """
        past = self.events[after:] if after is not None else []
        for event in past:
            if predicate(event):
                return event
        found: asyncio.Future[Event] = asyncio.get_running_loop().create_future()

        def look(event: Event) -> None:
            if not found.done() and predicate(event):
                found.set_result(event)

        stop = self.listen(look)
        try:
            return await asyncio.wait_for(found, timeout)
        finally:
            stop()

    def record(self, method: str, params: Json, error: str | None) -> None:
        """Add to the log of calls."""
        self._called += 1
        self.calls.append(Call(self._called, self.now(), method, params, error is None, error))

    # Chats and messages

    def chat(self, chat_id: int | str) -> Chat:
        """The chat with this id or @username. Raises `BadRequest` «chat not found»."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else self._named(chat_id)
        if chat is None:
            raise BadRequest("chat not found")
        return chat

    def _named(self, name: str) -> Chat | None:
        number = name.removeprefix("-")
        if number.isascii() and number.isdecimal():
            return self.chats.get(int(name))
        wanted = name.removeprefix("@").lower()
        named = (chat for chat in self.chats.values() if str(chat.brief.get("username", "")).lower() == wanted)
        return next(named, None)

    def post(
        self,
        chat: Chat,
        sender: Json,
        content: Json,
        *,
        outgoing: bool,
        thread_id: int | None = None,
        reply_to: Posted | None = None,
        tell_bot: bool | None = None,
    ) -> Posted:
        """Put a message into a chat; `tell_bot` queues an update (by default for what others write)."""
        now = self.now()
        message = {
            "message_id": self._new_id(chat),
            "from": sender,
            "chat": chat.brief,
            "date": int(now),
            **self._place(chat, thread_id, reply_to),
            **content,
        }
        posted = Posted(message, now, outgoing)
        chat.messages[posted.message_id] = posted
        self.emit("message", chat_id=chat.id, thread_id=posted.thread_id, message=message)
        if tell_bot if tell_bot is not None else not outgoing:
            self.updates.put("message", message, chat.id)
        return posted

    def _new_id(self, chat: Chat) -> int:
        """Private chats of a bot share one numbering, a supergroup has its own."""
        if chat.type == "private":
            self.next_private_id += 1
            return self.next_private_id
        chat.next_message_id += 1
        return chat.next_message_id

    def _place(self, chat: Chat, thread_id: int | None, reply_to: Posted | None) -> Json:
        """Topic and reply. What is said in a topic answers the message that opened it, unless it answers another."""
        place: Json = {}
        if chat.is_forum and thread_id not in (None, GENERAL):
            place = {"message_thread_id": thread_id, "is_topic_message": True}
            reply_to = reply_to or chat.messages.get(thread_id or 0)
        if reply_to is not None:
            place["reply_to_message"] = {key: reply_to.json[key] for key in reply_to.json if key != "reply_to_message"}
        return place

    def amend(self, chat: Chat, posted: Posted, message: Json) -> Json:
        """Replace a message by its edited form."""
        posted.json = message
        posted.edits += 1
        self.emit("edited", chat_id=chat.id, message=message)
        return message

    def remove(self, chat: Chat, message_ids: Iterable[int]) -> None:
        """Take messages out of a chat."""
        gone = [message_id for message_id in message_ids if chat.messages.pop(message_id, None)]
        chat.pinned = [message_id for message_id in chat.pinned if message_id in chat.messages]
        if gone:
            self.emit("deleted", chat_id=chat.id, message_ids=gone)

    def set_reaction(self, chat: Chat, posted: Posted, user_id: int, emoji: str | None) -> str | None:
        """Set or (None) take back one user's reaction; the one before it."""
        old = posted.reactions.pop(user_id, None)
        if emoji:
            posted.reactions[user_id] = emoji
        self.emit("reaction", chat_id=chat.id, message_id=posted.message_id, emoji=emoji)
        return old

    def chat_view(self, chat_id: int, thread_id: int | None = None) -> list[Json]:
        """Messages of a chat as they stand now, oldest first; `thread_id` narrows to a topic (1: General)."""
        messages = self.chat(chat_id).messages.values()
        if thread_id is None:
            return [posted.json for posted in messages]
        wanted = None if thread_id == GENERAL else thread_id
        return [posted.json for posted in messages if posted.thread_id == wanted]

    # Topics

    def add_topic(self, chat: Chat, opener: Json, topic: Topic, *, outgoing: bool) -> Topic:
        """Open a topic: a service message whose id becomes the thread's."""
        opened: Json = {"name": topic.name, "icon_color": topic.icon_color}
        if topic.icon_custom_emoji_id:
            opened["icon_custom_emoji_id"] = topic.icon_custom_emoji_id
        topic.thread_id = chat.next_message_id + 1
        chat.topics[topic.thread_id] = topic
        self.post(
            chat,
            opener,
            {"forum_topic_created": opened},
            outgoing=outgoing,
            thread_id=topic.thread_id,
            tell_bot=True,
        )
        self.tell_topic(chat, topic)
        return topic

    def tell_topic(self, chat: Chat, topic: Topic) -> None:
        """Emit the topic as it is now."""
        self.emit("topic", chat_id=chat.id, topic=topic.json())

    def drop_topic(self, chat: Chat, thread_id: int) -> None:
        """Remove a topic with everything said in it."""
        del chat.topics[thread_id]
        self.remove(chat, [one.message_id for one in chat.messages.values() if one.thread_id == thread_id])
        self.emit("topic_deleted", chat_id=chat.id, thread_id=thread_id)

    # Presses

    def is_over(self, press: Press) -> bool:
        """Whether it is too late to answer."""
        return self.now() - press.time >= self.settings.callback_lifetime

    def expire(self, press_id: str) -> None:
        """Let the button stop spinning without an answer."""
        press = self.presses.pop(press_id, None)
        if press is None:
            return
        if press.expiry is not None:
            press.expiry.cancel()
        self.emit("callback_expired", callback_query_id=press_id)

    def close(self) -> None:
        """Cancel what waits for a time to come."""
        for press in self.presses.values():
            if press.expiry is not None:
                press.expiry.cancel()
        self.presses.clear()
