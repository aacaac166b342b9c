"""The one sender: five outcomes, edits, priorities, order in a chat, pace, outages, kills, people who stop the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from aiogram.exceptions import TelegramForbiddenError

import bot.outbox.sender
from bot.outbox.pace import Pace
from bot.telegram.session import LeanSession
from services.db.whole import to_the_end
from services.notices.catalog import AskedByMail, SheetLetter
from services.notices.errors import MailPostponed, MailRefused, MailUnavailable, MailUnknown
from services.notices.models import Notice, Urgency
from services.notices.ports import Queued
from tests.flows.kept import submitted
from tests.kinds import EDITED, SAID, OrdinaryEdit
from tests.people import Someone
from tests.town import PATIENCE, Town

STATES = "SELECT key, state, doubts FROM outbox ORDER BY id"
OPEN = "SELECT key FROM outbox WHERE ended_at IS NULL"
MOMENT = "2026-11-23 00:00:00.000000"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.outbox.sender, "BACK", (0,))
    monkeypatch.setattr(bot.outbox.sender, "STRIKES", (0,))


@pytest.fixture
async def paced_town(silent_town: Town) -> Town:
    """A town whose bot keeps a second between two messages to one person, as it does for Telegram."""
    silent_town.pace = Pace()
    await silent_town.start()
    return silent_town


def notice(someone: Someone | int, key: str, urgency: Urgency = Urgency.NOTICE) -> Notice:
    """A message that shows its key."""
    chat = someone if isinstance(someone, int) else someone.id
    return Notice(key, chat, SAID[urgency](number=key))


def said(town: Town, keys: Iterable[str]) -> list[str]:
    """Which of these notices Telegram has taken, in order, repetitions included."""
    texts = [call.params.get("text", "") for call in town.world.calls if call.method == "sendMessage" and call.ok]
    wanted = list(keys)
    return [key for text in texts for key in wanted if f"<b>{key}</b>" in text]


async def test_a_notice_is_said_once_and_leaves_no_words_behind(town: Town, maria: Someone) -> None:
    await town.tell(notice(maria, "N1"), notice(maria, "N1"))
    await town.until(STATES, [("N1", "sent", 0)])
    assert said(town, ["N1"]) == ["N1"]
    assert town.rows("SELECT facts FROM outbox") == [("{}",)]


async def once_more(town: Town, tries: int = 1) -> None:
    """What may have arrived is tried again a while later; `tries` so far."""
    if tries:
        await town.until("SELECT max(tries * (state = 'waiting')) FROM outbox", [(tries,)])
        town.clock.advance(seconds=31)
        await town.tick()


# Whose turn it is


async def test_the_urgent_ones_go_first_and_each_chat_keeps_its_order(
    silent_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.outbox.sender, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(bot.outbox.sender, "FRESH", 0)
    town = silent_town
    town.pace = Pace()
    await town.start()
    people = [await town.customer(f"Сосед {number}") for number in range(4)]
    town.world.faults.add("delay", method="sendMessage", chat_id=people[0].id, seconds=0.2, count=1)
    await town.tell(*(notice(person, f"B{number}", Urgency.BULK) for number, person in enumerate(people)))
    await town.until("SELECT state FROM outbox WHERE key = 'B0'", [("sending",)])
    await town.tell(notice(people[2], "N2"), notice(people[3], "A3", Urgency.ANSWER))
    await town.until(OPEN, [])
    assert said(town, ["B0", "B1", "B2", "B3", "N2", "A3"]) == ["B0", "B3", "B2", "B1", "A3", "N2"]


async def test_a_second_bulk_message_to_a_chat_waits_and_other_chats_do_not(paced_town: Town) -> None:
    town = paced_town
    maria = await town.customer("Мария")
    oleg = await town.customer("Олег")
    await town.tell(notice(maria, "M1"), notice(maria, "M2"), notice(oleg, "O1"), notice(oleg, "O2"))
    await town.until(OPEN, [])
    order = said(town, ["M1", "M2", "O1", "O2"])
    assert order[:2] == ["M1", "O1"]
    assert sorted(order[2:]) == ["M2", "O2"]


async def test_telegrams_limits_are_kept_by_themselves(paced_town: Town) -> None:
    town = paced_town
    group = town.world.add_staff_group("Смена")
    people = [await town.customer(f"Сосед {number}") for number in range(60)]
    town.world.flood.enabled = True
    await town.tell(*(notice(person, f"B{number}", Urgency.BULK) for number, person in enumerate(people)))
    await town.tell(*(notice(group.id, f"G{number}") for number in range(3)))
    await town.until(OPEN, [])
    assert [call for call in town.world.calls if call.error and "Too Many" in call.error] == []
    assert len(said(town, [f"B{number}" for number in range(60)])) == 60
    assert said(town, ["G0", "G1", "G2"]) == ["G0", "G1", "G2"]


# A clock that is set back

LATER = """
    INSERT INTO outbox (key, channel, user_id, kind, facts, urgency, own_urgency, quiet, created_at, due_at)
    VALUES (?, 'telegram', ?, 'accepted', '{"number": "LATER"}', 1, 1, 1, ?, ?)
