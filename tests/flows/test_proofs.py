"""Proving an account by a paid sum: caps, kills, who is told, «Это не я», and what a proof opens."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from services.payments.sums import kopecks
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from services.supplier.models import Access, Payment
from tests.conftest import SAMPLES
from tests.flows.payer import order_row
from tests.harness import BotHarness
from tests.people import Someone

ACCOUNT = "360000123456"
FULL_ADDRESS = "кв. 45"
PAID = "1 055,11"
LEFT = "Осталось попыток: {}"
SPENT = "Попытки подтвердить этот счёт закончились"


@pytest.fixture
async def paid(harness: BotHarness) -> str:
    """The sum of a payment that proves the account, as a person types it."""
    return await add_payment(harness, "2026-11-10", 105511)


async def add_payment(harness: BotHarness, day: str, amount: int, account: str = ACCOUNT) -> str:
    """A payment that was credited before the account's first look."""
    for table in ("watches", "shown_sums"):
        await harness.run(f"DELETE FROM {table} WHERE account = ?", account)
    return await credit_payment(harness, day, amount, account)


async def credit_payment(harness: BotHarness, day: str, amount: int, account: str = ACCOUNT) -> str:
    """The supplier credits it now."""
    values = (int(account), day, amount, f"r{day}{amount}", "банк")
    await harness.run(
        "INSERT INTO ledger_payments (account, date, amount, reference, source) VALUES (?, ?, ?, ?, ?)", *values
    )
    return f"{amount // 100},{amount % 100:02d}"


async def prove(someone: Someone, typed: str) -> None:
    await someone.send("/menu")
    await someone.press("Подтвердить счёт")
    await someone.send(typed)


def trusts(harness: BotHarness) -> list[str]:
    return [row[0] for row in harness.rows("SELECT trust FROM links ORDER BY created_at, user_id")]


async def test_what_needs_a_proof_leads_to_it(harness: BotHarness, maria: Someone, paid: str) -> None:
    await maria.send("/receipts")
    assert maria.screen.endswith("Подтвердить счёт можно суммой недавнего платежа.")
    assert maria.buttons == ["Подтвердить счёт", "На главную"]
    await maria.press("Подтвердить счёт")
    await maria.send(paid)
    assert trusts(harness) == ["verified"]


@pytest.mark.parametrize("typed", ["1055,11", "1 055.11 ₽", "1055 руб 11 коп"])
async def test_a_paid_sum_proves_the_account(harness: BotHarness, maria: Someone, paid: str, typed: str) -> None:
    await maria.press("Подтвердить счёт")
    assert LEFT.format(3) in maria.screen
    await maria.send(typed)
    assert "Счёт подтверждён" in maria.screen
    assert trusts(harness) == ["verified"]
    assert FULL_ADDRESS not in maria.seen
    await maria.press("О счёте")
    assert FULL_ADDRESS in maria.screen
    await maria.press("На главную")
    assert FULL_ADDRESS in maria.screen
    assert harness.rows("SELECT action FROM journal") == [("verified",)]


async def test_its_owner_sees_the_whole_address_wherever_it_is_shown(harness: BotHarness) -> None:
    """The sum is shown with the address where there is another account to take it for."""
    zoya = await harness.customer("Зоя", "360000200017", ACCOUNT)
    places = {"/menu": (), "/pay": (), "/accounts": ("Изменить", "…3456")}
    for verified in (False, True):
        if verified:
            await harness.run("UPDATE links SET trust = 'verified' WHERE account = ?", ACCOUNT)
        for command, labels in places.items():
            await zoya.send(command)
            for label in labels:
                await zoya.press(label)
            assert "ул. Лизюкова, д. 12" in zoya.screen
            assert (FULL_ADDRESS in zoya.screen) == verified


