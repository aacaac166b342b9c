"""Family access: one-time links with a role, who has access, revoking it, and what ends with its owner."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.flows.test_proofs import ACCOUNT, FULL_ADDRESS, add_payment, prove, switch
from tests.people import Someone
from tests.town import Town

GONE = "Это приглашение больше не действует"


@pytest.fixture
async def owner(town: Town, maria: Someone) -> Someone:
    await prove(maria, await add_payment(town, "2026-11-10", 105511))
    return maria


async def invite(owner: Someone, label: str = "И передавать показания") -> str:
    """What a person sends who follows the link."""
    await owner.send("/menu")
    await owner.press("О счёте")
    await owner.press("Управление счётом")
    await owner.press("Пригласить близких")
    await owner.press(label)
    found = re.search(r"\?start=(\S+)", owner.screen)
    assert found
    return f"/start {found[1]}"


async def join(town: Town, owner: Someone, label: str = "И передавать показания", name: str = "Олег") -> Someone:
    oleg = await town.customer(name)
    await oleg.send(await invite(owner, label))
    await oleg.press("Принять")
    return oleg


def links(town: Town) -> list[tuple[Any, ...]]:
    return town.rows("SELECT user_id, trust, role FROM links ORDER BY rowid")


async def test_an_invited_person_sees_the_account_and_submits_readings(town: Town, owner: Someone) -> None:
    oleg = await town.customer("Олег")
    before = town.world.cursor
    await oleg.send(await invite(owner))
    assert "Вас приглашают к счёту …3456" in oleg.screen
    assert "передавать показания" in oleg.screen
    assert FULL_ADDRESS not in oleg.seen
    assert len(links(town)) == 1, "the link alone gives nothing"
    await oleg.press("Принять")
    await town.told(owner, "Олег теперь видит ваш счёт …3456", before)
    await oleg.press("О счёте")
    assert FULL_ADDRESS in oleg.screen
    await oleg.send("3650 1580")
    await oleg.press("Передать")
    assert "Показания переданы" in oleg.screen
    assert links(town)[1] == (oleg.id, "shared", "readings")


async def test_who_may_only_look_submits_nothing(town: Town, owner: Someone) -> None:
    oleg = await join(town, owner, "Только смотреть")
    assert "Передать показания" not in oleg.buttons
    await oleg.send("3650 1580")
    assert "не разрешает передавать показания" in oleg.screen
    assert town.rows("SELECT * FROM submissions") == []


async def test_a_newcomer_gives_consents_first_and_then_joins(town: Town, owner: Someone) -> None:
    ivan = town.person("Иван")
    await ivan.send(await invite(owner))
    assert "согласи" in ivan.screen
    await ivan.press("Даю оба согласия")
    assert "Вас приглашают к счёту …3456" in ivan.screen
    await ivan.press("Принять")
    assert links(town)[1][:2] == (ivan.id, "shared")


async def test_an_invitation_is_good_once(town: Town, owner: Someone) -> None:
    text = await invite(owner)
    oleg, ivan = await town.customer("Олег"), await town.customer("Иван")
    await oleg.send(text)
    await ivan.send(text)
    await oleg.press("Принять")
    await ivan.press("Принять")
    assert GONE in ivan.screen
    await ivan.send(text)
    assert GONE in ivan.screen
    await oleg.send(text)
    await oleg.press("Принять")
    assert len(links(town)) == 2


async def test_an_invitation_is_good_for_a_day(town: Town, owner: Someone) -> None:
    text = await invite(owner)
    oleg = await town.customer("Олег")
    town.clock.advance(hours=24)
    await oleg.send(text)
    assert GONE in oleg.screen


@pytest.mark.parametrize("payload", ["inv_", "inv_nobody", "inv_" + "x" * 60, "unknown", "inv_<b>"])
async def test_an_unknown_link_is_explained(town: Town, maria: Someone, payload: str) -> None:
    await maria.send(f"/start {payload}")
    assert GONE in maria.screen or maria.screen.startswith("🏠")


async def test_ones_own_invitation_and_one_to_an_owner_give_nothing(town: Town, owner: Someone) -> None:
    text = await invite(owner)
    await owner.send(text)
    assert GONE in owner.screen
    oleg = await town.customer("Олег", ACCOUNT)
    await prove(oleg, "1055,11")
    await oleg.send(text)
    assert "вы уже подтвердили" in oleg.screen
    ivan = await town.customer("Иван")
    await ivan.send(text)
    await ivan.press("Принять")
    assert links(town)[2][:2] == (ivan.id, "shared"), "it was not used up"


async def test_the_owner_sees_who_has_access_and_ends_it(town: Town, owner: Someone) -> None:
    oleg = await join(town, owner)
    await oleg.send("/menu")
    await owner.send("/menu")
    await owner.press("О счёте")
    await owner.press("Управление счётом")
    await owner.press("Кто имеет доступ")
    assert "Олег: смотреть и передавать показания, последний раз 23.11.2026" in owner.screen
    press = owner.find("Закрыть доступ: 1. Олег")
    before = town.world.cursor
    await owner.press("Закрыть доступ: 1. Олег")
    assert "никто не добавил" in owner.screen
    await town.told(oleg, "Владелец счёта …3456 закрыл вам доступ", before)
    await oleg.send("/menu")
    assert "3456" not in oleg.screen
    await owner.press_data(*press)
    await owner.send("/menu")
    await owner.press("О счёте")
    await owner.press("Управление счётом")
    await owner.press("Журнал")
    for words in ("доступ закрыт (вы)", "приглашение принято (другой человек)", "создано приглашение (вы)"):
        assert words in owner.screen


async def test_strangers_who_know_the_address_are_counted(town: Town, owner: Someone) -> None:
    for number in range(3):
        await town.customer(f"Сосед {number}", ACCOUNT)
    oleg = await join(town, owner)
    await owner.send("/menu")
    await owner.press("О счёте")
    await owner.press("Управление счётом")
    await owner.press("Кто имеет доступ")
    assert "1. Олег: " in owner.screen
    assert "Добавили по номеру и адресу: 3" in owner.screen
    await oleg.press("О счёте")
    assert "Управление счётом" not in oleg.buttons


async def test_a_closed_account_is_closed_to_the_invited_too(town: Town, owner: Someone) -> None:
    oleg = await join(town, owner)
    text = await invite(owner)
    await switch(owner, "Запретить управление другим")
    await oleg.send("/menu")
    assert "закрыл его для других" in oleg.screen
    await oleg.send("3650 1580")
    assert "не разрешает передавать показания" in oleg.screen
    ivan = await town.customer("Иван")
    await ivan.send(text)
    assert GONE in ivan.screen


async def test_with_an_owner_goes_what_they_gave(town: Town, owner: Someone) -> None:
    oleg = await join(town, owner)
    text = await invite(owner)
    before = town.world.cursor
    await owner.send("/accounts")
    await owner.press("…3456")
    await owner.press("Отвязать")
    await owner.press("Да, отвязать")
    await town.told(oleg, "закрыл вам доступ", before)
    assert links(town) == []
    ivan = await town.customer("Иван")
    await ivan.send(text)
    assert GONE in ivan.screen


async def test_an_impostors_friends_go_with_the_impostor(town: Town, owner: Someone) -> None:
    impostor = await town.customer("Чужой", ACCOUNT)
    town.clock.advance(minutes=1)
    before = town.world.cursor
    await prove(impostor, "1055,11")
    await town.told(owner, "подтвердил ещё один человек", before)
    friend = await join(town, impostor, name="Друг")
    await owner.press("Это не я")
    assert [user for user, _, _ in links(town)] == [owner.id]
    await friend.send("/menu")
    assert "3456" not in friend.screen


async def test_nobody_but_an_owner_lets_others_in(town: Town, owner: Someone) -> None:
    await invite(owner)
    await owner.press("Назад")
    await owner.press("Пригласить близких")
    oleg = await join(town, owner)
    stranger = await town.customer("Чужой")
    [(own_link,)] = town.rows("SELECT id FROM links WHERE user_id = ?", owner.id)
    [(shared_link,)] = town.rows("SELECT id FROM links WHERE user_id = ?", oleg.id)
    for someone in (oleg, stranger):
        for link in (own_link, shared_link):
            for data in (f"iv1:pay:{link}", f"rv1:{link}", f"ac1:members:{link}", f"ac1:journal:{link}"):
                await someone.press_data(someone.last_id, data)
    assert town.rows("SELECT count(*) FROM invitations WHERE granted_by != ?", owner.id) == [(0,)]
    assert len(links(town)) == 2


async def test_an_invited_person_may_prove_the_account_themselves(town: Town, owner: Someone) -> None:
    oleg = await join(town, owner)
    [(link_id,)] = town.rows("SELECT id FROM links WHERE user_id = ?", oleg.id)
    await oleg.press_data(oleg.last_id, f"ac1:prove:{link_id}")
    await oleg.send("1055,11")
    assert "Счёт подтверждён" in oleg.screen
    assert links(town)[1][1] == "verified"
