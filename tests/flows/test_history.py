"""The past of an account as people look at it: charges, readings, payments, periods, who may see them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from typing import Final

import pytest

from services.payments.sums import kopecks
from services.supplier.errors import SupplierUnavailable
from services.supplier.models import Month
from tests.conftest import SAMPLES
from tests.flows.test_proofs import ACCOUNT, switch
from tests.flows.test_sharing import join
from tests.harness import BotHarness, link_of
from tests.people import Someone

THREE_ZONES, TWO_METERS, REPLACED, METERLESS, LATE, ONE_ZONE = (
    "360000200033", "360000200066", "520000400055", "610000300103", "360000200090", "360000200017",
)  # fmt: skip
ZONES: Final = {"single": "Показание", "day": "День", "night": "Ночь", "peak": "Пик", "half_peak": "Полупик"}
MONTHS: Final = (
    ["Январь", "Февраль", "Март", "Апрель", "Май", "Июнь", "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь"]
)  # fmt: skip


def lines(table: str, account: str) -> list[dict[str, str]]:
    """An account's lines of a sample registry file."""
    with (SAMPLES / "registry" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter=";") if row["account"] == account]


def day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d.%m.%Y}"


def money(text: str) -> str:
    roubles, _, rest = text.lstrip("-").partition(".")
    return f"{int(roubles):,}".replace(",", " ") + f",{rest or '00':0<2} ₽"


async def owner_of(harness: BotHarness, account: str = ACCOUNT) -> Someone:
    someone = await harness.customer("Хозяйка", account)
    await harness.run(
        "UPDATE links SET trust = 'verified', proved_first = 1, verified_at = '2026-11-20 00:00:00.000000' "
        "WHERE id = ?",
        link_of(someone, account),
    )
    await someone.send("/history")
    return someone


@pytest.fixture
async def owner(harness: BotHarness) -> Someone:
    return await owner_of(harness)


async def pages(someone: Someone, label: str, period: str | None = None) -> list[str]:
    """All pages of a view in a typed period, from the newest on."""
    await someone.send("/history")
    if period:
        await someone.press("Период")
        await someone.send(period)
    await someone.press(label)
    seen = [someone.screen]
    for _ in range(100):
        title = heading(seen[0])
        if "Раньше →" not in someone.buttons:
            break
        await someone.press("Раньше")
        if heading(someone.screen) != title:
            break
        seen.append(someone.screen)
    return seen


def heading(screen: str) -> str:
    return screen.partition("\n\n")[0]


def blocks(screens: list[str]) -> list[str]:
    """Entries that stand between headings and totals."""
    found = [part for screen in screens for part in screen.split("\n\n")[1:]]
    return [part for part in found if not part.startswith(("Всего", "✅ —", "🧾"))]


# Screens say what the registry says


@pytest.mark.parametrize("account", [ACCOUNT, LATE, TWO_METERS, METERLESS])
async def test_charges_and_payments_are_those_of_the_registry(harness: BotHarness, account: str) -> None:
    someone = await owner_of(harness, account)
    seen = await pages(someone, "Начисления", "всё")
    assert blocks(seen) == list(expected_months(account))
    charged = sum(kopecks(row["charged"]) for row in lines("charges", account))
    paid = sum(kopecks(row["amount"]) for row in lines("payments", account))
    for screen in seen:
        assert f"Начислено {money(f'{charged / 100:.2f}')}" in screen.split("\n\n")[-2]
        assert f"Оплачено {money(f'{paid / 100:.2f}')}" in screen.split("\n\n")[-2]


def expected_months(account: str) -> Iterator[str]:
    """Newest first."""
    charges = {row["period"]: row for row in lines("charges", account)}
    paid = lines("payments", account)
    for month in sorted(charges.keys() | {row["date"][:7] for row in paid}, reverse=True):
        year, number = map(int, month.split("-"))
        yield "\n".join([f"{MONTHS[number - 1]} {year}", *expected_month(charges.get(month), month, paid)])


