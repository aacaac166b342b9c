"""An account that changes hands: its old holder's proofs, shares and known sums end with the import that says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.db.engine import Database
from services.ledger.imports import undo
from services.ledger.registry import Imported, ImportOptions, import_registry
from tests.flows.kept import statuses
from tests.flows.payer import invoice
from tests.flows.test_disclosures import link_anew, unlink
from tests.flows.test_proofs import ACCOUNT, FULL_ADDRESS, add_payment, credit_payment, prove, switch
from tests.flows.test_recovery import ask, prove_later
from tests.flows.test_sharing import GONE, invite, join
from tests.harness import BotHarness
from tests.people import Someone

ROOT = Path(__file__).parents[2]
PHONE = "+7 900 111-22-33"
ENDED = "у счёта …3456 сменился владелец"
HEADER = "account;address;holder;phone"
ADDRESS = "г. Воронеж, ул. Лизюкова, д. 12, кв. 45"
KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from services.db.engine import Database
from services.ledger import registry

step = getattr(registry, sys.argv[3])

async def killed(*arguments):
    await step(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(registry, sys.argv[3], killed)
asyncio.run(registry.import_registry(Database(sys.argv[1]), [Path(sys.argv[2])]))
"""


@pytest.fixture
async def owner(harness: BotHarness, maria: Someone) -> Someone:
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    return maria


def registry_file(folder: Path, holder: str, account: str = ACCOUNT) -> Path:
    path = folder / "accounts.csv"
    path.write_text(f"{HEADER}\n{account};{ADDRESS};{holder};{PHONE}\n", encoding="utf-8")
    return path


async def hand_over(harness: BotHarness, folder: Path, holder: str = "Васильев Пётр Сергеевич") -> Imported:
    """As a process of its own does, beside the running bot."""
    database = Database(f"sqlite+aiosqlite:///{harness.database}")
    try:
        [report] = await import_registry(
            database, [registry_file(folder, holder)], options=ImportOptions(now=harness.clock.now)
        )
    finally:
        await database.close()
    assert not report.refusal
    harness.app.wake_up.set()  # as a look at the outbox does within seconds
    return report


def trusts(harness: BotHarness) -> list[tuple[int, str]]:
    return harness.rows("SELECT user_id, trust FROM links ORDER BY rowid")


async def test_the_old_holder_sees_nothing_of_the_new_one(harness: BotHarness, owner: Someone, tmp_path: Path) -> None:
    before = harness.world.cursor
    report = await hand_over(harness, tmp_path)
    assert report.handed_over == 1
    await harness.told(owner, ENDED, before)
    for name in ("Васильев", "Пётр", "Ромашкин"):
        assert name not in owner.seen
    assert trusts(harness) == [(owner.id, "confirmed")]
    before_screens = len(owner.screens)
    [(link,)] = harness.rows("SELECT id FROM links")
    for data in (
        *(f"ac1:{action}:{link}" for action in ("info", "control", "members", "journal")),
        f"ct2:closed:{link}:1",
    ):
        await owner.press_data(owner.last_id, data)
        assert "Это доступно, когда подтверждено" in owner.screen
    assert PHONE not in owner.seen
    assert FULL_ADDRESS not in "".join(owner.screens[before_screens:])
    assert harness.rows("SELECT closed FROM controls") == [(0,)]


async def test_everything_that_hung_on_the_old_proofs_ends(harness: BotHarness, owner: Someone, tmp_path: Path) -> None:
    grandson = await join(harness, owner, name="Внук")
    text = await invite(owner)
    second = await prove_later(harness, "Муж")
    harness.clock.advance(days=1)
    await ask(harness, second, owner)
    await switch(owner, "Запретить управление другим")
    await switch(owner, "Никому больше не подтверждать")
    neighbour = await harness.customer("Сосед", ACCOUNT)
    before = harness.world.cursor
    await hand_over(harness, tmp_path)
    for someone in (owner, second):
        await harness.told(someone, ENDED, before)
    await harness.told(grandson, "который вам открыли, закончился", before)
    assert sorted(trusts(harness)) == sorted((one.id, "confirmed") for one in (owner, second, neighbour))
    assert harness.rows("SELECT anyone_submits, closed, locked FROM controls") == [(1, 0, 0)]
    for table in ("invitations WHERE used_at IS NULL", "recoveries"):
        assert harness.rows(f"SELECT * FROM {table}") == []
    ivan = await harness.customer("Иван")
    await ivan.send(text)
    assert GONE in ivan.screen
    assert ENDED not in neighbour.seen
    assert harness.rows("SELECT user_id, action FROM journal ORDER BY id DESC LIMIT 1") == [(None, "holder_changed")]


