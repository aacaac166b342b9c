"""Where the bot's letters arrive: an SMTP server that takes every address, and pages to read them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from typing import Any, Final, Self
from urllib.parse import quote

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope

from sandbox.html import page, table
from sandbox.links import leads_to

_LINK: Final = re.compile(r"(https?://[^\s<>\"']+[^\s<>\"'.,)])")
_SHOWN: Final = frozenset({"application/pdf", "image/png", "image/jpeg", "text/plain"})
_REFRESH: Final = 5  # seconds between looks at the list


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
    def attachments(self) -> list[EmailMessage]:
        return [part for part in self.message.iter_attachments() if isinstance(part, EmailMessage)]


class Mailbox:
    """`async with Mailbox() as mailbox:` takes letters at `mailbox.url`; `add_routes` before its server starts. `bot`
    is the username whose t.me links lead to the chat page of the same server."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, bot: str | None = None) -> None:
        self.letters: list[Letter] = []
        self.host = host
        self.port = port
        self._bot = bot
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """`smtp://host:port`."""
        return f"smtp://{self.host}:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(self._protocol, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    def _protocol(self) -> SMTP:
        return SMTP(self, enable_SMTPUTF8=True, hostname="mailbox.sandbox", ident="sandbox")

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:
        """Called by aiosmtpd with a whole letter."""
        self.take(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
        return "250 OK"

    def take(self, sender: str, recipients: list[str], content: bytes) -> Letter:
        """Keep a letter."""
        message: Any = message_from_bytes(content, policy=policy.default)
        letter = Letter(len(self.letters) + 1, datetime.now().astimezone(), sender, tuple(recipients), message)
        self.letters.append(letter)
        return letter

    # Pages

    def add_routes(self, app: web.Application) -> None:
        """Serve /mail."""
        app.router.add_get("/mail", self.show_list)
        app.router.add_get(r"/mail/{number:\d+}", self.show_letter)
        app.router.add_get(r"/mail/{number:\d+}/{part:\d+}", self.attachment)

    async def show_list(self, _: web.Request) -> web.Response:
        """Newest first."""
        rows = [_row(letter) for letter in reversed(self.letters)]
        body = table(["Получено", "Кому", "Тема", "Вложения"], rows) if rows else "<p>Писем пока нет.</p>"
        return page("Почта песочницы", body, refresh=_REFRESH)

    async def show_letter(self, request: web.Request) -> web.Response:
        """One letter."""
        letter = self._letter(request)
        files = "".join(f"<li>{_link(letter, index)}</li>" for index in range(len(letter.attachments)))
        body = (
            f'<p><a href="/mail">← Все письма</a></p>{_heading(letter)}<pre>{_with_links(letter.text, self._bot)}</pre>'
            f"{f'<h2>Вложения</h2><ul>{files}</ul>' if files else ''}"
        )
        return page(letter.subject, body)

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
