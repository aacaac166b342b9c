"""What was sent is remembered over the end of a process, and nothing is taken for said that may not be."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

import bot.sendlog
from bot.recordfile import RecordFile
from bot.sendlog import Attempt, SendLog
from bot.sends import AHEAD, LATE, MOST, OLD, SETTLED, Key

BOT = 1_234_567
MARIA, JOHN, STAFF = 5_000_000_001, 5_000_000_002, -1_002_000_000_001
ONE, TWO, THREE = Key("update", 1), Key("notice", 1), Key("notice", 3)
OLDER = Key("update", 0)


class Disk:
    full = False


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk, write = Disk(), os.write

    def limited(file: int, data: bytes) -> int:
        return write(file, data[: len(data) // 2]) if disk.full else write(file, data)

    monkeypatch.setattr(os, "write", limited)
    return disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db-sent"


@pytest.fixture
def sends(path: Path) -> SendLog:
    """Its first message was the first of all."""
    log = opened(path)
    say(log, OLDER, 5, MARIA)
    log.forget(OLDER)
    return log


class Watch:
    """Stands still until it is set on; seconds."""

    time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


WATCH = Watch()


def opened(path: Path, bot_id: int = BOT, boot: str = "the same") -> SendLog:
    """As a process does that starts: nobody closed the file before."""
    return SendLog(RecordFile(path), bot_id, boot, WATCH)


def say(log: SendLog, key: Key, message_id: int, chat_id: int, text: str = "hello") -> None:
    attempt = Attempt(log, key)
    attempt.sending(text, chat_id)
    attempt.accepted(text, message_id, chat_id)


def test_what_was_accepted_is_known_to_the_next_process_and_good_for_one_call_of_a_try(
    sends: SendLog, path: Path
) -> None:
    for answer in (7, 8):
        say(sends, ONE, answer, MARIA)
    Attempt(sends, TWO).accepted("pressed", True, None)
    later = opened(path)
    attempt = Attempt(later, ONE)
    assert [attempt.recall("hello") for _ in range(3)] == [7, 8, None]
    assert attempt.recall("other") is None
    assert Attempt(later, ONE).recall("hello") == 7
    assert Attempt(later, TWO).recall("pressed") is True
    assert (later.has_said(ONE), later.has_said(THREE)) == (True, False)


def test_what_a_message_was_made_of_before_it_was_changed_again_is_not_remembered(sends: SendLog, path: Path) -> None:
    for shown in ("wait", "result"):
        attempt = Attempt(sends, ONE)
        attempt.changing(7)
        attempt.accepted(shown, 7, None)
        sends.note_sending(ONE, "file", MARIA)
        Attempt(sends, ONE).accepted("file", 8, MARIA)
    for log in (sends, opened(path)):
        assert Attempt(log, ONE).recall("wait") is None
        assert (Attempt(log, ONE).recall("result"), Attempt(log, ONE).recall("file")) == (7, 8)


def test_what_one_try_made_of_a_message_is_all_remembered(sends: SendLog) -> None:
    first = Attempt(sends, ONE)
    for shown in ("wait", "result"):
        first.changing(7)
        first.accepted(shown, 7, None)
    second = Attempt(sends, ONE)
    assert (second.recall("wait"), second.recall("result")) == (7, 7)


def test_a_message_without_an_answer_came_after_all_that_were_known_when_it_left(sends: SendLog, path: Path) -> None:
    sends.note_id(JOHN, 40)
    Attempt(sends, ONE).sending("hello", MARIA)
    say(sends, TWO, 43, JOHN)
    for log in (sends, opened(path)):
        assert Attempt(log, ONE).possible_ids("hello") == [41, 42, *range(44, 43 + AHEAD + 1)]
        assert Attempt(log, ONE).possible_ids("other") == []


def test_what_somebody_wrote_is_not_it(sends: SendLog, path: Path) -> None:
    Attempt(sends, ONE).sending("hello", MARIA)
    sends.note_id(JOHN, 7)
    for log in (sends, opened(path)):
        assert Attempt(log, ONE).possible_ids("hello") == [6, *range(8, 7 + AHEAD + 1)]
        log.expire()


def test_among_too_many_only_the_likeliest_are_looked_at(sends: SendLog) -> None:
    Attempt(sends, ONE).sending("hello", MARIA)
    sends.note_id(JOHN, 6 + MOST - AHEAD)
    assert len(Attempt(sends, ONE).possible_ids("hello")) == MOST
    assert sends.can_tell(ONE)
    sends.note_id(JOHN, 8 + MOST - AHEAD)
    ids = [one for one in range(6, 8 + MOST) if one not in (6 + MOST - AHEAD, 8 + MOST - AHEAD)]
    assert Attempt(sends, ONE).possible_ids("hello") == ids
    assert not sends.can_tell(ONE)


def test_it_is_found_among_ever_so_many_that_are_known(sends: SendLog, path: Path) -> None:
    """A kill while many are answered at once."""
    Attempt(sends, ONE).sending("hello", MARIA)
    for message_id in range(7, 7 + 2 * MOST):
        say(sends, TWO, message_id, JOHN)
    sends.forget(TWO)
    for log in (sends, opened(path)):
        assert Attempt(log, ONE).possible_ids("hello") == [6, *range(7 + 2 * MOST, 7 + 2 * MOST + AHEAD)]
        assert log.can_tell(ONE)
        log.expire()


def test_before_the_first_message_that_was_noted_nobody_knows_what_stands_in_a_chat(path: Path) -> None:
    """Somebody writes below screens of an earlier time."""
    log = opened(path)
    log.note_id(MARIA, 100)
    Attempt(log, ONE).sending("hello", MARIA)
    for one in (log, opened(path)):
        assert Attempt(one, ONE).possible_ids("hello") == []


def test_a_supergroup_has_its_own_numbers(sends: SendLog) -> None:
    say(sends, TWO, 9, STAFF)
    sends.note_id(MARIA, 4000)
    Attempt(sends, ONE).sending("hello", STAFF)
    assert Attempt(sends, ONE).possible_ids("hello")[0] == 10


def test_a_message_came_before_one_that_left_well_after_it(sends: SendLog) -> None:
    Attempt(sends, ONE).sending("hello", MARIA)
    WATCH.time += SETTLED / 2
    say(sends, TWO, 9, JOHN)
    assert Attempt(sends, ONE).possible_ids("hello")[-1] == 9 + AHEAD
    WATCH.time += SETTLED / 2 + 1
    say(sends, TWO, 12, JOHN)
    WATCH.time += 60
    say(sends, TWO, 12 + MOST, JOHN)
    assert Attempt(sends, ONE).possible_ids("hello") == [6, 7, 8, 10, 11]


# What cannot be told apart


def test_two_that_left_for_one_chat(sends: SendLog, path: Path) -> None:
    Attempt(sends, ONE).sending("hello", MARIA)
    assert sends.can_tell(ONE)
    Attempt(sends, TWO).sending("notice", MARIA)
    for log in (sends, opened(path)):
        assert Attempt(log, ONE).possible_ids("hello") == []
        assert Attempt(log, TWO).possible_ids("notice") == []
        assert not log.can_tell(ONE)
    Attempt(sends, TWO).rejected("notice")
    assert Attempt(sends, ONE).possible_ids("hello") != []


@pytest.mark.parametrize("end", ["accepted", "rejected", "still open"])
def test_nor_when_the_other_one_was_said_again(sends: SendLog, path: Path, end: str) -> None:
    """Its first copy may stand there all the same."""
    Attempt(sends, ONE).sending("hello", MARIA)
    Attempt(sends, TWO).sending("notice", MARIA)
    Attempt(sends, ONE).sending("hello", MARIA)
    if end == "accepted":
        Attempt(sends, ONE).accepted("hello", 8, MARIA)
        sends.forget(ONE)
    elif end == "rejected":
        Attempt(sends, ONE).rejected("hello")
    for log in (sends, opened(path)):
        assert Attempt(log, TWO).possible_ids("notice") == []


def test_nor_when_the_words_of_the_other_one_have_changed(sends: SendLog, path: Path) -> None:
    Attempt(sends, TWO).sending("notice", MARIA)
    Attempt(sends, ONE).sending("10:14", MARIA)
    say(sends, ONE, 7, MARIA, "10:15")
    sends.forget(ONE)
    WATCH.time += LATE + 1
    say(sends, THREE, 8, MARIA)
    for log in (sends, opened(path)):
        assert Attempt(log, TWO).possible_ids("notice") == []


@pytest.mark.parametrize("looked_for", [True, False])
def test_its_own_earlier_copy_may_be_taken_for_it(sends: SendLog, path: Path, *, looked_for: bool) -> None:
    """Killed again as soon as it was said again."""
    Attempt(sends, ONE).sending("hello", MARIA)
    if looked_for:
        Attempt(sends, ONE).abandoned("hello")
    Attempt(sends, ONE).sending("hello", MARIA)
    for log in (sends, opened(path)):
        assert Attempt(log, ONE).possible_ids("hello")[0] == 6
        log.expire()
    Attempt(sends, ONE).rejected("hello")
    Attempt(sends, ONE).sending("other words", MARIA)
    for log in (sends, opened(path)):
        assert Attempt(log, ONE).possible_ids("other words") == []


def test_a_needless_copy_of_one_that_was_said_again_is_known_to_be_none_long_after_it(
    sends: SendLog, path: Path
) -> None:
    Attempt(sends, ONE).sending("hello", MARIA)
    Attempt(sends, ONE).abandoned("hello")
    say(sends, ONE, 6, MARIA)
    sends.forget(ONE)
    sends.expire()
    for log in (sends, opened(path)):
        Attempt(log, TWO).sending("next", MARIA)
        assert Attempt(log, TWO).possible_ids("next") == []
        Attempt(log, TWO).rejected("next")
    WATCH.time += LATE + 1
    say(sends, THREE, 7, JOHN)
    Attempt(sends, TWO).sending("next", MARIA)
    assert Attempt(sends, TWO).possible_ids("next")[0] == 8


def test_of_several_copies_one_is_found_and_the_last_may_still_arrive(sends: SendLog, path: Path) -> None:
    Attempt(sends, ONE).sending("hello", MARIA)
    WATCH.time += LATE - 20
    Attempt(sends, ONE).sending("hello", MARIA)
    Attempt(sends, ONE).found("hello", 6)
    sends.forget(ONE)
    WATCH.time += 21
    say(sends, THREE, 7, JOHN)
    Attempt(sends, TWO).sending("next", MARIA)
    for log in (sends, opened(path)):
        assert Attempt(log, TWO).recall("hello") is None
        assert Attempt(log, TWO).possible_ids("next") == []
        log.expire()


def test_one_that_was_given_up_may_still_arrive(sends: SendLog, path: Path) -> None:
    Attempt(sends, TWO).sending("notice", MARIA)
    sends.forget(TWO)
    for log in (sends, opened(path)):
        Attempt(log, ONE).sending("hello", MARIA)
        assert Attempt(log, ONE).possible_ids("hello") == []
        Attempt(log, ONE).accepted("hello", 12, MARIA)
        Attempt(log, ONE).sending("more", MARIA)
        assert Attempt(log, ONE).possible_ids("more") == [], "as 13, when Telegram is slow"
        log.forget(ONE)


def test_it_is_over_when_somebody_got_a_message_long_after_it(sends: SendLog, path: Path) -> None:
    Attempt(sends, TWO).sending("notice", MARIA)
    sends.forget(TWO)
    WATCH.time += LATE + 1
    say(sends, THREE, 20, JOHN)
    for log in (sends, opened(path)):
        Attempt(log, ONE).sending("hello", MARIA)
        assert Attempt(log, ONE).possible_ids("hello")[0] == 21
        Attempt(log, ONE).rejected("hello")


def test_it_is_not_over_for_one_that_left_before_it(sends: SendLog) -> None:
    Attempt(sends, ONE).sending("slow", MARIA)
    WATCH.time += LATE
    Attempt(sends, TWO).sending("bulk", MARIA)
    sends.forget(TWO)
    WATCH.time += 1
    Attempt(sends, ONE).accepted("slow", 6, MARIA)
    Attempt(sends, THREE).sending("next", MARIA)
    assert Attempt(sends, THREE).possible_ids("next") == []


def test_what_nobody_looks_for_any_more_is_in_the_way_of_others(sends: SendLog) -> None:
    Attempt(sends, ONE).sending("hello", MARIA)
    Attempt(sends, ONE).abandoned("hello")
    Attempt(sends, TWO).sending("notice", MARIA)
    assert Attempt(sends, TWO).possible_ids("notice") == []


def test_what_left_long_ago_is_not_looked_for(sends: SendLog) -> None:
    Attempt(sends, ONE).sending("hello", MARIA)
    WATCH.time += OLD
    assert Attempt(sends, ONE).possible_ids("hello") == []
    assert not sends.can_tell(ONE)
    sends.expire()
    assert sends.ids("update") == []


def test_what_has_just_left_may_be_on_its_way(sends: SendLog) -> None:
    attempt = Attempt(sends, ONE)
    attempt.sending("hello", MARIA)
    assert attempt.unsettled("hello") == SETTLED
    WATCH.time += SETTLED
    assert attempt.unsettled("hello") == 0


# The file


def test_the_file_holds_nobody_when_nothing_is_open(sends: SendLog, path: Path) -> None:
    say(sends, ONE, 7, MARIA)
    sends.forget(ONE)
    assert str(MARIA) in path.read_text()
    sends.expire()
    assert str(MARIA) not in path.read_text()
    later = opened(path)
    assert Attempt(later, ONE).recall("hello") is None
    Attempt(later, TWO).sending("next", MARIA)
    assert Attempt(later, TWO).possible_ids("next")[0] == 8


def test_a_kill_while_the_file_is_made_small_loses_nothing(
    sends: SendLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, files = os.write, list[bytes]()

    def watched(file: int, data: bytes) -> int:
        files.append(path.read_bytes())
        return write(file, data)

    say(sends, ONE, 7, MARIA)
    sends.forget(ONE)
    monkeypatch.setattr(os, "write", watched)
    sends.expire()
    for number, file in enumerate([*files, path.read_bytes()]):
        copy = path.with_name(f"killed-{number}")
        copy.write_bytes(file)
        later = opened(copy)
        Attempt(later, TWO).sending("next", JOHN)
        assert Attempt(later, TWO).possible_ids("next")[0] == 8
    assert files


def test_a_file_that_has_grown_keeps_what_is_open(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.sendlog, "LARGE", 2000)
    sends = opened(path)
    say(sends, ONE, 6, MARIA)
    Attempt(sends, ONE).sending("more", MARIA)
    sizes = []
    for number in range(2, 600):
        done = Key("notice", number)
        say(sends, done, 6 + number, JOHN)
        sends.forget(done)
        sizes.append(path.stat().st_size)
        if number == MOST - AHEAD:
            found = Attempt(sends, ONE).possible_ids("more")
            later = Attempt(opened(path), ONE)
            assert later.recall("hello") == 6
            assert later.possible_ids("more") == found == [7, *range(7 + number, 7 + number + AHEAD)]
    assert max(sizes) < 20_000


async def test_only_what_is_still_open_is_kept(sends: SendLog) -> None:
    for number in (1, 2):
        say(sends, Key("update", number), 10 + number, MARIA)
        say(sends, Key("notice", number), 20 + number, MARIA)

    async def still_open(ids: Collection[int]) -> set[int]:
        say(sends, Key("update", 3), 30, MARIA)  # while the database is asked
        return {2} & set(ids)

    await sends.forget_closed("update", still_open)
    assert (sends.ids("update"), sends.ids("notice")) == ([2, 3], [1, 2])


def test_what_an_earlier_process_sent_may_arrive_when_its_file_means_nothing(sends: SendLog, path: Path) -> None:
    Attempt(sends, TWO).sending("notice", MARIA)
    path.write_bytes(b"")
    later = opened(path)
    say(later, ONE, 20, JOHN)
    Attempt(later, THREE).sending("next", MARIA)
    for log in (later, opened(path)):
        assert Attempt(log, THREE).possible_ids("next") == []
    later = opened(path)
    later.forget(THREE)
    WATCH.time += 2 * LATE + 1
    say(later, ONE, 30, JOHN)
    Attempt(later, THREE).sending("next", MARIA)
    assert Attempt(later, THREE).possible_ids("next")[0] == 31


def test_one_that_left_before_all_was_known_and_is_heard_of_later_is_not_taken_for_another(
    sends: SendLog, path: Path
) -> None:
    path.write_bytes(b"")
    log = opened(path)
    WATCH.time += LATE - 1
    Attempt(log, ONE).sending("slow", MARIA)
    WATCH.time += 2
    say(log, TWO, 10, JOHN)
    Attempt(log, THREE).sending("next", MARIA)
    Attempt(log, ONE).accepted("slow", 11, MARIA)
    for one in (log, opened(path)):
        assert Attempt(one, THREE).possible_ids("next")[0] == 12
        one.expire()


def test_after_a_power_cut_nothing_is_taken_for_certain(sends: SendLog, path: Path) -> None:
    """The newest records may be missing."""
    say(sends, ONE, 7, MARIA)
    Attempt(sends, TWO).sending("notice", MARIA)
    later = opened(path, boot="another")
    assert (later.ids("update"), later.ids("notice")) == ([], [])
    Attempt(later, THREE).sending("next", MARIA)
    assert Attempt(later, THREE).possible_ids("next") == []


@pytest.mark.parametrize("strange", ['["sending","update",[1],"x",{},5,6]', '["snapshot",5,6,7]', '["accepted"]'])
def test_a_file_that_cannot_be_understood_means_nothing(sends: SendLog, path: Path, strange: str) -> None:
    with path.open("a") as file:
        file.write(f"\n{strange}")
    later = opened(path)
    say(later, ONE, 6, MARIA)
    assert Attempt(later, ONE).recall("hello") == 6


def test_a_disk_that_was_full_leaves_no_file_that_misleads(sends: SendLog, path: Path, disk: Disk) -> None:
    Attempt(sends, TWO).sending("notice", MARIA)
    disk.full = True
    say(sends, ONE, 6, MARIA)
    sends.forget(ONE)
    assert Attempt(opened(path), TWO).possible_ids("notice") == []
    disk.full = False
    say(sends, THREE, 7, JOHN)
    assert Attempt(opened(path), TWO).possible_ids("notice")[0] == 8


def test_a_file_that_was_cut_off_anywhere_knows_no_less_of_what_is_in_doubt(sends: SendLog, path: Path) -> None:
    """What may be looked for then might have been looked for at that moment."""
    cuts = {path.stat().st_size: frozenset[int]()}

    def cut() -> None:
        cuts[path.stat().st_size] = frozenset(Attempt(sends, TWO).possible_ids("notice"))

    say(sends, OLDER, 6, JOHN)
    steps: list[Callable[[], None]] = [
        lambda: Attempt(sends, TWO).sending("notice", MARIA),
        lambda: Attempt(sends, ONE).sending("hello", MARIA),
        lambda: Attempt(sends, ONE).accepted("hello", 7, MARIA),
        lambda: Attempt(sends, THREE).sending("bulk", MARIA),
        lambda: sends.forget(THREE),
    ]
    for step in steps:
        step()
        cut()
    whole = path.read_bytes()
    for size in range(len(whole)):
        (path.parent / "cut").write_bytes(whole[:size])
        found = Attempt(opened(path.parent / "cut"), TWO).possible_ids("notice")
        before = max((one for one in cuts if one <= size), default=0)
        after = min(one for one in cuts if one >= size)
        assert frozenset(found) in {cuts.get(before, frozenset()), cuts[after]}


def test_what_another_bot_sent_means_nothing(sends: SendLog, path: Path) -> None:
    """The token was changed: ids begin anew."""
    say(sends, ONE, 7_000, MARIA)
    other = opened(path, BOT + 1)
    assert Attempt(other, ONE).recall("hello") is None
    WATCH.time += LATE + 1
    say(other, ONE, 3, MARIA)
    Attempt(other, TWO).sending("notice", MARIA)
    assert Attempt(opened(path, BOT + 1), TWO).possible_ids("notice")[0] == 4


def test_what_another_version_noted_means_nothing(sends: SendLog, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Attempt(sends, TWO).sending("notice", MARIA)
    monkeypatch.setattr(bot.sendlog, "FORMAT", bot.sendlog.FORMAT + 1)
    later = opened(path)
    say(later, ONE, 6, JOHN)
    Attempt(later, THREE).sending("next", MARIA)
    assert Attempt(later, THREE).possible_ids("next") == []


def test_without_a_file_it_remembers_while_the_process_lives() -> None:
    log = SendLog(RecordFile(None), BOT)
    say(log, ONE, 7, MARIA)
    assert Attempt(log, ONE).recall("hello") == 7
    log.close()
