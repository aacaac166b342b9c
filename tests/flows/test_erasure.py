"""Everything about a person is deleted when they ask for it, whatever happens meanwhile, and nothing of others."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from contextlib import closing

import pytest

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
from tests.harness import PATIENCE, BotHarness
from tests.people import Someone
from tests.test_dead_letters import retry

OTHER = "360000200017"
FAREWELL = "Готово, всё о вас удалено"
EMAIL = "agrafena.p@mail.ru"
OLD_EMAIL, NEW_EMAIL = "grunya@mail.ru", "agrafena@yandex.ru"
LABEL = "Мамина берлога"
HALF_FILLED = "3777"
PARKED = "3711 1599"

pytestmark = pytest.mark.limits(intake={"pauses": (0,)})


async def ask_erasure(someone: Someone) -> None:
    await someone.send("/settings")
    await someone.press("Мои данные")
    await someone.press("Удалить всё обо мне")
    await someone.press("Удалить")


async def erase(someone: Someone) -> None:
    await ask_erasure(someone)
    await someone.press("Да, удалить всё обо мне")
    assert FAREWELL in someone.screen


def places(harness: BotHarness, secret: str) -> set[str]:
    """Columns of all tables of the database in which it stands; a number as a whole, not inside a longer one."""
    spelled = "|".join(re.escape(spelling) for spelling in {secret, json.dumps(secret)[1:-1]})
    standing = re.compile(rf"(?<!\d)(?:{spelled})(?!\d)" if secret.isdecimal() else spelled)
    with closing(sqlite3.connect(harness.database)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = set()
        for table in tables:
            rows = connection.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in rows.description]
            for row in rows:
                texts = [cell.decode() if isinstance(cell, bytes) else str(cell) for cell in row]
                found |= {f"{table}.{name}" for name, text in zip(names, texts, strict=True) if standing.search(text)}
    return found


def gone(harness: BotHarness, someone: Someone) -> None:
    """Nothing is left of a person but what they agreed to."""
    assert places(harness, str(someone.id)) <= {"consents.user_id"}
    assert harness.rows("SELECT * FROM consents WHERE user_id = ? AND withdrawn_at IS NULL", someone.id) == []


async def put_aside(harness: BotHarness, someone: Someone, text: str) -> None:
    """A message that fails each time."""
    harness.supplier.trouble, harness.supplier.only = ZeroDivisionError("a bug"), frozenset({"metering"})
    before = harness.world.cursor
    await someone.send(text)
    await harness.told(someone, "Это наша ошибка", before)
    harness.supplier.trouble = None
    harness.alerts()
    harness.journal.take()


async def join(harness: BotHarness, someone: Someone) -> None:
    """Somebody's account whose owner has stopped the bot, so that the news waits for them."""
    owner = await harness.customer("Пётр", OTHER)
    await prove(owner, await add_payment(harness, "2026-11-09", 90101, OTHER))
    await someone.send(await invite(owner))
    harness.world.block(owner.person)
    await harness.quiet()
    await someone.press("Принять")