async def test_only_what_is_paid_after_the_change_proves_it_anew(
    harness: BotHarness, owner: Someone, tmp_path: Path
) -> None:
    """The old holder knows every earlier sum."""
    await add_payment(harness, "2026-11-20", 30303)
    await hand_over(harness, tmp_path)
    await add_payment(harness, "2026-11-23", 40404)
    await add_payment(harness, "2026-11-22", 50505)
    harness.clock.set("2026-11-25 12:00")
    for typed in ("1055,11", "303,03", "404,04"):
        await prove(owner, typed)
        assert "Счёт подтверждён" not in owner.screen
    assert "хоть 1 рубль" in owner.screen, "there is a way on"
    harness.clock.set("2026-11-26 12:01")
    await add_payment(harness, "2026-11-24", 60606)
    peter = await harness.customer("Пётр", ACCOUNT)
    await prove(peter, "606,06")
    assert "Счёт подтверждён" in peter.screen
    await peter.press("О счёте")
    assert PHONE in peter.screen
    await switch(peter, "Никому больше не подтверждать")
    assert harness.rows("SELECT locked FROM controls") == [(1,)], "the new holder is the first one"
    await peter.press("Журнал")
    assert "сменился владелец, подтверждения отменены (компания)" in peter.screen
    assert peter.screen.count("счёт подтверждён суммой оплаты") == 1, "the old holder's doings are not for the new one"


async def test_a_payment_through_the_bot_right_after_the_notice_proves_it_anew(
    harness: BotHarness, owner: Someone, tmp_path: Path
) -> None:
    """As the notice says; one through the bot of the same day, but before the change, does not."""
    await _pays(harness, owner, "2")
    harness.clock.advance(minutes=5)
    await hand_over(harness, tmp_path)
    harness.clock.advance(minutes=5)
    await _pays(harness, owner, "1")
    await credit_payment(harness, "2026-11-23", 200)
    await credit_payment(harness, "2026-11-23", 100)
    harness.clock.advance(days=2)
    await prove(owner, "2")
    assert "Счёт подтверждён" not in owner.screen
    await prove(owner, "1")
    assert "Счёт подтверждён" in owner.screen
    assert "Оплаты раньше 23.11.2026 не подойдут" in owner.seen
    assert "Пришлите сумму своей оплаты через бота" in owner.seen


async def _pays(harness: BotHarness, someone: Someone, typed: str) -> None:
    before = harness.world.cursor
    await invoice(someone, typed)
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(someone, "получена", before)


async def test_a_clock_turned_back_does_not_bring_known_payments_back(
    harness: BotHarness, owner: Someone, tmp_path: Path
) -> None:
    await hand_over(harness, tmp_path)
    renewed = harness.rows("SELECT at FROM renewals")
    harness.clock.advance(days=-5)
    await hand_over(harness, tmp_path, "Третий Пётр")
    assert harness.rows("SELECT at FROM renewals") == renewed


async def test_a_proof_under_way_does_not_slip_through(harness: BotHarness, owner: Someone, tmp_path: Path) -> None:
    oleg = await harness.customer("Олег", ACCOUNT)
    await oleg.press("Подтвердить счёт")
    harness.supplier.gate.clear()
    harness.supplier.called.clear()
    oleg.types("1055,11")
    await harness.supplier.called.wait()
    await hand_over(harness, tmp_path)
    harness.supplier.gate.set()
    await harness.quiet()
    assert "Счёт подтверждён" not in oleg.screen
    assert {trust for _, trust in trusts(harness)} == {"confirmed"}


