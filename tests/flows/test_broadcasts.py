"""A message of the company to many: two people answer for it, it can be stopped, and corrected for the same people."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.outbox.rate_limiter import PAID, RateLimiter
from services.broadcasts import broadcasts as sending
from services.broadcasts import reach
from services.broadcasts.accounts import accounts_in
from services.broadcasts.broadcasts import Broadcasts
from services.broadcasts.errors import (
    BroadcastTooLong,
    CannotBroadcast,
    ConfirmedAlready,
    DoneAlready,
    NoRecipients,
    NoStreet,
    NoSuchRegion,
    NotBegun,
    NoText,
    SecondPersonNeeded,
    StillGoing,
    StoppedAlready,
    TooManyRecipients,
    UnknownBroadcast,
)
from services.broadcasts.models import MOST_ACCOUNTS, Audience, Operator, Silence
from services.db.broadcasts import SqlBroadcasts
from services.supplier.errors import SupplierUnavailable
from tests.conftest import TWO_ZONES
from tests.flows.test_erasure import erase
from tests.harness import BotHarness
from tests.people import Someone

ELSEWHERE = "360000200033"
TEXT = "Завтра с 10 до 12 на ул. Лизюкова отключим электричество. <b>Простите</b>"
ANNA, BORIS = Operator("Анна"), Operator("Борис")

pytestmark = pytest.mark.limits(sender={"back": (0,), "strikes": (0,)})


def got(someone: Someone, words: str = "отключим электричество") -> int:
    return sum(words in screen for screen in someone.screens)


async def begin(harness: BotHarness, audience: Audience, text: str = TEXT) -> int:
    """One of Anna's, confirmed and queued; its number."""
    broadcasts = harness.app.use(Broadcasts)
    one, _ = await broadcasts.make(text, audience, ANNA)
    await broadcasts.confirm(one.id, BORIS)
    await broadcasts.go_on(one.id)
    return one.id


async def sent(harness: BotHarness, audience: Audience, text: str = TEXT) -> int:
    number = await begin(harness, audience, text)
    harness.app.wake_up.set()
    await harness.outbox_is_done()
    return number


async def test_it_is_for_whom_it_fits_and_its_correction_for_the_same(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ELSEWHERE)
    broadcasts = harness.app.use(Broadcasts)
    [(address,)] = harness.rows("SELECT address FROM ledger_accounts WHERE account = ?", int(TWO_ZONES))
    audience = Audience(street=address.split(",")[1].upper(), accounts=(TWO_ZONES, ELSEWHERE))
    made, found = await broadcasts.make(TEXT, audience, ANNA)
    assert (made.count, found.people, found.unknown, found.unlinked) == (1, 1, (), 0)
    await broadcasts.queue_confirmed()
    await harness.tick()
    assert got(maria) == 0
    with pytest.raises(SecondPersonNeeded):
        await broadcasts.confirm(made.id, Operator("анна "))
    await broadcasts.confirm(made.id, BORIS)
    with pytest.raises(StillGoing):
        await broadcasts.make("С 12 до 14.", Audience(corrects=made.id), ANNA)
    await broadcasts.queue_confirmed()
    await harness.outbox_is_done()
    assert [got(one) for one in (maria, oleg)] == [1, 0]
    assert maria.screen == f"📢 {TEXT}"
    with pytest.raises(ConfirmedAlready):
        await broadcasts.confirm(made.id, BORIS)

    late = await harness.customer("Пётр", TWO_ZONES)  # did not get it
    number = await sent(harness, Audience(corrects=made.id), "С 12 до 14.")
    assert [got(one, "Исправление к прежнему сообщению:\n\nС 12 до 14.") for one in (maria, oleg, late)] == [1, 0, 0]
    with pytest.raises(DoneAlready):
        await broadcasts.stop(number, ANNA)
    await sent(harness, Audience(corrects=number), "Всё-таки с 13.")
    assert [got(one, "Всё-таки с 13.") for one in (maria, oleg, late)] == [1, 0, 0]


async def test_one_that_is_stopped_reaches_nobody_more(harness: BotHarness, maria: Someone) -> None:
    broadcasts = harness.app.use(Broadcasts)
    harness.clock.set("2026-11-23 23:30")  # it waits for the morning
    number = await begin(harness, Audience())
    await harness.outbox_becomes("quiet", [(1,)])
    stopped = await broadcasts.stop(number, BORIS)
    tally = await broadcasts.tally(stopped)
    assert (stopped.stopped_by, tally.waiting, tally.sent, tally.passed_over) == ("Борис", 0, 0, 1)
    harness.clock.set("2026-11-24 08:00")
    await harness.tick()
    await harness.outbox_is_done()
    assert got(maria) == 0
    with pytest.raises(NoRecipients):
        await broadcasts.make("Прежнее неверно.", Audience(corrects=number), ANNA)
    for again in (broadcasts.stop(number, ANNA), broadcasts.confirm(number, ANNA)):
        with pytest.raises(StoppedAlready):
            await again


