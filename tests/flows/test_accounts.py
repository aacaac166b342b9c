"""Finding accounts, confirming addresses, looking after several."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

import pytest

from handlers.accounts.callbacks import AccountAction, ConfirmAddress, OnAccount
from handlers.submissions.callbacks import History
from services.accounts.address import street
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from tests.conftest import SAMPLES
from tests.harness import BotHarness, link_of
from tests.people import Someone

OPEN = "360000123456"
CLOSED = "360000200082"
ANOTHER = "360000200017"


def _sample() -> Iterator[dict[str, str]]:
    with (SAMPLES / "registry" / "accounts.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


ACTIVE = [row["account"] for row in _sample() if row["status"] == "active"]


@pytest.fixture
async def newcomer(harness: BotHarness) -> Someone:
    """Has agreed, has no account yet, and is asked for one."""
    return await harness.customer("Мария")


async def test_a_newcomer_is_asked_for_the_account(newcomer: Someone) -> None:
    assert newcomer.screen == "Пришлите номер лицевого счёта: 12 цифр, он вверху квитанции."
    assert newcomer.buttons == ["Помощь"]


@pytest.mark.parametrize(
    "typed",
    [
        OPEN,
        "36 0000 123 456",
        "3600-0012-3456",
        " 360000123456 ",
        "3600\u00a00012\u00a03456",
        "л/с 360000123456",
        "Лицевой счёт № 360000123456.",
        "360000123456\nЛизюкова 12",
        "\u200b360000123456\u200f",
    ],
)
async def test_a_number_is_found_as_people_type_it(newcomer: Someone, typed: str) -> None:
    await newcomer.send(typed)
    assert newcomer.screen == (
        "Нашёл счёт …3456:\nг. Воронеж, ул. Лизюкова, д. 12, кв. ••\n\nЕсли это ваш адрес, напишите номер квартиры."
    )


@pytest.mark.parametrize(("typed", "count"), [("12345", 5), ("3600001234567", 13), ("36000012345", 11)])
async def test_a_wrong_length_is_explained(newcomer: Someone, typed: str, count: int) -> None:
    await newcomer.send(typed)
    assert f"В номере лицевого счёта 12 цифр. Вы прислали цифр: {count}." in newcomer.screen
    assert newcomer.buttons == ["Помощь"]
    await newcomer.send(OPEN)
    assert "Нашёл счёт …3456" in newcomer.screen


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("нет", "Здесь нет номера лицевого счёта"), ("360000123456, 360000123457", "Здесь несколько номеров")],
)
async def test_what_is_not_one_number_is_told_so(newcomer: Someone, typed: str, answer: str) -> None:
    await newcomer.send(typed)
    assert answer in newcomer.screen
    assert newcomer.buttons == ["Помощь"]


async def test_an_unknown_and_a_closed_account_differ_in_words(newcomer: Someone) -> None:
    await newcomer.send("360000999999")
    assert newcomer.screen.startswith("Такого лицевого счёта у нас нет.")
    await newcomer.send(CLOSED)
    assert newcomer.screen.startswith("Этот лицевой счёт закрыт")
    await newcomer.send(OPEN)
    assert "Нашёл счёт" in newcomer.screen


async def test_no_is_no_and_another_number_is_asked_for(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    await newcomer.press("Нет, другой номер")
    assert newcomer.screen.startswith("Пришлите номер лицевого счёта")
    assert harness.rows("SELECT * FROM links") == []
    await newcomer.send(ANOTHER)
    await newcomer.send("46")
    assert harness.rows("SELECT account FROM links") == [(ANOTHER,)]


async def test_another_number_typed_at_the_address_replaces_it(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    first = newcomer.find("Нет, другой номер")
    await newcomer.send(ANOTHER)
    assert "Нашёл счёт …0017" in newcomer.screen
    await newcomer.press_data(*first)
    assert newcomer.toast == "Эта кнопка устарела. Показываю то, что есть сейчас."
    assert harness.rows("SELECT * FROM links") == []


async def test_a_flat_typed_twice_in_a_hurry_links_once(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    newcomer.types("45")
    newcomer.types("45")
    await harness.quiet()
    assert harness.rows("SELECT account FROM links") == [(OPEN,)]
    assert newcomer.screens[-2].startswith("🏠 Счёт …3456")


async def test_nothing_personal_is_said_before_and_after_an_address_is_confirmed(harness: BotHarness) -> None:
    """Address-confirmed is not verified: no flat, no name, no phone, no full number even then."""
    vera = await harness.customer("Вера")
    for row in _sample():
        await harness.run("DELETE FROM lookups")
        await vera.send(row["account"])
        if row["status"] == "active":
            await vera.press("Нет, другой номер")
    await vera.send(OPEN)
    await vera.send("45")
    await vera.press("Передать показания")
    await vera.send("3650 1580")
    await vera.press("Передать")
    await vera.press("На главную")
    for row in _sample():
        assert row["address"] not in vera.seen
        assert row["holder"] not in vera.seen
        assert row["holder"].split()[0] not in vera.seen
        assert row["phone"] not in vera.seen
        assert row["phone"].replace(" ", "").replace("-", "") not in vera.seen
        assert row["account"] not in vera.seen
    assert "кв. 45" not in vera.seen


async def test_a_debt_is_not_told_before_the_address_is_confirmed(newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    assert "1 234,56" not in newcomer.seen
    assert "₽" not in newcomer.seen


async def test_look_ups_of_a_day_are_counted_and_a_restart_does_not_help(
    harness: BotHarness, newcomer: Someone
) -> None:
    for number in range(10):
        await newcomer.send(f"36000099{number:04d}")
        assert newcomer.screen.startswith("Такого лицевого счёта у нас нет.")
    await newcomer.send(OPEN)
    capped = newcomer.screen
    assert capped.startswith("Сегодня вы уже искали много разных счетов.")
    await harness.restart()
    await newcomer.send(OPEN)
    assert newcomer.screen == capped
    await newcomer.send("360000990000")
    assert newcomer.screen.startswith("Такого лицевого счёта у нас нет."), "the same number again is free"
    harness.clock.set("2026-11-23 23:59")
    await newcomer.send(OPEN)
    assert newcomer.screen == capped
    harness.clock.set("2026-11-24 00:00")
    await newcomer.send(OPEN)
    assert "Нашёл счёт" in newcomer.screen


async def test_a_capped_person_does_not_hinder_another(harness: BotHarness, newcomer: Someone) -> None:
    for number in range(11):
        await newcomer.send(f"36000099{number:04d}")
    vera = await harness.customer("Вера")
    await vera.send(OPEN)
    assert "Нашёл счёт" in vera.screen


async def test_ten_accounts_and_not_an_eleventh(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", *ACTIVE[:10])
    await maria.send("/accounts")
    assert len([label for label in maria.buttons if "…" in label]) == 10
    assert "Добавить счёт" not in maria.buttons
    await maria.press_data(maria.last_id, "go1:add:0")
    await maria.send(ACTIVE[10])
    assert maria.screen.startswith("К боту можно привязать не больше 10 счетов.")
    assert harness.rows("SELECT count(*) FROM links") == [(10,)]
    await maria.send(ACTIVE[3])
    assert maria.screen.startswith(f"🏠 Счёт …{ACTIVE[3][-4:]}"), "one of the ten may be looked at again"


async def test_the_tenth_account_cannot_be_linked_twice_over(harness: BotHarness) -> None:
    """Nine accounts, two confirmations in a hurry: the limit holds."""
    maria = await harness.customer("Мария", *ACTIVE[:9])
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    await maria.send(ACTIVE[9])
    maria.types("90")
    maria.types(ACTIVE[10])
    maria.types("17")
    await harness.quiet()
    assert harness.rows("SELECT count(*) FROM links") == [(10,)]


async def test_a_second_account_is_added_and_switched_to(harness: BotHarness, maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("Добавить счёт")
    assert "На главную" in maria.buttons
    await maria.send(ANOTHER)
    await maria.send("46")
    assert maria.screen.startswith("✅ Счёт …0017 добавлен.\n\nКак назвать этот счёт?")
    await maria.press("Пропустить")
    assert maria.screen.startswith("🏠 Счёт …0017")
    await maria.press("Мои счета (2)")
    await maria.press("…3456")
    assert maria.screen.startswith("🏠 Счёт …3456")
    await harness.restart()
    await maria.send("/menu")
    assert maria.screen.startswith("🏠 Счёт …3456"), "the choice outlives the process"


async def test_an_account_gets_a_name_and_loses_it(harness: BotHarness, maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("Изменить")
    await maria.press("Назвать")
    await maria.send("  Дача   у   реки ")
    assert "Дача у реки · …3456" in " ".join(maria.buttons)
    await maria.press("На главную")
    assert maria.screen.startswith("🏠 Дача у реки · счёт …3456")
    assert harness.rows("SELECT label FROM links") == [("Дача у реки",)]
    await maria.press("Мои счета")
    await maria.press("Изменить")
    await maria.press("Назвать")
    await maria.send("-")
    assert harness.rows("SELECT label FROM links") == [("",)]


async def test_a_name_is_shown_as_it_was_typed(maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("Изменить")
    await maria.press("Назвать")
    await maria.send("<b>Мама</b> &amp; {папа}")
    await maria.press("На главную")
    assert maria.screen.startswith("🏠 <b>Мама</b> &amp; {папа} · счёт …3456")
    await maria.press("Передать показания")
    assert "<b>Мама</b> &amp; {папа}" in maria.screen


async def test_a_name_may_have_thirty_characters(harness: BotHarness, maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("Изменить")
    await maria.press("Назвать")
    await maria.send("д" * 31)
    assert maria.screen == "Название должно быть от 1 до 30 знаков. Пришлите другое."
    await maria.send("д" * 30)
    assert harness.rows("SELECT label FROM links") == [("д" * 30,)]


async def test_naming_can_be_left(harness: BotHarness, maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("Изменить")
    await maria.press("Назвать")
    await maria.press("Назад")
    assert maria.screen.startswith("Счёт …3456")
    await maria.send("Дача")
    assert harness.rows("SELECT label FROM links") == [("",)]


async def test_an_account_is_unlinked_after_a_question(harness: BotHarness, maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("Изменить")
    await maria.press("Отвязать")
    assert maria.screen.startswith("Счёт …3456\n\nОтвязать этот счёт?")
    await maria.press("Нет, оставить")
    assert harness.rows("SELECT account FROM links") == [(OPEN,)]
    await maria.press("Отвязать")
    await maria.press("Да, отвязать")
    assert harness.rows("SELECT account FROM links") == []
    assert maria.screen.startswith("Пришлите номер лицевого счёта")


async def test_unlinking_the_one_in_view_shows_another(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", OPEN, ANOTHER)
    await maria.press("Мои счета (2)")
    await maria.press("Изменить")
    await maria.press("…0017")
    await maria.press("Отвязать")
    maria.taps("Да, отвязать")
    maria.taps("Да, отвязать")
    await harness.quiet()
    assert maria.screen.startswith("🏠 Счёт …3456")
    assert harness.rows("SELECT account FROM links") == [(OPEN,)]


async def test_unlinked_readings_stay_with_the_company_but_out_of_sight(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    key = harness.rows("SELECT key FROM submissions")[0][0]
    await maria.send("/accounts")
    await maria.press("Изменить")
    await maria.press("Отвязать")
    await maria.press("Да, отвязать")
    for action in ("view", "correct", "pdf", "mail"):
        await maria.press_data(maria.last_id, f"sb1:{action}:{key}:0")
        assert maria.toast == "Этот счёт больше не привязан к вам. Показываю то, что есть сейчас."
    assert harness.rows("SELECT status FROM submissions") == [("accepted",)]


@pytest.mark.parametrize("action", list(AccountAction))
async def test_another_persons_link_does_nothing(harness: BotHarness, maria: Someone, action: AccountAction) -> None:
    oleg = await harness.customer("Олег", ANOTHER)
    await oleg.press_data(oleg.last_id, OnAccount(action=action, link=link_of(maria, OPEN)).pack())
    assert oleg.toast == "Этот счёт больше не привязан к вам. Показываю то, что есть сейчас."
    assert oleg.screen.startswith("🏠 Счёт …0017")
    assert "3456" not in oleg.seen
    assert "Лизюкова, д. 12, кв. 45" not in oleg.seen
    assert harness.rows("SELECT user_id, account, label FROM links ORDER BY account") == [
        (maria.id, OPEN, ""),
        (oleg.id, ANOTHER, ""),
    ]


async def test_another_persons_history_and_meter_are_not_shown(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    oleg = await harness.customer("Олег", ANOTHER)
    await oleg.press_data(oleg.last_id, History(link=link_of(maria, OPEN), offset=0).pack())
    await oleg.press_data(oleg.last_id, f"mt1:{link_of(maria, OPEN)}:abcdef:0")
    assert oleg.screen.startswith("🏠 Счёт …0017")
    assert "10000001" not in oleg.seen
    assert "3650" not in oleg.seen.replace(" ", "")


async def test_another_persons_confirmation_links_nothing(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег")
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    await maria.send(ANOTHER)
    _, data = maria.find("Нет, другой номер")
    yes = ConfirmAddress(draft=ConfirmAddress.unpack(data).draft, yes=True).pack()
    for someone in (oleg, maria):
        await someone.press_data(someone.last_id, yes)
    assert harness.rows("SELECT user_id FROM links") == [(maria.id,)]


async def test_two_people_may_look_after_one_account(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", OPEN)
    await oleg.send("3650 1580")
    await oleg.press("Передать")
    await maria.send("/menu")
    assert "Показания за ноябрь переданы 23.11.2026" in maria.screen


async def close(harness: BotHarness, account: str) -> None:
    await harness.run("UPDATE ledger_accounts SET status = 'closed' WHERE account = ?", int(account))


async def test_an_account_closed_meanwhile_explains_what_is_left_of_it(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    await close(harness, OPEN)
    await maria.send("/menu")
    assert maria.screen.startswith("🏠 Счёт …3456\nг. Воронеж, ул. Лизюкова, д. 12\n\nК оплате 1 234,56 ₽")
    assert "Счёт закрыт, показания по нему больше не принимаются. Долг, если он есть, можно оплатить" in maria.screen
    assert "Передать показания" not in maria.buttons
    for text in ("/readings", "3660 1590"):
        await maria.send(text)
        assert maria.screen.startswith("Этот лицевой счёт закрыт, показания по нему не принимаются.")
    await maria.send("/menu")
    await maria.press("История")
    await maria.press("Мои показания")
    assert "П-2611-00001" in maria.screen
    await maria.press("На главную")
    await maria.press("Отвязать счёт")
    await maria.press("Да, отвязать")
    assert harness.rows("SELECT * FROM links") == []


# One account that fails among several

THIRD = "610000300012"


@pytest.fixture
async def keeper(harness: BotHarness) -> Someone:
    """Looks after three accounts and has proved all of them; the second one is about to fail."""
    keeper = await harness.customer("Мария", OPEN, ANOTHER, THIRD)
    await harness.run("UPDATE links SET trust = 'verified', verified_at = '2026-11-20 00:00:00.000000'")
    return keeper


async def go_to(someone: Someone, tail: str) -> None:
    await someone.send("/accounts")
    assert len([label for label in someone.buttons if "…" in label]) == 3, "all are listed"
    await someone.press(f"…{tail}")
    assert someone.screen.startswith(f"🏠 Счёт …{tail}")


async def the_others_are_well(someone: Someone) -> None:
    for tail in ("3456", THIRD[-4:]):
        await go_to(someone, tail)
        assert "Показания за ноябрь" in someone.screen
        assert "г. " in someone.screen
        await someone.press("О счёте")
        assert "Счётчик" in someone.screen


async def test_an_account_of_which_the_supplier_does_not_answer_hides_no_other(
    harness: BotHarness, keeper: Someone
) -> None:
    harness.supplier.trouble, harness.supplier.about = SupplierUnavailable(), frozenset({ANOTHER})
    await the_others_are_well(keeper)
    await go_to(keeper, "0017")
    assert "Система расчётов сейчас не отвечает, показываю не всё." in keeper.screen
    await keeper.press("О счёте")
    assert keeper.screen.startswith("Система расчётов сейчас не отвечает.")
    await the_others_are_well(keeper)
    harness.alerts()


async def test_what_can_be_told_is_told_when_one_question_fails(harness: BotHarness, keeper: Someone) -> None:
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"metering"})
    await go_to(keeper, "3456")
    assert "По счёту 1 234,56 ₽" in keeper.screen
    assert "показываю не всё" in keeper.screen


@pytest.mark.parametrize("raises", [True, False], ids=["error", "nothing found"])
async def test_an_account_that_vanished_hides_no_other_and_says_so(
    harness: BotHarness, keeper: Someone, raises: bool
) -> None:
    if raises:
        harness.supplier.trouble, harness.supplier.about = AccountUnknown(), frozenset({ANOTHER})
    else:
        for table in ("readings", "charges", "payments", "meters", "accounts"):
            await harness.run(f"DELETE FROM ledger_{table} WHERE account = ?", int(ANOTHER))
    await the_others_are_well(keeper)
    await go_to(keeper, "0017")
    assert keeper.screen == (
        "🏠 Счёт …0017\n\n⚠️ Этого счёта больше нет в базе компании. Если это ошибка, позвоните нам. "
        "Если счёт не нужен, отвяжите его."
    )
    await keeper.press("О счёте")
    assert keeper.screen == "Этого счёта больше нет в базе компании. Если это ошибка, позвоните нам."
    await keeper.send("/menu")
    await keeper.press("Отвязать счёт")
    await keeper.press("Да, отвязать")
    assert harness.rows("SELECT account FROM links ORDER BY account") == [(OPEN,), (THIRD,)]
    assert keeper.screen.startswith("🏠 Счёт …3456")


async def test_a_closed_account_hides_no_other(harness: BotHarness, keeper: Someone) -> None:
    await close(harness, ANOTHER)
    await the_others_are_well(keeper)
    await go_to(keeper, "0017")
    assert "Счёт закрыт" in keeper.screen
    await keeper.press("О счёте")
    assert "Счётчик" in keeper.screen
    await the_others_are_well(keeper)


# Their order


async def listed(someone: Someone) -> list[str]:
    await someone.send("/accounts")
    return [tail[0] for label in someone.buttons if (tail := re.findall("…[0-9]{4}", label))]


async def test_any_account_can_be_put_first_and_is_in_view_after_a_start(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", *ACTIVE[:10])
    tails = [f"…{account[-4:]}" for account in ACTIVE[:10]]
    assert await listed(maria) == tails
    await maria.press("Изменить")
    await maria.press(tails[6])
    await maria.press("Сделать первым")
    order = [tails[6], *tails[:6], *tails[7:]]
    assert await listed(maria) == order
    await maria.press("Изменить")
    await maria.press(tails[9])
    await maria.press("Сделать первым")
    order = [tails[9], *(tail for tail in order if tail != tails[9])]
    await harness.restart()
    assert await listed(maria) == order
    await maria.press("Изменить")
    await maria.press(tails[9])
    assert "Сделать первым" not in maria.buttons
    await maria.send("/start")
    assert maria.screen.startswith(f"🏠 Счёт {tails[9]}")
    await maria.send("/accounts")
    await maria.press(tails[2])
    await maria.send("/menu")
    assert maria.screen.startswith(f"🏠 Счёт {tails[2]}"), "the choice holds until the next start"
    await maria.send("/start")
    assert maria.screen.startswith(f"🏠 Счёт {tails[9]}")


async def test_a_new_account_comes_last_and_others_keep_their_order(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", OPEN, ANOTHER)
    oleg = await harness.customer("Олег", OPEN, ANOTHER)
    await maria.send("/accounts")
    await maria.press("Изменить")
    await maria.press("…0017")
    press = maria.find("Сделать первым")
    for _ in range(2):
        await maria.press_data(*press)
    harness.clock.advance(minutes=1)
    await maria.send(THIRD)
    await maria.send("90")
    assert await listed(maria) == ["…0017", "…3456", f"…{THIRD[-4:]}"]
    assert await listed(oleg) == ["…3456", "…0017"]


# All of them at a glance


async def test_several_accounts_are_seen_with_their_sums_and_readings(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", THIRD, OPEN)
    await harness.run("UPDATE links SET label = 'Дача' WHERE account = ?", THIRD)
    await maria.send("3650 1580")
    await maria.press("Передать")
    sums = {}
    for account in (THIRD, OPEN):
        await maria.send(account)
        sums[account] = maria.screen.partition("К оплате ")[2].partition(" ₽")[0]
    total = sum(int(one.replace(" ", "").replace(",", "")) for one in sums.values())
    await maria.send("сколько всего должен?")
    assert maria.screen.startswith("🔁 Ваши счета · всего к оплате ")
    shown = maria.screen.partition("к оплате ")[2].partition(" ₽")[0]
    assert int(shown.replace(" ", "").replace(",", "")) == total
    assert [label.replace("\xa0", " ") for label in maria.buttons[:2]] == [
        f"Дача · …{THIRD[-4:]} · {sums[THIRD]} ₽",
        f"Лизюкова, 12 · …3456 · {sums[OPEN]} ₽",
    ]
    assert maria.buttons[2:] == ["Оплатить по очереди", "Добавить счёт", "Изменить", "На главную"]
    assert "✓ Лизюкова" in maria.seen
    assert "📟 Дача" in maria.seen


async def test_accounts_are_paid_one_after_the_other(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", OPEN, THIRD)
    await maria.send("/accounts")
    await maria.press("Оплатить по очереди")
    assert "Счёт …3456" in maria.screen
    assert "К оплате" in maria.screen
    await harness.run("DELETE FROM ledger_charges WHERE account = ?", int(OPEN))
    await maria.send("/accounts")
    await maria.press("Оплатить")
    assert f"Счёт …{THIRD[-4:]}" in maria.screen


async def test_of_accounts_that_cannot_be_asked_about_no_sum_is_made_up(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", OPEN, THIRD)
    harness.supplier.trouble, harness.supplier.about = SupplierUnavailable(), frozenset({THIRD})
    await maria.send("все счета")
    assert maria.screen.startswith("🔁 Ваши счета\n\nСистема расчётов сейчас не отвечает")
    assert "…0012" in maria.buttons
    harness.supplier.about = frozenset()
    await maria.send("все счета")
    assert maria.buttons[:2] == ["…3456", "…0012"]


async def test_an_account_closed_to_others_has_no_sum_in_the_list(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", OPEN)
    await harness.run("INSERT INTO controls VALUES (?, true, true, false)", OPEN)
    await maria.send("/accounts")
    assert maria.buttons[0] == "Лизюкова, 12 · …3456 · закрыт владельцем"
    assert maria.screen == "🔁 Ваши счета"


@pytest.mark.parametrize(("answer", "label"), [("Дача у реки", "Дача у реки"), (None, "")])
async def test_a_second_account_is_offered_a_name(
    harness: BotHarness, maria: Someone, answer: str | None, label: str
) -> None:
    await maria.send(ANOTHER)
    await maria.send("46")
    assert "Как назвать этот счёт?" in maria.screen
    await (maria.send(answer) if answer else maria.press("Пропустить"))
    assert harness.rows("SELECT label FROM links WHERE account = ?", ANOTHER) == [(label,)]


async def test_a_first_account_is_not_asked_for_a_name(newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    await newcomer.send("45")
    assert newcomer.screen.startswith("🏠")


async def test_numbers_are_no_name_for_the_account_just_linked(harness: BotHarness, maria: Someone) -> None:
    await maria.send(ANOTHER)
    await maria.send("46")
    await maria.send("5000")
    assert "5 000 меньше прошлого" in maria.screen
    assert harness.rows("SELECT DISTINCT label FROM links") == [("",)]


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("г. Воронеж, ул. Лизюкова, д. 12, кв. 45", "Лизюкова, 12"),
        ("г. Воронеж, Московский пр-т, д. 97а, кв. 8", "Московский, 97а"),
        ("Нижегородская обл., д. Кусаковка, ул. Луговая, д. 18", "Луговая, 18"),
        ("г. Воронеж, ул. Пришвина, д. ••", "Пришвина"),
        ("с. Ямное, д. 31", ""),
        ("", ""),
    ],
)
def test_a_street_is_short(address: str, named: str) -> None:
    assert street(address) == named


async def test_the_account_number_can_be_copied(maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("Изменить")
    assert "Скопировать номер счёта" in maria.buttons
