"""A wrong setting is refused in a sentence with its name and without its value."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from bot.config import (
    BotSettings,
    DatabaseSettings,
    GeneralSettings,
    MailSettings,
    WebhookSettings,
    WebSettings,
    WrongSettings,
    YooKassaSettings,
    load,
)

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


def test_a_file_in_another_encoding_is_named() -> None:
    Path(".env").write_bytes("MAIL_FROM=Энергосбыт <bot@example.org>".encode("cp1251"))
    assert refused(GeneralSettings) == ".env must be text in UTF-8"
