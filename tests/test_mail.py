"""Letters over SMTP: encrypted or not at all, the same words twice, and what servers refuse."""

from __future__ import annotations

import asyncio
import inspect
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Final

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from sandbox.errors import Refused
from sandbox.mailbox import Mailbox, smtp_server
from services.mail import SmtpMail
from services.mail.message import mailed
from services.notices.errors import MailPostponed, MailRefused, MailUnavailable, MailUnknown
from services.notices.models import Refusal
from services.notices.ports import Letter, LetterLink, LetterTable

CERTIFICATE: Final = Path(__file__).parent / "mail.example.pem"
SECRETS: Final = (b"a-secret", b"YS1zZWNyZXQ", b"maria@")  # a password, as AUTH encodes it, and an envelope
ATTACK: Final = "<b>Маша</b> & Co\r\nBcc: other@example.org"
MARIA: Final = "maria@example.org"
LETTER: Final = Letter("k", MARIA, "Тема", ("Здравствуйте.",))


@pytest.fixture(autouse=True)
def _hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both invented hosts are this machine; authorities are read for each test, which other tests do once."""
    monkeypatch.setattr(ssl, "create_default_context", inspect.unwrap(ssl.create_default_context))
    real = socket.getaddrinfo

    def found(host: Any, *rest: Any, **named: Any) -> Any:
        return real("127.0.0.1" if host in ("mail.example", "other.example") else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


class Server:
    """An SMTP server with the certificate of mail.example. `starttls`: it offers TLS; `encrypted`: from the first byte.
    `heard`: bytes that came in clear."""

    def __init__(self, *, starttls: bool = True, encrypted: bool = False) -> None:
        self.letters: list[tuple[bool, list[str], EmailMessage]] = []
        self.heard = bytearray()
        self._starttls, self._encrypted = starttls, encrypted

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(CERTIFICATE)
        heard, encrypted = self.heard, self._encrypted

        class Listening(SMTP):
            def data_received(self, data: bytes) -> None:
                if not encrypted and self.session and not self.session.ssl:
                    heard.extend(data)
                super().data_received(data)

        def protocol() -> SMTP:
            tls = context if self._starttls and not encrypted else None
            return Listening(
                self, hostname="mail.example", tls_context=tls, authenticator=let_in, auth_require_tls=False
            )

        def let_in(*_: object) -> AuthResult:
            return AuthResult(success=True)

        async with smtp_server(protocol, ssl=context if encrypted else None) as port:
            yield port

    async def handle_DATA(self, _server: object, session: Any, envelope: Any) -> str:
        message: Any = message_from_bytes(envelope.content, policy=default)
        self.letters.append((session.authenticated, envelope.rcpt_tos, message))
        return "250 OK"


def mail(scheme: str, host: str, port: int) -> SmtpMail:
    return SmtpMail(f"{scheme}://post:a-secret@{host}:{port}", "bot@example.org", "Энергосбыт")


# TLS


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_letters_and_passwords_are_encrypted(scheme: str) -> None:
    server = Server(encrypted=scheme == "smtps")
    async with server.running() as port:
        await mail(scheme, "mail.example", port).send(LETTER)
    [(let_in, to, message)] = server.letters
    assert (let_in, to, message["Subject"]) == (True, ["maria@example.org"], "Тема")
    assert not any(secret in server.heard for secret in SECRETS)


@pytest.mark.parametrize(
    ("scheme", "host", "server", "why"),
    [
        ("smtp", "other.example", Server(), "the certificate of other.example is not to be trusted: Hostname mismatch"),
        (
            "smtps",
            "other.example",
            Server(encrypted=True),
            "the certificate of other.example is not to be trusted",
        ),
        ("smtp", "mail.example", Server(starttls=False), "mail.example offers no TLS, letters would go in clear"),
        ("smtps", "mail.example", Server(starttls=False), "TLS with mail.example fails: "),
    ],
)
@pytest.mark.usefixtures("trusted")
async def test_a_server_that_cannot_be_trusted_gets_nothing(scheme: str, host: str, server: Server, why: str) -> None:
    async with server.running() as port:
        mail_there = mail(scheme, host, port)
        with pytest.raises(MailUnavailable):
            await asyncio.wait_for(mail_there.send(LETTER), 60)
        with pytest.raises(MailUnavailable) as found:
            await mail_there.log_in()
        assert found.value.why.startswith(why)
        assert not await mail_there.answers()
    assert server.letters == []
    assert not any(secret in server.heard for secret in SECRETS)


async def test_a_certificate_of_no_known_authority_is_not_trusted() -> None:
    server = Server()
    async with server.running() as port:
        with pytest.raises(MailUnavailable) as found:
            await mail("smtp", "mail.example", port).log_in()
    assert "self-signed certificate" in found.value.why
    assert not any(secret in server.heard for secret in SECRETS)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_inside_this_machine_no_certificate_is_asked_for(host: str) -> None:
    server = Server()
    async with server.running() as port:
        await mail("smtp", host, port).send(LETTER)
    assert len(server.letters) == 1


# Headers and parts


async def sent(letter: Letter, sender: str = "bot@example.org") -> EmailMessage:
    async with Mailbox() as mailbox:
        await SmtpMail(mailbox.url, sender, "АО «Энергосбыт», Воронеж").send(letter)
    [came] = mailbox.letters
    return came.message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


async def test_a_letter_says_the_same_as_text_and_as_html() -> None:
    link = LetterLink("Подтвердить", "https://t.me/bot?start=a&b=<c>")
    parts = (
        "Здравствуйте.",
        link,
        LetterTable((("День", "3 650"),), ("Зона", "Стало")),
        LetterTable((("Номер", "1"),)),
    )
    message = await sent(Letter("k", MARIA, "Тема", parts, "Энергосбыт\n8 800", ("а.pdf", b"%PDF-1.7")))
    assert message.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in message.walk()][1:] == [
        *("multipart/alternative", "text/plain", "text/html"),
        "application/pdf",
    ]
    assert body(message, "plain") == (
        "Здравствуйте.\n\nПодтвердить:\nhttps://t.me/bot?start=a&b=<c>\n\nЗона | Стало\nДень | 3 650\n\nНомер: 1\n\n"
        "Энергосбыт\n8 800\n"
    )
    html = body(message, "html")
    assert '<html lang="ru">' in html
    assert 'href="https://t.me/bot?start=a&amp;b=&lt;c&gt;"' in html
    for words in ("Здравствуйте.", ">Подтвердить</a>", ">3 650</td>", "Энергосбыт<br>\n8 800", "prefers-color-scheme"):
        assert words in html
    [pdf] = message.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()) == ("а.pdf", b"%PDF-1.7")


async def test_numbers_stay_on_one_line_and_no_line_begins_with_a_dash() -> None:
    letter = Letter("k", MARIA, "Показания, П-2611-00001", ("Счёт …3456 — в письме.", "Звоните: 8 800 000-00-00."))
    html = body(await sent(letter), "html")
    for whole in ("П-2611-00001", "…3456", "000-00-00"):
        assert f'<span style="white-space:nowrap">{whole}</span>' in html
    assert "\N{NO-BREAK SPACE}— в письме." in html


async def test_headers_say_who_writes_and_that_it_is_a_machine() -> None:
    message = await sent(Letter("k", MARIA, "Тема", ("Hello.",), language="en"))
    assert message["From"].addresses[0].display_name == "АО «Энергосбыт», Воронеж"
    assert message["From"].addresses[0].addr_spec == "bot@example.org"
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", "en")
    assert message["Date"].datetime is not None
    assert message["Message-ID"].endswith("@example.org>")
    assert 'lang="en"' in body(message, "html")
    assert (message["List-Unsubscribe"], message["List-Id"]) == (None, None)
    again = await sent(Letter("k", MARIA, "Тема", ("Hello.",)), "Бот <bot@example.org>")
    assert again["Message-ID"] == message["Message-ID"]
    assert again["From"].addresses[0].display_name == "Бот"


async def test_a_letter_that_comes_by_itself_can_be_left() -> None:
    url = f"https://t.me/energy_sandbox_bot?start={'x' * 64}"
    letter = Letter("k", MARIA, "Тема", ("Да.",), unsubscribe=LetterLink("Уйти", url))
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in mailed(letter, "bot@example.org", "").content
    message = await sent(letter)
    assert message["List-Unsubscribe"] == f"<{url}>"
    assert message["List-Id"] == "<letters.example.org>"
    assert f"Уйти:\n{url}" in body(message, "plain")
    assert f'href="{url}"' in body(message, "html")


async def test_nothing_that_people_name_makes_a_header_or_a_tag() -> None:
    letter = Letter(
        "k", "maria@example.org", ATTACK, (ATTACK, LetterTable(((ATTACK,) * 2,))), ATTACK, (ATTACK, b"%PDF")
    )
    message = await sent(letter, "bot@example.org")
    assert message["Bcc"] is None
    assert message["Subject"] == "<b>Маша</b> & Co Bcc: other@example.org"
    assert "<b>" not in body(message, "html")
    [pdf] = message.iter_attachments()
    assert pdf.get_filename() == "<b>Маша</b> & Co Bcc: other@example.org"


@pytest.mark.parametrize("to", ["maria@пример.рф", "мария@example.org"])
async def test_addresses_in_other_letters_are_reached(to: str) -> None:
    async with Mailbox() as mailbox:
        await SmtpMail(mailbox.url, "bot@example.org").send(Letter("k", to, "Тема", ("Да.",)))
    assert mailbox.letters[0].recipients == ({"maria@пример.рф": "maria@xn--e1afmkfd.xn--p1ai"}.get(to, to),)


# Refusals


@pytest.mark.parametrize(
    ("reply", "stage", "error", "reason"),
    [
        ("550 5.1.1 No such user", "rcpt", MailRefused, Refusal.NO_MAILBOX),
        ("550 No such user", "rcpt", MailRefused, Refusal.NO_MAILBOX),
        ("553 5.1.10 Null MX", "rcpt", MailRefused, Refusal.NO_MAILBOX),
        ("552 5.2.2 Mailbox full", "rcpt", MailRefused, Refusal.FULL),
        ("552 5.2.2 Mailbox full", "data", MailRefused, Refusal.FULL),
        ("552 Too much", "rcpt", MailRefused, Refusal.FULL),
        ("552 Too much", "data", MailRefused, Refusal.TOO_LARGE),
        ("552 5.3.4 Message too big", "data", MailRefused, Refusal.TOO_LARGE),
        ("550 5.7.1 Looks like spam", "data", MailRefused, Refusal.SPAM),
        ("554 5.7.26 No DKIM", "data", MailRefused, Refusal.SPAM),
        ("554 No", "data", MailRefused, Refusal.OTHER),
        ("554 5.6.0 No", "data", MailRefused, Refusal.OTHER),
        ("450 4.2.1 Try again later", "rcpt", MailPostponed, Refusal.NO_MAILBOX),
        ("452 4.2.2 Mailbox full", "rcpt", MailPostponed, Refusal.FULL),
        ("451 4.7.1 Greylisted", "data", MailPostponed, Refusal.SPAM),
    ],
)
async def test_the_reason_of_a_refusal_is_known(
    reply: str, stage: str, error: type[MailRefused | MailPostponed], reason: Refusal
) -> None:
    async with Mailbox() as mailbox:
        mailbox.refuse(reply, to="maria@*", stage=stage, count=1)
        smtp = SmtpMail(mailbox.url, "bot@example.org")
        with pytest.raises(error) as found:
            await smtp.send(LETTER)
        assert found.value.refusal is reason
        await smtp.send(LETTER)
    assert len(mailbox.letters) == 1


async def test_a_server_that_refuses_our_own_address_loses_no_letter() -> None:
    class Strict(Mailbox):
        async def handle_MAIL(self, *_: object) -> str:
            return "550 5.7.1 Sender not allowed"

    async with Strict() as mailbox:
        with pytest.raises(MailUnavailable):
            await SmtpMail(mailbox.url, "bot@example.org").send(LETTER)


class Odd(Mailbox):
    """A mail server that at one step gives no answer of SMTP's, or hangs up."""

    def __init__(self, step: str, answer: str) -> None:
        super().__init__()
        self._step, self._answer = step, answer

    async def handle_EHLO(self, server: Any, session: Any, _envelope: object, host: str, known: list[str]) -> list[str]:
        session.host_name = host
        return [self._said(server, "EHLO", known[-1])]

    async def handle_MAIL(self, server: Any, _session: object, envelope: Any, sender: str, _: object) -> str:
        envelope.mail_from = sender
        return self._said(server, "MAIL")

    async def handle_RCPT(self, server: Any, _session: object, envelope: Any, to: str, _: object) -> str:
        envelope.rcpt_tos.append(to)
        return self._said(server, "RCPT")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        return self._said(server, "DATA", await super().handle_DATA(server, session, envelope))

    def _said(self, server: Any, step: str, well: str = "250 OK") -> str:
        if step == self._step and not self._answer:
            server.transport.close()
        return self._answer if step == self._step else well


@pytest.mark.parametrize(
    ("step", "answer", "error"),
    [
        ("EHLO", "", MailUnavailable),
        ("EHLO", "550 No", MailUnavailable),
        ("MAIL", "", MailUnavailable),
        ("RCPT", "", MailUnavailable),
        ("DATA", "", MailUnknown),
        ("DATA", "200 OK", MailUnknown),
        ("DATA", "Hello", MailUnknown),
    ],
)
async def test_without_an_answer_a_letter_may_have_arrived_once_it_has_left(
    step: str, answer: str, error: type[Exception]
) -> None:
    async with Odd(step, answer) as mailbox:
        with pytest.raises(error):
            await SmtpMail(mailbox.url, "bot@example.org").send(LETTER)
    assert len(mailbox.letters) == (step == "DATA")


@pytest.mark.parametrize(
    "wrong", [{"reply": "250 OK"}, {"reply": "550 5.1.1\r\n250 OK"}, {"reply": "550 a", "stage": "x"}]
)
def test_a_refusal_that_no_server_would_say(wrong: dict[str, str]) -> None:
    with pytest.raises(Refused):
        Mailbox().refuse(**wrong)  # type: ignore[arg-type]