async def test_before_the_proof_nothing_of_it_is_shown(harness: BotHarness, maria: Someone) -> None:
    for label in ("Мои счета", "Изменить", "Назад", "На главную"):
        await maria.press(label)
    message, data = maria.find("Подтвердить счёт")
    await maria.press_data(message, data.replace("prove", "info"))
    assert "Это доступно, когда подтверждено" in maria.screen
    await maria.press_data(message, data.replace("prove", "control"))
    assert "Это доступно, когда подтверждено" in maria.screen
    [(phone, holder)] = harness.rows("SELECT phone, holder FROM ledger_accounts WHERE account = ?", int(ACCOUNT))
    for secret in (FULL_ADDRESS, phone, holder):
        assert secret
        assert secret not in maria.seen


@pytest.mark.parametrize(
    ("day", "works"),
    [("2026-11-23", False), ("2026-11-22", True), ("2025-11-23", True), ("2025-11-22", False)],
)
async def test_a_payment_proves_from_the_next_day_on_for_a_year(
    harness: BotHarness, maria: Someone, day: str, works: bool
) -> None:
    await prove(maria, await add_payment(harness, day, 777_77))
    assert ("Счёт подтверждён" in maria.screen) == works


async def test_three_guesses_a_day_at_one_account(harness: BotHarness, maria: Someone, paid: str) -> None:
    for left in (2, 1, 0):
        await prove(maria, f"{left},01")
        assert LEFT.format(left) in maria.screen
    await maria.send(paid)
    assert SPENT in maria.screen
    await harness.restart()
    await prove(maria, paid)
    assert SPENT in maria.screen
    harness.clock.advance(days=1)
    await prove(maria, paid)
    assert "Счёт подтверждён" in maria.screen


async def test_where_a_payment_is_advised_it_can_be_made(harness: BotHarness, maria: Someone, paid: str) -> None:
    for words in ("Такой оплаты мы не нашли", "Такой оплаты мы не нашли", "Осталось попыток: 0", SPENT):
        await prove(maria, "10,01")
        assert words in maria.screen
        assert maria.main_buttons == ["Оплатить"]
    await maria.press("Оплатить")
    assert "К оплате 920,63 ₽" in maria.screen


async def test_a_crowd_has_twelve_guesses_in_thirty_days_at_one_account(harness: BotHarness, paid: str) -> None:
    await harness.customer("Прохожий", ACCOUNT)
    asked = count_payments_calls(harness)
    for number in range(14):
        harness.clock.advance(hours=13)
        stranger = await harness.customer(f"Сосед {number}", ACCOUNT)
        await prove(stranger, f"{number},02")
    assert len(asked) == 12
    assert SPENT in stranger.screen
    await harness.restart()
    await prove(stranger, paid)
    assert SPENT in stranger.screen
    assert "verified" not in trusts(harness)
    harness.clock.advance(days=30)
    await prove(stranger, paid)
    assert "Счёт подтверждён" in stranger.screen


async def test_one_stranger_uses_up_only_half_of_what_there_is(harness: BotHarness, maria: Someone, paid: str) -> None:
    """Six guesses in thirty days, however long he goes on; the owner's are there."""
    stranger = await harness.customer("Сосед", ACCOUNT)
    asked = count_payments_calls(harness)
    for _ in range(10):
        for number in range(4):
            await prove(stranger, f"{number},02")
        harness.clock.advance(days=1)
    assert len(asked) == 6
    await prove(maria, paid)
    assert "Счёт подтверждён" in maria.screen


