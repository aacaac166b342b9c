"""What counts no more is forgotten; what still may count is not, whatever the clock does."""

from __future__ import annotations

import pytest

import bot.schedule
from services.customers.privacy import Privacy
from tests.flows.test_proofs import ACCOUNT, SPENT, add_payment, prove
from tests.flows.test_sharing import GONE, invite
from tests.people import Someone
from tests.town import Town

_KEPT = "SELECT (SELECT count(*) FROM guesses), (SELECT count(*) FROM lookups), (SELECT count(*) FROM invitations)"


async def test_the_schedule_forgets_by_itself(silent_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town = silent_town
    monkeypatch.setattr(bot.schedule, "FORGETTING", 0.05)
    await town.start()
    maria = await town.customer("Мария", ACCOUNT)
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    await maria.send("360000200017")
    await prove(maria, "0,07")
    await prove(maria, await add_payment(town, "2026-11-10", 105511))
    for name in ("Олег", None):
        text = await invite(maria)
        if name:
            oleg = await town.customer(name)
            await oleg.send(text)
            await oleg.press("Принять")
    assert town.rows(_KEPT) == [(2, 1, 2)]
    town.clock.advance(days=5)
    await town.until(_KEPT, [(2, 0, 0)])
    town.clock.advance(days=29)
    await town.until(_KEPT, [(0, 0, 0)])
    assert town.rows("SELECT count(*) FROM links") == [(2,)]


@pytest.mark.parametrize("hours", [0, 23, 47])
async def test_nobody_wins_a_guess_or_a_look_up_by_it(town: Town, maria: Someone, hours: int) -> None:
    """The clock shows the right time again only after it has been looked through for what is over."""
    for number in range(1, 4):  # sums in whole roubles are no guesses
        await prove(maria, f"0,0{number}")
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    for number in range(10):
        await maria.send(f"{360000900000 + number}")
    text = await invite(await owner(town))
    town.clock.advance(hours=hours)
    await town.app.use(Privacy).forget()
    town.clock.advance(hours=-hours)
    await prove(maria, "0,08")
    assert SPENT in maria.screen
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    await maria.send("360000900099")
    assert "уже искали много разных счетов" in maria.screen
    oleg = await town.customer("Олег")
    await oleg.send(text)
    assert "Вас приглашают" in oleg.screen


async def owner(town: Town) -> Someone:
    """Of another account."""
    other = "360000200017"
    pyotr = await town.customer("Пётр", other)
    await prove(pyotr, await add_payment(town, "2026-11-09", 90101, other))
    return pyotr


async def test_a_forgotten_invitation_is_as_gone_as_one_that_has_run_out(town: Town) -> None:
    text = await invite(await owner(town))
    town.clock.advance(days=5)
    await town.app.use(Privacy).forget()
    town.clock.advance(days=-5)
    oleg = await town.customer("Олег")
    await oleg.send(text)
    assert GONE in oleg.screen