def expected_month(charge: dict[str, str] | None, month: str, paid: list[dict[str, str]]) -> Iterator[str]:
    if charge:
        yield f"На начало: {balance(charge['opening'])}"
        yield f"Начислено {money(charge['charged'])}"
        if float(charge["recalculated"]):
            yield f"Перерасчёт {'−' if charge['recalculated'][0] == '-' else ''}{money(charge['recalculated'])}"
        if float(charge["penalty"]):
            yield f"Пени {money(charge['penalty'])}"
    for row in sorted(paid, key=lambda row: row["date"], reverse=True):
        if row["date"].startswith(month):
            yield f"Оплачено {day(row['date'])[:5]}: {money(row['amount'])}, {row['source']}"
    if charge:
        yield f"На конец: {balance(charge['closing'])}"


def balance(text: str) -> str:
    if not float(text):
        return "долга нет"
    return f"{'переплата' if float(text) < 0 else 'долг'} {money(text)}"


@pytest.mark.parametrize("account", [ACCOUNT, THREE_ZONES, TWO_METERS, REPLACED])
async def test_readings_are_those_of_the_registry(harness: BotHarness, account: str) -> None:
    someone = await owner_of(harness, account)
    found = blocks(await pages(someone, "Показания", "всё время"))
    assert shown_values(found) == expected_values(account)
    sources = {(row["date"], row["source"]) for row in lines("readings", account)}
    for block in found:
        first, *_, source = block.splitlines()
        iso = date(*reversed([int(part) for part in first[:10].split(".")])).isoformat()
        assert (iso, source) in sources
        assert first.endswith("✅")


def shown_values(found: list[str]) -> list[tuple[str, str, str, str]]:
    """Day, zone, value, consumption."""
    values = []
    for block in found:
        first, *rest = block.splitlines()
        for line in rest[:-1]:
            match = re.fullmatch(r"(\w+) ([\d ]+?)(?: · расход ([\d ]+) кВт·ч)?", line)
            assert match, line
            values.append((first[:10], match[1], match[2].replace(" ", ""), (match[3] or "").replace(" ", "")))
    return sorted(values)


def expected_values(account: str) -> list[tuple[str, str, str, str]]:
    before: dict[tuple[str, str], int] = {}
    values = []
    for row in sorted(lines("readings", account), key=lambda row: row["date"]):
        register, value = (row["meter"], row["zone"]), int(row["value"])
        used = str(value - before[register]) if register in before else ""
        before[register] = value
        values.append((day(row["date"]), ZONES[row["zone"]], str(value), used))
    return sorted(values)


@pytest.mark.parametrize("account", [ACCOUNT, METERLESS])
async def test_payments_are_those_of_the_registry(harness: BotHarness, account: str) -> None:
    someone = await owner_of(harness, account)
    seen = await pages(someone, "Платежи", "за всё время")
    own = sorted(lines("payments", account), key=lambda row: row["date"], reverse=True)
    shown = [line for block in blocks(seen) for line in block.splitlines()]
    assert shown == [f"{day(row['date'])} · {money(row['amount'])} · {row['source']}" for row in own]
    total = sum(kopecks(row["amount"]) for row in own)
    assert re.search(rf"Всего {len(own)} оплат\w?: {money(f'{total / 100:.2f}')}", seen[0])


async def test_half_a_year_is_shown_first(owner: Someone) -> None:
    assert owner.screen == "📊 Счёт …3456\nИстория: июнь — ноябрь 2026"
    await owner.press("Начисления")
    assert [block.splitlines()[0] for block in blocks([owner.screen])] == [
        "Октябрь 2026", "Сентябрь 2026", "Август 2026", "Июль 2026", "Июнь 2026",
    ]  # fmt: skip
    await owner.press("Раньше")
    assert "Начисления и оплаты: декабрь 2025 — май 2026" in owner.screen
    await owner.press("Новее")
    assert "Начисления и оплаты: июнь — ноябрь 2026" in owner.screen
    assert "← Новее" not in owner.buttons


async def test_a_charged_month_leads_to_its_receipt(owner: Someone) -> None:
    await owner.press("Начисления и оплаты")
    assert "Октябрь 2026" in owner.screen
    await owner.press("Октябрь")
    [(name, _)] = owner.documents
    assert "октябрь 2026" in name.lower()


async def test_zones_stand_in_the_order_of_the_meters_display(harness: BotHarness) -> None:
    someone = await owner_of(harness, THREE_ZONES)
    await someone.press("Показания")
    assert re.findall(r"^(Пик|Ночь|Полупик) ", someone.screen, re.MULTILINE)[:3] == ["Пик", "Ночь", "Полупик"]


