"""Letters that customers ask for: how many of them one person may have in a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.errors import TooManyMails
from services.models import Channel, Notice
from services.ports import Unit

MAILS_PER_DAY = 5


async def post(unit: Unit, letter: Notice, at: datetime) -> None:
    """Queue a letter; the same key again is the same letter. Raises TooManyMails."""
    if await unit.notices.knows(letter.key):
        return
    since = at - timedelta(days=1)
    if await unit.notices.told_since(letter.user_id, Channel.MAIL, since) >= MAILS_PER_DAY:
        raise TooManyMails
    if await unit.personal.erased_since(letter.user_id, since):
        raise TooManyMails  # how many there were has been erased, too
    await unit.notices.tell(letter, at)
