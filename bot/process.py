"""The running process: from start to SIGTERM."""

from __future__ import annotations

import asyncio
import gc
import signal

import structlog

from bot.app import Settings, open_app
from bot.lock import alone
from bot.tables import require_tables
from services.db.engine import file_of

log = structlog.get_logger("process")

COLLECT_AFTER = 50_000  # new objects: what the imports made is frozen and costs nothing


async def serve() -> None:
    """Raises WrongSettings, AlreadyRunning."""
    settings = Settings.load()
    with alone(file_of(settings.database.url)):
        async with open_app(settings) as app:
            await require_tables(app.database)
            stopped = _stop_on_signals()
            async with app.running():
                _settle_memory()
                log.info("running", mode=settings.bot.mode)
                await stopped.wait()
                log.info("stopping")


def _stop_on_signals() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def _settle_memory() -> None:
    """Imports leave 187,000 objects that live for ever; a full collection of them would pause everybody."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(COLLECT_AFTER, 20, 100)
