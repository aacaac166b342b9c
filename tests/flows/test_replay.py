"""Everything that one customer could press or follow, done by another: nothing of the first one comes to light."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.mailed import confirm, link, name
from tests.flows.payer import invoice
from tests.flows.test_proofs import ACCOUNT, FULL_ADDRESS, add_payment, prove
from tests.flows.test_sharing import invite, join
from tests.people import Someone
from tests.town import Town, link_of

OTHER = "520000700010"
COMMANDS = ("/start", "/pay", "/menu", "/accounts", "/history", "/readings", "/settings", "/help", "/cancel")
WAYS = (
    ("/menu", "О счёте", "Управление счётом", "Кто имеет доступ"),
    ("/menu", "О счёте", "Управление счётом", "Журнал"),
    ("/menu", "О счёте", "Управление счётом", "Пригласить близких", "Только смотреть"),
    ("/menu", "О счёте", "Управление счётом", "Кто имеет доступ", "Это мой прежний Telegram"),
    ("/menu", "О счёте", "Управление счётом", "Запретить управление другим", "Пригласить близких"),
    ("/menu", "О счёте", "Управление счётом", "Управление другим запрещено"),
    ("/menu", "Мои показания"),
    ("/accounts", "…3456", "Назвать"),
    ("/accounts", "…3456", "Отвязать"),
    ("/help",),
    ("/settings", "Мои данные", "Мои согласия", "Личные данные", "Отозвать"),
    ("/settings", "Мои данные", "Удалить всё обо мне", "Удалить"),
    ("/menu", "Передать показания", "Где посмотреть"),
    ("/settings", "Уведомления", "Срок оплаты"),
    ("/settings", "Уведомления", "Тихие часы", "с 23:00 до 7:00"),
    ("/settings", "Управление счётом"),
    ("/settings", "Почта", "Удалить", "Нет, оставить", "Другой адрес"),
    ("/pay", "Из чего сложилась сумма", "Назад"),
    ("/pay", "Другая сумма", "Назад"),
)
EMAIL = "maria.sinichkina@mail.ru"
KEPT = (
    "SELECT * FROM links WHERE user_id = ? ORDER BY id",
    "SELECT email, quiet, muted FROM users WHERE id = ?",
    "SELECT * FROM email_requests WHERE user_id = ?",
)


@pytest.fixture
async def busy(town: Town, maria: Someone) -> Someone:
    """Maria has been everywhere, and has proved her account after her former self and before an impostor, who
    wants her out."""
    paid = await add_payment(town, "2026-11-10", 105511)
    former, impostor = [await town.customer(name, ACCOUNT) for name in ("Прежняя", "Чужой")]
    await maria.press("Подтвердить счёт")
    for someone in (former, maria, impostor):
        await prove(someone, paid)
        town.clock.advance(minutes=1)
    await town.run("UPDATE links SET verified_at = datetime(verified_at, '-40 days')")  # all of them decide by now
    town.clock.advance(days=1)
    before = town.world.cursor
    for theirs in town.rows("SELECT id FROM links WHERE user_id IN (?, ?)", former.id, maria.id):
        own = town.rows("SELECT id FROM links WHERE user_id = ?", impostor.id)[0][0]
        await impostor.press_data(impostor.last_id, f"re1:send:{own}:{theirs[0]}")
    await town.told(maria, "этот Telegram — его прежний", before)
    await join(town, maria, name="Внук")
    await maria.send("3650")
    await maria.send("1480")
    await maria.press("Ошибка, исправлю")
    await maria.send("1580")
    await maria.press("Передать")
    await confirm(town, maria, EMAIL)
    await maria.send("/history")
    await maria.press("П-2611")
    await maria.press("На e-mail")
    await maria.press("На m•••@mail.ru")
    assert (await town.letterbox.letter()).to == EMAIL
    await maria.send("/readings")
    await maria.press("Исправить")
    for first, *labels in WAYS:
        await maria.send(first)
        for label in labels:
            await maria.press(label)
    await pay(town, maria)
    return maria


async def pay(town: Town, someone: Someone) -> None:
    """A payment that is declined, one that is dropped, one that is paid, one that waits; every way to pay."""
    await invoice(someone, "1234,51")
    before = town.world.cursor
    await town.bank.decline(town.bank.payments[-1].id, "insufficient_funds")
    await town.told(someone, "не хватает денег", before)
    await someone.press("Повторить")
    await invoice(someone, "1234,52")
    await someone.press("Отменить")
    await invoice(someone, "1234,53")
    before = town.world.cursor
    await town.bank.pay(town.bank.payments[-1].id)
    await town.told(someone, "получена", before)
    await invoice(someone, "1234,54")
    await someone.press("Проверить")
    await someone.send("/pay")


def pressed(town: Town, someone: Someone) -> list[str]:
    """The data of every button that was ever under this person's eyes."""
    found: dict[str, None] = {}
    for event in town.world.events:
        if event["type"] in {"message", "edited"} and event["chat_id"] == someone.id:
            rows = event["message"].get("reply_markup", {}).get("inline_keyboard", [])
            found |= dict.fromkeys(one["callback_data"] for row in rows for one in row if "callback_data" in one)
    return list(found)


