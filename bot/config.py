"""Settings from the environment or `.env`, a class for each part of the house that can be used alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeVar, cast
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.envfile import ENCODING, ENV_FILE, slips
from bot.outbox.rate_limiter import BULK, PAID, RateLimiter
from services.reminders.models import EARLIEST, LATEST, ReminderSettings
from services.supplier.periods import ReadingDays

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{10,}")
_HOST = re.compile(r"[\w.:%-]+")
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class WrongSettings(Exception):
    """Names every setting that is missing or wrong, without its value."""


def _prefixed(prefix: str) -> SettingsConfigDict:
    return SettingsConfigDict(
        env_prefix=prefix,
        env_file=ENV_FILE,
        env_file_encoding=ENCODING,
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
    )


def _token(value: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(value.get_secret_value()):
        raise ValueError("must look like 123456789:AA…, as BotFather gives it")
    return value


def _host(value: str) -> str:
    try:
        value.encode("idna")
    except UnicodeError:  # its words hold the value
        raise ValueError("must be a host name or an address") from None
    return value


def _parts(value: str, schemes: set[str], example: str) -> SplitResult:
    """Of an address with one of these schemes, a host and a possible port. Raises ValueError."""
    try:
        parts = urlsplit(value)
        host = _host(parts.hostname or "")
        possible = parts.scheme in schemes and _HOST.fullmatch(host) and parts.port != 0
    except ValueError:  # its words hold pieces of the value
        possible = False
    if not possible:
        raise ValueError(f"must look like {example}")
    return parts


def _web(value: str) -> str:
    _parts(value, {"http", "https"}, "https://host or https://host:port/path")
    if set("{}") & set(value):
        raise ValueError("must have no { and }")
    return value


def _smtp(value: SecretStr) -> SecretStr:
    _parts(value.get_secret_value(), {"smtp", "smtps"}, "smtp://user:password@host:587 or smtps://…")
    return value


def _proxy(value: SecretStr) -> SecretStr:
    example = "socks5://user:password@host:1080, socks4://… or http://…, with the port"
    if _parts(value.get_secret_value(), {"socks5", "socks4", "http"}, example).port is None:
        raise ValueError(f"must look like {example}")
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not _WEBHOOK_SECRET.fullmatch(value.get_secret_value()):
        raise ValueError("must be 1 to 256 characters of A-Z, a-z, 0-9, _ and -")
    return value


def _key(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().isprintable() or " " in value.get_secret_value():
        raise ValueError("must have no spaces")
    return value


def _sender(value: str) -> str:
    name, _, host = parseaddr(value)[1].rpartition("@")
    if not (name and host and value.isprintable()):
        raise ValueError("must look like bot@example.org or Name <bot@example.org>")
    return value


def _chat(value: object) -> object:
    """Telegram's number of a chat."""
    if isinstance(value, str) and not re.fullmatch(r"\s*-?[0-9]{1,18}\s*", value):
        raise ValueError("must be the number of a chat, such as 123456789 or -1001234567890")
    return value


def _group(value: int | None) -> int | None:
    if value is not None and value >= 0:
        raise ValueError("must be the number of a group, such as -1001234567890, not of a person")
    return value


def _daytime(value: object) -> object:
    """A local time of reminders."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*([0-9]{1,2}):([0-9]{2})\s*", value)
    if not found or not EARLIEST <= int(found[1]) <= LATEST or int(found[2]) > 59:
        raise ValueError(f"must be a time from {EARLIEST}:00 to {LATEST}:59, such as 10:00")
    return time(int(found[1]), int(found[2]))


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _sqlite(value: str) -> str:
    start = "sqlite+aiosqlite:///"
    path = value.removeprefix(start)
    if not value.startswith(start):
        raise ValueError(f"must begin with {start}")
    if path in {"", ":memory:"} or "?" in path:
        raise ValueError(f"must name a file and nothing else after {start}")
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


WebAddress = Annotated[str, AfterValidator(_web)]


class ApiSettings(BaseSettings):
    """The Bot API, for commands that need no token."""

    model_config = _prefixed("BOT_")

    api_base: WebAddress = "https://api.telegram.org"


class BotSettings(ApiSettings):
    token: Annotated[SecretStr, AfterValidator(_token)]
    proxy: Annotated[SecretStr, AfterValidator(_proxy)] | None = None
    mode: Literal["polling", "webhook"] = "polling"
    workers: int = Field(default=64, ge=1, le=1000)


class WebhookSettings(BaseSettings):
    model_config = _prefixed("WEBHOOK_")

    url: WebAddress | None = None
    secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = None

    @model_validator(mode="after")
    def _both(self) -> WebhookSettings:
        if (self.url is None) != (self.secret is None):
            raise ValueError("WEBHOOK_URL and WEBHOOK_SECRET go together")
        return self


class WebSettings(BaseSettings):
    model_config = _prefixed("WEB_")

    host: Annotated[str, AfterValidator(_host)] = "127.0.0.1"
    port: int = Field(default=8081, ge=0, le=65535)


class DatabaseSettings(BaseSettings):
    model_config = _prefixed("DATABASE_")

    url: Annotated[str, AfterValidator(_sqlite)] = "sqlite+aiosqlite:///data/bot.db"


class SupplierSettings(BaseSettings):
    model_config = _prefixed("SUPPLIER_")

    backend: Literal["ledger"] = "ledger"
    profile: Path


class MailSettings(BaseSettings):
    """`url`: smtp://user:password@host:port, smtps:// for TLS from the first byte."""

    model_config = _prefixed("SMTP_")

    url: Annotated[SecretStr, AfterValidator(_smtp)] | None = None


