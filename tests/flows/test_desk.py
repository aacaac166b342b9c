"""The desk: what customers and staff write to one another through topics of a group, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Any
from uuid import uuid4

import pytest
from aiogram import Bot

from bot.outbox import rate_limiter
from bot.telegram import staff
from handlers.desk import notices
from handlers.desk.commands import COMMANDS
from sandbox.state import Chat, Json, Person
from services.appeals.desk import Desk, DeskWatch
from services.appeals.exchange import group_of, to_desk
from services.appeals.models import About, Appeal, Attachment, Contact, Side, Written
from services.appeals.ports import AppealRepository
from services.notices.catalog import AppealMessageToDesk
from services.notices.models import Notice
from services.supplier.profile import SupplierProfile
from tests.flows.test_erasure import erase
from tests.harness import BotHarness
from tests.people import PICTURE, Someone

ACCOUNT = "360000123456"


@dataclass
class Shift:
    """A group of the staff, and the customers who write to it."""

    harness: BotHarness
    group: Chat
    anna: Person
    boris: Person

    # The customer's side, as the flow of appeals will do it

    async def appeal(self, someone: Someone, account: str = ACCOUNT, language: str = "ru") -> Appeal:
        """An appeal without messages yet."""
        now = self.harness.clock.now()
        async with self.harness.app.store.writing() as unit:
            number = await unit.of(AppealRepository).next_number(now.date())
            appeal = Appeal(
                key=uuid4().hex,
                number=number,
                user_id=someone.id,
                language=language,
                about=About(account=account),
                subject="charges",
                contact=Contact(name="Мария <Ивановна>"),
                created_at=now,
                due_at=now + timedelta(days=3),
            )
            assert await unit.of(AppealRepository).add(appeal)
            await unit.commit()
        return appeal

    async def write(self, appeal: Appeal, *messages: Json) -> None:
        """These messages of the customer's chat belong to the appeal."""
        profile = self.harness.app.use(SupplierProfile)
        now = self.harness.clock.now()
        async with self.harness.app.store.writing() as unit:
            known = await unit.of(AppealRepository).get(appeal.key)
            assert known is not None
            group = group_of(appeal, profile)
            assert group is not None
            await to_desk(unit, known, group, [_written(one, now) for one in messages], now)
            await unit.commit()

    async def says(self, someone: Someone, appeal: Appeal, text: str, reply_to: int | None = None) -> Json:
        message = self.harness.world.send_text(someone.person, text, reply_to=reply_to)
        await self.write(appeal, message)
        await self.settled()
        return message

    # The staff's side

    async def answers(
        self, text: str, thread: int | None, who: Person | None = None, reply_to: int | None = None
    ) -> Json:
        message = self.harness.world.send_text(who or self.anna, text, self.group, thread, reply_to)
        await self.settled()
        return message

    async def press(self, who: Person, label: str, message: int) -> None:
        await self.press_only(who, label, message)
        await self.settled()

    async def press_only(self, who: Person, label: str, message: int) -> None:
        """Other things may still wait in the outbox."""
        buttons = self.group.messages[message].json["reply_markup"]["inline_keyboard"]
        [data] = [one["callback_data"] for row in buttons for one in row if label in one["text"]]
        self.harness.world.press(who, self.group.id, message, data)
        await self.harness.quiet()

    async def settled(self) -> None:
        await self.harness.quiet()
        await self.harness.outbox_is_done()

    @property
    def topics(self) -> dict[str, int]:
        """Threads by their titles."""
        return {one.name: one.thread_id for one in self.group.topics.values() if one.thread_id != 1}

    @property
    def thread(self) -> int:
        [thread] = self.topics.values()
        return thread

    def stands(self, thread: int | None = None) -> list[str]:
        """Messages of the bot and of people in a topic, without Telegram's reports."""
        place = self.thread if thread is None else thread
        said = [one.json for one in self.group.messages.values() if one.thread_id == place]
        return [_said(one) for one in said if _said(one)]

    def reaction(self, message: Json) -> str | None:
        posted = self.group.messages[message["message_id"]]
        return posted.reactions.get(self.harness.world.bot["id"])


def _written(message: Json, now: Any) -> Written:
    file = message["photo"][-1] if "photo" in message else message.get("document")
    kind = "photo" if "photo" in message else "document" if "document" in message else "text"
    reply = message.get("reply_to_message", {}).get("message_id")
    return Written(
        side=Side.CUSTOMER,
        chat=message["chat"]["id"],
        message=message["message_id"],
        at=now,
        text=escape(str(message.get("text", message.get("caption", "")))),
        file=Attachment(kind, file["file_id"]) if file else None,
        album=message.get("media_group_id", ""),
        kind=kind,
        reply=reply,
    )


def _said(message: Json) -> str:
    return str(message.get("text") or message.get("caption") or ("[photo]" if "photo" in message else ""))


