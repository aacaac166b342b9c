"""The fork server's children are processes like any other."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.faults.fork_server import ForkServer, heard, say, say_ready

HERE = "tests.faults.test_fork_server"


def greet(word: str) -> None:
    """An entry: says what it sees, and ends as it is told."""
    say(word=word, folder=str(Path.cwd()), home=os.environ.get("HOME"))
    print("on paper", word)  # noqa: T201  # a child's output is kept
    if word == "raise":
        raise ValueError(word)
    sys.exit(3)


def list_imported() -> None:
    say(imported="bot.app" in sys.modules)


def sleep() -> None:
    say_ready()
    time.sleep(60)


def echo() -> None:
    say_ready()
    while not (words := heard()):
        time.sleep(0.001)
    say(heard=words)


async def test_a_child_hears_what_it_is_told(fork_server: ForkServer, tmp_path: Path) -> None:
    child = await fork_server.start(f"{HERE}:echo", {}, tmp_path)
    await child.ready()
    child.tell(answer=42)
    assert await child.exit_code() == 0
    assert child.said == [{"heard": [{"answer": 42}]}]


async def test_a_child_has_its_own_folder_environment_log_and_exit_code(
    fork_server: ForkServer, tmp_path: Path
) -> None:
    child = await fork_server.start(f"{HERE}:greet", {"HOME": "/nowhere"}, tmp_path, word="hello")
    assert await child.exit_code() == 3
    assert child.said == [{"word": "hello", "folder": str(tmp_path), "home": "/nowhere"}]
    assert child.log.read_text() == "on paper hello\n"


async def test_what_a_child_says_can_be_told_from_its_errors(fork_server: ForkServer, tmp_path: Path) -> None:
    out, errors = tmp_path / "out", tmp_path / "errors"
    child = await fork_server.start(f"{HERE}:greet", {}, tmp_path, log=out, errors=errors, word="raise")
    assert await child.exit_code() == 1
    assert out.read_text() == "on paper raise\n"
    assert errors.read_text().startswith("Traceback")
    assert "on paper" not in errors.read_text()


async def test_an_uncaught_error_ends_a_child_as_it_ends_a_program(fork_server: ForkServer, tmp_path: Path) -> None:
    child = await fork_server.start(f"{HERE}:greet", {}, tmp_path, word="raise")
    assert await child.exit_code() == 1
    assert "ValueError: raise" in child.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_child_can_be_killed(fork_server: ForkServer, tmp_path: Path, number: signal.Signals) -> None:
    child, other = [await fork_server.start(f"{HERE}:sleep", {}, tmp_path) for _ in range(2)]
    await child.ready()
    child.kill(number)
    assert await child.exit_code() == -number
    assert other.ended is None
    await fork_server.clear()
    assert other.ended == -signal.SIGKILL


async def test_children_do_not_outlive_who_asked_for_them(tmp_path: Path) -> None:
    fork_server = ForkServer([HERE])
    child = await fork_server.start(f"{HERE}:sleep", {}, tmp_path)
    await child.ready()
    fork_server.close()
    assert await child.exit_code() == -signal.SIGKILL


async def test_a_child_that_ends_instead_of_becoming_ready_says_so(fork_server: ForkServer, tmp_path: Path) -> None:
    child = await fork_server.start(f"{HERE}:greet", {}, tmp_path, word="hello")
    with pytest.raises(AssertionError, match="exit code 3"):
        await child.ready()


async def test_a_child_begins_with_what_its_parent_has_imported(tmp_path: Path) -> None:
    """So that a start costs a fork, and no second of imports."""
    fork_server = ForkServer([HERE, "bot.app"])
    child = await fork_server.start(f"{HERE}:list_imported", {}, tmp_path)
    assert await child.exit_code() == 0
    fork_server.close()
    assert child.said == [{"imported": True}]
