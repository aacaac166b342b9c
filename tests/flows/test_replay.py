"""Everything that one customer could press or follow, done by another: nothing of the first one comes to light."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.mailed import confirm, link, name
from tests.flows.payer import invoice
from tests.flows.test_proofs import ACCOUNT, FULL_ADDRESS, add_payment, prove
from tests.flows.test_sharing import invite, join
from tests.harness import BotHarness, link_of
from tests.people import Someone

OTHER = "520000700010"
COMMANDS = (
    "/start",
    "/pay",
    "/menu",
    "/accounts",
    "/history",
    "/submissions",
    "/delivery",
    "/readings",
    "/settings",
    "/help",
    "/cancel",
)
WAYS = (
    ("/menu", "О счёте", "Управление счётом", "Кто имеет доступ"),
    ("/menu", "О счёте", "Управление счётом", "Кто имеет доступ", "Закрыть доступ: 2."),
    ("/menu", "О счёте", "Управление счётом", "Кто имеет доступ", "Внук"),
    ("/menu", "О счёте", "Управление счётом", "Журнал"),
    ("/menu", "О счёте", "Управление счётом", "Пригласить близких", "Только смотреть"),
    ("/menu", "О счёте", "Управление счётом", "Кто имеет доступ", "Это мой прежний Telegram"),
    ("/menu", "О счёте", "Управление счётом", "Запретить управление другим", "Пригласить близких"),
    ("/menu", "О счёте", "Управление счётом", "Управление другим запрещено"),
    ("/menu", "История"),
    ("/accounts", "Изменить", "Назвать"),
    ("/accounts", "Изменить", "Отвязать"),
    ("/help",),
    ("/settings", "Мои данные", "Мои согласия", "Личные данные", "Отозвать"),
    ("/settings", "Мои данные", "Удалить всё обо мне", "Удалить"),
    ("/menu", "Передать показания", "Где посмотреть"),
    ("/settings", "Уведомления", "Срок оплаты"),
    ("/settings", "Уведомления", "Тихие часы", "с 23:00 до 7:00"),
    ("/settings", "Управление счётом"),
    ("/settings", "Почта", "Удалить", "Нет, оставить", "Другой адрес"),
    ("/delivery", "Подключить квитанцию на e-mail", "Я согласен", "Оставить"),
    ("/delivery", "Отключить e-mail", "Удобнее бумажная", "Нет доступа", "Не отключать"),
    ("/delivery", "Изменить e-mail", "Назад", "Присылать в Telegram"),
    ("/pay", "Из чего сумма", "Назад"),
    ("/pay", "Другая сумма", "Назад"),
)
EMAIL = "maria.sinichkina@mail.ru"
KEPT = (
    "SELECT * FROM links WHERE user_id = ? ORDER BY id",
    "SELECT email, quiet, muted FROM users WHERE id = ?",
    "SELECT * FROM email_requests WHERE user_id = ?",
    "SELECT * FROM subscriptions WHERE user_id = ? ORDER BY channel",
)


@pytest.fixture
async def busy(harness: BotHarness, maria: Someone) -> Someone:
    """Maria has been everywhere, and has proved her account after her former self and before an impostor, who
    wants her out."""
    paid = await add_payment(harness, "2026-11-10", 105511)
    former, impostor = [await harness.customer(name, ACCOUNT) for name in ("Прежняя", "Чужой")]
    await maria.press("Подтвердить счёт")
    for someone in (former, maria, impostor):
        await prove(someone, paid)
        harness.clock.advance(minutes=1)
    await harness.run("UPDATE links SET verified_at = datetime(verified_at, '-40 days')")  # all of them decide by now
    harness.clock.advance(days=1)
    before = harness.world.cursor
    for theirs in harness.rows("SELECT id FROM links WHERE user_id IN (?, ?)", former.id, maria.id):
        own = harness.rows("SELECT id FROM links WHERE user_id = ?", impostor.id)[0][0]
        await impostor.press_data(impostor.last_id, f"re1:send:{own}:{theirs[0]}")
    await harness.told(maria, "этот Telegram — его прежний", before)
    await join(harness, maria, name="Внук")
    await maria.send("3650")
    await maria.send("1480")
    await maria.press("Ошибка, исправлю")
    await maria.send("1580")
    await maria.press("Передать")
    await confirm(harness, maria, EMAIL)
    await maria.send("/submissions")
    await maria.press("П-2611")
    await maria.press("На e-mail")
    await maria.press("На m•••@mail.ru")
    assert (await harness.letterbox.letter()).to == EMAIL
    await maria.send("/readings")
    await maria.press("Исправить")
    for first, *labels in WAYS:
        await maria.send(first)
        for label in labels:
            await maria.press(label)
    assert (await harness.letterbox.letter()).subject == "Квитанция на e-mail подключена"
    await pay(harness, maria)
    return maria


async def pay(harness: BotHarness, someone: Someone) -> None:
    """A payment that is declined, one that is dropped, one that is paid, one that waits; every way to pay."""
    await invoice(someone, "1234,51")
    before = harness.world.cursor
    await harness.bank.decline(harness.bank.payments[-1].id, "insufficient_funds")
    await harness.told(someone, "не хватает денег", before)
    await someone.press("Повторить")
    await invoice(someone, "1234,52")
    await invoice(someone, "1234,53")
    before = harness.world.cursor
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(someone, "получена", before)
    await invoice(someone, "1234,54")
    await someone.press("Проверить")
    await someone.send("/pay")


def pressed(harness: BotHarness, someone: Someone) -> list[str]:
    """The data of every button that was ever under this person's eyes."""
    found: dict[str, None] = {}
    for event in harness.world.events:
        if event["type"] in {"message", "edited"} and event["chat_id"] == someone.id:
            rows = event["message"].get("reply_markup", {}).get("inline_keyboard", [])
            found |= dict.fromkeys(one["callback_data"] for row in rows for one in row if "callback_data" in one)
    return list(found)