async def test_no_crowd_keeps_out_who_has_paid_through_the_bot(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/pay")
    await pay(harness, maria, "1")
    await credit(harness)
    harness.clock.advance(days=2)
    for number in range(20):
        stranger = await harness.customer(f"Сосед {number}", ACCOUNT)
        await prove(stranger, f"{number},02")
    assert SPENT in stranger.screen
    for number in range(2):
        await prove(maria, f"{number},02")
    await prove(maria, "1")
    assert "Счёт подтверждён" in maria.screen


async def test_guesses_of_those_who_have_paid_leave_the_crowd_what_it_has(harness: BotHarness, maria: Someone) -> None:
    """Or one stranger could block everybody for a rouble."""
    oleg = await harness.customer("Олег", ACCOUNT)
    await oleg.send("/pay")
    await pay(harness, oleg, "1")
    await credit(harness)
    for _ in range(6):
        harness.clock.advance(days=2)
        for number in range(4):
            await prove(oleg, f"{number},02")
        assert SPENT in oleg.screen
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    assert "Счёт подтверждён" in maria.screen


async def test_a_payment_of_long_ago_gives_no_guesses_beyond_the_limits(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/pay")
    await pay(harness, maria, "1")
    await credit(harness)
    harness.clock.advance(days=2)
    await maria.send("/menu")
    harness.clock.advance(days=365)
    asked = count_payments_calls(harness)
    for _ in range(3):
        for number in range(3):
            await prove(maria, f"{number},02")
        harness.clock.advance(days=1)
    assert len(asked) == 6


async def test_one_person_has_five_guesses_a_day_at_all_accounts(harness: BotHarness) -> None:
    accounts = ["360000200017", "360000123456", "520000400014"]
    oleg = await harness.customer("Олег", *accounts)
    await oleg.send("/accounts")
    asked = count_payments_calls(harness)
    for _ in range(3):
        await oleg.send("/accounts")
        for account in accounts:
            await oleg.press(account[-4:])
            await oleg.press("Подтвердить счёт")
            await oleg.send("0,03")
            await oleg.send("/accounts")
    assert len(asked) == 5


async def test_five_guesses_are_not_ten_around_midnight_or_in_two_regions(
    idle_harness: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Days of regions begin at different moments; 24 hours do not."""
    harness, profile = idle_harness, tmp_path / "supplier.toml"
    regions = (SAMPLES / "supplier.toml").read_text(encoding="utf-8")
    profile.write_text(re.sub(r'(\["52"\]\ntimezone = )"[^"]+"', r'\1"Europe/Samara"', regions), encoding="utf-8")
    monkeypatch.setenv("SUPPLIER_PROFILE", str(profile))
    await harness.start()
    accounts = ["360000200017", "360000123456", "520000400014", "520000400030"]
    oleg = await harness.customer("Олег", *accounts)
    await oleg.send("/accounts")
    asked = count_payments_calls(harness)
    for moment in ("2026-11-23 22:59", "2026-11-23 23:01", "2026-11-24 00:01"):
        harness.clock.set(moment)
        for account in accounts:
            await guess(oleg, account)
    assert len(asked) == 5
    harness.clock.set("2026-11-24 22:58")
    await guess(oleg, accounts[0])
    assert len(asked) == 5
    harness.clock.set("2026-11-24 22:59")
    await guess(oleg, accounts[0])
    assert len(asked) == 6
    harness.clock.set("2026-11-23 22:59")
    await guess(oleg, accounts[0])
    assert len(asked) == 6, "a clock turned back a day gives nothing back"


async def guess(someone: Someone, account: str) -> None:
    await someone.send("/accounts")
    for label in (account[-4:], "Подтвердить счёт"):
        await someone.press(label)
    await someone.send("0,03")


async def test_three_guesses_at_an_account_are_not_six_around_midnight(harness: BotHarness, maria: Someone) -> None:
    asked = count_payments_calls(harness)
    for moment in ("2026-11-23 23:59", "2026-11-24 00:01"):
        harness.clock.set(moment)
        for _ in range(3):
            await guess(maria, ACCOUNT)
    assert len(asked) == 3
    assert SPENT in maria.screen


async def test_a_hit_and_a_miss_take_the_same_calls(harness: BotHarness, maria: Someone, paid: str) -> None:
    """Time and number of messages tell no more than the words."""
    oleg = await harness.customer("Олег", ACCOUNT)
    asked = count_payments_calls(harness)
    took = []
    for someone, typed in ((oleg, "0,06"), (maria, paid)):
        await someone.send("/menu")
        await someone.press("Подтвердить счёт")
        before = harness.world.calls[-1].seq
        await someone.send(typed)
        calls = [call.method for call in harness.world.calls if call.seq > before]
        took.append([method for method in calls if method != "getUpdates"])
    assert took[0] == took[1] == ["sendMessage"]
    assert asked == [ACCOUNT] * 2


def count_payments_calls(harness: BotHarness) -> list[str]:
    """Accounts whose payments the supplier was asked for, from now on: at guesses and at an account's first look."""
    asked: list[str] = []
    real = harness.supplier.payments

    async def counted(access: Access, since: date) -> tuple[Payment, ...]:
        asked.append(access.account)
        return await real(access, since)

    harness.supplier.payments = counted  # type: ignore[method-assign]
    return asked


async def test_a_guess_cut_off_by_a_kill_is_spent(harness: BotHarness, maria: Someone, paid: str) -> None:
    """Whether the supplier has answered nobody knows: another look at its answer costs another guess."""
    await maria.send("/menu")
    asked = count_payments_calls(harness)
    for number in range(2):
        await prove(maria, f"{number},04")
    harness.supplier.trouble, harness.supplier.only = ZeroDivisionError("killed"), frozenset({"payments"})
    harness.supplier.times = 1
    await prove(maria, paid)
    harness.journal.take()
    assert SPENT in maria.screen
    assert len(asked) == 3


async def test_a_supplier_that_is_down_costs_no_guess(harness: BotHarness, maria: Someone, paid: str) -> None:
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"payments"})
    for _ in range(4):
        await prove(maria, paid)
    assert len(harness.alerts()) == 4
    harness.supplier.trouble = None
    await maria.send(paid)
    assert "Счёт подтверждён" in maria.screen


async def test_where_nothing_was_paid_a_small_payment_is_advised(harness: BotHarness, maria: Someone) -> None:
    await harness.run("DELETE FROM ledger_payments")
    await prove(maria, "500,05")
    assert "хоть 1 рубль" in maria.screen


async def test_of_an_account_that_has_vanished_nothing_was_paid(harness: BotHarness, maria: Someone, paid: str) -> None:
    harness.supplier.trouble, harness.supplier.only = AccountUnknown(), frozenset({"payments"})
    await prove(maria, paid)
    assert "хоть 1 рубль" in maria.screen
    assert trusts(harness) == ["confirmed"]


async def test_whole_roubles_are_no_guess_and_prove_nothing(harness: BotHarness, maria: Someone) -> None:
    """A payer of always a thousand would be found out at once."""
    await add_payment(harness, "2026-11-10", 1000_00)
    for typed in ("1000", "1 000,00 ₽", "500", "2000"):
        await prove(maria, typed)
        assert "Сумма без копеек не подойдёт" in maria.screen
    assert harness.rows("SELECT * FROM guesses") == []
    assert trusts(harness) == ["confirmed"]
    await maria.send(await add_payment(harness, "2026-11-10", 1055_11))
    assert "Счёт подтверждён" in maria.screen


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("не помню", "Здесь нет суммы"), ("-5", "меньше нуля"), ("1,055", "Не понял сумму"), ("٥٠٠", "обычными цифрами")],
)
async def test_what_is_no_sum_costs_no_guess(harness: BotHarness, maria: Someone, typed: str, answer: str) -> None:
    await prove(maria, typed)
    assert answer in maria.screen
    assert harness.rows("SELECT * FROM guesses") == []


