"""How fast the bot may speak, on a clock that stands still until it is moved."""

from __future__ import annotations

from typing import Any, cast

import pytest
from aiogram import Bot
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.outbox.channels import MailChannel, Speaker
from bot.outbox.rate_limiter import (
    CHAT_PAUSE,
    GROUP_PER_MINUTE,
    LIVELY,
    MOST,
    MOST_PAID,
    PAID,
    ROOM,
    SHIFT,
    TALKING,
    RateLimiter,
)
from handlers.conversation import UseCases
from handlers.notices import Words
from services.notices.models import Urgency
from tests.harness import Letterbox

GROUP = -1001
BUNCH = 32  # of the first ones
BUNCHED = 2  # mass messages at most that have left together


class Watch:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def limiter(watch: Watch) -> RateLimiter:
    return RateLimiter(watch)


def take_all(limiter: RateLimiter, watch: Watch, chats: list[int], urgency: Urgency) -> list[float]:
    """Moments at which the chats, in this order, are spoken to as early as the pace allows."""
    moments = []
    for chat in chats:
        while wait := max(limiter.wait(urgency), limiter.wait_in(chat)):
            watch.time += wait
        limiter.take(chat, urgency)
        moments.append(watch.time)
    return moments


def most_within(moments: list[float], seconds: float) -> int:
    return max(sum(begin <= one < begin + seconds for one in moments) for begin in moments)


@given(chats=st.lists(st.integers(min_value=1, max_value=5) | st.sampled_from([GROUP]), min_size=1, max_size=80))
def test_no_limit_of_telegrams_is_ever_passed(chats: list[int]) -> None:
    watch = Watch()
    moments = take_all(RateLimiter(watch), watch, chats, Urgency.NOTICE)
    assert most_within(moments, 1.0) <= 30
    for chat in set(chats):
        own = [moment for moment, one in zip(moments, chats, strict=True) if one == chat]
        assert most_within(own, 1.0) == 1
        assert chat > 0 or most_within(own, 60.0) <= GROUP_PER_MINUTE


@pytest.mark.parametrize(
    ("urgency", "setting", "rate"),
    [
        (Urgency.ANSWER, {}, 28),
        (Urgency.NOTICE, {"bulk": 10}, 28),
        (Urgency.BULK, {}, 25),
        (Urgency.BULK, {"bulk": 10}, 10),
        (Urgency.BULK, {"bulk": 10, "paid": True}, 10),
        (Urgency.BULK, {"bulk": 1000, "paid": True}, PAID),
        (Urgency.NOTICE, {"bulk": PAID, "paid": True}, 28),
    ],
)
def test_many_people_are_told_at_the_full_rate(watch: Watch, urgency: Urgency, setting: Any, rate: float) -> None:
    moments = take_all(RateLimiter(watch, **setting), watch, list(range(1, 251)), urgency)[BUNCH:]
    assert (len(moments) - 1) / (moments[-1] - moments[0]) == pytest.approx(rate, rel=0.01)


@pytest.mark.parametrize(
    ("urgency", "setting", "most"),
    [(Urgency.ANSWER, {}, 30), (Urgency.BULK, {}, 30), (Urgency.BULK, {"bulk": PAID, "paid": True}, 1000)],
)
def test_after_a_silence_no_more_leave_together_than_telegram_takes(
    watch: Watch, urgency: Urgency, setting: Any, most: int
) -> None:
    """Where the network delays each by so much that a second holds those of the next moment, too."""
    limiter = RateLimiter(watch, **setting)
    take_all(limiter, watch, [1], urgency)
    watch.time += 60
    moments = take_all(limiter, watch, list(range(2, 5 * most)), urgency)
    assert sum(one == moments[0] for one in moments) > 1
    assert most_within(moments, 1.0 + 0.5 / most) <= most


