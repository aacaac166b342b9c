"""The desk where something is not as it should be: notes and commands in other clothes, buttons of another group."""

from __future__ import annotations

from tests.flows.test_desk import ACCOUNT, Shift, shift
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
