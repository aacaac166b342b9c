"""Health and metrics over HTTP, as whoever watches over the bot sees them."""

from __future__ import annotations

import asyncio
import os
import platform
import re
import socket
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Collection
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiogram.exceptions import TelegramEntityTooLarge
from aiogram.methods import SendPhoto
from prometheus_client.parser import text_string_to_metric_families

import bot.telegram.polling
import bot.web.health
from bot import __version__
from bot.cli.registry import import_files
from bot.config import WrongSettings
from bot.outbox.sender import Outcome
from bot.web.health import Health, HealthLimits
from bot.web.metrics import Metrics
from services.db.migrate import newest
from services.db.queue_stats import QueueStats, QueueStatsReader
from services.notices.catalog import CATALOG, UpdateParked
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from tests.flows.payer import invoice
from tests.harness import PATIENCE, BotHarness
from tests.people import Someone

TWO_ZONES = "360000123456"
Json = dict[str, Any]

pytestmark = pytest.mark.limits(intake={"pauses": (0,)}, poller={"pauses": (0,)})


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE)) as session:
        yield session


class Watcher:
    """Asks the running bot of a harness."""

    def __init__(self, harness: BotHarness, http: aiohttp.ClientSession) -> None:
        self._harness = harness
        self._http = http

    async def get(self, path: str) -> tuple[int, str]:
        async with self._http.get(self._harness.app.web.url + path) as answer:
            return answer.status, await answer.text()

    async def ready(self) -> tuple[int, Json]:
        async with self._http.get(self._harness.app.web.url + "/health/ready") as answer:
            return answer.status, await answer.json()

    async def becomes(self, status: int) -> Json:
        """Ask until the answer has this status."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found, body = await self.ready()
                if found == status:
                    return body

    async def figures(self) -> dict[tuple[str, ...], float]:
        """Samples of /metrics by name and values of labels."""
        _, text = await self.get("/metrics")
        samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
        return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


@pytest.fixture
def watcher(harness: BotHarness, http: aiohttp.ClientSession) -> Watcher:
    return Watcher(harness, http)


async def test_a_bot_that_runs_is_alive_and_ready(harness: BotHarness, watcher: Watcher) -> None:
    assert await watcher.get("/health/live") == (200, '{"live":true}')
    body = await watcher.becomes(200)
    assert 0 <= body.pop("telegram_silence") < harness.limits.health.oldest_poll
    assert body == {
        "ready": True,
        "troubles": [],
        "database": "ok",
        "open_updates": 0,
        "queue_age": 0,
        "parked_updates": 0,
        "outbox_waiting": 0,
        "outbox_age": 0,
    }


# Telegram


async def test_a_bot_that_telegram_never_answered_is_not_ready(
    idle_harness: BotHarness, http: aiohttp.ClientSession
) -> None:
    idle_harness.world.faults.add("http_status", method="getUpdates")
    await idle_harness.start()
    watcher = Watcher(idle_harness, http)
    status, body = await watcher.ready()
    assert (status, body["telegram_silence"]) == (503, None)
    assert body["troubles"] == ["Telegram has not answered yet"]
    assert (await watcher.get("/health/live"))[0] == 200
    idle_harness.world.faults.clear()
    await watcher.becomes(200)


@pytest.mark.limits(health={"oldest_poll": 0.2})
async def test_a_bot_that_telegram_answers_no_more_is_not_ready(
    harness: BotHarness, maria: Someone, watcher: Watcher
) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await watcher.ready())[0] != 200:
            await maria.send("?")  # ends a poll
    harness.world.faults.add("http_status", method="getUpdates")
    maria.types("?")  # ends the poll that is under way
    body = await watcher.becomes(503)
    assert body["troubles"] == ["Telegram has not answered for 0 s"]
    harness.world.faults.clear()
    async with asyncio.timeout(PATIENCE):
        while (await watcher.ready())[1]["telegram_silence"] >= body["telegram_silence"]:
            pass
    await harness.quiet()


@pytest.mark.parametrize("fault", [{"kind": "reset_before"}, {"kind": "http_status"}])
async def test_after_trouble_telegram_is_asked_for_an_answer_at_once(
    harness: BotHarness, watcher: Watcher, fault: dict[str, str]
) -> None:
    """A long poll without news would leave everybody in doubt for 25 seconds."""
    await watcher.becomes(200)
    harness.world.faults.add(method="getUpdates", count=2, **fault)
    maria = await harness.customer("Мария", TWO_ZONES)
    await maria.send("?")
    asked = [call.params.get("timeout") for call in harness.world.calls if call.method == "getUpdates"]
    assert asked[0] == 0
    assert asked[-1] == bot.telegram.polling.WAIT


# Updates and notices


async def test_an_update_that_waits_too_long_is_trouble(harness: BotHarness, maria: Someone, watcher: Watcher) -> None:
    harness.supplier.gate.clear()
    harness.supplier.called.clear()
    maria.types("/menu")
    await asyncio.wait_for(harness.supplier.called.wait(), PATIENCE)
    harness.clock.advance(seconds=harness.limits.health.oldest_update)
    status, body = await watcher.ready()
    assert (status, body["open_updates"], body["queue_age"]) == (200, 1, harness.limits.health.oldest_update)
    harness.clock.advance(seconds=1)
    status, body = await watcher.ready()
    assert (status, body["troubles"]) == (503, ["an update has waited for 121 s"])
    harness.supplier.gate.set()
    await harness.quiet()
    status, body = await watcher.ready()
    assert (status, body["open_updates"], body["queue_age"]) == (200, 0, 0)


async def test_an_update_that_was_put_aside_is_counted_and_no_trouble(
    harness: BotHarness, maria: Someone, watcher: Watcher
) -> None:
    harness.supplier.trouble = ZeroDivisionError("a bug")
    await maria.send("/menu")
    status, body = await watcher.ready()
    assert (status, body["parked_updates"], body["open_updates"]) == (200, 1, 0)
    figures = await watcher.figures()
    assert figures["energybot_updates_failed_tries_total",] == harness.limits.intake.tries
    assert figures["energybot_updates_parked_total",] == 1
    assert figures["energybot_inbox_parked",] == 1
    harness.journal.take()
    await harness.drop_dead_letters()


async def test_a_notice_that_cannot_go_is_seen_with_its_age(
    harness: BotHarness, maria: Someone, watcher: Watcher
) -> None:
    harness.world.faults.add("http_status", method="sendMessage", chat_id=maria.id)
    async with harness.app.store.writing() as unit:
        await unit.of(NoticeRepository).tell(Notice("a notice", maria.id, UpdateParked()), harness.clock.now())
        await unit.commit()
    async with asyncio.timeout(PATIENCE):
        while harness.outbox("tries", state="waiting") != [(1,)]:
            await watcher.ready()
    harness.clock.advance(minutes=10)
    status, body = await watcher.ready()
    assert (status, body["outbox_waiting"]) == (200, 1)
    assert 0 < body["outbox_age"] <= 600
    figures = await watcher.figures()
    assert figures["energybot_outbox_waiting", "telegram"] == 1
    assert figures["energybot_outbox_waiting", "mail"] == 0
    assert figures["energybot_outbox_oldest_seconds",] == body["outbox_age"]


# The database


impatient = pytest.mark.limits(health={"busy": 0})  # a database that is busy is trouble at once


@pytest.mark.limits(health={"busy": PATIENCE})
async def test_a_database_that_is_busy_for_a_moment_is_no_trouble(harness: BotHarness, watcher: Watcher) -> None:
    """An import of a large registry holds it longer than a look is willing to wait."""
    await watcher.becomes(200)
    with closing(sqlite3.connect(harness.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, body = await watcher.ready()
        assert (status, body["database"], body["troubles"]) == (200, "busy", [])
        other.execute("ROLLBACK")
    status, body = await watcher.ready()
    assert (status, body["database"]) == (200, "ok")


@pytest.mark.limits(health={"busy": 1})
async def test_a_database_that_stays_busy_is_trouble(harness: BotHarness, watcher: Watcher) -> None:
    await watcher.becomes(200)
    with closing(sqlite3.connect(harness.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        body = await watcher.becomes(503)
        assert body["troubles"] == ["the database cannot be written"]
        other.execute("ROLLBACK")
    status, body = await watcher.ready()
    assert (status, body["database"]) == (200, "ok")


async def test_a_database_that_was_never_good_is_trouble_at_once(harness: BotHarness, watcher: Watcher) -> None:
    with closing(sqlite3.connect(harness.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, body = await watcher.ready()
        assert (status, body["database"]) == (503, "trouble")
        other.execute("ROLLBACK")


@impatient
async def test_a_database_that_cannot_be_written_is_trouble(harness: BotHarness, watcher: Watcher) -> None:
    await watcher.becomes(200)
    with closing(sqlite3.connect(harness.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, body = await watcher.ready()
        assert (status, body["database"], body["open_updates"]) == (503, "trouble", 0)
        assert body["troubles"] == ["the database cannot be written"]
        other.execute("ROLLBACK")
    assert (await watcher.ready())[0] == 200


@impatient
async def test_a_database_that_cannot_be_read_is_trouble(harness: BotHarness, watcher: Watcher) -> None:
    await watcher.becomes(200)
    away = harness.database.rename(harness.database.with_name("away.db"))
    status, body = await watcher.ready()
    figures = await watcher.figures()
    away.rename(harness.database)
    assert (status, body["troubles"]) == (503, ["the database cannot be read"])
    assert {body[name] for name in ("open_updates", "queue_age", "parked_updates", "outbox_waiting")} == {None}
    assert figures["energybot_ready",] == 0
    assert figures["energybot_inbox_open",] != figures["energybot_inbox_open",], "nobody knows it: NaN"
    assert (await watcher.ready())[0] == 200


@pytest.mark.limits(health={"busy": 0, "patience": 0.1})
async def test_a_database_that_hangs_keeps_nobody_waiting(
    harness: BotHarness, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watcher.becomes(200)
    read, released, looks = QueueStatsReader.read, threading.Event(), []

    def hang(signs: QueueStatsReader, now: datetime, *flooded: Collection[str]) -> QueueStats | None:
        looks.append(now)
        released.wait(PATIENCE)
        return read(signs, now, *flooded)

    monkeypatch.setattr(QueueStatsReader, "read", hang)
    answers = [await watcher.ready() for _ in range(3)]
    assert [(status, body["troubles"]) for status, body in answers] == [(503, ["the database cannot be read"])] * 3
    assert len(looks) == 1, "a thread for each question would leave none for anything else"
    assert (await watcher.get("/health/live"))[0] == 200
    released.set()
    await watcher.becomes(200)


def test_the_longest_answer_is_within_a_second() -> None:
    assert HealthLimits().patience < 1


# Metrics


async def test_work_is_counted(harness: BotHarness, maria: Someone, watcher: Watcher) -> None:
    before = await watcher.figures()
    await maria.send("3650 1580")
    await maria.press("Передать")
    await harness.app.intake.accept([{"update_id": 1, "shipping": {}}, {"update_id": 1, "shipping": {}}])
    await harness.quiet()
    after = await watcher.figures()
    grown = {name: after[name,] - before[name,] for (name, *labels) in after if not labels}
    assert grown["energybot_updates_accepted_total"] == 3
    assert grown["energybot_updates_done_total"] == 3
    assert grown["energybot_update_seconds_count"] == 3
    assert grown["energybot_update_seconds_sum"] > 0
    assert grown["energybot_updates_failed_tries_total"] == grown["energybot_updates_parked_total"] == 0
    assert after["energybot_ready",] == 1
    assert 0 <= time.time() - after["energybot_telegram_heard_timestamp_seconds",] < harness.limits.health.oldest_poll
    assert grown["energybot_readings_taken_total"] == 1
    assert grown["energybot_payments_taken_total"] == 0
    assert after["process_resident_memory_bytes",] > 1e6


def test_a_picture_that_is_too_large_is_refused_and_telegram_is_there() -> None:
    metrics = Metrics()
    metrics.called("sendPhoto", TelegramEntityTooLarge(method=SendPhoto(chat_id=1, photo="x"), message="too large"))
    said = {"method": "sendPhoto", "outcome": "refused"}
    assert metrics.registry.get_sample_value("energybot_telegram_calls_total", said) == 1


async def test_a_notice_is_counted_by_its_kind_and_outcome(
    harness: BotHarness, maria: Someone, watcher: Watcher
) -> None:
    before, cursor = await watcher.figures(), harness.world.cursor
    async with harness.app.store.writing() as unit:
        await unit.of(NoticeRepository).tell(Notice("a notice", maria.id, UpdateParked()), harness.clock.now())
        await unit.commit()
    await harness.told(maria, "Это наша ошибка", cursor)
    async with asyncio.timeout(PATIENCE):
        while (grown := _grown(before, await watcher.figures(), "energybot_outbox_sends_total")) == {}:
            pass
    assert grown == {("telegram", UpdateParked.kind, "done"): 1}


async def test_every_series_is_there_from_the_start_under_the_products_name(
    harness: BotHarness, watcher: Watcher
) -> None:
    figures = await watcher.figures()
    ours = {name for name in figures if not name[0].startswith("process_")}
    assert {name[0] for name in ours if not name[0].startswith("energybot_")} == set()
    started = {
        ("energybot_build_info", platform.python_version(), newest(), __version__),
        ("energybot_import_timestamp_seconds",),
        ("energybot_payments_taken_total",),
        ("energybot_readings_taken_total",),
        ("energybot_updates_parked_total",),
        *(("energybot_outbox_sends_total", one.channel, one.kind, outcome) for one in CATALOG for outcome in Outcome),
        *(("energybot_telegram_calls_total", "sendMessage", how) for how in ("done", "refused", "throttled", "away")),
        *(("energybot_provider_seconds_count", "create", how) for how in ("answered", "refused", "away", "broken off")),
    }
    assert started - ours == set()
    assert figures["energybot_import_timestamp_seconds",] == 0


async def test_calls_to_telegram_are_counted_by_method_and_answer(
    harness: BotHarness, maria: Someone, watcher: Watcher
) -> None:
    before = await watcher.figures()
    for kind in ("too_many_requests", "json_5xx"):
        harness.world.faults.add(kind, method="sendMessage", chat_id=maria.id, count=1)
        await maria.send("?")
    grown = _grown(before, await watcher.figures(), "energybot_telegram_calls_total")
    assert {how: count for (method, how), count in grown.items() if method == "sendMessage" and count} == {
        "done": 2,
        "throttled": 1,
        "away": 1,
    }


async def test_a_payment_is_counted_once_and_its_providers_time_taken(
    harness: BotHarness, maria: Someone, watcher: Watcher
) -> None:
    before = await watcher.figures()
    await invoice(maria, "500")
    after = await watcher.figures()
    assert after["energybot_provider_seconds_count", "create", "answered"] == 1
    assert after["energybot_provider_seconds_sum", "create", "answered"] > 0
    cursor = harness.world.cursor
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(maria, "получена", cursor)
    for _ in range(3):
        harness.clock.advance(minutes=1)
        await harness.tick()
    assert harness.rows("SELECT status FROM orders") == [("paid",)]
    grown = _grown(before, await watcher.figures(), "energybot_payments_taken_total")
    assert grown == {(): 1}


async def test_an_import_beside_the_bot_leaves_its_moment_and_no_long_wal(
    harness: BotHarness, watcher: Watcher, tmp_path: Path
) -> None:
    began, file = int(time.time()), tmp_path / "accounts.csv"
    rows = (f"36{number:010};г. Воронеж, ул. Примерная, д. {number}, кв. 1;x" for number in range(20_000))
    file.write_text("\n".join(["account;address;tariff", *rows]), encoding="utf-8")
    assert await import_files(os.environ["DATABASE_URL"], harness.app.settings.profile, [file]) == 0
    assert began <= (await watcher.figures())["energybot_import_timestamp_seconds",] <= time.time()
    assert harness.database.with_name("bot.db-wal").stat().st_size < 1_000_000, "an import leaves megabytes there"


async def test_a_refused_import_is_none(harness: BotHarness, watcher: Watcher, tmp_path: Path) -> None:
    (tmp_path / "unknown.csv").touch()
    profile = harness.app.settings.profile
    assert await import_files(os.environ["DATABASE_URL"], profile, [tmp_path / "unknown.csv"]) == 3
    assert (await watcher.figures())["energybot_import_timestamp_seconds",] == 0


def _grown(
    before: dict[tuple[str, ...], float], after: dict[tuple[str, ...], float], name: str
) -> dict[tuple[str, ...], float]:
    grown = {key[1:]: value - before.get(key, 0) for key, value in after.items() if key[0] == name}
    return {labels: count for labels, count in grown.items() if count}


async def test_nothing_tells_of_a_person(harness: BotHarness, maria: Someone, watcher: Watcher) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    shown = "".join([(await watcher.get(path))[1] for path in ("/health/live", "/health/ready", "/metrics")])
    assert not [secret for secret in (str(maria.id), TWO_ZONES, "Мария", harness.sandbox.token) if secret in shown]
    assert not re.search(r"(?<![\d.])3650(?!\d)", shown)  # seconds may hold the digits of a reading


async def test_two_bots_in_one_process_count_for_themselves(
    harness: BotHarness, maria: Someone, watcher: Watcher
) -> None:
    await maria.send("?")
    assert (await watcher.figures())["energybot_updates_accepted_total",] > 0
    await harness.restart()
    assert (await watcher.figures())["energybot_updates_accepted_total",] == 0


# The port


async def test_a_port_that_is_taken_is_one_sentence(idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("WEB_PORT", str(port))
        with pytest.raises(WrongSettings, match=rf"^WEB_PORT: cannot listen at 127.0.0.1:{port}: Address already in"):
            await idle_harness.start()


async def test_by_webhook_health_is_at_the_same_port_and_silence_is_no_trouble(
    idle_harness: BotHarness, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    for name, value in {
        "BOT_MODE": "webhook",
        "WEBHOOK_URL": f"http://127.0.0.1:{unused_tcp_port}/telegram",
        "WEBHOOK_SECRET": "a-secret_0123",
        "WEB_PORT": str(unused_tcp_port),
    }.items():
        monkeypatch.setenv(name, value)
    await idle_harness.start()
    watcher = Watcher(idle_harness, http)
    status, body = await watcher.ready()
    assert (status, body["telegram_silence"]) == (200, None)
    maria = idle_harness.person("Мария")
    await maria.send("/start")
    assert (await watcher.ready())[1]["telegram_silence"] >= 0
    assert (await watcher.ready())[0] == 200


async def test_all_who_ask_at_once_are_answered(harness: BotHarness) -> None:
    """Also when the look that some have waited for is followed by the next before they turn to it."""
    health = Health(
        QueueStatsReader(harness.database),
        harness.clock,
        Metrics(),
        harness.app.intake,
        "webhook",
        harness.limits.health,
    )

    async def ask() -> None:
        for _ in range(3):
            assert (await health.condition()).ready

    await asyncio.gather(ask(), ask(), ask())
