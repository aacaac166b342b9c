"""Confirming an address by its hidden number."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from handlers.accounts.callbacks import ConfirmAddress
from services.customers.privacy import Privacy
from services.supplier.errors import SupplierUnavailable
from tests.conftest import TWO_ZONES
from tests.flows.kept import killed_before_done
from tests.flows.test_erasure import erase
from tests.flows.test_privacy import download
from tests.flows.test_proofs import add_payment, prove
from tests.flows.test_sharing import invite
from tests.harness import BotHarness
from tests.people import Someone

OPEN = "360000123456"
HOUSE = "360000200066"
ANOTHER = "360000200017"
OTHER_HOUSE = "360000200074"
ASKED = "Если это ваш адрес, напишите номер квартиры."
WRONG = "Этот номер к счёту не подошёл."
UNKNOWN = "Такого лицевого счёта у нас нет."
MISSING = "Чтобы подтвердить адрес, напишите цифрами номер, который в нём закрыт точками"


@pytest.fixture
async def newcomer(harness: BotHarness) -> Someone:
    return await harness.customer("Мария")


def linked(harness: BotHarness) -> list[str]:
    return [account for (account,) in harness.rows("SELECT account FROM links ORDER BY account")]


def counted(harness: BotHarness) -> int:
    return int(harness.rows("SELECT count(*) FROM wrong_flats")[0][0])


async def spend(someone: Someone, account: str = OPEN) -> None:
    await someone.send(account)
    for flat in ("1", "2", "3"):
        await someone.send(flat)
        assert someone.screen.startswith(WRONG)


async def move(harness: BotHarness, account: str, address: str) -> None:
    await harness.run("UPDATE ledger_accounts SET address = ? WHERE account = ?", address, int(account))


@pytest.mark.parametrize("typed", ["45", "кв 45", "квартира 45", "кв.45", "№45", " 045 ", "д. 12, кв. 45"])
async def test_who_knows_the_flat_is_in(harness: BotHarness, newcomer: Someone, typed: str) -> None:
    await newcomer.send(OPEN)
    assert newcomer.screen.endswith(ASKED)
    assert newcomer.buttons == ["Нет, другой номер"]
    assert linked(harness) == []
    await newcomer.send(typed)
    assert newcomer.screen.startswith("🏠 Счёт …3456")
    assert (linked(harness), counted(harness)) == ([OPEN], 0)


async def test_twelve_and_twelve_a_are_two_flats(harness: BotHarness, newcomer: Someone) -> None:
    await move(harness, OPEN, "г. Воронеж, ул. Лизюкова, д. 12, кв. 12а")
    await newcomer.send(OPEN)
    await newcomer.send("12")
    assert newcomer.screen.startswith(WRONG)
    await newcomer.send("12 A")
    assert linked(harness) == [OPEN]


async def test_of_a_private_house_the_house_is_asked_for(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(HOUSE)
    assert newcomer.screen == (
        "Нашёл счёт …0066:\nВоронежская обл., с. Новая Усмань, ул. Полевая, д. ••\n\n"
        "Если это ваш адрес, напишите номер дома."
    )
    await newcomer.send("дом 5")
    assert linked(harness) == [HOUSE]


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("г. Воронеж, пр. Труда, д. 3, кв. 4, ком. 7", "номер квартиры и комнаты."),
        ("г. Воронеж, пр. Труда, д. 3, пом. 4", "номер помещения."),
        ("г. Воронеж, пр. Труда, д. 3, оф. 4", "номер офиса."),
        ("ГСК Спутник, бокс 4", "номер гаража."),
        ("ГСК Спутник, гараж 4", "номер гаража."),
        ("СНТ Заря, уч. 4", "номер участка."),
        ("с. Орлово, влд. 4", "номер владения."),
        ("г. Воронеж, ул. Лизюкова 4", "номер дома и квартиры, если она есть."),
    ],
)
async def test_the_question_names_what_is_hidden(
    harness: BotHarness, newcomer: Someone, address: str, asked: str
) -> None:
    await move(harness, OPEN, address)
    await newcomer.send(OPEN)
    assert newcomer.screen.endswith(f"напишите {asked}")
    await newcomer.send("4 7" if "ком." in address else "4")
    assert linked(harness) == [OPEN]


async def test_half_of_the_answer_is_no_guess(harness: BotHarness, newcomer: Someone) -> None:
    await move(harness, OPEN, "г. Воронеж, пр. Труда, д. 3, кв. 4, ком. 7")
    await newcomer.send(OPEN)
    await newcomer.send("4")
    assert newcomer.screen.startswith(MISSING)
    assert counted(harness) == 0


async def test_how_a_number_is_written_is_not_given_away(harness: BotHarness, newcomer: Someone) -> None:
    """Nor who lives in 45/1 told that «45» is no number."""
    await move(harness, OPEN, "г. Воронеж, пр. Труда, д. 3, кв. 45/1")
    await newcomer.send(OPEN)
    await newcomer.send("45")
    assert newcomer.screen.startswith(WRONG)
    await newcomer.send("45-1")
    assert linked(harness) == [OPEN]


async def test_help_in_between_loses_no_question(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    await newcomer.send("/help")
    await newcomer.send("45")
    assert linked(harness) == [OPEN]


@pytest.mark.parametrize("address", ["Воронежская обл., с. Орлово", ""])
async def test_where_nothing_is_hidden_a_press_confirms(harness: BotHarness, newcomer: Someone, address: str) -> None:
    await move(harness, OPEN, address)
    await newcomer.send(OPEN)
    assert newcomer.buttons == ["Да, это верный адрес", "Нет, другой номер"]
    await newcomer.press("Да, это верный адрес")
    assert newcomer.screen.startswith("🏠 Счёт …3456")
    assert linked(harness) == [OPEN]


async def test_an_operator_may_leave_it_at_a_press(idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIRM_FLAT", "false")
    await idle_harness.start()
    maria = await idle_harness.customer("Мария")
    await maria.send(OPEN)
    assert maria.buttons == ["Да, это верный адрес", "Нет, другой номер"]
    await maria.press("Да, это верный адрес")
    assert linked(idle_harness) == [OPEN]


async def test_an_account_that_a_person_s_own_login_shows_needs_a_press_alone(
    harness: BotHarness, newcomer: Someone
) -> None:
    harness.supplier.capabilities = replace(harness.supplier.capabilities, finds_by_number=False)
    await newcomer.send(OPEN)
    assert newcomer.buttons == ["Да, это верный адрес", "Нет, другой номер"]
    await newcomer.press("Да, это верный адрес")
    assert linked(harness) == [OPEN]


# Messages that are no answer


@pytest.mark.parametrize("typed", ["да", "верно", "это мой адрес", "кв", "?", "квартира двенадцать"])
async def test_words_are_no_guess(harness: BotHarness, newcomer: Someone, typed: str) -> None:
    await newcomer.send(OPEN)
    await newcomer.send(typed)
    assert newcomer.screen.startswith(MISSING)
    assert counted(harness) == 0
    await newcomer.send("45")
    assert linked(harness) == [OPEN]


async def test_a_picture_or_a_voice_is_no_guess(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    await newcomer.photo("45")
    await newcomer.voice()
    assert counted(harness) == 0
    await newcomer.send("45")
    assert linked(harness) == [OPEN]


async def test_the_address_as_a_whole_is_an_answer(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    await newcomer.send("394006, г. Воронеж, ул. Лизюкова, д. 12, кв. 45")
    assert linked(harness) == [OPEN]


@pytest.mark.parametrize("typed", ["36000020001", "3600002000177", "360000123456, 360000200017"])
async def test_a_mistyped_account_is_no_guess(harness: BotHarness, newcomer: Someone, typed: str) -> None:
    await newcomer.send(OPEN)
    await newcomer.send(typed)
    assert "В номере лицевого счёта 12 цифр" in newcomer.screen or "несколько номеров" in newcomer.screen
    assert counted(harness) == 0


async def test_another_account_begins_anew(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    await newcomer.send("3600 0020 0017")
    assert newcomer.screen.startswith("Нашёл счёт …0017")
    await newcomer.send("45")
    assert newcomer.screen.startswith(WRONG)
    await newcomer.send("46")
    assert linked(harness) == [ANOTHER]


@pytest.mark.parametrize("way", ["/cancel", "отмена", "/start"])
async def test_who_leaves_the_question_answers_it_no_more(harness: BotHarness, newcomer: Someone, way: str) -> None:
    await newcomer.send(OPEN)
    await newcomer.send(way)
    assert newcomer.screen.startswith("Пришлите номер лицевого счёта")
    await newcomer.send("45")
    assert "В номере лицевого счёта 12 цифр" in newcomer.screen
    assert (linked(harness), counted(harness)) == ([], 0)


async def test_an_edit_is_an_answer(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    await newcomer.send("44")
    await newcomer.edit("45")
    assert newcomer.screen.startswith("🏠 Счёт …3456")
    assert (linked(harness), counted(harness)) == ([OPEN], 1)


async def test_what_was_answered_while_the_supplier_was_away_is_answered_later(
    harness: BotHarness, newcomer: Someone
) -> None:
    await newcomer.send(OPEN)
    harness.supplier.trouble = SupplierUnavailable()
    await newcomer.send("45")
    assert newcomer.screen.endswith("Ваше сообщение я запомнил.")
    harness.supplier.trouble = None
    assert harness.alerts()
    assert (linked(harness), counted(harness)) == ([], 0)
    await newcomer.press("Повторить")
    assert newcomer.screen.startswith("🏠 Счёт …3456")


# The address changes


async def test_the_flat_is_that_of_now(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    await move(harness, OPEN, "г. Воронеж, ул. Лизюкова, д. 12, кв. 47")
    await newcomer.send("45")
    assert newcomer.screen.startswith(WRONG)
    await newcomer.send("47")
    assert linked(harness) == [OPEN]


@pytest.mark.parametrize("address", ["с. Орлово, ул. Мира, д. 45", "г. Воронеж, ул. Мира, д. 1, кв. 45", "с. Орлово"])
async def test_another_address_is_asked_about_anew(harness: BotHarness, newcomer: Someone, address: str) -> None:
    await newcomer.send(OPEN)
    await move(harness, OPEN, address)
    await newcomer.send("45")
    assert newcomer.screen.startswith("Нашёл счёт …3456")
    assert (linked(harness), counted(harness)) == ([], 0)


async def test_an_account_that_is_closed_meanwhile_is_not_linked(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    await harness.run("UPDATE ledger_accounts SET status = 'closed' WHERE account = ?", int(OPEN))
    await newcomer.send("45")
    assert newcomer.screen.startswith("Этот лицевой счёт закрыт")
    assert linked(harness) == []


async def test_an_old_button_does_not_get_round_the_question(harness: BotHarness, newcomer: Someone) -> None:
    """One of an older version, or one that was made when the address hid nothing."""
    await move(harness, OPEN, "с. Орлово")
    await newcomer.send(OPEN)
    press = newcomer.find("Да, это верный адрес")
    await move(harness, OPEN, "с. Орлово, ул. Мира, д. 5")
    await newcomer.press_data(*press)
    assert newcomer.screen.endswith("напишите номер дома.")
    _, data = newcomer.find("Нет, другой номер")
    await newcomer.press_data(
        newcomer.last_id, ConfirmAddress(draft=ConfirmAddress.unpack(data).draft, yes=True).pack()
    )
    assert newcomer.screen.endswith("напишите номер дома.")
    assert linked(harness) == []
    await newcomer.send("5")
    assert linked(harness) == [OPEN]


async def test_a_question_of_an_older_version_is_asked_anew(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    await harness.run("UPDATE conversations SET data = json_remove(data, '$.AddressDraft.shown')")
    await harness.restart()
    await newcomer.send("45")
    assert newcomer.screen.endswith(ASKED)
    await newcomer.send("45")
    assert linked(harness) == [OPEN]


# Wrong flats


async def test_after_three_wrong_flats_the_number_counts_as_unknown(harness: BotHarness, newcomer: Someone) -> None:
    await spend(newcomer)
    await newcomer.send("45")
    assert newcomer.screen.startswith(WRONG), "nobody learns whether it was right or too late"
    assert newcomer.screens[-1] == newcomer.screens[-2]
    await newcomer.send(OPEN)
    assert newcomer.screen.startswith(UNKNOWN)
    await newcomer.send("45")
    assert (linked(harness), counted(harness)) == ([], 3)


async def test_the_same_wrong_flat_again_is_the_same_guess(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    for typed in ("44", "кв 44", "44", "№ 44"):
        await newcomer.send(typed)
        assert newcomer.screen.startswith(WRONG)
    assert counted(harness) == 1
    await newcomer.send("45")
    assert linked(harness) == [OPEN]


async def test_guesses_count_for_24_hours(harness: BotHarness, newcomer: Someone) -> None:
    """Also over midnight, and the account is not found any earlier by asking again."""
    harness.clock.set("2026-11-23 23:50")
    await spend(newcomer)
    for moment in ("2026-11-24 00:05", "2026-11-24 23:49"):
        harness.clock.set(moment)
        await newcomer.send(OPEN)
        assert newcomer.screen.startswith(UNKNOWN)
        await newcomer.send("45")
    harness.clock.set("2026-11-24 23:50")
    await newcomer.send(OPEN)
    await newcomer.send("45")
    assert linked(harness) == [OPEN]


async def test_a_clock_that_is_set_back_gives_no_guess(harness: BotHarness, newcomer: Someone) -> None:
    await spend(newcomer)
    harness.clock.advance(days=-2)
    await newcomer.send(OPEN)
    assert newcomer.screen.startswith(UNKNOWN)


@pytest.mark.parametrize("flat", ["3", "45"])
async def test_a_message_that_runs_again_after_a_kill_is_the_same_guess(
    harness: BotHarness, newcomer: Someone, monkeypatch: pytest.MonkeyPatch, flat: str
) -> None:
    await newcomer.send(OPEN)
    for wrong in ("1", "2"):
        await newcomer.send(wrong)
    newcomer.types(flat)
    await killed_before_done(harness, monkeypatch)
    await harness.quiet()
    if flat == "45":
        assert newcomer.screen.startswith("🏠 Счёт …3456")
        assert (linked(harness), counted(harness)) == ([OPEN], 2)
    else:
        assert newcomer.screen.startswith(WRONG)
        assert (linked(harness), counted(harness)) == ([], 3)


@pytest.mark.parametrize("way", ["restart", "/start", "/cancel", "edits", "hurry", "number again"])
async def test_nothing_gives_a_fourth_guess(harness: BotHarness, newcomer: Someone, way: str) -> None:
    await newcomer.send(OPEN)
    for flat in ("1", "2", "3", "45"):
        await (newcomer.edit(flat) if way == "edits" and flat != "1" else newcomer.send(flat))
        if way == "restart":
            await harness.restart()
        elif way in ("/start", "/cancel"):
            await newcomer.send(way)
            await newcomer.send(OPEN)
        elif way == "hurry":
            newcomer.types(flat)
        elif way == "number again":
            await newcomer.send(OPEN)
    await harness.quiet()
    assert (linked(harness), counted(harness)) == ([], 3)


async def test_unlinking_gives_no_guess(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send(OPEN)
    for flat in ("1", "2", "45"):
        await newcomer.send(flat)
    await newcomer.send("/accounts")
    await newcomer.press("Изменить")
    await newcomer.press("Отвязать")
    await newcomer.press("Да, отвязать")
    assert linked(harness) == []
    await newcomer.send(OPEN)
    await newcomer.send("3")
    await newcomer.send("45")
    assert newcomer.screen.startswith(WRONG)
    assert linked(harness) == []


async def test_deleting_oneself_gives_no_guess(harness: BotHarness, newcomer: Someone) -> None:
    """Guesses went with the rest, so no account is linked by its number until they would have been over."""
    harness.clock.set("2026-11-23 23:50")
    await spend(newcomer)
    await erase(newcomer)
    assert counted(harness) == 0
    for moment in ("2026-11-23 23:55", "2026-11-24 00:05", "2026-11-24 23:49"):
        harness.clock.set(moment)
        await newcomer.send("/start")
        if "Согласен с обоими, продолжить" in newcomer.buttons:
            await newcomer.press("Согласен с обоими")
        await newcomer.send(OPEN)
        assert "через сутки после этого" in newcomer.screen


async def test_one_person_and_one_account_hold_nobody_else_up(harness: BotHarness, newcomer: Someone) -> None:
    """Strangers may guess as they like: the flat's number lets its resident in at once."""
    await spend(newcomer)
    for number in range(8):
        await spend(await harness.customer(f"Чужой {number}"))
    await newcomer.send(ANOTHER)
    await newcomer.send("46")
    oleg = await harness.customer("Олег")
    await oleg.send(OPEN)
    await oleg.send("45")
    assert linked(harness) == sorted([ANOTHER, OPEN])


