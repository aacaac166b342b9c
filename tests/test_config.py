"""A wrong setting is refused in a sentence with its name and without its value."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from bot import __version__
from bot.app import Settings
from bot.config import (
    BotSettings,
    DatabaseSettings,
    GeneralSettings,
    MailSettings,
    SupplierSettings,
    WebhookSettings,
    WebSettings,
    WrongSettings,
    YooKassaSettings,
    load,
    remarks,
)
from tests.conftest import SAMPLES

GOOD = {"BOT_TOKEN": "1234567:sandbox-token", "WEBHOOK_URL": "https://bot.example", "WEBHOOK_SECRET": "a-secret_0123"}


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def refused(part: type[BaseSettings]) -> str:
    with pytest.raises(WrongSettings) as caught:
        load(part)
    return str(caught.value)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        (BotSettings, "BOT_API_BASE", "xyzzy"),
        (BotSettings, "BOT_API_BASE", "https://xyzzy..example"),
        (BotSettings, "BOT_API_BASE", "https://api.example/{xyzzy}"),
        (BotSettings, "BOT_PROXY", "xyzzy"),
        (BotSettings, "BOT_PROXY", "socks5://xyzzy"),
        (BotSettings, "BOT_PROXY", "http://[::1"),
        (BotSettings, "BOT_PROXY", "carrier-pigeon://post:xyzzy@127.0.0.1:1"),
        (WebhookSettings, "WEBHOOK_URL", "xyzzy"),
        (WebhookSettings, "WEBHOOK_URL", "https://bot.example/{xyzzy"),
        (WebhookSettings, "WEBHOOK_SECRET", "xyzzy-секрет"),
        (WebhookSettings, "WEBHOOK_SECRET", "xyzzy\n"),
        (WebhookSettings, "WEBHOOK_SECRET", "x" * 257),
        (WebSettings, "WEB_HOST", "xyzzy..example"),
        (DatabaseSettings, "DATABASE_URL", "mysql://operator:xyzzy@host/bot"),
        (DatabaseSettings, "DATABASE_URL", "sqlite+aiosqlite:///"),
        (DatabaseSettings, "DATABASE_URL", "sqlite+aiosqlite:///:memory:"),
        (DatabaseSettings, "DATABASE_URL", "sqlite+aiosqlite:///file:xyzzy?uri=true"),
        (MailSettings, "SMTP_URL", "http://post:xyzzy@host"),
        (MailSettings, "SMTP_URL", "smtp://post:xyzzy@host:99999"),
        (MailSettings, "SMTP_URL", "smtp://post:xy/zzy@host"),
        (MailSettings, "SMTP_URL", "smtp://post:xyzzy@host℀"),
        (YooKassaSettings, "YOOKASSA_API_BASE", "xyzzy"),
        (BotSettings, "BOT_TOKEN", "1234567:xyzzy-token\r"),
        (BotSettings, "BOT_TOKEN", '"1234567:xyzzy-token"'),
        (YooKassaSettings, "YOOKASSA_SECRET_KEY", "test_xyzzy\r"),
        (GeneralSettings, "MAIL_FROM", "xyzzy"),
        (GeneralSettings, "MAIL_FROM", "xyzzy@example.org\nBcc: other@example.org"),
        (GeneralSettings, "ADMIN_CHAT_ID", "@xyzzy"),
        (GeneralSettings, "SUPPORT_CHAT_ID", "123456789"),
        (GeneralSettings, "TIMEZONE", "xyzzy"),
        (GeneralSettings, "TIMEZONE", "Moscow"),
    ],
)
def test_it_is_named_and_not_shown(
    part: type[BaseSettings], name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    words = refused(part)
    assert words.startswith(f"{name}: must ")
    assert "\n" not in words
    assert "xy" not in words


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        (BotSettings, "BOT_API_BASE", "http://127.0.0.1:8081/telegram/"),
        (BotSettings, "BOT_API_BASE", "https://сервер.рф"),
        (BotSettings, "BOT_PROXY", "socks5://user:p%40ss@[::1]:1080"),
        (BotSettings, "BOT_PROXY", "http://proxy_1:3128"),
        (WebhookSettings, "WEBHOOK_SECRET", "A" * 256),
        (WebSettings, "WEB_HOST", "::"),
        (DatabaseSettings, "DATABASE_URL", "sqlite+aiosqlite:////var/lib/a bot/bot.db"),
        (MailSettings, "SMTP_URL", "smtps://post@example.org:{p ss}@mail.example.org"),
    ],
)
def test_what_works_is_taken(part: type[BaseSettings], name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    load(part)


@pytest.mark.parametrize(
    ("rate", "paid", "expected", "spread"),
    [
        (None, "false", 25, 25),
        ("10", "false", 10, 10),
        ("30", "false", 30, 25),
        (None, "true", 970, 970),
        ("1000", "true", 1000, 970),
        ("100", "true", 100, 100),
    ],
)
def test_mass_messages_go_out_as_fast_as_the_operator_says(
    rate: str | None, paid: str, expected: int, spread: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`spread`: reminders are planned for as many a second as leave while people answer them."""
    monkeypatch.setenv("PAID_BROADCAST", paid)
    if rate:
        monkeypatch.setenv("BROADCAST_RATE", rate)
    general = load(GeneralSettings)
    assert (general.bulk_rate, general.reminders.rate) == (expected, spread)