def secrets(harness: BotHarness) -> list[str]:
    """Words that only the account's owner may see."""
    [(phone, holder)] = harness.rows("SELECT phone, holder FROM ledger_accounts WHERE account = ?", int(ACCOUNT))
    readings = ["10000001", "П-2611", "3 650", "1 580", "179,45"]
    own = [phone, holder, EMAIL, "m•••", *readings, "О-2611", "1 234,5", "/pay/"]
    return [FULL_ADDRESS, "Лизюкова", ACCOUNT, "…3456", *own]


def payments(harness: BotHarness) -> list[tuple[object, ...]]:
    """Rows that would change if anybody could act on another's payments."""
    columns = "key, user_id, kopecks, status, dropped, shown_in, request, ask_at"
    return [
        *harness.rows(f"SELECT {columns} FROM orders ORDER BY key"),
        (len(harness.bank.calls), len(harness.bank.payments)),
    ]


@pytest.mark.parametrize("linked", [True, False], ids=["with an account", "with none"])
async def test_buttons_of_another_person_tell_nothing_and_do_nothing(
    harness: BotHarness, busy: Someone, linked: bool
) -> None:
    data = pressed(harness, busy)
    assert len(data) > 50
    assert {one.split(":")[0] for one in data} >= {"re1", "iw1", "ds1", "rv1", "ct2"}
    oleg = await harness.customer("Олег", *([OTHER] if linked else []))
    before = kept(harness)
    asked, paid = len(harness.supplier.asked), payments(harness)
    for one in data:
        await oleg.press_data(oleg.last_id, one)
    assert payments(harness) == paid
    for command in COMMANDS:
        await oleg.send(command)
    assert ACCOUNT not in harness.supplier.asked[asked:]
    assert [secret for secret in secrets(harness) if secret in oleg.seen] == []
    assert kept(harness) == before
    assert harness.rows("SELECT count(*) FROM submissions WHERE user_id != ?", busy.id) == [(0,)]
    assert harness.rows("SELECT count(*) FROM consents WHERE withdrawn_at NOT NULL") == [(0,)]
    assert oleg.unanswered == 0


def kept(harness: BotHarness) -> list[list[tuple[Any, ...]]]:
    """All that says who may do what."""
    links = "SELECT * FROM links WHERE account = ? ORDER BY id"
    tables = ("recoveries", "invitations", "controls", "journal", "subscriptions", "paperless")
    known = [harness.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables]
    return [harness.rows(links, ACCOUNT), harness.rows("SELECT id FROM users ORDER BY 1"), *known]


async def test_a_link_that_was_followed_tells_the_next_one_nothing(harness: BotHarness, busy: Someone) -> None:
    text = await invite(busy)
    ivan, oleg = await harness.customer("Иван"), await harness.customer("Олег", OTHER)
    await ivan.send(text)
    await ivan.press("Принять")
    data = pressed(harness, ivan)
    asked = len(harness.supplier.asked)
    await oleg.send(text)
    for one in data:
        await oleg.press_data(oleg.last_id, one)
    assert ACCOUNT not in harness.supplier.asked[asked:]
    assert [secret for secret in secrets(harness) if secret in oleg.seen] == []


async def test_a_letters_link_that_another_follows_tells_and_does_nothing(harness: BotHarness, busy: Someone) -> None:
    await name(busy, "masha@yandex.ru")
    payload = await link(harness)
    oleg = await harness.customer("Олег", OTHER)
    for _ in range(2):
        await oleg.send(payload)
        assert "Эта ссылка не ваша" in oleg.screen
    assert [secret for secret in [*secrets(harness), "yandex"] if secret in oleg.seen] == []
    assert harness.rows("SELECT id, email FROM users WHERE email NOT NULL") == [(busy.id, EMAIL)]


@pytest.mark.parametrize("linked", [True, False], ids=["with an account", "with none"])
async def test_ways_back_from_a_payment_lead_another_person_nowhere(
    harness: BotHarness, busy: Someone, linked: bool
) -> None:
    names = [
        row[0]
        for row in harness.rows("SELECT key FROM orders UNION SELECT id FROM links UNION SELECT number FROM orders")
    ]
    oleg = await harness.customer("Олег", *([OTHER] if linked else []))
    asked, paid = len(harness.supplier.asked), payments(harness)
    for one in names:
        if one != link_of(oleg, OTHER):
            await oleg.send(f"/start pay_{one}")
    for one in ("", "_", "x" * 59, "-"):
        await oleg.send(f"/start pay_{one}")
    assert payments(harness) == paid
    assert ACCOUNT not in harness.supplier.asked[asked:]
    assert [secret for secret in secrets(harness) if secret in oleg.seen] == []
    assert harness.dead_letters() == []


async def test_two_hundred_numbers_of_one_person_reach_the_supplier_ten_times(harness: BotHarness) -> None:
    ivan = await harness.customer("Иван")
    for number in range(200):
        await ivan.send(f"{360000900000 + number}")
    assert len(set(harness.supplier.asked)) == len(harness.supplier.asked) == 10
    assert "уже искали много разных счетов" in ivan.screen
