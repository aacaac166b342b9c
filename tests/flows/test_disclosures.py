"""Sums that were shown to people who had not proved the account prove nothing, nor do their differences."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest

from bot.cli.registry import import_files
from services.accounts.models import Trust
from services.customers.ports import CustomerRepository
from services.customers.privacy import Privacy
from services.db.disclosures import SqlDisclosures
from services.documents import TypstDocuments
from services.payments.sums import kopecks
from services.supplier.errors import SupplierUnavailable
from tests.flows.payer import invoice
from tests.flows.test_erasure import erase
from tests.flows.test_proofs import ACCOUNT, add_payment, credit, pay, prove, trusts
from tests.flows.test_sharing import invite
from tests.harness import BotHarness, link_of
from tests.people import Someone

NOT_FOUND: Final = "Такой оплаты мы не нашли"
PROVED: Final = "Счёт подтверждён"
SUM: Final = re.compile(r"[\d ]*\d(?:,\d\d)?(?= ₽)")


async def import_payments(harness: BotHarness, folder: Path, *rows: tuple[str, str]) -> None:
    """The next registry, by the operator's own command: day and sum of each payment."""
    lines = [f"{ACCOUNT};{day};{amount};банк;R{day}{amount}" for day, amount in rows]
    file = folder / f"payments_{len(list(folder.glob('payments*')))}.csv"
    file.write_text("\n".join(["account;date;amount;source;reference", *lines]), encoding="utf-8")
    url, profile = f"sqlite+aiosqlite:///{harness.database}", harness.app.settings.profile
    assert await import_files(url, profile, [file], now=harness.clock.now) == 0


async def link_anew(harness: BotHarness, someone: Someone) -> None:
    """Without the conversation, which is another test's."""
    async with harness.app.store.writing() as unit:
        await unit.of(CustomerRepository).link(
            someone.id, link_of(someone, ACCOUNT), ACCOUNT, Trust.CONFIRMED, harness.clock.now()
        )
        await unit.commit()


async def unlink(someone: Someone) -> None:
    await someone.send("/accounts")
    for label in ("Изменить", "Отвязать", "Да, отвязать"):
        await someone.press(label)


async def another(harness: BotHarness, _stranger: Someone) -> Someone:
    return await harness.customer("Он же", ACCOUNT)


async def same(_harness: BotHarness, stranger: Someone) -> Someone:
    return stranger


async def with_a_new_link(harness: BotHarness, stranger: Someone) -> Someone:
    await unlink(stranger)
    await link_anew(harness, stranger)
    return stranger


async def after_erasure(harness: BotHarness, stranger: Someone) -> Someone:
    await erase(stranger)
    return await harness.customer("Он же", ACCOUNT)


async def after_a_restart(harness: BotHarness, stranger: Someone) -> Someone:
    await harness.restart()
    return stranger


@pytest.mark.parametrize("come_back", [same, another, with_a_new_link, after_erasure, after_a_restart])
async def test_the_difference_of_two_looks_proves_nothing(
    harness: BotHarness, tmp_path: Path, come_back: Callable[[BotHarness, Someone], Awaitable[Someone]]
) -> None:
    stranger = await harness.customer("Чужой", ACCOUNT)
    assert "По счёту 1 234,56" in stranger.screen
    stranger = await come_back(harness, stranger)
    await import_payments(harness, tmp_path, ("2026-11-22", "613.37"))
    await stranger.send("/menu")
    assert "По счёту 621,19" in stranger.screen
    await prove(stranger, "613,37")
    assert NOT_FOUND in stranger.screen
    owner = await harness.customer("Хозяйка", ACCOUNT)
    await prove(owner, "613,37")
    assert NOT_FOUND in owner.screen, "nothing tells the owner from the stranger"
    await prove(owner, "604,20")
    assert PROVED in owner.screen, "with an older payment, as before"
    assert trusts(harness).count("verified") == 1


async def test_a_payment_between_two_looks_proves_nothing_beside_one_that_is_known(
    harness: BotHarness, tmp_path: Path
) -> None:
    """The stranger's own rouble came with it over a counter: the difference of two sums is neither."""
    stranger = await harness.customer("Чужой", ACCOUNT)
    await import_payments(harness, tmp_path, ("2026-11-22", "613.37"), ("2026-11-22", "1.00"))
    await stranger.send("/menu")
    await prove(stranger, "613,37")
    assert NOT_FOUND in stranger.screen


async def test_who_pays_the_same_each_month_is_not_given_away_by_the_newest_of_their_payments(
    harness: BotHarness, tmp_path: Path
) -> None:
    await import_payments(harness, tmp_path, ("2026-10-22", "613.37"))
    stranger = await harness.customer("Чужой", ACCOUNT)
    await import_payments(harness, tmp_path, ("2026-11-22", "613.37"), ("2026-11-22", "1.00"))
    await stranger.send("/menu")
    await prove(stranger, "613,37")
    assert NOT_FOUND in stranger.screen