@pytest.fixture
async def shift(idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> Shift:
    group = idle_harness.world.add_staff_group("Смена")
    monkeypatch.setenv("SUPPORT_CHAT_ID", str(group.id))
    monkeypatch.setattr(rate_limiter, "GROUP_PER_MINUTE", 10_000)
    monkeypatch.setattr(notices, "GATHERING", timedelta(milliseconds=10))
    idle_harness.limit(sender={"idle": 0.2})
    await idle_harness.start()
    people = [idle_harness.world.add_person(name) for name in ("Анна", "Борис")]
    for person in people:
        idle_harness.world.join(group, person)
    return Shift(idle_harness, group, *people)


async def test_a_conversation_between_a_customer_and_the_desk(shift: Shift) -> None:
    world = shift.harness.world
    maria = await shift.harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    asked = [world.send_text(maria.person, f"Вопрос {number} <b>&") for number in range(5)]
    for one in asked:
        await shift.write(appeal, one)
    await shift.settled()
    [title] = shift.topics
    assert title == f"№ {appeal.number} · Показания и расчёт · …{ACCOUNT[-4:]}"
    card, *copies = shift.stands()
    assert "Мария <Ивановна>" in card
    assert copies == [f"Вопрос {number} <b>&" for number in range(5)]
    answer = await shift.answers("Ответ", shift.thread, reply_to=shift.group.next_message_id)
    assert maria.screen == "Ответ"
    assert appeal.number in maria.buttons[1]
    assert world.chat_view(maria.id)[-1]["reply_to_message"]["message_id"] == asked[-1]["message_id"]
    assert shift.reaction(answer) == "👌"
    # The answer is changed, and the question, too.
    world.edit_text(shift.anna, answer["message_id"], "Ответ верный", shift.group)
    await shift.settled()
    assert maria.screen == "Ответ верный"
    await maria.edit("Вопрос последний")
    await shift.settled()
    assert shift.stands()[1:] == [*(f"Вопрос {number} <b>&" for number in range(4)), "Вопрос последний", "Ответ верный"]
    # A note stays inside, and so does what is no command.
    await shift.answers("// звонила, не ответил", shift.thread)
    assert (shift.stands()[-1], maria.screen) == ("// звонила, не ответил", "Ответ верный")
    assert shift.harness.rows("SELECT side FROM appeal_messages ORDER BY id DESC LIMIT 1") == [("note",)]
    await shift.answers("/clos", shift.thread)
    assert "Такой команды нет" in shift.stands()[-1]
    # The customer's answer to the answer quotes it; an answer that is taken back goes.
    await shift.says(maria, appeal, "Спасибо", reply_to=maria.last_id)
    assert [one.json for one in shift.group.messages.values()][-1]["reply_to_message"]["message_id"] == answer[
        "message_id"
    ]
    await shift.answers("/delete", shift.thread, reply_to=answer["message_id"])
    assert "Ответ верный" not in maria.screens
    assert (shift.reaction(answer), shift.stands()[-1]) == (None, "Ответ отозван.")
    await maria.send("/delete", reply_to=asked[0]["message_id"])
    await shift.settled()
    assert "Вопрос 0 <b>&" not in shift.stands()
    # One owner; the second who presses is told so, and nobody else.
    await shift.press(shift.anna, "Взять", card_id(shift))
    world.forge_press(shift.boris, shift.group.id, card_id(shift), f"wk1:take:{appeal.key}:")
    await shift.settled()
    told = [event for event in world.events if event["type"] == "callback_answer" and event["text"]]
    assert [(one["user_id"], one["text"]) for one in told] == [(shift.boris.id, "Обращение уже взято: Анна.")]
    assert "Отвечает: Анна" in shift.stands()[0]
    # Closed, and open again.
    await shift.answers("/close", shift.thread)
    assert shift.group.topics[shift.thread].closed
    assert "Закрыто 23.11.2026" in shift.stands()[0]
    await shift.press(shift.anna, "Открыть снова", card_id(shift))
    assert not shift.group.topics[shift.thread].closed
    assert shift.harness.rows("SELECT reopened, state FROM appeals") == [(1, "open")]


async def test_the_topic_is_told_what_its_customer_does(shift: Shift) -> None:
    """They close the appeal, rate it, open it again, and change what they have sent: words, the caption of a picture in
    an album."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    photos = [
        world.send_file(maria.person, "photo", PICTURE, "meter.png", f"Фото {number}", media_group_id="7")
        for number in range(2)
    ]
    await shift.write(appeal, *photos)
    await shift.settled()
    world.edit_text(maria.person, photos[1]["message_id"], "Фото верное <b>")
    await maria.send("/delete", reply_to=photos[0]["message_id"])
    await shift.answers("Ответ", shift.thread)
    assert shift.stands()[1:] == ["Фото верное <b>", "Ответ"]
    await maria.press(appeal.number)
    await maria.press("Вопрос решён")
    await shift.settled()
    assert shift.stands()[-1] == "Клиент закрыл обращение."
    assert shift.group.topics[shift.thread].closed
    again = maria.find("Открыть снова")
    await maria.press("4 ⭐")
    await maria.send("Быстро <&>")
    await shift.settled()
    assert shift.stands()[-2:] == ["Оценка клиента: 4 из 5.", "К оценке клиент написал: Быстро <&>"]
    assert shift.group.topics[shift.thread].closed
    await maria.press_data(*again)
    await shift.settled()
    assert shift.stands()[-1] == "Клиент открыл обращение снова."
    assert not shift.group.topics[shift.thread].closed


async def test_a_topic_that_is_lost_is_made_again_and_one_that_is_asked_for_twice_stays_one(shift: Shift) -> None:
    """The reply to createForumTopic is lost, a topic is deleted, one is closed by hand."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    world.faults.add("reset_after", method="createForumTopic", count=1)
    await shift.says(maria, appeal, "Первый")
    assert len(shift.topics) == 1
    assert shift.stands()[1:] == ["Первый"]
    world.delete_topic(shift.group, shift.thread)
    await shift.says(maria, appeal, "Второй")
    assert len(shift.topics) == 1
    card, *rest = shift.stands()
    assert "Прежняя тема удалена" in card
    assert rest == ["Второй"]
    world.close_topic(shift.anna, shift.group, shift.thread)
    world.faults.add("reset_after", method="sendMessage", chat_id=shift.group.id, count=1)
    await shift.write(appeal, world.send_text(maria.person, "Третий"))
    await harness.outbox_becomes("state, tries", [("waiting", 1)], ended_at=None)
    harness.clock.advance(seconds=20)
    harness.app.wake_up.set()
    await shift.settled()
    assert shift.stands()[1:] == ["Второй", "Третий"]
    # Staff close it, and the customer writes again.
    await shift.answers("/close", shift.thread, who=await boss(shift))
    await harness.run("UPDATE appeals SET state = 'open'")
    await shift.says(maria, appeal, "Четвёртый")
    assert not shift.group.topics[shift.thread].closed
    assert shift.stands()[-1] == "Четвёртый"


async def boss(shift: Shift) -> Person:
    person = shift.harness.world.add_person("Вера")
    shift.harness.world.join(shift.group, person, "administrator")
    return person


async def test_trouble_with_a_topic_holds_up_no_other(shift: Shift) -> None:
    """Telegram was asked for the first one, and may still tell of it."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    first, second = await shift.appeal(maria), await shift.appeal(maria)
    await harness.app.use(Desk).topic(first.key, shift.group.id)
    await harness.app.use(Desk).change(first.key, asked_at=harness.clock.now())
    for number in range(3):
        for appeal in (first, second):
            await shift.write(appeal, world.send_text(maria.person, f"{appeal.number} {number}"))
    await harness.outbox_becomes("key", [], ended_at=None, line=second.key)
    assert shift.stands()[1:] == [f"{second.number} {number}" for number in range(3)]
    harness.clock.advance(seconds=70)
    harness.app.wake_up.set()
    await shift.settled()
    [other] = [thread for title, thread in shift.topics.items() if first.number in title]
    assert shift.stands(other)[1:] == [f"{first.number} {number}" for number in range(3)]


async def test_a_second_topic_that_comes_late_is_removed(shift: Shift) -> None:
    """Telegram made the first one, said nothing for a minute, and told of it when there was a second one."""
    harness = shift.harness
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    await shift.says(maria, appeal, "Вопрос")
    first = shift.thread
    name = f"№ {appeal.number} · Показания и расчёт"
    await harness.app.bot.create_forum_topic(shift.group.id, name)
    await shift.settled()
    assert list(shift.topics.values()) == [first]


async def test_a_group_without_the_bot_keeps_what_waits(shift: Shift) -> None:
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    world.set_bot_status(shift.group, "kicked")
    await shift.write(appeal, world.send_text(maria.person, "Вопрос"))
    await harness.outbox_becomes("sum(tries > 0)", [(1,)], state="waiting")
    assert len(harness.alerts()) == 1
    world.set_bot_status(shift.group, "administrator")
    await harness.quiet()
    harness.app.wake_up.set()
    await shift.settled()
    assert shift.stands()[1:] == ["Вопрос"]
    # The group becomes another one, and all goes on there.
    shift.group = world.migrate(shift.group)
    await shift.says(maria, appeal, "Ещё вопрос")
    assert shift.stands()[1:] == ["Ещё вопрос"]
    answer = await shift.answers("Ответ", shift.thread)
    assert (maria.screen, shift.reaction(answer)) == ("Ответ", "👌")


async def test_marks_tell_the_truth(shift: Shift) -> None:
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    await shift.says(maria, appeal, "Вопрос")
    world.block(maria.person)
    answer = world.send_text(shift.anna, "Ответ", shift.group, shift.thread)
    await harness.quiet()
    await harness.app.use(DeskWatch).look()
    await harness.outbox_becomes("state", [("held",)], ended_at=None)
    assert shift.stands()[-1] == "⚠ Клиент остановил бота. Доставим, когда вернётся."
    await harness.app.use(DeskWatch).look()
    await harness.outbox_becomes("state", [("held",)], ended_at=None)
    assert shift.stands()[-2:] == ["Ответ", "⚠ Клиент остановил бота. Доставим, когда вернётся."]
    world.unblock(maria.person)
    await harness.quiet()
    harness.app.wake_up.set()
    await shift.settled()
    assert maria.screen == "Ответ"
    assert (shift.reaction(answer), shift.stands()[-1]) == ("👌", "✓ Доставлено.")
    sticker = world.inject(
        shift.anna, {"story": {"chat": {"id": 1, "type": "private"}, "id": 1}}, shift.group, shift.thread
    )
    await shift.settled()
    assert (sticker["message_id"] > 0, shift.stands()[-1]) == (True, "✖ Такое сообщение бот передать не может.")
    # The time runs out, which is said once, and not in the night.
    harness.clock.advance(days=2, hours=12)
    await harness.run("UPDATE appeals SET answered_at = NULL")
    await harness.app.use(DeskWatch).look()
    await shift.settled()
    assert not any("ответа ещё нет" in one for one in shift.stands())
    harness.clock.advance(hours=11)
    for _ in range(2):
        await harness.app.use(DeskWatch).look()
        await shift.settled()
    assert [one for one in shift.stands() if "ответа ещё нет" in one] == [
        "⏰ ответа ещё нет, а срок — 26.11.2026 10:14."
    ]


async def test_files_templates_and_access(shift: Shift) -> None:
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    photo = world.send_file(maria.person, "photo", PICTURE, "meter.png", "Счётчик")
    await shift.write(appeal, photo)
    world.delete_message(maria.person, photo["message_id"])
    await shift.settled()
    assert shift.stands()[1:] == ["Счётчик"]
    world.send_file(shift.anna, "document", b"%PDF", "act.pdf", "Акт", chat=shift.group, thread_id=shift.thread)
    await shift.settled()
    assert maria.documents == [("act.pdf", b"%PDF")]
    await shift.answers("/template Срок {имя}, ответим по {номер}", None)
    await shift.answers("/t ср", shift.thread)
    assert maria.screen == f"Мария <Ивановна>, ответим по № {appeal.number}"
    await shift.answers("/t нет", shift.thread)
    assert "Нет шаблона" in shift.stands()[-1]
    await shift.answers("/find 3456", None)
    general = [_said(one.json) for one in shift.group.messages.values() if one.thread_id is None]
    assert general[-1] == f"№ {appeal.number} · …3456 · Мария <Ивановна> · открыто"
    await shift.press(shift.anna, "Доступ", card_id(shift))
    await shift.press(shift.anna, "Отвязать", card_id(shift))
    assert harness.rows("SELECT count(*) FROM links") == [(1,)]
    await shift.press(shift.anna, "Да, отвязать", card_id(shift))
    assert harness.rows("SELECT count(*) FROM links") == [(0,)]
    assert harness.rows("SELECT action FROM journal ORDER BY rowid DESC LIMIT 1") == [("unlinked_by_company",)]
    assert shift.stands()[-1] == "Анна: доступ к счёту отвязан."


async def test_an_album_whose_writer_is_erased_is_not_brought_again(shift: Shift) -> None:
    """Rows of its later parts may wait for the group's pace until after that."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    photos = [
        world.send_file(maria.person, "photo", PICTURE, f"{number}.png", f"Часть {number}", media_group_id="7")
        for number in range(3)
    ]
    await harness.quiet()
    await shift.write(appeal, *photos)
    await shift.settled()
    thread = shift.thread
    assert [words for words in shift.stands() if "Часть" in words] == ["Часть 0", "Часть 1", "Часть 2"]
    await erase(maria)
    await harness.drop_notices()
    for (number,) in harness.rows("SELECT id FROM appeal_messages"):
        facts = AppealMessageToDesk(appeal=appeal.key, message=number)
        await harness.tell(Notice(f"appeal_message:{number}", shift.group.id, facts, line=appeal.key))
    await shift.settled()
    assert [words for words in shift.stands(thread) if "Часть" in words] == ["Часть 0", "Часть 1", "Часть 2"]


