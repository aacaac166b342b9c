"""A backup is complete and good, or there is none."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

import bot.cli.backup
import services.db.backup
from bot.cli.backup import make_backup
from services.db.backup import Backup, NoBackup, back_up
from services.db.migrate import newest, revisions
from services.files import Spared

OLDER = b"SQLite format 3\0 an older copy"
AT = datetime(2026, 11, 23, 7, 14, tzinfo=UTC)


@pytest.fixture
def database(registry: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(registry, tmp_path / "bot.db"))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A backup that was made before."""
    (tmp_path / "copies").mkdir()
    older = tmp_path / "copies" / "copy.db"
    older.write_bytes(OLDER)
    return older


def run(database: Path, sql: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(sql)


def refused(database: Path, target: Path) -> str:
    with pytest.raises((NoBackup, Spared)) as caught:
        back_up(database, target, AT)
    return str(caught.value)


def test_a_good_copy_takes_the_place_of_an_older_one(database: Path, target: Path) -> None:
    run(database, "INSERT INTO users (id, language, created_at) VALUES (5, 'ru', '2026-11-23 07:14:00.000000')")
    made = back_up(database, target, AT)
    assert made == Backup(
        target, target.stat().st_size, newest(), {"customers": 1, "submissions": 0, "open updates": 0}
    )
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT id FROM users").fetchall() == [(5,)]
        assert copy.execute("SELECT count(*) FROM ledger_accounts").fetchone() == (40,)
    assert list(target.parent.iterdir()) == [target]


def test_a_copy_is_for_its_owner_only(database: Path, target: Path) -> None:
    assert stat.S_IMODE(back_up(database, target, AT).path.stat().st_mode) == 0o600


def test_what_was_deleted_is_not_in_the_copy(database: Path, target: Path) -> None:
    run(database, "PRAGMA secure_delete=OFF; INSERT INTO counters VALUES ('an old secret', 1)")
    run(database, "PRAGMA secure_delete=OFF; DELETE FROM counters WHERE value = 1")
    assert b"an old secret" in database.read_bytes()
    assert b"an old secret" not in back_up(database, target, AT).path.read_bytes()


def test_in_a_folder_it_is_named_by_the_moment(database: Path, target: Path) -> None:
    made = back_up(database, target.parent, AT)
    assert made.path == target.parent / "bot-20261123T071400Z.db"


@pytest.mark.parametrize(
    ("left", "file"),
    [
        ("copy[1].db.partial", "copy[1].db"),
        ("copy[1].db.partial", "latest.db"),
        ("bot-20261122T071400Z.db.partial", ""),
    ],
)
def test_what_a_killed_backup_left_is_removed_by_the_next(database: Path, tmp_path: Path, left: str, file: str) -> None:
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / "latest.db").symlink_to("copy[1].db")
    for ending in ("", "-journal"):
        (tmp_path / "copies" / f"{left}{ending}").write_bytes(OLDER)
    made = back_up(database, tmp_path / "copies" / file, AT)
    assert {one.name for one in made.path.parent.iterdir()} == {made.path.name, "latest.db"}


def test_what_another_backup_is_making_is_left_alone(database: Path, target: Path) -> None:
    others = target.with_name("other.db.partial")
    others.write_bytes(OLDER)
    back_up(database, target, AT)
    assert others.read_bytes() == OLDER


def test_backups_of_a_database_go_one_after_another(
    database: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile() -> set[str]:
        folder = os.open(database.parent, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(folder)
        return revisions()

    monkeypatch.setattr(services.db.backup, "revisions", meanwhile)
    assert back_up(database, target, AT).path == target


@pytest.mark.parametrize("content", [b"", b"account;meter;zone\n", b"SQLite"])
def test_a_file_that_is_no_backup_is_not_replaced(database: Path, target: Path, content: bytes) -> None:
    target.write_bytes(content)
    assert refused(database, target) == f"{target} is no backup, which alone may be replaced: choose another file."
    assert target.read_bytes() == content
    assert list(target.parent.iterdir()) == [target]


def test_what_is_no_regular_file_is_not_replaced(database: Path, target: Path) -> None:
    target.unlink()
    os.mkfifo(target)
    assert refused(database, target) == f"{target} is no regular file: choose another."
    assert target.is_fifo()


@pytest.mark.parametrize("name", ["bot.db", "bot.db-wal", "bot.db-shm", "bot.db-journal", "bot.db.lock", "bot.db-sent"])
def test_the_living_database_is_not_overwritten(database: Path, name: str) -> None:
    before = database.read_bytes()
    assert refused(database, database.with_name(name)).endswith("is the bot's own: choose another file.")
    assert database.read_bytes() == before


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_the_living_database_is_known_by_its_other_names(database: Path, tmp_path: Path, link: str) -> None:
    other = tmp_path / "other.db"
    getattr(other, link)(database)
    assert refused(database, other).endswith("is the bot's own: choose another file.")


def test_a_database_that_somebody_else_has_open_is_not_overwritten(database: Path, target: Path) -> None:
    with closing(sqlite3.connect(target.with_name("used.db"))) as used:
        used.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (a)")
        assert "is a database in use" in refused(database, target.with_name("used.db"))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "made by a later version"),
        ("UPDATE alembic_version SET version_num = '0000'", "has not the tables of this version"),
        ("DROP TABLE alembic_version", "has not the tables of this version"),
        (
            "INSERT INTO links (id, user_id, account, trust, created_at)"
            " VALUES ('a', 5, '360000123456', 'known', '2026-11-23 07:14:00.000000')",
            "refers to rows that are not there",
        ),
    ],
)
def test_a_copy_that_is_not_good_leaves_the_older_one(database: Path, target: Path, harm: str, words: str) -> None:
    run(database, harm)
    assert words in refused(database, target)
    assert target.read_bytes() == OLDER
    assert list(target.parent.iterdir()) == [target]


def test_damaged_pages_leave_the_older_copy(database: Path, target: Path) -> None:
    with database.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xff" * 4096)
    assert "malformed" in refused(database, target)
    assert target.read_bytes() == OLDER
    assert list(target.parent.iterdir()) == [target]


def test_nothing_is_made_of_nothing(database: Path, tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere.db", tmp_path) == f"There is no database {tmp_path / 'nowhere.db'}."
    assert refused(database, tmp_path / "nowhere" / "copy.db") == f"There is no folder {tmp_path / 'nowhere'}."
    assert list(tmp_path.iterdir()) == [database]


async def test_a_copy_of_an_earlier_version_says_so(
    database: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.cli.backup, "newest", lambda: "9999")
    words = await make_backup(f"sqlite+aiosqlite:///{database}", target)
    assert words.endswith(f" Its tables are of revision {newest()}: `migrate` brings them to this version.")


async def test_the_operator_reads_what_was_made(database: Path, target: Path) -> None:
    words = await make_backup(f"sqlite+aiosqlite:///{database}", target)
    size = f"{target.stat().st_size / 1e6:.1f} MB"
    assert words == f"{target}: {size}, verified. customers: 0, submissions: 0, open updates: 0."
    receipts = database.with_name(f"{database.name}-receipts")
    receipts.mkdir()
    words = await make_backup(f"sqlite+aiosqlite:///{database}", target)
    assert words.endswith(f" Imported receipts are not in it: copy {receipts} too.")


def test_a_name_that_is_no_text_is_refused_in_words(database: Path, target: Path) -> None:
    strange = target.with_name(os.fsdecode(b"copy-\xff.db"))
    assert refused(database, strange) == "The name of a backup must be text in UTF-8: choose another file."
    assert [one.name for one in target.parent.iterdir()] == [target.name]