async def test_an_invitation_asks_for_no_flat(harness: BotHarness, newcomer: Someone) -> None:
    await spend(newcomer)
    owner = await harness.customer("Пётр", OPEN)
    await prove(owner, await add_payment(harness, "2026-11-10", 105511))
    await newcomer.send(await invite(owner))
    await newcomer.press("Принять")
    assert newcomer.screen.startswith("🏠 Счёт …3456")
    await newcomer.send(OPEN)
    assert newcomer.screen.startswith("🏠 Счёт …3456"), "it is their own, whatever they typed before"


async def test_what_a_person_may_download_holds_nothing_that_helps(harness: BotHarness, newcomer: Someone) -> None:
    """Neither a flat nor anything made of one: of a thousand flats a computer tries each."""
    await newcomer.send(OPEN)
    await newcomer.send("44")
    found = await download(newcomer)
    assert [one["account"] for one in found["wrong_flats"]] == [OPEN]
    assert "кв. ••" in str(found["conversation"])
    assert "кв. 45" not in str(found)
    assert re.search("[0-9a-f]{24}", str(found)) is None


async def test_what_counts_no_more_is_forgotten(harness: BotHarness, newcomer: Someone) -> None:
    await spend(newcomer)
    harness.clock.advance(days=2)
    await harness.app.use(Privacy).forget()
    assert counted(harness) == 3
    harness.clock.advance(days=2)
    await harness.app.use(Privacy).forget()
    assert counted(harness) == 0


