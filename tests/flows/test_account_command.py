"""An account's links as an operator sees them, without names, and how access is mended beside the running bot."""

from __future__ import annotations

import pytest

from bot.cli.account import CannotMend, Mend, mend_account
from tests.flows.test_proofs import ACCOUNT, add_payment, prove, switch
from tests.flows.test_recovery import link_of, prove_later
from tests.flows.test_sharing import join
from tests.people import Someone
from tests.town import Town


@pytest.fixture
async def stranger(town: Town) -> Someone:
    """Who proved the account before its owner did, and locked it."""
    await add_payment(town, "2026-11-10", 105511)
    someone = await prove_later(town, "Чужой")
    await switch(someone, "Никому больше не подтверждать")
    await switch(someone, "Запретить управление другим")
    return someone


async def account(town: Town, mend: Mend | None = None, number: str = ACCOUNT) -> str:
    """The command's lines."""
    said: list[str] = []
    await mend_account(town.app.settings.database.url, number, mend or Mend(), said.append, town.clock)
    town.app.wake_up.set()  # as a look at the outbox does within seconds
    return "\n".join(said)


def actions(town: Town) -> list[tuple[int | None, str]]:
    return town.rows("SELECT user_id, action FROM journal ORDER BY id DESC LIMIT 1")


async def test_it_shows_who_has_an_account_since_when_and_by_what(town: Town, stranger: Someone) -> None:
    await stranger.press("Управление другим запрещено")
    grandson = await join(town, stranger, name="Внук")
    maria = await town.customer("Мария", ACCOUNT)
    told = await account(town)
    lines = told.splitlines()
    assert lines[0] == f"Account {ACCOUNT}, active. Times are UTC."
    assert "Closed to everybody but those who have proved it: no." in lines
    assert "Locked, so that nobody else can prove it: yes." in lines
    [first] = [line for line in lines if line.startswith(link_of(town, stranger))]
    assert first.split()[1:3] == ["verified", "payment"]
    assert first.endswith("first")
    assert "2026-11-23 07:14" in first
    assert "2026-11-23 07:15" in first
    [shared] = [line for line in lines if line.startswith(link_of(town, grandson))]
    assert shared.split()[1:4] == ["shared", "invitation", "readings"]
    [confirmed] = [line for line in lines if line.startswith(link_of(town, maria))]
    assert confirmed.split()[1:3] == ["confirmed", "address"]
    assert f"2026-11-23 07:15  joined                link {link_of(town, grandson)}" in lines
    people = (stranger, grandson, maria)
    secrets = [*(str(one.id) for one in people), "Чужой", "Внук", "Мария", "Лизюкова", "Ромашкина", "900"]
    assert [secret for secret in secrets if secret in told] == []


async def test_unlocked_the_owner_can_prove_it_again(town: Town, stranger: Someone) -> None:
    maria = await town.customer("Мария", ACCOUNT)
    await add_payment(town, "2026-11-11", 70707)
    before = town.world.cursor
    assert await account(town, Mend(unlock=True)) == "The account can be proved again."
    await town.told(stranger, "Компания сняла запрет подтверждать счёт …3456", before)
    assert actions(town) == [(None, "unlocked_by_company")]
    assert await account(town, Mend(unlock=True)) == "The account was not locked."
    link = link_of(town, maria)
    await maria.press_data(maria.last_id, f"ac1:prove:{link}")
    await maria.send("707,07")
    assert "Счёт подтверждён" in maria.screen


