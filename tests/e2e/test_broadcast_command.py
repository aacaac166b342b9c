"""The command `broadcast`: what it says to operators, who are two, and what it queues."""

from __future__ import annotations

import subprocess
from functools import partial
from pathlib import Path

import pytest

from bot.cli.broadcasts import create, listed
from bot.profile import own_profile
from locales import catalog
from services.broadcasts.errors import CannotBroadcast
from services.broadcasts.models import Audience
from tests.conftest import TWO_ZONES
from tests.e2e.test_operations import run
from tests.harness import BotHarness
from tests.people import Someone
from tests.queues import MIDNIGHT

UNKNOWN = "360000999999"
UNLINKED = "360000200033"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    contents: dict[str, str | bytes] = {
        "text": "Завтра отключим свет <с 10>",
        "empty": " \n",
        "long": "x" * 3501,
        "binary": b"\xff\xfe\x00",
        "list": f"{TWO_ZONES}\n36 0000 999 999\n\n{UNLINKED}\n{TWO_ZONES}\n",
        "none": "\n",
        "wrong": f"{TWO_ZONES}\n123",
        "unlinked": UNLINKED,
        "again": "Не отключим",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return {name: tmp_path / name for name in contents}


async def test_what_cannot_be_sent_is_said_and_nothing_is_made(
    harness: BotHarness, maria: Someone, files: dict[str, Path]
) -> None:
    for text, audience, why in (
        ("empty", Audience, "There is no text."),
        ("long", Audience, "The text is too long: it has 3501 characters and may have 3500."),
        ("binary", Audience, "The file must be text in UTF-8, of 1 MB at most."),
        ("text", partial(Audience, region="Mars"), "There is no region “Mars”. There are: "),
        ("text", partial(Audience, street="ul. Nowhere"), "Nobody would get it: no customer of the bot fits."),
        ("text", lambda: Audience(accounts=listed(files["none"])), "The list has no account number."),
        ("text", lambda: Audience(accounts=listed(files["wrong"])), "Line 2: an account number has 12 digits."),
        ("text", lambda: Audience(accounts=listed(files["binary"])), "The file must be text in UTF-8"),
        ("text", lambda: Audience(accounts=listed(files["unlinked"])), "Nobody would get it"),
        ("text", partial(Audience, corrects=7), "There is no broadcast 7."),
    ):
        url, said = harness.app.settings.database.url, list[str]()
        with pytest.raises(CannotBroadcast) as refused:
            await create(url, own_profile(), files[text], audience, "Anna", said.append)
        assert why in catalog("en").gettext(refused.value.text).format(**refused.value.facts)
        assert said == []
    assert harness.rows("SELECT * FROM broadcasts") == []


async def test_an_operator_makes_one_and_another_sends_it(
    harness: BotHarness, maria: Someone, files: dict[str, Path]
) -> None:
    async def broadcast(*arguments: object) -> subprocess.CompletedProcess[str]:
        return await run(harness, "broadcast", *map(str, arguments))

    async def refused(*arguments: object) -> str:
        done = await broadcast(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), done
        return done.stderr.strip()

    for option in ("--street", "--region"):
        assert "leave it out to mean all" in await refused("create", files["text"], "--by", "Anna", option, "")
    assert "2147483648" in await refused("stop", 99999999999999999999)
    made = await broadcast("create", files["text"], "--by", "Anna", "--accounts", files["list"])
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines() == [
        "Завтра отключим свет <с 10>",
        "",
        f"Skipped, the company has no such accounts (1): {UNKNOWN}.",
        "Accounts that no customer of the bot has: 1.",
        "Broadcast 1 for 1 people. Nothing is sent yet.",
        "Another person confirms it: python -m bot broadcast confirm 1 --by NAME",
    ]
    assert "Another person than the one" in await refused("confirm", 1, "--by", " anna ")
    done = await broadcast("confirm", 1, "--by", "Boris")
    assert done.stdout.startswith("Broadcast 1 is queued."), done.stderr
    await harness.rewrite_outbox({"due_at": MIDNIGHT})  # the command's clock is the machine's
    harness.app.wake_up.set()
    await harness.outbox_is_done()
    assert maria.screen == "📢 Завтра отключим свет <с 10>"
    assert await refused("stop", 1) == "Broadcast 1 is done and cannot be stopped."
    await broadcast("correct", 1, files["again"], "--by", "Boris")
    stopped = await broadcast("stop", 2)
    assert stopped.stdout == "Broadcast 2 is stopped: 0 people have got it, 1 do not get it.\n"
    assert harness.rows("SELECT state, confirmed_by FROM broadcasts") == [("done", "Boris"), ("stopped", "")]
