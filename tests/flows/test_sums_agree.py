"""One sum to pay: every screen and button shows what one function says, whatever an account owes."""

from __future__ import annotations

import random
import re
from typing import Final

import pytest

from services.accounts.accounts import link_of
from services.customers.ports import CustomerRepository
from services.notices.catalog import PaymentDue
from services.notices.models import Notice
from services.payments.due import SMALLEST, Due, Dues
from tests.conftest import TWO_ZONES
from tests.flows.payer import order_row
from tests.flows.subscribed import OCTOBER, form, subscribe
from tests.flows.test_payments import paid
from tests.flows.test_receipts import OTHER
from tests.harness import BotHarness
from tests.people import Someone

ACCOUNT: Final = int(TWO_ZONES)
TO_PAY: Final = re.compile(r"К оплате ([\d ]+),(\d\d) ₽")
BUTTON: Final = re.compile(r"Оплатить ([\d\xa0]+),(\d\d)")
SUM: Final = re.compile(r"(\d[\d \xa0]*),(\d\d)[ \xa0]₽")
CLOSE: Final = "UPDATE ledger_charges SET closing = ? WHERE account = ? AND period = '2026-10'"
CLOSINGS: Final = (0, 1, 99, 100, 1234_56, 99_999_99, -1, -500_00, -741_18, -74_117, -5000_00)


def money(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return int(re.sub(r"\D", "", found[1]) + found[2]) if found else None


def sums(text: str) -> set[int]:
    """Kopecks of every sum in it."""
    return {int(re.sub(r"\D", "", roubles) + kopecks) for roubles, kopecks in SUM.findall(text)}


async def due_of(harness: BotHarness, someone: Someone, account: str = TWO_ZONES) -> Due:
    """The one function."""
    async with harness.app.store.reading() as unit:
        customer = await unit.of(CustomerRepository).get(someone.id)
    assert customer
    return await harness.app.use(Dues).of(link_of(customer, account))


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


# A customer of two accounts, who gets receipts and reminders


def parts(*dues: Due) -> set[int]:
    """The sums that may be shown beside a sum to pay: it is made up of them."""
    made_up = {kopecks for due in dues for kopecks in (due.to_pay, due.by_bill, due.charge, due.advance)}
    return made_up | {paid.kopecks for due in dues for paid in due.recent.own}


def leads_to(someone: Someone, due: Due | None) -> None:
    """The button to pay below the newest message."""
    payable = due is not None and due.to_pay >= SMALLEST
    assert money(BUTTON, " ".join(someone.buttons)) == (due.to_pay if due and payable else None)


def is_explained(someone: Someone, due: Due) -> None:
    """The sum on the button stands in the words above it, too."""
    leads_to(someone, due)
    assert due.to_pay < SMALLEST or due.to_pay in sums(someone.screen)


async def accounts_agree(someone: Someone, *dues: Due) -> None:
    await someone.send("/accounts")
    for due in dues:
        [row] = [label for label in someone.buttons if f"…{due.link.tail}" in label]
        assert sums(row) == ({due.to_pay} if due.to_pay else set())
    total = sum(due.to_pay for due in dues)
    assert sums(someone.screen) == ({total} if total else set())
    owing = [due for due in dues if due.to_pay >= SMALLEST]
    leads_to(someone, owing[0] if len(owing) == 1 else None)
    assert ("Оплатить по очереди" in someone.buttons) == (len(owing) > 1)


async def receipts_agree(harness: BotHarness, someone: Someone, due: Due, closing: int) -> None:
    """The newest one, asked for, and as it comes by itself. The sum on its paper is that of the registry."""
    await someone.send("/receipts")
    await someone.press("Последняя")
    is_explained(someone, due)
    assert sums(someone.screen) <= parts(due) | {abs(closing)}
    before = someone.last_id
    await form(harness)
    assert someone.last_id != before
    is_explained(someone, due)
    about = re.sub(r"\nБыло .*", "", someone.screen)  # in the receipt before
    assert sums(about) <= parts(due) | {abs(closing)}


async def reminder_agrees(harness: BotHarness, someone: Someone, key: str, *dues: Due) -> None:
    before = someone.last_id
    await harness.tell(Notice(key, someone.id, PaymentDue(month=OCTOBER, last=True)))
    await harness.outbox_is_done()
    owed = [due for due in dues if due.by_bill]
    assert (someone.last_id != before) == bool(owed)
    if owed:
        is_explained(someone, owed[0])
        assert {due.by_bill for due in owed} <= sums(someone.screen) <= parts(*owed)


@pytest.mark.limits(sender={"back": (0,), "strikes": (0,)})
async def test_the_list_of_accounts_receipts_and_reminders_show_it_too(harness: BotHarness) -> None:
    """Before a payment of 100 ₽ through the bot, and while it is not credited yet."""
    harness.clock.set("2026-11-15 12:00")
    maria = await harness.customer("Мария", OTHER, TWO_ZONES)
    await harness.run("UPDATE links SET trust = 'verified', verified_at = '2026-11-01'")
    await harness.run("UPDATE ledger_charges SET closing = 0 WHERE account = ?", int(OTHER))
    await subscribe(harness, maria)
    for number, closing in enumerate((1234_56, -741_18, 99, 1500_00, 100_99, -50_00)):
        if number == 3:
            await paid(harness, maria, "100")
        await harness.run(CLOSE, closing, ACCOUNT)
        await harness.run("UPDATE links SET preliminary = ?", closing % 2 == 0)
        if number == 4:
            await harness.run(CLOSE, 321_00, int(OTHER))
        due, other = await due_of(harness, maria), await due_of(harness, maria, OTHER)
        assert due.recent.outstanding == (100_00 if number >= 3 else 0)
        for command in ("/menu", "/pay"):
            await maria.send(command)
            await agrees(harness, maria, maria.screen)
        await accounts_agree(maria, due, other)
        await receipts_agree(harness, maria, due, closing)
        await reminder_agrees(harness, maria, f"bill:{number}", other, due)
