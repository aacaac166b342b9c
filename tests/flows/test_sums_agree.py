"""One sum to pay: every screen and button shows what one function says, whatever an account owes."""

from __future__ import annotations

import random
import re
from typing import Final

import pytest

from services.customers.ports import CustomerRepository
from services.payments.due import Due, Dues
from tests.conftest import TWO_ZONES
from tests.flows.payer import order_row
from tests.harness import BotHarness
from tests.people import Someone

ACCOUNT: Final = int(TWO_ZONES)
TO_PAY: Final = re.compile(r"К оплате ([\d ]+),(\d\d) ₽")
BUTTON: Final = re.compile(r"Оплатить ([\d\xa0]+),(\d\d)")
CLOSINGS: Final = (0, 1, 99, 100, 1234_56, 99_999_99, -1, -500_00, -741_18, -74_117, -5000_00)


def money(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return int(re.sub(r"\D", "", found[1]) + found[2]) if found else None


async def due_of(harness: BotHarness, someone: Someone) -> Due:
    """The one function."""
    async with harness.app.store.reading() as unit:
        customer = await unit.of(CustomerRepository).get(someone.id)
    assert customer
    return await harness.app.use(Dues).of(customer.links[0])


async def agrees(harness: BotHarness, someone: Someone, text: str) -> None:
    """The screen's words, and its buttons."""
    due = await due_of(harness, someone)
    shown = money(TO_PAY, text)
    assert shown == (due.to_pay or None), text
    if due.to_pay == 0:
        assert ("Долга нет" in text) == (due.advance == 0)
        assert ("Переплата" in text) == (due.advance > 0)
    if due.charge and due.to_pay:
        parts = [int(re.sub(r"\D", "", one)) for one in re.findall(r"([\d ]+,\d\d) ₽", text.split("К оплате")[1])]
        total, *rest = parts[: 3 if due.by_bill or due.advance else 2]
        signs = (1, 1) if due.by_bill else (1, -1)
        assert total == sum(sign * part for sign, part in zip(signs, rest, strict=False)), text


async def account_of(harness: BotHarness, chance: random.Random) -> None:
    """Any debt or advance, charged up to October or November, with readings of November or without them."""
    await harness.run("DELETE FROM ledger_charges WHERE account = ? AND period > '2026-10'", ACCOUNT)
    closing = chance.choice([*CLOSINGS, chance.randrange(-300_000, 300_000)])
    last = "2026-10"
    if chance.random() < 0.2:
        await harness.run("INSERT INTO ledger_charges (account, period, closing) VALUES (?, '2026-11', 0)", ACCOUNT)
        last = "2026-11"
    await harness.run("UPDATE ledger_charges SET closing = ? WHERE account = ? AND period = ?", closing, ACCOUNT, last)
    penalty = chance.choice([0, 0, 12_34])
    await harness.run("UPDATE ledger_charges SET penalty = ? WHERE account = ? AND period = ?", penalty, ACCOUNT, last)
    await harness.run("UPDATE links SET preliminary = ?, trust = ?", chance.random() < 0.7, chance.choice(TRUSTS))


TRUSTS: Final = ("confirmed", "verified")


@pytest.mark.parametrize("seed", range(2))
async def test_every_sum_to_pay_is_that_of_one_function(harness: BotHarness, maria: Someone, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(10):
        await account_of(harness, chance)
        due = await due_of(harness, maria)
        await maria.send("/menu")
        await agrees(harness, maria, maria.screen)
        on_button = money(BUTTON, " ".join(maria.buttons))
        assert on_button == (due.to_pay if due.to_pay >= 100 else None)
        await maria.press("Оплатить")
        await agrees(harness, maria, maria.screen)
        if due.to_pay >= 100:
            paid = min(due.to_pay, harness.app.use(Dues).limit)
            assert order_row(harness)["kopecks"] == harness.bank.payments[-1].amount == paid
        await maria.send("/pay")
        await maria.press("Из чего сумма")
        without = re.search(r"без предварительного расчёта: ([\d ]+,\d\d)", maria.screen)
        assert without
        assert int(re.sub(r"\D", "", without[1])) == due.by_bill
        if due.link.verified:
            await maria.send("/menu")
            await maria.press("О счёте")
            total = re.search(r"(К оплате по счёту|Переплата) ([\d ]+,\d\d)", maria.screen)
            assert total
            assert int(re.sub(r"\D", "", total[2])) == (due.by_bill or due.advance)
        if number % 3 == 0:
            await maria.send(f"{3650 + number} {1580 + number}")
            await maria.press("Передать")
            await agrees(harness, maria, maria.screen)
            to_pay = (await due_of(harness, maria)).to_pay
            assert money(BUTTON, " ".join(maria.buttons)) == (to_pay if to_pay >= 100 else None)