"""


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_clock_that_is_set_back_holds_up_only_what_is_for_after_the_quiet_hours(
    town: Town, maria: Someone, letter: Notice, restarted: bool
) -> None:
    """A letter that waits for its next try, a message that has never been tried, one for 11 o'clock."""
    town.letterbox.trouble = MailPostponed()
    await town.tell(letter)
    await town.until("SELECT state, tries FROM outbox", [("waiting", 1)])
    if restarted:
        await town.stop()
    await town.run(LATER, "LATER", maria.id, "2026-11-23 07:14:00.000000", "2026-11-23 08:00:00.000000")
    await town.run(
        LATER.replace("LATER", "NOW").replace("1, 1, 1", "1, 1, 0"),
        "NOW",
        maria.id,
        *["2026-11-23 07:14:00.000001"] * 2,
    )
    town.letterbox.trouble = None
    town.clock.advance(hours=-1)
    if restarted:
        await town.start()
    await town.tick()
    await town.until(OPEN, [("LATER",)])
    assert (await town.letterbox.letter()).to == "maria@example.org"
    town.clock.advance(hours=1, minutes=46)
    await town.tick()
    await town.until(OPEN, [])
    assert said(town, ["LATER", "NOW"]) == ["NOW", "LATER"]


# Five outcomes


async def test_what_telegram_refuses_is_given_up_and_the_next_one_goes(town: Town, maria: Someone) -> None:
    await town.tell(notice(987_654_321, "NOBODY"), notice(maria, "N1"))
    await town.until(STATES, [("NOBODY", "failed", 0), ("N1", "sent", 0)])


@pytest.mark.parametrize("fault", ["too_many_requests", "unauthorized"])
async def test_what_was_held_for_weeks_survives_the_first_trouble(town: Town, maria: Someone, fault: str) -> None:
    """It is older than what is given up for its age, and has hardly been tried."""
    town.world.block(maria.person)
    await town.tell(notice(maria, "N1"))
    await town.until(STATES, [("N1", "held", 0)])
    town.clock.advance(days=20)
    town.world.faults.add(fault, method="sendMessage", chat_id=maria.id, count=1)
    town.world.unblock(maria.person)
    await town.until(STATES, [("N1", "sent", 0)])
    assert said(town, ["N1"]) == ["N1"]
    assert len(town.alerts()) == (fault == "unauthorized"), "which nobody but the operator can mend"


async def test_who_stops_the_bot_and_says_so_gets_no_bulk_that_waited(town: Town, maria: Someone) -> None:
    town.world.faults.add("http_status", method="sendMessage")
    await town.tell(notice(maria, "N1"), notice(maria, "B1", Urgency.BULK))
    await town.until("SELECT tries, state FROM outbox WHERE key = 'N1'", [(1, "waiting")])
    town.world.block(maria.person)
    await town.quiet()
    assert town.rows(STATES) == [("N1", "held", 0), ("B1", "failed", 0)]
    town.world.faults.clear()


