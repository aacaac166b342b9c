"""The last proof of an account shuts no other person out for 30 days, nor by a press made before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.test_disclosures import unlink
from tests.flows.test_erasure import erase
from tests.flows.test_proofs import ACCOUNT, add_payment, prove, switch
from tests.flows.test_recovery import ask, link_of, list_access, owners, pass_days, prove_later, requests, sent
from tests.flows.test_sharing import GONE, invite, join
from tests.harness import BotHarness
from tests.people import Someone

LATER = "вы сможете с 24.12.2026"
NOTHING_FORBIDDEN: list[tuple[Any, ...]] = []
SWITCHES = ("closed", "locked", "anyone_submits")


@pytest.fixture
async def owner(harness: BotHarness, maria: Someone) -> Someone:
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    return maria


@pytest.fixture
async def stranger(harness: BotHarness, owner: Someone) -> Someone:
    """The person who proved the account last."""
    return await prove_later(harness, "Чужой")


def controls(harness: BotHarness) -> list[tuple[Any, ...]]:
    return harness.rows(f"SELECT {', '.join(SWITCHES)} FROM controls")


async def press_everything(harness: BotHarness, someone: Someone, *others: Someone) -> None:
    """All that could shut others out, as a rogue client presses it."""
    own = link_of(harness, someone)
    data = [f"ct2:{name}:{own}:{on}" for name in SWITCHES for on in (1, 0)]
    for other in others:
        data += [f"rv1:{link_of(harness, other)}", f"ds1:{link_of(harness, other)}:{own}"]
    data += [
        f"iw1:{own}:{digest[:16]}" for [digest] in harness.rows("SELECT digest FROM invitations WHERE used_at IS NULL")
    ]
    data += [f"ds1:{'x' * 8}:{own}"]  # of somebody who has gone: would lock the account
    for one in data:
        said = len(someone.screens)
        await someone.press_data(someone.last_id, one)
        told = "".join(someone.screens[said:]) + (someone.toast or "")
        assert LATER in told or "больше не привязан к вам" in told, one


async def test_a_stranger_who_proved_it_last_shuts_nobody_out(
    harness: BotHarness, owner: Someone, stranger: Someone
) -> None:
    """Neither the owner, nor the owner's family, nor who only knows the address and may be the owner, nor whoever
    comes later and has yet to prove it."""
    grandson = await join(harness, owner, name="Внук")
    await invite(owner)
    neighbour = await harness.customer("Сосед", ACCOUNT)
    later = await prove_later(harness, "Позже")
    await press_everything(harness, stranger, owner, grandson, neighbour, later)
    assert controls(harness) == NOTHING_FORBIDDEN
    assert harness.rows("SELECT count(*) FROM invitations WHERE used_at IS NULL") == [(1,)]
    assert owners(harness) == [owner.id, stranger.id, later.id]
    for someone in (grandson, neighbour):
        await someone.send("/menu")
        assert "Передать показания" in someone.buttons
        assert "закрыл его для других" not in someone.screen
    await unlink(owner)
    harness.clock.advance(days=1)
    await owner.send(ACCOUNT)
    await owner.send("45")
    for mine in (owner, await harness.customer("Мария с нового телефона", ACCOUNT)):
        said = len(mine.screens)
        await prove(mine, "1055,11")
        assert any("Счёт подтверждён" in screen for screen in mine.screens[said:])  # a notice may come last


async def test_the_screen_says_from_when_and_offers_nothing_till_then(
    harness: BotHarness, owner: Someone, stranger: Someone
) -> None:
    await join(harness, owner, name="Внук")
    await stranger.send("/menu")
    for label in ("О счёте", "Управление счётом"):
        await stranger.press(label)
    assert LATER in stranger.screen
    assert "Если ждать нельзя, позвоните нам" in stranger.screen
    assert stranger.buttons == ["Пригласить близких", "Кто имеет доступ", "Журнал", "Назад"]
    await stranger.press("Кто имеет доступ")
    assert LATER in stranger.screen
    assert "Закрыть доступ" not in str(stranger.buttons)
    await list_access(owner)
    assert "вы сможете с" not in owner.screen
    assert str(owner.buttons).count("Закрыть доступ") == 2


async def test_the_owner_undoes_everything_at_once(harness: BotHarness, owner: Someone, stranger: Someone) -> None:
    friend = await join(harness, stranger, name="Друг")
    await switch(owner, "Запретить управление другим")
    await press_everything(harness, stranger)
    assert controls(harness) == [(1, 0, 1)], "what the owner has forbidden is not allowed by the stranger either"
    await list_access(owner)
    await owner.press("Закрыть доступ: 1.")
    await owner.press("Да, закрыть доступ")
    assert owners(harness) == [owner.id]
    assert controls(harness) == [(1, 1, 1)]
    await friend.send("/menu")
    assert "3456" not in friend.screen


async def test_what_one_has_given_oneself_can_be_taken_back_at_once(
    harness: BotHarness, owner: Someone, stranger: Someone
) -> None:
    """A husband who proved it second and let in the wrong person."""
    friend = await join(harness, stranger, name="Друг")
    await invite(stranger)
    await list_access(stranger)
    await stranger.press("Отозвать приглашение")
    await stranger.press("Закрыть доступ")
    await stranger.press("Да, закрыть доступ")
    assert owners(harness) == [owner.id, stranger.id]
    assert harness.rows("SELECT user_id FROM links WHERE trust = 'shared'") == []
    await friend.send("/menu")
    assert "3456" not in friend.screen


async def test_only_whoever_can_undo_a_proof_is_offered_it(
    harness: BotHarness, owner: Someone, stranger: Someone
) -> None:
    before = harness.world.cursor
    await prove_later(harness, "Позже")
    await harness.told(stranger, "Если вы его не знаете, позвоните нам", before)
    await sent(harness, "verified")
    assert "Это не я, закрыть доступ" not in stranger.labels
    assert "Это не я, закрыть доступ" in owner.labels


async def test_what_the_owner_has_given_does_not_become_the_strangers(
    harness: BotHarness, owner: Someone, stranger: Someone
) -> None:
    """It would end with the stranger."""
    grandson = await join(harness, owner, name="Внук")
    text = await invite(stranger, "И платить")
    await grandson.send(text)
    assert GONE in grandson.screen
    await list_access(owner)
    await owner.press("Закрыть доступ: 1.")
    await owner.press("Да, закрыть доступ")
    assert harness.rows("SELECT user_id FROM links ORDER BY created_at") == [(owner.id,), (grandson.id,)]


@pytest.mark.parametrize(("moment", "works"), [("2026-12-23 23:59", False), ("2026-12-24 00:00", True)])
async def test_after_thirty_days_a_proof_counts_as_much_as_the_first(
    harness: BotHarness, owner: Someone, stranger: Someone, moment: str, works: bool
) -> None:
    harness.clock.set(moment)
    await stranger.press_data(stranger.last_id, f"ct2:locked:{link_of(harness, stranger)}:1")
    assert controls(harness) == ([(0, 1, 1)] if works else NOTHING_FORBIDDEN)
    assert (LATER in stranger.screen) is not works


@pytest.mark.parametrize("how", ["unlink", "erase"])
async def test_who_stays_alone_is_not_the_first_one_for_that(
    harness: BotHarness, owner: Someone, stranger: Someone, how: str
) -> None:
    """The owner may come back tomorrow: they must not find the door locked."""
    await (unlink(owner) if how == "unlink" else erase(owner))
    await press_everything(harness, stranger)
    assert controls(harness) == NOTHING_FORBIDDEN
    harness.clock.set("2026-12-24 00:00")
    await switch(stranger, "Никому больше не подтверждать")
    assert controls(harness) == [(0, 1, 1)]


async def test_who_proves_an_account_that_nobody_has_decides_at_once(harness: BotHarness, owner: Someone) -> None:
    await unlink(owner)
    heir = await prove_later(harness, "Наследник")
    await switch(heir, "Никому больше не подтверждать")
    assert controls(harness) == [(0, 1, 1)]


async def test_whoever_comes_back_waits_like_everybody_else(
    harness: BotHarness, owner: Someone, stranger: Someone
) -> None:
    await unlink(owner)
    await owner.send(ACCOUNT)
    await owner.send("45")
    await prove(owner, "1055,11")
    await press_everything(harness, owner, stranger)
    assert owners(harness) == [stranger.id, owner.id]


async def test_silence_ends_no_access_before_the_proof_has_settled(
    harness: BotHarness, owner: Someone, stranger: Someone
) -> None:
    """An owner on holiday for ten days keeps the account."""
    harness.clock.advance(days=1)
    await list_access(stranger)
    await stranger.press("Это мой прежний Telegram")
    assert "раньше 24.12.2026 доступ не закроется" in stranger.screen
    before = harness.world.cursor
    await stranger.press("Да, отозвать доступ")
    await harness.told(owner, "через 7 дней или позже", before)
    await sent(harness, "recovery_asked")
    for moment in ("2026-12-10 12:00", "2026-12-23 23:59"):
        harness.clock.set(moment)
        await pass_days(harness)
        assert owners(harness) == [owner.id, stranger.id]
    harness.clock.set("2026-12-24 00:00")
    await pass_days(harness)
    assert owners(harness) == [stranger.id]


async def test_an_objection_still_ends_it(harness: BotHarness, owner: Someone, stranger: Someone) -> None:
    harness.clock.advance(days=1)
    await ask(harness, stranger, owner)
    await owner.press("Это не я")
    assert requests(harness) == []
    harness.clock.set("2027-02-01 10:00")
    await pass_days(harness)
    assert owners(harness) == [owner.id]
