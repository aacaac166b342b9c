"""The desk where something is not as it should be: notes and commands in other clothes, buttons of another group."""

from __future__ import annotations

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