async def test_of_a_life_with_the_bot_only_the_consents_stay(harness: BotHarness) -> None:
    secrets = ["Аграфена", "Пахомовна", "agrafena_p", EMAIL, OLD_EMAIL, NEW_EMAIL, LABEL, HALF_FILLED, PARKED]
    person = harness.world.add_person("Аграфена", "ru", "Пахомовна", "agrafena_p")
    agrafena = harness.someone(person)
    await agrafena.send("/start")
    await agrafena.press("Согласен с обоими")
    await agrafena.send(ACCOUNT)
    await agrafena.send("45")
    await agrafena.send("/accounts")
    await agrafena.press("Изменить")
    await agrafena.press("Назвать")
    await agrafena.send(LABEL)
    await prove(agrafena, await add_payment(harness, "2026-11-10", 105511))
    ivan = await harness.customer("Иван")
    await ivan.send(await invite(agrafena))
    await ivan.press("Принять")
    await invite(agrafena)
    await join(harness, agrafena)
    await agrafena.send("/accounts")
    await agrafena.press("…3456")
    await agrafena.send("3650 1580")
    await agrafena.press("Передать")
    await confirm(harness, agrafena, OLD_EMAIL)
    await name(agrafena, NEW_EMAIL)
    await agrafena.send(await link(harness))
    assert (await harness.letterbox.letter()).to == OLD_EMAIL
    await agrafena.send("/submissions")
    await agrafena.press("П-2611")
    harness.letterbox.trouble = MailUnavailable()
    await agrafena.press("На e-mail")
    await agrafena.send(EMAIL)
    await name(agrafena, OLD_EMAIL)
    await agrafena.send("/submissions")
    await agrafena.press("П-2611")
    await put_aside(harness, agrafena, PARKED)
    await agrafena.press("Исправить")
    await agrafena.send(HALF_FILLED)
    for secret in (str(agrafena.id), *secrets):
        assert places(harness, secret), f"{secret} was to be there"

    before = harness.world.cursor
    await erase(agrafena)
    await harness.told(ivan, "закрыл вам доступ", before)
    gone(harness, agrafena)
    for secret in secrets:
        assert places(harness, secret) == set(), secret
    assert values(harness) == [{"day": 3650, "night": 1580}]
    assert harness.rows("SELECT user_id, account FROM submissions") == [(None, ACCOUNT)]
    assert {row[0] for row in harness.rows("SELECT user_id FROM journal WHERE account = ?", ACCOUNT)} == {None, ivan.id}
    assert harness.rows("SELECT user_id, hit FROM guesses WHERE account = ?", ACCOUNT) == [(None, 1)]
    assert len(harness.rows("SELECT * FROM consents WHERE user_id = ? AND withdrawn_at NOT NULL", agrafena.id)) == 2
    harness.letterbox.trouble = None
    await harness.restart()
    await harness.tick()
    await harness.quiet()
    gone(harness, agrafena)
    assert harness.letterbox.letters.empty()


