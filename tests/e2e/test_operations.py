"""The commands with which an operator watches over a bot, beside the bot that runs."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.children import bot as command
from tests.e2e.children import environment
from tests.flows.kept import values
from tests.harness import PATIENCE, BotHarness
from tests.people import Someone

GOOD = {"day": 3650, "night": 1580}
HOME = "🏠"
SETTINGS = ("BOT_TOKEN", "BOT_API_BASE", "DATABASE_URL", "SUPPLIER_PROFILE")


async def run(harness: BotHarness, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command with the settings of the harness's bot."""
    ours = {name: os.environ[name] for name in SETTINGS}
    return await asyncio.to_thread(command, harness.database.parent, *arguments, **{**ours, **settings})


# Writes two equal numbers in each transaction, so that half of one can be seen.
WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
connection.executescript("PRAGMA journal_mode=WAL; INSERT INTO counters VALUES ('left', 0), ('right', 0)")
print("writes", flush=True)
while True:
    connection.execute("BEGIN IMMEDIATE")
    for name in ("left", "right"):
        connection.execute("UPDATE counters SET value = value + 1 WHERE name = ?", (name,))
    connection.execute("COMMIT")
"""


@contextmanager
def writer(database: Path) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(database)], env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writes\n"
        try:
            yield
        finally:
            process.kill()


def written(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute("SELECT name, value FROM counters WHERE name IN ('left', 'right')").fetchall())


async def test_a_backup_made_while_all_write_is_a_bot_that_works(
    harness: BotHarness, maria: Someone, tmp_path: Path
) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    harness.supplier.gate.clear()
    harness.supplier.called.clear()
    maria.types("/menu")
    await asyncio.wait_for(harness.supplier.called.wait(), PATIENCE)
    with writer(harness.database):
        before = written(harness.database)["left"]
        made = await run(harness, "backup", str(tmp_path / "copy.db"))
        after = written(harness.database)["left"]
    assert made.stdout.endswith("verified. customers: 1, submissions: 1, open updates: 1.\n"), made.stderr
    copied = written(tmp_path / "copy.db")
    assert before <= copied["left"] == copied["right"] < after
    harness.supplier.gate.set()
    await harness.quiet()
    await harness.customer("Олег", "360000200017")

    await harness.stop()
    for ending in ("", "-wal", "-shm"):
        harness.database.with_name(harness.database.name + ending).unlink(missing_ok=True)
    shutil.copy(tmp_path / "copy.db", harness.database)
    cursor = harness.world.cursor
    await harness.start()

    await harness.told(maria, HOME, cursor)
    await harness.quiet()
    assert harness.undone_updates() == []
    assert harness.rows("SELECT id FROM users") == [(maria.id,)]
    assert values(harness) == [GOOD]
    await maria.send("3640 1570")
    await maria.press("Передать")
    assert values(harness)[-1] == {"day": 3640, "night": 1570}


async def test_the_living_database_is_refused_in_a_sentence(harness: BotHarness) -> None:
    done = await run(harness, "backup", str(harness.database))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{harness.database} is the bot's own: choose another file.\n"


async def test_check_beside_a_running_bot(harness: BotHarness, maria: Someone) -> None:
    done = await run(harness, "check", ADMIN_CHAT_ID=str(maria.id))
    assert (done.returncode, done.stderr) == (0, "")
    assert {line[:2] for line in done.stdout.splitlines()} == {"✓ "}
    await maria.send("?")
    assert maria.screen.startswith("Не понял")


async def test_check_tells_all_that_is_wrong_and_no_secret(idle_harness: BotHarness, unused_tcp_port: int) -> None:
    done = await run(
        idle_harness,
        "check",
        BOT_TOKEN="7654321:a-secret-token",
        SMTP_URL=f"smtp://post:a-secret@127.0.0.1:{unused_tcp_port}",
        SUPPLIER_PROFILE="nowhere.toml",
        DATABASE_URL="sqlite+aiosqlite:///nowhere.db",
        LOG_FORMAT="a-secret",
    )
    assert done.returncode == 1
    bad = [line[2:].partition(":")[0] for line in done.stdout.splitlines() if line.startswith("✗")]
    assert bad == [
        *("other settings", "supplier's profile", "payment code", "database", "database's pages", "Telegram"),
        *("operator's chat", "staff's groups", "supplier", "mail", "payments", "parked updates"),
    ]
    assert "a-secret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.limits(intake={"pauses": (0,)})
async def test_parked_updates_are_listed_and_tried_again(harness: BotHarness, maria: Someone) -> None:
    harness.supplier.trouble = ZeroDivisionError("a bug")
    await maria.send("/menu")
    [(update_id, _)] = harness.dead_letters()
    harness.journal.take()
    harness.supplier.trouble = None
    done = await run(harness, "parked", "--retry")
    header, line, end = done.stdout.splitlines()
    assert header.split() == ["update", "received", "put", "aside", "tries"]
    assert line.split() == [str(update_id), *["2026-11-23", "07:14"] * 2, "3"]
    assert end.startswith("Tried again: 1.")
    assert harness.dead_letters() == []
    before = len(maria.screens)
    await harness.app.intake.take_up()
    await harness.quiet()
    assert HOME in maria.screen
    assert len(maria.screens) == before + 1


async def test_a_process_says_where_it_listens_and_is_ready(idle_harness: BotHarness, tmp_path: Path) -> None:
    ours = {name: os.environ[name] for name in SETTINGS}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=tmp_path,
        env=environment(**ours, LOG_FORMAT="json"),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async for line in process.stderr:
        if (said := json.loads(line))["event"] == "listening":
            break
    async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
        while (await session.get(said["url"] + "/health/ready")).status != 200:
            pass
    process.send_signal(signal.SIGTERM)
    await process.communicate()
    assert process.returncode == 0
