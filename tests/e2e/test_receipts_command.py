"""The command `receipts form`: what it says to an operator, and that a running bot sends what it forms."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from bot.cli.receipts import WrongMonth, charged_month
from services.notices.models import Channel
from services.supplier.models import Month
from tests.e2e.test_operations import run
from tests.flows.subscribed import receipts, set_own, subscribe, subscriber
from tests.harness import BotHarness
from tests.queues import MIDNIGHT
from tests.services.receipt_examples import PROFILE

NOW: Final = datetime(2026, 11, 23, 7, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["2026-10", "10.2026", " 2026-10 ", "2026-11", "2015-1"])
def test_a_month_may_be_written_in_two_ways(typed: str) -> None:
    assert charged_month(typed, NOW, PROFILE) in {Month(2026, 10), Month(2026, 11), Month(2015, 1)}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("2026-12", "2026-12 is ahead: it is 2026-11 now."),
        ("2062-10", "2062-10 is ahead: it is 2026-11 now."),
        ("2014-12", "2014-12 is too long ago: receipts begin with 2015-01."),
        *(
            (typed, f"{typed!r} is no month such as 2026-10 or 10.2026.")
            for typed in ("2026-13", "2026-00", "2026", "октябрь", "2026-10-01", "202610", "10-2026", "٢٠٢٦-10", "")
        ),
    ],
)
def test_what_is_no_charged_month_is_said(typed: str, words: str) -> None:
    with pytest.raises(WrongMonth) as caught:
        charged_month(typed, NOW, PROFILE)
    assert str(caught.value) == words


async def test_what_it_forms_a_running_bot_sends(harness: BotHarness, tmp_path: Path) -> None:
    assert (await run(harness, "receipts", "form", "2026-10")).stdout == "Nobody has subscribed to receipts.\n"
    maria = await subscriber(harness, "Мария")
    await subscribe(harness, maria, Channel.MAIL)
    wrong = await run(harness, "receipts", "form", "октябрь")
    assert (wrong.returncode, wrong.stderr) == (2, "'октябрь' is no month such as 2026-10 or 10.2026.\n")
    none = await run(harness, "receipts", "form", "2020-05")
    assert none.returncode == 1
    assert none.stdout.startswith("None of the accounts of 2 subscriptions is charged in 2020-05")
    await set_own(harness, b"own", Month(2020, 5))
    own = "2 of those not charged have a PDF of your own: it goes out when their `charges` are imported.\n"
    assert (await run(harness, "receipts", "form", "2020-05", "--dry-run")).stdout == none.stdout + own
    counted = (
        "Receipts of 2026-10, 2 subscriptions: to send {}; sent or on the way already {}; not charged 0; no access any "
        "more 0{}.\n"
    )
    without_mail = "; by mail, without SMTP_URL 1"
    dry = await run(harness, "receipts", "form", "2026-10", "--dry-run")
    assert (dry.returncode, dry.stdout) == (0, counted.format(1, 0, without_mail) + "Nothing was done.\n")
    assert harness.outbox("key") == []
    done = await run(harness, "receipts", "form", "10.2026", SMTP_URL="smtp://127.0.0.1:9")
    sends = "A running bot sends them, one that is stopped when it starts.\n"
    assert (done.returncode, done.stdout) == (0, counted.format(2, 0, "") + sends)
    await harness.rewrite_outbox({"due_at": MIDNIGHT})  # the command's clock is the machine's
    harness.app.wake_up.set()
    await harness.outbox_is_done()
    assert len(receipts(maria)) == 1
    assert (await harness.letterbox.letter()).subject == "Квитанция за октябрь 2026"
    again = await run(harness, "receipts", "form", "2026-10")
    assert (again.returncode, again.stdout) == (0, counted.format(0, 1, without_mail))
