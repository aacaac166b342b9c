"""`make demo` as a person starts it: a real process, its address read from what it prints."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest

from sandbox.bank import Shop
from tests.e2e.children import DEMO, ROOT, demo, environment
from tests.sandbox.merchant import Merchant, order

Json = dict[str, Any]
WAIT = 20  # seconds for a bot to end on a busy machine


def refused(*arguments: str) -> str:
    """The words of a demo that does not start."""
    done = subprocess.run(
        [*DEMO, *arguments], cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


class Customer:
    """Writes and presses over the control API; sees what the page sees."""

    def __init__(self, session: aiohttp.ClientSession, events: aiohttp.StreamReader, user_id: int) -> None:
        self._session = session
        self._events = events
        self._chat = f"/sandbox/chats/{user_id}"
        self._id = user_id
        self._screen: Json = {}

    @classmethod
    @asynccontextmanager
    async def of(cls, url: str, name: str) -> AsyncIterator[Self]:
        async with aiohttp.ClientSession(url) as session:
            state = await (await session.get("/sandbox/state")).json()
            person = next(one["id"] for one in state["people"] if one["first_name"] == name)
            async with session.get("/sandbox/events", params={"after": state["cursor"]}) as events:
                yield cls(session, events.content, person)

    async def send(self, text: str) -> None:
        await self._post("text", text=text)

    async def left(self) -> str:
        """The last screen, as it stands in the chat."""
        async with self._session.get(f"{self._chat}/messages") as answer:
            self._screen = (await answer.json())["messages"][-1]
        return str(self._screen["text"])

    async def press(self, label: str) -> None:
        """The button of the last screen whose text begins so."""
        rows = self._screen["reply_markup"]["inline_keyboard"]
        found = next(button["text"] for row in rows for button in row if label in button["text"])
        await self._post("press", message_id=self._screen["message_id"], data=found)

    async def _post(self, action: str, **body: Any) -> None:
        async with self._session.post(f"{self._chat}/{action}", json={"user_id": self._id, **body}) as answer:
            assert answer.status == 200, await answer.text()

    async def sees(self, words: str) -> str:
        """Wait until the bot says so in this chat."""
        async for line in self._events:
            event = json.loads(line.removeprefix(b"data: ")) if line.startswith(b"data: ") else {}
            message = event.get("message", {})
            if event.get("chat_id") == self._id and message["from"]["is_bot"] and words in message.get("text", ""):
                self._screen = message
                return str(message["text"])
        raise AssertionError("the demo ended")


def provider(url: str, session: aiohttp.ClientSession) -> Merchant:
    """The demo's bot as the payment provider knows it."""
    return Merchant(f"{url}/yookassa/v3", Shop(), session)


async def test_a_customer_is_known_again_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "a folder"
    with demo(data) as (process, url):
        async with Customer.of(url, "Мария") as maria:
            await maria.send("/start")
            await maria.sees("Здравствуйте")
            await maria.press("Согласен с обоими")
            await maria.sees("лицев")
            await maria.send("36 0000 123 456")
            await maria.sees("Лизюкова")
            await maria.send("45")
            await maria.sees("не переданы")
        async with aiohttp.ClientSession() as session:
            before = await provider(url, session).create(payment_order=order())
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    with demo(data) as (process, url):
        async with aiohttp.ClientSession() as session:
            assert await provider(url, session).payment(before["id"]) == before
        async with Customer.of(url, "Мария") as maria:
            assert "не переданы" in await maria.left()
            await maria.press("Передать показания")
            await maria.sees("Счётчик 10000001")
        os.kill(_child_of(process.pid), signal.SIGKILL)
        assert process.wait() == 1
        assert process.stderr is not None
        assert "The bot has ended by itself with code -9" in process.stderr.read()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")
def test_the_bot_of_a_demo_that_was_killed_ends(tmp_path: Path) -> None:
    with demo(tmp_path) as (process, _):
        bot = os.pidfd_open(_child_of(process.pid))
        process.kill()
        process.wait()
        ended, _, _ = select.select([bot], [], [], WAIT)
        if not ended:
            signal.pidfd_send_signal(bot, signal.SIGKILL)
        os.close(bot)
    assert ended, "the bot lives on"


def _child_of(parent: int) -> int:
    table = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = (line.split() for line in table.splitlines())
    return next(int(pid) for pid, ppid in pairs if int(ppid) == parent)


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        words = refused("--port", str(port), "--data", str(tmp_path))
    assert words == f"Port {port} is taken by another program. Choose another: make demo PORT={port + 10}\n"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refused("--data", str(tmp_path / "file")).startswith(f"Cannot write to {tmp_path / 'file'} (")


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    holder = (
        "import sys; from pathlib import Path; from sandbox.demo import own_folder\n"
        "with own_folder(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)],
        env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as first:  # fmt: skip
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        assert refused("--data", str(tmp_path)).startswith("Another demo uses ")
        first.communicate()
