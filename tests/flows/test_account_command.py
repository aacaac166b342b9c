"""An account's links as an operator sees them, without names, and how access is mended beside the running bot."""

from __future__ import annotations

import pytest

from bot.cli.account import CannotMend, Mend, mend_account
from tests.flows.test_proofs import ACCOUNT, add_payment, prove, switch
from tests.flows.test_recovery import link_of, prove_later
from tests.flows.test_sharing import join
from tests.harness import BotHarness
from tests.people import Someone


@pytest.fixture
async def stranger(harness: BotHarness) -> Someone:
    """A person who proved the account before its owner did, and locked it."""
    await add_payment(harness, "2026-11-10", 105511)
    someone = await prove_later(harness, "Чужой")
    await switch(someone, "Никому больше не подтверждать")
    await switch(someone, "Запретить управление другим")
    return someone


async def account(harness: BotHarness, mend: Mend | None = None, number: str = ACCOUNT) -> str:
    """The command's lines."""
    said: list[str] = []
    await mend_account(harness.app.settings.database.url, number, mend or Mend(), said.append, harness.clock)
    harness.app.wake_up.set()  # as a look at the outbox does within seconds
    return "\n".join(said)


def actions(harness: BotHarness) -> list[tuple[int | None, str]]:
    return harness.rows("SELECT user_id, action FROM journal ORDER BY id DESC LIMIT 1")


async def test_it_shows_who_has_an_account_since_when_and_by_what(harness: BotHarness, stranger: Someone) -> None:
    await stranger.press("Управление другим запрещено")
    grandson = await join(harness, stranger, name="Внук")
    maria = await harness.customer("Мария", ACCOUNT)
    told = await account(harness)
    lines = told.splitlines()
    assert lines[0] == f"Account {ACCOUNT}, active. Times are UTC."
    assert "Closed to everybody but those who have proved it: no." in lines
    assert "Locked, so that nobody else can prove it: yes." in lines
    [first] = [line for line in lines if line.startswith(link_of(harness, stranger))]
    assert first.split()[1:3] == ["verified", "payment"]
    assert first.endswith("first")
    assert "2026-11-23 07:14" in first
    assert "2026-11-23 07:15" in first
    [shared] = [line for line in lines if line.startswith(link_of(harness, grandson))]
    assert shared.split()[1:4] == ["shared", "invitation", "readings"]
    [confirmed] = [line for line in lines if line.startswith(link_of(harness, maria))]
    assert confirmed.split()[1:3] == ["confirmed", "address"]
    assert f"2026-11-23 07:15  joined                link {link_of(harness, grandson)}" in lines
    people = (stranger, grandson, maria)
    secrets = [*(str(one.id) for one in people), "Чужой", "Внук", "Мария", "Лизюкова", "Ромашкина", "900"]
    assert [secret for secret in secrets if secret in told] == []


async def test_unlocked_the_owner_can_prove_it_again(harness: BotHarness, stranger: Someone) -> None:
    maria = await harness.customer("Мария", ACCOUNT)
    await add_payment(harness, "2026-11-11", 70707)
    before = harness.world.cursor
    assert await account(harness, Mend(unlock=True)) == "The account can be proved again."
    await harness.told(stranger, "Компания сняла запрет подтверждать счёт …3456", before)
    assert actions(harness) == [(None, "unlocked_by_company")]
    assert await account(harness, Mend(unlock=True)) == "The account was not locked."
    link = link_of(harness, maria)
    await maria.press_data(maria.last_id, f"ac1:prove:{link}")
    await maria.send("707,07")
    assert "Счёт подтверждён" in maria.screen