async def test_an_unlinked_stranger_is_gone_with_bars_and_friends(town: Town, stranger: Someone) -> None:
    await stranger.press("Управление другим запрещено")
    friend = await join(town, stranger, name="Друг")
    maria = await town.customer("Мария", ACCOUNT)
    before = town.world.cursor
    await account(town, Mend(unlink=link_of(town, stranger), sure=True))
    await town.told(stranger, "Компания закрыла вам доступ к счёту …3456", before)
    await town.told(friend, "закрыл вам доступ", before)
    assert town.rows("SELECT user_id FROM links") == [(maria.id,)]
    assert actions(town) == [(None, "unlinked_by_company")]
    await stranger.send("/menu")
    assert "3456" not in stranger.screen
    await prove(maria, "1055,11")
    assert "Счёт подтверждён" in maria.screen
    await switch(maria, "Никому больше не подтверждать")
    assert town.rows("SELECT locked FROM controls") == [(1,)], "nobody was there before"


async def test_owners_who_stay_hear_of_it(town: Town, stranger: Someone) -> None:
    await switch(stranger, "Новые подтверждения запрещены")
    later = await prove_later(town, "Позже")
    before = town.world.cursor
    await account(town, Mend(unlink=link_of(town, stranger), sure=True))
    await town.told(later, "Компания закрыла доступ одного человека к счёту …3456", before)
    await later.press("Кто имеет доступ")
    assert "никто не добавил" in later.screen
    await later.press("Назад")
    await later.press("Журнал")
    assert "доступ одного человека закрыт (компания)" in later.screen


async def test_a_reset_leaves_nothing_of_what_was_proved_or_forbidden(town: Town, stranger: Someone) -> None:
    await stranger.press("Управление другим запрещено")
    friend = await join(town, stranger, name="Друг")
    maria = await town.customer("Мария", ACCOUNT)
    before = town.world.cursor
    assert "has ended" in await account(town, Mend(reset=True, sure=True))
    await town.told(stranger, "Компания отменила все подтверждения счёта …3456", before)
    await town.told(friend, "который вам открыли, закончился", before)
    assert town.rows("SELECT user_id, trust FROM links ORDER BY user_id") == sorted(
        [(stranger.id, "confirmed"), (maria.id, "confirmed")]
    )
    assert town.rows("SELECT anyone_submits, closed, locked FROM controls") == [(1, 0, 0)]
    assert actions(town) == [(None, "reset_by_company")]
    await prove(stranger, "1055,11")
    assert "Счёт подтверждён" not in stranger.screen, "what was known before proves nothing"
    await add_payment(town, "2026-11-24", 70707)
    town.clock.set("2026-11-25 12:00")
    await prove(maria, "707,07")
    assert "Счёт подтверждён" in maria.screen
    assert "only later payments prove it" in await account(town)


@pytest.mark.parametrize("mend", [Mend(unlink="000001123456"), Mend(reset=True)], ids=["unlink", "reset"])
async def test_what_cannot_be_taken_back_has_to_be_meant(town: Town, stranger: Someone, mend: Mend) -> None:
    meant = Mend(unlink=link_of(town, stranger)) if mend.unlink else mend
    with pytest.raises(CannotMend, match=r"Nothing was done: add --yes\.$") as caught:
        await account(town, meant)
    assert caught.value.code == 2
    assert town.rows("SELECT trust FROM links") == [("verified",)]


async def test_what_is_not_there_is_one_sentence(town: Town, stranger: Someone) -> None:
    with pytest.raises(CannotMend, match=r"^There is no such account"):
        await account(town, number="360000999999")
    for mend in (Mend(unlink="nosuchlink"), Mend(unlink="nosuchlink", sure=True)):
        with pytest.raises(CannotMend, match=r"^The account has no link nosuchlink\.$"):
            await account(town, mend)
    other = await town.customer("Сосед", "360000200017")
    with pytest.raises(CannotMend, match=r"^The account has no link"):
        await account(town, Mend(unlink=town.rows("SELECT id FROM links WHERE user_id = ?", other.id)[0][0], sure=True))
    assert town.rows("SELECT count(*) FROM links") == [(2,)]


async def test_an_account_that_nobody_has_is_shown_as_such(town: Town) -> None:
    assert "Nobody has linked it." in await account(town, number="360000200025")
