"""The last proof of an account shuts no other person out for 30 days, nor by a press made before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.test_disclosures import unlink
from tests.flows.test_erasure import erase
from tests.flows.test_proofs import ACCOUNT, add_payment, prove, switch
from tests.flows.test_recovery import ask, link_of, list_access, owners, pass_days, prove_later, requests, sent
from tests.flows.test_sharing import GONE, invite, join
from tests.people import Someone
from tests.town import Town

LATER = "вы сможете с 24.12.2026"
NOTHING_FORBIDDEN: list[tuple[Any, ...]] = []
SWITCHES = ("closed", "locked", "anyone_submits")


@pytest.fixture
async def owner(town: Town, maria: Someone) -> Someone:
    await prove(maria, await add_payment(town, "2026-11-10", 105511))
    return maria


@pytest.fixture
async def stranger(town: Town, owner: Someone) -> Someone:
    """Who proved the account last."""
    return await prove_later(town, "Чужой")


def controls(town: Town) -> list[tuple[Any, ...]]:
    return town.rows(f"SELECT {', '.join(SWITCHES)} FROM controls")


async def press_everything(town: Town, someone: Someone, *others: Someone) -> None:
    """All that could shut others out, as a rogue client presses it."""
    own = link_of(town, someone)
    data = [f"ct2:{name}:{own}:{on}" for name in SWITCHES for on in (1, 0)]
    for other in others:
        data += [f"rv1:{link_of(town, other)}", f"ds1:{link_of(town, other)}:{own}"]
    data += [
        f"iw1:{own}:{digest[:16]}" for [digest] in town.rows("SELECT digest FROM invitations WHERE used_at IS NULL")
    ]
    data += [f"ds1:{'x' * 8}:{own}"]  # of somebody who has gone: would lock the account
    for one in data:
        said = len(someone.screens)
        await someone.press_data(someone.last_id, one)
        told = "".join(someone.screens[said:]) + (someone.toast or "")
        assert LATER in told or "больше не привязан к вам" in told, one


async def test_a_stranger_who_proved_it_last_shuts_nobody_out(town: Town, owner: Someone, stranger: Someone) -> None:
    """Neither the owner, nor the owner's family, nor who only knows the address and may be the owner, nor whoever
    comes later and has yet to prove it."""
    grandson = await join(town, owner, name="Внук")
    await invite(owner)
    neighbour = await town.customer("Сосед", ACCOUNT)
    later = await prove_later(town, "Позже")
    await press_everything(town, stranger, owner, grandson, neighbour, later)
    assert controls(town) == NOTHING_FORBIDDEN
    assert town.rows("SELECT count(*) FROM invitations WHERE used_at IS NULL") == [(1,)]
    assert owners(town) == [owner.id, stranger.id, later.id]
    for someone in (grandson, neighbour):
        await someone.send("/menu")
        assert "Передать показания" in someone.buttons
        assert "закрыл его для других" not in someone.screen
    await unlink(owner)
    town.clock.advance(days=1)
    await owner.send(ACCOUNT)
    await owner.send("45")
    for mine in (owner, await town.customer("Мария с нового телефона", ACCOUNT)):
        await prove(mine, "1055,11")
        assert "Счёт подтверждён" in mine.screen


async def test_the_screen_says_from_when_and_offers_nothing_till_then(
    town: Town, owner: Someone, stranger: Someone
) -> None:
    await join(town, owner, name="Внук")
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


async def test_the_owner_undoes_everything_at_once(town: Town, owner: Someone, stranger: Someone) -> None:
    friend = await join(town, stranger, name="Друг")
    await switch(owner, "Запретить управление другим")
    await press_everything(town, stranger)
    assert controls(town) == [(1, 0, 1)], "what the owner has forbidden is not allowed by the stranger either"
    await list_access(owner)
    await owner.press("Закрыть доступ: 1.")
    assert owners(town) == [owner.id]
    assert controls(town) == [(1, 1, 1)]
    await friend.send("/menu")
    assert "3456" not in friend.screen


async def test_what_one_has_given_oneself_can_be_taken_back_at_once(
    town: Town, owner: Someone, stranger: Someone
) -> None:
    """A husband who proved it second and let in the wrong person."""
    friend = await join(town, stranger, name="Друг")
    await invite(stranger)
    await list_access(stranger)
    await stranger.press("Отозвать приглашение")
    await stranger.press("Закрыть доступ")
    assert owners(town) == [owner.id, stranger.id]
    assert town.rows("SELECT user_id FROM links WHERE trust = 'shared'") == []
    await friend.send("/menu")
    assert "3456" not in friend.screen


async def test_only_whoever_can_undo_a_proof_is_offered_it(town: Town, owner: Someone, stranger: Someone) -> None:
    before = town.world.cursor
    await prove_later(town, "Позже")
    await town.told(stranger, "Если вы его не знаете, позвоните нам", before)
    await sent(town, "verified")
    assert "Это не я, закрыть доступ" not in stranger.labels
    assert "Это не я, закрыть доступ" in owner.labels


async def test_what_the_owner_has_given_does_not_become_the_strangers(
    town: Town, owner: Someone, stranger: Someone
) -> None:
    """It would end with the stranger."""
    grandson = await join(town, owner, name="Внук")
    text = await invite(stranger, "И платить")
    await grandson.send(text)
    assert GONE in grandson.screen
    await list_access(owner)
    await owner.press("Закрыть доступ: 1.")
    assert town.rows("SELECT user_id FROM links ORDER BY created_at") == [(owner.id,), (grandson.id,)]


@pytest.mark.parametrize(("moment", "works"), [("2026-12-23 23:59", False), ("2026-12-24 00:00", True)])
async def test_after_thirty_days_a_proof_counts_as_much_as_the_first(
    town: Town, owner: Someone, stranger: Someone, moment: str, works: bool
) -> None:
    town.clock.set(moment)
    await stranger.press_data(stranger.last_id, f"ct2:locked:{link_of(town, stranger)}:1")
    assert controls(town) == ([(0, 1, 1)] if works else NOTHING_FORBIDDEN)
    assert (LATER in stranger.screen) is not works


@pytest.mark.parametrize("how", ["unlink", "erase"])
async def test_who_stays_alone_is_not_the_first_one_for_that(
    town: Town, owner: Someone, stranger: Someone, how: str
) -> None:
    """The owner may come back tomorrow: they must not find the door locked."""
    await (unlink(owner) if how == "unlink" else erase(owner))
    await press_everything(town, stranger)
    assert controls(town) == NOTHING_FORBIDDEN
    town.clock.set("2026-12-24 00:00")
    await switch(stranger, "Никому больше не подтверждать")
    assert controls(town) == [(0, 1, 1)]


async def test_who_proves_an_account_that_nobody_has_decides_at_once(town: Town, owner: Someone) -> None:
    await unlink(owner)
    heir = await prove_later(town, "Наследник")
    await switch(heir, "Никому больше не подтверждать")
    assert controls(town) == [(0, 1, 1)]


async def test_whoever_comes_back_waits_like_everybody_else(town: Town, owner: Someone, stranger: Someone) -> None:
    await unlink(owner)
    await owner.send(ACCOUNT)
    await owner.send("45")
    await prove(owner, "1055,11")
    await press_everything(town, owner, stranger)
    assert owners(town) == [stranger.id, owner.id]


async def test_silence_ends_no_access_before_the_proof_has_settled(
    town: Town, owner: Someone, stranger: Someone
) -> None:
    """An owner on holiday for ten days keeps the account."""
    town.clock.advance(days=1)
    await list_access(stranger)
    await stranger.press("Это мой прежний Telegram")
    assert "раньше 24.12.2026 доступ не закроется" in stranger.screen
    before = town.world.cursor
    await stranger.press("Да, отозвать доступ")
    await town.told(owner, "через 7 дней или позже", before)
    await sent(town, "recovery_asked")
    for moment in ("2026-12-10 12:00", "2026-12-23 23:59"):
        town.clock.set(moment)
        await pass_days(town)
        assert owners(town) == [owner.id, stranger.id]
    town.clock.set("2026-12-24 00:00")
    await pass_days(town)
    assert owners(town) == [stranger.id]


async def test_an_objection_still_ends_it(town: Town, owner: Someone, stranger: Someone) -> None:
    town.clock.advance(days=1)
    await ask(town, stranger, owner)
    await owner.press("Это не я")
    assert requests(town) == []
    town.clock.set("2027-02-01 10:00")
    await pass_days(town)
    assert owners(town) == [owner.id]