async def test_a_payment_that_billing_books_late_counts_from_when_it_was_booked(
    harness: BotHarness, tmp_path: Path
) -> None:
    stranger = await harness.customer("Чужой", ACCOUNT)
    await import_payments(harness, tmp_path, ("2026-11-02", "613.37"), ("2026-11-02", "1.00"))
    await stranger.send("/menu")
    await prove(stranger, "613,37")
    assert NOT_FOUND in stranger.screen


async def test_an_older_payment_of_a_sum_that_was_shown_proves_nothing(harness: BotHarness, tmp_path: Path) -> None:
    await import_payments(harness, tmp_path, ("2026-10-20", "1234.56"))
    stranger = await harness.customer("Чужой", ACCOUNT)
    await prove(stranger, "1234,56")
    assert NOT_FOUND in stranger.screen


async def test_who_comes_first_proves_with_any_payment_that_was_there(harness: BotHarness, tmp_path: Path) -> None:
    await import_payments(harness, tmp_path, ("2026-11-22", "613.37"))
    owner = await harness.customer("Хозяйка", ACCOUNT)
    await owner.press("Подтвердить счёт")
    assert "сделанной до 23.11.2026" in owner.screen
    await owner.send("613,37")
    assert PROVED in owner.screen


async def test_ones_own_payment_proves_though_everybody_could_see_it_come(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ACCOUNT)
    await maria.send("/pay")
    await pay(harness, maria, "613,37")
    await credit(harness)
    harness.clock.advance(days=2)
    await oleg.send("/menu")
    assert "По счёту 621,19" in oleg.screen
    await prove(oleg, "613,37")
    assert NOT_FOUND in oleg.screen
    await prove(maria, "613,37")
    assert PROVED in maria.screen


async def test_who_has_no_older_payment_is_led_to_one_of_their_own(
    harness: BotHarness, maria: Someone, tmp_path: Path
) -> None:
    await harness.run("DELETE FROM ledger_payments WHERE account = ?", int(ACCOUNT))
    await harness.run("DELETE FROM watches")
    await maria.send("/menu")
    await import_payments(harness, tmp_path, ("2026-11-22", "613.37"))
    await prove(maria, "613,37")
    assert "хоть 1 рубль" in maria.screen
    assert "Оплатить" in maria.buttons


async def test_what_an_invited_person_saw_proves_nothing(harness: BotHarness, maria: Someone, tmp_path: Path) -> None:
    """Their screens show more: payments since the last charge."""
    await harness.run("UPDATE ledger_charges SET closing = opening + charged WHERE account = ?", int(ACCOUNT))
    await import_payments(harness, tmp_path, ("2026-11-02", "613.37"))
    await prove(maria, await add_payment(harness, "2026-09-10", 105511))
    oleg = await harness.customer("Олег")
    await oleg.send(await invite(maria, "Только смотреть"))
    await oleg.press("Принять")
    await oleg.press("О счёте")
    assert "Оплачено: 613,37" in oleg.screen
    await unlink(oleg)
    await link_anew(harness, oleg)
    await prove(oleg, "613,37")
    assert NOT_FOUND in oleg.screen


# On record before it is shown


