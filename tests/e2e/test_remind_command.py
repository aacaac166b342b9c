"""The command `remind`: what it says to an operator, and what it plans."""

from __future__ import annotations

from functools import partial

from tests.conftest import SAMPLES, TWO_ZONES
from tests.e2e.test_operations import run
from tests.harness import BotHarness


async def test_it_counts_by_region_and_plans_each_once(harness: BotHarness) -> None:
    """The command's clock is the machine's: all days are reading days."""
    for name in ("Мария", "Олег", "Пётр"):
        await harness.customer(name, TWO_ZONES)
    await harness.run("UPDATE links SET reminded = 0 WHERE user_id = (SELECT max(user_id) FROM links)")
    await harness.run("""UPDATE users SET muted = '["pay_by", "meter_verification"]'""")
    profile = harness.database.with_name("every_day.toml")
    profile.write_text(
        (SAMPLES / "supplier.toml").read_text(encoding="utf-8").replace('= "23-25"', '= "1-31"'), "utf-8"
    )
    remind = partial(run, harness, "remind", SUPPLIER_PROFILE=str(profile))
    dry = await remind("--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert ", 3 customers: 2 reminders would be planned." in dry.stdout
    assert "to remind 2; switched off 1" in dry.stdout
    assert dry.stdout.endswith("Nothing was done.\n")
    assert harness.outbox("key") == harness.rows("SELECT * FROM reminder_rounds") == []
    done = await remind()
    assert ", 3 customers: 2 reminders planned." in done.stdout
    assert len(harness.outbox("key", kind="remind_readings")) == 2
