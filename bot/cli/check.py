"""`python -m bot check`: everything that the bot needs, tried once, each in a line. It may run beside the bot."""

from __future__ import annotations

import asyncio
import platform
import sqlite3
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.types import ChatMemberAdministrator
from sqlalchemy.exc import DBAPIError

from bot import __version__
from bot.app import yookassa_of
from bot.cli.tables import misfit
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
from bot.envfile import ENV_FILE
from bot.observe import redact
from bot.outbox.rate_limiter import RateLimiter
from bot.profile import own_profile
from bot.telegram.session import LeanSession
from bot.web.server import webhook_of
from services.db.engine import Database, file_of
from services.db.file import explained, open_file, revision_of, touch
from services.db.migrate import newest
from services.db.queue_stats import QueueStatsReader
from services.documents.code import reads_back
from services.files import of_database
from services.ledger.holdings import holdings
from services.mail import SmtpMail
from services.notices.errors import MailUnavailable
from services.payments.errors import ProviderUnavailable
from services.payments.requisites import payload
from services.readings.numbers import ACCOUNT_DIGITS
from services.supplier.models import Month

LATELY = 600  # seconds in which a webhook that failed is trouble; an older failure is mended

GOOD, BAD, DOUBTFUL = "✓", "✗", "!"


@dataclass(frozen=True, slots=True)
class CheckLimits:
    """Seconds."""

    item: float = 10
    pages: float = 8  # of these for looking at every page of the database: about 5 GB
    lock: float = 5  # of these for waiting until somebody else lets go of the database


class Wrong(Exception):
    """Says in words for the operator what does not work."""


@dataclass(frozen=True, slots=True)
class Found:
    words: str
    mark: str = GOOD


Item = Callable[[CheckLimits], Awaitable[Found]]


async def check(say: Callable[[str], None], limits: CheckLimits | None = None) -> bool:
    """Everything is tried, side by side; whether all of it works."""
    limits = limits or CheckLimits()
    found = await asyncio.gather(*(_found(item, limits) for item in ITEMS.values()))
    for name, one in zip(ITEMS, found, strict=True):
        say(redact(f"{one.mark} {name}: {one.words}"))
    return all(one.mark != BAD for one in found)


async def _found(item: Item, limits: CheckLimits) -> Found:
    try:
        async with asyncio.timeout(limits.item):
            return await item(limits)
    except TimeoutError:
        return Found(f"no answer within {limits.item} s", BAD)
    except (Wrong, WrongSettings) as error:
        return Found("; ".join(str(error).splitlines()), BAD)
    except DBAPIError as error:
        return Found(f"the database says: {error.orig}", BAD)
    except Exception as error:  # noqa: BLE001  # its words may hold a password: the name has to do
        return Found(f"failed with {type(error).__name__}", BAD)


# Settings


async def _version(_: CheckLimits) -> Found:
    return Found(f"{__version__}, tables of revision {newest()}, Python {platform.python_version()}")


async def _env_file(_: CheckLimits) -> Found:
    if words := remarks():
        return Found("; ".join(words), DOUBTFUL)
    file = ENV_FILE.absolute()
    return Found(f"{file}, and the environment" if file.is_file() else f"the environment alone, there is no {file}")


async def _bot_settings(_: CheckLimits) -> Found:
    return Found(f"updates come by {load(BotSettings).mode}")


async def _webhook_settings(_: CheckLimits) -> Found:
    settings = load(WebhookSettings)
    if settings.url is None:
        return Found("none")
    return Found(f"Telegram calls {urlsplit(settings.url).hostname}")


async def _web_settings(_: CheckLimits) -> Found:
    settings = load(WebSettings)
    return Found(f"health and metrics at {settings.host}:{settings.port}")


async def _database_settings(_: CheckLimits) -> Found:
    return Found(str(_file()))


async def _supplier_settings(_: CheckLimits) -> Found:
    return Found(f"the back end is {load(SupplierSettings).backend}")


async def _mail_settings(_: CheckLimits) -> Found:
    url = load(MailSettings).url
    return Found(f"letters go by {urlsplit(url.get_secret_value()).hostname}" if url else "no letters are offered")


async def _yookassa_settings(_: CheckLimits) -> Found:
    shop_id = load(YooKassaSettings).shop_id
    return Found(f"payments go to shop {shop_id}" if shop_id else "no payments by link are offered")


async def _general_settings(_: CheckLimits) -> Found:
    settings = load(GeneralSettings)
    return Found("alerts go to the log alone" if settings.admin_chat_id is None else "alerts go to a chat")


async def _profile(_: CheckLimits) -> Found:
    profile = own_profile()
    return Found(f"{profile.name}, regions: {len(profile.regions)}")


