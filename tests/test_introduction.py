"""The texts that people see before they write, in their language."""

from __future__ import annotations

import pytest

from services.supplier.profile import SupplierProfile
from tests.harness import BotHarness


async def called(harness: BotHarness, method: str, times: int) -> None:
    """Return when the bot has called a method so often; each question meanwhile lets it go on."""
    while sum(call.method == method for call in harness.world.calls) < times:
        await harness.app.bot.get_me()


@pytest.mark.parametrize(
    ("code", "start", "short"),
    [
        (None, "Нажмите «Начать».", "Показания счётчика и оплата электроэнергии"),
        ("en", "Press Start.", "Meter readings and electricity payments"),
    ],
)
async def test_an_empty_chat_says_whose_bot_it_is_and_what_it_does(
    harness: BotHarness, code: str | None, start: str, short: str
) -> None:
    await called(harness, "setMyShortDescription", 2)
    bot, company = harness.app.bot, harness.app.use(SupplierProfile).name
    words = (await bot.get_my_description(language_code=code)).description
    assert (company in words, words.endswith(start)) == (True, True)
    assert (await bot.get_my_short_description(language_code=code)).short_description == short


async def test_who_is_asked_for_patience_does_not_ask_again_at_once(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.RETRY", 0.0)
    idle_harness.world.faults.add("too_many_requests", method="setMyDescription", retry_after=600)
    await idle_harness.start()
    await called(idle_harness, "setMyDescription", 1)
    for _ in range(20):
        await idle_harness.app.bot.get_me()
    assert [call.method for call in idle_harness.world.calls].count("setMyDescription") == 1


async def test_texts_that_stand_there_are_not_sent_again(harness: BotHarness) -> None:
    await called(harness, "setMyShortDescription", 2)
    await harness.restart()
    await called(harness, "getMyShortDescription", 4)
    await harness.person("Мария").send("/start")
    changes = [
        call.method for call in harness.world.calls if call.method.endswith("Description") and "set" in call.method
    ]
    assert sorted(changes) == ["setMyDescription"] * 2 + ["setMyShortDescription"] * 2
