"""The running process: from start to SIGTERM."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading

import structlog

from bot import __version__
from bot.app import Settings, open_app
from bot.cli.tables import require_database, require_tables
from bot.lock import alone
from bot.preload import preload
from services.db.engine import file_of
from services.db.migrate import newest

log = structlog.get_logger("process")

DEADLINE = 7.5  # seconds from the signal to the end, whatever hangs
COLLECT_AFTER = 50_000  # new objects: what the imports made is frozen and costs nothing
COLLECT_ALL_EVERY = 600  # seconds: errors of a long outage outlive the collections of younger objects


async def serve() -> None:
    """Raises WrongSettings, AlreadyRunning."""
    settings = Settings.load()
    require_database(settings.database.url)
    preload()
    with alone(file_of(settings.database.url)):
        async with open_app(settings) as app:
            await require_tables(app.database)
            stopped = _stop_on_signals()
            async with app.running():
                _settle_memory()
                log.info("running", version=__version__, tables=newest(), mode=settings.bot.mode)
                await stopped.wait()
                log.info("stopping")


def _stop_on_signals() -> asyncio.Event:
    stopped = asyncio.Event()

    def stop() -> None:
        if not stopped.is_set():
            stopped.set()
            _end_in_time()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    return stopped


def _end_in_time() -> None:
    """Tasks that still run at the deadline are cut off as by kill -9, which loses nothing."""

    def cut_off() -> None:
        log.warning("cut off what still ran")
        os._exit(0)

    timer = threading.Timer(DEADLINE, cut_off)
    timer.daemon = True
    timer.start()


def _settle_memory() -> None:
    """Imports leave 187,000 objects that live for ever; a full collection of them would pause everybody."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(COLLECT_AFTER, 20, 100)
    collect_every(COLLECT_ALL_EVERY)


def collect_every(seconds: float) -> None:
    """Collect all objects again and again, as long as the event loop runs; a tenth of a second each time."""

    def collect() -> None:
        gc.collect()
        collect_every(seconds)

    asyncio.get_running_loop().call_later(seconds, collect)