async def test_open_forms_end_in_words(harness: BotHarness, owner: Someone, tmp_path: Path) -> None:
    grandson = await join(harness, owner, name="Внук")
    await grandson.send("3650 1580")
    press = grandson.find("Передать")
    await owner.send("3650 1580")
    await hand_over(harness, tmp_path)
    await grandson.press_data(*press)
    assert "больше не привязан к вам" in (grandson.toast or "") + grandson.screen
    assert harness.rows("SELECT * FROM submissions") == []
    await owner.press("Передать")
    assert "Показания переданы" in owner.screen, "as anybody who knows number and address"


@pytest.mark.parametrize("gone", [False, True], ids=["still there", "gone before"])
async def test_the_old_holders_readings_do_not_stand_against_the_new_one(
    harness: BotHarness, owner: Someone, tmp_path: Path, gone: bool
) -> None:
    """A holder who can prove the account only by a payment of later days would miss this month."""
    await owner.send("3650 1580")
    await owner.press("Передать")
    if gone:
        await harness.run("DELETE FROM links")
    await hand_over(harness, tmp_path)
    new = await harness.customer("Новый", ACCOUNT)
    before = harness.world.cursor
    await new.send("3660 1590")
    assert "3 650" not in new.seen
    await new.press("Передать")
    assert statuses(harness) == ["replaced", "accepted"]
    if not gone:
        await harness.told(owner, "заменены", before)
        assert "3 660" not in owner.seen


@pytest.mark.parametrize("holder", ["РОМАШКИНА МАРИЯ", "Ромашкина М.", "", "Мария  Ромашкина"])
async def test_another_spelling_is_no_change(harness: BotHarness, owner: Someone, tmp_path: Path, holder: str) -> None:
    report = await hand_over(harness, tmp_path, holder)
    assert report.handed_over == 0
    assert trusts(harness) == [(owner.id, "verified")]
    assert harness.outbox("key", kind="holder_changed") == []


async def test_the_same_file_again_tells_nobody_anything(harness: BotHarness, owner: Someone, tmp_path: Path) -> None:
    await hand_over(harness, tmp_path)
    harness.clock.set("2026-11-26 12:01")
    await add_payment(harness, "2026-11-24", 60606)
    await prove(owner, "606,06")
    assert (await hand_over(harness, tmp_path)).handed_over == 0
    assert trusts(harness) == [(owner.id, "verified")]
    before = harness.world.cursor
    assert (await hand_over(harness, tmp_path, "Ромашкина Мария")).handed_over == 1
    await harness.told(owner, ENDED, before)
    assert len(harness.outbox("key", kind="holder_changed")) == 2


@pytest.mark.parametrize("after", ["compare", "write", "hand_over"])
async def test_a_kill_leaves_no_account_open(harness: BotHarness, owner: Someone, tmp_path: Path, after: str) -> None:
    """Either nothing is written or everything; run again, it is done once."""
    path = registry_file(tmp_path, "Васильев Пётр")
    url = f"sqlite+aiosqlite:///{harness.database}"
    child = subprocess.run(
        [sys.executable, "-c", KILLED, url, path, after], cwd=ROOT, env=dict(os.environ), check=False, timeout=100
    )
    assert child.returncode == -signal.SIGKILL
    [(holder,)] = harness.rows("SELECT holder FROM ledger_accounts WHERE account = ?", int(ACCOUNT))
    assert (holder, trusts(harness)) == ("Ромашкина Мария Ивановна", [(owner.id, "verified")])
    assert (await hand_over(harness, tmp_path)).handed_over == 1
    assert trusts(harness) == [(owner.id, "confirmed")]


