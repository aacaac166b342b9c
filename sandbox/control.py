"""The control API, `/sandbox/…`: what the web page and out-of-process tests do for people, and the page itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, fields
from itertools import islice
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import quote

import orjson
from aiohttp import web

from sandbox.answers import as_json, json_object, refusing
from sandbox.api import read_request
from sandbox.errors import ApiError, Refused
from sandbox.schema import Upload
from sandbox.state import Chat, Json, Person, Posted, Settings
from sandbox.switches import Switches
from sandbox.world import World, person_json

PAGE: Final = Path(__file__).parent / "page"
_PING_SECONDS: Final = 15.0
_SETTINGS: Final = frozenset(one.name for one in fields(Settings))


class Control:
    """Requests of people."""

    def __init__(self, world: World, links: list[dict[str, str]]) -> None:
        self._world = world
        self._links = links

    def add_routes(self, app: web.Application) -> None:
        """Serve the control API and the page."""
        chat, group = r"/sandbox/chats/{chat_id:-?\d+}", r"/sandbox/groups/{chat_id:-?\d+}"
        for method, path, handler in (
            ("GET", "/sandbox/state", self.state),
            ("GET", "/sandbox/events", self.events),
            ("GET", "/sandbox/links", self.links),
            ("POST", "/sandbox/people", self.add_person),
            ("POST", r"/sandbox/people/{user_id:\d+}/{verb:block|unblock}", self.block),
            ("GET", f"{chat}/messages", self.messages),
            ("POST", f"{chat}/text", self.text),
            ("POST", f"{chat}/files", self.files),
            ("POST", f"{chat}/contact", self.contact),
            ("POST", f"{chat}/location", self.location),
            ("POST", f"{chat}/edit", self.edit),
            ("POST", f"{chat}/delete", self.delete),
            ("POST", f"{chat}/press", self.press),
            ("POST", f"{chat}/forge", self.forge),
            ("POST", f"{chat}/react", self.react),
            ("POST", f"{chat}/pin", self.pin),
            ("POST", f"{chat}/auto_delete", self.auto_delete),
            ("POST", "/sandbox/groups", self.add_group),
            ("POST", f"{group}/members", self.join),
            ("POST", f"{group}/topics", self.open_topic),
            ("POST", group + r"/topics/{thread_id:\d+}/{verb:close|reopen}", self.close_topic),
            ("DELETE", group + r"/topics/{thread_id:\d+}", self.delete_topic),
            ("GET", "/sandbox/files/{file_id}", self.file),
            *Switches(self._world.faults).routes("/sandbox/faults"),
            ("GET", "/sandbox/calls", self.calls),
            ("POST", "/sandbox/clock", self.clock),
            ("POST", "/sandbox/updates", self.inject),
            ("GET", r"/{name:[\w.-]*}", self.page),
        ):
            app.router.add_route(method, path, refusing(handler, Refused, ApiError))

    # Reading

    async def state(self, _: web.Request) -> web.Response:
        """Everything but messages."""
        world = self._world
        commands = [
            {"scope": orjson.loads(scope), "language_code": language, "commands": commands}
            for (scope, language), commands in world.profile.commands.items()
        ]
        groups = [world.group_json(chat) for chat in world.chats.values() if chat.person is None]
        people = [person_json(person) for person in world.people.values()]
        body = {
            "bot": world.bot,
            "people": people,
            "groups": groups,
            "commands": commands,
            "descriptions": world.profile.description,
            "cursor": world.cursor,
        }
        return as_json(body)

    async def links(self, _: web.Request) -> web.Response:
        """Other pages of the demo."""
        return as_json(self._links)

    async def messages(self, request: web.Request) -> web.Response:
        """A chat (or one topic) as it stands now."""
        chat = self._chat(request)
        view = self._world.chat_view(chat.id, _optional(request.query, "thread_id"))
        messages = [_shown(chat.messages[message["message_id"]]) for message in view]
        keyboard = chat.reply_keyboard
        placeholder = (keyboard or {}).get("input_field_placeholder")
        return as_json({"messages": messages, "reply_keyboard": keyboard, "input_placeholder": placeholder})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-Sent Events from a cursor on (header Last-Event-ID or `after`; without either: from now)."""
        after = {"after": request.headers.get("Last-Event-ID") or request.query.get("after")}
        cursor = _optional(after, "after")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await response.prepare(request)
        more = asyncio.Event()
        stop = self._world.listen(lambda _: more.set())
        try:
            await self._stream(response, more, self._world.cursor if cursor is None else cursor)
        except ConnectionResetError:  # the page was closed
            return response
        finally:
            stop()

    async def _stream(self, response: web.StreamResponse, more: asyncio.Event, cursor: int) -> NoReturn:
        while True:
            more.clear()
            for event in self._world.events[cursor:]:
                cursor = event["cursor"]
                await response.write(b"id: %d\ndata: %b\n\n" % (cursor, orjson.dumps(event)))
            try:
                await asyncio.wait_for(more.wait(), _PING_SECONDS)
            except TimeoutError:
                await response.write(b": ping\n\n")

    async def calls(self, request: web.Request) -> web.Response:
        """The log of the bot's calls after a number."""
        after = _optional(request.query, "after") or 0
        calls = self._world.calls
        first = calls[0].seq if calls else 1
        return as_json([call.json() for call in islice(calls, max(after + 1 - first, 0), None)])

    # People

    async def add_person(self, request: web.Request) -> web.Response:
        """A new customer."""
        body = await json_object(request)
        person = self._world.add_person(
            _text(body, "first_name"),
            body.get("language_code", "ru"),
            body.get("last_name"),
            body.get("username"),
        )
        return as_json(person_json(person))

    async def block(self, request: web.Request) -> web.Response:
        """Block or unblock the bot."""
        person = self._person(int(request.match_info["user_id"]))
        act = self._world.block if request.match_info["verb"] == "block" else self._world.unblock
        act(person)
        return as_json(person_json(person))

    async def text(self, request: web.Request) -> web.Response:
        """Write."""
        body, person, chat = await self._said(request)
        return as_json(
            self._world.send_text(
                person,
                _text(body, "text"),
                chat,
                _optional(body, "thread_id"),
                _optional(body, "reply_to_message_id"),
            ),
        )

    async def files(self, request: web.Request) -> web.Response:
        """Send files; several make an album. The caption stands under the first."""
        body, uploads = await read_request(request)
        person, chat = self._person(_number(body, "user_id")), self._chat(request)
        files = list(uploads.values())
        if not files:
            raise Refused("file is required")
        album = self._world.new_media_group_id() if len(files) > 1 else None
        thread_id = _optional(body, "thread_id")
        captions = [body.get("caption"), *[None] * (len(files) - 1)]
        sent = [
            self._send(person, chat, file, str(body.get("kind", "document")), caption, thread_id, album)
            for file, caption in zip(files, captions, strict=True)
        ]
        return as_json(sent)

    def _send(
        self,
        person: Person,
        chat: Chat,
        file: Upload,
        kind: str,
        caption: str | None,
        thread_id: int | None,
        album: str | None,
    ) -> Json:
        return self._world.send_file(
            person,
            kind,
            file.data,
            file.name,
            caption,
            chat=chat,
            thread_id=thread_id,
            media_group_id=album,
            mime_type=file.content_type,
        )

    async def contact(self, request: web.Request) -> web.Response:
        """Send a phone number."""
        body, person, chat = await self._said(request)
        return as_json(
            self._world.send_contact(
                person,
                body.get("phone_number", "+79990000000"),
                body.get("first_name"),
                own=body.get("own", True),
                chat=chat,
            ),
        )

    async def location(self, request: web.Request) -> web.Response:
        """Send a point."""
        body, person, chat = await self._said(request)
        return as_json(
            self._world.send_location(person, _float(body, "latitude"), _float(body, "longitude"), chat=chat)
        )

    async def edit(self, request: web.Request) -> web.Response:
        """Change one's message."""
        body, person, chat = await self._said(request)
        return as_json(self._world.edit_text(person, _number(body, "message_id"), _text(body, "text"), chat))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete one's message."""
        body, person, chat = await self._said(request)
        self._world.delete_message(person, _number(body, "message_id"), chat)
        return as_json({})

    async def press(self, request: web.Request) -> web.Response:
        """Press an inline button by its data or text."""
        body, person, chat = await self._said(request)
        query = self._world.press(person, chat.id, _number(body, "message_id"), _text(body, "data"))
        return as_json({"callback_query_id": query})

    async def forge(self, request: web.Request) -> web.Response:
        """A press with any data on any message."""
        body, person, chat = await self._said(request)
        query = self._world.forge_press(person, chat.id, _number(body, "message_id"), _text(body, "data"))
        return as_json({"callback_query_id": query})

    async def react(self, request: web.Request) -> web.Response:
        """Set a reaction; `emoji` null takes it back."""
        body, person, chat = await self._said(request)
        self._world.react(person, _number(body, "message_id"), body.get("emoji"), chat)
        return as_json({})

    async def pin(self, request: web.Request) -> web.Response:
        """Pin a message."""
        body, person, chat = await self._said(request)
        return as_json(self._world.pin(person, _number(body, "message_id"), chat))

    async def auto_delete(self, request: web.Request) -> web.Response:
        """Change the timer of the private chat, in seconds."""
        body, person, _ = await self._said(request)
        return as_json(self._world.set_auto_delete(person, _number(body, "seconds")))

    # Groups

    async def add_group(self, request: web.Request) -> web.Response:
        """A new forum group with the bot in it."""
        chat = self._world.add_staff_group(_text(await json_object(request), "title"))
        return as_json(self._world.group_json(chat))

    async def join(self, request: web.Request) -> web.Response:
        """Make somebody a member (administrator, creator, left, kicked)."""
        body, person, chat = await self._said(request)
        self._world.join(chat, person, body.get("status", "member"))
        return as_json(self._world.group_json(chat))

    async def open_topic(self, request: web.Request) -> web.Response:
        """A member opens a topic by hand."""
        body, person, chat = await self._said(request)
        return as_json(self._world.open_topic(person, chat, _text(body, "name")).json())

    async def close_topic(self, request: web.Request) -> web.Response:
        """A member closes or reopens a topic by hand."""
        _, person, chat = await self._said(request)
        closed = request.match_info["verb"] == "close"
        self._world.close_topic(person, chat, int(request.match_info["thread_id"]), closed=closed)
        return as_json({})

    async def delete_topic(self, request: web.Request) -> web.Response:
        """Delete a topic."""
        self._world.delete_topic(self._chat(request), int(request.match_info["thread_id"]))
        return as_json({})

    # Files and the page

    async def file(self, request: web.Request) -> web.Response:
        """The bytes of a file, shown in place or (`download=1`) saved."""
        file = self._world.files.get(request.match_info["file_id"])
        place = "attachment" if request.query.get("download") else "inline"
        headers = {
            "Content-Type": file.mime_type,
            "Content-Disposition": f"{place}; filename*=UTF-8''{quote(file.name)}",
            # A page sent as a document must not act as a page of the sandbox.
            "Content-Security-Policy": "sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=file.data, headers=headers)

    async def page(self, request: web.Request) -> web.StreamResponse:
        """A file of the page."""
        path = PAGE / (request.match_info["name"] or "index.html")
        if not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    # Strictness

    async def clock(self, request: web.Request) -> web.Response:
        """Change settings of strictness; `advance` moves the clock on by seconds."""
        body = await json_object(request)
        if unknown := body.keys() - _SETTINGS - {"advance"}:
            raise Refused(f"unknown settings: {', '.join(sorted(unknown))}")
        for name in body.keys() & _SETTINGS:
            setattr(self._world.settings, name, body[name])
        self._world.flood.enabled = self._world.settings.flood
        self._world.advance(float(body.get("advance", 0)))
        return as_json({**asdict(self._world.settings), "now": self._world.now()})

    async def inject(self, request: web.Request) -> web.Response:
        """Queue any update, malformed ones included."""
        return as_json({"update_id": self._world.updates.put_raw(await json_object(request))})

    # Reading requests

    async def _said(self, request: web.Request) -> tuple[Json, Person, Chat]:
        body = await json_object(request)
        return body, self._person(_number(body, "user_id")), self._chat(request)

    def _person(self, user_id: int) -> Person:
        person = self._world.people.get(user_id)
        if person is None:
            raise Refused(f"there is no person {user_id}")
        return person

    def _chat(self, request: web.Request) -> Chat:
        return self._world.find_chat(int(request.match_info["chat_id"]))


def _shown(posted: Posted) -> Json:
    """A message with what only the sandbox knows about it."""
    reaction = next(reversed(posted.reactions.values()), None)
    return {**posted.json, "deleted": False, "edits": posted.edits, "reaction": reaction}


def _optional(body: Mapping[str, Any], key: str) -> int | None:
    return _number(body, key) if body.get(key) not in (None, "") else None


def _float(body: Json, key: str) -> float:
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"{key} must be a number")
    return float(value)


def _number(body: Mapping[str, Any], key: str) -> int:
    value = body.get(key)
    if isinstance(value, bool) or not str(value).removeprefix("-").isdecimal():
        raise Refused(f"{key} must be a number")
    return int(str(value))


def _text(body: Json, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise Refused(f"{key} must be a text")
    return value
