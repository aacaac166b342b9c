"""`check` finds what is wrong, says it in a line, and goes on."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

import bot.cli.check
from bot.cli.check import CheckLimits, Found, check
from bot.config import WrongSettings
from sandbox import methods
from sandbox.mailbox import smtp_server
from tests.conftest import SAMPLES
from tests.harness import PATIENCE, BotHarness
from tests.people import Someone


async def checked(limits: CheckLimits | None = None) -> dict[str, tuple[str, str]]:
    """Mark and words of each item."""
    lines: list[str] = []
    fine = await check(lines.append, limits)
    found = {name: (line[0], line[len(name) + 4 :]) for name, line in zip(bot.cli.check.ITEMS, lines, strict=True)}
    assert all(line[2:].startswith(f"{name}: ") for name, line in zip(found, lines, strict=True))
    assert fine == ("✗" not in {mark for mark, _ in found.values()})
    return found


async def wrong(limits: CheckLimits | None = None) -> dict[str, str]:
    """Words of what is not as it should be, with the mark."""
    return {name: " ".join(one) for name, one in (await checked(limits)).items() if one[0] != "✓"}


@asynccontextmanager
async def mail_server(password: str) -> AsyncIterator[str]:
    """Host and port of one that lets in whoever knows the password, and takes no letters."""

    def protocol() -> SMTP:
        return SMTP(object(), authenticator=know, auth_require_tls=False, hostname="mail.example")

    def know(_server: object, _session: object, _envelope: object, _mechanism: str, given: object) -> AuthResult:
        return AuthResult(success=getattr(given, "password", None) == password.encode(), handled=False)

    async with smtp_server(protocol) as port:
        yield f"127.0.0.1:{port}"


async def test_beside_a_bot_that_runs_everything_is_fine(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mail_server("letters") as address:
        monkeypatch.setenv("SMTP_URL", f"smtp://post:letters@{address}")
        monkeypatch.setenv("ADMIN_CHAT_ID", str(maria.id))
        found = await checked()
    assert {mark for mark, _ in found.values()} == {"✓"}
    assert found["Telegram"][1] == f"it knows the token of @{harness.world.bot['username']}"
    assert found["supplier"][1] == "accounts: 40, tariffs for today: 12"
    await maria.send("?")
    assert maria.screen.startswith("Не понял")


async def test_every_part_of_the_settings_is_named_by_itself(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "BOT_PROXY": "a-secret",
        "WEBHOOK_URL": "https://bot.example/a-secret",
        "WEB_PORT": "a-secret",
        "DATABASE_URL": "mysql://operator:a-secret@host/bot",
        "SUPPLIER_BACKEND": "a-secret",
        "SMTP_URL": "http://post:a-secret@host",
        "YOOKASSA_VAT_CODE": "a-secret",
        "TIMEZONE": "a-secret",
    }.items():
        monkeypatch.setenv(name, value)
    found = await wrong()
    assert "a-secret" not in "".join(found.values())
    assert {name: words.split(" ")[1] for name, words in found.items() if "settings" in name} == {
        "settings BOT_…": "BOT_PROXY:",
        "settings WEBHOOK_…": "WEBHOOK_URL",
        "settings WEB_…": "WEB_PORT:",
        "settings DATABASE_…": "DATABASE_URL:",
        "settings SUPPLIER_…": "SUPPLIER_BACKEND:",
        "settings SMTP_…": "SMTP_URL:",
        "settings YOOKASSA_…": "YOOKASSA_VAT_CODE:",
        "other settings": "TIMEZONE:",
    }
    assert bot.cli.check.ITEMS.keys() - found == {"version", "settings from"}, "nothing else works, and all was tried"


async def test_a_profile_that_is_not_there(idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPLIER_PROFILE", "nowhere.toml")
    words = "✗ SUPPLIER_PROFILE: cannot read nowhere.toml: No such file or directory"
    assert await wrong() == {
        "supplier's profile": words,
        "payment code": words,
        "staff's groups": words,
        "payments": words,
    }


async def test_the_payment_code_is_drawn_and_read(idle_harness: BotHarness) -> None:
    assert (await checked())["payment code"] == ("✓", "it leads to АО «Пример Энергосбыт» at ПАО «Банк Пример»")


async def test_a_payment_code_that_reads_wrong_is_told(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.cli.check, "reads_back", lambda payload: b"Sum=100|" not in payload)
    assert await wrong() == {"payment code": "✗ it does not read as it was written"}


async def test_a_supplier_without_requisites_has_no_payment_code(
    idle_harness: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = (SAMPLES / "supplier.toml").read_text(encoding="utf-8")
    (tmp_path / "supplier.toml").write_text(re.sub(r"\[requisites\]\n(.+\n)+", "", profile), encoding="utf-8")
    monkeypatch.setenv("SUPPLIER_PROFILE", str(tmp_path / "supplier.toml"))
    found = await checked()
    assert found["payment code"] == ("✓", "the supplier's profile has no [requisites]: none is offered")
    assert found["payments"] == ("✗", "YOOKASSA_UTILITY_ORDER needs [requisites] in SUPPLIER_PROFILE")


# Telegram


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "unauthorized"}, "it does not know this BOT_TOKEN"),
        ({"kind": "reset_before"}, "127.0.0.1 cannot be reached"),
        ({"kind": "http_status"}, "127.0.0.1 answers with TelegramServerError"),
    ],
)
async def test_telegrams_answer_is_told_from_silence(
    idle_harness: BotHarness, fault: dict[str, str], words: str
) -> None:
    idle_harness.world.faults.add(method="getMe", **fault)
    assert await wrong() == {"Telegram": f"✗ {words}"}


async def test_what_hangs_is_given_up_and_the_rest_is_checked(idle_harness: BotHarness) -> None:
    idle_harness.world.faults.add(method="getMe", kind="hang")
    assert await wrong(CheckLimits(item=1)) == {"Telegram": "✗ no answer within 1 s"}


async def test_an_error_that_nobody_foresaw_is_told_by_its_name(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stumble(_: CheckLimits) -> Found:
        raise ValueError("a-secret")

    monkeypatch.setitem(bot.cli.check.ITEMS, "mail", stumble)
    assert await wrong() == {"mail": "✗ failed with ValueError"}


@pytest.mark.parametrize("chat_id", ["-100123", "5"])
async def test_a_chat_that_the_bot_cannot_see(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch, chat_id: str
) -> None:
    monkeypatch.setenv("ADMIN_CHAT_ID", chat_id)
    assert (await wrong())["operator's chat"].startswith("✗ ADMIN_CHAT_ID is no chat that the bot can see")


async def test_what_the_bot_may_not_do_in_a_group_of_the_staff(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = idle_harness.world
    group = world.add_staff_group("Смена")
    monkeypatch.setenv("SUPPORT_CHAT_ID", str(group.id))

    async def said() -> tuple[str, str]:
        mark, words = (await checked())["staff's groups"]
        return mark, words.partition(": ")[2]

    assert await said() == ("✓", "the bot is an administrator with all that it needs")
    group.bot_rights -= {"can_manage_topics", "can_delete_messages"}
    assert await said() == ("✗", "the bot lacks the right to manage topics and to delete messages")
    group.is_forum = False
    group.refresh()
    assert await said() == ("!", "no topics, staff answer by replies")
    group.bot_status = "member"
    assert (await said())[0] == "✗"
    assert (await said())[1].startswith("make the bot an administrator")
    group.bot_status = "kicked"
    assert (await said())[1].startswith("the bot is not in this group; an administrator of the right one sends /id")
    moved = world.migrate(group)
    assert await said() == ("!", f"it has the number {moved.id} now, and the bot follows it there")


@pytest.fixture
async def hook(idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> str:
    """The address of a bot in webhook mode, which does not run yet."""
    url = f"http://127.0.0.1:{unused_tcp_port}/telegram"
    monkeypatch.setenv("BOT_MODE", "webhook")
    monkeypatch.setenv("WEBHOOK_URL", url)
    monkeypatch.setenv("WEBHOOK_SECRET", "a-secret_0123")
    monkeypatch.setenv("WEB_PORT", str(unused_tcp_port))
    return url


async def test_a_webhook_that_is_not_set_yet(idle_harness: BotHarness, hook: str) -> None:
    assert await wrong() == {"webhook": "! Telegram does not call WEBHOOK_URL yet: `run` asks it to"}


@pytest.mark.parametrize("path", ["/yookassa", "/health/live", "/health/ready", "/metrics", "/%79ookassa"])
async def test_a_webhook_at_a_path_that_is_taken(
    idle_harness: BotHarness, hook: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    words = "WEBHOOK_URL: its path is taken by the bot for something else, choose another"
    monkeypatch.setenv("WEBHOOK_URL", f"https://bot.example{path}")
    assert await wrong() == {"webhook": f"✗ {words}"}
    with pytest.raises(WrongSettings, match=words):
        await idle_harness.start()


async def test_a_webhook_that_works(idle_harness: BotHarness, hook: str) -> None:
    await idle_harness.start()
    await idle_harness.person("Мария").send("/start")
    assert (await checked())["webhook"] == ("✓", "Telegram calls WEBHOOK_URL, updates that wait: 0")


async def test_a_webhook_that_nobody_answers(idle_harness: BotHarness, hook: str) -> None:
    methods.call(idle_harness.world, "setWebhook", {"url": hook})
    idle_harness.world.send_text(idle_harness.person("Мария").person, "/start")
    await idle_harness.world.wait_for(lambda event: event["type"] == "webhook_failed", after=0)
    found = await wrong()
    assert found["webhook"].startswith("✗ Telegram's last call failed: Cannot connect to host 127.0.0.1:")
    assert found["webhook"].endswith("; updates that wait: 1")


# Database and supplier


async def test_a_database_that_is_not_there(idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = idle_harness.database.with_name("other.db")
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{nowhere}")
    found = await wrong()
    assert list(found) == ["database", "database's pages", "supplier", "parked updates"]
    assert found["database"] == f"✗ there is no file {nowhere}: run `python -m bot migrate`"
    assert not nowhere.exists()


async def test_a_database_of_another_version(idle_harness: BotHarness) -> None:
    await idle_harness.run("UPDATE alembic_version SET version_num = '0000'")
    words = "✗ The database lacks this version's tables: run `python -m bot migrate` first."
    assert await wrong() == {"database": words}


async def test_a_database_of_a_later_version(idle_harness: BotHarness) -> None:
    await idle_harness.run("UPDATE alembic_version SET version_num = '9999'")
    assert (await wrong())["database"].startswith("✗ The database was made by a later version")


async def test_a_database_that_somebody_else_holds(idle_harness: BotHarness) -> None:
    with closing(sqlite3.connect(idle_harness.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await wrong(CheckLimits(lock=0.01)) == {"database": "✗ database is locked"}


async def test_a_database_with_a_damaged_page(idle_harness: BotHarness) -> None:
    with idle_harness.database.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xff" * 4096)
    found = await wrong()
    assert found["database's pages"].startswith("✗ damaged (")
    assert "restore a backup" in found["database's pages"]


async def test_a_database_that_is_too_large_to_look_through(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite goes on looking; neither the check nor the end of its process waits for that."""
    look, released = bot.cli.check._look_through, threading.Event()

    def look_for_ever(path: Path, limits: CheckLimits) -> Found:
        assert threading.current_thread().daemon
        released.wait(PATIENCE)
        return look(path, limits)

    monkeypatch.setattr(bot.cli.check, "_look_through", look_for_ever)
    assert await wrong(CheckLimits(pages=0.05)) == {
        "database's pages": "! too many to look at in 0.05 s; `backup` looks at all"
    }
    released.set()


