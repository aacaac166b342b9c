"""Messages of the company to many, and their cards among the staff."""

from __future__ import annotations

from handlers.broadcasts import screens, staff_screens
from handlers.desk.sending import edit
from handlers.notices import InSteps, Making, Words
from handlers.show import Screen
from services.broadcasts.broadcasts import Broadcasts
from services.broadcasts.desk import BroadcastDesk
from services.notices.catalog import Announcement, DeskBroadcast

words = Words()


@words.made(Announcement)
async def announcement(facts: Announcement, making: Making) -> Screen | None:
    """None where it was stopped, or is not for the person any more."""
    one = await making.use(Broadcasts).for_person(facts.broadcast, making.user_id)
    return screens.announcement(one) if one else None


@words.made(DeskBroadcast)
async def card(facts: DeskBroadcast, making: Making) -> InSteps | None:
    desk = making.use(BroadcastDesk)
    place = await desk.card(facts.broadcast)
    if place is None or place.message is None:
        return None
    shown = staff_screens.card(*await desk.shown(facts.broadcast))

    async def bring_up_to_date(chat: int) -> None:
        await edit(making.bot, chat, place.message, shown)

    return InSteps(bring_up_to_date)
