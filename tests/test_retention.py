"""Rows that count no more are forgotten; those that still may count are not, whatever the clock does."""

from __future__ import annotations

import pytest

from services.customers.privacy import Privacy
from tests.flows.test_proofs import ACCOUNT, SPENT, add_payment, prove
from tests.flows.test_sharing import GONE, invite
from tests.harness import BotHarness
from tests.people import Someone

_KEPT = "SELECT (SELECT count(*) FROM guesses), (SELECT count(*) FROM lookups), (SELECT count(*) FROM invitations)"


@pytest.mark.limits(intervals={"forgetting": 0.05})
async def test_the_schedule_forgets_by_itself(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", ACCOUNT)
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    await maria.send("360000200017")
    await prove(maria, "0,07")
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    for name in ("Олег", None):
        text = await invite(maria)
        if name:
            oleg = await harness.customer(name)
            await oleg.send(text)
            await oleg.press("Принять")
    assert harness.rows(_KEPT) == [(2, 1, 2)]
    harness.clock.advance(days=5)
    await harness.until(_KEPT, [(2, 0, 0)])
    harness.clock.advance(days=29)
    await harness.until(_KEPT, [(0, 0, 0)])
    assert harness.rows("SELECT count(*) FROM links") == [(2,)]


@pytest.mark.parametrize("hours", [0, 23, 47])
async def test_nobody_wins_a_guess_or_a_look_up_by_it(harness: BotHarness, maria: Someone, hours: int) -> None:
    """The clock shows the right time again only after it has been looked through for what is over."""
    for number in range(1, 4):  # sums in whole roubles are no guesses
        await prove(maria, f"0,0{number}")
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    for number in range(10):
        await maria.send(f"{360000900000 + number}")
    text = await invite(await owner(harness))
    harness.clock.advance(hours=hours)
    await harness.app.use(Privacy).forget()
    harness.clock.advance(hours=-hours)
    await prove(maria, "0,08")
    assert SPENT in maria.screen
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    await maria.send("360000900099")
    assert "уже искали много разных счетов" in maria.screen
    oleg = await harness.customer("Олег")
    await oleg.send(text)
    assert "Вас приглашают" in oleg.screen


async def owner(harness: BotHarness) -> Someone:
    """Of another account."""
    other = "360000200017"
    pyotr = await harness.customer("Пётр", other)
    await prove(pyotr, await add_payment(harness, "2026-11-09", 90101, other))
    return pyotr


async def test_a_forgotten_invitation_is_as_gone_as_one_that_has_run_out(harness: BotHarness) -> None:
    text = await invite(await owner(harness))
    harness.clock.advance(days=5)
    await harness.app.use(Privacy).forget()
    harness.clock.advance(days=-5)
    oleg = await harness.customer("Олег")
    await oleg.send(text)
    assert GONE in oleg.screen
