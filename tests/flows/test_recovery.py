"""A lost Telegram account: whoever proves the account anew asks, the old one may object, silence decides."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from services.accounts.recovery import Recovery
from tests.flows.test_erasure import erase, gone
from tests.flows.test_privacy import download
from tests.flows.test_proofs import ACCOUNT, add_payment, prove
from tests.flows.test_sharing import join
from tests.harness import PATIENCE, BotHarness
from tests.people import Someone

QUESTION = "говорит, что этот Telegram — его прежний"
FORMER = "Это мой прежний Telegram"
KEEP = "Оставить доступ"
CLOSED = "отсюда закрыт"
DONE = "Доступ прежнего Telegram к счёту …3456 закрыт"
SETTLED = 31  # days after which a proof that was not the first one counts as much


@pytest.fixture
async def old(harness: BotHarness, maria: Someone) -> Someone:
    """The person who proved the account first."""
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    return maria


@pytest.fixture
async def anew(harness: BotHarness, old: Someone) -> Someone:
    """A person who proved it long enough ago to decide about others."""
    someone = await prove_later(harness, "Мария с нового телефона")
    harness.clock.advance(days=SETTLED)
    return someone


async def prove_later(harness: BotHarness, name: str) -> Someone:
    someone = await harness.customer(name, ACCOUNT)
    harness.clock.advance(minutes=1)
    await prove(someone, "1055,11")
    assert "Счёт подтверждён" in someone.screen
    return someone


async def list_access(someone: Someone) -> None:
    await someone.send("/menu")
    for label in ("О счёте", "Управление счётом", "Кто имеет доступ"):
        await someone.press(label)


async def ask(harness: BotHarness, someone: Someone, old: Someone | None = None) -> None:
    """Have the access of the first one in the list withdrawn; `old` has read the question then."""
    before = harness.world.cursor
    await list_access(someone)
    await someone.press(FORMER)
    assert "Если за 7 дней никто не возразит" in someone.screen
    await someone.press("Да, отозвать доступ")
    assert "Спросили в прежнем Telegram" in someone.screen
    if old:
        await harness.told(old, QUESTION, before)
        await sent(harness, "recovery_asked")


async def sent(harness: BotHarness, kind: str) -> None:
    await harness.outbox_becomes("DISTINCT state", [("sent",)], kind=kind)


async def pass_days(harness: BotHarness, **span: float) -> None:
    harness.clock.advance(**span)
    await harness.tick()


def owners(harness: BotHarness) -> list[int]:
    return [row[0] for row in harness.rows("SELECT user_id FROM links WHERE trust = 'verified' ORDER BY verified_at")]


def requests(harness: BotHarness) -> list[tuple[Any, ...]]:
    return harness.rows("SELECT asked_by, against, objected_at IS NOT NULL FROM recoveries")


def actions(harness: BotHarness) -> list[str]:
    return [row[0] for row in harness.rows("SELECT action FROM journal WHERE action != 'verified' ORDER BY id")]


def link_of(harness: BotHarness, someone: Someone) -> str:
    [(link,)] = harness.rows("SELECT id FROM links WHERE user_id = ? AND account = ?", someone.id, ACCOUNT)
    return str(link)


def count(someone: Someone, words: str) -> int:
    return sum(words in screen for screen in someone.screens)


async def test_seven_days_of_silence_end_the_old_access_and_what_it_gave(
    harness: BotHarness, old: Someone, anew: Someone
) -> None:
    friend = await join(harness, old, name="Внук")
    await ask(harness, anew, old)
    await pass_days(harness, days=7, seconds=-1)
    assert owners(harness) == [old.id, anew.id]
    before = harness.world.cursor
    await pass_days(harness, seconds=2)
    await harness.told(old, CLOSED, before)
    await harness.told(anew, DONE, before)
    await harness.told(friend, "закрыл вам доступ", before)
    assert harness.rows("SELECT user_id FROM links") == [(anew.id,)]
    assert requests(harness) == []
    await harness.restart()
    await pass_days(harness, days=30)
    await harness.quiet()
    assert [count(old, CLOSED), count(anew, DONE), count(old, QUESTION)] == [1, 1, 1]
    assert actions(harness)[-2:] == ["recovery_asked", "recovered"]
    await old.press(KEEP)
    assert "больше не привязан к вам" in (old.toast or "")
    await old.send("/menu")
    assert "3456" not in old.screen
    await anew.send("/menu")
    for label in ("О счёте", "Управление счётом", "Журнал"):
        await anew.press(label)
    assert "доступ прежнего Telegram отозван (вы)" in anew.screen


@pytest.mark.limits(intervals={"tick": 3600, "seldom": 0.05})  # one that has waited for days can wait for a minute
async def test_the_clock_finds_by_itself_who_is_due(harness: BotHarness) -> None:
    old = await harness.customer("Мария", ACCOUNT)
    await prove(old, await add_payment(harness, "2026-11-10", 105511))
    anew = await prove_later(harness, "Мария с нового телефона")
    await harness.run("UPDATE users SET muted = '[\"reminder\"]'")  # it is a reading day by then
    harness.clock.advance(days=SETTLED)
    await ask(harness, anew, old)
    await harness.stop()
    harness.clock.advance(days=8)
    before = harness.world.cursor
    await harness.start()
    await harness.told(anew, DONE, before)
    assert owners(harness) == [anew.id]


async def test_requests_that_only_wait_keep_no_writer_waiting(harness: BotHarness, old: Someone, anew: Someone) -> None:
    """Of somebody who was not reached, for weeks."""
    harness.world.block(old.person)
    await harness.quiet()
    await ask(harness, anew)
    harness.clock.advance(days=20)
    with closing(sqlite3.connect(harness.database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        await asyncio.wait_for(harness.app.use(Recovery).withdraw_due(), PATIENCE)
    assert harness.alerts() == []
    assert owners(harness) == [old.id, anew.id]


async def test_a_request_that_fails_is_told_and_keeps_no_other_waiting(harness: BotHarness, old: Someone) -> None:
    second = await prove_later(harness, "Мария со второго телефона")
    anew = await prove_later(harness, "Мария с третьего телефона")
    harness.clock.advance(days=SETTLED)
    for before in (old, second):
        await anew.press_data(anew.last_id, f"re1:send:{link_of(harness, anew)}:{link_of(harness, before)}")
        harness.clock.advance(seconds=1)
    await sent(harness, "recovery_asked")
    stuck = f"BEFORE DELETE ON links WHEN OLD.user_id = {old.id} BEGIN SELECT RAISE(ABORT, 'stuck'); END"
    await harness.run(f"CREATE TRIGGER stuck {stuck}")
    await pass_days(harness, days=8)
    assert owners(harness) == [old.id, anew.id]
    [alert] = harness.alerts()
    assert "an access could not be withdrawn: IntegrityError" in alert
    await harness.run("DROP TRIGGER stuck")
    await pass_days(harness)
    assert owners(harness) == [anew.id]


async def test_an_objection_keeps_the_access_and_there_is_no_second_request(
    harness: BotHarness, old: Someone, anew: Someone
) -> None:
    await ask(harness, anew, old)
    await list_access(anew)
    assert "ждём ответа" in anew.screen
    assert FORMER not in str(anew.buttons)
    again = f"re1:send:{link_of(harness, anew)}:{link_of(harness, old)}"
    harness.clock.advance(days=6)
    before = harness.world.cursor
    await old.press(KEEP)
    assert "Доступ к счёту остаётся у вас" in old.screen
    await harness.told(anew, "там ответили, что он нужен", before)
    assert requests(harness) == [(anew.id, old.id, 1)]
    await pass_days(harness, days=60)
    await anew.press_data(anew.last_id, again)
    assert "позвоните нам или приходите в офис" in anew.screen
    await list_access(anew)
    assert "возразили" in anew.screen
    assert FORMER not in str(anew.buttons)
    await pass_days(harness, days=60)
    assert owners(harness) == [old.id, anew.id]
    assert [count(old, QUESTION), actions(harness)] == [0, ["recovery_asked", "recovery_refused"]]


async def test_an_objection_is_told_once_however_often_it_is_pressed(
    harness: BotHarness, old: Someone, anew: Someone
) -> None:
    await ask(harness, anew, old)
    press = old.find(KEEP)
    for _ in range(2):
        harness.world.press(old.person, old.id, *press)
    await harness.quiet()
    await old.press_data(*press)
    assert "Доступ к счёту остаётся у вас" in old.screen
    await sent(harness, "recovery_refused")
    assert count(anew, "там ответили") == 1
    assert actions(harness) == ["recovery_asked", "recovery_refused"]


async def test_asked_twice_it_is_one_request_and_one_question(harness: BotHarness, old: Someone, anew: Someone) -> None:
    await list_access(anew)
    await anew.press(FORMER)
    for _ in range(2):
        anew.taps("Да, отозвать доступ")
    await harness.quiet()
    await sent(harness, "recovery_asked")
    harness.clock.advance(days=3)
    await anew.press_data(anew.last_id, f"re1:send:{link_of(harness, anew)}:{link_of(harness, old)}")
    await sent(harness, "recovery_asked")
    assert count(old, QUESTION) == 1
    assert actions(harness) == ["recovery_asked"]
    await pass_days(harness, days=4)
    assert owners(harness) == [anew.id], "the second press did not begin the days anew"


async def test_a_proof_has_to_be_a_day_old(harness: BotHarness, old: Someone) -> None:
    anew = await prove_later(harness, "Кто-то")
    data = f"re1:send:{link_of(harness, anew)}:{link_of(harness, old)}"
    harness.clock.advance(hours=23, minutes=58)
    await list_access(anew)
    await anew.press(FORMER)
    assert "через сутки после того, как вы подтвердили" in anew.screen
    await anew.press_data(anew.last_id, data)
    assert "через сутки после того, как вы подтвердили" in anew.screen
    assert requests(harness) == []
    harness.clock.advance(minutes=2)
    await anew.press_data(anew.last_id, data)
    assert requests(harness) == [(anew.id, old.id, 0)]


async def test_only_who_proved_it_later_can_ask_and_only_about_who_was_there_before(
    harness: BotHarness, old: Someone, anew: Someone
) -> None:
    """Others have «Закрыть доступ», or nothing to say."""
    invited = await join(harness, old, name="Внук")
    neighbour = await harness.customer("Сосед", ACCOUNT)
    people = (old, anew, invited, neighbour)
    for someone in people:
        for other in people:
            if (someone, other) != (anew, old):
                data = f"{link_of(harness, someone)}:{link_of(harness, other)}"
                for action in ("ask", "send", "keep"):
                    await someone.press_data(someone.last_id, f"re1:{action}:{data}")
    rogue = await harness.customer("Чужой")
    for action in ("ask", "send", "keep"):
        await rogue.press_data(rogue.last_id, f"re1:{action}:{link_of(harness, anew)}:{link_of(harness, old)}")
    assert requests(harness) == []
    assert QUESTION not in "".join(someone.seen for someone in people)
    await list_access(old)
    assert FORMER not in str(old.buttons)
    assert "Закрыть доступ: 1." in old.buttons


async def test_somebody_elses_objection_does_not_count(harness: BotHarness, old: Someone, anew: Someone) -> None:
    await ask(harness, anew, old)
    third = await prove_later(harness, "Третий")
    _, data = old.find(KEEP)
    for own in (link_of(harness, old), link_of(harness, third)):
        for other in (link_of(harness, anew), link_of(harness, old)):
            await third.press_data(third.last_id, f"re1:keep:{own}:{other}")
    await anew.press_data(anew.last_id, data)
    assert requests(harness) == [(anew.id, old.id, 0)]


async def test_who_cannot_be_reached_has_thirty_days(harness: BotHarness, old: Someone, anew: Someone) -> None:
    harness.world.block(old.person)
    await harness.quiet()
    await ask(harness, anew)
    await pass_days(harness, days=29)
    assert owners(harness) == [old.id, anew.id]
    before = harness.world.cursor
    await pass_days(harness, days=1)
    await harness.told(anew, DONE, before)
    assert owners(harness) == [anew.id]


async def test_who_comes_back_has_seven_days_from_then(harness: BotHarness, old: Someone, anew: Someone) -> None:
    harness.world.block(old.person)
    await harness.quiet()
    await ask(harness, anew)
    await pass_days(harness, days=20)
    before = harness.world.cursor
    harness.world.unblock(old.person)
    await harness.quiet()
    await harness.tick()
    await harness.told(old, QUESTION, before)
    await sent(harness, "recovery_asked")
    await pass_days(harness, days=6)
    assert owners(harness) == [old.id, anew.id]
    await pass_days(harness, days=1)
    assert owners(harness) == [anew.id]


async def test_a_clock_turned_back_only_makes_it_later(harness: BotHarness, old: Someone, anew: Someone) -> None:
    await ask(harness, anew, old)
    await pass_days(harness, days=-2)
    await pass_days(harness, days=7)
    assert owners(harness) == [old.id, anew.id]
    await pass_days(harness, days=2)
    assert owners(harness) == [anew.id]


async def test_a_stranger_who_asks_is_thrown_out_with_one_press(
    harness: BotHarness, old: Someone, anew: Someone
) -> None:
    await ask(harness, anew, old)
    await old.press("Это не я")
    assert owners(harness) == [old.id]
    assert requests(harness) == []
    await pass_days(harness, days=40)
    assert owners(harness) == [old.id]
    await anew.send(ACCOUNT)
    await anew.send("45")
    await prove(anew, "1055,11")
    assert "запретил подтверждать" in anew.screen


@pytest.mark.parametrize("leaver", ["old", "anew"])
async def test_a_request_ends_with_either_of_them(
    harness: BotHarness, old: Someone, anew: Someone, leaver: str
) -> None:
    """A person who comes back and proves the account again is neither the one who was asked nor the one who asked."""
    await ask(harness, anew, old)
    someone = {"old": old, "anew": anew}[leaver]
    await someone.send("/accounts")
    for label in ("Изменить", "Отвязать", "Да, отвязать"):
        await someone.press(label)
    assert requests(harness) == []
    await someone.send(ACCOUNT)
    await someone.send("45")
    await prove(someone, "1055,11")
    await pass_days(harness, days=40)
    assert sorted(owners(harness)) == sorted([old.id, anew.id])


@pytest.mark.parametrize("objected", [True, False])
@pytest.mark.parametrize("leaver", ["old", "anew"])
async def test_nothing_of_it_is_left_of_who_is_erased(
    harness: BotHarness, old: Someone, anew: Someone, leaver: str, objected: bool
) -> None:
    await ask(harness, anew, old)
    if objected:
        await old.press(KEEP)
        await sent(harness, "recovery_refused")
    someone = {"old": old, "anew": anew}[leaver]
    await erase(someone)
    assert requests(harness) == []
    gone(harness, someone)
    assert owners(harness) == [{"old": anew, "anew": old}[leaver].id]


async def test_a_request_is_in_the_file_of_both_without_the_other(
    harness: BotHarness, old: Someone, anew: Someone
) -> None:
    await ask(harness, anew, old)
    asked, was_asked = await download(anew), await download(old)
    assert [one["account"] for one in asked["recoveries"]] == [ACCOUNT]
    assert [one["account"] for one in was_asked["withdrawals"]] == [ACCOUNT]
    assert asked["withdrawals"] == was_asked["recoveries"] == []
    assert str(old.id) not in str(asked)
    assert str(anew.id) not in str(was_asked)


async def test_access_that_has_ended_meanwhile_is_not_asked_for(
    harness: BotHarness, old: Someone, anew: Someone
) -> None:
    await list_access(anew)
    await anew.press(FORMER)
    await old.send("/accounts")
    for label in ("Изменить", "Отвязать", "Да, отвязать"):
        await old.press(label)
    await anew.press("Да, отозвать доступ")
    assert "Этого доступа к счёту уже нет" in anew.screen
    assert requests(harness) == []


async def test_access_that_is_in_use_is_not_lost(harness: BotHarness, old: Someone, anew: Someone) -> None:
    """The question was overlooked, and the account was not."""
    await ask(harness, anew, old)
    await pass_days(harness, days=3)
    await old.send("/menu")
    await pass_days(harness, days=10)
    assert sorted(owners(harness)) == sorted([old.id, anew.id])