async def test_an_album_stays_together_on_both_ways(shift: Shift) -> None:
    """Also where one part has too many words, one is edited afterwards and one is taken back before."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)

    def photo(person: Person, number: int, caption: str, **place: Any) -> Json:
        return world.send_file(person, "photo", PICTURE, f"{number}.png", caption, media_group_id=album, **place)

    album = "7"
    sent = [photo(maria.person, number, LONG if number == 3 else f"Фото {number}") for number in range(10)]
    await shift.write(appeal, *sent)
    await shift.settled()
    assert shift.stands()[1:] == [LONG.strip(), *("[photo]" if one == 3 else f"Фото {one}" for one in range(10))]
    copies = [one.json for one in shift.group.messages.values() if "photo" in one.json]
    assert len({one["media_group_id"] for one in copies}) == 1
    world.edit_text(maria.person, sent[4]["message_id"], "Верное")
    await shift.settled()
    assert shift.stands()[6] == "Верное"
    album, vera = "8", await boss(shift)
    world.block(maria.person)
    answers = [photo(vera, one, f"Ответ {one}", chat=shift.group, thread_id=shift.thread) for one in range(3)]
    world.send_text(vera, "/delete", shift.group, shift.thread, answers[1]["message_id"])
    await harness.quiet()
    world.unblock(maria.person)
    await harness.quiet()
    harness.app.wake_up.set()
    await shift.settled()
    came = [one for one in world.chat_view(maria.id) if "photo" in one and one["from"]["is_bot"]]
    assert [one["caption"] for one in came] == ["Ответ 0", "Ответ 2"]
    assert len({one["media_group_id"] for one in came}) == 1
    assert [shift.reaction(one) for one in answers] == ["👌", None, "👌"]


LONG = "Очень длинно. " * 90  # more than fits under a file


async def test_a_file_with_many_words_comes_as_both_and_another_in_its_place_follows(shift: Shift) -> None:
    """Words first; an edit reaches them, an answer to either quotes, and both are taken back together."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    photo = world.send_file(maria.person, "photo", PICTURE, "a.png", LONG)
    await shift.write(appeal, photo)
    await shift.settled()
    assert shift.stands()[1:] == [LONG.strip(), "[photo]"]
    words, file = list(shift.group.messages)[-2:]
    for number, copy in enumerate((words, file)):
        await shift.answers(f"Ответ {number}", shift.thread, reply_to=copy)
        assert world.chat_view(maria.id)[-1]["reply_to_message"]["message_id"] == photo["message_id"]
    world.edit_text(maria.person, photo["message_id"], "Ясно")
    await shift.settled()
    assert shift.stands()[1:3] == ["Ясно", "[photo]"]
    await maria.send("/delete", reply_to=photo["message_id"])
    await shift.settled()
    assert shift.stands()[1:] == ["Ответ 0", "Ответ 1"]
    # The other way: few words under a file become many, and it becomes another file.
    seen = len(maria.screens)
    act = world.send_file(shift.anna, "document", b"%PDF", "a.pdf", "Акт", chat=shift.group, thread_id=shift.thread)
    await shift.settled()
    world.edit_text(shift.anna, act["message_id"], LONG, shift.group)
    await shift.settled()
    world.replace_file(shift.anna, act["message_id"], "document", b"%PDF-2", "b.pdf", shift.group)
    await shift.settled()
    assert maria.screens[seen:] == ["b.pdf", LONG.strip()]
    assert maria.documents == [("b.pdf", b"%PDF-2")]


