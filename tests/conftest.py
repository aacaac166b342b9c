"""Fixtures of all tests: a harness with the bot running in it, and customers who know their way."""

from __future__ import annotations

import asyncio
import csv
import functools
import gc
import inspect
import logging
import os
import shutil
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
import structlog
from aiogram.client.session.aiohttp import AiohttpSession
from aiohttp import web_app

import context
from bot import observe
from sandbox.ports import reserved_port
from services.db.engine import Database
from services.db.migrate import migrate
from services.db.store import SqlStore
from services.ledger.registry import import_registry
from services.receipts.ports import ChargedMonthRepository
from tests.discretion import betrayed, secrets_of
from tests.faults.summary import pytest_terminal_summary  # noqa: F401  # pytest looks for it here
from tests.harness import BotHarness, Journal, harness_at
from tests.people import Someone
from tests.statements import sharing

SAMPLES: Final = Path(__file__).parent.parent / "samples"
TWO_ZONES: Final = "360000123456"
MEMORY: Final = Path("/dev/shm")
ROOM: Final = 2**30  # bytes; what tests leave that pass is removed at once


def pytest_configure(config: pytest.Config) -> None:
    """Databases are in memory where there is room: the commits of all workers would wait for one disk. A killed process
    loses no more there than on a disk."""
    if config.option.basetemp is None and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that `make quick` leaves out are marked `slow`; docs/architecture.md has the rule. Those that last longest
    begin first, so that no worker has one left when the others are done."""
    seen: set[object] = set()
    for item in items:
        if isinstance(item, pytest.Function) and _is_slow(item, seen):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path.parent.name != "faults")


def _is_slow(item: pytest.Function, seen: set[object]) -> bool:
    """Whether it has to do with processes, a browser or invented cases, or repeats another test's way through the bot
    or the database: `seen` holds files and tests that have been met."""
    if item.path.parent.name in {"faults", "e2e"} or "browser" in item.fixturenames:
        return True
    if getattr(item.obj, "is_hypothesis_test", False):
        return True
    if not inspect.iscoroutinefunction(item.obj):
        return False
    way: object = item.path if "idle_harness" in item.fixturenames else (item.path, item.originalname)
    repeated = way in seen
    seen.add(way)
    return repeated


def pytest_collection_finish() -> None:
    """Modules and tests live as long as the process: a full collection need not go through them, for a second each."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _certificates() -> Iterator[None]:
    """The certificates of authorities are read once: for each bot they would take longer than all else of its start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.db.engine.create_async_engine", sharing())
        yield


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """The language that a test without an event loop has chosen ends with it."""
    with context.within():
        yield


@pytest.fixture(scope="session")
def unused_tcp_port_factory() -> Iterator[Callable[[], int]]:
    """Each port stays the test's own, whose server may still listen there."""
    with ExitStack() as held:
        yield lambda: held.enter_context(reserved_port())


@pytest.fixture
def unused_tcp_port(unused_tcp_port_factory: Callable[[], int]) -> int:
    """A port where connections are refused until a server listens there."""
    return unused_tcp_port_factory()


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the sample registry, whose receipts are formed already, to be copied."""
    path = tmp_path_factory.mktemp("registry") / "bot.db"
    asyncio.run(fill(path))
    path.chmod(0o600)  # as a command makes it
    return path


async def fill(path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{path}")
    try:
        await migrate(database)
        reports = await import_registry(database, [SAMPLES / "registry"])
        assert not [report for report in reports if report.refusal or report.rejected]
        async with SqlStore(database, asyncio.Event()).writing() as unit:
            for charged in await unit.of(ChargedMonthRepository).unformed(datetime.now(UTC), timedelta(0)):
                await unit.of(ChargedMonthRepository).form(charged)
            await unit.commit()
    finally:
        await database.close()


@pytest.fixture
def go_when_seen(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """A file that another process removes as soon as it was seen to be there."""

    def of(file: Path) -> None:
        for name in ("exists", "is_file"):
            look = getattr(Path, name)

            def seen(path: Path, look: Callable[[Path], bool] = look) -> bool:
                answer = look(path)
                if path == file:
                    path.unlink(missing_ok=True)
                return answer

            monkeypatch.setattr(Path, name, seen)

    return of


@pytest.fixture
def journal() -> Iterator[Journal]:
    """The bot's log."""
    journal, root = Journal(), logging.getLogger()
    structlog.configure(
        processors=[journal.processor, *observe.PROCESSORS],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    observe.quiet_libraries()
    level = root.level
    root.addHandler(journal)
    root.setLevel(logging.INFO)
    yield journal
    root.removeHandler(journal)
    root.setLevel(level)


@pytest.fixture
async def idle_harness(
    request: pytest.FixtureRequest,
    registry: Path,
    tmp_path: Path,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[BotHarness]:
    """A harness whose bot a test starts itself. Markers as `limits(intake={"tries": 1}, patience=0)` change limits."""
    database = tmp_path / "data" / "bot.db"
    database.parent.mkdir()
    shutil.copy(registry, database)
    web_app._cached_build_middleware.cache_clear()  # it would hold a thousand worlds of tests before
    async with harness_at(database, journal) as harness:
        for marker in reversed([*request.node.iter_markers("limits")]):  # the test's own after its file's
            harness.limit(**marker.kwargs)
        monkeypatch.chdir(tmp_path)  # no .env of the developer's
        monkeypatch.setattr(AiohttpSession, "close", _close_at_once)
        for name, value in _environment(harness).items():
            monkeypatch.setenv(name, value)
        yield harness
        harness.check()
        assert betrayed("\n".join(journal.lines), [*secrets_of(harness.world), *_residents()]) == []


def _residents() -> Iterator[str]:
    """Accounts, names, addresses and phones of the sample customers."""
    with (SAMPLES / "registry" / "accounts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            yield from (row["account"], row["address"], row["holder"], row["phone"])


async def _close_at_once(session: AiohttpSession) -> None:
    """As aiogram does, without its quarter of a second for the farewell of TLS."""
    if session._session is not None:
        await session._session.close()


def _environment(harness: BotHarness) -> dict[str, str]:
    return {
        "BOT_TOKEN": harness.sandbox.token,
        "BOT_API_BASE": harness.sandbox.url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{harness.database}",
        "SUPPLIER_PROFILE": str(SAMPLES / "supplier.toml"),
        "WEB_PORT": "0",
        "YOOKASSA_API_BASE": f"{harness.sandbox.url}/yookassa/v3",
        "YOOKASSA_SHOP_ID": harness.bank.shop.id,
        "YOOKASSA_SECRET_KEY": harness.bank.shop.secret_key,
        "YOOKASSA_UTILITY_ORDER": "true",
    }


@pytest.fixture
def single_try(idle_harness: BotHarness) -> None:
    """The payment provider is not asked a second time while a customer waits."""
    idle_harness.limit(provider={"retries": ()})


@pytest.fixture
async def harness(idle_harness: BotHarness) -> BotHarness:
    """A harness whose bot runs. At the end nothing may be parked and no error logged."""
    await idle_harness.start()
    return idle_harness


@pytest.fixture
async def maria(harness: BotHarness) -> Someone:
    """A customer whose meter has two zones: day 3500, night 1500 on 24.10.2026."""
    return await harness.customer("Мария", TWO_ZONES)