# Others who had proved it before


@pytest.fixture
async def owner(harness: BotHarness, maria: Someone, paid: str) -> Someone:
    await prove(maria, paid)
    return maria


async def newcomer(harness: BotHarness, paid: str) -> Someone:
    oleg = await harness.customer("Олег", ACCOUNT)
    harness.clock.advance(minutes=1)
    await prove(oleg, paid)
    return oleg


async def test_who_had_proved_it_before_is_told_at_once_and_can_undo_it(
    harness: BotHarness, owner: Someone, paid: str
) -> None:
    before = harness.world.cursor
    oleg = await newcomer(harness, paid)
    assert "Счёт подтверждён" in oleg.screen
    await harness.told(owner, "подтвердил ещё один человек", before)
    press = owner.find("Это не я")
    before = harness.world.cursor
    await owner.press("Это не я")
    assert "Доступ этого человека закрыт" in owner.screen
    await harness.told(oleg, "Владелец счёта …3456 закрыл вам доступ", before)
    assert harness.rows("SELECT user_id FROM links") == [(owner.id,)]
    await owner.press_data(*press)
    assert "Доступ этого человека закрыт" in owner.screen
    await oleg.send("/start")
    await oleg.send(ACCOUNT)
    await oleg.send("45")
    harness.clock.advance(days=1)
    await prove(oleg, paid)
    assert "запретил подтверждать" in oleg.screen
    assert FULL_ADDRESS not in oleg.screen


