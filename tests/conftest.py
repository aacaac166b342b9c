"""Fixtures of all tests: a town with the bot running in it, and customers who know their way."""

from __future__ import annotations

import asyncio
import csv
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest
import structlog
from aiogram.client.session.aiohttp import AiohttpSession

from bot import observe
from services.db.engine import Database
from services.db.migrate import migrate
from services.ledger.registry import import_registry
from services.payments.settling import ProviderLimits
from tests.discretion import betrayed, secrets_of
from tests.faults.summary import pytest_terminal_summary  # noqa: F401  # pytest looks for it here
from tests.people import Someone
from tests.town import Journal, Town, town_at

SAMPLES: Final = Path(__file__).parent.parent / "samples"
TWO_ZONES: Final = "360000123456"


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the sample registry, to be copied."""
    path = tmp_path_factory.mktemp("registry") / "bot.db"
    asyncio.run(_fill(path))
    path.chmod(0o600)  # as a command makes it
    return path


async def _fill(path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{path}")
    try:
        await migrate(database)
        reports = await import_registry(database, [SAMPLES / "registry"])
        assert not [report for report in reports if report.refusal or report.rejected]
    finally:
        await database.close()


@pytest.fixture
def journal() -> Iterator[Journal]:
    """What the bot logs."""
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
async def silent_town(
    registry: Path, tmp_path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """A town whose bot a test starts itself."""
    database = tmp_path / "data" / "bot.db"
    database.parent.mkdir()
    shutil.copy(registry, database)
    async with town_at(database, journal) as town:
        monkeypatch.chdir(tmp_path)  # no .env of the developer's
        monkeypatch.setattr(AiohttpSession, "close", _close_at_once)
        for name, value in _environment(town).items():
            monkeypatch.setenv(name, value)
        yield town
        town.check()
        assert betrayed("\n".join(journal.lines), [*secrets_of(town.world), *_residents()]) == []


def _residents() -> Iterator[str]:
    """Who the sample customers are and where they live."""
    with (SAMPLES / "registry" / "accounts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            yield from (row["account"], row["address"], row["holder"], row["phone"])


async def _close_at_once(session: AiohttpSession) -> None:
    """As aiogram does, without its quarter of a second for the farewell of TLS."""
    if session._session is not None:
        await session._session.close()


def _environment(town: Town) -> dict[str, str]:
    return {
        "BOT_TOKEN": town.sandbox.token,
        "BOT_API_BASE": town.sandbox.url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{town.database}",
        "SUPPLIER_PROFILE": str(SAMPLES / "supplier.toml"),
        "WEB_PORT": "0",
        "YOOKASSA_API_BASE": f"{town.sandbox.url}/yookassa/v3",
        "YOOKASSA_SHOP_ID": town.bank.shop.id,
        "YOOKASSA_SECRET_KEY": town.bank.shop.secret_key,
        "YOOKASSA_UTILITY_ORDER": "true",
    }


@pytest.fixture
def single_try(silent_town: Town) -> None:
    """The payment provider is not asked a second time while a customer waits."""
    silent_town.provider_limits = ProviderLimits(retries=())


@pytest.fixture
async def town(silent_town: Town) -> Town:
    """A town whose bot runs. At the end nothing may be parked and no error logged."""
    await silent_town.start()
    return silent_town


@pytest.fixture
async def maria(town: Town) -> Someone:
    """A customer whose meter has two zones: day 3500, night 1500 on 24.10.2026."""
    return await town.customer("Мария", TWO_ZONES)