async def test_a_file_beside_the_database_may_go_at_any_moment(
    idle_harness: BotHarness, go_when_seen: Callable[[Path], None]
) -> None:
    passing = idle_harness.database.with_name(f"{idle_harness.database.name}-sent.new")
    passing.touch(0o600)
    go_when_seen(passing)
    assert await wrong() == {}


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM ledger_accounts", "✗ accounts: 0, tariffs for today: 12; run `python -m bot import`"),
        ("DELETE FROM ledger_tariffs", "✗ accounts: 40, tariffs for today: 0; run `python -m bot import`"),
        (
            "UPDATE ledger_tariffs SET valid_from = date(valid_from, '+900 years')",
            "✗ accounts: 40, tariffs for today: 0; run `python -m bot import`",
        ),
        (
            "UPDATE ledger_accounts SET tariff = 'none' WHERE account = 360000123456",
            "! accounts: 40, tariffs for today: 12; accounts without one: 1",
        ),
    ],
)
async def test_a_registry_that_lacks_something(idle_harness: BotHarness, sql: str, words: str) -> None:
    await idle_harness.run(sql)
    assert await wrong() == {"supplier": words}


@pytest.mark.limits(intake={"pauses": (0,)})
async def test_parked_updates_are_only_a_warning(harness: BotHarness, maria: Someone) -> None:
    harness.supplier.trouble = ZeroDivisionError("a bug")
    await maria.send("/menu")
    assert await wrong() == {"parked updates": "! 1; see `python -m bot parked`"}
    harness.journal.take()
    await harness.drop_dead_letters()


