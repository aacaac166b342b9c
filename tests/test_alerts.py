"""Alerts in the operator's chat, and how often they come."""

from __future__ import annotations

import pytest

from tests.harness import BotHarness

LONG = "payments not credited after 5 days: " + ", ".join(f"О-2611-{number:05}" for number in range(1, 11))


async def test_an_alert_however_long_comes_once_an_hour(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = idle_harness
    operator = harness.person("Оператор")
    monkeypatch.setenv("ADMIN_CHAT_ID", str(operator.id))
    await harness.start()
    await operator.send("/start")
    for _ in range(3):
        for what in (LONG, LONG, f"{LONG} and more", "short", "short"):
            await harness.app.alerts.send(what)
        harness.clock.advance(hours=1)
    await harness.outbox_is_done()
    told = [screen.partition(": ")[2] for screen in operator.screens if "помощь" in screen]
    assert told == [LONG, f"{LONG} and more", "short"] * 3
    assert len(harness.alerts()) == 15, "the log has them all"
