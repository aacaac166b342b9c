"""An import that is killed, that is not alone, and that is large."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import text

from samples.generate import HEADERS, many_accounts, write
from services.db.engine import Database
from services.db.metadata import metadata
from services.ledger.registry import ImportOptions, import_registry
from services.ledger.tables import accounts
from tests.ledger.registry_files import counts, imported, rows

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from services.db.engine import Database
from services.ledger.registry import ImportOptions, import_registry

chunks = iter(range(3))

def stop(path, done, total):
    if next(chunks, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(import_registry(Database(sys.argv[1]), [Path(sys.argv[2])], stop, ImportOptions(chunk=20_000)))
"""


def many(folder: Path, count: int) -> Path:
    path = folder / "accounts.csv"
    write(path, HEADERS["accounts"], many_accounts(count))
    return path


LINES = 20_000  # some 30 chunks, so that somebody else has a turn between two of them on a busy machine, too

SMALL_CHUNKS = ImportOptions(chunk=20_000)


async def test_a_killed_import_is_run_again(database: Database, tmp_path: Path) -> None:
    path = many(tmp_path, 2_000)
    url = database.url.render_as_string()
    child = subprocess.run([sys.executable, "-c", KILLED, url, path], cwd=ROOT, check=False, timeout=60)
    assert child.returncode == -signal.SIGKILL
    kept = len(await rows(database, accounts, "account"))
    assert 0 < kept < 2_000
    assert counts(await imported(database, path)) == (2_000 - kept, 0, kept, 0)
    assert await rows(database, accounts) == await in_one_go(tmp_path, path)


async def in_one_go(folder: Path, path: Path) -> object:
    database = Database(f"sqlite+aiosqlite:///{folder / 'whole.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await imported(database, path)
    whole = await rows(database, accounts)
    await database.close()
    return whole


@pytest.mark.parametrize("own", [True, False], ids=["the same process", "another connection"])
async def test_others_write_while_an_import_runs(database: Database, tmp_path: Path, own: bool) -> None:
    """A busy machine may give another connection no turn in a whole import: then there is a next one."""
    path, number, meanwhile, share = many(tmp_path, LINES), 0, 0, 0.0
    writer = database if own else Database(database.url.render_as_string())

    def note(_: Path, done: int, total: int) -> None:
        nonlocal share
        share = done / total

    while not meanwhile:
        running = asyncio.ensure_future(import_registry(database, [path], note, SMALL_CHUNKS))
        while not running.done():
            number, share = number + 1, 0.0
            async with writer.writing() as connection:
                await connection.execute(accounts.insert().values(account=number, address="между делом"))
                await connection.commit()
            meanwhile += 0.0 < share < 1.0
        await running
    if not own:
        await writer.close()
    assert len(await rows(database, accounts, "account")) == LINES + number


async def test_a_failing_chunk_leaves_the_earlier_ones_and_nothing_of_itself(
    database: Database, tmp_path: Path
) -> None:
    path = many(tmp_path, 1_000)
    async with database.writing() as connection:
        await connection.execute(
            text(
                "CREATE TRIGGER broken BEFORE INSERT ON ledger_accounts WHEN new.account % 1000 = 700 "
                "BEGIN SELECT RAISE(ABORT, 'disk'); END"
            )
        )
        await connection.commit()
    with pytest.raises(Exception, match="disk"):
        await import_registry(database, [path], options=SMALL_CHUNKS)
    known = {number % 1000 for (number,) in await rows(database, accounts, "account")}
    assert known == set(range(len(known)))
    assert 0 < len(known) < 700


async def test_memory_does_not_grow_with_the_file(database: Database, tmp_path: Path) -> None:
    await imported(database, many(tmp_path, 1_000), 1 << 16)
    peaks = []
    for count in (4_000, 40_000):
        path = many(tmp_path, count)
        tracemalloc.start()
        await imported(database, path, 1 << 16)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3
