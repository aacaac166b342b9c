"""A lost Telegram account: whoever proves the account anew asks, the old one may object, silence decides."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import pytest

import bot.schedule
from services.accounts.recovery import Recovery
from tests.flows.test_erasure import erase, gone
from tests.flows.test_privacy import download
from tests.flows.test_proofs import ACCOUNT, add_payment, prove
from tests.flows.test_sharing import join
from tests.people import Someone
from tests.town import PATIENCE, Town

QUESTION = "говорит, что этот Telegram — его прежний"
FORMER = "Это мой прежний Telegram"
KEEP = "Оставить доступ"
CLOSED = "отсюда закрыт"
DONE = "Доступ прежнего Telegram к счёту …3456 закрыт"
SETTLED = 31  # days after which a proof that was not the first one counts as much


@pytest.fixture
async def old(town: Town, maria: Someone) -> Someone:
    """Who proved the account first."""
    await prove(maria, await add_payment(town, "2026-11-10", 105511))
    return maria


@pytest.fixture
async def anew(town: Town, old: Someone) -> Someone:
    """Who proved it long enough ago to decide about others."""
    someone = await prove_later(town, "Мария с нового телефона")
    town.clock.advance(days=SETTLED)
    return someone


async def prove_later(town: Town, name: str) -> Someone:
    someone = await town.customer(name, ACCOUNT)
    town.clock.advance(minutes=1)
    await prove(someone, "1055,11")
    assert "Счёт подтверждён" in someone.screen
    return someone


async def list_access(someone: Someone) -> None:
    await someone.send("/menu")
    for label in ("О счёте", "Управление счётом", "Кто имеет доступ"):
        await someone.press(label)


async def ask(town: Town, someone: Someone, old: Someone | None = None) -> None:
    """Have the access of the first one in the list withdrawn; `old` has read the question then."""
    before = town.world.cursor
    await list_access(someone)
    await someone.press(FORMER)
    assert "Если за 7 дней никто не возразит" in someone.screen
    await someone.press("Да, отозвать доступ")
    assert "Спросили в прежнем Telegram" in someone.screen
    if old:
        await town.told(old, QUESTION, before)
        await sent(town, "recovery_asked")


async def sent(town: Town, kind: str) -> None:
    await town.until(f"SELECT count(*) FROM outbox WHERE kind = '{kind}' AND state != 'sent'", [(0,)])


async def pass_days(town: Town, **span: float) -> None:
    town.clock.advance(**span)
    await town.tick()


def owners(town: Town) -> list[int]:
    return [row[0] for row in town.rows("SELECT user_id FROM links WHERE trust = 'verified' ORDER BY verified_at")]


def requests(town: Town) -> list[tuple[Any, ...]]:
    return town.rows("SELECT asked_by, against, objected_at IS NOT NULL FROM recoveries")


def actions(town: Town) -> list[str]:
    return [row[0] for row in town.rows("SELECT action FROM journal WHERE action != 'verified' ORDER BY id")]


def link_of(town: Town, someone: Someone) -> str:
    [(link,)] = town.rows("SELECT id FROM links WHERE user_id = ? AND account = ?", someone.id, ACCOUNT)
    return str(link)


def count(someone: Someone, words: str) -> int:
    return sum(words in screen for screen in someone.screens)


async def test_seven_days_of_silence_end_the_old_access_and_what_it_gave(
    town: Town, old: Someone, anew: Someone
) -> None:
    friend = await join(town, old, name="Внук")
    await ask(town, anew, old)
    await pass_days(town, days=7, seconds=-1)
    assert owners(town) == [old.id, anew.id]
    before = town.world.cursor
    await pass_days(town, seconds=2)
    await town.told(old, CLOSED, before)
    await town.told(anew, DONE, before)
    await town.told(friend, "закрыл вам доступ", before)
    assert town.rows("SELECT user_id FROM links") == [(anew.id,)]
    assert requests(town) == []
    await town.restart()
    await pass_days(town, days=30)
    await town.quiet()
    assert [count(old, CLOSED), count(anew, DONE), count(old, QUESTION)] == [1, 1, 1]
    assert actions(town)[-2:] == ["recovery_asked", "recovered"]
    await old.press(KEEP)
    assert "больше не привязан к вам" in (old.toast or "")
    await old.send("/menu")
    assert "3456" not in old.screen
    await anew.send("/menu")
    for label in ("О счёте", "Управление счётом", "Журнал"):
        await anew.press(label)
    assert "доступ прежнего Telegram отозван (вы)" in anew.screen


async def test_the_clock_finds_by_itself_who_is_due(silent_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town = silent_town
    monkeypatch.setattr(bot.schedule, "TICK", 3600)  # who has waited for days can wait for a minute
    monkeypatch.setattr(bot.schedule, "SELDOM", 0.05)
    await town.start()
    old = await town.customer("Мария", ACCOUNT)
    await prove(old, await add_payment(town, "2026-11-10", 105511))
    anew = await prove_later(town, "Мария с нового телефона")
    town.clock.advance(days=SETTLED)
    await ask(town, anew, old)
    await town.stop()
    town.clock.advance(days=8)
    before = town.world.cursor
    await town.start()
    await town.told(anew, DONE, before)
    assert owners(town) == [anew.id]


async def test_requests_that_only_wait_keep_no_writer_waiting(town: Town, old: Someone, anew: Someone) -> None:
    """Of somebody who was not reached, for weeks."""
    town.world.block(old.person)
    await town.quiet()
    await ask(town, anew)
    town.clock.advance(days=20)
    with closing(sqlite3.connect(town.database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        await asyncio.wait_for(town.app.use(Recovery).withdraw_due(), PATIENCE)
    assert town.alerts() == []
    assert owners(town) == [old.id, anew.id]


async def test_a_request_that_fails_is_told_and_keeps_no_other_waiting(town: Town, old: Someone) -> None:
    second = await prove_later(town, "Мария со второго телефона")
    anew = await prove_later(town, "Мария с третьего телефона")
    town.clock.advance(days=SETTLED)
    for before in (old, second):
        await anew.press_data(anew.last_id, f"re1:send:{link_of(town, anew)}:{link_of(town, before)}")
        town.clock.advance(seconds=1)
    await sent(town, "recovery_asked")
    stuck = f"BEFORE DELETE ON links WHEN OLD.user_id = {old.id} BEGIN SELECT RAISE(ABORT, 'stuck'); END"
    await town.run(f"CREATE TRIGGER stuck {stuck}")
    await pass_days(town, days=8)
    assert owners(town) == [old.id, anew.id]
    [alert] = town.alerts()
    assert "an access could not be withdrawn: IntegrityError" in alert
    await town.run("DROP TRIGGER stuck")
    await pass_days(town)
    assert owners(town) == [anew.id]


async def test_an_objection_keeps_the_access_and_there_is_no_second_request(
    town: Town, old: Someone, anew: Someone
) -> None:
    await ask(town, anew, old)
    await list_access(anew)
    assert "ждём ответа" in anew.screen
    assert FORMER not in str(anew.buttons)
    again = f"re1:send:{link_of(town, anew)}:{link_of(town, old)}"
    town.clock.advance(days=6)
    before = town.world.cursor
    await old.press(KEEP)
    assert "Доступ к счёту остаётся у вас" in old.screen
    await town.told(anew, "там ответили, что он нужен", before)
    assert requests(town) == [(anew.id, old.id, 1)]
    await pass_days(town, days=60)
    await anew.press_data(anew.last_id, again)
    assert "позвоните нам или приходите в офис" in anew.screen
    await list_access(anew)
    assert "возразили" in anew.screen
    assert FORMER not in str(anew.buttons)
    await pass_days(town, days=60)
    assert owners(town) == [old.id, anew.id]
    assert [count(old, QUESTION), actions(town)] == [0, ["recovery_asked", "recovery_refused"]]


async def test_an_objection_is_told_once_however_often_it_is_pressed(town: Town, old: Someone, anew: Someone) -> None:
    await ask(town, anew, old)
    press = old.find(KEEP)
    for _ in range(2):
        town.world.press(old.person, old.id, *press)
    await town.quiet()
    await old.press_data(*press)
    assert "Доступ к счёту остаётся у вас" in old.screen
    await sent(town, "recovery_refused")
    assert count(anew, "там ответили") == 1
    assert actions(town) == ["recovery_asked", "recovery_refused"]


async def test_asked_twice_it_is_one_request_and_one_question(town: Town, old: Someone, anew: Someone) -> None:
    await list_access(anew)
    await anew.press(FORMER)
    for _ in range(2):
        anew.taps("Да, отозвать доступ")
    await town.quiet()
    await sent(town, "recovery_asked")
    town.clock.advance(days=3)
    await anew.press_data(anew.last_id, f"re1:send:{link_of(town, anew)}:{link_of(town, old)}")
    await sent(town, "recovery_asked")
    assert count(old, QUESTION) == 1
    assert actions(town) == ["recovery_asked"]
    await pass_days(town, days=4)
    assert owners(town) == [anew.id], "the second press did not begin the days anew"


async def test_a_proof_has_to_be_a_day_old(town: Town, old: Someone) -> None:
    anew = await prove_later(town, "Кто-то")
    data = f"re1:send:{link_of(town, anew)}:{link_of(town, old)}"
    town.clock.advance(hours=23, minutes=58)
    await list_access(anew)
    await anew.press(FORMER)
    assert "через сутки после того, как вы подтвердили" in anew.screen
    await anew.press_data(anew.last_id, data)
    assert "через сутки после того, как вы подтвердили" in anew.screen
    assert requests(town) == []
    town.clock.advance(minutes=2)
    await anew.press_data(anew.last_id, data)
    assert requests(town) == [(anew.id, old.id, 0)]


async def test_only_who_proved_it_later_can_ask_and_only_about_who_was_there_before(
    town: Town, old: Someone, anew: Someone
) -> None:
    """Others have «Закрыть доступ», or nothing to say."""
    invited = await join(town, old, name="Внук")
    neighbour = await town.customer("Сосед", ACCOUNT)
    people = (old, anew, invited, neighbour)
    for someone in people:
        for other in people:
            if (someone, other) != (anew, old):
                data = f"{link_of(town, someone)}:{link_of(town, other)}"
                for action in ("ask", "send", "keep"):
                    await someone.press_data(someone.last_id, f"re1:{action}:{data}")
    rogue = await town.customer("Чужой")
    for action in ("ask", "send", "keep"):
        await rogue.press_data(rogue.last_id, f"re1:{action}:{link_of(town, anew)}:{link_of(town, old)}")
    assert requests(town) == []
    assert QUESTION not in "".join(someone.seen for someone in people)
    await list_access(old)
    assert FORMER not in str(old.buttons)
    assert "Закрыть доступ: 1." in old.buttons


async def test_somebody_elses_objection_does_not_count(town: Town, old: Someone, anew: Someone) -> None:
    await ask(town, anew, old)
    third = await prove_later(town, "Третий")
    _, data = old.find(KEEP)
    for own in (link_of(town, old), link_of(town, third)):
        for other in (link_of(town, anew), link_of(town, old)):
            await third.press_data(third.last_id, f"re1:keep:{own}:{other}")
    await anew.press_data(anew.last_id, data)
    assert requests(town) == [(anew.id, old.id, 0)]


async def test_who_cannot_be_reached_has_thirty_days(town: Town, old: Someone, anew: Someone) -> None:
    town.world.block(old.person)
    await town.quiet()
    await ask(town, anew)
    await pass_days(town, days=29)
    assert owners(town) == [old.id, anew.id]
    before = town.world.cursor
    await pass_days(town, days=1)
    await town.told(anew, DONE, before)
    assert owners(town) == [anew.id]


async def test_who_comes_back_has_seven_days_from_then(town: Town, old: Someone, anew: Someone) -> None:
    town.world.block(old.person)
    await town.quiet()
    await ask(town, anew)
    await pass_days(town, days=20)
    before = town.world.cursor
    town.world.unblock(old.person)
    await town.quiet()
    await town.tick()
    await town.told(old, QUESTION, before)
    await sent(town, "recovery_asked")
    await pass_days(town, days=6)
    assert owners(town) == [old.id, anew.id]
    await pass_days(town, days=1)
    assert owners(town) == [anew.id]


async def test_a_clock_turned_back_only_makes_it_later(town: Town, old: Someone, anew: Someone) -> None:
    await ask(town, anew, old)
    await pass_days(town, days=-2)
    await pass_days(town, days=7)
    assert owners(town) == [old.id, anew.id]
    await pass_days(town, days=2)
    assert owners(town) == [anew.id]


async def test_a_stranger_who_asks_is_thrown_out_with_one_press(town: Town, old: Someone, anew: Someone) -> None:
    await ask(town, anew, old)
    await old.press("Это не я")
    assert owners(town) == [old.id]
    assert requests(town) == []
    await pass_days(town, days=40)
    assert owners(town) == [old.id]
    await anew.send(ACCOUNT)
    await anew.send("45")
    await prove(anew, "1055,11")
    assert "запретил подтверждать" in anew.screen


@pytest.mark.parametrize("leaver", ["old", "anew"])
async def test_a_request_ends_with_either_of_them(town: Town, old: Someone, anew: Someone, leaver: str) -> None:
    """Who comes back and proves the account again is not who was asked, or who asked."""
    await ask(town, anew, old)
    someone = {"old": old, "anew": anew}[leaver]
    await someone.send("/accounts")
    for label in ("…3456", "Отвязать", "Да, отвязать"):
        await someone.press(label)
    assert requests(town) == []
    await someone.send(ACCOUNT)
    await someone.send("45")
    await prove(someone, "1055,11")
    await pass_days(town, days=40)
    assert sorted(owners(town)) == sorted([old.id, anew.id])


@pytest.mark.parametrize("objected", [True, False])
@pytest.mark.parametrize("leaver", ["old", "anew"])
async def test_nothing_of_it_is_left_of_who_is_erased(
    town: Town, old: Someone, anew: Someone, leaver: str, objected: bool
) -> None:
    await ask(town, anew, old)
    if objected:
        await old.press(KEEP)
        await sent(town, "recovery_refused")
    someone = {"old": old, "anew": anew}[leaver]
    await erase(someone)
    assert requests(town) == []
    gone(town, someone)
    assert owners(town) == [{"old": anew, "anew": old}[leaver].id]


async def test_a_request_is_in_the_file_of_both_without_the_other(town: Town, old: Someone, anew: Someone) -> None:
    await ask(town, anew, old)
    asked, was_asked = await download(anew), await download(old)
    assert [one["account"] for one in asked["recoveries"]] == [ACCOUNT]
    assert [one["account"] for one in was_asked["withdrawals"]] == [ACCOUNT]
    assert asked["withdrawals"] == was_asked["recoveries"] == []
    assert str(old.id) not in str(asked)
    assert str(anew.id) not in str(was_asked)


async def test_access_that_has_ended_meanwhile_is_not_asked_for(town: Town, old: Someone, anew: Someone) -> None:
    await list_access(anew)
    await anew.press(FORMER)
    await old.send("/accounts")
    for label in ("…3456", "Отвязать", "Да, отвязать"):
        await old.press(label)
    await anew.press("Да, отозвать доступ")
    assert "Этого доступа к счёту уже нет" in anew.screen
    assert requests(town) == []


async def test_access_that_is_in_use_is_not_lost(town: Town, old: Someone, anew: Someone) -> None:
    """The question was overlooked, and the account was not."""
    await ask(town, anew, old)
    await pass_days(town, days=3)
    await old.send("/menu")
    await pass_days(town, days=10)
    assert sorted(owners(town)) == sorted([old.id, anew.id])
