"""Actions of people: the in-process API of tests, the demo and the control API."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, Final

from sandbox.errors import BadRequest, Refused
from sandbox.markup import clean, found_entities
from sandbox.stage import GENERAL, Stage
from sandbox.state import Chat, Json, Person, Posted, Press, Settings, Topic, member

MAX_TEXT: Final = 4096
TOPIC_COLORS: Final = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


class World(Stage):
    """The bot, the people, their chats. Everything a person can do in Telegram's app is a method here.

    A thing the app would not let a person do raises `Refused`.
    """

    def __init__(
        self,
        token: str = "1234567:sandbox-token",  # noqa: S107 - nobody's token
        *,
        username: str = "energy_sandbox_bot",
        first_name: str = "Sandbox",
        flood: bool = False,
        settings: Settings | None = None,
    ) -> None:
        settings = settings or Settings()
        settings.flood = settings.flood or flood
        super().__init__(token, username, first_name, settings)

    # People and groups

    def add_person(
        self,
        first_name: str,
        language_code: str | None = "ru",
        last_name: str | None = None,
        username: str | None = None,
        *,
        person_id: int | None = None,
    ) -> Person:
        """A new user with an empty private chat. Every second id needs more than 32 bits, as in life."""
        number = len(self.people) + 1
        new_id = person_id or (5_000_000_000 + number if number % 2 else 400_000_000 + number)
        if new_id in self.people:
            raise Refused(f"there is a person {new_id} already")
        person = Person(new_id, first_name, language_code, last_name, username)
        self.people[new_id] = person
        self.chats[new_id] = Chat(new_id, "private", person=person)
        self.emit("person", person=person_json(person))
        return person

    def add_staff_group(self, title: str) -> Chat:
        """A forum supergroup where the bot is an administrator with all rights."""
        chat = Chat(-1_001_000_000_000 - len(self.chats) - 1, "supergroup", title, is_forum=True)
        chat.topics[GENERAL] = Topic(GENERAL, "General", TOPIC_COLORS[0])
        self.chats[chat.id] = chat
        self.emit("group", group=self.group_json(chat))
        return chat

    def group_json(self, chat: Chat) -> Json:
        """A group as the control API shows it."""
        people = [{"id": user_id, "status": status} for user_id, status in chat.members.items()]
        topics = [topic.json() for topic in chat.topics.values()]
        return {"id": chat.id, "title": chat.title, "topics": topics, "members": people}

    def join(self, group: Chat, person: Person, status: str = "member") -> None:
        """Make a person member, administrator, creator, left or kicked (a `chat_member` update, if asked for)."""
        old = group.members.get(person.id, "left")
        group.members[person.id] = status
        change = self._change(group, person.user(), member(person.user(), old), member(person.user(), status))
        self.updates.put("chat_member", change, group.id)
        self.emit("group", group=self.group_json(group))

    def set_bot_status(self, group: Chat, status: str) -> None:
        """Make the bot administrator, member, left or kicked in a group (a `my_chat_member` update)."""
        old, group.bot_status = group.bot_status, status
        change = self._change(group, self._anyone(group), member(self.bot, old), member(self.bot, status))
        self.updates.put("my_chat_member", change, group.id)

    def _anyone(self, group: Chat) -> Json:
        owners = (self.people[user_id].user() for user_id in group.members)
        return next(owners, self.bot)

    def migrate(self, group: Chat) -> Chat:
        """Give the group a new id: calls to the old one are refused with migrate_to_chat_id."""
        new = self.add_staff_group(group.title or "")
        new.members = dict(group.members)
        group.migrated_to = new.id
        return new

    def block(self, person: Person) -> None:
        """Stop the bot from writing to the person."""
        self._set_blocked(person, blocked=True)

    def unblock(self, person: Person) -> None:
        """Let the bot write again."""
        self._set_blocked(person, blocked=False)

    def _set_blocked(self, person: Person, *, blocked: bool) -> None:
        if person.blocked == blocked:
            return
        person.blocked = blocked
        states = [member(self.bot, "member"), member(self.bot, "kicked")]
        old, new = states if blocked else reversed(states)
        chat = self.chats[person.id]
        self.updates.put("my_chat_member", self._change(chat, person.user(), old, new), chat.id)
        self.emit("blocked", user_id=person.id, blocked=blocked)

    def _change(self, chat: Chat, by: Json, old: Json, new: Json) -> Json:
        return {
            "chat": chat.brief,
            "from": by,
            "date": int(self.now()),
            "old_chat_member": old,
            "new_chat_member": new,
        }

    # Writing

    def send_text(
        self,
        person: Person,
        text: str,
        chat: Chat | int | None = None,
        thread_id: int | None = None,
        reply_to: int | None = None,
    ) -> Json:
        """Write to the bot (or to a group). Longer texts go as several messages, as the apps do; the last is returned.

        Raises `Refused` for what the app would not send: an empty text, a closed topic, a blocked bot.
        """
        text, _ = clean(text, [])
        if not text:
            raise Refused("Telegram's app does not send an empty message")
        parts = [text[place : place + MAX_TEXT] for place in range(0, len(text), MAX_TEXT)]
        for part in parts:
            message = self.inject(person, text_content(part), chat, thread_id, reply_to)
        return message

    def inject(
        self,
        person: Person,
        content: Json,
        chat: Chat | int | None = None,
        thread_id: int | None = None,
        reply_to: int | None = None,
    ) -> Json:
        """A message with any content at all (`{"dice": …}`), unchecked."""
        place = self._room(person, chat, thread_id)
        answered = None
        if reply_to is not None:
            answered = place.messages.get(reply_to)
            if answered is None:
                raise Refused("the message to reply to is gone")
        return self.post(
            place,
            person.user(),
            content,
            outgoing=False,
            thread_id=thread_id,
            reply_to=answered,
        ).json

    def _room(self, person: Person, chat: Chat | int | None, thread_id: int | None = None) -> Chat:
        """The chat if the person may write there."""
        place = self.find_chat(person.id if chat is None else chat)
        if place.type == "private":
            self._check_private(person, place)
        elif place.members.get(person.id, "left") in ("left", "kicked"):
            raise Refused("not a member of this group")
        else:
            self._check_topic(person, place, thread_id or GENERAL)
        return place

    def find_chat(self, chat: Chat | int) -> Chat:
        """The chat itself or by its id. Raises `Refused`."""
        if isinstance(chat, Chat):
            return chat
        try:
            return self.chat(chat)
        except BadRequest as error:
            raise Refused(error.description) from None

    def _check_private(self, person: Person, place: Chat) -> None:
        if place.person is not person:
            raise Refused("this is another person's chat")
        if person.blocked:
            raise Refused("the bot is blocked, unblock it first")
        person.started = True

    def _check_topic(self, person: Person, place: Chat, thread_id: int) -> None:
        topic = place.topics.get(thread_id)
        if topic is None:
            raise Refused("there is no such topic")
        if topic.closed and place.members[person.id] == "member":
            raise Refused("the topic is closed")

    def send_file(
        self,
        person: Person,
        kind: str,
        data: bytes,
        file_name: str = "file",
        caption: str | None = None,
        *,
        chat: Chat | int | None = None,
        thread_id: int | None = None,
        reply_to: int | None = None,
        media_group_id: str | None = None,
        mime_type: str | None = None,
    ) -> Json:
        """Send a photo, document, voice, sticker, video, audio, animation or video_note."""
        place = self._room(person, chat, thread_id)
        file = self.files.add(kind, data, file_name, mime_type, by_bot=False)
        content = self.files.describe(file)
        if media_group_id:
            content["media_group_id"] = media_group_id
        if caption and caption.strip():
            content |= text_content(clean(caption, [])[0], "caption")
        return self.inject(person, content, place, thread_id, reply_to)

    def new_media_group_id(self) -> str:
        """An id for the messages of one album."""
        return str(10**16 + secrets.randbelow(10**16))

    def send_contact(
        self,
        person: Person,
        phone_number: str = "+79990000000",
        first_name: str | None = None,
        *,
        own: bool = True,
        chat: Chat | int | None = None,
    ) -> Json:
        """Send one's own phone (with `user_id`, as the request button does) or a card of somebody else."""
        contact: Json = {"phone_number": phone_number, "first_name": first_name or person.first_name}
        if own:
            contact["user_id"] = person.id
        return self.inject(person, {"contact": contact}, chat)

    def send_location(
        self,
        person: Person,
        latitude: float,
        longitude: float,
        *,
        chat: Chat | int | None = None,
    ) -> Json:
        """Send a point; degrees."""
        return self.inject(person, {"location": {"latitude": latitude, "longitude": longitude}}, chat)

    def edit_text(self, person: Person, message_id: int, text: str, chat: Chat | int | None = None) -> Json:
        """Change one's own message (the text, or the caption of a file)."""
        place, posted = self._own(person, message_id, chat)
        key = "text" if "text" in posted.json else "caption"
        kept = {name: posted.json[name] for name in posted.json if name not in (key, _entities(key))}
        edited = {**kept, "edit_date": int(self.now()), **text_content(clean(text, [])[0], key)}
        self.amend(place, posted, edited)
        self.updates.put("edited_message", edited, place.id)
        return edited

    def replace_file(
        self, person: Person, message_id: int, kind: str, data: bytes, file_name: str, chat: Chat | int | None = None
    ) -> Json:
        """Put another file in the place of that of one's own message; its caption stays."""
        place, posted = self._own(person, message_id, chat)
        kept = {name: posted.json[name] for name in posted.json if name not in ("photo", "video", "document", "audio")}
        file = self.files.describe(self.files.add(kind, data, file_name, by_bot=False))
        edited = {**kept, **file, "edit_date": int(self.now())}
        self.amend(place, posted, edited)
        self.updates.put("edited_message", edited, place.id)
        return edited

    def delete_message(self, person: Person, message_id: int, chat: Chat | int | None = None) -> None:
        """Delete one's own message; the bot is not told, as in Telegram."""
        place, _ = self._own(person, message_id, chat)
        self.remove(place, [message_id])

    def _own(self, person: Person, message_id: int, chat: Chat | int | None) -> tuple[Chat, Posted]:
        place = self.find_chat(person.id if chat is None else chat)
        posted = place.messages.get(message_id)
        if posted is None or posted.json["from"]["id"] != person.id:
            raise Refused("not a message of this person")
        return place, posted

    def react(self, person: Person, message_id: int, emoji: str | None, chat: Chat | int | None = None) -> None:
        """Set or (None) take back a reaction; an update only if the bot asked for `message_reaction`."""
        place = self.find_chat(person.id if chat is None else chat)
        posted = place.messages.get(message_id)
        if posted is None:
            raise Refused("the message is gone")
        old = self.set_reaction(place, posted, person.id, emoji)
        update = {
            "chat": place.brief,
            "message_id": message_id,
            "user": person.user(),
            "date": int(self.now()),
            "old_reaction": _reaction(old),
            "new_reaction": _reaction(emoji),
        }
        self.updates.put("message_reaction", update, place.id)

    # Telegram's own reports

    def pin(self, person: Person, message_id: int, chat: Chat | int | None = None) -> Json:
        """Pin a message, which the chat reports in a message of its own."""
        place = self._room(person, chat)
        posted = place.messages.get(message_id)
        if posted is None:
            raise Refused("the message is gone")
        place.pinned.append(message_id)
        pinned = {name: value for name, value in posted.json.items() if name != "reply_to_message"}
        return self.inject(person, {"pinned_message": pinned}, place)

    def set_auto_delete(self, person: Person, seconds: int) -> Json:
        """Change the timer after which messages of the private chat are deleted; 0 switches it off."""
        return self.inject(person, {"message_auto_delete_timer_changed": {"message_auto_delete_time": seconds}})

    # Pressing

    def press(self, person: Person, chat_id: int, message_id: int, data: str) -> str:
        """Press the inline button with this callback data or this text; the id of the callback query.

        Raises `Refused` when the message has no such button (see `forge_press`).
        """
        posted = self.find_chat(chat_id).messages.get(message_id)
        if posted is None:
            raise Refused("the message is gone")
        rows = posted.json.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        button = _button(buttons, "callback_data", data) or _button(buttons, "text", data)
        if button is None:
            raise Refused(f"no button {data!r}, there are: {', '.join(one['text'] for one in buttons)}")
        if "callback_data" not in button:
            raise Refused(f"the button {button['text']!r} tells the bot nothing")
        return self.forge_press(person, chat_id, message_id, button["callback_data"])

    def forge_press(self, person: Person, chat_id: int, message_id: int, data: str) -> str:
        """A callback query with any data on any message, there or not, as a rogue client can make it."""
        chat = self.find_chat(chat_id)
        posted = chat.messages.get(message_id)
        press = Press(str(10**17 + secrets.randbelow(10**17)), person.id, self.now())
        self.presses[press.id] = press
        self._start_expiry(press)
        query = {
            "id": press.id,
            "from": person.user(),
            "message": posted.json if posted else {"chat": chat.brief, "message_id": message_id, "date": 0},
            "chat_instance": str(chat.id * 7919),
            "data": data,
        }
        self.updates.put("callback_query", query, chat.id)
        return press.id

    def _start_expiry(self, press: Press) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # a world without a server, filled before the loop runs
            return
        press.expiry = loop.call_later(self.settings.callback_lifetime, self.expire, press.id)

    def tap(self, person: Person, text: str, phone_number: str = "+79990000000") -> Json:
        """Press a button of the reply keyboard in the person's chat: sends its text, contact or location."""
        keyboard = self.chats[person.id].reply_keyboard or {}
        buttons = [button for row in keyboard.get("keyboard", []) for button in row]
        button = _button(buttons, "text", text)
        if button is None:
            raise Refused(f"no button {text!r}, there are: {', '.join(one['text'] for one in buttons)}")
        if button.get("request_contact"):
            return self.send_contact(person, phone_number)
        if button.get("request_location"):
            return self.send_location(person, 51.66, 39.2)
        return self.send_text(person, text)

    # Topics by hand

    def open_topic(self, person: Person, group: Chat | int, name: str) -> Topic:
        """A member opens a topic."""
        chat = self._room(person, group)
        return self.add_topic(chat, person.user(), Topic(0, name, TOPIC_COLORS[0]), outgoing=False)

    def close_topic(self, person: Person, group: Chat | int, thread_id: int, *, closed: bool = True) -> None:
        """An administrator closes or (`closed=False`) reopens a topic by hand."""
        chat = self.find_chat(group)
        topic = self._topic(chat, thread_id)
        topic.closed = closed
        content: Json = {"forum_topic_closed" if closed else "forum_topic_reopened": {}}
        self.post(chat, person.user(), content, outgoing=False, thread_id=thread_id)
        self.tell_topic(chat, topic)

    def delete_topic(self, group: Chat | int, thread_id: int) -> None:
        """Delete a topic with all its messages; the bot is not told, as in Telegram."""
        chat = self.find_chat(group)
        self._topic(chat, thread_id)
        self.drop_topic(chat, thread_id)

    def _topic(self, chat: Chat, thread_id: int) -> Topic:
        topic = chat.topics.get(thread_id)
        if topic is None or thread_id == GENERAL:
            raise Refused("there is no such topic")
        return topic


def person_json(person: Person) -> Json:
    """A person as the control API shows them."""
    return {
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username,
        "language_code": person.language_code,
        "blocked": person.blocked,
    }


def text_content(text: str, key: str = "text") -> Json:
    """`{text, entities}` or `{caption, caption_entities}` of what a person typed."""
    entities = found_entities(text)
    return {key: text, _entities(key): entities} if entities else {key: text}


def _reaction(emoji: str | None) -> list[Json]:
    return [{"type": "emoji", "emoji": emoji}] if emoji else []


def _entities(key: str) -> str:
    return "entities" if key == "text" else "caption_entities"


def _button(buttons: list[dict[str, Any]], key: str, value: str) -> dict[str, Any] | None:
    return next((button for button in buttons if button.get(key) == value), None)
