"""Where the bot's letters arrive: an SMTP server that takes every address, and pages to read them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from fnmatch import fnmatchcase
from html import escape, unescape
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote
from weakref import WeakSet

import orjson
from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope

from sandbox.answers import as_json, json_body, refusing
from sandbox.errors import Refused
from sandbox.html import page, table
from sandbox.keeping import replace
from sandbox.links import leads_to
from sandbox.state import Json

_LINK: Final = re.compile(r"(https?://[^\s<>\"']+[^\s<>\"'.,)])")
_LETTER_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_SHOWN: Final = frozenset({"application/pdf", "image/png", "image/jpeg", "text/plain"})
_HREF: Final = re.compile(r'href="([^"]*)"')
_REPLY: Final = re.compile(r"[45][0-9]{2} [ -~]{1,400}")
_STAGES: Final = ("rcpt", "data")
_SUFFIX: Final = ".letter"  # of files: the envelope as one line of JSON, then the letter as it came
_REFRESH: Final = 5  # seconds between looks at the list


@dataclass(slots=True)
class Refusal:
    """A letter that is not taken. `reply`: as a server says it, `550 5.1.1 No such user`; `to`: a pattern of addresses
    with `*`; `stage`: `rcpt`, when the address is named, or `data`, after the whole letter; `count`: letters, None
    means without end."""

    reply: str
    to: str = "*"
    stage: str = "rcpt"
    count: int | None = None

    def __post_init__(self) -> None:
        """Raises `Refused`."""
        if not _REPLY.fullmatch(self.reply):
            raise Refused("reply must look like «550 5.1.1 No such user»")
        if self.stage not in _STAGES:
            raise Refused(f"stage must be one of: {', '.join(_STAGES)}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it came; `sender` and `recipients` are the envelope's."""

    number: int
    received: datetime
    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", "")) or "(без темы)"

    @property
    def text(self) -> str:
        """The words of a letter; "" for one without."""
        part = self.message.get_body(("plain", "html"))
        if part is None:
            return ""
        try:
            return str(part.get_content())
        except LookupError:  # a character set that nobody knows
            return bytes(part.get_payload(decode=True)).decode("utf-8", "replace")

    @property
    def html(self) -> str:
        """The same words for a browser; "" for a letter of text alone."""
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part else ""

    @property
    def attachments(self) -> list[EmailMessage]:
        return [part for part in self.message.iter_attachments() if isinstance(part, EmailMessage)]


@asynccontextmanager
async def smtp_server(
    session: Callable[[], SMTP], host: str = "127.0.0.1", port: int = 0, **options: Any
) -> AsyncIterator[int]:
    """The port where it listens; its connections end with the block. `session`: makes one; `options`: of
    `create_server`."""
    begun: WeakSet[SMTP] = WeakSet()

    def begin() -> SMTP:
        one = session()
        begun.add(one)
        return one

    server = await asyncio.get_running_loop().create_server(begin, host, port, **options)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in begun:
            if isinstance(one.transport, asyncio.Transport):
                one.transport.abort()
        await asyncio.sleep(0)  # they are closed at the loop's next turn


