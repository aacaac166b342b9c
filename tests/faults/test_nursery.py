"""The nursery's children are processes like any other."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.faults.nursery import Nursery, heard, say, say_ready

HERE = "tests.faults.test_nursery"


def greet(word: str) -> None:
    """An entry: says what it sees, and ends as it is told."""
    say(word=word, folder=str(Path.cwd()), home=os.environ.get("HOME"))
    print("on paper", word)  # noqa: T201  # what a child writes is kept
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


async def test_a_child_hears_what_it_is_told(nursery: Nursery, tmp_path: Path) -> None:
    child = await nursery.start(f"{HERE}:echo", {}, tmp_path)
    await child.ready()
    child.tell(answer=42)
    assert await child.exit_code() == 0
    assert child.said == [{"heard": [{"answer": 42}]}]


async def test_a_child_has_its_own_folder_environment_log_and_exit_code(nursery: Nursery, tmp_path: Path) -> None:
    child = await nursery.start(f"{HERE}:greet", {"HOME": "/nowhere"}, tmp_path, word="hello")
    assert await child.exit_code() == 3
    assert child.said == [{"word": "hello", "folder": str(tmp_path), "home": "/nowhere"}]
    assert child.log.read_text() == "on paper hello\n"


async def test_an_uncaught_error_ends_a_child_as_it_ends_a_program(nursery: Nursery, tmp_path: Path) -> None:
    child = await nursery.start(f"{HERE}:greet", {}, tmp_path, word="raise")
    assert await child.exit_code() == 1
    assert "ValueError: raise" in child.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_child_can_be_killed(nursery: Nursery, tmp_path: Path, number: signal.Signals) -> None:
    child, other = [await nursery.start(f"{HERE}:sleep", {}, tmp_path) for _ in range(2)]
    await child.ready()
    child.kill(number)
    assert await child.exit_code() == -number
    assert other.ended is None
    await nursery.clear()
    assert other.ended == -signal.SIGKILL


async def test_children_do_not_outlive_who_asked_for_them(tmp_path: Path) -> None:
    nursery = Nursery([HERE])
    child = await nursery.start(f"{HERE}:sleep", {}, tmp_path)
    await child.ready()
    nursery.close()
    assert await child.exit_code() == -signal.SIGKILL


async def test_a_child_that_ends_instead_of_becoming_ready_says_so(nursery: Nursery, tmp_path: Path) -> None:
    child = await nursery.start(f"{HERE}:greet", {}, tmp_path, word="hello")
    with pytest.raises(AssertionError, match="exit code 3"):
        await child.ready()


async def test_a_child_begins_with_what_its_parent_has_imported(tmp_path: Path) -> None:
    """So that a start costs a fork, and no second of imports."""
    nursery = Nursery([HERE, "bot.app"])
    child = await nursery.start(f"{HERE}:list_imported", {}, tmp_path)
    assert await child.exit_code() == 0
    nursery.close()
    assert child.said == [{"imported": True}]