# One's own number


@pytest.mark.parametrize("typed", [ANOTHER, "36OO OO2O OO17", "3600-0020-0017", "л/с 36ОООО2ООО17", "360 000 200 017"])
@pytest.mark.parametrize("place", ["home", "number", "question"])
async def test_ones_own_number_opens_the_account(harness: BotHarness, place: str, typed: str) -> None:
    maria = await harness.customer("Мария", ANOTHER, OPEN)
    if place != "home":
        await maria.send("/accounts")
        await maria.press("Добавить счёт")
    if place == "question":
        await maria.send(HOUSE)
    assert not maria.screen.startswith("🏠 Счёт …0017")
    await maria.send(typed)
    assert maria.screen.startswith("🏠 Счёт …0017")
    await maria.send("/menu")
    assert maria.screen.startswith("🏠 Счёт …0017")
    assert harness.rows("SELECT count(*) FROM lookups") == [(int(place == "question"),)]


async def test_nobody_is_asked_for_the_flat_of_an_account_of_theirs(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", ANOTHER, OPEN)
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    await maria.send(f"{ANOTHER}, Лизюкова 12")
    assert maria.screen.startswith("🏠 Счёт …0017")


async def test_letters_that_look_like_digits_are_digits_in_a_number(harness: BotHarness, newcomer: Someone) -> None:
    await newcomer.send("З6ОООО 123 456")
    assert newcomer.screen.startswith("Нашёл счёт …3456")


@pytest.mark.parametrize("typed", [f"л/с {TWO_ZONES} день 3655 ночь 1585", f"{TWO_ZONES} 3655 1585"])
@pytest.mark.parametrize("place", ["number", "address"])
async def test_numbers_beside_ones_own_account_are_taken_wherever_an_account_is_asked_for(
    harness: BotHarness, maria: Someone, typed: str, place: str
) -> None:
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    if place == "address":
        await maria.send("360000200017")
    await maria.send(typed)
    assert "День 3 500 → 3 655" in maria.screen
    await maria.press("Передать")
    assert "Показания переданы" in maria.screen
    assert harness.rows("SELECT count(*) FROM wrong_flats") == [(0,)]