class Mailbox:
    """`async with Mailbox() as mailbox:` takes letters at `mailbox.url`; `add_routes` before its server starts. `bot`
    is the username whose t.me links lead to the chat page of the same server. `folder` keeps the letters for the next
    start; without it they end with the process."""

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, *, bot: str | None = None, folder: Path | None = None
    ) -> None:
        self._folder = folder
        self.letters = _kept(folder) if folder else []
        self.host = host
        self.port = port
        self._bot = bot
        self._refusals: list[Refusal] = []
        self._listening = AsyncExitStack()

    @property
    def url(self) -> str:
        """`smtp://host:port`."""
        return f"smtp://{self.host}:{self.port}"

    async def __aenter__(self) -> Self:
        self.port = await self._listening.enter_async_context(smtp_server(self._protocol, self.host, self.port))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._listening.aclose()

    def _protocol(self) -> SMTP:
        return SMTP(self, enable_SMTPUTF8=True, hostname="mailbox.sandbox", ident="sandbox")

    def refuse(self, reply: str, to: str = "*", stage: str = "rcpt", count: int | None = None) -> None:
        """Take no such letters from now on. Raises `Refused`."""
        self._refusals.append(Refusal(reply, to, stage, count))

    def _refusal(self, stage: str, recipients: list[str]) -> str | None:
        for one in self._refusals:
            if one.stage == stage and one.count != 0 and any(fnmatchcase(to, one.to) for to in recipients):
                one.count = one.count and one.count - 1
                return one.reply
        return None

    async def handle_RCPT(
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Called by aiosmtpd with each address of a letter."""
        if reply := self._refusal("rcpt", [address]):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:
        """Called by aiosmtpd with a whole letter."""
        if reply := self._refusal("data", envelope.rcpt_tos):
            return reply
        self.take(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
        return "250 OK"

    def take(self, sender: str, recipients: list[str], content: bytes) -> Letter:
        """Keep a letter."""
        envelope = {"received": datetime.now().astimezone().isoformat(), "sender": sender, "recipients": recipients}
        letter = _read(len(self.letters) + 1, envelope, content)
        self.letters.append(letter)
        if self._folder:
            self._folder.mkdir(exist_ok=True)
            replace(self._folder / f"{letter.number}{_SUFFIX}", orjson.dumps(envelope) + b"\n" + content)
        return letter

    # Pages

    def add_routes(self, app: web.Application) -> None:
        """Serve /mail, and /sandbox/mail/refusals for tests in another process."""
        app.router.add_get("/mail", self.show_list)
        app.router.add_get(r"/mail/{number:\d+}", self.show_letter)
        app.router.add_get(r"/mail/{number:\d+}/html", self.show_html)
        app.router.add_get(r"/mail/{number:\d+}/{part:\d+}", self.attachment)
        for method, handler in (("GET", self.refusals), ("PUT", self.set_refusals)):
            app.router.add_route(method, "/sandbox/mail/refusals", refusing(handler, Refused))

    async def show_list(self, _: web.Request) -> web.Response:
        """Newest first."""
        rows = [_row(letter) for letter in reversed(self.letters)]
        body = table(["Получено", "Кому", "Тема", "Вложения"], rows) if rows else "<p>Писем пока нет.</p>"
        return page("Почта песочницы", body, refresh=_REFRESH)

    async def show_letter(self, request: web.Request) -> web.Response:
        """One letter."""
        letter = self._letter(request)
        files = "".join(f"<li>{_link(letter, index)}</li>" for index in range(len(letter.attachments)))
        look = f'<p><a href="/mail/{letter.number}/html">Как его покажет почта</a></p>' if letter.html else ""
        body = (
            f'<p><a href="/mail">← Все письма</a></p>{_heading(letter)}{look}'
            f"<pre>{_with_links(letter.text, self._bot)}</pre>"
            f"{f'<h2>Вложения</h2><ul>{files}</ul>' if files else ''}"
        )
        return page(letter.subject, body)

    async def show_html(self, request: web.Request) -> web.Response:
        """The letter's own page, without scripts and pictures from elsewhere."""
        html = self._letter(request).html
        if not html:
            raise web.HTTPNotFound
        here = _HREF.sub(lambda found: f'href="{escape(leads_to(unescape(found[1]), self._bot) or "#")}"', html)
        headers = {"Content-Security-Policy": _LETTER_POLICY, "Cache-Control": "no-store"}
        return web.Response(text=here, content_type="text/html", headers=headers)

    async def refusals(self, _: web.Request) -> web.Response:
        """Letters that are not taken."""
        return as_json([asdict(one) for one in self._refusals])

    async def set_refusals(self, request: web.Request) -> web.Response:
        """Exactly these from now on."""
        wanted = await json_body(request)
        names = {"reply", "to", "stage", "count"}
        if not isinstance(wanted, list) or not all(
            isinstance(one, dict) and "reply" in one and one.keys() <= names for one in wanted
        ):
            raise Refused("a list of {reply, to, stage, count} is expected")
        self._refusals = [Refusal(**one) for one in wanted]
        return await self.refusals(request)

    async def attachment(self, request: web.Request) -> web.Response:
        """A file; what a browser might run is only offered to keep."""
        files, index = self._letter(request).attachments, int(request.match_info["part"])
        if index >= len(files):
            raise web.HTTPNotFound
        name, kind = _name(files[index], index), files[index].get_content_type()
        headers = {
            "Content-Disposition": f"{'inline' if kind in _SHOWN else 'attachment'}; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=_bytes(files[index]), content_type=kind, headers=headers)

    def _letter(self, request: web.Request) -> Letter:
        number = int(request.match_info["number"])
        if not 1 <= number <= len(self.letters):
            raise web.HTTPNotFound
        return self.letters[number - 1]


def _read(number: int, envelope: Json, content: bytes) -> Letter:
    message: Any = message_from_bytes(content, policy=policy.default)
    received = datetime.fromisoformat(envelope["received"])
    return Letter(number, received, envelope["sender"], tuple(envelope["recipients"]), message)


def _kept(folder: Path) -> list[Letter]:
    """Letters of earlier runs, the oldest first."""
    files = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda file: int(file.stem))
    parts = (file.read_bytes().partition(b"\n") for file in files)
    return [_read(number, orjson.loads(envelope), content) for number, (envelope, _, content) in enumerate(parts, 1)]


def _row(letter: Letter) -> list[str]:
    to, subject = escape(", ".join(letter.recipients)), escape(letter.subject)
    names = escape(", ".join(_name(part, index) for index, part in enumerate(letter.attachments)))
    return [
        f'<td class="figure">{letter.received:%d.%m.%Y %H:%M:%S}</td>',
        f"<td>{to}</td>",
        f'<td><a href="/mail/{letter.number}">{subject}</a></td>',
        f"<td>{names}</td>",
    ]


def _heading(letter: Letter) -> str:
    lines = {
        "От": str(letter.message.get("From", letter.sender)),
        "Кому": ", ".join(letter.recipients),
        "Получено": f"{letter.received:%d.%m.%Y %H:%M:%S}",
    }
    return f"<dl>{''.join(f'<dt>{name}</dt><dd>{escape(value)}</dd>' for name, value in lines.items())}</dl>"


def _with_links(text: str, bot: str | None) -> str:
    pieces = enumerate(_LINK.split(text))
    return "".join(_anchor(piece, bot) if index % 2 else escape(piece) for index, piece in pieces)


def _anchor(url: str, bot: str | None) -> str:
    return f'<a href="{escape(leads_to(url, bot) or url)}">{escape(url)}</a>'


def _link(letter: Letter, index: int) -> str:
    part = letter.attachments[index]
    size = max(1, len(_bytes(part)) // 1024)
    return (
        f'<a href="/mail/{letter.number}/{index}">{escape(_name(part, index))}</a> <span class="quiet">{size} КБ</span>'
    )


def _name(part: EmailMessage, index: int) -> str:
    return part.get_filename() or f"вложение {index + 1}"


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else part.as_bytes()