# Mail


async def test_a_mail_server_that_does_not_let_us_in(idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    async with mail_server("letters") as address:
        monkeypatch.setenv("SMTP_URL", f"smtp://post:a-secret@{address}")
        assert await wrong() == {"mail": "✗ the server does not accept the name and password in SMTP_URL"}


async def test_a_mail_server_that_would_take_letters_in_clear(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS is needed on all ways but to 127.0.0.1 itself, which has other names here."""
    monkeypatch.setattr("services.mail._is_this_machine", lambda _: False)
    async with mail_server("letters") as address:
        monkeypatch.setenv("SMTP_URL", f"smtp://post:letters@{address}")
        assert await wrong() == {
            "mail": "✗ 127.0.0.1 offers no TLS, letters would go in clear: is it smtps://?",
        }


async def test_a_mail_server_that_is_away(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setenv("SMTP_URL", f"smtp://post:a-secret@127.0.0.1:{unused_tcp_port}")
    assert await wrong() == {"mail": "✗ 127.0.0.1 does not answer as a mail server"}


# Payments


async def test_a_shop_that_takes_payments(idle_harness: BotHarness) -> None:
    found = await checked()
    assert found["payments"] == ("✓", "the shop takes payments")
    assert found["settings YOOKASSA_…"] == ("✓", f"payments go to shop {idle_harness.bank.shop.id}")
    assert [call.path for call in idle_harness.bank.calls] == ["/me"]


async def test_a_wrong_key_of_the_shop(idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOOKASSA_SECRET_KEY", "test_a-secret")
    assert await wrong() == {"payments": "✗ the shop id or the secret key is wrong"}


async def test_a_shop_that_is_away(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    idle_harness.bank.faults.add("http_status")
    assert await wrong() == {"payments": "✗ 127.0.0.1 does not answer as it should"}
    monkeypatch.setenv("YOOKASSA_API_BASE", f"http://127.0.0.1:{unused_tcp_port}/v3")
    assert await wrong() == {"payments": "✗ 127.0.0.1 does not answer as it should"}


async def test_without_a_shop_no_payments_are_offered(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YOOKASSA_SHOP_ID")
    monkeypatch.delenv("YOOKASSA_SECRET_KEY")
    found = await checked()
    assert found["payments"] == ("✓", "not set: no payments by link are offered")
    assert idle_harness.bank.calls == type(idle_harness.bank.calls)()