async def _payment_code(_: CheckLimits) -> Found:
    requisites = own_profile().requisites
    if requisites is None:
        return Found("the supplier's profile has no [requisites]: none is offered")
    today = datetime.now(load(GeneralSettings).timezone).date()
    code = payload(requisites, account="0" * ACCOUNT_DIGITS, month=Month.of(today), kopecks=1_00)
    if not await asyncio.to_thread(reads_back, code):
        raise Wrong("it does not read as it was written")
    return Found(f"it leads to {requisites.name} at {requisites.bank_name}")


# Database


def _file() -> Path:
    return file_of(load(DatabaseSettings).url)


async def _database(limits: CheckLimits) -> Found:
    return await asyncio.to_thread(_look_at, _file(), limits)


def _look_at(path: Path, limits: CheckLimits) -> Found:
    with _opened(path, limits) as database:
        if words := misfit(revision_of(database)):
            raise Wrong(words)
        touch(database)
    return Found(f"it can be written and has this version's tables, {path.stat().st_size / 1e6:.1f} MB")


async def _files(_: CheckLimits) -> Found:
    """The database's files hold personal data."""
    path = _file().resolve()
    shared = [one for one in of_database(path) if _mode(one) & 0o077]
    if shared:
        raise Wrong(f"others on this machine may read them: chmod 600 {' '.join(map(str, shared))}")
    return Found("nobody else on this machine may read them")