async def test_a_newcomer_cannot_throw_the_owner_out(harness: BotHarness, owner: Someone, paid: str) -> None:
    before = harness.world.cursor
    oleg = await newcomer(harness, paid)
    await harness.told(owner, "подтвердил ещё один человек", before)
    [(own_link,)] = harness.rows("SELECT id FROM links WHERE user_id = ?", owner.id)
    _, data = owner.find("Это не я")
    [(new_link,)] = harness.rows("SELECT id FROM links WHERE user_id = ?", oleg.id)
    for forged in (f"ds1:{own_link}:{new_link}", f"ds1:{new_link}:{new_link}", f"ds1:{own_link}:{own_link}", data):
        await oleg.press_data(oleg.last_id, forged)
    stranger = await harness.customer("Чужой", ACCOUNT)
    await stranger.press_data(stranger.last_id, data)
    assert sorted(trusts(harness)) == ["confirmed", "verified", "verified"]


async def test_who_goes_by_himself_cannot_come_back(harness: BotHarness, owner: Someone, paid: str) -> None:
    before = harness.world.cursor
    oleg = await newcomer(harness, paid)
    await harness.told(owner, "подтвердил ещё один человек", before)
    await oleg.send("/accounts")
    await oleg.press("Изменить")
    await oleg.press("Отвязать")
    await oleg.press("Да, отвязать")
    await owner.press("Это не я")
    await oleg.send(ACCOUNT)
    await oleg.send("45")
    await prove(oleg, paid)
    assert "запретил подтверждать" in oleg.screen


async def test_who_came_first_is_known_when_the_clock_was_turned_back(
    harness: BotHarness, owner: Someone, paid: str
) -> None:
    harness.clock.advance(hours=-1)
    before = harness.world.cursor
    oleg = await harness.customer("Олег", ACCOUNT)
    await prove(oleg, paid)
    await harness.told(owner, "подтвердил ещё один человек", before)
    await owner.press("Это не я")
    assert harness.rows("SELECT user_id FROM links") == [(owner.id,)]


async def test_a_later_proof_can_be_undone_from_the_list_as_well(
    harness: BotHarness, owner: Someone, paid: str
) -> None:
    await newcomer(harness, paid)
    await owner.send("/menu")
    await owner.press("О счёте")
    await owner.press("Управление счётом")
    await owner.press("Кто имеет доступ")
    await owner.press("Закрыть доступ: 1.")
    await owner.press("Да, закрыть доступ")
    assert "Доступ этого человека закрыт" in owner.screen
    assert harness.rows("SELECT user_id FROM links") == [(owner.id,)]


