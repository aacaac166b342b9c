"""Nothing is loaded when somebody pays, prints or is written to for the first time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FIRST_TIME = """
import asyncio, sys
import bot.process
from services.documents import TypstDocuments
from services.notices.errors import MailUnavailable
from services.payments.errors import ProviderUnavailable
from services.mail import SmtpMail
from services.notices.ports import Letter
from services.ports import Sheet
from services.yookassa import Shop, YooKassa

async def main():
    if "ahead" in sys.argv:
        bot.process.load_ahead()
    provider = YooKassa(Shop("http://127.0.0.1:9/v3", "1", "test_x", False), None)
    mail, documents = SmtpMail("smtp://127.0.0.1:9", "bot@example.org"), TypstDocuments()
    before = set(sys.modules)
    try:
        await provider.get("x")
    except ProviderUnavailable:
        pass
    try:
        await mail.send(Letter("k", "a@example.org", "s", "t", ("a.pdf", b"%PDF")))
    except MailUnavailable:
        pass
    assert (await documents.qr(b"ST00012|")).startswith(b"\\x89PNG")
    sheet = Sheet("t", "i", (), ("a",), (("b",),), "", "", "ru")
    assert (await documents.sheet(sheet)).startswith(b"%PDF")
    print(sorted(set(sys.modules) - before))

asyncio.run(main())
"""


def loaded(*arguments: str) -> str:
    """Modules that a fresh process loads for the first payment, letter, code and paper."""
    found = subprocess.run(  # our own words
        [sys.executable, "-c", FIRST_TIME, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return found.stdout.strip()


def test_a_running_bot_has_everything_loaded() -> None:
    assert "typst" in loaded(), "or this test sees nothing"
    assert loaded("ahead") == "[]"
