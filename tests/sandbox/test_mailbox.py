"""Letters come in by SMTP and are read on pages."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import pytest

from sandbox.mailbox import Mailbox
from sandbox.server import Sandbox

PDF = b"%PDF-1.7 sheet"


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with Mailbox(bot="energy_sandbox_bot") as running:
        yield running


@pytest.fixture
async def site(mailbox: Mailbox) -> AsyncIterator[aiohttp.ClientSession]:
    """The sandbox's pages, with the mailbox among them."""
    sandbox = Sandbox()
    mailbox.add_routes(sandbox.app)
    async with sandbox, aiohttp.ClientSession(sandbox.url) as session:
        yield session


async def get(site: aiohttp.ClientSession, path: str) -> str:
    async with site.get(path) as answer:
        assert answer.status == 200
        return await answer.text()


async def post(mailbox: Mailbox, letter: EmailMessage) -> None:
    def send() -> None:
        with smtplib.SMTP(mailbox.host, mailbox.port) as server:
            server.send_message(letter)

    await asyncio.to_thread(send)


def letter(subject: str, text: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "bot@example.org", "maria@example.org", subject
    made.set_content(text)
    return made


async def test_an_empty_mailbox_says_so(site: aiohttp.ClientSession) -> None:
    assert "Писем пока нет" in await get(site, "/mail")


async def test_a_letter_with_its_attachment(site: aiohttp.ClientSession, mailbox: Mailbox) -> None:
    sent = letter("Показания № 1", "Подтвердите: https://example.org/mail?key=1&x=2.")
    sent.add_attachment(PDF, maintype="application", subtype="pdf", filename="Показания № 1.pdf")
    await post(mailbox, sent)
    overview = await get(site, "/mail")
    assert '<a href="/mail/1">Показания № 1</a>' in overview
    assert "maria@example.org" in overview
    shown = await get(site, "/mail/1")
    assert '<a href="https://example.org/mail?key=1&amp;x=2">' in shown
    assert "Показания № 1.pdf" in shown
    async with site.get("/mail/1/0") as answer:
        assert (answer.content_type, await answer.read()) == ("application/pdf", PDF)
        assert answer.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''%D0%9F")


async def test_a_link_to_the_bot_opens_its_chat_on_this_machine(site: aiohttp.ClientSession, mailbox: Mailbox) -> None:
    link, other = "https://t.me/energy_sandbox_bot?start=eml_1", "https://t.me/another_bot?start=eml_1"
    await post(mailbox, letter("Адрес", f"Подтвердите:\n{link}\n{other}"))
    shown = await get(site, "/mail/1")
    assert f'<a href="/#start=eml_1">{link}</a>' in shown
    assert f'<a href="{other}">{other}</a>' in shown


async def test_letters_are_there_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    async with Mailbox(folder=folder) as mailbox:
        for number in range(1, 12):
            await post(mailbox, letter(f"Письмо {number}", "Ваш адрес подтверждён."))
        before = mailbox.letters
    async with Mailbox(folder=folder) as mailbox:
        await post(mailbox, letter("Новое", "Здравствуйте."))
        subjects = [one.subject for one in mailbox.letters]
        kept = mailbox.letters[10]
    assert subjects == [*(f"Письмо {number}" for number in range(1, 12)), "Новое"]
    assert (kept.received, kept.recipients, kept.text) == (before[10].received, before[10].recipients, before[10].text)


async def test_a_letter_as_a_mail_program_shows_it(site: aiohttp.ClientSession, mailbox: Mailbox) -> None:
    sent = letter("Адрес", "Подтвердите")
    sent.add_alternative(
        '<p>Да</p><a href="https://t.me/energy_sandbox_bot?start=a&amp;b">x</a><a href="javascript:x">y</a>', "html"
    )
    await post(mailbox, sent)
    assert 'href="/mail/1/html"' in await get(site, "/mail/1")
    async with site.get("/mail/1/html") as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        shown = await answer.text()
    assert '<p>Да</p><a href="/#start=a">x</a><a href="#">y</a>' in shown


async def test_letters_that_the_mailbox_does_not_take(site: aiohttp.ClientSession, mailbox: Mailbox) -> None:
    refusal = {"reply": "550 5.1.1 No such user", "to": "m*@example.org", "count": 1}
    async with site.put("/sandbox/mail/refusals", json=[refusal]) as answer:
        assert await answer.json() == [refusal | {"stage": "rcpt"}]
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        await post(mailbox, letter("Адрес", "Да"))
    assert refused.value.recipients == {"maria@example.org": (550, b"5.1.1 No such user")}
    await post(mailbox, letter("Адрес", "Да"))
    refused_ones: tuple[object, ...] = ([{"to": "*"}], {}, [{"reply": "200"}], [{"reply": "550 x", "odd": 1}])
    for wrong in refused_ones:
        async with site.put("/sandbox/mail/refusals", json=wrong) as answer:
            assert answer.status == 400


async def test_what_a_letter_holds_is_never_run(site: aiohttp.ClientSession, mailbox: Mailbox) -> None:
    attack = "<script>alert(1)</script>"
    sent = letter(attack, attack)
    sent.add_attachment(attack.encode(), maintype="text", subtype="html", filename=f"{attack}.html")
    await post(mailbox, sent)
    for path in ("/mail", "/mail/1"):
        assert "<script" not in await get(site, path)
    async with site.get("/mail/1/0") as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe no headers", b"Content-Type: text/plain; charset=klingon\n\nabc"])
async def test_a_broken_letter_is_shown_all_the_same(
    site: aiohttp.ClientSession, mailbox: Mailbox, content: bytes
) -> None:
    mailbox.take("", ["maria@example.org"], content)
    assert "без темы" in await get(site, "/mail")
    assert "maria@example.org" in await get(site, "/mail/1")


@pytest.mark.parametrize("path", ["/mail/1", "/mail/0", "/mail/1/0"])
async def test_a_letter_that_is_not_there(site: aiohttp.ClientSession, path: str) -> None:
    async with site.get(path) as answer:
        assert answer.status == 404
