"""Broadcasts from a group of the staff: questions and answers, a sample, a second person's press, progress, the end."""

from __future__ import annotations

from typing import Any

import pytest

from bot.tasks import Tasks
from handlers.broadcasts.callbacks import BroadcastAction
from sandbox.state import Json, Person
from services.appeals.settings import DeskGroup
from services.broadcasts.broadcasts import Broadcasts
from services.broadcasts.desk import BroadcastDesk, BroadcastWatch
from services.broadcasts.models import Operator
from services.supplier.profile import SupplierProfile
from tests.conftest import TWO_ZONES
from tests.flows.test_desk import Shift, shift
from tests.people import PICTURE, Someone

__all__ = ["shift"]

ELSEWHERE = "360000200033"
TEXT = "Завтра с 10 до 12 отключим свет. <b>Простите</b>"


def said(shift: Shift) -> list[Json]:
    """Messages of the bot in the general topic, the newest last."""
    return [one.json for one in shift.group.messages.values() if one.json["from"]["is_bot"] and not one.thread_id]


def texts(shift: Shift) -> list[str]:
    return [str(one["text"]).replace("\N{NO-BREAK SPACE}", " ") for one in said(shift)]


def labels(message: Json) -> list[str]:
    keyboard = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in keyboard for button in row]


def card(shift: Shift) -> Json:
    """The newest message with buttons of a broadcast."""
    return [one for one in said(shift) if "bc1" in str(one.get("reply_markup"))][-1]


async def press(shift: Shift, who: Person, label: str) -> None:
    await shift.press(who, label, card(shift)["message_id"])
    await counted(shift)


async def counted(shift: Shift) -> None:
    """The look of the scheduler that counts the people of new audiences."""
    await shift.harness.app.use(Broadcasts).count_asked()
    await shift.settled()


def question(shift: Shift) -> int:
    """The newest one that is answered by a reply."""
    return int([one for one in said(shift) if " в ответ " in one["text"]][-1]["message_id"])


async def reply(shift: Shift, who: Person, text: str) -> str:
    """An answer to the newest question, and what the bot says then."""
    await shift.answers(text, None, who, reply_to=question(shift))
    await counted(shift)
    return texts(shift)[-1]


async def write(shift: Shift, text: str = TEXT, audience: str = "Всем клиентам") -> None:
    """Anna's draft."""
    await shift.answers("/broadcast", None)
    await press(shift, shift.anna, audience)
    await reply(shift, shift.anna, text)


async def sent(shift: Shift) -> None:
    """The looks of the scheduler until all has gone out and the card says so."""
    await shift.harness.app.use(Broadcasts).queue_confirmed()
    await shift.settled()
    shift.harness.clock.advance(seconds=11)
    for _ in range(2):
        await shift.harness.app.use(BroadcastWatch).look()
        await shift.settled()


def alerts(shift: Shift) -> list[tuple[int, str]]:
    """Words that only the one who pressed has seen."""
    events = shift.harness.world.events
    return [(one["user_id"], one["text"]) for one in events if one["type"] == "callback_answer" and one["text"]]


def states(shift: Shift) -> list[Any]:
    return [state for (state,) in shift.harness.rows("SELECT state FROM broadcasts ORDER BY id")]


def got(someone: Someone, words: str) -> int:
    return sum(words in screen for screen in someone.screens)


