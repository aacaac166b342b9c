"""The desk where something is not as it should be: notes and commands in other clothes, buttons of another group."""

from __future__ import annotations

import pytest

from handlers.appeals.callbacks import AppealAction
from handlers.desk.callbacks import DeskAction
from services.appeals.settings import DeskGroup
from services.supplier.profile import SupplierProfile
from tests.flows.test_desk import ACCOUNT, Shift, card_id, shift
from tests.people import PICTURE

__all__ = ["shift"]


async def test_notes_with_formats_and_commands_under_files_stay_inside(shift: Shift) -> None:
    world = shift.harness.world
    maria = await shift.harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    seen = maria.screens
    bold = [{"type": "bold", "offset": 0, "length": 7}]
    world.inject(shift.anna, {"text": "// долг", "entities": bold}, shift.group, shift.thread)
    photo = world.send_file(shift.anna, "photo", PICTURE, "a.png", "/clos", chat=shift.group, thread_id=shift.thread)
    await shift.settled()
    assert maria.screens == seen
    assert shift.harness.rows("SELECT side FROM appeal_messages") == [("customer",), ("note",)]
    assert "Такой команды нет" in shift.stands()[-1]
    assert photo["message_id"] in shift.group.messages


async def test_a_button_that_is_pressed_in_another_group_changes_nothing(shift: Shift) -> None:
    """Staff of one group, with a client of their own making, about an appeal of another."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    appeal = await shift.appeal(maria)
    await shift.says(maria, appeal, "Вопрос")
    other = world.add_staff_group("Другая")
    world.join(other, shift.boris)
    elsewhere = (DeskGroup(other.id, ("payment",)),)
    desk = harness.app.use(SupplierProfile).desk
    object.__setattr__(desk, "groups", elsewhere)
    before, links = harness.rows("SELECT * FROM desk_topics"), harness.rows("SELECT * FROM links")
    shown = world.send_text(shift.boris, "Кнопки", other)["message_id"]
    for action in DeskAction:
        for place in (shown, 1, 999999):
            world.forge_press(shift.boris, other.id, place, f"wk1:{action}:{appeal.key}:{links[0][0]}")
    await shift.settled()
    assert harness.rows("SELECT * FROM desk_topics") == before
    assert harness.rows("SELECT * FROM links") == links
    assert [one for one in other.messages.values() if one.json["from"]["is_bot"]] == []
    await shift.answers("Ответ", shift.thread)
    assert maria.screen == "Ответ"
    # In their own group it does what it says, by a member with any name, and on a card that is gone.
    shift.anna.first_name = "Анна <&>"
    for action in (DeskAction.CARD, DeskAction.ACCESS):
        world.forge_press(shift.anna, shift.group.id, 999999, f"wk1:{action}:{appeal.key}:")
    world.forge_press(shift.anna, shift.group.id, card_id(shift), f"wk1:sure:{appeal.key}:{links[0][0]}")
    await shift.settled()
    assert shift.stands()[-1] == "Анна <&>: доступ к счёту отвязан."


async def test_what_staff_ask_for_is_found_and_what_cannot_be_copied_is_refused(shift: Shift) -> None:
    """A place that is gone when its customer is back, a name in small letters, many long templates."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    seen, thread = maria.screens, shift.thread
    world.block(maria.person)
    place = world.inject(shift.anna, {"location": {"latitude": 51.6, "longitude": 39.2}}, shift.group, thread)
    await harness.quiet()
    world.delete_message(shift.anna, place["message_id"], shift.group)
    world.unblock(maria.person)
    await harness.quiet()
    harness.app.wake_up.set()
    await shift.settled()
    assert maria.screens == seen
    assert harness.rows("SELECT delivery, reason FROM appeal_messages WHERE side = 'staff'") == [
        ("refused", "message to copy not found")
    ]
    world.inject(shift.anna, {"location": {"latitude": 51.6, "longitude": 39.2}}, shift.group, thread)
    await shift.settled()
    assert world.chat_view(maria.id)[-1]["location"]["latitude"] == 51.6
    for number in range(26):
        await shift.answers(f"/template {number} " + "<слово> " * 490, None)
    await shift.answers("/templates", None)
    await shift.answers("/find мария", None)
    *_rest, known, _asked, found = [one.json["text"] for one in shift.group.messages.values() if one.thread_id is None]
    assert known.endswith("…\nи ещё 1")
    assert found.endswith("Мария <Ивановна> · открыто")


