"""Messages of the company to many."""

from __future__ import annotations

from handlers.broadcasts import screens
from handlers.notices import Making, Words
from handlers.show import Screen
from services.broadcasts.broadcasts import Broadcasts
from services.broadcasts.models import BroadcastState
from services.notices.catalog import Announcement

words = Words()


@words.made(Announcement)
async def announcement(facts: Announcement, making: Making) -> Screen | None:
    """Nothing of one that was stopped."""
    one = await making.use(Broadcasts).get(facts.broadcast)
    return None if one.state is BroadcastState.STOPPED else screens.announcement(one)