class YooKassaSettings(BaseSettings):
    """Codes are those of the API's receipts; without `receipt` the supplier issues them elsewhere."""

    model_config = _prefixed("YOOKASSA_")

    api_base: WebAddress = "https://api.yookassa.ru/v3"
    shop_id: str | None = None
    secret_key: Annotated[SecretStr, AfterValidator(_key)] | None = None
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


FREE = 30  # messages a second that Telegram takes without payment


class GeneralSettings(BaseSettings):
    model_config = _prefixed("")

    mail_from: Annotated[str, AfterValidator(_sender)] = "bot@localhost"
    admin_chat_id: Annotated[int | None, BeforeValidator(_chat)] = None
    support_chat_id: Annotated[int | None, BeforeValidator(_chat), AfterValidator(_group)] = None
    reading_days: Annotated[ReadingDays, NoDecode, BeforeValidator(_days)] = ReadingDays(23, 25)
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("Europe/Moscow")
    lookups_per_day: int = Field(default=10, ge=1)
    confirm_flat: bool = True
    proofs_per_day: int = Field(default=3, ge=1)
    reminder_time: Annotated[time, BeforeValidator(_daytime)] = time(10)
    broadcast_rate: int | None = Field(default=None, ge=1, le=1000)
    paid_broadcast: bool = False
    payment_max: int = Field(default=100_000, ge=1, le=10_000_000)
    log_format: Literal["console", "json"] = "console"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = "info"

    @property
    def reminders(self) -> ReminderSettings:
        pace = RateLimiter(bulk=self.bulk_rate, paid=self.paid_broadcast).bulk_while_people_talk
        return ReminderSettings(self.reminder_time, round(pace))  # people answer reminders

    @property
    def bulk_rate(self) -> int:
        """Mass messages a second."""
        return self.broadcast_rate or (PAID if self.paid_broadcast else BULK)

    @model_validator(mode="after")
    def _within_the_limit(self) -> GeneralSettings:
        if not self.paid_broadcast and (self.broadcast_rate or 0) > FREE:
            raise ValueError(f"BROADCAST_RATE above {FREE} needs PAID_BROADCAST=true")
        return self


PARTS: tuple[type[BaseSettings], ...] = (
    BotSettings,
    WebhookSettings,
    WebSettings,
    DatabaseSettings,
    SupplierSettings,
    MailSettings,
    YooKassaSettings,
    GeneralSettings,
)
Part = TypeVar("Part", bound=BaseSettings)


class Read(Protocol):
    """Reads a part of the settings, as `load` does. Raises WrongSettings."""

    def __call__(self, part: type[Part], /) -> Part: ...


def load(part: type[Part], /) -> Part:
    """Raises WrongSettings."""
    try:
        return part()
    except UnicodeDecodeError:
        raise WrongSettings(f"{ENV_FILE} must be text in UTF-8") from None
    except OSError as error:
        raise WrongSettings(f"{ENV_FILE} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        prefix = str(part.model_config.get("env_prefix", "")).upper()
        raise WrongSettings("\n".join(_sentence(prefix, one) for one in error.errors())) from None


def load_or_default(part: type[Part], read: Read = load) -> Part:
    """The part's defaults when anything in it is wrong, which `load` names elsewhere."""
    try:
        return read(part)
    except WrongSettings:
        return cast("Part", part.model_construct())


def all_of(attempts: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Results of all attempts by name. Raises one WrongSettings with the faults of all of them, each once."""
    found: dict[str, Any] = {}
    wrong: dict[str, None] = {}
    for name, attempt in attempts.items():
        try:
            found[name] = attempt()
        except WrongSettings as error:
            wrong |= dict.fromkeys(str(error).splitlines())
    if wrong:
        raise WrongSettings("\n".join(wrong))
    return found


def needed_files() -> list[Path]:
    """Files that the bot reads: no command may write them."""
    try:
        return [ENV_FILE, load(SupplierSettings).profile]
    except WrongSettings:
        return [ENV_FILE]


def setting_names() -> list[str]:
    """Names of all settings, as `.env` has them."""
    prefixes = [(str(part.model_config.get("env_prefix", "")), part) for part in PARTS]
    return [f"{prefix}{name}".upper() for prefix, part in prefixes for name in part.model_fields]


def remarks() -> list[str]:
    """Names in `.env` and the environment that mean nothing, each in a sentence without values."""
    try:
        return list(slips(setting_names()))
    except (UnicodeDecodeError, OSError):
        return []  # `load` says it


def _sentence(prefix: str, error: object) -> str:
    details = dict(error)  # type: ignore[call-overload]
    name = prefix + "_".join(str(part) for part in details["loc"]).upper()
    words = str(details["msg"]).removeprefix("Value error, ")
    return f"{name}: {words}" if details["loc"] else words
