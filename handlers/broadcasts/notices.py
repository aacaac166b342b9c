"""Messages of the company to many, and their cards among the staff."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.broadcasts import screens, staff_screens
from handlers.desk.sending import edit
from handlers.notices import InSteps, Making, Words
from handlers.show import Screen
from services.broadcasts.broadcasts import Broadcasts
from services.broadcasts.desk import BroadcastDesk
from services.broadcasts.models import BroadcastState, CardQuestion
from services.notices.catalog import Announcement, DeskBroadcast

words = Words()


@words.made_for_many(Announcement)
async def announcement(facts: Announcement, makings: Sequence[Making]) -> list[Screen | None]:
    """None where it was stopped, or is not for the person any more."""
    customers = [one.customer for one in makings if one.customer]
    still = await makings[0].use(Broadcasts).still_for(facts.broadcast, customers)
    if still is None:
        return [None] * len(makings)
    broadcast, hearing = still
    screen = screens.announcement(broadcast)
    return [screen if one.user_id in hearing else None for one in makings]


@words.made(DeskBroadcast)
async def card(facts: DeskBroadcast, making: Making) -> InSteps | None:
    """None while the card asks whom it is for."""
    desk = making.use(BroadcastDesk)
    place = await desk.card(facts.broadcast)
    if place is None or place.message is None:
        return None
    one, tally = await desk.shown(facts.broadcast)
    if one.state is BroadcastState.WRITING and place.question not in (None, CardQuestion.TEXT):
        return None
    shown = staff_screens.card(one, tally)

    async def bring_up_to_date(chat: int) -> None:
        await edit(making.bot, chat, place.message, shown)

    return InSteps(bring_up_to_date)