async def test_a_lock_holds_for_a_guess_under_way(harness: BotHarness, owner: Someone, paid: str) -> None:
    oleg = await harness.customer("Олег", ACCOUNT)
    await oleg.press("Подтвердить счёт")
    harness.supplier.gate.clear()
    harness.supplier.called.clear()
    oleg.types(paid)
    await harness.supplier.called.wait()
    await harness.run("INSERT INTO controls (account, anyone_submits, closed, locked) VALUES (?, 1, 0, 1)", ACCOUNT)
    harness.supplier.gate.set()
    await harness.quiet()
    assert "запретил подтверждать" in oleg.screen
    assert sorted(trusts(harness)) == ["confirmed", "verified"]


async def test_bars_go_with_the_last_owner(harness: BotHarness, owner: Someone, paid: str) -> None:
    await switch(owner, "Запретить управление другим")
    await switch(owner, "Никому больше не подтверждать")
    await owner.send("/accounts")
    await owner.press("Изменить")
    await owner.press("Отвязать")
    await owner.press("Да, отвязать")
    await owner.send(ACCOUNT)
    await owner.send("45")
    assert "К оплате" in owner.screen
    await prove(owner, paid)
    assert "Счёт подтверждён" in owner.screen


async def test_a_payment_of_nothing_proves_nothing(harness: BotHarness, maria: Someone) -> None:
    await add_payment(harness, "2026-11-10", 0)
    await prove(maria, "0")
    assert trusts(harness) == ["confirmed"]


# The owner's permissions


async def switch(someone: Someone, label: str) -> None:
    await someone.send("/menu")
    await someone.press("О счёте")
    await someone.press("Управление счётом")
    await someone.press(label)


async def test_readings_from_the_unverified_can_be_switched_off_at_once(
    harness: BotHarness, owner: Someone, tmp_path: Path
) -> None:
    oleg = await harness.customer("Олег", ACCOUNT)
    await oleg.send("3650 1580")
    press = oleg.find("Передать")
    await switch(owner, "Показания без подтверждения")
    assert "☐ Показания без подтверждения" in str(harness.world.chat_view(owner.id)[-1])
    assert "Кто знает номер счёта и адрес, может оплатить. Показания передают только" in owner.screen
    await oleg.press_data(*press)
    assert "не разрешает передавать показания" in oleg.screen
    assert harness.rows("SELECT * FROM submissions") == []
    await oleg.send("/menu")
    assert "Показания за этот счёт передаёт только его владелец" in oleg.screen
    assert "Передать показания" not in oleg.buttons
    await owner.send("3650 1580")
    await owner.press("Передать")
    assert "Показания переданы" in owner.screen
    await switch(owner, "Показания без подтверждения")
    await oleg.send("/menu")
    assert "переданы" in oleg.screen
    assert [row[0] for row in harness.rows("SELECT action FROM journal")][1:] == ["nobody_submits", "anyone_submits"]


async def test_a_closed_account_tells_others_nothing(harness: BotHarness, owner: Someone) -> None:
    oleg = await harness.customer("Олег", ACCOUNT)
    assert "К оплате" in oleg.screen
    await switch(owner, "Запретить управление другим")
    assert "Кто знает номер" not in owner.screen
    assert "платить могут только те, кто подтвердил" in owner.screen
    assert owner.buttons[:2] == ["Управление другим запрещено", "Никому больше не подтверждать"]
    await oleg.send("/menu")
    assert "Владелец счёта закрыл его для других" in oleg.screen
    assert "К оплате" not in oleg.screen
    await oleg.send("3650 1580")
    assert "не разрешает передавать показания" in oleg.screen
    await owner.send("/menu")
    assert "К оплате" in owner.screen


async def test_an_owner_can_lock_and_unlock_further_proofs(harness: BotHarness, owner: Someone, paid: str) -> None:
    await switch(owner, "Никому больше не подтверждать")
    oleg = await harness.customer("Олег", ACCOUNT)
    await prove(oleg, paid)
    assert "запретил подтверждать" in oleg.screen
    await switch(owner, "Новые подтверждения запрещены")
    await prove(oleg, paid)
    assert "Счёт подтверждён" in oleg.screen


