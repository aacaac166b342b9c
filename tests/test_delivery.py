"""The one sender: five outcomes, edits, priorities, order in a chat, pace, outages, kills, people who stop the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from aiogram.exceptions import TelegramForbiddenError

from bot.app import LETTERS, limiter_of
from bot.config import GeneralSettings, load
from bot.outbox.channels import TelegramChannel
from bot.outbox.rate_limiter import MOST, PAID, RateLimiter
from bot.outbox.sender import Admitted
from bot.telegram.session import LeanSession
from services.db.cancellation import to_the_end
from services.notices.catalog import ConfirmationLetter, SheetLetter
from services.notices.errors import MailPostponed, MailRefused, MailUnavailable, MailUnknown
from services.notices.models import Channel, Notice, Refusal, Urgency
from services.notices.policy import NoticePolicy
from services.notices.ports import BeginTry, Change, Letter, NoticeRepository, Queued
from tests.flows.kept import submitted
from tests.harness import PATIENCE, BotHarness
from tests.kinds import EDITED, SAID, Document, OrdinaryEdit, Photo
from tests.people import Someone

STATES = "key, state, doubts"

pytestmark = pytest.mark.limits(sender={"back": (0,), "strikes": (0,)})


@pytest.fixture
async def paced_harness(idle_harness: BotHarness) -> BotHarness:
    """A harness whose bot keeps a second between two messages to one person, as it does for Telegram."""
    idle_harness.limiter = RateLimiter()
    await idle_harness.start()
    return idle_harness


def notice(someone: Someone | int, key: str, urgency: Urgency = Urgency.NOTICE) -> Notice:
    """A message that shows its key."""
    chat = someone if isinstance(someone, int) else someone.id
    return Notice(key, chat, SAID[urgency](number=key))


def said(harness: BotHarness, keys: Iterable[str]) -> list[str]:
    """Those of these notices that Telegram has taken, in order, repetitions included."""
    texts = [call.params.get("text", "") for call in harness.world.calls if call.method == "sendMessage" and call.ok]
    wanted = list(keys)
    return [key for text in texts for key in wanted if f"<b>{key}</b>" in text]


async def test_a_notice_is_said_once_and_leaves_no_words_behind(harness: BotHarness, maria: Someone) -> None:
    await harness.tell(notice(maria, "N1"), notice(maria, "N1"))
    await harness.outbox_becomes(STATES, [("N1", "sent", 0)])
    assert said(harness, ["N1"]) == ["N1"]
    assert harness.outbox("facts") == [("{}",)]


async def once_more(harness: BotHarness, tries: int = 1) -> None:
    """A notice that may have arrived is tried again a while later; `tries` so far."""
    if tries:
        await harness.outbox_becomes("max(tries)", [(tries,)], state="waiting")
        harness.clock.advance(seconds=31)
        await harness.tick()


async def test_one_that_is_dropped_while_it_is_made_is_not_said(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    admitted = NoticePolicy.admitted

    async def drop(policy: NoticePolicy, notices: Sequence[Notice]) -> Any:
        async with harness.app.store.writing() as unit:
            for one in notices:
                await unit.of(NoticeRepository).drop(one.key, harness.clock.now())
            await unit.commit()
        return await admitted(policy, notices)

    monkeypatch.setattr(NoticePolicy, "admitted", drop)
    await harness.tell(notice(maria, "N1"))
    await harness.outbox_is_done()
    monkeypatch.undo()
    await harness.tell(notice(maria, "N2"))
    await harness.outbox_becomes(STATES, [("N1", "failed", 0), ("N2", "sent", 0)])
    assert said(harness, ["N1", "N2"]) == ["N2"]


# Whose turn it is


@pytest.mark.limits(sender={"most_at_once": 1, "fresh": 0})
async def test_the_urgent_ones_go_first_and_each_chat_keeps_its_order(idle_harness: BotHarness) -> None:
    harness = idle_harness
    harness.limiter = RateLimiter()
    await harness.start()
    people = [await harness.customer(f"Сосед {number}") for number in range(4)]
    harness.world.faults.add("delay", method="sendMessage", chat_id=people[0].id, seconds=1.0, count=1)
    await harness.tell(*(notice(person, f"B{number}", Urgency.BULK) for number, person in enumerate(people)))
    await harness.outbox_becomes("state", [("sending",)], key="B0")
    await harness.tell(notice(people[2], "N2"), notice(people[3], "A3", Urgency.ANSWER))
    await harness.outbox_is_done()
    assert said(harness, ["B0", "B1", "B2", "B3", "N2", "A3"]) == ["B0", "B3", "B2", "B1", "A3", "N2"]


async def test_a_second_bulk_message_to_a_chat_waits_and_other_chats_do_not(paced_harness: BotHarness) -> None:
    harness = paced_harness
    maria = await harness.customer("Мария")
    oleg = await harness.customer("Олег")
    await harness.tell(notice(maria, "M1"), notice(maria, "M2"), notice(oleg, "O1"), notice(oleg, "O2"))
    await harness.outbox_is_done()
    order = said(harness, ["M1", "M2", "O1", "O2"])
    assert order[:2] == ["M1", "O1"]
    assert sorted(order[2:]) == ["M2", "O2"]


async def test_telegrams_limits_are_kept_by_themselves(paced_harness: BotHarness) -> None:
    harness = paced_harness
    group = harness.world.add_staff_group("Смена")
    people = [await harness.customer(f"Сосед {number}") for number in range(60)]
    harness.world.flood.enabled = True
    await harness.tell(*(notice(person, f"B{number}", Urgency.BULK) for number, person in enumerate(people)))
    await harness.tell(*(notice(group.id, f"G{number}") for number in range(3)))
    await harness.outbox_is_done()
    assert [call for call in harness.world.calls if call.error and "Too Many" in call.error] == []
    assert len(said(harness, [f"B{number}" for number in range(60)])) == 60
    assert said(harness, ["G0", "G1", "G2"]) == ["G0", "G1", "G2"]


async def test_answers_that_come_together_beside_mass_messages_are_not_refused(idle_harness: BotHarness) -> None:
    harness = idle_harness
    harness.limiter = RateLimiter(bulk=MOST)
    await harness.start()
    talkers, listeners = await people(harness, 25), await people(harness, 2 * MOST)
    harness.world.flood.enabled = True
    harness.world.flood._overall.seconds = 0.9  # so much less than Telegram's may a busy machine bring them nearer
    await harness.tell(*(notice(person, f"B{number}", Urgency.BULK) for number, person in enumerate(listeners)))
    await harness.outbox_becomes(f"count(*) > {MOST + 5}", [(1,)], state="sent")
    before = [talker.last_id for talker in talkers]
    for talker in talkers:
        harness.world.send_text(talker.person, "/help")
    await harness.quiet()
    await harness.outbox_is_done()
    assert [call for call in harness.world.calls if call.error and "Too Many" in call.error] == []
    assert all(talker.last_id > last for talker, last in zip(talkers, before, strict=True))
    assert len(said(harness, [f"B{number}" for number in range(2 * MOST)])) == 2 * MOST


@pytest.mark.parametrize("paid", [True, False])
async def test_mass_messages_alone_are_paid_for_and_only_where_the_operator_wants_it(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch, paid: bool
) -> None:
    harness = idle_harness
    monkeypatch.setenv("PAID_BROADCAST", str(paid).lower())
    harness.limiter = limiter_of(load(GeneralSettings))
    await harness.start()
    maria, *others = [await harness.customer(name) for name in ("Мария", "Олег", "Ира", "Пётр", "Анна")]
    said_to = zip(others, Urgency, strict=False)
    await harness.tell(
        *(notice(someone, urgency.name, urgency) for someone, urgency in said_to),
        Notice("D1", maria.id, Document(number="D1")),
        Notice("D2", others[-1].id, Photo(number="D2")),
    )
    await harness.outbox_is_done()
    calls = [call for call in harness.world.calls if call.ok and "chat_id" in call.params]
    assert {call.method for call in calls} == {"sendMessage", "sendDocument", "sendPhoto"}
    paid_for = [str(call.params["text"]) for call in calls if "allow_paid_broadcast" in call.params]
    assert ["<b>BULK</b>" in text for text in paid_for] == [True] * paid


# Batches


@pytest.fixture
async def fast_harness(idle_harness: BotHarness) -> BotHarness:
    """A harness whose bot sends mass messages as fast as Telegram takes them against payment."""
    idle_harness.limiter = RateLimiter(chat_pause=0, bulk=PAID, paid=True)
    await idle_harness.start()
    return idle_harness


async def people(harness: BotHarness, count: int) -> list[Someone]:
    return [await harness.customer(f"Сосед {number}") for number in range(count)]


async def test_many_are_looked_at_and_begun_together(fast_harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    harness, looked = fast_harness, NoticePolicy.admitted
    begun, looks = list[int](), list[int]()

    async def noted(changes: Sequence[Change]) -> Sequence[bool]:
        begun.append(sum(isinstance(one, BeginTry) for one in changes))
        return await note(changes)

    async def counted(policy: NoticePolicy, notices: Sequence[Notice]) -> Any:
        looks.append(len(notices))
        return await looked(policy, notices)

    neighbours = await people(harness, 40)
    await harness.restart()
    note = harness.app.outbox.note
    monkeypatch.setattr(NoticePolicy, "admitted", counted)
    for lane in harness.app.lanes:
        monkeypatch.setattr(lane._writer, "_commit", noted)
    await harness.tell(*(notice(one, f"B{number}", Urgency.BULK) for number, one in enumerate(neighbours)))
    await harness.outbox_is_done()
    assert sorted(said(harness, [f"B{number}" for number in range(40)])) == sorted(f"B{one}" for one in range(40))
    assert sum(looks) == sum(begun) == 40
    assert (looks, max(begun)) == ([40], 40)


async def test_one_that_breaks_the_look_at_wishes_holds_up_no_other_of_its_batch(
    fast_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness, looked = fast_harness, NoticePolicy.admitted

    async def broken(policy: NoticePolicy, notices: Sequence[Notice]) -> Any:
        assert "B1" not in {one.key for one in notices}
        return await looked(policy, notices)

    monkeypatch.setattr(NoticePolicy, "admitted", broken)
    neighbours = await people(harness, 3)
    await harness.tell(*(notice(one, f"B{number}", Urgency.BULK) for number, one in enumerate(neighbours)))
    await harness.outbox_becomes(STATES, [("B0", "sent", 0), ("B1", "waiting", 0), ("B2", "sent", 0)])
    assert "could not be made" in "".join(harness.journal.take())


async def test_what_is_ready_while_telegram_asks_for_patience_goes_back_and_is_looked_at_anew(
    fast_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness, prepare = fast_harness, TelegramChannel.prepare
    oleg, *others = await people(harness, 3)

    async def refused_meanwhile(channel: TelegramChannel, batch: Sequence[Admitted]) -> Any:
        for other in others:
            harness.limiter.hold(other.id, 1)  # a second one means everybody
        monkeypatch.undo()
        return await prepare(channel, batch)

    monkeypatch.setattr(TelegramChannel, "prepare", refused_meanwhile)
    await harness.tell(notice(oleg, "B0", Urgency.BULK))
    await harness.outbox_is_done()
    assert said(harness, ["B0"]) == ["B0"]
    assert harness.outbox("state, tries, doubts") == [("sent", 2, 0)]


@pytest.mark.limits(sender={"fresh": 0.02})
@pytest.mark.parametrize("room_in", [0.04, 0.2])  # seconds: ready already, and not yet
async def test_an_answer_does_not_wait_for_bulk_that_live_answers_leave_no_room(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch, room_in: float
) -> None:
    wait, full = harness.limiter.wait, asyncio.Event()

    def wait_for_room(urgency: Urgency) -> float:
        if urgency is not Urgency.BULK:
            return wait(urgency)
        full.set()
        return room_in

    monkeypatch.setattr(harness.limiter, "wait", wait_for_room)
    oleg, maria = await people(harness, 2)
    await harness.tell(notice(oleg, "B1", Urgency.BULK))
    await asyncio.wait_for(full.wait(), PATIENCE)
    await harness.tell(notice(maria, "A1", Urgency.ANSWER))
    await harness.outbox_becomes("state", [("sent",)], key="A1")
    monkeypatch.undo()
    await harness.outbox_is_done()
    assert said(harness, ["B1", "A1"]) == ["A1", "B1"]


async def test_a_chat_that_is_held_while_its_message_is_made_is_left_alone(
    fast_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness, prepare = fast_harness, TelegramChannel.prepare
    oleg, maria = await people(harness, 2)

    async def refused_meanwhile(channel: TelegramChannel, batch: Sequence[Admitted]) -> Any:
        harness.limiter.hold(oleg.id, 0.3)
        monkeypatch.undo()
        return await prepare(channel, batch)

    monkeypatch.setattr(TelegramChannel, "prepare", refused_meanwhile)
    await harness.tell(notice(oleg, "B0", Urgency.BULK), notice(maria, "B1", Urgency.BULK))
    await harness.outbox_is_done()
    assert harness.outbox("key, state, tries, doubts") == [("B0", "sent", 2, 0), ("B1", "sent", 1, 0)]


async def test_of_a_batch_whose_beginning_is_noted_in_part_the_others_wait(
    fast_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction fails for one of them, each is tried alone, and the disk is full for a moment."""
    harness, note, failures = fast_harness, fast_harness.app.outbox.note, list[str]()

    async def noted(changes: Sequence[Change]) -> Sequence[bool]:
        keys = [one.queued.notice.key for one in changes]
        if "B1" in keys and len(failures) < 2:
            failures.append(" ".join(keys))
            raise OSError("it is full") if keys == ["B1"] else ValueError("one is to blame")
        return await note(changes)

    neighbours = await people(harness, 3)
    for lane in harness.app.lanes:
        monkeypatch.setattr(lane._writer, "_commit", noted)
    await harness.tell(*(notice(one, f"B{number}", Urgency.BULK) for number, one in enumerate(neighbours)))
    await harness.outbox_is_done()
    assert failures == ["B0 B1 B2", "B1"]
    assert sorted(said(harness, ["B0", "B1", "B2"])) == ["B0", "B1", "B2"]