def test_paid_messages_that_were_held_up_leave_the_network_its_room(watch: Watch) -> None:
    """Where it brings messages nearer by 30 ms after the bot has stood still for as long."""
    limiter = RateLimiter(watch, bulk=PAID, paid=True)
    moments = take_all(limiter, watch, list(range(2000)), Urgency.BULK)
    watch.time += 0.03
    moments += take_all(limiter, watch, list(range(2000, 4000)), Urgency.BULK)
    assert most_within(moments, 1.0 + 0.03) <= MOST_PAID


@given(shifts=st.lists(st.floats(min_value=0.0, max_value=SHIFT), min_size=40, max_size=90))
def test_at_telegrams_own_pace_the_network_may_bring_messages_nearer(shifts: list[float]) -> None:
    watch = Watch()
    moments = take_all(RateLimiter(watch, bulk=MOST), watch, list(range(len(shifts))), Urgency.BULK)
    assert most_within([moment + shift for moment, shift in zip(moments, shifts, strict=True)], 1.0) <= MOST
    assert (len(moments) - 1) / (moments[-1] - moments[0]) >= 0.97 * MOST


def test_mass_messages_that_are_paid_for_and_the_others_do_not_wait_for_each_other(watch: Watch) -> None:
    limiter = RateLimiter(watch, bulk=PAID, paid=True)
    take_all(limiter, watch, list(range(1, 500)), Urgency.BULK)
    assert limiter.wait(Urgency.NOTICE) == 0
    take_all(limiter, watch, list(range(500, 530)), Urgency.NOTICE)
    assert limiter.wait(Urgency.BULK) == 0


def test_live_answers_take_their_room_from_bulk(limiter: RateLimiter, watch: Watch) -> None:
    for chat in range(25):
        limiter.reserve(1000 + chat)
    assert limiter.wait(Urgency.ANSWER) == 0
    assert limiter.wait(Urgency.BULK) == pytest.approx(1.0 + SHIFT)
    watch.time += 1.0 + SHIFT
    assert limiter.wait(Urgency.BULK) == 0


def test_a_broadcast_slower_than_telegram_takes_keeps_its_pace_beside_live_answers(watch: Watch) -> None:
    limiter, moments = RateLimiter(watch, bulk=10), []
    for number in range(300):
        moments += take_until(watch.time + 0.1, limiter, watch)
        limiter.reserve(1000 + number)
    assert len(moments) / 30 == pytest.approx(10, rel=0.05)


@pytest.mark.parametrize(("bulk", "notices"), [(1, 2), (5, 10), (10, 10), (20, 8)])
def test_a_broadcast_keeps_its_pace_beside_notices(watch: Watch, bulk: int, notices: int) -> None:
    limiter, moments = RateLimiter(watch, bulk=bulk), []
    for number in range(30 * notices):
        moments += take_until(watch.time + 1 / notices, limiter, watch)
        assert limiter.wait(Urgency.NOTICE) <= 1 / MOST
        limiter.take(1000 + number, Urgency.NOTICE)
        limiter.release(1000 + number)
    assert len(moments) / 30 == pytest.approx(bulk, rel=0.1)


def fill(limiter: RateLimiter, watch: Watch) -> list[float]:
    return take_all(limiter, watch, list(range(1, 3 * MOST)), Urgency.BULK)


def take_until(end: float, limiter: RateLimiter, watch: Watch) -> list[float]:
    """Moments of mass messages that leave as early as they may before this one, at which the watch stands then."""
    moments: list[float] = []
    while watch.time + (wait := limiter.wait(Urgency.BULK)) < end:
        watch.time += wait
        if not wait:
            limiter.take(len(moments), Urgency.BULK)
            limiter.release(len(moments))
            moments.append(watch.time)
    watch.time = end
    return moments


