"""Migrations with data in the tables, there and back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.db.engine import Database
from services.db.migrate import CannotMigrate, migrate, newest

AT = "2026-11-23 07:14:00.000000"


async def go(path: Path, revision: str) -> None:
    database = Database(f"sqlite+aiosqlite:///{path}")
    try:
        await migrate(database, revision)
    finally:
        await database.close()


def run(path: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(sql, values).fetchall()


async def test_submissions_consents_and_corrections_outlive_the_migration_for_erasure(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    await go(path, "0003")
    run(path, "INSERT INTO users (id, language, created_at) VALUES (5, 'ru', ?)", AT)
    run(path, "INSERT INTO consent_texts VALUES (1, 'services', '1', 'ru', 'title', 'text', 'digest')")
    run(path, "INSERT INTO consents (user_id, consent, text_id, given_at) VALUES (5, 'services', 1, ?)", AT)
    for key, replaces, status in (("first", None, "replaced"), ("second", "first", "accepted")):
        run(
            path,
            "INSERT INTO submissions VALUES (?, ?, 5, '36', 'm', '2026-11', '2026-11-23', ?, '[]', 1, ?, ?, ?)",
            *(key, key, AT, status, AT, replaces),
        )
    run(path, "INSERT INTO inbox (update_id, conversation, received_at, done_at) VALUES (1, '5', ?, ?)", AT, AT)
    run(path, "INSERT INTO inbox (update_id, conversation, received_at, body) VALUES (2, '5', ?, '{}')", AT)
    await go(path, "0004")
    assert run(path, "SELECT key, user_id, replaces FROM submissions") == [("first", 5, None), ("second", 5, "first")]
    assert run(path, "SELECT conversation FROM inbox ORDER BY update_id") == [("",), ("5",)]
    assert run(path, "PRAGMA foreign_key_check") == []
    run(path, "UPDATE submissions SET user_id = NULL")
    run(path, "DELETE FROM users")
    assert run(path, "SELECT user_id FROM consents") == [(5,)]
    await go(path, "base")
    assert run(path, "SELECT name FROM sqlite_master WHERE name = 'submissions'") == []


async def test_what_waits_for_people_who_stopped_the_bot_is_held_from_the_migration_on(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    await go(path, "0004")
    for person, stopped in ((5, AT), (6, None)):
        run(
            path, "INSERT INTO users (id, language, created_at, blocked_at) VALUES (?, 'ru', ?, ?)", person, AT, stopped
        )
    columns = "(key, channel, user_id, kind, facts, urgency, bulk, created_at, due_at)"
    for channel, person in (("telegram", 5), ("telegram", 6), ("mail", 5)):
        values = (f"{channel} {person}", channel, person, AT, AT)
        run(path, f"INSERT INTO outbox {columns} VALUES (?, ?, ?, 'accepted', '{{}}', 1, 0, ?, ?)", *values)
    await go(path, "0008")
    states = "SELECT key, state FROM outbox ORDER BY id"
    assert run(path, states) == [("telegram 5", "held"), ("telegram 6", "waiting"), ("mail 5", "waiting")]


async def test_guesses_count_on_after_the_migration_that_gives_them_a_moment(tmp_path: Path) -> None:
    """The day is all that was known: the latest moment of it, so that nobody wins a guess."""
    path = tmp_path / "bot.db"
    await go(path, "0004")
    run(path, "INSERT INTO guesses (key, user_id, account, day, hit) VALUES ('k', 5, '36', '2026-11-23', 0)")
    await go(path, "0007")
    assert run(path, "SELECT key, user_id, at, hit FROM guesses") == [("k", 5, "2026-11-23 23:59:59.000000", 0)]
    await go(path, "base")
    assert run(path, "SELECT name FROM sqlite_master WHERE name = 'guesses'") == []


async def test_notices_that_wait_outlive_the_migration_for_settings(tmp_path: Path) -> None:
    """A bulk one, one of its own urgency, and one that went before an urgent one."""
    path = tmp_path / "bot.db"
    await go(path, "0004")
    run(path, "INSERT INTO users (id, language, created_at) VALUES (5, 'ru', ?)", AT)
    run(path, "INSERT INTO links (id, user_id, account, trust, created_at) VALUES ('l', 5, '36', 'confirmed', ?)", AT)
    for key, urgency, bulk in (("bulk", 2, 1), ("lent", 0, 1), ("notice", 1, 0), ("answer", 0, 0)):
        run(
            path,
            "INSERT INTO outbox (key, channel, user_id, kind, facts, urgency, bulk, created_at, due_at) "
            "VALUES (?, 'telegram', 5, 'accepted', '{}', ?, ?, ?, ?)",
            *(key, urgency, bulk, AT, AT),
        )
    await go(path, "0006")
    assert run(path, "SELECT key, urgency, own_urgency, quiet FROM outbox ORDER BY id") == [
        ("bulk", 2, 2, 0),
        ("lent", 0, 2, 0),
        ("notice", 1, 1, 0),
        ("answer", 0, 0, 0),
    ]
    assert run(path, "SELECT email, quiet, muted FROM users") == [(None, "22-8", "[]")]
    assert run(path, "SELECT position FROM links") == [(0,)]
    await go(path, "base")
    assert run(path, "SELECT name FROM sqlite_master WHERE name IN ('outbox', 'email_requests')") == []


async def test_who_has_an_account_already_has_watched_it_since_then(tmp_path: Path) -> None:
    """Also those who only paid or submitted there and are gone; payments count that were booked before for certain."""
    path = tmp_path / "bot.db"
    await go(path, "0009")
    run(path, "INSERT INTO users (id, language, created_at) VALUES (5, 'ru', ?)", AT)
    link = "INSERT INTO links (id, user_id, account, trust, created_at) VALUES ('l', 5, '360000123456', 'confirmed', ?)"
    run(path, link, AT)
    columns = "(key, number, account, kopecks, created_at, request, status)"
    order = f"INSERT INTO orders {columns} VALUES ('o', 'o', ?, 1, ?, '{{}}', 'paid')"
    run(path, order, "360000123456", "2026-11-20 09:00:00.000000")
    run(path, order.replace("'o'", "'p'"), "036000000001", "2026-11-20 09:00:00.000000")
    for day in ("2026-10-20", "2026-10-21"):
        payment = "INSERT INTO ledger_payments (account, date, amount) VALUES (360000123456, ?, 61337)"
        run(path, payment, day)
    await go(path, "0011")
    assert run(path, "SELECT account, since, known FROM watches ORDER BY account") == [
        ("036000000001", "2026-11-20 09:00:00.000000", "[]"),
        ("360000123456", "2026-11-20 09:00:00.000000", '[["2026-10-20",61337]]'),
    ]
    await go(path, "base")
    assert run(path, "SELECT name FROM sqlite_master WHERE name IN ('watches', 'shown_sums')") == []


async def test_who_had_proved_an_account_first_is_known_from_the_migration_on(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    await go(path, "0009")
    later = AT.replace("07:14", "07:15")
    for number, (account, trust, at) in enumerate(
        [
            ("36", "verified", later),
            ("36", "verified", AT),
            ("36", "confirmed", None),
            ("52", "verified", later),
            ("53", "verified", AT),
            ("53", "verified", AT),
        ]
    ):
        run(path, "INSERT INTO users (id, language, created_at) VALUES (?, 'ru', ?)", number, AT)
        columns = "(id, user_id, account, trust, created_at, verified_at)"
        run(path, f"INSERT INTO links {columns} VALUES (?, ?, ?, ?, ?, ?)", str(number), number, account, trust, AT, at)
    await go(path, "0012")
    assert run(path, "SELECT id FROM links WHERE proved_first ORDER BY id") == [("1",), ("3",), ("4",)]
    assert run(path, "SELECT * FROM renewals") == []
    await go(path, "base")
    assert run(path, "SELECT name FROM sqlite_master WHERE name IN ('links', 'renewals')") == []


async def test_payments_keep_their_moment_when_it_gets_a_second_one(tmp_path: Path) -> None:
    """Of settled orders only the moment is known at which the bot heard of it."""
    path = tmp_path / "bot.db"
    await go(path, "0009")
    columns = "(key, number, account, kopecks, created_at, request, status, settled_at)"
    for key, settled in (("paid", AT), ("open", None)):
        values = (key, key, AT, settled)
        run(path, f"INSERT INTO orders {columns} VALUES (?, ?, '36', 1, ?, '{{}}', 'paid', ?)", *values)
    await go(path, "0015")
    moments = "SELECT settled_at, learned_at FROM orders ORDER BY key DESC"
    assert run(path, moments) == [(AT, AT), (None, None)]
    await go(path, "base")
    assert run(path, "SELECT name FROM sqlite_master WHERE name = 'orders'") == []


@pytest.mark.parametrize("to", ["garbage", "-1", "", "9999", "0005"])
async def test_where_no_way_leads_is_told_and_nothing_is_changed(tmp_path: Path, to: str) -> None:
    path = tmp_path / "bot.db"
    await go(path, "0006")
    with pytest.raises(CannotMigrate):
        await go(path, to)
    assert run(path, "SELECT version_num FROM alembic_version") == [("0006",)]


@pytest.mark.parametrize("to", ["head", "base"])
async def test_tables_of_a_later_version_are_left_alone(tmp_path: Path, to: str) -> None:
    path = tmp_path / "bot.db"
    await go(path, newest())
    run(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CannotMigrate, match="revision 9999, which this version does not know"):
        await go(path, to)
    assert run(path, "SELECT count(*) FROM users") == [(0,)]


async def test_submissions_made_before_are_as_good_as_who_made_them(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    await go(path, "0009")
    for person, trust in ((5, "verified"), (6, "confirmed"), (7, None)):
        run(path, "INSERT INTO users (id, language, created_at) VALUES (?, 'ru', ?)", person, AT)
        if trust:
            link = "INSERT INTO links (id, user_id, account, trust, created_at) VALUES (?, ?, '36', ?, ?)"
            run(path, link, f"l{person}", person, trust, AT)
        run(
            path,
            "INSERT INTO submissions (key, number, user_id, account, meter, period, day, submitted_at, lines, status,"
            " changed_at) VALUES (?, ?, ?, '36', ?, '2026-11', '2026-11-23', ?, '[]', 'accepted', ?)",
            *(f"k{person}", f"n{person}", person, f"m{person}", AT, AT),
        )
    await go(path, "0013")
    assert run(path, "SELECT trust FROM submissions ORDER BY user_id") == [
        ("verified",),
        ("confirmed",),
        ("confirmed",),
    ]
    await go(path, "base")
    assert run(path, "SELECT name FROM sqlite_master WHERE name = 'submissions'") == []


async def test_the_switch_for_new_receipts_becomes_one_for_each_proved_account(tmp_path: Path) -> None:
    """It is off for those who had switched that kind off, and for accounts that are not proved."""
    path = tmp_path / "bot.db"
    await go(path, "0020")
    links = (("a", "36", "verified"), ("b", "37", "confirmed"), ("c", "38", "shared"))
    for person, muted in ((5, '["pay_by"]'), (6, '["pay_by", "receipt", "reminder"]')):
        user = "INSERT INTO users (id, language, created_at, muted) VALUES (?, 'ru', ?, ?)"
        run(path, user, person, AT, muted)
        for name, account, trust in links:
            link = "INSERT INTO links (id, user_id, account, trust, created_at) VALUES (?, ?, ?, ?, ?)"
            run(path, link, f"{name}{person}", person, account, trust, AT)
    request = "INSERT INTO email_requests (digest, user_id, address, expires_at) VALUES ('d', 5, 'a@mail.ru', ?)"
    run(path, request, AT)
    await go(path, "0021")
    on = "SELECT account, user_id, channel, since, paperless FROM subscriptions"
    assert run(path, on) == [("36", 5, "telegram", AT, 0)]
    assert run(path, "SELECT muted FROM users ORDER BY id") == [('["pay_by"]',), ('["pay_by","reminder"]',)]
    assert run(path, "SELECT purpose, account FROM email_requests") == [("own", "")]
    await go(path, "base")
    assert run(path, "SELECT name FROM sqlite_master WHERE name IN ('paperless', 'ending_reasons')") == []
