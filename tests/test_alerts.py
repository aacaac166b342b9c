"""What the operator is told in their chat, and how often."""

from __future__ import annotations

import pytest

from tests.town import Town

LONG = "payments not credited after 5 days: " + ", ".join(f"О-2611-{number:05}" for number in range(1, 11))


async def test_an_alert_however_long_comes_once_an_hour(silent_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town = silent_town
    operator = town.person("Оператор")
    monkeypatch.setenv("ADMIN_CHAT_ID", str(operator.id))
    await town.start()
    await operator.send("/start")
    for _ in range(3):
        for what in (LONG, LONG, f"{LONG} and more", "short", "short"):
            await town.app.alerts.send(what)
        town.clock.advance(hours=1)
    await town.until("SELECT key FROM outbox WHERE ended_at IS NULL", [])
    told = [screen.partition(": ")[2] for screen in operator.screens if "помощь" in screen]
    assert told == [LONG, f"{LONG} and more", "short"] * 3
    assert len(town.alerts()) == 15, "the log has them all"