async def test_a_retired_meters_readings_stay(harness: BotHarness) -> None:
    someone = await owner_of(harness, REPLACED)
    retired = [row for row in lines("meters", REPLACED) if row["status"] == "closed"]
    seen = "\n".join(await pages(someone, "Показания", "всё"))
    assert f"счётчик {retired[0]['meter']}" in seen


async def test_a_current_transformer_multiplies_the_consumption(harness: BotHarness, owner: Someone) -> None:
    await harness.run("UPDATE ledger_meters SET coefficient = 20 WHERE account = ?", int(ACCOUNT))
    await owner.press("Показания")
    assert "День 3 500 · расход 1 800 кВт·ч" in owner.screen


async def test_a_roll_over_is_no_fall(harness: BotHarness, owner: Someone) -> None:
    sql = "INSERT INTO ledger_readings (account, meter, zone, date, value) VALUES (?, '10000001', 'day', ?, ?)"
    for on, value in (("2026-11-01", 999_990), ("2026-11-02", 15)):
        await harness.run(sql, int(ACCOUNT), on, value)
    await owner.press("Показания")
    assert "День 15 · расход 25 кВт·ч" in owner.screen


async def test_an_account_without_anything_says_so(harness: BotHarness, owner: Someone) -> None:
    for table in ("charges", "payments", "readings"):
        await harness.run(f"DELETE FROM ledger_{table} WHERE account = ?", int(ACCOUNT))
    for label, words in (
        ("Начисления", "начислений и оплат нет"), ("Показания", "показаний нет"), ("Платежи", "оплат нет"),
    ):  # fmt: skip
        await owner.send("/history")
        await owner.press(label)
        assert f"За этот период {words}." in owner.screen
    await owner.send("/history")
    await owner.press("График")
    assert "Для графика нужны показания" in owner.screen
    assert "На главную" in owner.buttons


async def test_a_payment_that_is_withdrawn_is_not_shown(harness: BotHarness, owner: Someone) -> None:
    await harness.run(
        "UPDATE ledger_payments SET status = 'gone' WHERE account = ? AND date = '2026-10-10'", int(ACCOUNT)
    )
    for label in ("Платежи", "Начисления"):
        await owner.send("/history")
        await owner.press(label)
        assert "10.10.2026" not in owner.screen
        assert "2 623,97 ₽" in owner.screen


async def test_a_submission_leads_to_its_card(harness: BotHarness, owner: Someone) -> None:
    await owner.send("3650 1580")
    await owner.press("Передать")
    await owner.send("/history")
    await owner.press("Показания")
    assert "23.11.2026\nДень 3 650 · расход 150 кВт·ч\nНочь 1 580 · расход 80 кВт·ч\nчерез бота" in owner.screen
    await owner.press("П-2611-00001")
    assert "Показания переданы" in owner.screen


async def test_readings_of_somebody_else_have_no_card(harness: BotHarness) -> None:
    neighbour = await harness.customer("Сосед", ACCOUNT)
    await neighbour.send("3650 1580")
    await neighbour.press("Передать")
    someone = await owner_of(harness)
    await someone.press("Показания")
    assert "через бота" in someone.screen
    assert not any("П-2611" in label for label in someone.buttons)


# Pages


async def fill(harness: BotHarness, since: Month, months: int) -> None:
    """Charges, payments and readings of a long past."""
    account = int(ACCOUNT)
    for table in ("charges", "payments", "readings"):
        await harness.run(f"DELETE FROM ledger_{table} WHERE account = ?", account)
    for number in range(months):
        month = since.plus(number)
        await harness.run(
            "INSERT INTO ledger_charges (account, period, charged, closing) VALUES (?, ?, ?, 0)",
            account, str(month), 100_00 + number,
        )  # fmt: skip
        await harness.run(
            "INSERT INTO ledger_payments (account, date, amount, source) VALUES (?, ?, ?, 'касса')",
            account, f"{month}-10", 200_00 + number,
        )  # fmt: skip
        for zone in ("day", "night"):
            await harness.run(
                "INSERT INTO ledger_readings (account, meter, zone, date, value) VALUES (?, '10000001', ?, ?, ?)",
                account, zone, f"{month}-24", 1000 + number,
            )  # fmt: skip


