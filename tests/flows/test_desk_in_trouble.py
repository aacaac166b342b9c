"""The desk while Telegram does not take what it is given: a group that is closed to the bot for an hour, too many
messages, replies that are lost, customers who have stopped the bot."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest

from bot.outbox.rate_limiter import RateLimiter
from handlers.desk import notices
from sandbox.state import Json
from services.appeals.desk import DeskWatch
from services.appeals.exchange import Exchange
from tests.flows.test_desk import ACCOUNT, Shift, boss, shift
from tests.harness import BotHarness
from tests.people import PICTURE

__all__ = ["shift"]

pytestmark = pytest.mark.limits(resend={"settled": 0}, sender={"strikes": (0.0,), "back": (0.0,)})


@pytest.fixture
def pace(idle_harness: BotHarness) -> None:
    """Of what goes out: its clock goes on, and jumps with that of the bot."""
    began = idle_harness.clock.now()
    idle_harness.limiter = RateLimiter(
        lambda: time.monotonic() + (idle_harness.clock.now() - began).total_seconds(), chat_pause=0
    )


async def later(shift: Shift, **span: float) -> None:
    """The clock goes on, and notices that are due go out."""
    shift.harness.clock.advance(**span)
    await shift.harness.app.use(DeskWatch).look()
    shift.harness.app.wake_up.set()


async def tried(shift: Shift, times: int) -> None:
    """Return when what waits for the group has been tried so often, and waits again."""
    trying = "sum(tries), sum(state = 'sending')"
    await shift.harness.outbox_becomes(trying, [(times, 0)], ended_at=None, user_id=shift.group.id)


@pytest.mark.usefixtures("pace")
async def test_after_an_hour_without_the_group_everything_stands_there_in_order(shift: Shift) -> None:
    """The operator is told once, and again when it happens again. Others are not held up."""
    harness, world = shift.harness, shift.harness.world
    people = [await harness.customer(name, ACCOUNT) for name in ("Мария", "Олег")]
    appeals = [await shift.appeal(one) for one in people]
    await shift.says(people[0], appeals[0], "Вопрос")
    [thread] = shift.topics.values()
    for outage in range(2):
        world.set_bot_status(shift.group, "kicked")
        await harness.quiet()
        for part in range(6):
            for someone, appeal in zip(people, appeals, strict=True):
                await shift.write(appeal, world.send_text(someone.person, f"{outage}-{part}"))
            harness.app.wake_up.set()
            await tried(shift, part + 1)
            await later(shift, minutes=10)
        await people[1].send("/menu")
        assert "Счёт" in people[1].screen
        assert len(harness.alerts()) == 1
        world.set_bot_status(shift.group, "administrator")
        await harness.quiet()
        harness.app.wake_up.set()
        await shift.settled()
    said = [f"{outage}-{part}" for outage in range(2) for part in range(6)]
    assert shift.stands(thread)[1:] == ["Вопрос", *said]
    [other] = set(shift.topics.values()) - {thread}
    assert shift.stands(other)[1:] == said


@pytest.mark.limits(intake={"tries": 1})
async def test_staff_who_wrote_before_the_bot_was_removed_are_heard_when_it_is_back(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether they are members, Telegram tells the bot only then."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    record, refused = world.record, asyncio.Event()

    def note(method: str, params: Json, error: str | None) -> None:
        record(method, params, error)
        if method == "getChatMember":
            refused.set()

    monkeypatch.setattr(world, "record", note)
    shift.group.bot_status = "kicked"  # the report of it comes after the messages
    answer = world.send_text(shift.anna, "Ответ", shift.group, shift.thread)
    await refused.wait()
    world.set_bot_status(shift.group, "administrator")
    await shift.settled()
    assert (maria.screen, shift.reaction(answer)) == ("Ответ", "👌")


@pytest.mark.usefixtures("pace")
async def test_a_group_that_has_too_many_messages_holds_up_no_customer(shift: Shift) -> None:
    """Telegram asks for half a minute's patience: an answer arrives meanwhile, its mark and the rest afterwards."""
    harness, world = shift.harness, shift.harness.world
    maria, oleg = [await harness.customer(name, ACCOUNT) for name in ("Мария", "Олег")]
    appeals = [await shift.appeal(one) for one in (maria, oleg)]
    for someone, appeal in zip((maria, oleg), appeals, strict=True):
        await shift.says(someone, appeal, "Вопрос")
    first, second = (next(one for name, one in shift.topics.items() if appeal.number in name) for appeal in appeals)
    world.faults.add("too_many_requests", chat_id=shift.group.id, retry_after=30, count=2, method="send*")
    for number in range(3):
        await shift.write(appeals[0], world.send_text(maria.person, f"Ещё {number}"))
    await tried(shift, 1)
    answer = world.send_text(shift.anna, "Ответ", shift.group, second)
    await harness.until("SELECT count(*) FROM appeal_messages WHERE delivery = 'delivered' AND side = 'staff'", [(1,)])
    assert oleg.screen == "Ответ"
    assert shift.stands(first)[1:] == ["Вопрос"]
    await out(shift)
    assert shift.stands(first)[1:] == ["Вопрос", "Ещё 0", "Ещё 1", "Ещё 2"]
    assert shift.reaction(answer) == "👌"


