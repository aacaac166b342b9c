"""Settings from the environment or `.env`, a class for each part of the house that can be used alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.periods import ReadingDays

_ENV_FILE = Path(".env")


class WrongSettings(Exception):
    """Names every setting that is missing or wrong, without its value."""


def _prefixed(prefix: str) -> SettingsConfigDict:
    return SettingsConfigDict(
        env_prefix=prefix, env_file=_ENV_FILE, env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )


def _token(value: SecretStr) -> SecretStr:
    number, _, secret = value.get_secret_value().partition(":")
    if not (number.isascii() and number.isdigit() and len(secret) >= 10):
        raise ValueError("must look like 123456789:AA…, as BotFather gives it")
    return value


def _smtp(value: SecretStr | None) -> SecretStr | None:
    parts = urlsplit(value.get_secret_value()) if value else None
    if parts and (parts.scheme not in {"smtp", "smtps"} or not parts.hostname):
        raise ValueError("must look like smtp://user:password@host:587 or smtps://…")
    return value


def _sqlite(value: str) -> str:
    if not value.startswith("sqlite+aiosqlite:///"):
        raise ValueError("must begin with sqlite+aiosqlite:///")
    return value


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value)
    except (KeyError, OSError):  # unknown, or a folder of zones
        raise ValueError("must be a time zone such as Europe/Moscow") from None


def _days(value: object) -> object:
    return ReadingDays.parse(value) if isinstance(value, str) else value


class BotSettings(BaseSettings):
    model_config = _prefixed("BOT_")

    token: Annotated[SecretStr, AfterValidator(_token)]
    api_base: str = "https://api.telegram.org"
    proxy: SecretStr | None = None
    mode: Literal["polling", "webhook"] = "polling"
    workers: int = Field(default=64, ge=1, le=1000)


class WebhookSettings(BaseSettings):
    model_config = _prefixed("WEBHOOK_")

    url: str | None = None
    secret: SecretStr | None = None

    @model_validator(mode="after")
    def _both(self) -> WebhookSettings:
        if (self.url is None) != (self.secret is None):
            raise ValueError("WEBHOOK_URL and WEBHOOK_SECRET go together")
        return self


class WebSettings(BaseSettings):
    model_config = _prefixed("WEB_")

    host: str = "127.0.0.1"
    port: int = Field(default=8081, ge=0, le=65535)


class DatabaseSettings(BaseSettings):
    model_config = _prefixed("DATABASE_")

    url: Annotated[str, AfterValidator(_sqlite)] = "sqlite+aiosqlite:///data/bot.db"


class SupplierSettings(BaseSettings):
    model_config = _prefixed("SUPPLIER_")

    backend: Literal["ledger"] = "ledger"
    profile: Path = Path("samples/supplier.toml")


class MailSettings(BaseSettings):
    """`url`: smtp://user:password@host:port, smtps:// for TLS from the first byte."""

    model_config = _prefixed("SMTP_")

    url: Annotated[SecretStr | None, AfterValidator(_smtp)] = None


class YooKassaSettings(BaseSettings):
    """Codes are those of the API's receipts; without `receipt` the supplier issues them elsewhere."""

    model_config = _prefixed("YOOKASSA_")

    api_base: str = "https://api.yookassa.ru/v3"
    shop_id: str | None = None
    secret_key: SecretStr | None = None
    utility_order: bool = False
    receipt: bool = False
    vat_code: int = Field(default=11, ge=1, le=12)
    payment_subject: str = "service"
    payment_mode: str = "full_payment"
    measure: str = "another"
    tax_system_code: int | None = Field(default=None, ge=1, le=6)

    @model_validator(mode="after")
    def _both(self) -> YooKassaSettings:
        if (self.shop_id is None) != (self.secret_key is None):
            raise ValueError("YOOKASSA_SHOP_ID and YOOKASSA_SECRET_KEY go together")
        return self


class GeneralSettings(BaseSettings):
    model_config = _prefixed("")

    mail_from: str = "bot@localhost"
    admin_chat_id: int | None = None
    reading_days: Annotated[ReadingDays, NoDecode, BeforeValidator(_days)] = ReadingDays(23, 25)
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("Europe/Moscow")
    lookups_per_day: int = Field(default=10, ge=1)
    proofs_per_day: int = Field(default=3, ge=1)
    payment_max: int = Field(default=100_000, ge=1, le=10_000_000)
    log_format: Literal["console", "json"] = "console"


Part = TypeVar("Part", bound=BaseSettings)


def load(part: type[Part]) -> Part:
    """Raises WrongSettings."""
    try:
        return part()
    except ValidationError as error:
        prefix = str(part.model_config.get("env_prefix", "")).upper()
        raise WrongSettings("\n".join(_sentence(prefix, one) for one in error.errors())) from None


def _sentence(prefix: str, error: object) -> str:
    details = dict(error)  # type: ignore[call-overload]
    name = prefix + "_".join(str(part) for part in details["loc"]).upper()
    words = str(details["msg"]).removeprefix("Value error, ")
    return f"{name}: {words}" if details["loc"] else words
