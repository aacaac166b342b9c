"""A rehearsal in the fork server's parent: a bot starts, answers a newcomer, looks once at all that is due, and ends.
Its children find compiled statements, checked settings and all else that libraries work out once a process."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import chdir
from tempfile import TemporaryDirectory
from typing import Final
from unittest.mock import patch

from structlog.testing import capture_logs

import services.db.engine
from bot.app import Settings, open_app
from bot.cli.tables import require_tables
from bot.tasks import Tasks
from sandbox.server import Sandbox
from services.db.engine import Database
from services.db.migrate import migrate
from tests.e2e.children import TOKEN, environment
from tests.faults.fork_server import PATIENCE, ROOT
from tests.statements import sharing

_URL: Final = "sqlite+aiosqlite:///bot.db"


async def _rehearse() -> None:
    database = Database(_URL)
    await migrate(database)
    await database.close()
    async with Sandbox(token=TOKEN) as sandbox:
        os.environ["BOT_API_BASE"] = sandbox.url
        async with open_app(Settings.load()) as app:
            await require_tables(app.database)
            async with app.running():
                sandbox.world.send_text(sandbox.world.add_person("Мария", "ru"), "/start")
                await sandbox.world.updates.settled(PATIENCE)
                await app.intake.idle()
                for job in app.ticks(Tasks()).get_jobs():
                    await job.func()


setattr(services.db.engine, "create_async_engine", sharing())  # noqa: B010
_settings = environment(BOT_TOKEN=TOKEN, DATABASE_URL=_URL, SUPPLIER_PROFILE=str(ROOT / "samples" / "supplier.toml"))
with TemporaryDirectory() as _folder, chdir(_folder), patch.dict(os.environ, _settings, clear=True), capture_logs():
    asyncio.run(_rehearse())
assert threading.active_count() == 1, "a fork takes one thread along"