@pytest.mark.parametrize("label", ["Начисления", "Показания", "Платежи"])
async def test_pages_go_to_the_end_and_back(harness: BotHarness, owner: Someone, label: str) -> None:
    await fill(harness, Month(2024, 1), 35)
    seen = await pages(owner, label, "с января 2024 по ноябрь 2026")
    entries = of_pages(seen, label)
    assert len(entries) == len(set(entries)) == 35
    assert heading(owner.screen) != heading(seen[0]), "the last step led on into the period before"
    await owner.press("Новее")
    back: list[str] = []
    for _ in range(len(seen) + 2):
        if owner.screen == seen[0]:
            break
        back.append(owner.screen)
        await owner.press("Новее")
    assert owner.screen == seen[0]
    assert "← Новее" not in owner.buttons
    assert set(of_pages([*back, seen[0]], label)) == set(entries)


def of_pages(seen: list[str], label: str) -> list[str]:
    own = blocks(seen)
    return [line for block in own for line in block.splitlines()] if label == "Платежи" else own


async def test_an_import_between_two_pages_moves_nothing(harness: BotHarness, owner: Someone) -> None:
    await fill(harness, Month(2024, 1), 35)
    await owner.press("Период")
    await owner.send("с января 2024")
    await owner.press("Показания")
    first = blocks([owner.screen])
    await harness.run(
        "INSERT INTO ledger_readings (account, meter, zone, date, value) VALUES (?, '10000001', 'day', ?, 9000)",
        int(ACCOUNT), "2026-11-25",
    )  # fmt: skip
    await owner.press("Раньше")
    second = blocks([owner.screen])
    assert first[-1].startswith("24.04.2026")
    assert second[0].startswith("24.03.2026")
    await owner.press("Новее")
    assert blocks([owner.screen]) == first
    await owner.press("Новее")
    assert owner.screen.split("\n\n")[1].startswith("25.11.2026")


async def test_what_an_import_took_away_is_no_empty_page(harness: BotHarness, owner: Someone) -> None:
    await fill(harness, Month(2024, 1), 35)
    await owner.press("Период")
    await owner.send("с января 2024")
    await owner.press("Платежи")
    await owner.press("Раньше")
    older = owner.find("Раньше")
    await harness.run("DELETE FROM ledger_payments WHERE account = ? AND date < '2026-01-01'", int(ACCOUNT))
    await owner.press_data(*older)
    assert owner.screen.split("\n\n")[1].startswith("10.11.2026")


async def test_a_day_of_many_payments_is_one_page_that_fits(harness: BotHarness, owner: Someone) -> None:
    for number in range(300):
        await harness.run(
            "INSERT INTO ledger_payments (account, date, amount, source) VALUES (?, '2026-11-05', ?, 'касса')",
            int(ACCOUNT), 10_001 + number,
        )  # fmt: skip
    await owner.press("Платежи")
    assert "…и ещё 276: все они в таблице" in owner.screen
    await owner.press("Раньше")
    assert "10.10.2026 · 222,19 ₽" in owner.screen
    await owner.send("/history")
    await owner.press("Начисления")
    assert "…и ещё 296: все они в таблице" in owner.screen


# Periods


@pytest.mark.parametrize(
    ("typed", "title"),
    [("2025", "2025 год"), ("с марта 2024 по май 2025", "март 2024 — май 2025"), ("Март", "март 2026")],
)
async def test_a_period_is_typed(owner: Someone, typed: str, title: str) -> None:
    await owner.press("Платежи")
    await owner.press("Период")
    await owner.send(typed)
    assert owner.screen.startswith(f"📊 Счёт …3456\nПлатежи: {title}\n\n")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("когда-нибудь", "Не понял период."),
        ("2014", "История хранится с января 2015 года."),
        ("декабрь 2026", "Этот период ещё не наступил."),
    ],
)
async def test_a_period_that_is_none_is_asked_for_again(owner: Someone, typed: str, answer: str) -> None:
    await owner.press("Платежи")
    await owner.press("Период")
    await owner.send(typed)
    assert owner.screen.startswith(answer)
    await owner.send("2025")
    assert "Платежи: 2025 год" in owner.screen


async def test_a_period_is_picked_by_months(owner: Someone) -> None:
    await owner.press("Начисления")
    await owner.press("Период")
    assert "С какого месяца показать?\nСейчас: июнь — ноябрь 2026" in owner.screen
    await owner.press("← 2025")
    await owner.press("Мар")
    assert "По какой месяц показать?\nСейчас: март 2025 — ноябрь 2026" in owner.screen
    await owner.press("← 2025")
    await owner.press("Июн")
    assert owner.screen.startswith("📊 Счёт …3456\nНачисления и оплаты: март — июнь 2025")
    assert blocks([owner.screen])[0].startswith("Июнь 2025")