async def test_a_refusal_that_comes_after_the_persons_return_stops_nothing(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, refused, go = LeanSession._request, asyncio.Event(), asyncio.Event()

    async def late(session: LeanSession, *arguments: Any) -> Any:
        try:
            return await request(session, *arguments)
        except TelegramForbiddenError:
            refused.set()
            await go.wait()
            raise

    monkeypatch.setattr(LeanSession, "_request", late)
    town.world.block(maria.person)
    await town.quiet()
    await town.run("UPDATE users SET blocked_at = NULL")  # the bot has not heard of it
    await town.tell(notice(maria, "N1"))
    await asyncio.wait_for(refused.wait(), PATIENCE)
    town.world.unblock(maria.person)
    await maria.send("/start")
    go.set()
    await town.until(STATES, [("N1", "sent", 0)])
    assert town.rows("SELECT blocked_at FROM users") == [(None,)]


# What brings a message up to date


def edit(someone: Someone, key: str, message_id: int, urgency: Urgency = Urgency.NOTICE) -> Notice:
    """All of them say the same."""
    return Notice(key, someone.id, EDITED[urgency](number="E"), message_id)


def edited(town: Town) -> int:
    """How many edits Telegram has taken."""
    return sum(call.method == "editMessageText" and call.ok for call in town.world.calls)


ENDINGS = "SELECT key, state, tries, doubts FROM outbox ORDER BY id"


async def test_a_notice_may_edit_and_shows_the_same_twice_without_a_failure(town: Town, maria: Someone) -> None:
    card, before = maria.last_id, len(maria.screens)
    await town.tell(edit(maria, "E1", card), edit(maria, "E2", card))
    await town.until(ENDINGS, [("E1", "sent", 1, 0), ("E2", "sent", 1, 0)])
    assert (maria.last_id, len(maria.screens)) == (card, before)
    assert maria.screen == "✅ Система расчётов приняла ваши показания № E."
    assert edited(town) == 1


@pytest.mark.parametrize("urgency", list(Urgency))
async def test_what_cannot_be_edited_any_more_is_said_once_as_a_new_message(
    town: Town, maria: Someone, urgency: Urgency
) -> None:
    card = maria.last_id
    await town.app.bot.delete_message(maria.id, card)
    await town.tell(edit(maria, "E1", card, urgency), edit(maria, "E2", card - 1, urgency))  # her own «/start»
    await town.until(ENDINGS, [("E1", "sent", 2, 0), ("E2", "sent", 2, 0)])
    assert said(town, ["E"]) == ["E", "E"]
    assert edited(town) == 0


@pytest.mark.parametrize("kind", ["reset_after", "truncated_body", "http_status"])
@pytest.mark.parametrize("urgency", list(Urgency))
async def test_an_edit_that_may_have_arrived_is_repeated_until_it_has(
    town: Town, maria: Someone, kind: str, urgency: Urgency
) -> None:
    town.world.faults.add(kind, method="editMessageText", count=2)
    await town.tell(edit(maria, "E1", maria.last_id, urgency))
    for tries in (1, 2):
        await town.until("SELECT state, tries FROM outbox", [("waiting", tries)])
        town.clock.advance(seconds=31)
        await town.tick()
    await town.until(ENDINGS, [("E1", "sent", 3, 0)])
    assert maria.screen == "✅ Система расчётов приняла ваши показания № E."
    assert said(town, ["E"]) == []


async def test_an_edit_waits_when_telegram_asks_for_it(town: Town, maria: Someone) -> None:
    town.world.faults.add("too_many_requests", method="editMessageText", count=1)
    await town.tell(edit(maria, "E1", maria.last_id))
    await town.until(ENDINGS, [("E1", "sent", 2, 0)])


async def test_an_edit_waits_for_who_stopped_the_bot(town: Town, maria: Someone) -> None:
    card = maria.last_id
    town.world.block(maria.person)
    await town.quiet()
    await town.run("UPDATE users SET blocked_at = NULL")  # the bot has not heard of it
    await town.tell(edit(maria, "E1", card))
    await town.until(ENDINGS, [("E1", "held", 1, 0)])
    town.world.unblock(maria.person)
    await maria.send("/start")
    town.app.wake_up.set()
    await town.until(ENDINGS, [("E1", "sent", 2, 0)])
    assert edited(town) == 1


async def test_who_is_back_after_days_is_told_also_where_the_message_is_gone(town: Town, maria: Someone) -> None:
    card = maria.last_id
    town.world.block(maria.person)
    await town.quiet()
    await town.tell(edit(maria, "E1", card))
    assert town.rows(ENDINGS) == [("E1", "held", 0, 0)]
    town.clock.advance(days=4)
    town.world.unblock(maria.person)
    await town.app.bot.delete_message(maria.id, card)
    await maria.send("/start")
    town.app.wake_up.set()
    await town.until(ENDINGS, [("E1", "sent", 2, 0)])
    assert said(town, ["E"]) == ["E"]


async def test_an_edit_that_telegram_refuses_for_itself_is_given_up(town: Town, maria: Someone) -> None:
    await town.tell(Notice("E1", 987_654_321, OrdinaryEdit(number="E"), 5))
    await town.until(ENDINGS, [("E1", "failed", 1, 0)])


@pytest.mark.parametrize("urgency", list(Urgency))
@pytest.mark.parametrize("kind", ["no such kind", "replaced"])
async def test_a_row_that_this_version_cannot_read_is_given_up_after_some_tries(
    town: Town, maria: Someone, urgency: Urgency, kind: str
) -> None:
    """A kind without words, or facts that are not of their kind; another notice goes meanwhile."""
    columns = "(key, channel, user_id, kind, facts, urgency, own_urgency, created_at, due_at)"
    values = (maria.id, kind, urgency, urgency, MOMENT, MOMENT)
    await town.run(f"INSERT INTO outbox {columns} VALUES ('X', 'telegram', ?, ?, '{{}}', ?, ?, ?, ?)", *values)
    town.app.wake_up.set()
    for tries in range(1, 7):
        await town.until("SELECT tries FROM outbox", [(tries,)])
        await town.until("SELECT count(*) FROM outbox WHERE state != 'sending'", [(1,)])
        town.clock.advance(hours=2)
        await town.tick()
    await town.until(STATES, [("X", "failed", 0)])
    assert len(town.journal.take()) == 6


# Kills and stops


async def cut_off(
    town: Town, someone: Someone, key: str, urgency: Urgency, tries: int = 1, edits: int | None = None
) -> None:
    """A notice that was being sent when a process ended."""
    columns = "(key, channel, user_id, kind, facts, edits, urgency, own_urgency, created_at, due_at, tries, state)"
    facts = f'{{"number": "{key}"}}'
    values = (key, "telegram", someone.id, SAID[urgency].kind, facts, edits, urgency, urgency, MOMENT, MOMENT, tries)
    await town.run(f"INSERT INTO outbox {columns} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'sending')", *values)


async def test_what_an_earlier_process_was_sending_may_have_arrived(town: Town, maria: Someone) -> None:
    await town.stop()
    await cut_off(town, maria, "N1", Urgency.NOTICE)
    await cut_off(town, maria, "B1", Urgency.BULK)
    await town.start()
    await town.until(STATES, [("N1", "sent", 1), ("B1", "failed", 0)])
    assert said(town, ["N1", "B1"]) == ["N1"]


async def test_what_is_cut_off_again_and_again_waits_and_is_said(town: Town, maria: Someone) -> None:
    """It may be what ends the process; or it had bad luck."""
    await town.stop()
    await cut_off(town, maria, "N1", Urgency.NOTICE, tries=30)
    await town.start()
    await town.until("SELECT state FROM outbox", [("waiting",)])
    await town.tick()
    assert said(town, ["N1"]) == []
    town.clock.advance(hours=2)
    await town.tick()
    await town.until(STATES, [("N1", "sent", 1)])


async def test_what_is_cut_off_for_days_is_given_up(town: Town, maria: Someone) -> None:
    await town.stop()
    await cut_off(town, maria, "N1", Urgency.NOTICE, tries=30)
    town.clock.advance(days=4)
    await town.start()
    await town.until(STATES, [("N1", "failed", 0)])
    assert said(town, ["N1"]) == []


async def test_an_edit_that_an_earlier_process_was_making_is_made_again_without_a_doubt(
    town: Town, maria: Someone
) -> None:
    await town.stop()
    await cut_off(town, maria, "E1", Urgency.NOTICE, edits=maria.last_id)
    await town.start()
    await town.until(ENDINGS, [("E1", "sent", 2, 0)])
    assert edited(town) == 1


async def test_a_stop_lets_a_send_end(town: Town, maria: Someone) -> None:
    town.world.faults.add("delay", method="sendMessage", seconds=0.2, count=1)
    await town.tell(notice(maria, "N1"))
    await town.until("SELECT state FROM outbox", [("sending",)])
    await town.stop()
    assert town.rows(STATES) == [("N1", "sent", 0)]
    await town.start()
    await town.quiet()
    assert said(town, ["N1"]) == ["N1"]


async def test_a_send_that_begins_while_the_bot_stops_ends_before_its_connections(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    due, entered, go = town.app.outbox.due, asyncio.Event(), asyncio.Event()

    async def slow(*arguments: Any) -> list[Queued]:
        async def look() -> list[Queued]:
            entered.set()
            await go.wait()
            return await due(*arguments)

        return await to_the_end(look())  # as every statement does

    monkeypatch.setattr(town.app.outbox, "due", slow)
    await town.tell(notice(maria, "N1"))
    await asyncio.wait_for(entered.wait(), PATIENCE)
    stopping = asyncio.ensure_future(town.stop())
    for _ in range(100):
        await asyncio.sleep(0)
    go.set()
    await stopping
    assert town.rows(STATES) == [("N1", "sent", 0)]


# Letters


@pytest.fixture
async def letter(town: Town, maria: Someone) -> Notice:
    """One on its way to be sent."""
    await maria.send("3650 1580")
    await maria.press("Передать")
    facts = SheetLetter(address="maria@example.org", submission=submitted(town)[0]["key"])
    return Notice("L1", maria.id, facts)


async def test_letters_do_not_hold_messages_up(town: Town, maria: Someone, letter: Notice) -> None:
    town.letterbox.trouble = MailUnavailable()
    await town.tell(letter, notice(maria, "N1"))
    await town.until("SELECT state FROM outbox WHERE key = 'N1'", [("sent",)])
    town.letterbox.trouble = None
    await town.until(OPEN, [])
    assert (await town.letterbox.letter()).to == "maria@example.org"


async def test_a_letter_that_is_asked_to_wait_waits_alone(town: Town, letter: Notice) -> None:
    town.letterbox.trouble = MailPostponed()
    await town.tell(letter)
    await town.until("SELECT state, tries FROM outbox", [("waiting", 1)])
    town.letterbox.trouble = None
    town.clock.advance(seconds=6)
    await town.tick()
    await town.until(OPEN, [])
    assert (await town.letterbox.letter()).to == "maria@example.org"


@pytest.mark.parametrize(("trouble", "tries"), [(MailRefused(), 1), (MailUnknown(), 2)])
async def test_a_letter_that_is_given_up_is_told_to_its_customer(
    town: Town, maria: Someone, letter: Notice, trouble: Exception, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def yes() -> bool:
        return True

    monkeypatch.setattr(town.letterbox, "answers", yes)
    town.letterbox.trouble = trouble
    before = town.world.cursor
    await town.tell(letter)
    await once_more(town, tries - 1)
    await town.told(maria, "Письмо на m•••@example.org не доставлено", before)
    assert town.rows("SELECT tries FROM outbox WHERE key = 'L1'") == [(tries,)]


async def test_wake_ups_without_end_keep_nothing_from_being_sent(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when a look at the outbox takes longer than it is good for."""
    monkeypatch.setattr(bot.outbox.sender, "FRESH", 0.02)
    due = town.app.outbox.due

    async def slowly(*arguments: Any) -> Any:
        await asyncio.sleep(0.05)
        town.app.wake_up.set()
        return await due(*arguments)

    monkeypatch.setattr(town.app.outbox, "due", slowly)
    await town.tell(notice(maria, "N1"))
    await town.until(STATES, [("N1", "sent", 0)])


async def test_a_result_that_cannot_be_noted_by_our_own_fault_holds_nobody_up(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AskedByMail, "if_lost", lambda letter: letter.there_is_no_such_fact)
    town.letterbox.trouble = MailRefused()
    await town.tell(Notice("L2", maria.id, SheetLetter(address="maria@example.org", submission="gone")))
    await town.until("SELECT state FROM outbox WHERE key = 'L2'", [("failed",)])
    assert "there_is_no_such_fact" in "".join(town.journal.take())


async def test_a_letter_whose_submission_is_gone_is_told_to_its_customer(town: Town, maria: Someone) -> None:
    before = town.world.cursor
    await town.tell(Notice("L2", maria.id, SheetLetter(address="maria@example.org", submission="gone")))
    await town.told(maria, "Письмо на m•••@example.org не доставлено", before)
    assert town.letterbox.letters.empty()