def _mode(path: Path) -> int:
    """Rights to a file; 0 for one that has gone, as those beside the database do at any moment."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0


async def _pages(limits: CheckLimits) -> Found:
    try:
        async with asyncio.timeout(limits.pages):
            return await _left_behind(partial(_look_through, _file(), limits))
    except TimeoutError:
        return Found(f"too many to look at in {limits.pages} s; `backup` looks at all", DOUBTFUL)


def _left_behind(look: Callable[[], Found]) -> Awaitable[Found]:
    """In a thread that the end of the process does not wait for: SQLite lets nobody interrupt this look."""
    found: Future[Found] = Future()

    def work() -> None:
        try:
            found.set_result(look())
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            found.set_exception(error)

    found.set_running_or_notify_cancel()
    Thread(target=work, daemon=True).start()
    return asyncio.wrap_future(found)


def _look_through(path: Path, limits: CheckLimits) -> Found:
    with _opened(path, limits) as database:
        [damage] = database.execute("PRAGMA quick_check(1)").fetchone()
    if damage != "ok":
        raise Wrong(f"damaged ({damage}): restore a backup")
    return Found("not damaged")


@contextmanager
def _opened(path: Path, limits: CheckLimits) -> Iterator[sqlite3.Connection]:
    """Raises Wrong, also for what goes wrong with the open file."""
    if not path.is_file():
        raise Wrong(f"there is no file {path}: run `python -m bot migrate`")
    try:
        with closing(open_file(path, timedelta(seconds=limits.lock))) as database:
            yield database
    except sqlite3.Error as error:
        raise Wrong(explained(path, error)) from None


async def _supplier(limits: CheckLimits) -> Found:
    day = datetime.now(load(GeneralSettings).timezone).date()
    with _opened(_file(), limits):
        database = Database(load(DatabaseSettings).url)
    try:
        has = await holdings(database, day)
    finally:
        await database.close()
    if not (has.accounts and has.tariffs):
        raise Wrong(f"accounts: {has.accounts}, tariffs for today: {has.tariffs}; run `python -m bot import`")
    words = f"accounts: {has.accounts}, tariffs for today: {has.tariffs}"
    return Found(f"{words}; accounts without one: {has.unpriced}", DOUBTFUL) if has.unpriced else Found(words)


async def _parked(_: CheckLimits) -> Found:
    stats = await asyncio.to_thread(QueueStatsReader(_file()).read, datetime.now(UTC))
    if stats is None:
        raise Wrong("the database cannot be read")
    return Found(f"{stats.parked}; see `python -m bot parked`", DOUBTFUL) if stats.parked else Found("none")


# Telegram and mail


@asynccontextmanager
async def _telegram() -> AsyncIterator[Bot]:
    """Raises Wrong for whatever Telegram says."""
    settings = load(BotSettings)
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    bot = Bot(settings.token.get_secret_value(), session=LeanSession(settings.api_base, RateLimiter(), proxy))
    try:
        yield bot
    except (TelegramUnauthorizedError, TelegramNotFound):
        raise Wrong("it does not know this BOT_TOKEN") from None
    except TelegramNetworkError:
        raise Wrong(f"{urlsplit(settings.api_base).hostname} cannot be reached") from None
    except TelegramAPIError as error:
        raise Wrong(f"{urlsplit(settings.api_base).hostname} answers with {type(error).__name__}") from None
    finally:
        await bot.session.close()


async def _me(_: CheckLimits) -> Found:
    async with _telegram() as bot:
        me = await bot.get_me()
    return Found(f"it knows the token of @{me.username}")


async def _webhook(_: CheckLimits) -> Found:
    if load(BotSettings).mode == "polling":
        return Found("not used")
    url = webhook_of(load(WebhookSettings))[0]
    async with _telegram() as bot:
        info = await bot.get_webhook_info()
    if info.url != url:
        return Found("Telegram does not call WEBHOOK_URL yet: `run` asks it to", DOUBTFUL)
    waiting = f"updates that wait: {info.pending_update_count}"
    if info.last_error_date and (datetime.now(UTC) - info.last_error_date).total_seconds() < LATELY:
        raise Wrong(f"Telegram's last call failed: {info.last_error_message}; {waiting}")
    return Found(f"Telegram calls WEBHOOK_URL, {waiting}")


async def _operators_chat(_: CheckLimits) -> Found:
    chat_id = load(GeneralSettings).admin_chat_id
    if chat_id is None:
        return Found("not set: alerts go to the log alone")
    async with _telegram() as bot:
        try:
            await bot.get_chat(chat_id)
        except (TelegramBadRequest, TelegramForbiddenError):
            raise Wrong(
                "ADMIN_CHAT_ID is no chat that the bot can see: write /id to the bot there, it tells the number"
            ) from None
    return Found("the bot can see it")


async def _staff_groups(_: CheckLimits) -> Found:
    """Only an administrator is sure to be told who the members are, and makes topics."""
    chats = sorted(own_profile().desk.chats)
    if not chats:
        return Found("none: no appeals are offered")
    async with _telegram() as bot:
        found = {chat: await _staff_group(bot, chat) for chat in chats}
    words = "; ".join(f"{chat}: {one.words}" for chat, one in found.items())
    marks = {one.mark for one in found.values()}
    if BAD in marks:
        raise Wrong(words)
    return Found(words, DOUBTFUL if DOUBTFUL in marks else GOOD)


async def _staff_group(bot: Bot, chat: int) -> Found:
    try:
        group, me = await bot.get_chat(chat), await bot.get_chat_member(chat, bot.id)
    except TelegramMigrateToChat as error:
        return Found(f"it has the number {error.migrate_to_chat_id} now, and the bot follows it there", DOUBTFUL)
    except (TelegramBadRequest, TelegramForbiddenError):
        return Found("the bot is not in this group; an administrator of the right one sends /id there", BAD)
    if not isinstance(me, ChatMemberAdministrator):
        return Found("make the bot an administrator: else Telegram may not tell it who the members are", BAD)
    if not group.is_forum:
        return Found("no topics, staff answer by replies", DOUBTFUL)
    if lacks := [words for right, words in _RIGHTS.items() if not getattr(me, right)]:
        return Found(f"the bot lacks the right to {' and to '.join(lacks)}", BAD)
    return Found("the bot is an administrator with all that it needs")


_RIGHTS = {"can_manage_topics": "manage topics", "can_delete_messages": "delete messages"}


async def _mail(_: CheckLimits) -> Found:
    url = load(MailSettings).url
    if url is None:
        return Found("not set: no letters are offered")
    try:
        await SmtpMail(url.get_secret_value(), load(GeneralSettings).mail_from).log_in()
    except MailUnavailable as error:
        raise Wrong(error.why) from None
    return Found("the server lets us in")


async def _shop(_: CheckLimits) -> Found:
    yookassa = yookassa_of(load(YooKassaSettings), own_profile())
    if yookassa is None:
        return Found("not set: no payments by link are offered")
    try:
        wrong = await yookassa.check()
    except ProviderUnavailable:
        raise Wrong(f"{urlsplit(load(YooKassaSettings).api_base).hostname} does not answer as it should") from None
    finally:
        await yookassa.close()
    if wrong:
        raise Wrong(wrong)
    return Found("the shop takes payments")


ITEMS: dict[str, Item] = {
    "version": _version,
    "settings from": _env_file,
    "settings BOT_…": _bot_settings,
    "settings WEBHOOK_…": _webhook_settings,
    "settings WEB_…": _web_settings,
    "settings DATABASE_…": _database_settings,
    "settings SUPPLIER_…": _supplier_settings,
    "settings SMTP_…": _mail_settings,
    "settings YOOKASSA_…": _yookassa_settings,
    "other settings": _general_settings,
    "supplier's profile": _profile,
    "payment code": _payment_code,
    "database": _database,
    "database's files": _files,
    "database's pages": _pages,
    "Telegram": _me,
    "webhook": _webhook,
    "operator's chat": _operators_chat,
    "staff's groups": _staff_groups,
    "supplier": _supplier,
    "mail": _mail,
    "payments": _shop,
    "parked updates": _parked,
}