async def test_an_unlinked_stranger_is_gone_with_bars_and_friends(harness: BotHarness, stranger: Someone) -> None:
    await stranger.press("Управление другим запрещено")
    friend = await join(harness, stranger, name="Друг")
    maria = await harness.customer("Мария", ACCOUNT)
    before = harness.world.cursor
    await account(harness, Mend(unlink=link_of(harness, stranger), sure=True))
    await harness.told(stranger, "Компания закрыла вам доступ к счёту …3456", before)
    await harness.told(friend, "закрыл вам доступ", before)
    assert harness.rows("SELECT user_id FROM links") == [(maria.id,)]
    assert actions(harness) == [(None, "unlinked_by_company")]
    await stranger.send("/menu")
    assert "3456" not in stranger.screen
    await prove(maria, "1055,11")
    assert "Счёт подтверждён" in maria.screen
    await switch(maria, "Никому больше не подтверждать")
    assert harness.rows("SELECT locked FROM controls") == [(1,)], "nobody was there before"


async def test_owners_who_stay_hear_of_it(harness: BotHarness, stranger: Someone) -> None:
    await switch(stranger, "Новые подтверждения запрещены")
    later = await prove_later(harness, "Позже")
    before = harness.world.cursor
    await account(harness, Mend(unlink=link_of(harness, stranger), sure=True))
    await harness.told(later, "Компания закрыла доступ одного человека к счёту …3456", before)
    await later.press("Кто имеет доступ")
    assert "никто не добавил" in later.screen
    await later.press("Назад")
    await later.press("Журнал")
    assert "доступ одного человека закрыт (компания)" in later.screen


async def test_a_reset_leaves_nothing_of_what_was_proved_or_forbidden(harness: BotHarness, stranger: Someone) -> None:
    await stranger.press("Управление другим запрещено")
    friend = await join(harness, stranger, name="Друг")
    maria = await harness.customer("Мария", ACCOUNT)
    before = harness.world.cursor
    assert "has ended" in await account(harness, Mend(reset=True, sure=True))
    await harness.told(stranger, "Компания отменила все подтверждения счёта …3456", before)
    await harness.told(friend, "который вам открыли, закончился", before)
    assert harness.rows("SELECT user_id, trust FROM links ORDER BY user_id") == sorted(
        [(stranger.id, "confirmed"), (maria.id, "confirmed")]
    )
    assert harness.rows("SELECT anyone_submits, closed, locked FROM controls") == [(1, 0, 0)]
    assert actions(harness) == [(None, "reset_by_company")]
    await prove(stranger, "1055,11")
    assert "Счёт подтверждён" not in stranger.screen, "what was known before proves nothing"
    await add_payment(harness, "2026-11-24", 70707)
    harness.clock.set("2026-11-25 12:00")
    await prove(maria, "707,07")
    assert "Счёт подтверждён" in maria.screen
    assert "only later payments prove it" in await account(harness)


@pytest.mark.parametrize("mend", [Mend(unlink="000001123456"), Mend(reset=True)], ids=["unlink", "reset"])
async def test_what_cannot_be_taken_back_has_to_be_meant(harness: BotHarness, stranger: Someone, mend: Mend) -> None:
    meant = Mend(unlink=link_of(harness, stranger)) if mend.unlink else mend
    with pytest.raises(CannotMend, match=r"Nothing was done: add --yes\.$") as caught:
        await account(harness, meant)
    assert caught.value.code == 2
    assert harness.rows("SELECT trust FROM links") == [("verified",)]


async def test_what_is_not_there_is_one_sentence(harness: BotHarness, stranger: Someone) -> None:
    with pytest.raises(CannotMend, match=r"^There is no such account"):
        await account(harness, number="360000999999")
    for mend in (Mend(unlink="nosuchlink"), Mend(unlink="nosuchlink", sure=True)):
        with pytest.raises(CannotMend, match=r"^The account has no link nosuchlink\.$"):
            await account(harness, mend)
    other = await harness.customer("Сосед", "360000200017")
    with pytest.raises(CannotMend, match=r"^The account has no link"):
        await account(
            harness, Mend(unlink=harness.rows("SELECT id FROM links WHERE user_id = ?", other.id)[0][0], sure=True)
        )
    assert harness.rows("SELECT count(*) FROM links") == [(2,)]


async def test_an_account_that_nobody_has_is_shown_as_such(harness: BotHarness) -> None:
    assert "Nobody has linked it." in await account(harness, number="360000200025")