async def test_a_group_without_topics_works_by_replies(shift: Shift) -> None:
    """Answers, commands about one appeal, and commands about all; an account is unlocked from its card."""
    harness = shift.harness
    shift.group.is_forum = False
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    question = await shift.says(maria, appeal, "Вопрос")
    said = [one.json for one in shift.group.messages.values()]
    assert [_said(one) for one in said][1:] == ["Вопрос"]
    card, copy = (one["message_id"] for one in said)
    assert said[1]["reply_to_message"]["message_id"] == card
    await shift.answers("Между собой", None)
    assert maria.screen != "Между собой"
    harness.clock.advance(hours=2)
    await shift.answers("Ответ", None, reply_to=copy)
    assert maria.screen == "Ответ"
    assert harness.world.chat_view(maria.id)[-1]["reply_to_message"]["message_id"] == question["message_id"]

    async def asks(text: str, reply_to: int | None = None) -> str:
        await shift.answers(text, None, reply_to=reply_to)
        return _said([one.json for one in shift.group.messages.values()][-1])

    assert "Эту команду пишут в теме" in await asks("/who")
    assert ACCOUNT in await asks("/who", copy)
    stats = await asks("/stats")
    assert "обращений: 1, с ответом 1" in stats
    assert "В срок: 100 %" in stats
    assert "сохранён" in await asks("/template Срок Ответим завтра")
    assert "срок" in await asks("/templates")
    await asks("/t с", copy)
    assert maria.screen == "Ответим завтра"
    await harness.run("INSERT INTO controls (account, anyone_submits, closed, locked) VALUES (?, 1, 0, 1)", ACCOUNT)
    await shift.press(shift.anna, "Доступ", card)
    await shift.press(shift.anna, "Отпереть", card)
    assert harness.rows("SELECT locked FROM controls") == [(0,)]