async def test_many_are_withdrawn_a_few_at_a_time_and_what_a_kill_leaves_reaches_nobody(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [maria, *[await harness.customer(f"Сосед {number}", TWO_ZONES) for number in range(4)]]
    harness.clock.set("2026-11-23 23:30")  # they wait for the morning
    whole, killed = await begin(harness, Audience()), await begin(harness, Audience())
    await harness.outbox_becomes("quiet", [(1,)] * 10)
    withdraw, dropped = SqlBroadcasts.withdraw, list[int]()

    async def look(*args: Any) -> str:
        dropped.append(len(harness.outbox("key", state="failed")))
        if args[1].id == killed and args[2] != args[1].prefix:
            raise RuntimeError("the end")
        return await withdraw(*args)

    monkeypatch.setattr(sending, "WITHDRAWN", 2)
    monkeypatch.setattr(SqlBroadcasts, "withdraw", look)
    broadcasts = harness.app.use(Broadcasts)
    await broadcasts.stop(whole, BORIS)
    with pytest.raises(RuntimeError):
        await broadcasts.stop(killed, BORIS)
    assert dropped == [0, 2, 4, 5, 5, 7]
    one = await broadcasts.get(killed)
    tally = await broadcasts.tally(one)
    assert (one.state, one.stopped_by, tally.waiting, tally.passed_over) == ("stopped", "Борис", 3, 2)
    harness.clock.set("2026-11-24 09:01")
    await harness.tick()
    await harness.outbox_is_done()
    assert [got(one) for one in people] == [0] * 5
    tally = await broadcasts.tally(one)
    assert (tally.waiting, tally.passed_over) == (0, 5)


async def test_what_cannot_be_sent_is_said(harness: BotHarness, maria: Someone) -> None:
    broadcasts = harness.app.use(Broadcasts)
    draft, _ = await broadcasts.make("😀" * 1750, Audience(), ANNA)
    wrong: tuple[tuple[str, Audience, type[CannotBroadcast], dict[str, Any]], ...] = (
        (" \n", Audience(), NoText, {}),
        ("😀" * 1750 + "x", Audience(), BroadcastTooLong, {"count": 3501, "most": 3500}),
        (TEXT, Audience(region="Марс"), NoSuchRegion, {"region": "Марс"}),
        (TEXT, Audience(street="ул. Несуществующая"), NoRecipients, {}),
        (TEXT, Audience(street=" ., "), NoStreet, {}),
        (TEXT, Audience(accounts=(ELSEWHERE,)), NoRecipients, {}),
        (TEXT, Audience(corrects=7), UnknownBroadcast, {"number": 7}),
        (TEXT, Audience(corrects=draft.id), NotBegun, {"number": draft.id}),
    )
    for text, audience, error, facts in wrong:
        with pytest.raises(error) as caught:
            await broadcasts.make(text, audience, ANNA)
        assert caught.value.facts.items() >= facts.items()
    with pytest.raises(TooManyRecipients):
        accounts_in("\n".join(f"{number:012}" for number in range(MOST_ACCOUNTS + 1)))
    assert harness.rows("SELECT count(*) FROM broadcasts") == [(1,)]


async def test_a_person_for_whom_it_cannot_be_made_holds_up_no_other(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three of one batch."""
    harness, hearing = idle_harness, reach.Audiences.hearing
    harness.limiter = RateLimiter(chat_pause=0, bulk=PAID, paid=True)
    await harness.start()
    neighbours = [await harness.customer(f"Сосед {number}", ELSEWHERE) for number in range(3)]
    harness.clock.advance(hours=14)  # they are left alone by night
    await begin(harness, Audience())

    async def broken(audiences: reach.Audiences, customers: Any, audience: Audience) -> Any:
        assert neighbours[1].id not in {one.user_id for one in customers}
        return await hearing(audiences, customers, audience)

    monkeypatch.setattr(reach.Audiences, "hearing", broken)
    harness.clock.advance(hours=10)
    await harness.tick()
    await harness.outbox_becomes("user_id, tries", [(neighbours[1].id, 1)], kind="broadcast", state="waiting")
    await harness.outbox_becomes("key", [], kind="broadcast", state="sending")
    assert [got(one) for one in neighbours] == [1, 0, 1]
    assert "could not be made" in "".join(harness.journal.take())


async def test_people_who_leave_meanwhile_are_not_told(harness: BotHarness, maria: Someone) -> None:
    """One has erased everything, one has unlinked the account, one has stopped the bot unseen; one was being told
    when the process ended. A correction reaches those who got it or may have got it, and have unlinked
    since, too."""
    erased, unlinked, gone, unsure = [
        await harness.customer(name, TWO_ZONES) for name in ("Ира", "Пётр", "Вера", "Аня")
    ]
    await harness.run("UPDATE users SET blocked_at = '2026-11-01 00:00:00.000000' WHERE id = ?", gone.id)
    _, found = await harness.app.use(Broadcasts).make(TEXT, Audience(), ANNA)
    assert (found.people, dict(found.silent)) == (4, {Silence.STOPPED: 1})
    await harness.run("UPDATE users SET blocked_at = NULL")
    harness.clock.set("2026-11-23 23:30")
    number = await begin(harness, Audience(accounts=(TWO_ZONES,)))
    await harness.outbox_becomes("quiet", [(1,)] * 5)
    await erase(erased)
    await harness.run("DELETE FROM links WHERE user_id = ?", unlinked.id)
    gone.person.blocked = True  # Telegram has told nothing of it
    await harness.stop()
    await harness.rewrite_outbox({"state": "sending", "tries": 1}, user_id=unsure.id)
    harness.clock.set("2026-11-24 09:01")
    await harness.start()
    await harness.outbox_is_done()
    people = (maria, erased, unlinked, gone, unsure)
    assert [got(one) for one in people] == [1, 0, 0, 0, 0]
    assert harness.outbox("state", key=f"broadcast:{number}:{unsure.id}") == [("failed",)]
    gone.person.blocked = False
    await gone.send("/start")
    await harness.run("DELETE FROM links WHERE user_id = ?", maria.id)
    await sent(harness, Audience(corrects=number), "Прежнее неверно.")
    assert [got(one, "Прежнее неверно.") for one in people] == [1, 0, 0, 0, 1]
    harness.journal.take()


async def test_two_processes_and_a_kill_in_the_middle_queue_everybody_once(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [await harness.customer(f"Сосед {number}", TWO_ZONES) for number in range(5)]
    monkeypatch.setattr(reach, "PAGE", 1)
    broadcasts = harness.app.use(Broadcasts)
    made, _ = await broadcasts.make(TEXT, Audience(), ANNA)
    await broadcasts.confirm(made.id, BORIS)
    queue, left = broadcasts._queue, [2]

    async def end(*args: Any) -> bool:
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("the end")
        return await queue(*args)

    with monkeypatch.context() as patch:
        patch.setattr(broadcasts, "_queue", end)
        with pytest.raises(RuntimeError):
            await broadcasts.go_on(made.id)
    assert len(harness.outbox("key", kind="broadcast")) == 2
    pages: list[tuple[int, int]] = []
    both = [broadcasts.go_on(made.id, lambda *counts: pages.append(counts)) for _ in range(2)]
    assert [one.state for one in await asyncio.gather(*both)] == ["queued"] * 2
    assert len(pages) == 4 + 1, "each is done by one of them, and the end"
    harness.app.wake_up.set()
    await harness.outbox_is_done()
    assert [got(one) for one in (maria, *others)] == [1] * 6


async def test_the_place_is_not_committed_for_each_page_without_recipients(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = sorted(
        [await harness.customer(f"Сосед {number}", ELSEWHERE) for number in range(7)], key=lambda one: one.id
    )
    first, *_, last = people
    await harness.run("UPDATE links SET account = ? WHERE user_id IN (?, ?)", TWO_ZONES, first.id, last.id)
    monkeypatch.setattr(reach, "PAGE", 1)
    monkeypatch.setattr(sending, "PASSED", 3)
    broadcasts, commits = harness.app.use(Broadcasts), list[int]()
    [(address,)] = harness.rows("SELECT address FROM ledger_accounts WHERE account = ?", int(TWO_ZONES))
    made, _ = await broadcasts.make(TEXT, Audience(street=address), ANNA)
    await broadcasts.confirm(made.id, BORIS)
    await broadcasts.go_on(made.id, lambda queued, _: commits.append(queued))
    assert commits == [1, 1, 2, 2], "the first, three who do not hear it, two more with the last, the end"
    await harness.outbox_is_done()
    assert [got(one) for one in people] == [1, 0, 0, 0, 0, 0, 1]


async def test_a_few_people_are_queued_between_the_pages_of_a_large_one(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    neighbours = [await harness.customer(f"Сосед {number}", TWO_ZONES) for number in range(5)]
    one = await harness.customer("Вера", ELSEWHERE)
    monkeypatch.setattr(reach, "PAGE", 1)
    broadcasts = harness.app.use(Broadcasts)
    for audience in (Audience(), Audience(accounts=(ELSEWHERE,))):
        made, _ = await broadcasts.make(TEXT, audience, ANNA)
        await broadcasts.confirm(made.id, BORIS)
    await broadcasts.queue_confirmed()
    order = [key for (key,) in harness.outbox("key", kind="broadcast")]
    assert order.index(f"broadcast:{made.id}:{one.id}") == 1
    assert len(order) == len(neighbours) + 2


async def test_a_withdrawal_that_was_cut_off_goes_on_when_the_press_is_worked_off_again(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.clock.set("2026-11-23 23:30")
    number = await begin(harness, Audience())
    await harness.outbox_becomes("quiet", [(1,)])
    broadcasts = harness.app.use(Broadcasts)

    async def end(*_: object) -> None:
        raise RuntimeError("the end")

    with monkeypatch.context() as patch:
        patch.setattr(SqlBroadcasts, "withdraw", end)
        with pytest.raises(RuntimeError):
            await broadcasts.stop(number, BORIS)
    assert harness.outbox("state", kind="broadcast") == [("waiting",)]
    with pytest.raises(StoppedAlready):
        await broadcasts.stop(number, ANNA)
    assert (await broadcasts.stop(number, BORIS)).state == "stopped"
    assert harness.outbox("state", kind="broadcast") == [("failed",)]


async def test_a_broadcast_that_waits_for_the_supplier_holds_up_no_other(harness: BotHarness, maria: Someone) -> None:
    broadcasts = harness.app.use(Broadcasts)
    for audience in (Audience(street="ул. Лизюкова"), Audience()):
        made, _ = await broadcasts.make(TEXT, audience, ANNA)
        await broadcasts.confirm(made.id, BORIS)
    harness.supplier.trouble = SupplierUnavailable()
    with pytest.raises(SupplierUnavailable):
        await broadcasts.queue_confirmed()
    assert harness.rows("SELECT state FROM broadcasts ORDER BY id") == [("going",), ("queued",)]
    harness.supplier.trouble = None
    await broadcasts.queue_confirmed()
    await harness.outbox_is_done()
    assert got(maria) == 2


async def test_who_erases_everything_while_it_is_queued_stays_erased(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As its author, and as one who would have got it: the customers were looked at before, and the row was read."""
    harness.clock.set("2026-11-23 23:30")
    broadcasts, hearing = harness.app.use(Broadcasts), reach.Audiences.hearing
    made, _ = await broadcasts.make(TEXT, Audience(), Operator("Мария", maria.id))
    await broadcasts.confirm(made.id, BORIS)

    async def erased(*arguments: Any) -> Any:
        found = await hearing(*arguments)
        if found:
            await erase(maria)
        return found

    monkeypatch.setattr(reach.Audiences, "hearing", erased)
    await broadcasts.queue_confirmed()
    assert harness.rows("SELECT made_by, author_id, state FROM broadcasts") == [("", None, "queued")]
    assert harness.outbox("key", kind="broadcast") == []


async def test_a_count_that_needs_the_supplier_holds_up_no_other(harness: BotHarness, maria: Someone) -> None:
    broadcasts = harness.app.use(Broadcasts)
    for audience in (Audience(street="ул. Лизюкова"), Audience()):
        await broadcasts.make(TEXT, audience, ANNA)
    await harness.run("UPDATE broadcasts SET count = 0, count_asked_at = '2026-11-20 00:00:00.000000'")
    harness.supplier.trouble = SupplierUnavailable()
    with pytest.raises(SupplierUnavailable):
        await broadcasts.count_asked()
    assert harness.rows("SELECT count FROM broadcasts ORDER BY id") == [(0,), (1,)]


async def test_while_the_supplier_is_away_a_street_hears_later_and_not_never(
    harness: BotHarness, maria: Someone
) -> None:
    harness.clock.set("2026-11-23 23:30")
    await begin(harness, Audience(street="ул. Лизюкова"))
    await harness.outbox_becomes("quiet", [(1,)])
    harness.supplier.trouble = SupplierUnavailable()
    harness.clock.set("2026-11-24 09:01")
    for tries in range(1, 9):
        await harness.tick()
        await harness.outbox_becomes("tries, state", [(tries, "waiting")])
        harness.clock.advance(hours=1)
    harness.supplier.trouble = None
    await harness.tick()
    await harness.outbox_is_done()
    assert got(maria) == 1
    harness.journal.take()
