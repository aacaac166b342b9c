"""Family access: one-time links with a role, who has access, revoking it, and what ends with its owner."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.flows.kept import killed_before_done
from tests.flows.test_proofs import ACCOUNT, FULL_ADDRESS, add_payment, prove, switch
from tests.harness import BotHarness
from tests.people import Someone

GONE = "Это приглашение больше не действует"


@pytest.fixture
async def owner(harness: BotHarness, maria: Someone) -> Someone:
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    return maria


async def invite(owner: Someone, label: str = "И передавать показания") -> str:
    """The message of a person who follows the link."""
    await owner.send("/menu")
    await owner.press("О счёте")
    await owner.press("Управление счётом")
    await owner.press("Пригласить близких")
    await owner.press(label)
    found = re.search(r"\?start=(\S+)", owner.screen)
    assert found
    return f"/start {found[1]}"


async def join(
    harness: BotHarness, owner: Someone, label: str = "И передавать показания", name: str = "Олег"
) -> Someone:
    oleg = await harness.customer(name)
    await oleg.send(await invite(owner, label))
    await oleg.press("Принять")
    return oleg


def links(harness: BotHarness) -> list[tuple[Any, ...]]:
    return harness.rows("SELECT user_id, trust, role FROM links ORDER BY rowid")


async def test_an_invited_person_sees_the_account_and_submits_readings(harness: BotHarness, owner: Someone) -> None:
    oleg = await harness.customer("Олег")
    before = harness.world.cursor
    await oleg.send(await invite(owner))
    assert "Вас приглашают к счёту …3456" in oleg.screen
    assert "передавать показания" in oleg.screen
    assert FULL_ADDRESS not in oleg.seen
    assert len(links(harness)) == 1, "the link alone gives nothing"
    await oleg.press("Принять")
    await harness.told(owner, "Приглашение к счёту …3456 принято: Олег теперь может смотреть и передавать", before)
    await owner.press("Кто имеет доступ")
    assert "1. Олег: смотреть и передавать показания" in owner.screen
    await oleg.press("О счёте")
    assert FULL_ADDRESS in oleg.screen
    await oleg.send("3650 1580")
    await oleg.press("Передать")
    assert "Показания переданы" in oleg.screen
    assert links(harness)[1] == (oleg.id, "shared", "readings")


async def test_who_may_only_look_submits_nothing(harness: BotHarness, owner: Someone) -> None:
    oleg = await join(harness, owner, "Только смотреть")
    assert "Передать показания" not in oleg.buttons
    await oleg.send("3650 1580")
    assert "не разрешает передавать показания" in oleg.screen
    assert harness.rows("SELECT * FROM submissions") == []


async def test_a_newcomer_gives_consents_first_and_then_joins(harness: BotHarness, owner: Someone) -> None:
    ivan = harness.person("Иван")
    await ivan.send(await invite(owner))
    assert "согласи" in ivan.screen
    await ivan.press("Согласен с обоими")
    assert "Вас приглашают к счёту …3456" in ivan.screen
    await ivan.press("Принять")
    assert links(harness)[1][:2] == (ivan.id, "shared")


async def test_an_invitation_is_good_once(harness: BotHarness, owner: Someone) -> None:
    text = await invite(owner)
    oleg, ivan = await harness.customer("Олег"), await harness.customer("Иван")
    await oleg.send(text)
    await ivan.send(text)
    await oleg.press("Принять")
    await ivan.press("Принять")
    assert GONE in ivan.screen
    await ivan.send(text)
    assert GONE in ivan.screen
    await oleg.send(text)
    await oleg.press("Принять")
    assert len(links(harness)) == 2


async def test_an_invitation_is_good_for_a_day(harness: BotHarness, owner: Someone) -> None:
    text = await invite(owner)
    oleg = await harness.customer("Олег")
    harness.clock.advance(hours=24)
    await oleg.send(text)
    assert GONE in oleg.screen


@pytest.mark.parametrize("payload", ["inv_", "inv_nobody", "inv_" + "x" * 60, "unknown", "inv_<b>"])
async def test_an_unknown_link_is_explained(harness: BotHarness, maria: Someone, payload: str) -> None:
    await maria.send(f"/start {payload}")
    assert GONE in maria.screen or maria.screen.startswith("🏠")


async def test_ones_own_invitation_and_one_to_an_owner_give_nothing(harness: BotHarness, owner: Someone) -> None:
    text = await invite(owner)
    await owner.send(text)
    assert GONE in owner.screen
    oleg = await harness.customer("Олег", ACCOUNT)
    await prove(oleg, "1055,11")
    await oleg.send(text)
    assert "вы уже подтвердили" in oleg.screen
    ivan = await harness.customer("Иван")
    await ivan.send(text)
    await ivan.press("Принять")
    assert links(harness)[2][:2] == (ivan.id, "shared"), "it was not used up"


async def test_the_owner_sees_who_has_access_and_ends_it(harness: BotHarness, owner: Someone) -> None:
    oleg = await join(harness, owner)
    await oleg.send("/menu")
    await owner.send("/menu")
    await owner.press("О счёте")
    await owner.press("Управление счётом")
    await owner.press("Кто имеет доступ")
    assert "Олег: смотреть и передавать показания, последний раз 23.11.2026" in owner.screen
    press = owner.find("Закрыть доступ: 1. Олег")
    before = harness.world.cursor
    await owner.press("Закрыть доступ: 1. Олег")
    await owner.press("Да, закрыть доступ")
    assert "никто не добавил" in owner.screen
    await harness.told(oleg, "Владелец счёта …3456 закрыл вам доступ", before)
    await oleg.send("/menu")
    assert "3456" not in oleg.screen
    await owner.press_data(*press)
    await owner.send("/menu")
    await owner.press("О счёте")
    await owner.press("Управление счётом")
    await owner.press("Журнал")
    for words in ("доступ закрыт (вы)", "приглашение принято (другой человек)", "создано приглашение (вы)"):
        assert words in owner.screen


async def test_access_is_ended_only_after_a_question(harness: BotHarness, owner: Someone) -> None:
    oleg = await join(harness, owner)
    await list_access(owner)
    await owner.press("Закрыть доступ: 1. Олег")
    assert "Закрыть доступ? Олег больше не сможет смотреть и передавать показания." in owner.screen
    assert links(harness)[1] == (oleg.id, "shared", "readings")
    await owner.press("Нет, оставить")
    assert "Олег: смотреть и передавать показания" in owner.screen
    await owner.press("Закрыть доступ: 1. Олег")
    await owner.press("Да, закрыть доступ")
    assert len(links(harness)) == 1


async def test_access_that_has_ended_is_not_asked_about(harness: BotHarness, owner: Someone) -> None:
    await join(harness, owner)
    await list_access(owner)
    press = owner.find("Закрыть доступ: 1. Олег")
    await owner.press_data(*press)
    await owner.press("Да, закрыть доступ")
    await owner.press_data(*press)
    assert "Этого доступа к счёту уже нет" in owner.screen


# An invitation waits for its answer


async def test_an_invitation_says_who_invites(harness: BotHarness) -> None:
    owner = await harness.customer("<b>Мария</b> &amp;", ACCOUNT)
    await prove(owner, await add_payment(harness, "2026-11-10", 105511))
    oleg = await harness.customer("Олег")
    await oleg.send(await invite(owner))
    assert "Приглашает <b>Мария</b> &amp; (имя в Telegram)" in oleg.screen


@pytest.mark.parametrize("elsewhere", ["Не сейчас", "/menu", "/help", "/settings", "привет"])
async def test_an_invitation_waits_until_it_is_answered(harness: BotHarness, owner: Someone, elsewhere: str) -> None:
    oleg = await harness.customer("Олег", "360000200017")
    await oleg.send(await invite(owner))
    await (oleg.press if elsewhere == "Не сейчас" else oleg.send)(elsewhere)
    await harness.restart()
    await oleg.send("/accounts")
    await oleg.press("Ответить на приглашение")
    assert "Вас приглашают к счёту …3456" in oleg.screen
    await oleg.press("Принять")
    assert (oleg.id, "shared", "readings") in links(harness)
    await oleg.send("/accounts")
    assert "Ответить на приглашение" not in oleg.buttons


async def test_who_has_no_account_is_offered_the_invitation_beside_the_question(
    harness: BotHarness, owner: Someone
) -> None:
    oleg = await harness.customer("Олег")
    await oleg.send(await invite(owner))
    await oleg.send("/menu")
    await oleg.press("Ответить на приглашение")
    await oleg.press("Отказаться")
    assert oleg.buttons == ["Помощь"]
    assert len(links(harness)) == 1


async def test_an_invitation_that_ran_out_is_offered_once(harness: BotHarness, owner: Someone) -> None:
    oleg = await harness.customer("Олег")
    await oleg.send(await invite(owner))
    harness.clock.advance(hours=25)
    await oleg.send("/menu")
    await oleg.press("Ответить на приглашение")
    assert GONE in oleg.screen
    await oleg.send("/menu")
    assert oleg.buttons == ["Помощь"]


# Invitations that nobody has used yet


async def list_access(someone: Someone) -> None:
    await someone.send("/menu")
    for label in ("О счёте", "Управление счётом", "Кто имеет доступ"):
        await someone.press(label)


def journal(harness: BotHarness) -> list[str]:
    return [row[0] for row in harness.rows("SELECT action FROM journal WHERE action != 'verified' ORDER BY id")]


async def test_an_unused_invitation_is_listed_and_can_be_withdrawn(harness: BotHarness, owner: Someone) -> None:
    texts = []
    for label in ("Только смотреть", "И платить"):
        harness.clock.advance(minutes=1)
        texts.append(await invite(owner, label))
    oleg = await join(harness, owner)
    await list_access(owner)
    assert "2. ✉️ Приглашение: смотреть, действует до 24.11.2026 10:15" in owner.screen
    assert "3. ✉️ Приглашение: смотреть, передавать показания и платить, действует до 24.11.2026 10:16" in owner.screen
    assert owner.screen.count("Приглашение") == 2, "the used one is a person now"
    press = owner.find("Отозвать приглашение: 3")
    await owner.press_data(*press)
    assert owner.screen.count("Приглашение") == 1
    await owner.press_data(*press)
    assert owner.screen.count("Приглашение") == 1
    ivan = await harness.customer("Иван")
    await ivan.send(texts[1])
    assert GONE in ivan.screen
    await ivan.send(texts[0])
    await ivan.press("Принять")
    assert journal(harness).count("uninvited") == 1
    assert len(links(harness)) == 3
    await oleg.press_data(oleg.last_id, press[1])
    await list_access(owner)
    assert "Приглашение" not in owner.screen


async def test_an_invitation_that_has_run_out_is_not_listed(harness: BotHarness, owner: Someone) -> None:
    await invite(owner)
    harness.clock.advance(hours=24)
    await list_access(owner)
    assert "Приглашение" not in owner.screen
    assert "Кроме вас, этот счёт никто не добавил" in owner.screen


async def test_nobody_elses_invitation_can_be_withdrawn(harness: BotHarness, owner: Someone) -> None:
    text = await invite(owner)
    await list_access(owner)
    _, data = owner.find("Отозвать приглашение")
    oleg = await join(harness, owner)
    other = await harness.customer("Пётр", "360000200017")
    await prove(other, await add_payment(harness, "2026-11-09", 90101, "360000200017"))
    invitation = data.rpartition(":")[2]
    for someone in (oleg, other):
        for [link] in harness.rows("SELECT id FROM links"):
            await someone.press_data(someone.last_id, f"iw1:{link}:{invitation}")
    await owner.press_data(owner.last_id, f"{data[:-16]}")
    ivan = await harness.customer("Иван")
    await ivan.send(text)
    await ivan.press("Принять")
    assert "uninvited" not in journal(harness)


async def test_a_closed_account_is_opened_before_anybody_is_invited(harness: BotHarness, owner: Someone) -> None:
    await owner.send("/menu")
    for label in ("О счёте", "Управление счётом", "Пригласить близких"):
        await owner.press(label)
    press = owner.find("Только смотреть")
    await switch(owner, "Запретить управление другим")
    await owner.press("Пригласить близких")
    assert "приглашение не сработает" in owner.screen
    await owner.press_data(*press)
    assert "приглашение не сработает" in owner.screen
    assert harness.rows("SELECT * FROM invitations") == []
    assert journal(harness) == ["closed"]
    await owner.press("Разрешить управление другим")
    assert "☐ Запретить управление другим" in str(harness.world.chat_view(owner.id))
    ivan = await harness.customer("Иван")
    await ivan.send(await invite(owner))
    assert "Вас приглашают" in ivan.screen


@pytest.mark.limits(patience=0)
@pytest.mark.parametrize("times", [1, 2])
async def test_a_kill_writes_nothing_twice_into_the_journal(
    harness: BotHarness, owner: Someone, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    await owner.send("/menu")
    for label in ("О счёте", "Управление счётом", "Пригласить близких"):
        await owner.press(label)
    owner.taps("Только смотреть")
    for _ in range(times):
        await killed_before_done(harness, monkeypatch)
    await harness.quiet()
    assert journal(harness) == ["invited"]
    assert harness.rows("SELECT count(*) FROM invitations") == [(1,)]
    found = re.search(r"\?start=(\S+)", owner.screen)
    assert found
    oleg = await harness.customer("Олег")
    await oleg.send(f"/start {found[1]}")
    before = harness.world.cursor
    oleg.taps("Принять")
    for _ in range(times):
        await killed_before_done(harness, monkeypatch)
    await harness.quiet()
    await harness.told(owner, "Олег теперь может смотреть", before)
    assert journal(harness) == ["invited", "joined"]
    assert links(harness)[1:] == [(oleg.id, "shared", "view")]


@pytest.mark.parametrize("name", ["\u3164", "\u200b\u200d", "\u2800\u2800", "\u034f", "\u115f\ufe0f"])
async def test_a_name_that_nobody_can_see_is_said_to_be_missing(harness: BotHarness, owner: Someone, name: str) -> None:
    nobody = await harness.customer(name)
    before = harness.world.cursor
    await nobody.send(await invite(owner))
    assert "ваше имя в Telegram: Без имени" in nobody.screen
    await nobody.press("Принять")
    await harness.told(owner, "Без имени теперь может смотреть", before)
    await list_access(owner)
    assert "1. Без имени: " in owner.screen
    assert "Закрыть доступ: 1. Без имени" in owner.buttons


async def test_the_invited_are_not_told_to_prove_the_account(harness: BotHarness, owner: Someone) -> None:
    oleg = await join(harness, owner)
    [(link,)] = harness.rows("SELECT id FROM links WHERE user_id = ?", oleg.id)
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


@pytest.mark.parametrize("label", ["Только смотреть", "И передавать показания"])
async def test_who_was_let_in_is_sent_to_the_owner(harness: BotHarness, owner: Someone, label: str) -> None:
    """No screen of theirs has the button for a proof."""
    oleg = await join(harness, owner, label)
    await owner.send("3650 1580")
    await owner.press("Передать")
    for asked in ("3700 1600", "/readings", "/pay"):
        await oleg.send(asked)
        assert "владелец" in oleg.screen.lower(), asked
        assert "подтвердите" not in oleg.screen.lower(), asked
    await oleg.send("/menu")
    assert "Подтвердить счёт" not in oleg.buttons


async def test_strangers_who_know_the_address_are_counted(harness: BotHarness, owner: Someone) -> None:
    for number in range(3):
        await harness.customer(f"Сосед {number}", ACCOUNT)
    oleg = await join(harness, owner)
    await owner.send("/menu")
    await owner.press("О счёте")
    await owner.press("Управление счётом")
    await owner.press("Кто имеет доступ")
    assert "1. Олег: " in owner.screen
    assert "Добавили по номеру и адресу: 3" in owner.screen
    await oleg.press("О счёте")
    assert "Управление счётом" not in oleg.buttons


async def test_a_closed_account_is_closed_to_the_invited_too(harness: BotHarness, owner: Someone) -> None:
    oleg = await join(harness, owner)
    text = await invite(owner)
    await switch(owner, "Запретить управление другим")
    await oleg.send("/menu")
    assert "закрыл его для других" in oleg.screen
    await oleg.send("3650 1580")
    assert "не разрешает передавать показания" in oleg.screen
    ivan = await harness.customer("Иван")
    await ivan.send(text)
    assert GONE in ivan.screen


async def test_with_an_owner_goes_what_they_gave(harness: BotHarness, owner: Someone) -> None:
    oleg = await join(harness, owner)
    text = await invite(owner)
    before = harness.world.cursor
    await owner.send("/accounts")
    await owner.press("Изменить")
    await owner.press("Отвязать")
    await owner.press("Да, отвязать")
    await harness.told(oleg, "закрыл вам доступ", before)
    assert links(harness) == []
    ivan = await harness.customer("Иван")
    await ivan.send(text)
    assert GONE in ivan.screen


async def test_an_impostors_friends_go_with_the_impostor(harness: BotHarness, owner: Someone) -> None:
    impostor = await harness.customer("Чужой", ACCOUNT)
    harness.clock.advance(minutes=1)
    before = harness.world.cursor
    await prove(impostor, "1055,11")
    await harness.told(owner, "подтвердил ещё один человек", before)
    friend = await join(harness, impostor, name="Друг")
    before = harness.world.cursor
    await owner.press("Это не я")
    assert [user for user, _, _ in links(harness)] == [owner.id]
    await harness.told(friend, "закрыл вам доступ", before)
    await friend.send("/menu")
    assert "3456" not in friend.screen


async def test_nobody_but_an_owner_lets_others_in(harness: BotHarness, owner: Someone) -> None:
    await invite(owner)
    await owner.press("Назад")
    await owner.press("Пригласить близких")
    oleg = await join(harness, owner)
    stranger = await harness.customer("Чужой")
    [(own_link,)] = harness.rows("SELECT id FROM links WHERE user_id = ?", owner.id)
    [(shared_link,)] = harness.rows("SELECT id FROM links WHERE user_id = ?", oleg.id)
    for someone in (oleg, stranger):
        for link in (own_link, shared_link):
            for data in (f"iv1:pay:{link}", f"rv1:{link}", f"ac1:members:{link}", f"ac1:journal:{link}"):
                await someone.press_data(someone.last_id, data)
    assert harness.rows("SELECT count(*) FROM invitations WHERE granted_by != ?", owner.id) == [(0,)]
    assert len(links(harness)) == 2


async def test_an_invited_person_may_prove_the_account_themselves(harness: BotHarness, owner: Someone) -> None:
    oleg = await join(harness, owner)
    [(link_id,)] = harness.rows("SELECT id FROM links WHERE user_id = ?", oleg.id)
    await oleg.press_data(oleg.last_id, f"ac1:prove:{link_id}")
    await oleg.send("1055,11")
    assert "Счёт подтверждён" in oleg.screen
    assert links(harness)[1][1] == "verified"