def secrets(town: Town) -> list[str]:
    """What only the account's owner may see."""
    [(phone, holder)] = town.rows("SELECT phone, holder FROM ledger_accounts WHERE account = ?", int(ACCOUNT))
    readings = ["10000001", "П-2611", "3 650", "1 580", "179,45"]
    own = [phone, holder, EMAIL, "m•••", *readings, "О-2611", "1 234,5", "/pay/"]
    return [FULL_ADDRESS, "Лизюкова", ACCOUNT, "…3456", *own]


def payments(town: Town) -> list[tuple[object, ...]]:
    """What would change if anybody could act on another's payments."""
    columns = "key, user_id, kopecks, status, dropped, shown_in, request, ask_at"
    return [*town.rows(f"SELECT {columns} FROM orders ORDER BY key"), (len(town.bank.calls), len(town.bank.payments))]


@pytest.mark.parametrize("linked", [True, False], ids=["with an account", "with none"])
async def test_buttons_of_another_person_tell_nothing_and_do_nothing(town: Town, busy: Someone, linked: bool) -> None:
    data = pressed(town, busy)
    assert len(data) > 50
    assert {one.split(":")[0] for one in data} >= {"re1", "iw1", "ds1", "rv1", "ct2"}
    oleg = await town.customer("Олег", *([OTHER] if linked else []))
    before = kept(town)
    asked, paid = len(town.supplier.asked), payments(town)
    for one in data:
        await oleg.press_data(oleg.last_id, one)
    assert payments(town) == paid
    for command in COMMANDS:
        await oleg.send(command)
    assert ACCOUNT not in town.supplier.asked[asked:]
    assert [secret for secret in secrets(town) if secret in oleg.seen] == []
    assert kept(town) == before
    assert town.rows("SELECT count(*) FROM submissions WHERE user_id != ?", busy.id) == [(0,)]
    assert town.rows("SELECT count(*) FROM consents WHERE withdrawn_at NOT NULL") == [(0,)]
    assert oleg.unanswered == 0


def kept(town: Town) -> list[list[tuple[Any, ...]]]:
    """All that says who may do what."""
    links = "SELECT * FROM links WHERE account = ? ORDER BY id"
    tables = ("recoveries", "invitations", "controls", "journal")
    known = [town.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables]
    return [town.rows(links, ACCOUNT), town.rows("SELECT id FROM users ORDER BY 1"), *known]


async def test_a_link_that_was_followed_tells_the_next_one_nothing(town: Town, busy: Someone) -> None:
    text = await invite(busy)
    ivan, oleg = await town.customer("Иван"), await town.customer("Олег", OTHER)
    await ivan.send(text)
    await ivan.press("Принять")
    data = pressed(town, ivan)
    asked = len(town.supplier.asked)
    await oleg.send(text)
    for one in data:
        await oleg.press_data(oleg.last_id, one)
    assert ACCOUNT not in town.supplier.asked[asked:]
    assert [secret for secret in secrets(town) if secret in oleg.seen] == []


async def test_a_letters_link_that_another_follows_tells_and_does_nothing(town: Town, busy: Someone) -> None:
    await name(busy, "masha@yandex.ru")
    payload = await link(town)
    oleg = await town.customer("Олег", OTHER)
    for _ in range(2):
        await oleg.send(payload)
        assert "Эта ссылка не ваша" in oleg.screen
    assert [secret for secret in [*secrets(town), "yandex"] if secret in oleg.seen] == []
    assert town.rows("SELECT id, email FROM users WHERE email NOT NULL") == [(busy.id, EMAIL)]


@pytest.mark.parametrize("linked", [True, False], ids=["with an account", "with none"])
async def test_ways_back_from_a_payment_lead_another_person_nowhere(town: Town, busy: Someone, linked: bool) -> None:
    names = [
        row[0] for row in town.rows("SELECT key FROM orders UNION SELECT id FROM links UNION SELECT number FROM orders")
    ]
    oleg = await town.customer("Олег", *([OTHER] if linked else []))
    asked, paid = len(town.supplier.asked), payments(town)
    for one in names:
        if one != link_of(oleg, OTHER):
            await oleg.send(f"/start pay_{one}")
    for one in ("", "_", "x" * 59, "-"):
        await oleg.send(f"/start pay_{one}")
    assert payments(town) == paid
    assert ACCOUNT not in town.supplier.asked[asked:]
    assert [secret for secret in secrets(town) if secret in oleg.seen] == []
    assert town.parked() == []


async def test_two_hundred_numbers_of_one_person_reach_the_supplier_ten_times(town: Town) -> None:
    ivan = await town.customer("Иван")
    for number in range(200):
        await ivan.send(f"{360000900000 + number}")
    assert len(set(town.supplier.asked)) == len(town.supplier.asked) == 10
    assert "уже искали много разных счетов" in ivan.screen
