"""Reminders that come by themselves. Each asks anew whether there is a reason for it."""

from __future__ import annotations

from handlers.notices import Making, NotedScreen, Words
from handlers.reminders import screens
from handlers.show import Screen
from services.notices.catalog import PaymentDue, ReadingsDue, VerificationDue
from services.reminders.reminding import Reminding
from services.supplier.periods import pay_by

words = Words()


@words.made(ReadingsDue)
async def readings_due(facts: ReadingsDue, making: Making) -> NotedScreen | None:
    reminding = making.use(Reminding)
    missing = await reminding.missing(making.user_id, facts)
    if missing is None:
        return None
    links = [account.link for account in missing.accounts]

    async def note(message_id: int) -> None:
        await reminding.note_sent(making.user_id, links, message_id)

    return NotedScreen(screens.readings_due(missing, missing.accounts[0].window.today), note)


@words.made(PaymentDue)
async def payment_due(facts: PaymentDue, making: Making) -> Screen | None:
    owed = await making.use(Reminding).owed(making.user_id, facts)
    return screens.payment_due(owed, facts.month, pay_by(facts.month), today=facts.last) if owed else None


@words.made(VerificationDue)
async def verification_due(facts: VerificationDue, making: Making) -> Screen | None:
    ending = await making.use(Reminding).ending(making.user_id, facts)
    return screens.verification_due(ending, facts.due) if ending else None