@pytest.mark.limits(sender={"stands": 0})
async def test_an_edit_that_is_dropped_while_it_waits_for_its_turn_does_not_show(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness.limiter, "wait", lambda _: 0.01)
    await harness.tell(edit(maria, "E1", maria.last_id))
    await harness.outbox_becomes("state", [("sending",)])
    async with harness.app.store.writing() as unit:
        await unit.of(NoticeRepository).drop_edits(maria.id, maria.last_id, harness.clock.now())
        await unit.commit()
    monkeypatch.undo()
    await harness.tell(notice(maria, "N1"))
    await harness.outbox_becomes(STATES, [("E1", "failed", 0), ("N1", "sent", 0)])
    assert edited(harness) == 0


async def test_one_that_is_dropped_while_it_is_on_its_way_is_not_tried_again(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = TelegramChannel._result

    async def dropped(channel: TelegramChannel, *arguments: Any) -> Any:
        async with harness.app.store.writing() as unit:
            await unit.of(NoticeRepository).drop("N1", harness.clock.now())
            await unit.commit()
        return await result(channel, *arguments)

    monkeypatch.setattr(TelegramChannel, "_result", dropped)
    harness.world.faults.add("too_many_requests", method="sendMessage", chat_id=maria.id, count=1)
    await harness.tell(notice(maria, "N1"))
    await harness.outbox_becomes("state", [("failed",)])
    monkeypatch.undo()
    await harness.tell(notice(maria, "N2"))
    await harness.outbox_becomes("key, state", [("N1", "failed"), ("N2", "sent")])


# A clock that is set back


async def queue_for(harness: BotHarness, someone: Someone, key: str, due_at: str, *, quiet: bool) -> None:
    moments = {"created_at": "2026-11-23 07:14:00.000000", "due_at": due_at}
    facts = f'{{"number": "{key}"}}'
    await harness.queue(key=key, user_id=someone.id, kind="accepted", facts=facts, urgency=1, quiet=quiet, **moments)


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_clock_that_is_set_back_holds_up_only_what_is_for_after_the_quiet_hours(
    harness: BotHarness, maria: Someone, letter: Notice, restarted: bool
) -> None:
    """A letter that waits for its next try, a message that has never been tried, one for 11 o'clock."""
    harness.letterbox.trouble = MailPostponed()
    await harness.tell(letter)
    await harness.outbox_becomes("state, tries", [("waiting", 1)])
    if restarted:
        await harness.stop()
    await queue_for(harness, maria, "LATER", "2026-11-23 08:00:00.000000", quiet=True)
    await queue_for(harness, maria, "NOW", "2026-11-23 07:14:00.000001", quiet=False)
    harness.letterbox.trouble = None
    harness.clock.advance(hours=-1)
    if restarted:
        await harness.start()
    await harness.tick()
    await harness.outbox_becomes("key", [("LATER",)], ended_at=None)
    assert (await harness.letterbox.letter()).to == "maria@example.org"
    harness.clock.advance(hours=1, minutes=46)
    await harness.tick()
    await harness.outbox_is_done()
    assert said(harness, ["LATER", "NOW"]) == ["NOW", "LATER"]


# Five outcomes


async def test_what_telegram_refuses_is_given_up_and_the_next_one_goes(harness: BotHarness, maria: Someone) -> None:
    await harness.tell(notice(987_654_321, "NOBODY"), notice(maria, "N1"))
    await harness.outbox_becomes(STATES, [("NOBODY", "failed", 0), ("N1", "sent", 0)])


@pytest.mark.parametrize("fault", ["too_many_requests", "unauthorized"])
async def test_what_was_held_for_weeks_survives_the_first_trouble(
    harness: BotHarness, maria: Someone, fault: str
) -> None:
    """It is older than what is given up for its age, and has hardly been tried."""
    harness.world.block(maria.person)
    await harness.tell(notice(maria, "N1"))
    await harness.outbox_becomes(STATES, [("N1", "held", 0)])
    harness.clock.advance(days=20)
    harness.world.faults.add(fault, method="sendMessage", chat_id=maria.id, count=1)
    harness.world.unblock(maria.person)
    await harness.outbox_becomes(STATES, [("N1", "sent", 0)])
    assert said(harness, ["N1"]) == ["N1"]
    assert len(harness.alerts()) == (fault == "unauthorized"), "which nobody but the operator can mend"


async def test_who_stops_the_bot_and_says_so_gets_no_bulk_that_waited(harness: BotHarness, maria: Someone) -> None:
    harness.world.faults.add("http_status", method="sendMessage")
    await harness.tell(notice(maria, "N1"), notice(maria, "B1", Urgency.BULK))
    await harness.outbox_becomes("tries, state", [(1, "waiting")], key="N1")
    harness.world.block(maria.person)
    await harness.quiet()
    assert harness.outbox(STATES) == [("N1", "held", 0), ("B1", "failed", 0)]
    harness.world.faults.clear()


async def test_a_refusal_that_comes_after_the_persons_return_stops_nothing(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
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
    harness.world.block(maria.person)
    await harness.quiet()
    await harness.run("UPDATE users SET blocked_at = NULL")  # the bot has not heard of it
    await harness.tell(notice(maria, "N1"))
    await asyncio.wait_for(refused.wait(), PATIENCE)
    harness.world.unblock(maria.person)
    maria.types("/start")
    await harness.quiet()
    go.set()
    await harness.outbox_becomes(STATES, [("N1", "sent", 0)])
    assert harness.rows("SELECT blocked_at FROM users") == [(None,)]


# Messages that are brought up to date


def edit(someone: Someone, key: str, message_id: int, urgency: Urgency = Urgency.NOTICE) -> Notice:
    """All of them say the same."""
    return Notice(key, someone.id, EDITED[urgency](number="E"), message_id)


def edited(harness: BotHarness) -> int:
    """How many edits Telegram has taken."""
    return sum(call.method == "editMessageText" and call.ok for call in harness.world.calls)


ENDINGS = "key, state, tries, doubts"


async def test_a_notice_may_edit_and_shows_the_same_twice_without_a_failure(
    harness: BotHarness, maria: Someone
) -> None:
    card, before = maria.last_id, len(maria.screens)
    await harness.tell(edit(maria, "E1", card), edit(maria, "E2", card))
    await harness.outbox_becomes(ENDINGS, [("E1", "sent", 1, 0), ("E2", "sent", 1, 0)])
    assert (maria.last_id, len(maria.screens)) == (card, before)
    assert maria.screen == "✅ Система расчётов приняла ваши показания № E."
    assert edited(harness) == 1


@pytest.mark.parametrize("urgency", list(Urgency))
async def test_what_cannot_be_edited_any_more_is_said_once_as_a_new_message(
    harness: BotHarness, maria: Someone, urgency: Urgency
) -> None:
    card = maria.last_id
    await harness.app.bot.delete_message(maria.id, card)
    await harness.tell(edit(maria, "E1", card, urgency), edit(maria, "E2", card - 1, urgency))  # her own «/start»
    await harness.outbox_becomes(ENDINGS, [("E1", "sent", 2, 0), ("E2", "sent", 2, 0)])
    assert said(harness, ["E"]) == ["E", "E"]
    assert edited(harness) == 0


@pytest.mark.parametrize("kind", ["reset_after", "truncated_body", "http_status"])
@pytest.mark.parametrize("urgency", list(Urgency))
async def test_an_edit_that_may_have_arrived_is_repeated_until_it_has(
    harness: BotHarness, maria: Someone, kind: str, urgency: Urgency
) -> None:
    harness.world.faults.add(kind, method="editMessageText", count=2)
    await harness.tell(edit(maria, "E1", maria.last_id, urgency))
    for tries in (1, 2):
        await harness.outbox_becomes("state, tries", [("waiting", tries)])
        harness.clock.advance(seconds=31)
        await harness.tick()
    await harness.outbox_becomes(ENDINGS, [("E1", "sent", 3, 0)])
    assert maria.screen == "✅ Система расчётов приняла ваши показания № E."
    assert said(harness, ["E"]) == []


async def test_an_edit_waits_when_telegram_asks_for_it(harness: BotHarness, maria: Someone) -> None:
    harness.world.faults.add("too_many_requests", method="editMessageText", count=1)
    await harness.tell(edit(maria, "E1", maria.last_id))
    await harness.outbox_becomes(ENDINGS, [("E1", "sent", 2, 0)])


async def test_an_edit_waits_for_who_stopped_the_bot(harness: BotHarness, maria: Someone) -> None:
    card = maria.last_id
    harness.world.block(maria.person)
    await harness.quiet()
    await harness.run("UPDATE users SET blocked_at = NULL")  # the bot has not heard of it
    await harness.tell(edit(maria, "E1", card))
    await harness.outbox_becomes(ENDINGS, [("E1", "held", 1, 0)])
    harness.world.unblock(maria.person)
    await maria.send("/start")
    harness.app.wake_up.set()
    await harness.outbox_becomes(ENDINGS, [("E1", "sent", 2, 0)])
    assert edited(harness) == 1


async def test_who_is_back_after_days_is_told_also_where_the_message_is_gone(
    harness: BotHarness, maria: Someone
) -> None:
    card = maria.last_id
    harness.world.block(maria.person)
    await harness.quiet()
    await harness.tell(edit(maria, "E1", card))
    assert harness.outbox(ENDINGS) == [("E1", "held", 0, 0)]
    harness.clock.advance(days=4)
    harness.world.unblock(maria.person)
    await harness.app.bot.delete_message(maria.id, card)
    await maria.send("/start")
    harness.app.wake_up.set()
    await harness.outbox_becomes(ENDINGS, [("E1", "sent", 2, 0)])
    assert said(harness, ["E"]) == ["E"]


async def test_an_edit_that_telegram_refuses_for_itself_is_given_up(harness: BotHarness, maria: Someone) -> None:
    await harness.tell(Notice("E1", 987_654_321, OrdinaryEdit(number="E"), 5))
    await harness.outbox_becomes(ENDINGS, [("E1", "failed", 1, 0)])


@pytest.mark.parametrize("urgency", list(Urgency))
@pytest.mark.parametrize("kind", ["no such kind", "replaced"])
async def test_a_row_that_this_version_cannot_read_is_given_up_after_some_tries(
    harness: BotHarness, maria: Someone, urgency: Urgency, kind: str
) -> None:
    """A kind without words, or facts that are not of their kind; another notice goes meanwhile."""
    await harness.queue(key="X", user_id=maria.id, kind=kind, urgency=urgency)
    harness.app.wake_up.set()
    for tries in range(1, 7):
        await harness.outbox_becomes("tries", [(tries,)])
        await harness.outbox_becomes("key", [], state="sending")
        harness.clock.advance(hours=2)
        await harness.tick()
    await harness.outbox_becomes(STATES, [("X", "failed", 0)])
    assert len(harness.journal.take()) == 6


async def test_what_customers_write_to_the_staff_is_not_given_up_because_it_could_not_be_made(
    harness: BotHarness, maria: Someone
) -> None:
    await harness.queue(key="X", user_id=maria.id, kind="no such kind", urgency=Urgency.NOTICE, line="2611-00001")
    harness.app.wake_up.set()
    for tries in range(1, 9):
        await harness.outbox_becomes("tries, state", [(tries, "waiting")])
        harness.clock.advance(minutes=65)
        await harness.tick()
    harness.journal.take()


# Kills and stops


async def cut_off(
    harness: BotHarness, someone: Someone, key: str, urgency: Urgency, tries: int = 1, edits: int | None = None
) -> None:
    """A notice that was being sent when a process ended."""
    said_of = {"key": key, "user_id": someone.id, "kind": SAID[urgency].kind, "facts": f'{{"number": "{key}"}}'}
    await harness.queue(**said_of, edits=edits, urgency=urgency, tries=tries, state="sending")


async def test_what_an_earlier_process_was_sending_may_have_arrived(harness: BotHarness, maria: Someone) -> None:
    await harness.stop()
    await cut_off(harness, maria, "N1", Urgency.NOTICE)
    await cut_off(harness, maria, "B1", Urgency.BULK)
    await harness.start()
    await harness.outbox_becomes(STATES, [("N1", "sent", 1), ("B1", "failed", 1)])
    assert said(harness, ["N1", "B1"]) == ["N1"]


async def test_what_is_cut_off_again_and_again_waits_and_is_said(harness: BotHarness, maria: Someone) -> None:
    """It may be what ends the process; or it had bad luck."""
    await harness.stop()
    await cut_off(harness, maria, "N1", Urgency.NOTICE, tries=30)
    await harness.start()
    await harness.outbox_becomes("state", [("waiting",)])
    await harness.tick()
    assert said(harness, ["N1"]) == []
    harness.clock.advance(hours=2)
    await harness.tick()
    await harness.outbox_becomes(STATES, [("N1", "sent", 1)])


async def test_one_that_was_cut_off_and_cannot_be_settled_holds_up_no_other(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SAID[Urgency.BULK], "if_lost", lambda facts, _: facts.there_is_no_such_fact)
    await harness.stop()
    await cut_off(harness, maria, "B1", Urgency.BULK)
    await cut_off(harness, maria, "N1", Urgency.NOTICE)
    await harness.start()
    await harness.outbox_becomes("key, state", [("B1", "failed"), ("N1", "sent")])
    assert said(harness, ["B1", "N1"]) == ["N1"]
    assert "there_is_no_such_fact" in "".join(harness.journal.take())


async def test_what_is_cut_off_for_days_is_given_up(harness: BotHarness, maria: Someone) -> None:
    await harness.stop()
    await cut_off(harness, maria, "N1", Urgency.NOTICE, tries=30)
    harness.clock.advance(days=4)
    await harness.start()
    await harness.outbox_becomes(STATES, [("N1", "failed", 1)])
    assert said(harness, ["N1"]) == []


async def test_an_edit_that_an_earlier_process_was_making_is_made_again_without_a_doubt(
    harness: BotHarness, maria: Someone
) -> None:
    await harness.stop()
    await cut_off(harness, maria, "E1", Urgency.NOTICE, edits=maria.last_id)
    await harness.start()
    await harness.outbox_becomes(ENDINGS, [("E1", "sent", 2, 0)])
    assert edited(harness) == 1


async def test_a_stop_lets_a_send_end(harness: BotHarness, maria: Someone) -> None:
    harness.world.faults.add("delay", method="sendMessage", seconds=0.2, count=1)
    await harness.tell(notice(maria, "N1"))
    await harness.outbox_becomes("state", [("sending",)])
    await harness.stop()
    assert harness.outbox(STATES) == [("N1", "sent", 0)]
    await harness.start()
    await harness.quiet()
    assert said(harness, ["N1"]) == ["N1"]


async def test_a_send_that_begins_while_the_bot_stops_ends_before_its_connections(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    due, entered, go = harness.app.outbox.due, asyncio.Event(), asyncio.Event()

    async def slow(*arguments: Any) -> list[Queued]:
        async def look() -> list[Queued]:
            entered.set()
            await go.wait()
            return await due(*arguments)

        return await to_the_end(look())  # as every statement does

    monkeypatch.setattr(harness.app.outbox, "due", slow)
    await harness.tell(notice(maria, "N1"))
    await asyncio.wait_for(entered.wait(), PATIENCE)
    stopping = asyncio.ensure_future(harness.stop())
    for _ in range(100):
        await asyncio.sleep(0)
    go.set()
    await stopping
    assert harness.outbox(STATES) == [("N1", "sent", 0)]


# Letters


@pytest.fixture
async def letter(harness: BotHarness, maria: Someone) -> Notice:
    """One on its way to be sent."""
    await maria.send("3650 1580")
    await maria.press("Передать")
    facts = SheetLetter(address="maria@example.org", submission=submitted(harness)[0]["key"])
    return Notice("L1", maria.id, facts)


async def test_a_letter_and_what_is_around_it_are_in_its_customers_language(
    harness: BotHarness, maria: Someone
) -> None:
    await harness.run("UPDATE users SET language = 'en'")
    await harness.tell(Notice("L2", maria.id, ConfirmationLetter(address="anna@example.org", request="r", bot="b")))
    letter = await harness.letterbox.letter()
    assert letter.language == "en"
    assert "address" in letter.subject


async def test_letters_do_not_hold_messages_up(harness: BotHarness, maria: Someone, letter: Notice) -> None:
    harness.letterbox.trouble = MailUnavailable()
    await harness.tell(letter, notice(maria, "N1"))
    await harness.outbox_becomes("state", [("sent",)], key="N1")
    harness.letterbox.trouble = None
    await harness.outbox_is_done()
    assert (await harness.letterbox.letter()).to == "maria@example.org"


async def test_few_letters_are_on_their_way_at_once(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a connection of its own."""
    [lane] = [one for one in harness.app.lanes if one._channel.channel is Channel.MAIL]
    send, under_way, go = harness.letterbox.send, list[Letter](), asyncio.Event()

    async def slowly(letter: Letter) -> None:
        under_way.append(letter)
        await go.wait()
        await send(letter)

    monkeypatch.setattr(harness.letterbox, "send", slowly)
    neighbours = await people(harness, LETTERS + 1)
    for number, one in enumerate(neighbours):
        facts = ConfirmationLetter(address=f"a{number}@example.org", request="r", bot="b")
        await harness.tell(Notice(f"L{number}", one.id, facts))
    async with asyncio.timeout(PATIENCE):
        while len(under_way) < LETTERS or not (lane._places.locked() or len(under_way) > LETTERS):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # no event tells of either
    assert len(under_way) == LETTERS
    go.set()
    await harness.outbox_is_done()
    assert len(under_way) == LETTERS + 1


async def test_a_letter_that_is_asked_to_wait_waits_alone(harness: BotHarness, letter: Notice) -> None:
    harness.letterbox.trouble = MailPostponed()
    await harness.tell(letter)
    await harness.outbox_becomes("state, tries", [("waiting", 1)])
    harness.letterbox.trouble = None
    harness.clock.advance(seconds=6)
    await harness.tick()
    await harness.outbox_is_done()
    assert (await harness.letterbox.letter()).to == "maria@example.org"


async def test_a_full_mailbox_holds_up_no_letter_to_another(
    harness: BotHarness, maria: Someone, letter: Notice
) -> None:
    """Such as the one with the link to another address."""
    harness.letterbox.trouble = MailPostponed(Refusal.FULL)
    await harness.tell(letter)
    await harness.outbox_becomes("state, tries", [("waiting", 1)])
    harness.letterbox.trouble = None
    await harness.tell(Notice("L2", maria.id, ConfirmationLetter(address="anna@example.org", request="r", bot="b")))
    assert (await harness.letterbox.letter()).to == "anna@example.org"
    await harness.outbox_becomes("key", [("L1",)], ended_at=None)


@pytest.mark.parametrize(("trouble", "tries"), [(MailRefused(), 1), (MailUnknown(), 2)])
async def test_a_letter_that_is_given_up_is_told_to_its_customer(
    harness: BotHarness, maria: Someone, letter: Notice, trouble: Exception, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def yes() -> bool:
        return True

    monkeypatch.setattr(harness.letterbox, "answers", yes)
    harness.letterbox.trouble = trouble
    before = harness.world.cursor
    await harness.tell(letter)
    await once_more(harness, tries - 1)
    await harness.told(maria, "Письмо на m•••@example.org не доставлено", before)
    assert harness.outbox("tries", key="L1") == [(tries,)]


@pytest.mark.limits(sender={"fresh": 0.02})
async def test_wake_ups_without_end_keep_nothing_from_being_sent(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when a look at the outbox takes longer than it is good for."""
    due = harness.app.outbox.due

    async def slowly(*arguments: Any) -> Any:
        await asyncio.sleep(0.05)
        harness.app.wake_up.set()
        return await due(*arguments)

    monkeypatch.setattr(harness.app.outbox, "due", slowly)
    await harness.tell(notice(maria, "N1"))
    await harness.outbox_becomes(STATES, [("N1", "sent", 0)])


async def test_a_result_that_cannot_be_noted_by_our_own_fault_holds_nobody_up(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SheetLetter, "if_lost", lambda letter, _: letter.there_is_no_such_fact)
    harness.letterbox.trouble = MailRefused()
    await harness.tell(Notice("L2", maria.id, SheetLetter(address="maria@example.org", submission="gone")))
    await harness.outbox_becomes("state", [("failed",)], key="L2")
    assert "there_is_no_such_fact" in "".join(harness.journal.take())


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (Refusal.NO_MAILBOX, "такого ящика нет"),
        (Refusal.FULL, "ящик переполнен"),
        (Refusal.SPAM, "из-за защиты от спама"),
        (Refusal.TOO_LARGE, "не принимает такие большие письма"),
        (Refusal.OTHER, "Проверьте адрес."),
    ],
)
async def test_a_refused_letter_is_told_with_its_reason_and_goes_to_another_address(
    harness: BotHarness, maria: Someone, refusal: Refusal, words: str
) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    await maria.press("На e-mail")
    harness.letterbox.trouble = MailRefused(refusal)
    before = harness.world.cursor
    await maria.send("mary@example.org")
    await harness.told(maria, "Письмо на m•••@example.org не доставлено", before)
    assert words in maria.screen
    harness.letterbox.trouble = None
    await maria.press("Отправить на другой адрес")
    await maria.send("maria@example.org")
    assert (await harness.letterbox.letter()).to == "maria@example.org"


async def test_a_letter_that_is_put_off_for_days_is_told_with_the_last_reason(
    harness: BotHarness, maria: Someone
) -> None:
    harness.letterbox.trouble = MailPostponed(Refusal.FULL)
    letter = ConfirmationLetter(address="maria@example.org", request="r", bot="b")
    before = harness.world.cursor
    await harness.tell(Notice("L2", maria.id, letter))
    await harness.outbox_becomes("tries, state", [(1, "waiting")])
    await harness.rewrite_outbox({"tries": 20, "created_at": "2026-11-01 00:00:00.000000"}, key="L2")
    harness.clock.advance(hours=2)
    await harness.tick()
    await harness.told(maria, "Письмо на m•••@example.org не доставлено: ящик переполнен", before)
    await maria.press("Изменить адрес")
    assert "Пришлите адрес" in maria.screen


async def test_a_letter_whose_submission_is_gone_is_told_to_its_customer(harness: BotHarness, maria: Someone) -> None:
    before = harness.world.cursor
    await harness.tell(Notice("L2", maria.id, SheetLetter(address="maria@example.org", submission="gone")))
    await harness.told(maria, "Письмо на m•••@example.org не доставлено", before)
    assert harness.letterbox.letters.empty()