async def test_what_staff_wrote_to_one_who_had_stopped_the_bot_comes_as_it_is_at_last(shift: Shift) -> None:
    """Answers come once, in order, with their later words, without those that were deleted; and the marks change."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    seen, vera = len(maria.screens), await boss(shift)
    world.block(maria.person)
    answers = [world.send_text(vera, f"Ответ {number}", shift.group, shift.thread) for number in range(3)]
    await harness.quiet()
    await later(shift, seconds=1)
    await harness.outbox_becomes("DISTINCT state", [("held",)], ended_at=None)
    assert [one for one in shift.stands() if one.startswith("⚠")] == [
        "⚠ Клиент остановил бота. Доставим, когда вернётся."
    ] * 3
    world.edit_text(vera, answers[0]["message_id"], "Ответ верный", shift.group)
    world.send_text(vera, "/delete", shift.group, shift.thread, answers[1]["message_id"])
    world.send_text(vera, "/close", shift.group, shift.thread)
    await harness.quiet()
    world.unblock(maria.person)
    await maria.send("/start")
    harness.app.wake_up.set()
    await shift.settled()
    came = [one for one in maria.screens[seen:] if one.startswith(("Ответ", "✔️"))]
    assert [one.partition(" №")[0] for one in came] == ["Ответ верный", "Ответ 2", "✔️ Обращение"]
    assert [shift.reaction(one) for one in answers] == ["👌", None, "👌"]
    assert [one for one in shift.stands() if one.startswith(("⚠", "✓", "Ответ отозван"))] == [
        "✓ Доставлено.",
        "Ответ отозван.",
        "✓ Доставлено.",
    ]
    assert shift.group.topics[shift.thread].closed


LOST = ("sendMessage", "sendDocument", "setMessageReaction", "editMessage*", "createForumTopic", "closeForumTopic")


async def test_replies_of_telegram_that_are_lost_double_nothing(shift: Shift) -> None:
    """To each kind of call, once in the group and once in the customer's chat."""
    harness, world = shift.harness, shift.harness.world
    vera = await boss(shift)
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Начало")
    appeal = await shift.appeal(maria)
    faults = [
        world.faults.add("reset_after", method=method, chat_id=chat, count=1)
        for method in LOST
        for chat in (shift.group.id, maria.id)
    ]
    await shift.write(appeal, world.send_text(maria.person, "Вопрос"))
    await out(shift)
    [thread] = [one for name, one in shift.topics.items() if appeal.number in name]
    answer = world.send_text(vera, "Ответ", shift.group, thread)
    await out(shift)
    world.send_file(vera, "document", b"%PDF", "a.pdf", "Акт", chat=shift.group, thread_id=thread)
    await out(shift)
    world.edit_text(vera, answer["message_id"], "Ответ верный", shift.group)
    await out(shift)
    world.send_text(vera, "/close", shift.group, thread)
    await out(shift)
    assert [fault.method for fault in faults if not fault.hits] == ["sendDocument", *_not_in_private()]
    came = [one.partition(" №")[0] for one in maria.screens if one.startswith(("Ответ", "Акт", "✔️"))]
    assert came == ["Ответ верный", "Акт", "✔️ Обращение"]
    said = [one for one in shift.stands(thread)[1:] if one != "✓ Доставлено."]
    assert said == ["Вопрос", "Ответ верный", "Акт", "/close"]
    assert shift.group.topics[thread].closed


def _not_in_private() -> list[str]:
    return ["setMessageReaction", "createForumTopic", "closeForumTopic"]


async def out(shift: Shift) -> None:
    """Everything goes out, whatever is lost on its way."""
    await shift.harness.quiet()
    while shift.harness.outbox("id", ended_at=None):
        await later(shift, seconds=40)
        await shift.harness.outbox_becomes("id", [], state="sending")