async def test_a_sum_that_cannot_be_put_on_record_is_not_shown(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sum on a screen is on record, wherever the process ends."""
    await harness.run(
        "UPDATE ledger_charges SET closing = 77777 WHERE account = ? AND period = '2026-10'", int(ACCOUNT)
    )
    real, tries = SqlDisclosures.show, []

    async def killed(self: SqlDisclosures, *args: object) -> None:
        await real(self, *args)  # type: ignore[arg-type]
        tries.append(args)
        if len(tries) == 1:
            raise ZeroDivisionError("killed")

    monkeypatch.setattr(SqlDisclosures, "show", killed)
    await maria.send("/menu")
    harness.journal.take()
    assert len(tries) == 2, "the update ran again"
    assert "777,77" in maria.screen
    assert harness.rows("SELECT count(*) FROM shown_sums WHERE kopecks = 77777") == [(1,)]


async def test_nobody_sees_a_sum_while_the_payments_cannot_be_asked_for(harness: BotHarness) -> None:
    """Later it could not be told any more which of them were there at the first look."""
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"payments"})
    oleg = await harness.customer("Олег", ACCOUNT)
    await oleg.send("/pay")
    assert "1 234,56" not in oleg.seen
    assert harness.rows("SELECT * FROM watches") == []
    harness.supplier.trouble = None
    await oleg.send("/menu")
    assert "1 234,56" in oleg.screen


async def test_the_same_look_again_writes_nothing(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await maria.send("/pay")
    written: list[object] = []
    real = SqlDisclosures.show

    async def counted(self: SqlDisclosures, *args: object) -> None:
        written.append(args)
        await real(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(SqlDisclosures, "show", counted)
    for _ in range(3):
        for command in ("/menu", "/pay"):
            await maria.send(command)
    assert written == []
    harness.clock.advance(days=1)
    for _ in range(3):
        await maria.send("/menu")
    assert len(written) == 1


async def test_those_who_have_proved_the_account_leave_no_trace_of_what_they_see(
    harness: BotHarness, maria: Someone
) -> None:
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    await harness.run("DELETE FROM watches")
    await harness.run("DELETE FROM shown_sums")
    for label in ("О счёте", "Оплатить", "Из чего сумма"):
        await maria.press(label)
    assert harness.rows("SELECT * FROM watches") == harness.rows("SELECT * FROM shown_sums") == []


async def test_a_year_without_a_look_is_forgotten(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/pay")
    harness.clock.advance(days=360)
    await harness.app.use(Privacy).forget()
    assert len(harness.rows("SELECT * FROM watches")) == 1
    await maria.send("/menu")
    harness.clock.advance(days=10)
    await harness.app.use(Privacy).forget()
    assert len(harness.rows("SELECT * FROM watches")) == 1, "somebody has looked since"
    assert harness.rows("SELECT count(*) FROM shown_sums WHERE shown_on < '2026-12-01'") == [(0,)]
    harness.clock.advance(days=370)
    await harness.app.use(Privacy).forget()
    assert harness.rows("SELECT * FROM watches") == harness.rows("SELECT * FROM shown_sums") == []


# Every screen

KEPT_AWAY: Final = ("Удалить", "Отвязать", "Отозвать", "English", "Русский", "Подтвердить счёт")


@pytest.mark.parametrize("case", ["debt", "advance", "limit", "nothing"])
@pytest.mark.parametrize("role", [None, "И платить", "Только смотреть"])
async def test_every_sum_on_any_screen_is_on_record(
    harness: BotHarness, maria: Someone, tmp_path: Path, case: str, role: str | None
) -> None:
    """Every button that an unverified person sees is pressed; no sum comes but those on record and those they typed."""
    harness.documents = TypstDocuments()
    await harness.restart()
    closing = {"debt": 123456, "advance": -45678, "limit": 99_999_999, "nothing": 0}[case]
    await harness.run(f"UPDATE ledger_charges SET closing = {closing}, penalty = 1234 WHERE account = ?", int(ACCOUNT))
    await import_payments(harness, tmp_path, ("2026-11-02", "13.37"))
    oleg = await newcomer(harness, maria, role)
    await maria.send("/pay")
    await pay(harness, maria, "44,44")
    await harness.run("DELETE FROM watches")
    await harness.run("DELETE FROM shown_sums")
    before = len(oleg.seen)
    await oleg.send("/menu")
    assert_on_record(harness, oleg.seen[before:])
    await press_everything(oleg)
    if role != "Только смотреть":
        await pay_something(harness, oleg)
    await oleg.send("3650 1580")
    if role != "Только смотреть":
        await oleg.press("Передать")
    await press_everything(oleg)
    assert_on_record(harness, oleg.seen[before:])
    assert "44,44" not in oleg.seen or role


def assert_on_record(harness: BotHarness, seen: str) -> None:
    recorded = {abs(sum_) for (sum_,) in harness.rows("SELECT kopecks FROM shown_sums")}
    own = {kopecks(typed) for typed in ("55,55", "66,66")}
    public = {100, 10_000_000}  # the least and the most that can be paid at once
    costs = {cost for (cost,) in harness.rows("SELECT cost FROM submissions")}
    assert sums_in(without_costs(seen)) - own - public - costs <= recorded | {0}
    assert sums_in(seen) & recorded


async def newcomer(harness: BotHarness, maria: Someone, role: str | None) -> Someone:
    if role is None:
        return await harness.customer("Олег", ACCOUNT)
    await prove(maria, await add_payment(harness, "2026-09-10", 105511))
    oleg = await harness.customer("Олег")
    await oleg.send(await invite(maria, role))
    await oleg.press("Принять")
    return oleg


async def pay_something(harness: BotHarness, oleg: Someone) -> None:
    """One payment that came and is not credited, one whose link stands, and the bank's code."""
    await invoice(oleg, "55,55")
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.quiet()
    await invoice(oleg, "66,66")
    await invoice(oleg, "66,66")
    for command in ("/menu", "/pay"):
        await oleg.send(command)
        await press_everything(oleg)


async def press_everything(someone: Someone) -> None:
    """Each label once, wherever it turns up."""
    pressed: set[str] = set()
    while label := next((one for one in someone.buttons if one not in pressed and not one.startswith(KEPT_AWAY)), None):
        pressed.add(label)
        try:
            someone.find(label)
        except AssertionError:
            continue  # a link, or something to copy
        await someone.press(label)


def sums_in(text: str) -> set[int]:
    return {kopecks(found.strip()) for found in SUM.findall(text) if found.strip()}


def without_costs(text: str) -> str:
    """Prices of readings come from the typed numbers and the tariff."""
    return "\n".join(line for line in text.splitlines() if "кВт·ч" not in line and "→" not in line)
