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
from tests.flows.payer import invoice, pay_sum
from tests.flows.test_erasure import erase
from tests.flows.test_proofs import ACCOUNT, add_payment, credit, pay, prove, trusts
from tests.flows.test_sharing import invite
from tests.people import Someone
from tests.town import Town, link_of

NOT_FOUND: Final = "Такой оплаты мы не нашли"
PROVED: Final = "Счёт подтверждён"
SUM: Final = re.compile(r"[\d ]*\d(?:,\d\d)?(?= ₽)")


async def import_payments(town: Town, folder: Path, *rows: tuple[str, str]) -> None:
    """The next registry, by the operator's own command: day and sum of each payment."""
    lines = [f"{ACCOUNT};{day};{amount};банк;R{day}{amount}" for day, amount in rows]
    file = folder / f"payments_{len(list(folder.glob('payments*')))}.csv"
    file.write_text("\n".join(["account;date;amount;source;reference", *lines]), encoding="utf-8")
    url, profile = f"sqlite+aiosqlite:///{town.database}", town.app.settings.profile
    assert await import_files(url, profile, [file], now=town.clock.now) == 0


async def link_anew(town: Town, someone: Someone) -> None:
    """Without the conversation, which is another test's."""
    async with town.app.store.writing() as unit:
        await unit.of(CustomerRepository).link(
            someone.id, link_of(someone, ACCOUNT), ACCOUNT, Trust.CONFIRMED, town.clock.now()
        )
        await unit.commit()


async def unlink(someone: Someone) -> None:
    await someone.send("/accounts")
    for label in ("…3456", "Отвязать", "Да, отвязать"):
        await someone.press(label)


async def another(town: Town, _stranger: Someone) -> Someone:
    return await town.customer("Он же", ACCOUNT)


async def same(_town: Town, stranger: Someone) -> Someone:
    return stranger


async def with_a_new_link(town: Town, stranger: Someone) -> Someone:
    await unlink(stranger)
    await link_anew(town, stranger)
    return stranger


async def after_erasure(town: Town, stranger: Someone) -> Someone:
    await erase(stranger)
    return await town.customer("Он же", ACCOUNT)


async def after_a_restart(town: Town, stranger: Someone) -> Someone:
    await town.restart()
    return stranger


@pytest.mark.parametrize("come_back", [same, another, with_a_new_link, after_erasure, after_a_restart])
async def test_the_difference_of_two_looks_proves_nothing(
    town: Town, tmp_path: Path, come_back: Callable[[Town, Someone], Awaitable[Someone]]
) -> None:
    stranger = await town.customer("Чужой", ACCOUNT)
    assert "К оплате 1 234,56" in stranger.screen
    stranger = await come_back(town, stranger)
    await import_payments(town, tmp_path, ("2026-11-22", "613.37"))
    await stranger.send("/menu")
    assert "К оплате 621,19" in stranger.screen
    await prove(stranger, "613,37")
    assert NOT_FOUND in stranger.screen
    owner = await town.customer("Хозяйка", ACCOUNT)
    await prove(owner, "613,37")
    assert NOT_FOUND in owner.screen, "nothing tells the owner from the stranger"
    await prove(owner, "604,20")
    assert PROVED in owner.screen, "with an older payment, as before"
    assert trusts(town).count("verified") == 1


async def test_a_payment_between_two_looks_proves_nothing_beside_one_that_is_known(town: Town, tmp_path: Path) -> None:
    """The stranger's own rouble came with it over a counter: the difference of two sums is neither."""
    stranger = await town.customer("Чужой", ACCOUNT)
    await import_payments(town, tmp_path, ("2026-11-22", "613.37"), ("2026-11-22", "1.00"))
    await stranger.send("/menu")
    await prove(stranger, "613,37")
    assert NOT_FOUND in stranger.screen


async def test_who_pays_the_same_each_month_is_not_given_away_by_the_newest_of_their_payments(
    town: Town, tmp_path: Path
) -> None:
    await import_payments(town, tmp_path, ("2026-10-22", "613.37"))
    stranger = await town.customer("Чужой", ACCOUNT)
    await import_payments(town, tmp_path, ("2026-11-22", "613.37"), ("2026-11-22", "1.00"))
    await stranger.send("/menu")
    await prove(stranger, "613,37")
    assert NOT_FOUND in stranger.screen