async def test_the_reply_to_an_album_that_is_lost_doubles_nothing(shift: Shift) -> None:
    """Its parts are found by their ids, which follow one another."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    await shift.says(maria, appeal, "Начало")
    for person, chat in ((maria.person, shift.group), (shift.anna, world.chats[maria.id])):
        world.faults.add("reset_after", method="sendMediaGroup", chat_id=chat.id, count=1)
        place: dict[str, Any] = {"chat": shift.group, "thread_id": shift.thread} if person is shift.anna else {}
        album = world.new_media_group_id()
        parts = [
            world.send_file(person, "photo", PICTURE, "a.png", f"Фото {one}", media_group_id=album, **place)
            for one in range(10)
        ]
        if person is maria.person:
            await shift.write(appeal, *parts)
        await out(shift)
        copies = [one.json for one in chat.messages.values() if "photo" in one.json and one.json["from"]["is_bot"]]
        assert sorted(one["caption"] for one in copies) == [f"Фото {one}" for one in range(10)]


async def test_what_is_changed_before_its_lost_reply_is_made_good_stands_once_as_it_is_now(shift: Shift) -> None:
    """Words are corrected, and taken back, within the seconds until the next try, on both sides."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    await shift.says(maria, appeal, "Начало")
    for chat, writes in ((maria.id, "staff"), (shift.group.id, "customer")):
        for end in ("edited", "taken back"):
            world.faults.add("reset_after", method="sendMessage", chat_id=chat, count=1)
            if writes == "staff":
                message = world.send_text(shift.anna, "Первое", shift.group, shift.thread)
            else:
                message = world.send_text(maria.person, "Первое")
                await shift.write(appeal, message)
            await harness.quiet()
            await harness.outbox_becomes("state, tries", [("waiting", 1)], ended_at=None)
            if end == "edited":
                who, where = (shift.anna, shift.group) if writes == "staff" else (maria.person, None)
                world.edit_text(who, message["message_id"], f"Верное {writes}", where)
            else:
                await harness.app.use(Exchange).take_back(message["chat"]["id"], message["message_id"])
            await out(shift)
    assert [one for one in maria.screens if one.startswith(("Первое", "Верное"))] == ["Верное staff"]
    copies = [one.json for one in shift.group.messages.values() if one.json["from"]["is_bot"]]
    assert [one["text"] for one in copies if one.get("text", "").startswith(("Первое", "Верное"))] == [
        "Верное customer"
    ]


async def test_an_answer_of_which_nothing_can_be_found_out_is_marked_so(shift: Shift) -> None:
    """A chat without known messages, where each reply is lost."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    await harness.restart_without_notes()
    world.faults.add("reset_after", method="sendMessage", chat_id=maria.id)
    world.send_text(shift.anna, "Ответ", shift.group, shift.thread)
    await out(shift)
    assert shift.stands()[-1].startswith("❔ Неизвестно, дошёл ли ответ")
    assert maria.screens[-2:] == ["Ответ"] * 2


async def test_the_first_message_of_a_group_whose_reply_is_lost_stands_there_once(shift: Shift) -> None:
    """The card of the first topic: until then the bot knows of no message there but the topic itself."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    fault = world.faults.add("reset_after", method="sendMessage", chat_id=shift.group.id, count=1)
    await shift.write(appeal, world.send_text(maria.person, "Вопрос"))
    await out(shift)
    assert fault.hits == 1
    card, *rest = shift.stands()
    assert f"№ {appeal.number}" in card
    assert rest == ["Вопрос"]


async def test_an_album_of_which_nothing_can_be_found_out_is_given_up_as_a_whole(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No part comes more often than once again, and each says that it is not known."""
    monkeypatch.setattr(notices, "GATHERING", timedelta(seconds=3))  # a busy machine takes its time from part to part
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    await harness.restart_without_notes()
    world.faults.add("reset_after", method="sendMediaGroup", chat_id=maria.id)
    parts = [
        world.send_file(
            *(shift.anna, "photo", PICTURE, "a.png", f"Фото {one}"),
            media_group_id="7",
            chat=shift.group,
            thread_id=shift.thread,
        )
        for one in range(4)
    ]
    await out(shift)
    came = [one["caption"] for one in world.chat_view(maria.id) if "photo" in one]
    assert came == [f"Фото {one}" for one in range(4)] * 2
    assert sum(one.startswith("❔ Неизвестно, дошёл ли ответ") for one in shift.stands()) == len(parts)
    assert {shift.reaction(one) for one in parts} == {None}
