"""Everything about a person is deleted when they ask for it, whatever happens meanwhile, and nothing of others."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing

import pytest

import bot.app
import bot.inbox.intake
from services.customers.models import Customer
from services.customers.privacy import Privacy
from services.notices.errors import MailRefused, MailUnavailable
from services.notices.ports import Letter
from services.supplier.errors import SupplierUnavailable
from services.supplier.models import Access, Account
from tests.flows.kept import killed_before_done, statuses, values
from tests.flows.mailed import confirm, link, name
from tests.flows.test_privacy import ASKED_AGAIN, LABELS, said_at, withdraw
from tests.flows.test_proofs import ACCOUNT, SPENT, add_payment, credit, pay, prove
from tests.flows.test_sharing import invite
from tests.people import Someone
from tests.test_parked import retry
from tests.town import PATIENCE, Town

OTHER = "360000200017"
FAREWELL = "Готово, всё о вас удалено"
EMAIL = "agrafena.p@mail.ru"
OLD_EMAIL, NEW_EMAIL = "grunya@mail.ru", "agrafena@yandex.ru"
LABEL = "Мамина берлога"
HALF_FILLED = "3777"
PARKED = "3711 1599"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.inbox.intake, "PAUSES", (0,))


async def ask_erasure(someone: Someone) -> None:
    await someone.send("/settings")
    await someone.press("Мои данные")
    await someone.press("Удалить всё обо мне")
    await someone.press("Удалить")


async def erase(someone: Someone) -> None:
    await ask_erasure(someone)
    await someone.press("Да, удалить всё обо мне")
    assert FAREWELL in someone.screen


def places(town: Town, secret: str) -> set[str]:
    """Columns of all tables of the database in which it stands."""
    spelled = {secret, json.dumps(secret)[1:-1]}
    with closing(sqlite3.connect(town.database)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = set()
        for table in tables:
            rows = connection.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in rows.description]
            for row in rows:
                texts = [cell.decode() if isinstance(cell, bytes) else str(cell) for cell in row]
                found |= {
                    f"{table}.{name}"
                    for name, text in zip(names, texts, strict=True)
                    if any(s in text for s in spelled)
                }
    return found


def gone(town: Town, someone: Someone) -> None:
    """Nothing is left of a person but what they agreed to."""
    assert places(town, str(someone.id)) <= {"consents.user_id"}
    assert town.rows("SELECT * FROM consents WHERE user_id = ? AND withdrawn_at IS NULL", someone.id) == []


async def put_aside(town: Town, someone: Someone, text: str) -> None:
    """A message that fails each time."""
    town.supplier.trouble, town.supplier.only = ZeroDivisionError("a bug"), frozenset({"metering"})
    before = town.world.cursor
    await someone.send(text)
    await town.told(someone, "Это наша ошибка", before)
    town.supplier.trouble = None
    town.alerts()
    town.journal.take()


async def join(town: Town, someone: Someone) -> None:
    """Somebody's account whose owner has stopped the bot, so that the news waits for them."""
    owner = await town.customer("Пётр", OTHER)
    await prove(owner, await add_payment(town, "2026-11-09", 90101, OTHER))
    await someone.send(await invite(owner))
    town.world.block(owner.person)
    await town.quiet()
    await someone.press("Принять")