async def test_a_payment_that_billing_books_late_counts_from_when_it_was_booked(town: Town, tmp_path: Path) -> None:
    stranger = await town.customer("Чужой", ACCOUNT)
    await import_payments(town, tmp_path, ("2026-11-02", "613.37"), ("2026-11-02", "1.00"))
    await stranger.send("/menu")
    await prove(stranger, "613,37")
    assert NOT_FOUND in stranger.screen


async def test_an_older_payment_of_a_sum_that_was_shown_proves_nothing(town: Town, tmp_path: Path) -> None:
    await import_payments(town, tmp_path, ("2026-10-20", "1234.56"))
    stranger = await town.customer("Чужой", ACCOUNT)
    await prove(stranger, "1234,56")
    assert NOT_FOUND in stranger.screen


async def test_who_comes_first_proves_with_any_payment_that_was_there(town: Town, tmp_path: Path) -> None:
    await import_payments(town, tmp_path, ("2026-11-22", "613.37"))
    owner = await town.customer("Хозяйка", ACCOUNT)
    await owner.press("Подтвердить счёт")
    assert "сделанной до 23.11.2026" in owner.screen
    await owner.send("613,37")
    assert PROVED in owner.screen


async def test_ones_own_payment_proves_though_everybody_could_see_it_come(town: Town, maria: Someone) -> None:
    oleg = await town.customer("Олег", ACCOUNT)
    await maria.send("/pay")
    await pay(town, maria, "613,37")
    await credit(town)
    town.clock.advance(days=2)
    await oleg.send("/menu")
    assert "К оплате 621,19" in oleg.screen
    await prove(oleg, "613,37")
    assert NOT_FOUND in oleg.screen
    await prove(maria, "613,37")
    assert PROVED in maria.screen


async def test_who_has_no_older_payment_is_led_to_one_of_their_own(town: Town, maria: Someone, tmp_path: Path) -> None:
    await town.run("DELETE FROM ledger_payments WHERE account = ?", int(ACCOUNT))
    await town.run("DELETE FROM watches")
    await maria.send("/menu")
    await import_payments(town, tmp_path, ("2026-11-22", "613.37"))
    await prove(maria, "613,37")
    assert "хоть 1 рубль" in maria.screen
    assert "Оплатить" in maria.buttons


async def test_what_an_invited_person_saw_proves_nothing(town: Town, maria: Someone, tmp_path: Path) -> None:
    """Their screens show more: payments since the last charge."""
    await town.run("UPDATE ledger_charges SET closing = opening + charged WHERE account = ?", int(ACCOUNT))
    await import_payments(town, tmp_path, ("2026-11-02", "613.37"))
    await prove(maria, await add_payment(town, "2026-09-10", 105511))
    oleg = await town.customer("Олег")
    await oleg.send(await invite(maria, "Только смотреть"))
    await oleg.press("Принять")
    await oleg.press("О счёте")
    assert "Оплачено: 613,37" in oleg.screen
    await unlink(oleg)
    await link_anew(town, oleg)
    await prove(oleg, "613,37")
    assert NOT_FOUND in oleg.screen


# On record before it is shown


