"""A message of the company to many: two people answer for it, it can be stopped, and corrected for the same people."""

from __future__ import annotations

import pytest

from services.broadcasts.broadcasts import Broadcasts
from services.broadcasts.models import Audience, CannotBroadcast
from tests.conftest import TWO_ZONES
from tests.harness import BotHarness
from tests.people import Someone

ELSEWHERE = "360000200033"
TEXT = "Завтра с 10 до 12 на ул. Лизюкова отключим электричество. <b>Простите</b>"

pytestmark = pytest.mark.limits(sender={"back": (0,), "strikes": (0,)})


def got(someone: Someone, words: str = "отключим электричество") -> int:
    return sum(words in screen for screen in someone.screens)


async def test_it_is_for_whom_it_fits_and_its_correction_for_the_same(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ELSEWHERE)
    broadcasts = harness.app.use(Broadcasts)
    [(address,)] = harness.rows("SELECT address FROM ledger_accounts WHERE account = ?", int(TWO_ZONES))
    street = address.split(",")[1]
    audience = Audience(street=street.upper(), accounts=(TWO_ZONES, ELSEWHERE))
    made = await broadcasts.make(TEXT, audience, "Анна")
    assert made.count == 1
    await harness.tick()
    assert got(maria) == 0
    with pytest.raises(CannotBroadcast, match="Another person"):
        await broadcasts.confirm(made.id, "анна")
    await broadcasts.confirm(made.id, "Борис")
    await harness.tick()
    await harness.outbox_is_done()
    assert [got(one) for one in (maria, oleg)] == [1, 0]
    assert maria.screen == f"📢 {TEXT}"
    with pytest.raises(CannotBroadcast, match="queued already"):
        await broadcasts.confirm(made.id, "Борис")

    late = await harness.customer("Пётр", TWO_ZONES)  # was not reached
    correction = await broadcasts.make("С 12 до 14.", Audience(corrects=made.id), "Борис")
    assert correction.count == 1
    await broadcasts.confirm(correction.id, "Анна")
    await harness.tick()
    await harness.outbox_is_done()
    assert [got(one, "Исправление к прежнему сообщению:\n\nС 12 до 14.") for one in (maria, oleg, late)] == [1, 0, 0]


async def test_one_that_is_stopped_reaches_nobody_more(harness: BotHarness, maria: Someone) -> None:
    broadcasts = harness.app.use(Broadcasts)
    harness.clock.set("2026-11-23 23:30")  # it waits for the morning
    made = await broadcasts.make(TEXT, Audience(), "Анна")
    await broadcasts.confirm(made.id, "Борис")
    await harness.tick()
    await harness.outbox_becomes("quiet", [(1,)])
    assert await broadcasts.stop(made.id) == 1
    harness.clock.set("2026-11-24 08:00")
    await harness.tick()
    await harness.outbox_is_done()
    assert got(maria) == 0
    with pytest.raises(CannotBroadcast, match="No customer fits"):
        await broadcasts.make("Прежнее неверно.", Audience(corrects=made.id), "Анна")


async def test_what_cannot_be_sent_is_said(harness: BotHarness, maria: Someone) -> None:
    broadcasts = harness.app.use(Broadcasts)
    for text, audience, why in (
        ("", Audience(), "0 characters"),
        ("x" * 3501, Audience(), "3501 characters"),
        (TEXT, Audience(region="Марс"), "no region 'Марс'"),
        (TEXT, Audience(street="ул. Несуществующая"), "No customer fits"),
        (TEXT, Audience(accounts=(ELSEWHERE,)), "No customer fits"),
        (TEXT, Audience(corrects=7), "no broadcast 7"),
    ):
        with pytest.raises(CannotBroadcast, match=why):
            await broadcasts.make(text, audience, "Анна")