async def test_a_broadcast_from_the_first_question_to_its_correction(shift: Shift) -> None:
    harness = shift.harness
    maria = await harness.customer("Мария", TWO_ZONES)
    oleg = await harness.customer("Олег", ELSEWHERE)
    ira = await harness.customer("Ира", TWO_ZONES)
    await harness.run("UPDATE users SET blocked_at = '2026-11-01 00:00:00.000000' WHERE id = ?", ira.id)
    [(address,)] = harness.rows("SELECT address FROM ledger_accounts WHERE account = ?", int(TWO_ZONES))
    await shift.answers("/broadcast", None)
    assert labels(card(shift)) == ["Всем клиентам", "По региону", "По улице", "По списку счетов", "Отмена"]
    await press(shift, shift.anna, "По улице")
    assert "Анна, напишите в ответ улицу" in texts(shift)[-1]
    # No street, another person's answer, one that no account has.
    for street in (".,", "Мира " * 50):
        assert "Напишите улицу" in await reply(shift, shift.anna, street)
    assert "составляет Анна" in await reply(shift, shift.boris, "ул. Мира")
    await reply(shift, shift.anna, "ул. Несуществующая")
    assert "ни один клиент бота не подходит" in texts(shift)[0]
    for label in ("Кому", "По улице"):
        await press(shift, shift.anna, label)
    assert "напишите в ответ текст" in await reply(shift, shift.anna, address.split(",")[1])
    assert "Получит 1 человек.\nНе услышат: остановили бота: 1." in texts(shift)[0]
    # A text that is too long, in Telegram's characters, and none.
    assert "знаков 3502, а можно не больше 3500" in await reply(shift, shift.anna, "😀" * 1751)
    harness.world.send_file(shift.anna, "photo", PICTURE, "a.png", TEXT, chat=shift.group, reply_to=question(shift))
    await shift.settled()
    assert "В сообщении нет текста" in texts(shift)[-1]
    await reply(shift, shift.anna, TEXT)
    # The sample is what customers see, and the card below asks for a second person.
    sample, draft = said(shift)[-2:]
    assert sample["text"] == f"📢 {TEXT}"
    assert labels(sample) == ["☎️ Помощь", "🏠 На главную"]
    assert "Подтвердить должен другой сотрудник" in draft["text"]
    assert labels(draft) == ["✅ Подтвердить", "✏️ Текст", "👥 Кому", "Отмена"]
    await shift.press(shift.boris, "На главную", sample["message_id"])
    await press(shift, shift.anna, "Подтвердить")
    assert alerts(shift)[-2:] == [
        (shift.boris.id, "Эта кнопка здесь не работает: она для клиентов."),
        (shift.anna.id, "Подтвердить рассылку должен не тот, кто её составил: попросите другого сотрудника."),
    ]
    assert states(shift) == ["draft"]
    await press(shift, shift.boris, "Подтвердить")
    assert "⏳ Отправлено 0 из 1." in texts(shift)[-1]
    harness.world.forge_press(shift.boris, shift.group.id, draft["message_id"], "bc1:confirm:1:0")
    await shift.settled()
    assert alerts(shift)[-1] == (shift.boris.id, "Рассылка № 1 уже подтверждена: Борис.")
    await sent(shift)
    assert [got(one, TEXT) for one in (maria, oleg, ira)] == [1, 0, 0]
    assert texts(shift)[-1].startswith("📢 Рассылка № 1\nКому: ")
    assert "✅ Закончена. Отправлено 1 из 1.\n\nАвтор: Анна. Подтверждение: Борис." in texts(shift)[-1]
    harness.world.forge_press(shift.boris, shift.group.id, draft["message_id"], "bc1:stop:1:0")
    await shift.settled()
    assert alerts(shift)[-1] == (shift.boris.id, "Рассылка № 1 уже закончена, остановить её нельзя.")
    # A correction by the one who confirmed, for the same people; and one of the correction, by its card.
    await harness.customer("Пётр", TWO_ZONES)
    for number, command, words in ((2, "", "С 12 до 14."), (3, "/correct", "С 13 до 14.")):
        if command:
            await shift.answers(command, None, shift.boris, reply_to=card(shift)["message_id"])
        else:
            await press(shift, shift.boris, "Исправить")
        assert await reply(shift, shift.boris, words) == texts(shift)[-1]
        assert f"исправление к № {number - 1}\nКому: всем, кто получил" in texts(shift)[-1]
        await press(shift, shift.anna, "Подтвердить")
        await sent(shift)
        assert maria.screen == f"📢 Исправление к прежнему сообщению:\n\n{words}"
    assert len(harness.outbox("key", kind="broadcast")) == 3
    assert harness.rows("SELECT made_by, confirmed_by FROM broadcasts WHERE id > 1") == [("Борис", "Анна")] * 2