def test_a_live_answer_gets_the_next_place_in_a_second_that_mass_messages_fill(watch: Watch) -> None:
    limiter = RateLimiter(watch, bulk=MOST)
    moments = fill(limiter, watch)
    first, second = limiter.reserve(1001), limiter.reserve(1002)
    place = 1.01 / limiter.rate(Urgency.BULK)
    assert 0 < first <= place < second <= (1 + BUNCHED) * place
    assert limiter.wait(Urgency.BULK) > second
    assert most_within([*moments, watch.time + first, watch.time + second], 1.0 + SHIFT / 2) <= MOST


@settings(deadline=None)  # a busy machine takes its time
@given(pauses=st.lists(st.floats(min_value=0.04, max_value=0.5), min_size=20, max_size=60))
def test_while_people_talk_mass_messages_leave_them_room(pauses: list[float]) -> None:
    """Once some have talked, answers leave at once, unless more come together than there is room for."""
    watch = Watch()
    limiter = RateLimiter(watch, bulk=MOST)
    mass, waits, answers = fill(limiter, watch), [], []
    for number, pause in enumerate(pauses):
        mass += take_until(watch.time + pause, limiter, watch)
        waits.append(limiter.reserve(1000 + number))
        answers.append(watch.time + waits[-1])
    for end in mass + answers:
        beside = [moment for moment in mass if end - 1.0 < moment <= end]
        assert not beside or len(beside) + sum(end - 1.0 < moment <= end for moment in answers) <= MOST
    since_room = [sum(pauses[number - ROOM + 1 : number + 1]) for number in range(ROOM, len(pauses))]
    assert not any(wait for wait, seconds in zip(waits[ROOM:], since_room, strict=True) if seconds >= 1.0)


def test_live_answers_do_not_wait_for_each_other(limiter: RateLimiter, watch: Watch) -> None:
    """But only for unasked messages, as long as those stand in Telegram's second."""
    assert not any(limiter.reserve(1000 + chat) for chat in range(3 * MOST))
    watch.time += 1
    limiter.take(1, Urgency.NOTICE)
    watch.time += 0.9
    over, moments = 1001.0 + 1.0 + SHIFT, []
    for chat in range(3 * MOST):
        moments.append(watch.time + limiter.reserve(2000 + chat))
        assert moments[-1] <= max(watch.time, over)
        watch.time += 0.002
    assert moments == sorted(moments)
    assert moments[-1] > over


def test_paid_mass_messages_take_no_place_from_live_answers(watch: Watch) -> None:
    limiter = RateLimiter(watch, bulk=PAID, paid=True)
    take_all(limiter, watch, list(range(2000)), Urgency.BULK)
    assert not any(limiter.reserve(5000 + chat) for chat in range(MOST))


def test_an_album_waits_for_the_places_of_all_its_parts(watch: Watch) -> None:
    limiter = RateLimiter(watch, bulk=MOST)
    moments = fill(limiter, watch)
    album, later = watch.time + limiter.reserve(1001, 4), watch.time + limiter.reserve(1002)
    assert most_within([*moments, *[album] * 4, later], 1.0 + SHIFT / 2) <= MOST
    assert limiter.wait_in(1001) == pytest.approx(album + CHAT_PAUSE - watch.time)


def test_live_answers_wait_for_the_places_of_an_unasked_album(watch: Watch) -> None:
    limiter = RateLimiter(watch)
    moments = [watch.time + limiter.reserve(1001 + chat) for chat in range(MOST - 1)]
    watch.time += 0.3
    limiter.take(GROUP, Urgency.ANSWER)
    album = watch.time + limiter.reserve(GROUP, 10)
    watch.time = album + 0.5
    moments += [album] * 10 + [watch.time + limiter.reserve(2001 + chat) for chat in range(25)]
    assert most_within(moments, 1.0) <= MOST


def test_the_first_call_of_something_unasked_has_its_place(watch: Watch) -> None:
    limiter = RateLimiter(watch, bulk=MOST)
    fill(limiter, watch)
    limiter.take(1001, Urgency.BULK)
    assert limiter.reserve(1001) == 0
    assert limiter.reserve(1001) > 0


