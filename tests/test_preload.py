"""Nothing is loaded when somebody pays, prints or is written to for the first time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
FIRST_TIME = """
import asyncio, sys
import bot.process
from services.documents import TypstDocuments
from services.notices.errors import MailUnavailable
from services.payments.errors import ProviderUnavailable
from services.mail import SmtpMail
from services.notices.ports import Letter
from services.ports import CodePicture, Sheet, Table
from services.spreadsheets import Files
from services.yookassa import Shop, YooKassa
from tests.services.receipt_examples import example

async def main():
    if "ahead" in sys.argv:
        bot.process.preload()
    receipt = example()
    provider = YooKassa(Shop("http://127.0.0.1:9/v3", "1", "test_x", False), None)
    mail, documents = SmtpMail("smtp://127.0.0.1:9", "bot@example.org"), TypstDocuments()
    before = set(sys.modules)
    try:
        await provider.get("x")
    except ProviderUnavailable:
        pass
    try:
        await mail.send(Letter("k", "a@example.org", "s", ("t",), "", ("a.pdf", b"%PDF")))
    except MailUnavailable:
        pass
    assert (await documents.code(CodePicture(b"ST00012|", "p", "s", "a"))).startswith(b"\\x89PNG")
    sheet = Sheet("t", "i", (), ("a",), (("b",),), "", "", "ru")
    assert (await documents.sheet(sheet)).startswith(b"%PDF")
    assert (await documents.receipt(receipt)).startswith(b"%PDF")
    assert (await Files().workbook([Table("t", ("a",), ((1,),))])).startswith(b"PK")
    assert (await Files().csv(Table("t", ("a",), ((1,),)))).endswith(b"1\\r\\n")
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
