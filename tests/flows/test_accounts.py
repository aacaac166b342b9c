"""Finding accounts, confirming addresses, looking after several."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest

from handlers.accounts.callbacks import AccountAction, ConfirmAddress, OnAccount
from handlers.submissions.callbacks import History
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from tests.conftest import SAMPLES
from tests.people import Someone
from tests.town import Town, link_of

OPEN = "360000123456"
CLOSED = "360000200082"
ANOTHER = "360000200017"


def _sample() -> Iterator[dict[str, str]]:
    with (SAMPLES / "registry" / "accounts.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


ACTIVE = [row["account"] for row in _sample() if row["status"] == "active"]


@pytest.fixture
async def newcomer(town: Town) -> Someone:
    """Has agreed, has no account yet, and is asked for one."""
    return await town.customer("Мария")


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


async def test_no_is_no_and_another_number_is_asked_for(town: Town, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    await newcomer.press("Нет, другой номер")
    assert newcomer.screen.startswith("Пришлите номер лицевого счёта")
    assert town.rows("SELECT * FROM links") == []
    await newcomer.send(ANOTHER)
    await newcomer.send("46")
    assert town.rows("SELECT account FROM links") == [(ANOTHER,)]


async def test_another_number_typed_at_the_address_replaces_it(town: Town, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    first = newcomer.find("Нет, другой номер")
    await newcomer.send(ANOTHER)
    assert "Нашёл счёт …0017" in newcomer.screen
    await newcomer.press_data(*first)
    assert newcomer.toast == "Эта кнопка устарела. Показываю то, что есть сейчас."
    assert town.rows("SELECT * FROM links") == []


async def test_a_flat_typed_twice_in_a_hurry_links_once(town: Town, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    newcomer.types("45")
    newcomer.types("45")
    await town.quiet()
    assert town.rows("SELECT account FROM links") == [(OPEN,)]
    assert newcomer.screens[-2].startswith("🏠 Счёт …3456")


async def test_nothing_personal_is_said_before_and_after_an_address_is_confirmed(town: Town) -> None:
    """Address-confirmed is not verified: no flat, no name, no phone, no full number even then."""
    vera = await town.customer("Вера")
    for row in _sample():
        await town.run("DELETE FROM lookups")
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


async def test_look_ups_of_a_day_are_counted_and_a_restart_does_not_help(town: Town, newcomer: Someone) -> None:
    for number in range(10):
        await newcomer.send(f"36000099{number:04d}")
        assert newcomer.screen.startswith("Такого лицевого счёта у нас нет.")
    await newcomer.send(OPEN)
    capped = newcomer.screen
    assert capped.startswith("Сегодня вы уже искали много разных счетов.")
    await town.restart()
    await newcomer.send(OPEN)
    assert newcomer.screen == capped
    await newcomer.send("360000990000")
    assert newcomer.screen.startswith("Такого лицевого счёта у нас нет."), "the same number again is free"
    town.clock.set("2026-11-23 23:59")
    await newcomer.send(OPEN)
    assert newcomer.screen == capped
    town.clock.set("2026-11-24 00:00")
    await newcomer.send(OPEN)
    assert "Нашёл счёт" in newcomer.screen


async def test_a_capped_person_does_not_hinder_another(town: Town, newcomer: Someone) -> None:
    for number in range(11):
        await newcomer.send(f"36000099{number:04d}")
    vera = await town.customer("Вера")
    await vera.send(OPEN)
    assert "Нашёл счёт" in vera.screen


async def test_ten_accounts_and_not_an_eleventh(town: Town) -> None:
    maria = await town.customer("Мария", *ACTIVE[:10])
    await maria.send("/accounts")
    assert len([label for label in maria.buttons if "…" in label]) == 10
    assert "Добавить счёт" not in maria.buttons
    await maria.press_data(maria.last_id, "go1:add:0")
    await maria.send(ACTIVE[10])
    assert maria.screen.startswith("К боту можно привязать не больше 10 счетов.")
    assert town.rows("SELECT count(*) FROM links") == [(10,)]
    await maria.send(ACTIVE[3])
    assert maria.screen.startswith(f"🏠 Счёт …{ACTIVE[3][-4:]}"), "one of the ten may be looked at again"


async def test_the_tenth_account_cannot_be_linked_twice_over(town: Town) -> None:
    """Nine accounts, two confirmations in a hurry: the limit holds."""
    maria = await town.customer("Мария", *ACTIVE[:9])
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    await maria.send(ACTIVE[9])
    maria.types("90")
    maria.types(ACTIVE[10])
    maria.types("17")
    await town.quiet()
    assert town.rows("SELECT count(*) FROM links") == [(10,)]


async def test_a_second_account_is_added_and_switched_to(town: Town, maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("Добавить счёт")
    assert "На главную" in maria.buttons
    await maria.send(ANOTHER)
    await maria.send("46")
    assert maria.screen.startswith("🏠 Счёт …0017")
    await maria.press("Мои счета (2)")
    await maria.press("…3456")
    assert maria.screen == "Счёт …3456\nг. Воронеж, ул. Лизюкова, д. 12"
    await maria.press("Перейти к счёту")
    assert maria.screen.startswith("🏠 Счёт …3456")
    await town.restart()
    await maria.send("/menu")
    assert maria.screen.startswith("🏠 Счёт …3456"), "the choice outlives the process"


async def test_an_account_gets_a_name_and_loses_it(town: Town, maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("…3456")
    await maria.press("Назвать")
    await maria.send("  Дача   у   реки ")
    assert "Дача у реки · …3456" in " ".join(maria.buttons)
    await maria.press("На главную")
    assert maria.screen.startswith("🏠 Дача у реки · счёт …3456")
    assert town.rows("SELECT label FROM links") == [("Дача у реки",)]
    await maria.press("Мои счета")
    await maria.press("Дача")
    await maria.press("Назвать")
    await maria.send("-")
    assert town.rows("SELECT label FROM links") == [("",)]


async def test_a_name_is_shown_as_it_was_typed(maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("…3456")
    await maria.press("Назвать")
    await maria.send("<b>Мама</b> &amp; {папа}")
    await maria.press("На главную")
    assert maria.screen.startswith("🏠 <b>Мама</b> &amp; {папа} · счёт …3456")
    await maria.press("Передать показания")
    assert "<b>Мама</b> &amp; {папа}" in maria.screen


async def test_a_name_may_have_thirty_characters(town: Town, maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("…3456")
    await maria.press("Назвать")
    await maria.send("д" * 31)
    assert maria.screen == "Название должно быть от 1 до 30 знаков. Пришлите другое."
    await maria.send("д" * 30)
    assert town.rows("SELECT label FROM links") == [("д" * 30,)]


async def test_naming_can_be_left(town: Town, maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("…3456")
    await maria.press("Назвать")
    await maria.press("Назад")
    assert maria.screen.startswith("Счёт …3456")
    await maria.send("Дача")
    assert town.rows("SELECT label FROM links") == [("",)]


async def test_an_account_is_unlinked_after_a_question(town: Town, maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("…3456")
    await maria.press("Отвязать")
    assert maria.screen.startswith("Счёт …3456\n\nОтвязать этот счёт?")
    await maria.press("Нет, оставить")
    assert town.rows("SELECT account FROM links") == [(OPEN,)]
    await maria.press("Отвязать")
    await maria.press("Да, отвязать")
    assert town.rows("SELECT account FROM links") == []
    assert maria.screen.startswith("Пришлите номер лицевого счёта")


async def test_unlinking_the_one_in_view_shows_another(town: Town) -> None:
    maria = await town.customer("Мария", OPEN, ANOTHER)
    await maria.press("Мои счета (2)")
    await maria.press("…0017")
    await maria.press("Отвязать")
    maria.taps("Да, отвязать")
    maria.taps("Да, отвязать")
    await town.quiet()
    assert maria.screen.startswith("🏠 Счёт …3456")
    assert town.rows("SELECT account FROM links") == [(OPEN,)]


async def test_unlinked_readings_stay_with_the_company_but_out_of_sight(town: Town, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    key = town.rows("SELECT key FROM submissions")[0][0]
    await maria.send("/accounts")
    await maria.press("…3456")
    await maria.press("Отвязать")
    await maria.press("Да, отвязать")
    for action in ("view", "correct", "pdf", "mail"):
        await maria.press_data(maria.last_id, f"sb1:{action}:{key}:0")
        assert maria.toast == "Этот счёт больше не привязан к вам. Показываю то, что есть сейчас."
    assert town.rows("SELECT status FROM submissions") == [("accepted",)]


@pytest.mark.parametrize("action", list(AccountAction))
async def test_another_persons_link_does_nothing(town: Town, maria: Someone, action: AccountAction) -> None:
    oleg = await town.customer("Олег", ANOTHER)
    await oleg.press_data(oleg.last_id, OnAccount(action=action, link=link_of(maria, OPEN)).pack())
    assert oleg.toast == "Этот счёт больше не привязан к вам. Показываю то, что есть сейчас."
    assert oleg.screen.startswith("🏠 Счёт …0017")
    assert "3456" not in oleg.seen
    assert "Лизюкова, д. 12, кв. 45" not in oleg.seen
    assert town.rows("SELECT user_id, account, label FROM links ORDER BY account") == [
        (maria.id, OPEN, ""),
        (oleg.id, ANOTHER, ""),
    ]


async def test_another_persons_history_and_meter_are_not_shown(town: Town, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    oleg = await town.customer("Олег", ANOTHER)
    await oleg.press_data(oleg.last_id, History(link=link_of(maria, OPEN), offset=0).pack())
    await oleg.press_data(oleg.last_id, f"mt1:{link_of(maria, OPEN)}:abcdef:0")
    assert oleg.screen.startswith("🏠 Счёт …0017")
    assert "10000001" not in oleg.seen
    assert "3650" not in oleg.seen.replace(" ", "")


async def test_another_persons_confirmation_links_nothing(town: Town, maria: Someone) -> None:
    oleg = await town.customer("Олег")
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    await maria.send(ANOTHER)
    _, data = maria.find("Нет, другой номер")
    yes = ConfirmAddress(draft=ConfirmAddress.unpack(data).draft, yes=True).pack()
    for someone in (oleg, maria):
        await someone.press_data(someone.last_id, yes)
    assert town.rows("SELECT user_id FROM links") == [(maria.id,)]


async def test_two_people_may_look_after_one_account(town: Town, maria: Someone) -> None:
    oleg = await town.customer("Олег", OPEN)
    await oleg.send("3650 1580")
    await oleg.press("Передать")
    await maria.send("/menu")
    assert "Показания за ноябрь переданы 23.11.2026" in maria.screen


async def close(town: Town, account: str) -> None:
    await town.run("UPDATE ledger_accounts SET status = 'closed' WHERE account = ?", int(account))


async def test_an_account_closed_meanwhile_explains_what_is_left_of_it(town: Town, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    await close(town, OPEN)
    await maria.send("/menu")
    assert maria.screen.startswith("🏠 Счёт …3456\nг. Воронеж, ул. Лизюкова, д. 12\n\nК оплате 1 234,56 ₽")
    assert "Счёт закрыт, показания по нему больше не принимаются. Долг, если он есть, можно оплатить" in maria.screen
    assert "Передать показания" not in maria.buttons
    for text in ("/readings", "3660 1590"):
        await maria.send(text)
        assert maria.screen.startswith("Этот лицевой счёт закрыт, показания по нему не принимаются.")
    await maria.send("/menu")
    await maria.press("Мои показания")
    assert "П-2611-00001" in maria.screen
    await maria.press("На главную")
    await maria.press("Отвязать счёт")
    await maria.press("Да, отвязать")
    assert town.rows("SELECT * FROM links") == []


# One account that fails among several

THIRD = "610000300012"


@pytest.fixture
async def keeper(town: Town) -> Someone:
    """Looks after three accounts and has proved all of them; the second one is about to fail."""
    keeper = await town.customer("Мария", OPEN, ANOTHER, THIRD)
    await town.run("UPDATE links SET trust = 'verified', verified_at = '2026-11-20 00:00:00.000000'")
    return keeper


async def go_to(someone: Someone, tail: str) -> None:
    await someone.send("/accounts")
    assert len([label for label in someone.buttons if "…" in label]) == 3, "all are listed"
    await someone.press(f"…{tail}")
    assert someone.screen.startswith(f"Счёт …{tail}")
    await someone.press("Перейти к счёту")
    assert someone.screen.startswith(f"🏠 Счёт …{tail}")


async def the_others_are_well(someone: Someone) -> None:
    for tail in ("3456", THIRD[-4:]):
        await go_to(someone, tail)
        assert "Показания за ноябрь" in someone.screen
        assert "г. " in someone.screen
        await someone.press("О счёте")
        assert "Счётчик" in someone.screen


async def test_an_account_of_which_the_supplier_does_not_answer_hides_no_other(town: Town, keeper: Someone) -> None:
    town.supplier.trouble, town.supplier.about = SupplierUnavailable(), frozenset({ANOTHER})
    await the_others_are_well(keeper)
    await go_to(keeper, "0017")
    assert "Система расчётов сейчас не отвечает, показываю не всё." in keeper.screen
    await keeper.press("О счёте")
    assert keeper.screen.startswith("Система расчётов сейчас не отвечает.")
    await the_others_are_well(keeper)
    town.alerts()


async def test_what_can_be_told_is_told_when_one_question_fails(town: Town, keeper: Someone) -> None:
    town.supplier.trouble, town.supplier.only = SupplierUnavailable(), frozenset({"metering"})
    await go_to(keeper, "3456")
    assert "К оплате 1 234,56 ₽" in keeper.screen
    assert "показываю не всё" in keeper.screen


@pytest.mark.parametrize("raises", [True, False], ids=["error", "nothing found"])
async def test_an_account_that_vanished_hides_no_other_and_says_so(town: Town, keeper: Someone, raises: bool) -> None:
    if raises:
        town.supplier.trouble, town.supplier.about = AccountUnknown(), frozenset({ANOTHER})
    else:
        for table in ("readings", "charges", "payments", "meters", "accounts"):
            await town.run(f"DELETE FROM ledger_{table} WHERE account = ?", int(ANOTHER))
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
    assert town.rows("SELECT account FROM links ORDER BY account") == [(OPEN,), (THIRD,)]
    assert keeper.screen.startswith("🏠 Счёт …3456")


async def test_a_closed_account_hides_no_other(town: Town, keeper: Someone) -> None:
    await close(town, ANOTHER)
    await the_others_are_well(keeper)
    await go_to(keeper, "0017")
    assert "Счёт закрыт" in keeper.screen
    await keeper.press("О счёте")
    assert "Счётчик" in keeper.screen
    await the_others_are_well(keeper)


# Their order


async def listed(someone: Someone) -> list[str]:
    await someone.send("/accounts")
    return [label.removeprefix("✓ ") for label in someone.buttons if "…" in label]


async def test_any_account_can_be_put_first_and_is_in_view_after_a_start(town: Town) -> None:
    maria = await town.customer("Мария", *ACTIVE[:10])
    tails = [f"…{account[-4:]}" for account in ACTIVE[:10]]
    assert await listed(maria) == tails
    await maria.press(tails[6])
    await maria.press("Сделать первым")
    order = [tails[6], *tails[:6], *tails[7:]]
    assert await listed(maria) == order
    await maria.press(tails[9])
    await maria.press("Сделать первым")
    order = [tails[9], *(tail for tail in order if tail != tails[9])]
    await town.restart()
    assert await listed(maria) == order
    await maria.press(tails[9])
    assert "Сделать первым" not in maria.buttons
    await maria.send("/start")
    assert maria.screen.startswith(f"🏠 Счёт {tails[9]}")
    await maria.send("/accounts")
    await maria.press(tails[2])
    await maria.press("Перейти к счёту")
    await maria.send("/menu")
    assert maria.screen.startswith(f"🏠 Счёт {tails[2]}"), "the choice holds until the next start"
    await maria.send("/start")
    assert maria.screen.startswith(f"🏠 Счёт {tails[9]}")


async def test_a_new_account_comes_last_and_others_keep_their_order(town: Town) -> None:
    maria = await town.customer("Мария", OPEN, ANOTHER)
    oleg = await town.customer("Олег", OPEN, ANOTHER)
    await maria.send("/accounts")
    await maria.press("…0017")
    press = maria.find("Сделать первым")
    for _ in range(2):
        await maria.press_data(*press)
    town.clock.advance(minutes=1)
    await maria.send(THIRD)
    await maria.send("90")
    assert await listed(maria) == ["…0017", "…3456", f"…{THIRD[-4:]}"]
    assert await listed(oleg) == ["…3456", "…0017"]


async def test_the_account_number_can_be_copied(maria: Someone) -> None:
    await maria.press("Мои счета")
    await maria.press("…3456")
    assert "Скопировать номер счёта" in maria.buttons
