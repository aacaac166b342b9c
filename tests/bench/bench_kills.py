"""(f) What kill -9 costs: this bot beside aiogram's default polling and its `handle_as_tasks=False`.

The same server, people and texts, and the same moments of the kills after the people's messages; each bot is started
again at once and given time. Of the updates that were sent, whoever got no answer could not press:

* open: not yet answered when a kill came;
* lost: texts neither answered nor kept, presses without a submission;
* silent: kept, but never answered;
* doubled: further submissions from one press;
* repeated: messages that say something again, and the most of them after one kill;
* out of order: first answered or kept after a later one of the same person.
"""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from sandbox.server import Sandbox
from tests.bench import customers, stock_bot
from tests.bench.crowd import Crowd, Move
from tests.e2e.children import ROOT, environment
from tests.faults.fork_server import Child, ForkServer

PEOPLE: Final = 54  # before each kill, with three updates each
LONGEST: Final = 0.5  # seconds from their messages to the kill
SILENCE: Final = 0.3  # seconds after which the next people come
LAST_SILENCE: Final = 2.0  # seconds after which nothing more is to be hoped for


@dataclass(frozen=True, slots=True)
class Contender:
    """`entry` and `options` as the fork server takes them; `kept` reads the updates from its folder, in order."""

    name: str
    entry: str
    options: Mapping[str, Any]
    kept: Callable[[Path], Iterable[tuple[int, Move]]]


@dataclass(frozen=True, slots=True)
class Toll:
    name: str
    kills: int
    sent: int
    open: int
    lost: int
    silent: int
    doubled: int
    repeated: int
    most: int
    overtaken: int

    def __str__(self) -> str:
        return (
            f"{self.name:<31} kills {self.kills:>3}  sent {self.sent:>5}  open {self.open:>5}  lost {self.lost:>5}  "
            f"silent {self.silent:>5}  doubled {self.doubled:>4}  repeated {self.repeated:>4}, "
            f"most {self.most:>3}  out of order {self.overtaken:>3}"
        )


def run(quick: bool) -> list[Toll]:
    chance = Random(3)
    moments = [chance.uniform(0, LONGEST) for _ in range(3 if quick else 16)]
    return asyncio.run(measure(moments))


async def measure(moments: list[float]) -> list[Toll]:
    """`moments`: seconds from the messages to each kill."""
    fork_server = ForkServer(["bot.__main__", "bot.process", "uvloop", stock_bot.__name__])
    try:
        return [await _toll(fork_server, contender, moments) for contender in CONTENDERS]
    finally:
        await fork_server.clear()
        fork_server.close()


async def _toll(fork_server: ForkServer, contender: Contender, moments: list[float]) -> Toll:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = await customers.build(folder, 1 + PEOPLE * len(moments))
        async with Sandbox() as sandbox:
            return await Trial(fork_server, contender, sandbox, folder, url).over(moments)


class Trial:
    """One bot before a server of its own."""

    def __init__(self, fork_server: ForkServer, contender: Contender, sandbox: Sandbox, folder: Path, url: str) -> None:
        self._nursery = fork_server
        self._contender = contender
        self._updates = sandbox.world.updates
        self._folder = folder
        self._crowd = Crowd(sandbox.world)
        self._open = 0
        self._settings = environment(
            BOT_TOKEN=sandbox.token,
            BOT_API_BASE=sandbox.url,
            DATABASE_URL=url,
            SUPPLIER_PROFILE=str(ROOT / "samples" / "supplier.toml"),
        )

    async def over(self, moments: list[float]) -> Toll:
        child = await self._start()
        await self._undisturbed(child)
        for moment in moments:
            child = await self._disturbed(child, moment)
        await self._crowd.served(LAST_SILENCE)
        child.kill(signal.SIGTERM)
        await child.exit_code()
        return self._toll()

    async def _start(self) -> Child:
        self._updates.poll_begun.clear()
        one = self._contender
        return await self._nursery.start(one.entry, self._settings, self._folder, **one.options)

    async def _undisturbed(self, child: Child) -> None:
        await self._crowd.served(SILENCE)
        (story,) = self._crowd.hurry(1)
        await self._crowd.served(SILENCE)
        assert story.answered == list(Move), f"{self._contender.name}: {story}\n{child.log.read_text()}"

    async def _disturbed(self, child: Child, moment: float) -> Child:
        stories = self._crowd.hurry(PEOPLE)
        await asyncio.sleep(moment)
        child.kill()
        self._crowd.kills += 1
        await child.exit_code()
        self._open += sum(len(story.unanswered) for story in stories)
        child = await self._start()
        await self._crowd.served(SILENCE)
        return child

    def _toll(self) -> Toll:
        for person, move in self._contender.kept(self._folder):
            self._crowd.stories[person].kept.append(move)
        stories = self._crowd.stories.values()
        return Toll(
            self._contender.name,
            self._crowd.kills,
            sent=sum(len(story.sent) for story in stories),
            open=self._open,
            lost=sum(len(story.lost) for story in stories),
            silent=sum(len(story.unanswered - story.lost) for story in stories),
            doubled=sum(story.doubled for story in stories),
            repeated=sum(story.repeated.total() for story in stories),
            most=max(sum((story.repeated for story in stories), Counter()).values(), default=0),
            overtaken=sum(len(story.overtaken) for story in stories),
        )


def _kept_by_us(folder: Path) -> Iterable[tuple[int, Move]]:
    """Submissions. A text leaves a form alone, which the next one overwrites: only its answer counts."""
    for (person,) in _rows(folder / "bench.db", "SELECT user_id FROM submissions"):
        yield person, Move.PRESS


def _kept_by_stock(folder: Path) -> Iterable[tuple[int, Move]]:
    database = folder / stock_bot.DATABASE
    for person, day in _rows(database, "SELECT person, day FROM readings ORDER BY id"):
        yield person, Move(day)
    for (person,) in _rows(database, "SELECT person FROM submissions ORDER BY id"):
        yield person, Move.PRESS


def _rows(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


_STOCK: Final = f"{stock_bot.__name__}:main"
CONTENDERS: Final = (
    Contender("this bot", "bot.__main__:cli", {"args": ["run"]}, _kept_by_us),
    Contender("aiogram, default polling", _STOCK, {"handle_as_tasks": True}, _kept_by_stock),
    Contender("aiogram, handle_as_tasks=False", _STOCK, {"handle_as_tasks": False}, _kept_by_stock),
)


if __name__ == "__main__":
    print(*run(quick=True), sep="\n")  # noqa: T201