async def test_a_list_of_accounts_is_typed_or_a_file_and_what_is_changed_is_shown_anew(shift: Shift) -> None:
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", TWO_ZONES)
    await shift.answers("/broadcast", None)
    await press(shift, shift.anna, "По списку")
    assert "нет ни одного номера" in await reply(shift, shift.anna, ";,")
    assert "Строка 2: это не номер счёта" in await reply(shift, shift.anna, f"{TWO_ZONES}\nул. Мира")
    asked = question(shift)
    listed = f"\ufeff36 0000 123 456\r\n{ELSEWHERE};360000999999,{TWO_ZONES}\r\n".encode()
    for content in (b"\xff\xfe\x00", listed):
        world.send_file(shift.anna, "document", content, "list.csv", chat=shift.group, reply_to=asked)
        await shift.settled()
    await counted(shift)
    assert "Файл должен быть текстом в UTF-8" in " ".join(texts(shift))
    addressed = texts(shift)[0]
    assert "Кому: по списку, счетов 3\nПолучит 1 человек." in addressed
    assert "нет ни у одного клиента бота: 1." in addressed
    assert "Пропущены, таких счетов у компании нет (1): 360000999999." in addressed
    await reply(shift, shift.anna, "Первый текст")
    first = card(shift)["message_id"]
    await press(shift, shift.anna, "Текст")
    assert states(shift) == ["writing"]
    await reply(shift, shift.anna, "Второй текст")
    world.forge_press(shift.boris, shift.group.id, first, "bc1:confirm:1:0")
    await shift.settled()
    assert alerts(shift)[-1][1] == "Эта карточка устарела: рассылка № 1 ниже."
    await press(shift, shift.anna, "Кому")
    await press(shift, shift.anna, "По региону")
    region = harness.app.use(SupplierProfile).region_of(TWO_ZONES).name
    await press(shift, shift.anna, region)
    assert f"Кому: {region}\nПолучит 1 человек." in texts(shift)[-1]
    await press(shift, shift.boris, "Подтвердить")
    await sent(shift)
    assert [got(maria, words) for words in ("Первый", "Второй")] == [0, 1]


async def test_it_is_stopped_by_anybody_of_the_group_and_says_how_many_had_it(shift: Shift) -> None:
    harness = shift.harness
    maria = await harness.customer("Мария", TWO_ZONES)
    oleg = await harness.customer("Олег", ELSEWHERE)
    await harness.run("UPDATE users SET quiet = '0-9' WHERE id = ?", oleg.id)
    harness.clock.set("2026-11-24 08:30")
    await write(shift)
    await press(shift, shift.boris, "Подтвердить")
    await harness.app.use(Broadcasts).queue_confirmed()
    await harness.outbox_becomes("quiet", [(1,)], kind="broadcast", ended_at=None)
    await harness.app.use(BroadcastWatch).look()
    await harness.outbox_becomes("state", [("sent",)] * 2, kind="desk_broadcast")
    assert "⏳ Отправлено 1 из 2." in texts(shift)[-1]
    await shift.press_only(shift.anna, "Остановить", card(shift)["message_id"])
    assert "⏹ Остановлена. Отправлено 1 из 2, остальные её не получат." in texts(shift)[-1]
    assert "Кто остановил: Анна." in texts(shift)[-1]
    harness.clock.set("2026-11-24 10:00")
    await sent(shift)
    assert [got(one, TEXT) for one in (maria, oleg)] == [1, 0]
    assert labels(card(shift)) == ["✏️ Исправить для тех же людей"]
    # A draft is cancelled, and says so to the one who confirms it then.
    await write(shift)
    draft = card(shift)["message_id"]
    await press(shift, shift.boris, "Отмена")
    assert texts(shift)[-1] == "📢 Рассылка № 2\nОтменена. Кто отменил: Борис."
    harness.world.forge_press(shift.boris, shift.group.id, draft, "bc1:confirm:2:0")
    await shift.settled()
    assert alerts(shift)[-1][1] == "Рассылка № 2 уже остановлена."
    assert "составьте другую" not in texts(shift)[-1]


