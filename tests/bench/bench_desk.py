"""(q) How long a customer's message takes to its topic, and an answer of the staff to its customer, with 200 open
topics of ten groups, beside a stock aiogram echo: 60 ms away, as Telegram may be, and on one machine."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from services.db.engine import file_of
from tests.bench import customers
from tests.bench.bench_updates import ROOT, Command, bot_settings, start
from tests.bench.limited import LATENCY
from tests.bench.table import Row
from tests.bench.talk_at_desk import FIRST_THREAD, GROUPS, OWN, TOPICS, group_of


def run(quick: bool) -> list[Row]:
    return [row for distance in (LATENCY, 0.0) for row in _measured(3 if quick else 20, distance)]


def _measured(rounds: int, distance: float) -> list[Row]:
    echo = max(_waits(rounds, distance, ["echo"], {}, lambda base: ["-m", "tests.bench.echo_bot", base]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = asyncio.run(customers.build(folder, GROUPS * TOPICS))
        _open_topics(url)
        profile = _profile(folder)
        settings = {"DATABASE_URL": url, "SUPPLIER_PROFILE": str(profile), "SUPPORT_CHAT_ID": str(group_of(0))}
        ours = _waits(rounds, distance, [], settings, lambda _: ["-m", "bot", "run"])
    names = ("customer's message -> topic", "staff's answer -> customer")
    where = f"p95 beside stock echo, {distance * 1000:.0f} ms away"
    return [Row(f"{name}, {where}", mine, echo, mine / echo, "s") for name, mine in zip(names, ours, strict=True)]


def _waits(
    rounds: int, distance: float, how: list[str], settings: dict[str, str], command: Command
) -> tuple[float, float]:
    """Seconds: of customers' messages and of answers, 95 of 100 within them."""
    server = start(["-m", "tests.bench.talk_at_desk", str(rounds), str(distance), *how], {})
    assert server.stdout
    base = server.stdout.readline().strip()
    bot = start(command(base), bot_settings(base) | settings)
    try:
        found = server.stdout.readline()
        assert found, "not everything arrived"
        asked, answered = map(float, found.split())
        return asked, answered
    finally:
        for process in (bot, server):
            process.terminate()
            process.communicate()


def _profile(folder: Path) -> Path:
    """A subject for each group."""
    text = (ROOT / "samples" / "supplier.toml").read_text(encoding="utf-8")
    head, _, rest = text.partition("[[appeals.subjects]]")
    tail = rest[rest.index("# Staff answer") :]
    subjects = "".join(f'[[appeals.subjects]]\nkey = "s{one}"\nname = "Тема {one}"\n' for one in range(GROUPS))
    groups = "".join(f'[[desk.groups]]\nchat = {group_of(one)}\nsubjects = ["s{one}"]\n' for one in range(1, GROUPS))
    path = folder / "supplier.toml"
    path.write_text(f"{head}{subjects}{groups}{tail}", encoding="utf-8")
    return path


def _open_topics(url: str) -> None:
    """An appeal of each customer, with its first message in its topic."""
    at = "2026-11-23 09:00:00.000000"
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        for one in range(GROUPS * TOPICS):
            key, person, group = f"k{one}", customers.FIRST_PERSON + one, group_of(one)
            connection.execute(
                "INSERT INTO appeals (key, number, user_id, language, account, subject, state, created_at, due_at, "
                "answered_at) VALUES (?, ?, ?, 'ru', ?, ?, 'open', ?, ?, ?)",
                (key, f"2611-{one:05}", person, customers.account_of(one), f"s{one % GROUPS}", at, at, at),
            )
            connection.execute(
                "INSERT INTO appeal_messages (appeal, side, chat_id, message_id, kind, text, written_at, copy_chat_id, "
                "copy_id, delivery) VALUES (?, 'customer', ?, ?, 'text', 'Вопрос', ?, ?, ?, 'delivered')",
                (key, person, OWN + one, at, group, OWN + one),
            )
            connection.execute(
                "INSERT INTO desk_topics (appeal, group_id, chat_id, thread_id, card_id) VALUES (?, ?, ?, ?, ?)",
                (key, group, group, FIRST_THREAD + one, FIRST_THREAD + 1000 + one),
            )