def test_mass_messages_go_on_at_their_full_pace_when_the_talk_is_over(watch: Watch) -> None:
    limiter = RateLimiter(watch, bulk=MOST)
    for chat in range(ROOM):
        limiter.reserve(1000 + chat)
    watch.time += TALKING
    moments = fill(limiter, watch)[BUNCH:]
    assert (len(moments) - 1) / (moments[-1] - moments[0]) >= 0.97 * MOST


def test_a_live_answer_delays_what_is_said_unasked_in_its_chat(limiter: RateLimiter) -> None:
    limiter.reserve(7)
    assert limiter.wait_in(7) == pytest.approx(CHAT_PAUSE)
    assert limiter.wait_in(8) == 0


def test_a_429_holds_its_chat_and_a_second_one_meanwhile_everybody(limiter: RateLimiter, watch: Watch) -> None:
    limiter.hold(7, 10)
    assert limiter.wait_in(7) == pytest.approx(10)
    assert limiter.wait(Urgency.NOTICE) == 0
    watch.time += 4
    limiter.hold(8, 3)
    assert limiter.wait(Urgency.NOTICE) == pytest.approx(3)
    watch.time += 3
    assert limiter.wait(Urgency.NOTICE) == 0
    assert limiter.wait_in(7) == pytest.approx(3)
    watch.time += 3
    assert limiter.wait_in(7) == 0


def test_a_second_429_of_the_same_chat_holds_nobody_else(limiter: RateLimiter) -> None:
    limiter.hold(GROUP, 10)
    limiter.hold(GROUP, 20)
    assert limiter.wait(Urgency.NOTICE) == 0
    assert limiter.wait_in(GROUP) == pytest.approx(20)


def test_what_is_a_minute_old_is_forgotten(limiter: RateLimiter, watch: Watch) -> None:
    take_all(limiter, watch, list(range(1, 2001)), Urgency.BULK)
    watch.time += 61
    assert limiter.wait(Urgency.BULK) == 0
    assert not limiter._sent
    assert not limiter._chats


def test_a_chat_that_is_spoken_to_too_often_holds_nobody_else(limiter: RateLimiter, watch: Watch) -> None:
    """A flood that is answered meets Telegram's limit of that chat, and so does a second one."""
    for chat in (1, 2):
        for _ in range(6):
            limiter.reserve(chat)
        limiter.hold(chat, 30)
    watch.time += 1
    assert limiter.wait(Urgency.NOTICE) == 0
    assert limiter.wait_in(1) == limiter.wait_in(2) == 29


def test_a_chat_that_was_refused_is_answered_at_telegrams_pace_for_a_while(limiter: RateLimiter, watch: Watch) -> None:
    for _ in range(3):
        limiter.reserve(1)
    assert limiter.wait_to_answer(1) == 0
    limiter.hold(1, 2)
    assert limiter.wait_to_answer(1) == 2
    watch.time += 2
    limiter.reserve(1)
    assert limiter.wait_to_answer(1) == pytest.approx(CHAT_PAUSE)
    assert limiter.wait_to_answer(2) == 0
    watch.time += 61
    assert limiter.wait_to_answer(1) == 0


@pytest.mark.parametrize(("apart", "lively"), [(0.1, True), (1.0, True), (1.2, False)])
def test_many_quick_answers_in_one_chat_are_followed_by_telegrams_pace(apart: float, lively: bool) -> None:
    watch = Watch()
    limiter = RateLimiter(watch)
    for _ in range(LIVELY):
        assert limiter.wait_when_lively(7) == 0
        limiter.reserve(7)
        watch.time += apart
    assert (limiter.wait_when_lively(7) > 0) == lively
    assert limiter.wait_when_lively(8) == 0


def test_letters_to_one_person_keep_no_pause_of_telegrams() -> None:
    letters = MailChannel(Letterbox(), Speaker(Words(), Bot("1:a"), cast("UseCases", {}))).limiter
    letters.take(7, Urgency.NOTICE)
    assert letters.wait_in(7) == 0