async def test_a_reply_to_the_desk_is_for_the_desk_whatever_it_says(shift: Shift) -> None:
    """Thanks, the name of a command, readings; thanks alone open no closed appeal. Not as a reply they are as ever."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    await shift.answers("Ответ", shift.thread)
    answer = maria.last_id
    await maria.send("Спасибо!")
    assert maria.screen.startswith("Пожалуйста!")
    for words in ("Спасибо!", "оплата", "3650 1580", "Здравствуйте"):
        await maria.send(words, reply_to=answer)
        await shift.settled()
        assert shift.stands()[-1] == words
        assert maria.screen.startswith("✅ Передал специалисту")
    await shift.answers("/close", shift.thread)
    await maria.send("спасибо большое", reply_to=answer)
    await harness.app.use(DeskWatch).look()
    await shift.settled()
    assert shift.stands()[-1] == "спасибо большое"
    assert harness.rows("SELECT state, reopened FROM appeals") == [("closed", 0)]
    assert shift.group.topics[shift.thread].closed
    await maria.send("Нет, не помогло", reply_to=answer)
    await shift.settled()
    assert harness.rows("SELECT state, reopened FROM appeals") == [("open", 1)]
    assert not shift.group.topics[shift.thread].closed
    assert harness.rows("SELECT count(*) FROM submissions") == [(0,)]
    assert world.chat_view(maria.id)[-1]["text"].startswith("✅ Передал")


async def test_who_took_an_appeal_gives_it_back_and_another_takes_it(shift: Shift) -> None:
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    await shift.says(maria, appeal, "Вопрос")
    await shift.press(shift.anna, "Взять", card_id(shift))
    old = f"wk1:release:{appeal.key}:{shift.anna.id}"
    await shift.press(shift.boris, "Вернуть в очередь", card_id(shift))
    assert shift.stands()[-1] == "Борис: обращение снова в очереди."
    assert "Отвечает" not in shift.stands()[0]
    await shift.press(shift.boris, "Взять", card_id(shift))
    assert "Отвечает: Борис" in shift.stands()[0]
    for data in (old, f"wk1:release:{appeal.key}:", f"wk1:release:{appeal.key}:x"):  # of a card that has changed
        world.forge_press(shift.anna, shift.group.id, card_id(shift), data)
        await shift.settled()
        assert harness.rows("SELECT owner_name FROM desk_topics") == [("Борис",)]
    told = [event["text"] for event in world.events if event["type"] == "callback_answer" and event["text"]]
    assert told == ["Обращение тем временем взял другой сотрудник."] * 3


async def test_an_appeal_is_opened_again_by_its_whole_number_and_promised_anew(shift: Shift) -> None:
    """Not by a name, or the end of an account, that another one has. Staff are reminded once more; in time is what came
    before the first promise."""
    harness = shift.harness
    maria = await harness.customer("Мария", ACCOUNT)
    appeals = [await shift.appeal(maria) for _ in range(2)]
    for appeal in appeals:
        await shift.says(maria, appeal, "Вопрос")
    first, second = (next(one for name, one in shift.topics.items() if appeal.number in name) for appeal in appeals)
    await shift.answers("Ответ", first)
    harness.clock.advance(days=3)
    await harness.app.use(DeskWatch).look()
    await shift.settled()
    for thread in (first, second):
        await shift.answers("/close", thread)

    async def general(text: str) -> str:
        await shift.answers(text, None)
        return [_said(one.json) for one in shift.group.messages.values() if one.thread_id is None][-1]

    assert "Эту команду пишут в теме" in await general("/reopen мария")
    assert "Эту команду пишут в теме" in await general(f"/reopen {ACCOUNT[-4:]}")
    assert await general("/reopen 2611-99999") == "✖ Обращения № 2611-99999 в этой группе нет."
    assert harness.rows("SELECT DISTINCT state FROM appeals") == [("closed",)]
    harness.clock.advance(days=6)
    assert await general(f"/reopen № {appeals[0].number}") == f"Обращение № {appeals[0].number} снова открыто."
    assert await general(f"/reopen {appeals[0].number}") == "Обращение уже открыто."
    await shift.answers("/reopen клиент Мария просит", second, who=await boss(shift))
    assert harness.rows("SELECT state, due_at > '2026-12-04' FROM appeals") == [("open", 1)] * 2
    await maria.send("/appeals")
    assert maria.screen.count("⏳ ждёт ответа") == 1  # the other one has an answer that she has not read
    await maria.press(appeals[0].number)
    assert "⏳ Ответим до 07.12" in maria.screen
    harness.clock.advance(days=5)  # to Monday
    for _ in range(2):
        await harness.app.use(DeskWatch).look()
        await shift.settled()
    assert [sum("ответа ещё нет" in one for one in shift.stands(thread)) for thread in (first, second)] == [1, 2]
    for thread in (first, second):
        await shift.answers("Ещё ответ", thread)
    stats = await general("/stats")
    assert "обращений: 2, с ответом 2" in stats
    assert "В срок: 50 %" in stats


async def test_commands_stand_in_the_menu_of_the_staffs_groups(shift: Shift) -> None:
    """In both languages, also when the group has moved or the bot comes back; those of broadcasts where they work."""
    harness, world = shift.harness, shift.harness.world

    def menus(group: Chat) -> dict[str, list[str]]:
        return {
            language: [one["command"] for one in commands]
            for (scope, language), commands in world.profile.commands.items()
            if str(group.id) in scope
        }

    while len(menus(shift.group)) < 2:
        await harness.app.bot.get_me()
    assert menus(shift.group) == {"": list(COMMANDS), "en": list(COMMANDS)}
    moved = world.migrate(shift.group)
    world.post(shift.group, shift.anna.user(), {"migrate_to_chat_id": moved.id}, outgoing=False)
    await harness.quiet()
    assert set(menus(moved)) == {"", "en"}
    world.profile.commands.clear()
    object.__setattr__(harness.app.use(SupplierProfile).desk, "broadcasts", ())
    world.set_bot_status(moved, "member")
    await harness.quiet()
    assert set(COMMANDS) - set(menus(moved)["en"]) == {"broadcast", "correct"}
    shift.group = moved
    await shift.answers("/broadcast", None)
    [said] = [_said(one.json) for one in moved.messages.values() if one.json["from"]["is_bot"]]
    assert said == "✖ Из этой группы рассылки не отправляют."


async def test_a_group_that_is_the_staffs_no_more_has_no_menu(shift: Shift, monkeypatch: pytest.MonkeyPatch) -> None:
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    other = world.add_staff_group("Другая")
    monkeypatch.setenv("SUPPORT_CHAT_ID", str(other.id))
    await harness.restart()
    while {str(shift.group.id) in scope for scope, _ in world.profile.commands if "chat_id" in scope} != {False}:
        await harness.app.bot.get_me()
    assert sum(str(other.id) in scope for scope, _ in world.profile.commands) == 2


async def test_the_number_of_a_chat_is_told_to_an_administrator_of_it(shift: Shift) -> None:
    """Of a group that is not set up; not to members, strangers, in a forwarded command, or by another bot's."""
    harness, world = shift.harness, shift.harness.world
    other, vera = world.add_staff_group("Новая"), world.add_person("Вера")
    world.join(other, shift.anna)
    world.join(other, vera, "administrator")
    for who, text in ((shift.anna, "/id"), (world.add_person("Чужой"), "/id"), (vera, "/id@other_bot"), (vera, "id")):
        world.post(other, who.user(), {"text": text}, outgoing=False)
    origin = {"type": "hidden_user", "sender_user_name": "X", "date": 1}
    world.post(other, vera.user(), {"text": "/id", "forward_origin": origin}, outgoing=False)
    await shift.settled()
    assert [one for one in other.messages.values() if one.json["from"]["is_bot"]] == []
    own = {"id": other.id, "type": "supergroup", "title": "Новая"}
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    world.post(other, vera.user(), {"text": f"/id@{world.bot['username'].upper()}"}, outgoing=False)
    world.post(other, anonymous, {"text": "/id", "sender_chat": own}, outgoing=False)
    await shift.settled()
    said = [_said(one.json) for one in other.messages.values() if one.json["from"]["id"] == world.bot["id"]]
    assert [one.partition(".")[0] for one in said] == [f"Номер этого чата: {other.id}"] * 2
    other.hides_members, other.bot_status = True, "member"
    world.post(other, vera.user(), {"text": "/id"}, outgoing=False)
    await shift.settled()
    assert "Сначала сделайте бота администратором" in _said([*other.messages.values()][-1].json)
    other.bot_status = "kicked"
    world.post(other, vera.user(), {"text": "/id"}, outgoing=False)
    await shift.answers("/id", None)
    assert str(shift.group.id) in _said([*shift.group.messages.values()][-1].json)
    maria = harness.person("Мария")
    await maria.send("/id")
    assert f"Номер этого чата: {maria.id}" in maria.screen