async def test_a_sum_that_cannot_be_put_on_record_is_not_shown(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sum on a screen is on record, wherever the process ends."""
    await town.run("UPDATE ledger_charges SET closing = 77777 WHERE account = ? AND period = '2026-10'", int(ACCOUNT))
    real, tries = SqlDisclosures.show, []

    async def killed(self: SqlDisclosures, *args: object) -> None:
        await real(self, *args)  # type: ignore[arg-type]
        tries.append(args)
        if len(tries) == 1:
            raise ZeroDivisionError("killed")

    monkeypatch.setattr(SqlDisclosures, "show", killed)
    await maria.send("/menu")
    town.journal.take()
    assert len(tries) == 2, "the update ran again"
    assert "777,77" in maria.screen
    assert town.rows("SELECT count(*) FROM shown_sums WHERE kopecks = 77777") == [(1,)]


async def test_nobody_sees_a_sum_while_the_payments_cannot_be_asked_for(town: Town) -> None:
    """Later it could not be told any more which of them were there at the first look."""
    town.supplier.trouble, town.supplier.only = SupplierUnavailable(), frozenset({"payments"})
    oleg = await town.customer("Олег", ACCOUNT)
    await oleg.send("/pay")
    assert "1 234,56" not in oleg.seen
    assert town.rows("SELECT * FROM watches") == []
    town.supplier.trouble = None
    await oleg.send("/menu")
    assert "1 234,56" in oleg.screen


async def test_the_same_look_again_writes_nothing(town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
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
    town.clock.advance(days=1)
    for _ in range(3):
        await maria.send("/menu")
    assert len(written) == 1


async def test_those_who_have_proved_the_account_leave_no_trace_of_what_they_see(town: Town, maria: Someone) -> None:
    await prove(maria, await add_payment(town, "2026-11-10", 105511))
    await town.run("DELETE FROM watches")
    await town.run("DELETE FROM shown_sums")
    for label in ("О счёте", "Оплатить", "Из чего сложилась сумма"):
        await maria.press(label)
    assert town.rows("SELECT * FROM watches") == town.rows("SELECT * FROM shown_sums") == []


async def test_a_year_without_a_look_is_forgotten(town: Town, maria: Someone) -> None:
    await maria.send("/pay")
    town.clock.advance(days=360)
    await town.app.use(Privacy).forget()
    assert len(town.rows("SELECT * FROM watches")) == 1
    await maria.send("/menu")
    town.clock.advance(days=10)
    await town.app.use(Privacy).forget()
    assert len(town.rows("SELECT * FROM watches")) == 1, "somebody has looked since"
    assert town.rows("SELECT count(*) FROM shown_sums WHERE shown_on < '2026-12-01'") == [(0,)]
    town.clock.advance(days=370)
    await town.app.use(Privacy).forget()
    assert town.rows("SELECT * FROM watches") == town.rows("SELECT * FROM shown_sums") == []


# Every screen

KEPT_AWAY: Final = ("Удалить", "Отвязать", "Отозвать", "English", "Русский", "Подтвердить счёт")


@pytest.mark.parametrize("case", ["debt", "advance", "limit", "nothing"])
@pytest.mark.parametrize("role", [None, "И платить", "Только смотреть"])
async def test_every_sum_on_any_screen_is_on_record(
    town: Town, maria: Someone, tmp_path: Path, case: str, role: str | None
) -> None:
    """Whatever an unverified person can press is pressed; no sum comes but those on record and those they typed."""
    town.documents = TypstDocuments()
    await town.restart()
    closing = {"debt": 123456, "advance": -45678, "limit": 99_999_999, "nothing": 0}[case]
    await town.run(f"UPDATE ledger_charges SET closing = {closing}, penalty = 1234 WHERE account = ?", int(ACCOUNT))
    await import_payments(town, tmp_path, ("2026-11-02", "13.37"))
    oleg = await newcomer(town, maria, role)
    await maria.send("/pay")
    await pay(town, maria, "44,44")
    await town.run("DELETE FROM watches")
    await town.run("DELETE FROM shown_sums")
    before = len(oleg.seen)
    await oleg.send("/menu")
    assert_on_record(town, oleg.seen[before:])
    await press_everything(oleg)
    if role != "Только смотреть":
        await pay_something(town, oleg)
    await oleg.send("3650 1580")
    if role != "Только смотреть":
        await oleg.press("Передать")
    await press_everything(oleg)
    assert_on_record(town, oleg.seen[before:])
    assert "44,44" not in oleg.seen or role


def assert_on_record(town: Town, seen: str) -> None:
    recorded = {abs(sum_) for (sum_,) in town.rows("SELECT kopecks FROM shown_sums")}
    own = {kopecks(typed) for typed in ("55,55", "66,66")}
    public = {100, 10_000_000}  # the least and the most that can be paid at once
    costs = {cost for (cost,) in town.rows("SELECT cost FROM submissions")}
    assert sums_in(without_costs(seen)) - own - public - costs <= recorded | {0}
    assert sums_in(seen) & recorded


async def newcomer(town: Town, maria: Someone, role: str | None) -> Someone:
    if role is None:
        return await town.customer("Олег", ACCOUNT)
    await prove(maria, await add_payment(town, "2026-09-10", 105511))
    oleg = await town.customer("Олег")
    await oleg.send(await invite(maria, role))
    await oleg.press("Принять")
    return oleg


async def pay_something(town: Town, oleg: Someone) -> None:
    """One payment that came and is not credited, one whose link stands, and the bank's code."""
    await invoice(oleg, "55,55")
    await town.bank.pay(town.bank.payments[-1].id)
    await town.quiet()
    await invoice(oleg, "66,66")
    await pay_sum(oleg, "66,66")
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