async def test_the_card_is_edited_every_ten_seconds_at_most(shift: Shift) -> None:
    harness = shift.harness
    for number in range(3):
        someone = await harness.customer(f"Сосед {number}", TWO_ZONES)
        await harness.run("UPDATE users SET quiet = '0-11' WHERE id = ?", someone.id)
    await write(shift)
    await press(shift, shift.boris, "Подтвердить")
    await harness.app.use(Broadcasts).queue_confirmed()
    await harness.outbox_becomes("quiet", [(1,)] * 3, kind="broadcast")
    edits = []
    for seconds in (0, 9, 1):
        harness.clock.advance(seconds=seconds)
        await harness.app.use(BroadcastWatch).look()
        await harness.outbox_becomes("key", [], kind="desk_broadcast", ended_at=None)
        edits.append(len(harness.outbox("key", kind="desk_broadcast")))
        number, written = harness.outbox("id, created_at", kind="broadcast", state="waiting")[0]
        await harness.rewrite_outbox({"state": "sent", "ended_at": written}, id=number)
    assert edits == [2, 2, 3]  # with that of the count
    await harness.restart()  # the end is committed with the word of it
    await harness.app.use(Broadcasts).finish(await harness.app.use(Broadcasts).get(1))
    await shift.settled()
    assert "Закончена. Отправлено 3 из 3." in texts(shift)[-1]


async def test_stats_have_todays_reminders_and_what_is_under_way(shift: Shift) -> None:
    harness = shift.harness
    for name in ("Мария", "Олег"):
        await harness.customer(name, TWO_ZONES)
    await harness.every_tick()
    await shift.settled()
    reminders = harness.outbox("id", kind=("remind_readings", "remind_payment", "remind_verification"))
    await harness.rewrite_outbox({"state": "failed"}, id=reminders[-1][0])
    await write(shift)
    await press(shift, shift.boris, "Подтвердить")
    await harness.app.use(Broadcasts).queue_confirmed()
    await shift.settled()
    await shift.answers("/stats", None)
    assert "обращений: 0" in texts(shift)[-1]
    planned = [state for state, moment in harness.outbox("state, not_before") if moment]
    assert len(planned) >= 2
    assert texts(shift)[-1].endswith(
        f"Напоминаний сегодня {len(planned)}: отправлено {planned.count('sent')}, ждут 0, "
        "не понадобились или не дошли 1.\n"
        "📢 Рассылка № 1: отправлено 2 из 2, 2 за последнюю минуту."
    )