async def test_months_in_the_wrong_order_are_turned_round(owner: Someone) -> None:
    await owner.press("Период")
    await owner.press("Сен")
    await owner.press("Фев")
    assert owner.screen == "📊 Счёт …3456\nИстория: февраль — сентябрь 2026"


async def test_a_year_is_picked_at_once(owner: Someone) -> None:
    await owner.press("Платежи")
    await owner.press("Период")
    await owner.press("← 2025")
    await owner.press("2025")
    assert "Платежи: 2025 год" in owner.screen


async def test_months_out_of_reach_cannot_be_pressed(harness: BotHarness, owner: Someone) -> None:
    def disabled() -> list[str]:
        keyboard = harness.world.chat_view(owner.id)[-1]["reply_markup"]["inline_keyboard"]
        return [button["text"] for row in keyboard for button in row if "disabled" in button]

    await owner.press("Период")
    assert disabled() == ["·", "Дек"]
    for year in range(2025, 2014, -1):
        await owner.press(f"← {year}")
    assert disabled() == ["·"]
    assert "2015" in owner.buttons


async def test_a_picker_that_is_left_takes_no_text(owner: Someone) -> None:
    await owner.press("Период")
    await owner.press("Назад")
    await owner.send("2025")
    assert "История: 2025" not in owner.screen


async def test_an_old_picker_still_works_a_month_later(harness: BotHarness, owner: Someone) -> None:
    await owner.press("Период")
    harness.clock.set("2026-12-05 10:00")
    await owner.press("Ноя")
    assert "Дек" in owner.buttons
    await owner.press("Дек")
    assert "История: ноябрь — декабрь 2026" in owner.screen


# Rights


PAST: Final = ("Начисления", "Показания", "Платежи", "График", "Скачать", "Период")


async def test_who_confirmed_the_address_is_led_to_the_proof(harness: BotHarness, maria: Someone) -> None:
    await maria.press("История")
    assert maria.buttons == ["Подтвердить счёт", "Мои показания", "На главную"]
    await maria.press("Подтвердить счёт")
    assert "сумм" in maria.screen


def all_presses(someone: Someone) -> list[tuple[int, str]]:
    return [someone.find(label) for label in PAST]


async def every_press(owner: Someone) -> list[str]:
    """Data of buttons to everything that there is to see."""
    found = [owner.find(label)[1] for label in PAST]
    await owner.press("Скачать")
    found += [owner.find(label)[1] for label in ("Файл Excel", "начисления", "CSV: показания", "CSV: платежи")]
    await owner.press("История")
    await owner.press("Платежи")
    await owner.press("Период")
    found += [owner.find(label)[1] for label in ("Янв", "Год", "← 2025")]
    await owner.send("/history")
    await owner.press("Платежи")
    await owner.press("Период")
    await owner.send("всё")
    return [*found, owner.find("Раньше")[1]]


@pytest.mark.parametrize("own", [True, False], ids=["own link", "another's link"])
async def test_forged_presses_show_nothing_of_an_account_that_is_not_proved(harness: BotHarness, own: bool) -> None:
    owner = await owner_of(harness)
    presses = await every_press(owner)
    oleg = await harness.customer("Олег", ACCOUNT)
    before = len(oleg.seen)
    for data in presses:
        forged = data.replace(link_of(owner, ACCOUNT), link_of(oleg, ACCOUNT)) if own else data
        await oleg.press_data(oleg.last_id, forged)
    seen = oleg.seen[before:]
    refused = seen.count("Это доступно, когда подтверждено") if own else seen.count("больше не привязан к вам")
    assert refused == len(presses)
    for secret in ("222,19", "3 410", "автоплатёж", "Октябрь 2026"):
        assert secret not in seen
    assert (oleg.documents, oleg.pictures) == ([], [])


async def test_a_period_cannot_be_typed_for_an_account_that_is_gone(harness: BotHarness, owner: Someone) -> None:
    await owner.press("Период")
    await harness.run("DELETE FROM links WHERE id = ?", link_of(owner, ACCOUNT))
    await owner.send("2025")
    assert "222,19" not in owner.screen
    assert "Платежи" not in owner.screen


