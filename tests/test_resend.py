"""Sent messages are remembered over the end of a process, and none is taken for said that may not be."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import pytest
from aiogram.methods import GetMe

from bot.telegram import resend as resend_module
from bot.telegram.errors import NotConnected
from bot.telegram.resend import Attempt, Resend
from bot.telegram.resend.append_log import AppendLog
from bot.telegram.resend.call import Answer, Call, SentMessage
from bot.telegram.resend.memory import AHEAD, MOST, Key, ResendLimits

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
def resend(path: Path) -> Resend:
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
LIMITS = ResendLimits()


def opened(path: Path, bot_id: int = BOT, boot: str = "the same", limits: ResendLimits = LIMITS) -> Resend:
    """As a process does that starts: nobody closed the file before."""
    return Resend(AppendLog(path), bot_id, limits, boot, WATCH)


def call(digest: str, chat_id: int | None = None, edits: int | None = None) -> Call:
    return Call(GetMe(), digest, chat_id, edits, {})


def begin(log: Resend, key: Key, digest: str, chat_id: int) -> None:
    Attempt(log, key).begin(call(digest, chat_id))


def accept(log: Resend, key: Key, digest: str, message_id: int, chat_id: int) -> None:
    Attempt(log, key).end(call(digest, chat_id), SentMessage(message_id))


def reject(log: Resend, key: Key, digest: str) -> None:
    Attempt(log, key).end(call(digest, MARIA), NotConnected(GetMe(), "?"))


def say(log: Resend, key: Key, message_id: int, chat_id: int, text: str = "hello") -> None:
    begin(log, key, text, chat_id)
    accept(log, key, text, message_id, chat_id)


def recall(log: Resend, key: Key, digest: str) -> Answer | None:
    return Attempt(log, key).recall(call(digest))


def ids(log: Resend, key: Key, digest: str) -> list[int]:
    """Where it is looked for; nowhere when it cannot be told apart from others."""
    return log.memory.possible_ids(key, digest) or []


def known(log: Resend) -> list[Key]:
    return list(log.memory.keys)


def test_what_was_accepted_is_known_to_the_next_process_and_good_for_one_call_of_a_try(
    resend: Resend, path: Path
) -> None:
    for answer in (7, 8):
        say(resend, ONE, answer, MARIA)
    Attempt(resend, TWO).end(call("pressed"), True)
    later = opened(path)
    attempt = Attempt(later, ONE)
    assert [attempt.recall(call("hello")) for _ in range(3)] == [SentMessage(7), SentMessage(8), None]
    assert attempt.recall(call("other")) is None
    assert recall(later, ONE, "hello") == SentMessage(7)
    assert recall(later, TWO, "pressed") is True
    assert (later.repeats_nothing(ONE), later.repeats_nothing(THREE)) == (True, False)


def test_what_a_message_was_made_of_before_it_was_changed_again_is_not_remembered(resend: Resend, path: Path) -> None:
    for shown in ("wait", "result"):
        attempt = Attempt(resend, ONE)
        attempt.begin(call(shown, edits=7))
        attempt.end(call(shown, edits=7), SentMessage(7))
        begin(resend, ONE, "file", MARIA)
        accept(resend, ONE, "file", 8, MARIA)
    for log in (resend, opened(path)):
        assert recall(log, ONE, "wait") is None
        assert (recall(log, ONE, "result"), recall(log, ONE, "file")) == (SentMessage(7), SentMessage(8))


def test_what_one_try_made_of_a_message_is_all_remembered(resend: Resend) -> None:
    first = Attempt(resend, ONE)
    for shown in ("wait", "result"):
        first.begin(call(shown, edits=7))
        first.end(call(shown, edits=7), SentMessage(7))
    second = Attempt(resend, ONE)
    assert [second.recall(call(shown)) for shown in ("wait", "result")] == [SentMessage(7), SentMessage(7)]


def test_a_message_without_an_answer_came_after_all_that_were_known_when_it_left(resend: Resend, path: Path) -> None:
    resend.note_incoming([(JOHN, 40)])
    begin(resend, ONE, "hello", MARIA)
    say(resend, TWO, 43, JOHN)
    for log in (resend, opened(path)):
        assert ids(log, ONE, "hello") == [41, 42, *range(44, 43 + AHEAD + 1)]
        assert ids(log, ONE, "other") == []


def test_what_somebody_wrote_is_not_it(resend: Resend, path: Path) -> None:
    begin(resend, ONE, "hello", MARIA)
    resend.note_incoming([(JOHN, 7)])
    for log in (resend, opened(path)):
        assert ids(log, ONE, "hello") == [6, *range(8, 7 + AHEAD + 1)]
        log.expire()


def test_among_too_many_only_the_likeliest_are_looked_at(resend: Resend) -> None:
    begin(resend, ONE, "hello", MARIA)
    resend.note_incoming([(JOHN, 6 + MOST - AHEAD)])
    assert len(ids(resend, ONE, "hello")) == MOST
    assert resend.repeats_nothing(ONE)
    resend.note_incoming([(JOHN, 8 + MOST - AHEAD)])
    left = [one for one in range(6, 8 + MOST) if one not in (6 + MOST - AHEAD, 8 + MOST - AHEAD)]
    assert ids(resend, ONE, "hello") == left
    assert not resend.repeats_nothing(ONE)


def test_it_is_found_among_ever_so_many_that_are_known(resend: Resend, path: Path) -> None:
    """A kill while many are answered at once."""
    begin(resend, ONE, "hello", MARIA)
    for message_id in range(7, 7 + 2 * MOST):
        say(resend, TWO, message_id, JOHN)
    resend.forget(TWO)
    for log in (resend, opened(path)):
        assert ids(log, ONE, "hello") == [6, *range(7 + 2 * MOST, 7 + 2 * MOST + AHEAD)]
        assert log.repeats_nothing(ONE)
        log.expire()


def test_before_the_first_message_that_was_noted_nobody_knows_what_stands_in_a_chat(path: Path) -> None:
    """A person writes below screens of an earlier time."""
    log = opened(path)
    log.note_incoming([(MARIA, 100)])
    begin(log, ONE, "hello", MARIA)
    for one in (log, opened(path)):
        assert ids(one, ONE, "hello") == []


def test_a_supergroup_has_its_own_numbers(resend: Resend) -> None:
    say(resend, TWO, 9, STAFF)
    resend.note_incoming([(MARIA, 4000)])
    begin(resend, ONE, "hello", STAFF)
    assert ids(resend, ONE, "hello")[0] == 10


def test_a_message_came_before_one_that_left_well_after_it(resend: Resend) -> None:
    begin(resend, ONE, "hello", MARIA)
    WATCH.time += LIMITS.settled / 2
    say(resend, TWO, 9, JOHN)
    assert ids(resend, ONE, "hello")[-1] == 9 + AHEAD
    WATCH.time += LIMITS.settled / 2 + 1
    say(resend, TWO, 12, JOHN)
    WATCH.time += 60
    say(resend, TWO, 12 + MOST, JOHN)
    assert ids(resend, ONE, "hello") == [6, 7, 8, 10, 11]


async def test_one_for_which_no_id_is_left_has_not_arrived(resend: Resend) -> None:
    """Where many leave a second, the ids of all that left around it are known. Nothing has to be asked."""
    begin(resend, ONE, "hello", MARIA)
    WATCH.time += LIMITS.settled + 1
    say(resend, TWO, 6, JOHN)
    bulk = Attempt(resend, ONE, never_twice=True)
    assert resend.repeats_nothing(ONE)
    assert await bulk.find(call("hello", MARIA), lambda *_: pytest.fail("asked")) is None


def test_what_has_begun_and_not_left_is_known_to_the_next_process(resend: Resend, path: Path) -> None:
    resend.note_begun([ONE, TWO])
    begin(resend, TWO, "notice", MARIA)
    later = opened(path)
    later.expire()
    for log in (resend, later, opened(path)):
        assert (log.waits(ONE), log.waits(TWO), log.waits(THREE)) == (True, False, False)
    later.forget(ONE)
    assert not later.waits(ONE)


# Messages that cannot be told apart


def test_two_that_left_for_one_chat(resend: Resend, path: Path) -> None:
    begin(resend, ONE, "hello", MARIA)
    assert resend.repeats_nothing(ONE)
    begin(resend, TWO, "notice", MARIA)
    for log in (resend, opened(path)):
        assert ids(log, ONE, "hello") == []
        assert ids(log, TWO, "notice") == []
        assert not log.repeats_nothing(ONE)
    reject(resend, TWO, "notice")
    assert ids(resend, ONE, "hello") != []


@pytest.mark.parametrize("end", ["accepted", "rejected", "still open"])
def test_nor_when_the_other_one_was_said_again(resend: Resend, path: Path, end: str) -> None:
    """Its first copy may stand there all the same."""
    begin(resend, ONE, "hello", MARIA)
    begin(resend, TWO, "notice", MARIA)
    begin(resend, ONE, "hello", MARIA)
    if end == "accepted":
        accept(resend, ONE, "hello", 8, MARIA)
        resend.forget(ONE)
    elif end == "rejected":
        reject(resend, ONE, "hello")
    for log in (resend, opened(path)):
        assert ids(log, TWO, "notice") == []


def test_nor_when_the_words_of_the_other_one_have_changed(resend: Resend, path: Path) -> None:
    begin(resend, TWO, "notice", MARIA)
    begin(resend, ONE, "10:14", MARIA)
    say(resend, ONE, 7, MARIA, "10:15")
    resend.forget(ONE)
    WATCH.time += LIMITS.late + 1
    say(resend, THREE, 8, MARIA)
    for log in (resend, opened(path)):
        assert ids(log, TWO, "notice") == []


@pytest.mark.parametrize("looked_for", [True, False])
def test_its_own_earlier_copy_may_be_taken_for_it(resend: Resend, path: Path, *, looked_for: bool) -> None:
    """Killed again as soon as it was said again."""
    begin(resend, ONE, "hello", MARIA)
    if looked_for:
        resend.note("abandoned", *ONE, "hello")
    begin(resend, ONE, "hello", MARIA)
    for log in (resend, opened(path)):
        assert ids(log, ONE, "hello")[0] == 6
        log.expire()
    reject(resend, ONE, "hello")
    begin(resend, ONE, "other words", MARIA)
    for log in (resend, opened(path)):
        assert ids(log, ONE, "other words") == []


def test_a_needless_copy_of_one_that_was_said_again_is_known_to_be_none_long_after_it(
    resend: Resend, path: Path
) -> None:
    begin(resend, ONE, "hello", MARIA)
    resend.note("abandoned", *ONE, "hello")
    say(resend, ONE, 6, MARIA)
    resend.forget(ONE)
    resend.expire()
    for log in (resend, opened(path)):
        begin(log, TWO, "next", MARIA)
        assert ids(log, TWO, "next") == []
        reject(log, TWO, "next")
    WATCH.time += LIMITS.late + 1
    say(resend, THREE, 7, JOHN)
    begin(resend, TWO, "next", MARIA)
    assert ids(resend, TWO, "next")[0] == 8


def test_of_several_copies_one_is_found_and_the_last_may_still_arrive(resend: Resend, path: Path) -> None:
    begin(resend, ONE, "hello", MARIA)
    WATCH.time += LIMITS.late - 20
    begin(resend, ONE, "hello", MARIA)
    resend.note("found", *ONE, "hello", 6)
    resend.forget(ONE)
    WATCH.time += 21
    say(resend, THREE, 7, JOHN)
    begin(resend, TWO, "next", MARIA)
    for log in (resend, opened(path)):
        assert recall(log, TWO, "hello") is None
        assert ids(log, TWO, "next") == []
        log.expire()


def test_one_that_was_given_up_may_still_arrive(resend: Resend, path: Path) -> None:
    begin(resend, TWO, "notice", MARIA)
    resend.forget(TWO)
    for log in (resend, opened(path)):
        begin(log, ONE, "hello", MARIA)
        assert ids(log, ONE, "hello") == []
        accept(log, ONE, "hello", 12, MARIA)
        begin(log, ONE, "more", MARIA)
        assert ids(log, ONE, "more") == [], "as 13, when Telegram is slow"
        log.forget(ONE)


def test_it_is_over_when_somebody_got_a_message_long_after_it(resend: Resend, path: Path) -> None:
    begin(resend, TWO, "notice", MARIA)
    resend.forget(TWO)
    WATCH.time += LIMITS.late + 1
    say(resend, THREE, 20, JOHN)
    for log in (resend, opened(path)):
        begin(log, ONE, "hello", MARIA)
        assert ids(log, ONE, "hello")[0] == 21
        reject(log, ONE, "hello")


def test_it_is_not_over_for_one_that_left_before_it(resend: Resend) -> None:
    begin(resend, ONE, "slow", MARIA)
    WATCH.time += LIMITS.late
    begin(resend, TWO, "bulk", MARIA)
    resend.forget(TWO)
    WATCH.time += 1
    accept(resend, ONE, "slow", 6, MARIA)
    begin(resend, THREE, "next", MARIA)
    assert ids(resend, THREE, "next") == []


def test_what_nobody_looks_for_any_more_is_in_the_way_of_others(resend: Resend) -> None:
    begin(resend, ONE, "hello", MARIA)
    resend.note("abandoned", *ONE, "hello")
    begin(resend, TWO, "notice", MARIA)
    assert ids(resend, TWO, "notice") == []


def test_what_left_long_ago_is_not_looked_for(resend: Resend) -> None:
    begin(resend, ONE, "hello", MARIA)
    WATCH.time += LIMITS.old
    assert ids(resend, ONE, "hello") == []
    assert not resend.repeats_nothing(ONE)
    resend.expire()
    assert known(resend) == []


def test_what_has_just_left_may_be_on_its_way(resend: Resend) -> None:
    begin(resend, ONE, "hello", MARIA)
    assert resend.memory.unsettled(ONE, "hello") == LIMITS.settled
    WATCH.time += LIMITS.settled
    assert resend.memory.unsettled(ONE, "hello") == 0


# The file


def test_the_file_holds_nobody_when_nothing_is_open(resend: Resend, path: Path) -> None:
    say(resend, ONE, 7, MARIA)
    resend.forget(ONE)
    assert str(MARIA) in path.read_text()
    resend.expire()
    assert str(MARIA) not in path.read_text()
    later = opened(path)
    assert recall(later, ONE, "hello") is None
    begin(later, TWO, "next", MARIA)
    assert ids(later, TWO, "next")[0] == 8


def test_a_kill_while_the_file_is_made_small_loses_nothing(
    resend: Resend, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, files = os.write, list[bytes]()

    def watched(file: int, data: bytes) -> int:
        files.append(path.read_bytes())
        return write(file, data)

    say(resend, ONE, 7, MARIA)
    resend.forget(ONE)
    monkeypatch.setattr(os, "write", watched)
    resend.expire()
    for number, file in enumerate([*files, path.read_bytes()]):
        copy = path.with_name(f"killed-{number}")
        copy.write_bytes(file)
        later = opened(copy)
        begin(later, TWO, "next", JOHN)
        assert ids(later, TWO, "next")[0] == 8
    assert files


def test_a_file_that_has_grown_keeps_what_is_open(path: Path) -> None:
    resend = opened(path, limits=replace(LIMITS, large=2000))
    say(resend, ONE, 6, MARIA)
    begin(resend, ONE, "more", MARIA)
    sizes = []
    for number in range(2, 600):
        done = Key("notice", number)
        say(resend, done, 6 + number, JOHN)
        resend.forget(done)
        sizes.append(path.stat().st_size)
        if number == MOST - AHEAD:
            found = ids(resend, ONE, "more")
            later = opened(path)
            assert recall(later, ONE, "hello") == SentMessage(6)
            assert ids(later, ONE, "more") == found == [7, *range(7 + number, 7 + number + AHEAD)]
    assert max(sizes) < 20_000


async def test_only_what_is_still_open_is_kept(resend: Resend) -> None:
    for number in (1, 2):
        say(resend, Key("update", number), 10 + number, MARIA)
        say(resend, Key("notice", number), 20 + number, MARIA)

    async def still_open(ids: Collection[int]) -> set[int]:
        say(resend, Key("update", 3), 30, MARIA)  # while the database is asked
        return {2} & set(ids)

    await resend.forget_closed({"update": still_open})
    assert known(resend) == [Key("notice", 1), Key("update", 2), Key("notice", 2), Key("update", 3)]


def test_what_an_earlier_process_sent_may_arrive_when_its_file_means_nothing(resend: Resend, path: Path) -> None:
    begin(resend, TWO, "notice", MARIA)
    path.write_bytes(b"")
    later = opened(path)
    say(later, ONE, 20, JOHN)
    begin(later, THREE, "next", MARIA)
    for log in (later, opened(path)):
        assert ids(log, THREE, "next") == []
    later = opened(path)
    later.forget(THREE)
    WATCH.time += 2 * LIMITS.late + 1
    say(later, ONE, 30, JOHN)
    begin(later, THREE, "next", MARIA)
    assert ids(later, THREE, "next")[0] == 31


def test_one_that_left_before_all_was_known_and_is_heard_of_later_is_not_taken_for_another(
    resend: Resend, path: Path
) -> None:
    path.write_bytes(b"")
    log = opened(path)
    WATCH.time += LIMITS.late - 1
    begin(log, ONE, "slow", MARIA)
    WATCH.time += 2
    say(log, TWO, 10, JOHN)
    begin(log, THREE, "next", MARIA)
    accept(log, ONE, "slow", 11, MARIA)
    for one in (log, opened(path)):
        assert ids(one, THREE, "next")[0] == 12
        one.expire()


def test_after_a_power_cut_nothing_is_taken_for_certain(resend: Resend, path: Path) -> None:
    """The newest records may be missing."""
    say(resend, ONE, 7, MARIA)
    begin(resend, TWO, "notice", MARIA)
    later = opened(path, boot="another")
    assert known(later) == []
    begin(later, THREE, "next", MARIA)
    assert ids(later, THREE, "next") == []


@pytest.mark.parametrize("strange", ['["sending","update",[1],"x",{},5,6]', '["snapshot",5,6,7]', '["accepted"]'])
def test_a_file_that_cannot_be_understood_means_nothing(resend: Resend, path: Path, strange: str) -> None:
    with path.open("a") as file:
        file.write(f"\n{strange}")
    later = opened(path)
    say(later, ONE, 6, MARIA)
    assert recall(later, ONE, "hello") == SentMessage(6)


def test_a_disk_that_was_full_leaves_no_file_that_misleads(resend: Resend, path: Path, disk: Disk) -> None:
    begin(resend, TWO, "notice", MARIA)
    disk.full = True
    say(resend, ONE, 6, MARIA)
    resend.forget(ONE)
    assert ids(opened(path), TWO, "notice") == []
    disk.full = False
    say(resend, THREE, 7, JOHN)
    assert ids(opened(path), TWO, "notice")[0] == 8


def test_a_file_that_was_cut_off_anywhere_knows_no_less_of_what_is_in_doubt(resend: Resend, path: Path) -> None:
    """A message that may be looked for then might have been looked for at that moment."""
    cuts = {path.stat().st_size: frozenset[int]()}

    def cut() -> None:
        cuts[path.stat().st_size] = frozenset(ids(resend, TWO, "notice"))

    say(resend, OLDER, 6, JOHN)
    steps: list[Callable[[], None]] = [
        lambda: begin(resend, TWO, "notice", MARIA),
        lambda: begin(resend, ONE, "hello", MARIA),
        lambda: accept(resend, ONE, "hello", 7, MARIA),
        lambda: begin(resend, THREE, "bulk", MARIA),
        lambda: resend.forget(THREE),
    ]
    for step in steps:
        step()
        cut()
    whole = path.read_bytes()
    for size in range(len(whole)):
        (path.parent / "cut").write_bytes(whole[:size])
        found = ids(opened(path.parent / "cut"), TWO, "notice")
        before = max((one for one in cuts if one <= size), default=0)
        after = min(one for one in cuts if one >= size)
        assert frozenset(found) in {cuts.get(before, frozenset()), cuts[after]}


def test_what_another_bot_sent_means_nothing(resend: Resend, path: Path) -> None:
    """The token was changed: ids begin anew."""
    say(resend, ONE, 7_000, MARIA)
    other = opened(path, BOT + 1)
    assert recall(other, ONE, "hello") is None
    WATCH.time += LIMITS.late + 1
    say(other, ONE, 3, MARIA)
    begin(other, TWO, "notice", MARIA)
    assert ids(opened(path, BOT + 1), TWO, "notice")[0] == 4


def test_what_another_version_noted_means_nothing(resend: Resend, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(resend, TWO, "notice", MARIA)
    monkeypatch.setattr(resend_module, "FORMAT", resend_module.FORMAT + 1)
    later = opened(path)
    assert later.memory.keys == ()
    say(later, ONE, 6, JOHN)
    begin(later, THREE, "next", MARIA)
    assert ids(later, THREE, "next") == []


@pytest.mark.parametrize("record", [b'["forwarded","notice",1]', b'["sending","notice",1]', b"[]", b"[[1],2,3]"])
def test_beside_a_record_of_another_shape_none_means_anything(resend: Resend, path: Path, record: bytes) -> None:
    begin(resend, TWO, "notice", MARIA)
    path.write_bytes(path.read_bytes() + b"\n" + record)
    later = opened(path)
    assert later.memory.keys == ()
    say(later, ONE, 6, JOHN)
    begin(later, THREE, "next", MARIA)
    assert ids(later, THREE, "next") == []


def test_without_a_file_it_remembers_while_the_process_lives() -> None:
    log = Resend(AppendLog(None), BOT, LIMITS)
    say(log, ONE, 7, MARIA)
    assert recall(log, ONE, "hello") == SentMessage(7)
    log.close()
