"""A file that a command writes is complete, or the one before is there still; the bot's own are never written over."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from services.files import Spared, spare, spare_what_is_not, text_at

BEFORE = "a;b\n1;2\n"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "out.csv"
    path.write_text(BEFORE)
    return path


def test_it_takes_its_place_at_the_end_and_is_for_its_owner(target: Path) -> None:
    with text_at(target) as file:
        file.write("new")
        file.flush()
        assert target.read_text() == BEFORE
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(target.parent.iterdir()) == [target]


def fail_half_way(target: Path) -> None:
    with text_at(target) as file:
        file.write("half of")
        raise ZeroDivisionError


def test_half_a_file_is_none(target: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_half_way(target)
    assert target.read_text() == BEFORE
    assert list(target.parent.iterdir()) == [target]


def test_a_link_stays_one(target: Path) -> None:
    link = target.with_name("latest.csv")
    link.symlink_to(target)
    with text_at(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_pipe_is_refused_and_not_waited_for(target: Path) -> None:
    """`/dev/stdout` of a command in a pipe is one by a link."""
    os.mkfifo(pipe := target.with_name("pipe"))
    link = target.with_name("stdout")
    link.symlink_to(pipe)
    read, write = os.pipe()
    try:
        for one in (pipe, link, Path(f"/dev/fd/{read}")):
            with pytest.raises(Spared, match="no regular file"):
                spare(one, target.with_name("bot.db"))
    finally:
        os.close(read)
        os.close(write)


def test_standard_output_gets_all_or_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with text_at(Path("-")) as file:
        file.write("день;1\n")
    assert capfd.readouterr().out == "день;1\n"
    with pytest.raises(ZeroDivisionError):
        fail_half_way(Path("-"))
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    "name", ["bot.db", "bot.db-wal", "bot.db-shm", "bot.db-journal", "bot.db.lock", "bot.db-sent", ".env"]
)
@pytest.mark.parametrize("way", ["name", "symlink_to", "hardlink_to", "folder"])
def test_the_bots_own_are_spared_by_whatever_name(tmp_path: Path, name: str, way: str) -> None:
    own = tmp_path / name
    own.write_text("ours")
    target = own
    if way == "folder":
        (tmp_path / "other").symlink_to(tmp_path)
        target = tmp_path / "other" / name
    elif way != "name":
        target = tmp_path / "out.csv"
        getattr(target, way)(own)
    with pytest.raises(Spared, match="is the bot's own: choose another file"):
        spare(target, tmp_path / "bot.db", tmp_path / ".env")
    with pytest.raises(Spared, match="is the bot's own: choose another file"):
        spare(tmp_path / "bot.db-sent", tmp_path / "bot.db", tmp_path / ".env")


def test_a_database_behind_a_link_is_spared_with_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "real.db").touch()
    (tmp_path / "bot.db").symlink_to(tmp_path / "disk" / "real.db")
    for target in ("bot.db", "disk/real.db", "disk/real.db-wal", "bot.db-sent"):
        with pytest.raises(Spared, match="is the bot's own"):
            spare(tmp_path / target, tmp_path / "bot.db")


def test_a_file_of_the_bots_may_go_at_any_moment(
    target: Path, tmp_path: Path, go_when_seen: Callable[[Path], None]
) -> None:
    wal = tmp_path / "bot.db-wal"
    wal.touch()
    go_when_seen(wal)
    spare(target, tmp_path / "bot.db")
    with pytest.raises(Spared):
        spare(wal, tmp_path / "bot.db")


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for target, words in {
        "": "is a folder",
        "pipe": "is no regular file",
        "nowhere/out.csv": "There is no folder",
    }.items():
        with pytest.raises(Spared, match=words):
            spare(tmp_path / target, tmp_path / "bot.db")


def test_only_its_own_kind_is_replaced(target: Path) -> None:
    spare_what_is_not(target, [b"a;b\n", b"other"], "export")
    spare_what_is_not(target.with_name("new.csv"), [b"a;b\n"], "export")
    for content in (b"", b"a;", b"account;address\n"):
        target.write_bytes(content)
        with pytest.raises(Spared, match="is no export, which alone may be replaced"):
            spare_what_is_not(target, [b"a;b\n"], "export")
