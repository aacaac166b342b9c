"""Family access: one-time links with a role, who has access, revoking it, and what ends with its owner."""

from __future__ import annotations

import re
from typing import Any

import pytest

import bot.app
from tests.flows.kept import killed_before_done
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
    await town.told(owner, "Приглашение к счёту …3456 принято: Олег теперь может смотреть и передавать", before)
    await owner.press("Кто имеет доступ")
    assert "1. Олег: смотреть и передавать показания" in owner.screen
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


# Invitations that nobody has used yet


async def list_access(someone: Someone) -> None:
    await someone.send("/menu")
    for label in ("О счёте", "Управление счётом", "Кто имеет доступ"):
        await someone.press(label)


def journal(town: Town) -> list[str]:
    return [row[0] for row in town.rows("SELECT action FROM journal WHERE action != 'verified' ORDER BY id")]


async def test_an_unused_invitation_is_listed_and_can_be_withdrawn(town: Town, owner: Someone) -> None:
    texts = []
    for label in ("Только смотреть", "И платить"):
        town.clock.advance(minutes=1)
        texts.append(await invite(owner, label))
    oleg = await join(town, owner)
    await list_access(owner)
    assert "2. ✉️ Приглашение: смотреть, действует до 24.11.2026 10:15" in owner.screen
    assert "3. ✉️ Приглашение: смотреть, передавать показания и платить, действует до 24.11.2026 10:16" in owner.screen
    assert owner.screen.count("Приглашение") == 2, "the used one is a person now"
    press = owner.find("Отозвать приглашение: 3")
    await owner.press_data(*press)
    assert owner.screen.count("Приглашение") == 1
    await owner.press_data(*press)
    assert owner.screen.count("Приглашение") == 1
    ivan = await town.customer("Иван")
    await ivan.send(texts[1])
    assert GONE in ivan.screen
    await ivan.send(texts[0])
    await ivan.press("Принять")
    assert journal(town).count("uninvited") == 1
    assert len(links(town)) == 3
    await oleg.press_data(oleg.last_id, press[1])
    await list_access(owner)
    assert "Приглашение" not in owner.screen


async def test_an_invitation_that_has_run_out_is_not_listed(town: Town, owner: Someone) -> None:
    await invite(owner)
    town.clock.advance(hours=24)
    await list_access(owner)
    assert "Приглашение" not in owner.screen
    assert "Кроме вас, этот счёт никто не добавил" in owner.screen


async def test_nobody_elses_invitation_can_be_withdrawn(town: Town, owner: Someone) -> None:
    text = await invite(owner)
    await list_access(owner)
    _, data = owner.find("Отозвать приглашение")
    oleg = await join(town, owner)
    other = await town.customer("Пётр", "360000200017")
    await prove(other, await add_payment(town, "2026-11-09", 90101, "360000200017"))
    invitation = data.rpartition(":")[2]
    for someone in (oleg, other):
        for [link] in town.rows("SELECT id FROM links"):
            await someone.press_data(someone.last_id, f"iw1:{link}:{invitation}")
    await owner.press_data(owner.last_id, f"{data[:-16]}")
    ivan = await town.customer("Иван")
    await ivan.send(text)
    await ivan.press("Принять")
    assert "uninvited" not in journal(town)


async def test_a_closed_account_is_opened_before_anybody_is_invited(town: Town, owner: Someone) -> None:
    await owner.send("/menu")
    for label in ("О счёте", "Управление счётом", "Пригласить близких"):
        await owner.press(label)
    press = owner.find("Только смотреть")
    await switch(owner, "Запретить управление другим")
    await owner.press("Пригласить близких")
    assert "приглашение не сработает" in owner.screen
    await owner.press_data(*press)
    assert "приглашение не сработает" in owner.screen
    assert town.rows("SELECT * FROM invitations") == []
    assert journal(town) == ["closed"]
    await owner.press("Разрешить управление другим")
    assert "☐ Запретить управление другим" in str(town.world.chat_view(owner.id))
    ivan = await town.customer("Иван")
    await ivan.send(await invite(owner))
    assert "Вас приглашают" in ivan.screen


@pytest.mark.parametrize("times", [1, 2])
async def test_a_kill_writes_nothing_twice_into_the_journal(
    town: Town, owner: Someone, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    monkeypatch.setattr(bot.app, "PATIENCE", 0)
    await owner.send("/menu")
    for label in ("О счёте", "Управление счётом", "Пригласить близких"):
        await owner.press(label)
    owner.taps("Только смотреть")
    for _ in range(times):
        await killed_before_done(town, monkeypatch)
    await town.quiet()
    assert journal(town) == ["invited"]
    assert town.rows("SELECT count(*) FROM invitations") == [(1,)]
    found = re.search(r"\?start=(\S+)", owner.screen)
    assert found
    oleg = await town.customer("Олег")
    await oleg.send(f"/start {found[1]}")
    before = town.world.cursor
    oleg.taps("Принять")
    for _ in range(times):
        await killed_before_done(town, monkeypatch)
    await town.quiet()
    await town.told(owner, "Олег теперь может смотреть", before)
    assert journal(town) == ["invited", "joined"]
    assert links(town)[1:] == [(oleg.id, "shared", "view")]


@pytest.mark.parametrize("name", ["\u3164", "\u200b\u200d", "\u2800\u2800", "\u034f", "\u115f\ufe0f"])
async def test_a_name_that_nobody_can_see_is_said_to_be_missing(town: Town, owner: Someone, name: str) -> None:
    nobody = await town.customer(name)
    before = town.world.cursor
    await nobody.send(await invite(owner))
    assert "ваше имя в Telegram: Без имени" in nobody.screen
    await nobody.press("Принять")
    await town.told(owner, "Без имени теперь может смотреть", before)
    await list_access(owner)
    assert "1. Без имени: " in owner.screen
    assert "Закрыть доступ: 1. Без имени" in owner.buttons


async def test_the_invited_are_not_told_to_prove_the_account(town: Town, owner: Someone) -> None:
    oleg = await join(town, owner)
    [(link,)] = town.rows("SELECT id FROM links WHERE user_id = ?", oleg.id)
    words = "Это доступно только владельцу счёта"
    for data in (
        *(f"ac1:{action}:{link}" for action in ("control", "members", "invite", "journal")),
        *(f"ct2:closed:{link}:1", f"iv1:pay:{link}", f"iw1:{link}:{'x' * 16}", f"re1:ask:{link}:{link}"),
    ):
        said = len(oleg.screens)
        await oleg.press_data(oleg.last_id, data)
        assert words in oleg.screens[said], data
    await switch(owner, "Запретить управление другим")
    await oleg.press_data(oleg.last_id, f"ac1:info:{link}")
    assert words in oleg.screen
    assert "подтвердите" not in oleg.screen.lower()


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