async def test_of_many_accounts_that_change_only_those_that_somebody_has_are_looked_at(
    harness: BotHarness, owner: Someone, tmp_path: Path
) -> None:
    accounts = [f"36{number:010d}" for number in range(10_000)] + [ACCOUNT]
    path = tmp_path / "accounts.csv"
    for holder in ("Первый", "Второй"):
        lines = [f"{account};{ADDRESS};{holder};" for account in accounts]
        path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
        [report] = await import_registry(
            harness.app.database, [path], options=ImportOptions(new_holders=True, now=harness.clock.now)
        )
    assert report.handed_over == len(accounts)
    assert harness.rows("SELECT count(*) FROM renewals") == [(len(accounts),)]
    assert harness.rows("SELECT count(*) FROM journal WHERE action = 'holder_changed'") == [(2,)]
    assert trusts(harness) == [(owner.id, "confirmed")]


async def test_an_import_that_is_withdrawn_gives_the_account_back_and_opens_it_to_nobody(
    harness: BotHarness, owner: Someone, tmp_path: Path
) -> None:
    """A person who proved it in between must not see its holder of before."""
    report = await hand_over(harness, tmp_path)
    harness.clock.advance(days=2)
    oleg = await harness.customer("Олег", ACCOUNT)
    await prove(oleg, await add_payment(harness, "2026-11-24", 105522))
    assert "Счёт подтверждён" in oleg.screen
    await undo(harness.app.database, report.import_id, harness.clock.now())
    assert sorted(trusts(harness)) == sorted([(owner.id, "confirmed"), (oleg.id, "confirmed")])
    assert harness.rows("SELECT holder FROM ledger_accounts WHERE account = ?", int(ACCOUNT)) == [
        ("Ромашкина Мария Ивановна",)
    ]


async def test_an_account_that_goes_with_its_import_and_comes_back_is_open_to_nobody(
    harness: BotHarness, owner: Someone, tmp_path: Path
) -> None:
    """The registry had no holder of the account while it was gone."""
    number = "360000777777"
    [first] = await import_registry(harness.app.database, [registry_file(tmp_path, "Котов Иван", number)])
    someone = await harness.customer("Котов", number)
    await harness.run("UPDATE links SET trust = 'verified' WHERE account = ?", number)
    before = harness.world.cursor
    await undo(harness.app.database, first.import_id, harness.clock.now())
    harness.app.wake_up.set()
    await harness.told(someone, "Компания отменила все подтверждения счёта …7777", before)
    await import_registry(harness.app.database, [registry_file(tmp_path, "Псов Пётр", number)])
    await someone.send("/menu")
    assert "О счёте" not in someone.buttons
    assert sorted(trusts(harness)) == sorted([(owner.id, "verified"), (someone.id, "confirmed")])


@pytest.mark.parametrize("looks", [False, True])
async def test_the_old_holder_cannot_work_out_what_the_new_one_pays(
    harness: BotHarness, owner: Someone, tmp_path: Path, *, looks: bool
) -> None:
    """A sum that was shown before the proof ended is one of the two whose difference is the payment. An owner of more
    than a year has left no trace of having looked."""
    for table in ("watches", "shown_sums"):
        await harness.run(f"DELETE FROM {table}")
    await owner.send("/menu")
    assert "По счёту 179,45" in owner.screen
    await hand_over(harness, tmp_path)
    if looks:
        await owner.send("/menu")
    harness.clock.advance(days=1)
    await credit_payment(harness, "2026-11-24", 10133)
    harness.clock.advance(days=2)
    await prove(owner, "101,33")
    assert "Счёт подтверждён" not in owner.screen


async def test_who_left_before_it_changed_hands_cannot_either(
    harness: BotHarness, owner: Someone, tmp_path: Path
) -> None:
    for table in ("watches", "shown_sums"):
        await harness.run(f"DELETE FROM {table}")
    await owner.send("/menu")
    assert "По счёту 179,45" in owner.screen
    await unlink(owner)
    await hand_over(harness, tmp_path)
    harness.clock.advance(days=1)
    await credit_payment(harness, "2026-11-24", 10133)
    await link_anew(harness, owner)
    harness.clock.advance(days=2)
    await prove(owner, "101,33")
    assert "Счёт подтверждён" not in owner.screen