async def test_those_who_may_not_speak_for_the_company_begin_and_confirm_nothing(shift: Shift) -> None:
    """An outsider, another bot, an anonymous administrator of elsewhere and of the group itself, a forwarded command,
    another group, a topic of an appeal."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", TWO_ZONES)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    stranger = world.add_person("Чужой")
    shift.group.members[stranger.id] = "left"
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    elsewhere = {"id": -1001999999999, "type": "supergroup", "title": "X"}
    own = {"id": shift.group.id, "type": "supergroup", "title": "Смена"}
    origin = {"type": "hidden_user", "sender_user_name": "X", "date": 1}

    def post(content: Json, sender: Json) -> None:
        world.post(shift.group, sender, content, outgoing=False)

    post({"text": "/broadcast"}, stranger.user())
    post({"text": "/broadcast"}, {"id": 777, "is_bot": True, "first_name": "Bot"})
    post({"text": "/broadcast", "sender_chat": elsewhere}, anonymous)
    post({"text": "/broadcast", "forward_origin": origin}, shift.anna.user())
    other = world.add_staff_group("Другая")
    world.join(other, shift.anna)
    world.send_text(shift.anna, "/broadcast", other)
    await shift.settled()
    assert states(shift) == []
    post({"text": "/broadcast", "sender_chat": own}, anonymous)
    await shift.settled()
    assert "отключите анонимность" in texts(shift)[-1]
    await shift.answers("/broadcast", shift.thread)
    assert "Здесь обращение клиента" in shift.stands()[-1]
    await shift.answers("/correct 7", None)
    assert "Рассылки № 7 нет" in texts(shift)[-1]
    await shift.answers("/correct это", None)
    assert "Напишите номер рассылки" in texts(shift)[-1]
    assert states(shift) == []
    await write(shift)
    draft = card(shift)["message_id"]
    object.__setattr__(harness.app.use(SupplierProfile).desk, "groups", (DeskGroup(other.id),))
    before = len(alerts(shift))
    for who, place in ((stranger, shift.group.id), (shift.anna, other.id)):
        for action in BroadcastAction:
            world.forge_press(who, place, draft, f"bc1:{action}:1:1")
    await shift.settled()
    assert alerts(shift)[before:] == [(shift.anna.id, "Рассылки № 1 нет.")] * len(BroadcastAction)
    assert states(shift) == ["draft"]
    await shift.answers("/correct 1", None)
    assert "никому не отправлена" in texts(shift)[-1]
    await sent(shift)
    assert got(maria, TEXT) == 0


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
async def test_an_end_at_any_step_leaves_one_broadcast_and_one_card(
    shift: Shift, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """The work on an update ends before something is noted, or just after it, and the update comes again."""
    maria = await shift.harness.customer("Мария", TWO_ZONES)

    def break_once(kind: type[Any], name: str) -> None:
        real, left = getattr(kind, name), [True]

        async def broken(*args: Any, **kwargs: Any) -> Any:
            ends = left.pop() if left else False
            if ends and not late:
                raise RuntimeError("the end")
            done = await real(*args, **kwargs)
            if ends:
                raise RuntimeError("the end")
            return done

        monkeypatch.setattr(kind, name, broken)

    break_once(BroadcastDesk, "keep")
    await shift.answers("/broadcast", None)
    break_once(BroadcastDesk, "keep")
    await press(shift, shift.anna, "Всем")
    break_once(BroadcastDesk, "complete")
    break_once(BroadcastDesk, "keep")
    await reply(shift, shift.anna, TEXT)
    assert len(texts(shift)) == 4
    break_once(Broadcasts, "confirm")
    await press(shift, shift.boris, "Подтвердить")
    break_once(Broadcasts, "_queue")
    with pytest.raises(RuntimeError, match="the end"):
        await shift.harness.app.use(Broadcasts).queue_confirmed()
    await shift.harness.restart()
    await sent(shift)
    assert states(shift) == ["done"]
    assert got(maria, TEXT) == 1
    assert len(shift.harness.journal.take()) == 5


async def test_people_are_counted_beside_the_conversation(shift: Shift) -> None:
    """The author goes on meanwhile; a broadcast without its count cannot be confirmed, an earlier count is dropped."""
    harness = shift.harness
    await harness.customer("Мария", TWO_ZONES)
    broadcasts = harness.app.use(Broadcasts)
    harness.supplier.gate.clear()
    await shift.answers("/broadcast", None)
    await shift.press(shift.anna, "По улице", card(shift)["message_id"])
    await shift.answers("ул. Мира", None, reply_to=question(shift))
    counting = Tasks().start(broadcasts.count_asked(), "count")
    await shift.answers(TEXT, None, reply_to=question(shift))
    assert "Считаем, кто её получит" in texts(shift)[-1]
    assert "✅ Подтвердить" not in labels(card(shift))
    harness.world.forge_press(shift.boris, shift.group.id, card(shift)["message_id"], "bc1:confirm:1:0")
    await shift.settled()
    assert "ещё считаем" in alerts(shift)[-1][1]
    await shift.press(shift.anna, "Кому", card(shift)["message_id"])
    await shift.press(shift.anna, "Всем клиентам", card(shift)["message_id"])
    harness.supplier.gate.set()
    await counting
    await shift.settled()
    assert "Кому: всем клиентам\nПолучит 1 человек." in texts(shift)[-1]
    assert states(shift) == ["draft"]
    await press(shift, shift.boris, "Подтвердить")
    assert states(shift) == ["going"]


async def test_the_card_of_a_stopped_one_counts_what_was_on_its_way(shift: Shift) -> None:
    harness = shift.harness
    people = sorted([await harness.customer(name, TWO_ZONES) for name in ("Ира", "Вера")], key=lambda one: one.id)
    await write(shift)
    await press(shift, shift.boris, "Подтвердить")
    watch = harness.app.use(BroadcastWatch)
    await watch.look()
    for one in people:
        harness.world.faults.add("delay", method="sendMessage", chat_id=one.id, seconds=1.0)
    await harness.app.use(Broadcasts).queue_confirmed()
    harness.app.wake_up.set()
    await harness.outbox_becomes("user_id", [(one.id,) for one in people], kind="broadcast", state="sending")
    await harness.app.use(Broadcasts).stop(1, Operator("Анна", shift.anna.id))
    await harness.outbox_becomes("user_id", [(one.id,) for one in people], kind="broadcast", state="sent")
    await watch.look()
    await shift.settled()
    assert "⏹ Остановлена. Отправлено 2 из 2" in texts(shift)[-1]


async def test_a_count_waits_for_no_count_of_another_broadcast(shift: Shift) -> None:
    harness = shift.harness
    await harness.customer("Мария", TWO_ZONES)
    harness.supplier.gate.clear()
    await shift.answers("/broadcast", None)
    await shift.press(shift.anna, "По улице", card(shift)["message_id"])
    await shift.answers("ул. Мира", None, reply_to=question(shift))
    counting = Tasks().start(harness.app.use(Broadcasts).count_asked(), "count")
    await shift.answers("/broadcast", None)
    await shift.press(shift.anna, "Всем клиентам", card(shift)["message_id"])
    await shift.answers(TEXT, None, reply_to=question(shift))
    await counted(shift)
    assert "Получит 1 человек." in texts(shift)[-1]
    harness.supplier.gate.set()
    await counting


async def test_a_count_that_comes_while_another_audience_is_chosen_leaves_the_question(shift: Shift) -> None:
    await shift.harness.customer("Мария", TWO_ZONES)
    await shift.answers("/broadcast", None)
    await shift.press(shift.anna, "Всем клиентам", card(shift)["message_id"])
    await shift.press(shift.anna, "Кому", card(shift)["message_id"])
    await counted(shift)
    assert labels(card(shift))[0] == "Всем клиентам"


async def test_drafts_that_nobody_confirms_are_removed_with_their_words(shift: Shift) -> None:
    harness = shift.harness
    await harness.customer("Мария", TWO_ZONES)
    await write(shift)
    draft = card(shift)["message_id"]
    await shift.answers("/broadcast", None)
    for days, expected in ((6, ["draft", "writing"]), (2, ["stopped", "stopped"])):
        harness.clock.advance(days=days)
        await harness.app.use(Broadcasts).forget()
        await shift.settled()
        assert states(shift) == expected
    assert harness.rows("SELECT DISTINCT text FROM broadcasts") == [("",)]
    assert [one for one in texts(shift) if "Удалена: её так и не подтвердили." in one] == [
        f"📢 Рассылка № {number}\nУдалена: её так и не подтвердили." for number in (1, 2)
    ]
    harness.world.forge_press(shift.boris, shift.group.id, draft, "bc1:confirm:1:0")
    await shift.settled()
    assert alerts(shift)[-1][1] == "Рассылка № 1 уже остановлена."


async def test_groups_of_some_subjects_write_no_broadcasts_unless_the_profile_says_so(shift: Shift) -> None:
    """A broadcast that was begun before can still be stopped, and nothing else."""
    harness = shift.harness
    await harness.customer("Мария", TWO_ZONES)
    await write(shift)
    desk = harness.app.use(SupplierProfile).desk
    object.__setattr__(desk, "group", None)
    object.__setattr__(desk, "groups", (DeskGroup(shift.group.id, ("payment",)),))
    await shift.answers("/broadcast", None)
    assert texts(shift)[-1] == "✖ Из этой группы рассылки не отправляют."
    for action in BroadcastAction:
        if action is not BroadcastAction.STOP:
            harness.world.forge_press(shift.boris, shift.group.id, card(shift)["message_id"], f"bc1:{action}:1:1")
    await shift.settled()
    assert {words for _, words in alerts(shift)} == {"Из этой группы рассылки не отправляют."}
    assert states(shift) == ["draft"]
    object.__setattr__(desk, "broadcasts", (shift.group.id,))
    await press(shift, shift.boris, "Подтвердить")
    assert states(shift) == ["going"]
    object.__setattr__(desk, "broadcasts", ())
    await press(shift, shift.boris, "Остановить")
    assert states(shift) == ["stopped"]