async def test_of_a_life_with_the_bot_only_the_consents_stay(town: Town) -> None:
    secrets = ["Аграфена", "Пахомовна", "agrafena_p", EMAIL, OLD_EMAIL, NEW_EMAIL, LABEL, HALF_FILLED, PARKED]
    person = town.world.add_person("Аграфена", "ru", "Пахомовна", "agrafena_p")
    agrafena = Someone(town.world, person, town.quiet)
    await agrafena.send("/start")
    await agrafena.press("Даю оба согласия")
    await agrafena.send(ACCOUNT)
    await agrafena.send("45")
    await agrafena.send("/accounts")
    await agrafena.press("…3456")
    await agrafena.press("Назвать")
    await agrafena.send(LABEL)
    await prove(agrafena, await add_payment(town, "2026-11-10", 105511))
    ivan = await town.customer("Иван")
    await ivan.send(await invite(agrafena))
    await ivan.press("Принять")
    await invite(agrafena)
    await join(town, agrafena)
    await agrafena.send("/accounts")
    await agrafena.press("…3456")
    await agrafena.press("Перейти к счёту")
    await agrafena.send("3650 1580")
    await agrafena.press("Передать")
    await confirm(town, agrafena, OLD_EMAIL)
    await name(agrafena, NEW_EMAIL)
    await agrafena.send(await link(town))
    assert (await town.letterbox.letter()).to == OLD_EMAIL
    await agrafena.send("/history")
    await agrafena.press("П-2611")
    town.letterbox.trouble = MailUnavailable()
    await agrafena.press("На e-mail")
    await agrafena.send(EMAIL)
    await name(agrafena, OLD_EMAIL)
    await agrafena.send("/history")
    await agrafena.press("П-2611")
    await put_aside(town, agrafena, PARKED)
    await agrafena.press("Исправить")
    await agrafena.send(HALF_FILLED)
    for secret in (str(agrafena.id), *secrets):
        assert places(town, secret), f"{secret} was to be there"

    before = town.world.cursor
    await erase(agrafena)
    await town.told(ivan, "закрыл вам доступ", before)
    gone(town, agrafena)
    for secret in secrets:
        assert places(town, secret) == set(), secret
    assert values(town) == [{"day": 3650, "night": 1580}]
    assert town.rows("SELECT user_id, account FROM submissions") == [(None, ACCOUNT)]
    assert {row[0] for row in town.rows("SELECT user_id FROM journal WHERE account = ?", ACCOUNT)} == {None, ivan.id}
    assert town.rows("SELECT user_id, hit FROM guesses WHERE account = ?", ACCOUNT) == [(None, 1)]
    assert len(town.rows("SELECT * FROM consents WHERE user_id = ? AND withdrawn_at NOT NULL", agrafena.id)) == 2
    town.letterbox.trouble = None
    await town.restart()
    await town.tick()
    await town.quiet()
    gone(town, agrafena)
    assert town.letterbox.letters.empty()


async def test_before_the_deletion_it_is_said_what_goes_and_what_stays(town: Town, maria: Someone) -> None:
    await maria.send("/menu")
    await maria.press("Настройки")
    await maria.press("Мои данные")
    await maria.press("Удалить всё обо мне")
    for words in ("Удалим:", "Останется:", "показания, которые вы передали", "на что и когда вы соглашались", "закон"):
        assert words in maria.screen
    await maria.press("Удалить")
    assert "Точно удалить всё?" in maria.screen
    await maria.press("Нет, оставить")
    assert town.rows("SELECT count(*) FROM users") == [(1,)]