def test_without_payment_the_rate_is_what_telegram_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROADCAST_RATE", "31")
    assert refused(GeneralSettings) == "BROADCAST_RATE above 30 needs PAID_BROADCAST=true"


# The file


def written(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GOOD:
        monkeypatch.delenv(name)
    Path(".env").write_bytes(text.encode())
    Path(".env").chmod(0o600)


@pytest.mark.parametrize(
    "line",
    [
        "BOT_TOKEN=1234567:sandbox-token",
        "\ufeffBOT_TOKEN=1234567:sandbox-token\r\n",
        "BOT_TOKEN = 1234567:sandbox-token   # of the test bot",
        'export BOT_TOKEN="1234567:sandbox-token"\r\nMAIL_FROM=a@example.org\r\n',
        "bot_token='1234567:sandbox-token'",
    ],
)
def test_a_file_as_people_write_it_is_read(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written(line, monkeypatch)
    assert load(BotSettings).token.get_secret_value() == "1234567:sandbox-token"
    assert remarks() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("BOT_WORKER=3", [".env line 1: BOT_WORKER is no setting, did you mean BOT_WORKERS?"]),
        (
            "\n\n# a word\nSUPLIER_PROFILE=x",
            [".env line 4: SUPLIER_PROFILE is no setting, did you mean SUPPLIER_PROFILE?"],
        ),
        ("COMPOSE_PROJECT_NAME=xyzzy", [".env line 1: COMPOSE_PROJECT_NAME is no setting"]),
        ("WEB_PORT=1\nweb_port=2", [".env line 2: WEB_PORT stands in line 1, too; this one counts"]),
        (
            "BOT_TOKEN\n1234567:xyzzy-token\nxyz zy",
            [f".env line {line} is no NAME=value and is not read" for line in (1, 2, 3)],
        ),
        ("12:xyzzy!=3", [".env line 1: this name is no setting"]),
    ],
)
def test_what_counts_for_nothing_is_told(text: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    written(text, monkeypatch)
    assert remarks() == words
    assert "xyzzy" not in str(remarks())


@pytest.mark.parametrize(
    ("name", "meant"),
    [("BOT_WORKER", "BOT_WORKERS"), ("SMPT_URL", "SMTP_URL"), ("MAIL_FORM", "MAIL_FROM"), ("TIME_ZONE", "TIMEZONE")],
)
def test_a_variable_that_is_nearly_one_of_ours_is_told(name: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "xyzzy")
    assert remarks() == [f"{name} in the environment is no setting, did you mean {meant}?"]


@pytest.mark.parametrize("name", ["BOT_PORT", "HTTP_PROXY", "TZ", "WEB_CONCURRENCY", "POSTGRES_URL"])
def test_variables_of_others_are_their_business(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "xyzzy")
    assert remarks() == []


def test_a_file_that_others_may_read_and_a_folder_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    written("", monkeypatch)
    Path(".env").chmod(0o644)
    assert remarks() == [f".env can be read by others on this machine: chmod 600 {Path('.env').absolute()}"]
    Path(".env").unlink()
    Path(".env").mkdir()
    assert remarks() == [".env is a folder: it must be a file"]


def test_whatever_is_wrong_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "BOT_TOKEN": "xyzzy",
        "WEB_PORT": "xyzzy",
        "DATABASE_URL": "xyzzy",
        "SUPPLIER_PROFILE": "nowhere.toml",
        "SMTP_URL": "xyzzy",
        "YOOKASSA_VAT_CODE": "xyzzy",
        "TIMEZONE": "xyzzy",
        "LOG_LEVEL": "xyzzy",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(WrongSettings) as caught:
        Settings.load()
    lines = str(caught.value).splitlines()
    assert {line.partition(":")[0] for line in lines} == wrong.keys()
    assert len(lines) == len(wrong), "each is told once"
    assert "xyzzy" not in str(caught.value)


def test_there_is_no_profile_by_default() -> None:
    assert refused(SupplierSettings) == "SUPPLIER_PROFILE: Field required"


def test_levels_of_the_log_are_taken_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "WARNING")
    assert load(GeneralSettings).log_level == "warning"


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((SAMPLES.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == __version__


def test_a_file_in_another_encoding_is_named() -> None:
    Path(".env").write_bytes("MAIL_FROM=Энергосбыт <bot@example.org>".encode("cp1251"))
    assert refused(GeneralSettings) == ".env must be text in UTF-8"