async def test_who_has_left_the_group_is_not_heard_any_more(shift: Shift) -> None:
    """Telegram tells of it by an update, and by a message in groups that show them."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    people = (shift.anna, shift.boris)
    for person in people:
        await shift.answers(f"Пишет {person.first_name}", shift.thread, who=person)
        assert maria.screen == f"Пишет {person.first_name}"
    world.join(shift.group, shift.anna, "left")
    shift.group.members[shift.boris.id] = "kicked"
    world.post(shift.group, shift.boris.user(), {"left_chat_member": shift.boris.user()}, outgoing=False)
    await shift.settled()
    for person in people:
        world.post(shift.group, person.user(), {"text": "Ещё"}, outgoing=False, thread_id=shift.thread)
    await shift.settled()
    assert maria.screen == "Пишет Борис"
    world.join(shift.group, shift.anna)
    await shift.answers("Снова здесь", shift.thread)
    assert maria.screen == "Снова здесь"


async def test_one_who_writes_too_much_is_told_once_an_album_and_the_desk_gets_no_more(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit comes in the middle of an album: the customer hears of parts that were passed on and of others."""
    harness, world = shift.harness, shift.harness.world
    monkeypatch.setattr("services.appeals.appeals.PER_HOUR", 5)
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Начало")
    await shift.answers("Ответ", shift.thread)
    answer, seen = maria.last_id, len(maria.screens)
    for number in range(2):
        await maria.send(f"Слово {number}", reply_to=answer)
    for _ in range(3):
        album = world.new_media_group_id()
        for number in range(4):
            world.send_file(
                *(maria.person, "photo", PICTURE, "a.png", f"Фото {number}"), media_group_id=album, reply_to=answer
            )
    await shift.settled()
    assert [one.partition(",")[0].partition(" сообщ")[0] for one in maria.screens[seen:]] == [
        "✅ Передал специалисту",
        "✅ Передал специалисту",
        "✅ Передал специалисту",
        *["За последний час вы прислали уже 5"] * 3,
    ]
    assert shift.stands()[3:] == ["Слово 0", "Слово 1", "Фото 0", "Фото 1"]


async def test_an_album_that_answers_the_desk_is_whole_whatever_was_asked(shift: Shift) -> None:
    """Its parts have no words, and another question is open, in which an album has one answer."""
    harness, world = shift.harness, shift.harness.world
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Начало")
    await shift.answers("Ответ", shift.thread)
    answer = maria.last_id
    await maria.send("/menu")
    await maria.press("Передать показания")
    for _ in range(3):
        world.send_file(maria.person, "photo", PICTURE, "a.png", media_group_id="7", reply_to=answer)
    await shift.settled()
    assert shift.stands()[3:] == ["[photo]"] * 3
    assert sum(one.startswith("✅ Передал") for one in maria.screens) == 1
    await maria.send("3650 1580")
    assert "Проверьте" in maria.screen


async def test_an_appeal_is_reached_by_nobody_else(shift: Shift) -> None:
    """Another customer, with buttons and replies of their own making; the staff's buttons in a private chat."""
    harness = shift.harness
    maria, oleg = [await harness.customer(name, ACCOUNT) for name in ("Мария", "Олег")]
    appeal = await shift.appeal(maria)
    await shift.says(maria, appeal, "Тайный вопрос")
    await shift.answers("Тайный ответ", shift.thread)
    before = harness.rows("SELECT * FROM appeals"), harness.rows("SELECT * FROM desk_topics")
    kept = harness.rows("SELECT count(*) FROM appeal_messages")
    [(first,)] = harness.rows("SELECT min(id) FROM appeal_messages")
    forged = [f"ap1:{action}:{appeal.key}" for action in AppealAction]
    forged += [f"at1:{appeal.key}:0", f"af1:{first}", f"ar1:1:{appeal.key}"]
    forged += [f"wk1:{action}:{appeal.key}:{shift.anna.id}" for action in DeskAction]
    for data in forged:
        await oleg.press_data(oleg.last_id, data)
    for message in (maria.last_id, maria.last_id - 1):  # ids that Telegram would not let him name
        for text in ("Чужое", "/delete"):
            elsewhere = {"message_id": message, "date": 1, "chat": oleg.person.chat(), "text": "x"}
            harness.world.inject(oleg.person, {"text": text, "reply_to_message": elsewhere})
            await harness.quiet()
    await shift.settled()
    assert (harness.rows("SELECT * FROM appeals"), harness.rows("SELECT * FROM desk_topics")) == before
    assert harness.rows("SELECT count(*) FROM appeal_messages") == kept
    assert not any("Тайный" in one for one in oleg.screens)
    assert "Чужое" not in shift.stands()


async def test_an_import_that_takes_the_account_away_ends_no_talk(shift: Shift) -> None:
    """Meters, tariffs, at last the whole account go while its customer and the staff talk about it."""
    harness = shift.harness
    maria = await harness.customer("Мария", ACCOUNT)
    await shift.says(maria, await shift.appeal(maria), "Вопрос")
    gone = (
        f"DELETE FROM ledger_readings WHERE account = {ACCOUNT}",
        f"DELETE FROM ledger_meters WHERE account = {ACCOUNT}",
        "DELETE FROM ledger_tariffs",
        f"DELETE FROM ledger_charges WHERE account = {ACCOUNT}",
        f"DELETE FROM ledger_accounts WHERE account = {ACCOUNT}",
    )
    for number, change in enumerate(gone):
        await harness.run(change)
        await shift.answers("/who", shift.thread)
        assert "Клиент: Мария <Ивановна>" in shift.stands()[-1]
        await shift.answers(f"Ответ {number}", shift.thread)
        assert maria.screen == f"Ответ {number}"
        await maria.send(f"Слово {number}", reply_to=maria.last_id)
        await shift.press(shift.anna, "Взять" if number % 2 == 0 else "Вернуть", card_id(shift))
        assert f"Слово {number}" in shift.stands()
    assert "Данные поставщика сейчас недоступны" in shift.stands()[0]
    await shift.press(shift.anna, "Доступ", card_id(shift))
    assert "Доступ к счёту …3456" in shift.stands()[0]