@pytest.mark.parametrize(
    "way", [("Начисления", "Раньше"), ("Платежи", "Раньше"), ("Скачать", "Файл Excel")], ids=" ".join
)
async def test_every_sum_that_an_invited_person_sees_is_on_record(harness: BotHarness, way: tuple[str, ...]) -> None:
    owner = await owner_of(harness)
    oleg = await join(harness, owner, "Только смотреть")
    await harness.run("DELETE FROM shown_sums")
    before = len(oleg.seen)
    await oleg.send("/history")
    for label in way:
        await oleg.press(label)
    recorded = {abs(sum_) for (sum_,) in harness.rows("SELECT kopecks FROM shown_sums")}
    shown = {kopecks(found) for found in re.findall(r"[\d ]*\d,\d\d(?= ₽)", oleg.seen[before:])}
    assert len(shown) > 5 or "Файл Excel" in way
    assert shown | {222_19} <= recorded | {0}


async def test_what_the_owner_sees_leaves_no_record(harness: BotHarness, owner: Someone) -> None:
    await harness.run("DELETE FROM watches")
    await harness.run("DELETE FROM shown_sums")
    for label in ("Начисления", "История", "Платежи", "Скачать", "Файл Excel"):
        await owner.press(label)
    assert harness.rows("SELECT * FROM watches") == harness.rows("SELECT * FROM shown_sums") == []


async def test_a_closed_account_shows_its_past_to_nobody_but_its_owners(harness: BotHarness) -> None:
    owner = await owner_of(harness)
    oleg = await join(harness, owner, "Только смотреть")
    await oleg.send("/history")
    press = oleg.find("Платежи")
    await switch(owner, "Запретить управление другим")
    await oleg.press_data(*press)
    assert "222,19" not in oleg.screen
    await oleg.send("/history")
    assert "Платежи" not in oleg.buttons


# Trouble


@pytest.mark.parametrize("label", PAST[:4])
async def test_a_supplier_that_is_away_is_said_with_a_way_back(harness: BotHarness, owner: Someone, label: str) -> None:
    harness.supplier.trouble = SupplierUnavailable()
    await owner.press(label)
    assert owner.screen.startswith("Система расчётов сейчас не отвечает.")
    assert owner.buttons == ["На главную"]
    harness.supplier.trouble = None
    harness.alerts()
    await owner.press("На главную")
    await owner.press("История")
    await owner.press(label)
    assert "Система расчётов" not in owner.screen


async def test_a_period_that_was_typed_meanwhile_is_kept(harness: BotHarness, owner: Someone) -> None:
    await owner.press("Платежи")
    await owner.press("Период")
    harness.supplier.trouble = SupplierUnavailable()
    await owner.send("2025")
    assert "Ваше сообщение я запомнил" in owner.screen
    harness.supplier.trouble = None
    harness.alerts()
    await owner.press("Повторить")
    assert "Платежи: 2025 год" in owner.screen


async def test_an_account_that_the_company_has_no_more(harness: BotHarness, owner: Someone) -> None:
    for table in ("readings", "meters", "charges", "payments", "accounts"):
        await harness.run(f"DELETE FROM ledger_{table} WHERE account = ?", int(ACCOUNT))
    for label in ("Начисления", "Показания", "Платежи", "График", "Скачать"):
        await owner.send("/history")
        await owner.press(label)
        if label == "Скачать":
            await owner.press("Файл Excel")
        assert "нет в базе" in owner.screen


async def test_before_any_account_it_asks_for_one(harness: BotHarness) -> None:
    someone = await harness.customer("Инна")
    await someone.send("история")
    assert "12 цифр" in someone.screen


async def test_in_english(harness: BotHarness) -> None:
    john = await harness.customer("John", ACCOUNT, language="en")
    await harness.run("UPDATE links SET trust = 'verified', verified_at = '2026-11-20 00:00:00.000000'")
    await john.send("history")
    assert john.screen == "📊 Account …3456\nHistory: June — November 2026"
    await john.press("Charges")
    assert "October 2026\nAt the beginning: debt 666.29 ₽\nCharged 790.46 ₽" in john.screen
    await john.press("Period")
    await john.send("from March 2025 to May 2025")
    assert "Charges and payments: March — May 2025" in john.screen