async def test_before_the_deletion_it_is_said_what_goes_and_what_stays(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/menu")
    await maria.press("Настройки")
    await maria.press("Мои данные")
    await maria.press("Удалить всё обо мне")
    for words in ("Удалим:", "Останется:", "показания, которые вы передали", "на что и когда вы соглашались", "закон"):
        assert words in maria.screen
    await maria.press("Удалить")
    assert "Точно удалить всё?" in maria.screen
    await maria.press("Нет, оставить")
    assert harness.rows("SELECT count(*) FROM users") == [(1,)]


async def test_another_customer_of_the_same_account_sees_no_change(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    oleg = await harness.customer("Олег", ACCOUNT)
    await prove(oleg, await add_payment(harness, "2026-11-10", 105511))
    await oleg.send("3660 1590")
    await oleg.press("Передать")
    views = []
    for _ in range(2):
        view = []
        await oleg.send("/menu")
        view.append(oleg.screen)
        await oleg.press("История")
        await oleg.press("Мои показания")
        view.append(oleg.screen)
        await oleg.press("На главную")
        await oleg.press("О счёте")
        view.append(oleg.screen)
        views.append(view)
        if not harness.rows("SELECT * FROM consents WHERE withdrawn_at NOT NULL"):
            await erase(maria)
    assert views[0] == views[1]
    assert len(harness.rows("SELECT * FROM consents WHERE user_id = ? AND withdrawn_at IS NULL", oleg.id)) == 2


async def test_pressed_twice_it_says_farewell_and_nobody_is_written_down(harness: BotHarness, maria: Someone) -> None:
    await ask_erasure(maria)
    for _ in range(2):
        maria.taps("Да, удалить всё обо мне")
    await harness.quiet()
    assert FAREWELL in maria.screen
    gone(harness, maria)
    assert harness.rows("SELECT * FROM users") == []


@pytest.mark.limits(patience=0)
@pytest.mark.parametrize("times", [1, 2])
async def test_a_kill_between_the_deletion_and_its_end_leaves_nobody_behind(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    await maria.send("3650")
    await ask_erasure(maria)
    press = maria.find("Да, удалить всё обо мне")
    harness.world.press(maria.person, maria.id, *press)
    for _ in range(times):
        await killed_before_done(harness, monkeypatch)
    await harness.quiet()
    assert FAREWELL in maria.screen
    gone(harness, maria)
    assert harness.undone_updates() == []
    await maria.press_data(*press)
    assert FAREWELL in maria.screen
    gone(harness, maria)


async def test_whoever_comes_back_is_new(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    await ask_erasure(maria)
    press = maria.find("Да, удалить всё обо мне")
    await maria.press_data(*press)
    harness.clock.advance(minutes=1)
    await maria.send("привет")
    assert ASKED_AGAIN in maria.screen
    await maria.press("Согласен с обоими")
    await maria.send(ACCOUNT)
    assert "Привязать счёт можно будет через сутки" in maria.screen
    harness.clock.advance(days=1)
    await maria.send(ACCOUNT)
    await maria.send("45")
    assert "переданы" in maria.screen
    await maria.press("История")
    await maria.press("Мои показания")
    assert "П-2611" not in maria.screen
    assert harness.rows("SELECT count(*) FROM consents") == [(4,)]
    await maria.press_data(*press)
    assert "Точно удалить всё?" in said_at(harness, maria, press[0]), "the button of then does not delete what is new"
    assert len(harness.rows("SELECT * FROM links")) == 1
    await erase(maria)
    gone(harness, maria)


async def test_deleting_oneself_wins_no_further_look_ups(harness: BotHarness) -> None:
    """200 numbers from one person reach the supplier at most ten times a day."""
    asked: list[Access] = []
    find = harness.supplier.find

    async def counted(access: Access) -> Account:
        asked.append(access)
        return await find(access)

    harness.supplier.find = counted  # type: ignore[method-assign]
    rogue = await harness.customer("Ловкач")
    for attempt in range(3):
        for number in range(12):
            await rogue.send(f"3600009{attempt:02d}{number:03d}")
        await erase(rogue)
        harness.clock.advance(minutes=1)
        await rogue.send("/start")
        await rogue.press("Согласен с обоими")
    assert len(asked) == 10


@pytest.mark.parametrize("order", ["wanted, taken up, erased", "wanted, erased, taken up", "erased, wanted, taken up"])
async def test_what_was_put_aside_and_is_wanted_again_meanwhile_brings_nobody_back(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    """`parked --retry` in the same second."""
    await put_aside(harness, maria, PARKED)
    await ask_erasure(maria)
    erasing, go, real = asyncio.Event(), asyncio.Event(), harness.app.use(Privacy).erase

    async def erase_slowly(customer: Customer) -> None:
        erasing.set()
        await go.wait()
        await real(customer)

    async def let_go() -> None:
        go.set()
        await harness.quiet()

    monkeypatch.setattr(harness.app.use(Privacy), "erase", erase_slowly)
    maria.taps("Да, удалить всё обо мне")
    await asyncio.wait_for(erasing.wait(), PATIENCE)
    steps = {"wanted": lambda: retry(harness), "taken up": harness.app.intake.take_up, "erased": let_go}
    for step in order.split(", "):
        await steps[step]()
    await harness.quiet()
    assert maria.screen.startswith(FAREWELL)
    gone(harness, maria)
    assert places(harness, PARKED) == set()
    assert harness.rows("SELECT * FROM users") == []
    assert harness.undone_updates() == []


async def test_who_stops_the_bot_afterwards_is_not_written_down_again(harness: BotHarness, maria: Someone) -> None:
    await erase(maria)
    harness.world.block(maria.person)
    await harness.quiet()
    gone(harness, maria)
    harness.world.unblock(maria.person)
    await harness.quiet()
    gone(harness, maria)


async def test_whoever_has_withdrawn_everything_can_still_be_deleted(harness: BotHarness, maria: Someone) -> None:
    for consent in LABELS:
        await withdraw(maria, consent)
    await maria.press("Удалить всё обо мне")
    await maria.press("Удалить")
    await maria.press("Да, удалить всё обо мне")
    gone(harness, maria)


async def test_somebody_elses_button_deletes_nobody(harness: BotHarness, maria: Someone) -> None:
    await ask_erasure(maria)
    _, data = maria.find("Да, удалить всё обо мне")
    oleg = await harness.customer("Олег", OTHER)
    await oleg.press_data(oleg.last_id, data)
    assert "Точно удалить всё?" in oleg.screen
    assert harness.rows("SELECT count(*) FROM users") == [(2,)]


async def test_readings_on_their_way_arrive_without_the_person(harness: BotHarness, maria: Someone) -> None:
    """They are erased while the supplier is being asked."""
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    await maria.send("3650 1580")
    await maria.press("Передать")
    harness.alerts()
    harness.clock.advance(minutes=10)
    harness.supplier.trouble = None
    harness.supplier.gate.clear()
    harness.supplier.called.clear()
    late = asyncio.ensure_future(harness.tick())
    await asyncio.wait_for(harness.supplier.called.wait(), PATIENCE)
    await erase(maria)
    harness.supplier.gate.set()
    await late
    assert statuses(harness) == ["accepted"]
    assert harness.outbox("key") == []
    gone(harness, maria)


async def test_a_letter_that_is_refused_afterwards_brings_nobody_back(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaving, go = asyncio.Event(), asyncio.Event()

    async def refuse(_: Letter) -> None:
        leaving.set()
        await go.wait()
        raise MailRefused

    monkeypatch.setattr(harness.letterbox, "send", refuse)
    await maria.send("3650 1580")
    await maria.press("Передать")
    await maria.press("На e-mail")
    await maria.send(EMAIL)
    await asyncio.wait_for(leaving.wait(), PATIENCE)
    await erase(maria)
    go.set()
    await harness.restart()
    assert places(harness, EMAIL) == set()
    gone(harness, maria)


async def test_guesses_at_an_account_count_on_without_who_made_them(harness: BotHarness, maria: Someone) -> None:
    for who in ("Олег", "Пётр", "Иван", "Нина"):
        stranger = await harness.customer(who, ACCOUNT)
        for number in range(3):
            await prove(stranger, f"{number},05")
        await erase(stranger)
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    assert SPENT in maria.screen


@pytest.mark.parametrize("paid_before", [False, True])
async def test_who_deletes_everything_uses_up_no_more_guesses_of_the_owners(
    harness: BotHarness, maria: Someone, *, paid_before: bool
) -> None:
    """Six in thirty days, however often somebody is new here; what a payer guessed goes with them."""
    paid = await add_payment(harness, "2026-11-10", 105511)
    stranger = await harness.customer("Сосед", ACCOUNT)
    if paid_before:
        await stranger.send("/pay")
        await pay(harness, stranger, "1")
        await credit(harness)
        for number in range(12):
            harness.clock.advance(hours=13)
            await prove(stranger, f"{number},02")
    for _ in range(4):
        harness.clock.advance(days=2)
        for number in range(4):
            await prove(stranger, f"{number},02")
        assert SPENT in stranger.screen
        await erase(stranger)
        harness.clock.advance(days=2)
        await stranger.send("/start")
        await stranger.press("Согласен с обоими")
        await stranger.send(ACCOUNT)
        await stranger.send("45")
    await prove(maria, paid)
    assert "Счёт подтверждён" in maria.screen
