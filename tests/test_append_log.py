"""Records outlive the end of a process; a torn one, or a disk that takes nothing, harms no other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.telegram.resend.append_log import AppendLog


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "records"


def test_records_come_back_in_order(path: Path) -> None:
    file = AppendLog(path)
    file.append(["a", 1])
    file.append(["b", None], ["c", True])
    assert AppendLog(path).read() == file.read() == [["a", 1], ["b", None], ["c", True]]
    assert file.size == AppendLog(path).size == path.stat().st_size


def test_only_its_owner_may_read_it(path: Path) -> None:
    AppendLog(path).append(["a"])
    assert path.stat().st_mode & 0o077 == 0
    AppendLog(path).replace([["b"]])
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_torn_or_strange_spoils_nothing_else(path: Path) -> None:
    AppendLog(path).append(["a"])
    with path.open("ab") as file:
        file.write(b'\n["took","upda')
    AppendLog(path).append(["b"])
    with path.open("ab") as file:
        file.write(b'\n\0\0\xff\n{}\n5\n""')
    AppendLog(path).append(["c"])
    assert AppendLog(path).read() == [["a"], ["b"], ["c"]]


def test_records_are_replaced_as_a_whole_and_writing_goes_on(path: Path) -> None:
    file = AppendLog(path)
    file.append(["a"], ["b"])
    (path.parent / "records.new").write_bytes(b'\n["left by a kill"]')
    file.replace([["c"]])
    file.append(["d"])
    assert AppendLog(path).read() == [["c"], ["d"]]
    assert file.size == path.stat().st_size


def test_a_disk_that_takes_nothing_stops_nobody_and_is_told_once(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to("/dev/full")
    file = AppendLog(path)
    with capture_logs() as logs:
        for _ in range(3):
            file.append(["a"])
    assert [one["event"] for one in logs] == ["records cannot be written"]


def test_what_may_wait_is_written_with_the_next_record_in_order(path: Path) -> None:
    file = AppendLog(path)
    file.add(["a"])
    assert AppendLog(path).read() == []
    file.append(["b"])
    assert AppendLog(path).read() == [["a"], ["b"]]
    file.add(["c"])
    file.close()
    assert AppendLog(path).read() == [["a"], ["b"], ["c"]]
    file = AppendLog(path)
    file.add(["d"])
    file.replace([["e"]])
    file.append(["f"])
    assert AppendLog(path).read() == [["e"], ["f"]]


def test_what_may_wait_and_finds_no_room_at_the_end_empties_no_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = AppendLog(path)
    file.append(["a"])
    file.add(["b"])
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda _file, _data: 0)
        file.close()
    assert AppendLog(path).read() == [["a"]]