@pytest.mark.limits(intake={"away_tries": 2, "pauses": (0.01,)})
async def test_a_group_that_hides_its_members_from_the_bot_is_told_once_and_loses_nothing(shift: Shift) -> None:
    """The bot is no administrator there and cannot tell members from outsiders, so messages wait."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    shift.group.hides_members, shift.group.bot_status = True, "member"
    for text in ("Ответ", "Ещё ответ"):
        world.send_text(shift.anna, text, shift.group, shift.thread)
    await harness.outbox_becomes("state", [("sent",)], kind="desk_hint")
    await harness.inbox_becomes("count(*)", [(2,)], done_at=None)  # both answers wait, all before is done
    [(before,)] = harness.inbox("count(*)", body=None)  # those that are done
    for number in range(1, 9):  # others are answered meanwhile
        world.send_text(maria.person, "спасибо")
        await harness.inbox_becomes("count(*)", [(before + number,)], body=None)
    assert maria.screen.startswith("Пожалуйста!")
    world.set_bot_status(shift.group, "administrator")
    await harness.inbox_becomes("count(*)", [(0,)], done_at=None)
    await shift.settled()
    assert [one for one in maria.screens if one in ("Ответ", "Ещё ответ")] == ["Ответ", "Ещё ответ"]
    [told] = [one.json["text"] for one in shift.group.messages.values() if "администратором" in _said(one.json)]
    assert told.startswith("⚠ Бот не видит участников")


async def test_a_bot_that_becomes_administrator_after_telegram_has_refused_takes_nobody_for_an_outsider(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question about the member and that about the bot itself."""
    harness, world, asked = shift.harness, shift.harness.world, staff._is_administrator
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    shift.group.hides_members, shift.group.bot_status = True, "member"

    async def after_a_change(bot: Bot, chat: int) -> bool:
        shift.group.bot_status = "administrator"
        return await asked(bot, chat)

    monkeypatch.setattr(staff, "_is_administrator", after_a_change)
    world.send_text(shift.anna, "Ответ", shift.group, shift.thread)
    await harness.inbox_becomes("count(*)", [(0,)], done_at=None)
    await shift.settled()
    assert maria.screen == "Ответ"