async def test_another_customer_of_the_same_account_sees_no_change(town: Town, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    oleg = await town.customer("Олег", ACCOUNT)
    await prove(oleg, await add_payment(town, "2026-11-10", 105511))
    await oleg.send("3660 1590")
    await oleg.press("Передать")
    views = []
    for _ in range(2):
        view = []
        await oleg.send("/menu")
        view.append(oleg.screen)
        await oleg.press("Мои показания")
        view.append(oleg.screen)
        await oleg.press("На главную")
        await oleg.press("О счёте")
        view.append(oleg.screen)
        views.append(view)
        if not town.rows("SELECT * FROM consents WHERE withdrawn_at NOT NULL"):
            await erase(maria)
    assert views[0] == views[1]
    assert len(town.rows("SELECT * FROM consents WHERE user_id = ? AND withdrawn_at IS NULL", oleg.id)) == 2


async def test_pressed_twice_it_says_farewell_and_nobody_is_written_down(town: Town, maria: Someone) -> None:
    await ask_erasure(maria)
    for _ in range(2):
        maria.taps("Да, удалить всё обо мне")
    await town.quiet()
    assert FAREWELL in maria.screen
    gone(town, maria)
    assert town.rows("SELECT * FROM users") == []


@pytest.mark.parametrize("times", [1, 2])
async def test_a_kill_between_the_deletion_and_its_end_leaves_nobody_behind(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    await maria.send("3650")
    await ask_erasure(maria)
    monkeypatch.setattr(bot.app, "PATIENCE", 0)
    press = maria.find("Да, удалить всё обо мне")
    town.world.press(maria.person, maria.id, *press)
    for _ in range(times):
        await killed_before_done(town, monkeypatch)
    await town.quiet()
    assert FAREWELL in maria.screen
    gone(town, maria)
    assert town.rows("SELECT count(*) FROM inbox WHERE done_at IS NULL") == [(0,)]
    await maria.press_data(*press)
    assert FAREWELL in maria.screen
    gone(town, maria)


async def test_whoever_comes_back_is_new(town: Town, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    await ask_erasure(maria)
    press = maria.find("Да, удалить всё обо мне")
    await maria.press_data(*press)
    town.clock.advance(minutes=1)
    await maria.send("привет")
    assert ASKED_AGAIN in maria.screen
    await maria.press("Даю оба согласия")
    await maria.send(ACCOUNT)
    assert "Привязать счёт можно будет через сутки" in maria.screen
    town.clock.advance(days=1)
    await maria.send(ACCOUNT)
    await maria.send("45")
    assert "переданы" in maria.screen
    await maria.press("Мои показания")
    assert "П-2611" not in maria.screen
    assert town.rows("SELECT count(*) FROM consents") == [(4,)]
    await maria.press_data(*press)
    assert "Точно удалить всё?" in said_at(town, maria, press[0]), "the button of then does not delete what is new"
    assert len(town.rows("SELECT * FROM links")) == 1
    await erase(maria)
    gone(town, maria)


async def test_deleting_oneself_wins_no_further_look_ups(town: Town) -> None:
    """200 numbers from one person reach the supplier at most ten times a day."""
    asked: list[Access] = []
    find = town.supplier.find

    async def counted(access: Access) -> Account:
        asked.append(access)
        return await find(access)

    town.supplier.find = counted  # type: ignore[method-assign]
    rogue = await town.customer("Ловкач")
    for attempt in range(3):
        for number in range(12):
            await rogue.send(f"3600009{attempt:02d}{number:03d}")
        await erase(rogue)
        town.clock.advance(minutes=1)
        await rogue.send("/start")
        await rogue.press("Даю оба согласия")
    assert len(asked) == 10


@pytest.mark.parametrize("order", ["wanted, taken up, erased", "wanted, erased, taken up", "erased, wanted, taken up"])
async def test_what_was_put_aside_and_is_wanted_again_meanwhile_brings_nobody_back(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    """`parked --retry` in the same second."""
    await put_aside(town, maria, PARKED)
    await ask_erasure(maria)
    erasing, go, real = asyncio.Event(), asyncio.Event(), town.app.use(Privacy).erase

    async def erase_slowly(customer: Customer) -> None:
        erasing.set()
        await go.wait()
        await real(customer)

    async def let_go() -> None:
        go.set()
        await town.quiet()

    monkeypatch.setattr(town.app.use(Privacy), "erase", erase_slowly)
    maria.taps("Да, удалить всё обо мне")
    await asyncio.wait_for(erasing.wait(), PATIENCE)
    steps = {"wanted": lambda: retry(town), "taken up": town.app.intake.take_up, "erased": let_go}
    for step in order.split(", "):
        await steps[step]()
    await town.quiet()
    assert maria.screen.startswith(FAREWELL)
    gone(town, maria)
    assert places(town, PARKED) == set()
    assert town.rows("SELECT * FROM users") == []
    assert town.rows("SELECT * FROM inbox WHERE done_at IS NULL") == []


async def test_who_stops_the_bot_afterwards_is_not_written_down_again(town: Town, maria: Someone) -> None:
    await erase(maria)
    town.world.block(maria.person)
    await town.quiet()
    gone(town, maria)
    town.world.unblock(maria.person)
    await town.quiet()
    gone(town, maria)


async def test_whoever_has_withdrawn_everything_can_still_be_deleted(town: Town, maria: Someone) -> None:
    for consent in LABELS:
        await withdraw(maria, consent)
    await maria.press("Удалить всё обо мне")
    await maria.press("Удалить")
    await maria.press("Да, удалить всё обо мне")
    gone(town, maria)


async def test_somebody_elses_button_deletes_nobody(town: Town, maria: Someone) -> None:
    await ask_erasure(maria)
    _, data = maria.find("Да, удалить всё обо мне")
    oleg = await town.customer("Олег", OTHER)
    await oleg.press_data(oleg.last_id, data)
    assert "Точно удалить всё?" in oleg.screen
    assert town.rows("SELECT count(*) FROM users") == [(2,)]


async def test_readings_on_their_way_arrive_without_the_person(town: Town, maria: Someone) -> None:
    """They are erased while the supplier is being asked."""
    town.supplier.trouble, town.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    await maria.send("3650 1580")
    await maria.press("Передать")
    town.alerts()
    town.clock.advance(minutes=10)
    town.supplier.trouble = None
    town.supplier.gate.clear()
    town.supplier.called.clear()
    late = asyncio.ensure_future(town.tick())
    await asyncio.wait_for(town.supplier.called.wait(), PATIENCE)
    await erase(maria)
    town.supplier.gate.set()
    await late
    assert statuses(town) == ["accepted"]
    assert town.rows("SELECT * FROM outbox") == []
    gone(town, maria)


async def test_a_letter_that_is_refused_afterwards_brings_nobody_back(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaving, go = asyncio.Event(), asyncio.Event()

    async def refuse(_: Letter) -> None:
        leaving.set()
        await go.wait()
        raise MailRefused

    monkeypatch.setattr(town.letterbox, "send", refuse)
    await maria.send("3650 1580")
    await maria.press("Передать")
    await maria.press("На e-mail")
    await maria.send(EMAIL)
    await asyncio.wait_for(leaving.wait(), PATIENCE)
    await erase(maria)
    go.set()
    await town.restart()
    assert places(town, EMAIL) == set()
    gone(town, maria)


async def test_guesses_at_an_account_count_on_without_who_made_them(town: Town, maria: Someone) -> None:
    for who in ("Олег", "Пётр", "Иван", "Нина"):
        stranger = await town.customer(who, ACCOUNT)
        for number in range(3):
            await prove(stranger, f"{number},05")
        await erase(stranger)
    await prove(maria, await add_payment(town, "2026-11-10", 105511))
    assert SPENT in maria.screen


@pytest.mark.parametrize("paid_before", [False, True])
async def test_who_deletes_everything_uses_up_no_more_guesses_of_the_owners(
    town: Town, maria: Someone, *, paid_before: bool
) -> None:
    """Six in thirty days, however often somebody is new here; what a payer guessed goes with them."""
    paid = await add_payment(town, "2026-11-10", 105511)
    stranger = await town.customer("Сосед", ACCOUNT)
    if paid_before:
        await stranger.send("/pay")
        await pay(town, stranger, "1")
        await credit(town)
        for number in range(12):
            town.clock.advance(hours=13)
            await prove(stranger, f"{number},02")
    for _ in range(4):
        town.clock.advance(days=2)
        for number in range(4):
            await prove(stranger, f"{number},02")
        assert SPENT in stranger.screen
        await erase(stranger)
        town.clock.advance(days=2)
        await stranger.send("/start")
        await stranger.press("Даю оба согласия")
        await stranger.send(ACCOUNT)
        await stranger.send("45")
    await prove(maria, paid)
    assert "Счёт подтверждён" in maria.screen