async def test_a_switch_of_another_persons_account_does_nothing(harness: BotHarness, owner: Someone) -> None:
    await owner.send("/menu")
    await owner.press("О счёте")
    await owner.press("Управление счётом")
    oleg = await harness.customer("Олег", ACCOUNT)
    await oleg.press_data(oleg.last_id, owner.find("Запретить управление другим")[1])
    assert "больше не привязан к вам" in (oleg.toast or "") + oleg.screen
    assert harness.rows("SELECT * FROM controls") == []


async def test_the_information_page_says_what_the_supplier_knows(harness: BotHarness, owner: Someone) -> None:
    await owner.send("/menu")
    await owner.press("О счёте")
    for words in ("Телефон", "Проживают: ", "Площадь: ", "Коэффициент сезонности: ", "Счётчик ", "поверка до "):
        assert words in owner.screen
    lines = dict(re.findall(r"^(.+?): ([\d ]+,\d\d) ₽$", owner.screen, re.MULTILINE))
    total = sum(kopecks(value) * (-1 if name == "Оплачено" else 1) for name, value in lines.items())
    assert "Начислено за октябрь" in lines
    assert "Оплачено" in lines, "money that was paid has no minus"
    shown = re.search(r"К оплате по счёту ([\d ]+,\d\d)", owner.screen)
    assert shown
    assert total == kopecks(shown[1]), "the lines add up to the sum to pay"


# Payments through this bot


async def test_who_has_never_paid_pays_a_rouble_and_proves_the_account_with_it(
    harness: BotHarness, maria: Someone
) -> None:
    await harness.run("DELETE FROM ledger_payments WHERE account = ?", int(ACCOUNT))
    await prove(maria, "100")
    assert "Сумма без копеек" in maria.screen
    await prove(maria, "100,01")
    assert "не видим оплат" in maria.screen
    await maria.press("Оплатить")
    await pay(harness, maria, "1")
    await credit(harness)
    harness.clock.advance(days=2)
    await prove(maria, "1")
    assert "Счёт подтверждён" in maria.screen


@pytest.mark.parametrize("reference", ["ours", "none"])
async def test_what_somebody_else_has_paid_through_the_bot_proves_nothing(
    harness: BotHarness, maria: Someone, reference: str
) -> None:
    oleg = await harness.customer("Олег", ACCOUNT)
    await oleg.send("/pay")
    await pay(harness, oleg, "77,07")
    await credit(harness, referred=reference == "ours")
    harness.clock.advance(days=2)
    await prove(maria, "77,07")
    assert "не нашли" in maria.screen
    await prove(oleg, "77,07")
    assert "Счёт подтверждён" in oleg.screen


async def test_a_payment_of_another_that_billing_books_late_under_its_own_number_proves_nothing(
    harness: BotHarness, maria: Someone
) -> None:
    oleg = await harness.customer("Олег", ACCOUNT)
    await oleg.send("/pay")
    await pay(harness, oleg, "77,07")
    await add_payment(harness, "2026-11-27", 7707)
    harness.clock.advance(days=6)
    await prove(maria, "77,07")
    assert "не нашли" in maria.screen


async def pay(harness: BotHarness, someone: Someone, typed: str) -> None:
    """From the screen of paying to the news that the money is there."""
    await someone.press("Другая сумма")
    await someone.send(typed)
    before = harness.world.cursor
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(someone, "получена", before)


async def credit(harness: BotHarness, *, referred: bool = True) -> None:
    """The next registry has the newest payment."""
    order = order_row(harness)
    reference = order["number"] if referred else ""
    await harness.run(
        "INSERT INTO ledger_payments (account, date, amount, reference, source) VALUES (?, '2026-11-24', ?, ?, 'банк')",
        *(int(ACCOUNT), order["kopecks"], reference),
    )