async def test_outsiders_reach_nobody(shift: Shift) -> None:
    """An outsider, another bot, a linked channel, an anonymous administrator of elsewhere, a forwarded command, another
    group."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    await shift.says(maria, appeal, "Вопрос")
    screens, thread = maria.screens, shift.thread
    stranger = world.add_person("Чужой")
    shift.group.members[stranger.id] = "left"
    origin = {"type": "hidden_user", "sender_user_name": "X", "date": 1}
    elsewhere = {"id": -1001999999999, "type": "supergroup", "title": "X"}

    def post(content: Json, sender: Json) -> None:
        world.post(shift.group, sender, content, outgoing=False, thread_id=thread)

    post({"text": "Чужое"}, stranger.user())
    post({"text": "Бот"}, {"id": 777, "is_bot": True, "first_name": "Bot"})
    post(
        {"text": "Канал", "sender_chat": {**elsewhere, "type": "channel"}, "is_automatic_forward": True},
        shift.anna.user(),
    )
    post({"text": "Аноним", "sender_chat": elsewhere}, {"id": 1087968824, "is_bot": True, "first_name": "Group"})
    post({"text": "/close", "forward_origin": origin}, shift.anna.user())
    other = world.add_staff_group("Другая")
    world.join(other, shift.anna)
    world.send_text(shift.anna, "/find Мария", other)
    world.forge_press(stranger, shift.group.id, card_id(shift), f"wk1:take:{appeal.key}:")
    world.forge_press(shift.anna, other.id, 1, f"wk1:take:{appeal.key}:")
    await shift.settled()
    assert maria.screens == screens
    assert harness.rows("SELECT state FROM appeals") == [("open",)]
    assert harness.rows("SELECT owner_name FROM desk_topics") == [("",)]
    assert [one for one in other.messages.values() if one.json["from"]["is_bot"]] == []
    # One of this group's own is heard.
    own = {"id": shift.group.id, "type": "supergroup", "title": "Смена"}
    post({"text": "Свой", "sender_chat": own}, {"id": 1087968824, "is_bot": True, "first_name": "Group"})
    await shift.settled()
    assert maria.screen == "Свой"


STEPS = ("topic", "change", "change", "note_card", "note_copies")


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
async def test_an_end_at_any_step_makes_one_topic_with_everything(
    shift: Shift, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """The work ends before a step is noted, or just after it, and the process starts anew."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    for number, name in enumerate(STEPS):
        with monkeypatch.context() as patch:
            _break(patch, name, STEPS[:number].count(name), late=late)
            appeal = await shift.appeal(maria)
            await shift.write(appeal, world.send_text(maria.person, f"Вопрос {number}"))
            # Telegram's word of a new topic may bring the next try before the end.
            ended = "tries > 1 OR (tries = 1 AND state = 'waiting')"
            await harness.outbox_becomes(ended, [(1,)], line=appeal.key, kind="appeal_message")
        await harness.restart()
        harness.clock.advance(seconds=70)
        harness.app.wake_up.set()
        await shift.settled()
        [thread] = [thread for title, thread in shift.topics.items() if appeal.number in title]
        assert shift.stands(thread)[1:] == [f"Вопрос {number}"]
    assert len(shift.topics) == len(STEPS)
    harness.journal.take()


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
async def test_an_end_at_a_deed_of_the_staff_does_it_once_and_says_so_once(
    shift: Shift, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """The update comes again, and finds the deed done or not."""
    maria = await shift.harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    for name, label in (("take", "Взять"), ("release", "Вернуть")):
        with monkeypatch.context() as patch:
            _break(patch, name, 0, late=late)
            await shift.press(shift.anna, label, card_id(shift))
    assert shift.stands()[1:] == ["Вопрос", "Анна: обращение снова в очереди."]
    assert "✋ Взять" in str(shift.group.messages[card_id(shift)].json["reply_markup"])
    for name, command in (("close", "/close"), ("reopen", "/reopen")):
        with monkeypatch.context() as patch:
            _break(patch, name, 0, late=late)
            await shift.answers(command, shift.thread, who=await boss(shift))
    assert shift.harness.rows("SELECT state, reopened FROM appeals") == [("open", 1)]
    assert sum("закрыто" in one for one in maria.screens) == 1
    told = [event for event in shift.harness.world.events if event["type"] == "callback_answer" and event["text"]]
    assert told == []
    assert len(shift.harness.journal.take()) == 4


def _break(patch: pytest.MonkeyPatch, name: str, after: int, *, late: bool) -> None:
    """The desk's step of a name raises once, at the call after so many."""
    real, left = getattr(Desk, name), [after]

    async def broken(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] == -1 and not late:
            raise RuntimeError("the end")
        done = await real(*args, **kwargs)
        if left[0] == -1:
            raise RuntimeError("the end")
        return done

    patch.setattr(Desk, name, broken)


def card_id(shift: Shift) -> int:
    [(card,)] = shift.harness.rows("SELECT card_id FROM desk_topics")
    return int(card)
