"""The composition root: everything is built, opened and closed here, for the process and for tests alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar, cast

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import LinkPreviewOptions
from aiohttp.web import RouteDef
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.alerts import ChatAlerts
from bot.assembly import Assembly
from bot.clock import SystemClock
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
    all_of,
    load,
)
from bot.inbox.intake import Intake, IntakeLimits, patience_of
from bot.outbox.channels import MailChannel, Speaker, TelegramChannel
from bot.outbox.rate_limiter import RateLimiter
from bot.outbox.sender import OutboxSender, SenderLimits, WakeUp
from bot.profile import own_profile
from bot.schedule import Intervals, ticker
from bot.tasks import Tasks, end
from bot.telegram.answering import Answering
from bot.telegram.introduction import introduce, introduce_to_staff, leave_staff
from bot.telegram.middlewares import Albums, ConsentGate, CustomerMiddleware, Farewell, InConversation, SaidAgain
from bot.telegram.polling import Poller, PollerLimits
from bot.telegram.resend import Resend
from bot.telegram.resend.append_log import AppendLog
from bot.telegram.resend.memory import ResendLimits
from bot.telegram.session import LeanSession
from bot.telegram.staff import InStaffTalk, StaffMiddleware
from bot.trouble import CALM, NO_MAIL, Trouble, Troubles, Watched, note_call
from bot.web.connections import ConnectionLimits
from bot.web.health import Health, HealthLimits
from bot.web.metrics import Metrics
from bot.web.server import WebServer, health_routes, notification_route, webhook_of, webhook_route
from handlers import build_router
from handlers.desk.group import build_desk_router
from handlers.notices import Words, collect
from locales import LANGUAGES, catalog
from services.accounts.accounts import Limits
from services.appeals.desk import Desk
from services.appeals.ports import WorkingCalendar
from services.appeals.settings import AppealSettings
from services.calendars import RussianCalendar
from services.db.engine import LOCK_WAIT, Database, file_of
from services.db.inbox import Inbox
from services.db.outbox import SqlOutbox
from services.db.queue_stats import QueueStatsReader
from services.db.store import SqlStore
from services.documents import TypstDocuments
from services.ledger.papers import LedgerPapers, folder_of
from services.ledger.supplier import LedgerSupplier
from services.mail import SmtpMail
from services.notices.errors import MailUnavailable, MailUnknown
from services.notices.models import Channel
from services.notices.policy import NoticePolicy
from services.notices.ports import Mail
from services.payments.due import PaymentLimits
from services.payments.errors import ProviderUnavailable
from services.payments.ports import PaymentProvider
from services.payments.settling import ProviderLimits, Settlement
from services.ports import Alerts, Clock, Documents, Spreadsheets, Store
from services.receipts.ports import ImportedReceipts
from services.reminders.models import ReminderSettings
from services.spreadsheets import Files
from services.supplier.errors import SupplierUnavailable
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile
from services.yookassa import ReceiptCodes, Shop, YooKassa

log = structlog.get_logger("app")
Kind = TypeVar("Kind")

RETRY = 3.0  # seconds between attempts to tell Telegram what the bot offers
LETTERS = 20  # on their way at once: each has a connection to the mail server


@dataclass(frozen=True, slots=True)
class Settings:
    bot: BotSettings
    webhook: WebhookSettings
    web: WebSettings
    database: DatabaseSettings
    supplier: SupplierSettings
    mail: MailSettings
    yookassa: YooKassaSettings
    general: GeneralSettings
    profile: SupplierProfile

    @classmethod
    def load(cls) -> Settings:
        """Raises WrongSettings with all that is wrong."""
        read = cache(load)
        return cls(
            **all_of(
                {
                    "bot": lambda: read(BotSettings),
                    "webhook": lambda: read(WebhookSettings),
                    "web": lambda: read(WebSettings),
                    "database": lambda: read(DatabaseSettings),
                    "supplier": lambda: read(SupplierSettings),
                    "mail": lambda: read(MailSettings),
                    "yookassa": lambda: read(YooKassaSettings),
                    "general": lambda: read(GeneralSettings),
                    "profile": lambda: own_profile(read),
                }
            )
        )


@dataclass(slots=True)
class PartLimits:
    """Times and counts of each part. `lock_wait`: milliseconds; `calm`: seconds without trouble after which it is over;
    `patience`: seconds that a stopping process gives to what runs."""

    intake: IntakeLimits = field(default_factory=IntakeLimits)
    poller: PollerLimits = field(default_factory=PollerLimits)
    sender: SenderLimits = field(default_factory=SenderLimits)
    resend: ResendLimits = field(default_factory=ResendLimits)
    intervals: Intervals = field(default_factory=Intervals)
    health: HealthLimits = field(default_factory=HealthLimits)
    connections: ConnectionLimits = field(default_factory=ConnectionLimits)
    provider: ProviderLimits = field(default_factory=ProviderLimits)
    lock_wait: int = LOCK_WAIT
    calm: float = CALM
    patience: float = 6


@dataclass(frozen=True, slots=True)
class Overrides:
    """Parts of the outside world, and limits, that a test replaces. `words` of notices that the product does not send
    come beside its own."""

    clock: Clock | None = None
    supplier: Supplier | None = None
    mail: Mail | None = None
    documents: Documents | None = None
    limiter: RateLimiter | None = None
    words: Words | None = None
    limits: PartLimits = field(default_factory=PartLimits)


@dataclass(frozen=True, slots=True)
class App:
    settings: Settings
    limits: PartLimits
    bot: Bot
    dispatcher: Dispatcher
    database: Database
    store: SqlStore
    intake: Intake
    lanes: tuple[OutboxSender, ...]
    use_cases: Assembly
    alerts: ChatAlerts
    inbox: Inbox
    outbox: SqlOutbox
    resend: Resend
    clock: Clock
    wake_up: WakeUp
    metrics: Metrics
    troubles: Troubles
    web: WebServer

    def use(self, kind: type[Kind]) -> Kind:
        """The use case, port or setting of a type."""
        return self.use_cases.get(kind)

    def ticks(self, tasks: Tasks) -> AsyncIOScheduler:
        """The scheduler with its ticks; not started yet."""
        return ticker(
            tasks,
            self.use_cases,
            self.intake,
            self.inbox,
            self.outbox,
            self.clock,
            self._keep_open_sends,
            self.limits.intervals,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take updates and send notices until the block is left; then finish what runs."""
        tasks = Tasks()
        ticks = self.ticks(tasks)
        await self._keep_open_sends()
        await self.intake.start()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(tasks.close, 0)
            stack.push_async_callback(self._finish)
            await self._listen(stack, tasks)
            for lane in self.lanes:
                stack.push_async_callback(end, tasks.start(lane.run(), "sender"))
            tasks.start(self._introduce(), "introduction")
            ticks.start()
            stack.callback(ticks.shutdown, wait=False)
            yield

    async def _keep_open_sends(self) -> None:
        """Forget what is not open any more: since an earlier process, or because its person was erased."""
        await self.resend.forget_closed({"update": self.inbox.still_open, "notice": self.outbox.still_open})

    async def _finish(self) -> None:
        patience = self.limits.patience
        await asyncio.gather(self.intake.stop(patience), *(lane.stop(patience) for lane in self.lanes))

    async def _listen(self, stack: AsyncExitStack, tasks: Tasks) -> None:
        stack.push_async_callback(self.web.stop)
        await self.web.start()
        log.info("listening", url=self.web.url)
        if self.settings.bot.mode == "polling":
            polling = tasks.start(self._poll(), "polling")
            stack.callback(polling.cancel)

    async def _poll(self) -> None:
        poller = Poller(self.bot, self.intake, self.troubles.database, self.metrics, self._wanted(), self.limits.poller)
        await poller.run()

    async def _introduce(self) -> None:
        """Tell Telegram the commands and where updates go, as soon as it answers."""
        while True:
            try:
                await self._say_where()
                await introduce(self.bot, self.settings.profile.name)
                await self._introduce_to_staff()
            except TelegramAPIError as error:
                if isinstance(error, TelegramBadRequest):  # the session tells of anything that is no answer
                    self.troubles.telegram.met(f"Telegram refuses what the bot says of itself: {error.message}")
                # Telegram is away or wants patience; updates need no introduction
                await asyncio.sleep(max(RETRY, patience_of(error)))
            else:
                return

    async def _introduce_to_staff(self) -> None:
        desk = self.settings.profile.desk
        for home in desk.chats:
            chat = await self.use(Desk).chat_of(home)
            await introduce_to_staff(self.bot, chat, broadcasts=desk.may_broadcast(home))
        for home in await self.use(Desk).former_groups():
            await leave_staff(self.bot, await self.use(Desk).chat_of(home))

    async def _say_where(self) -> None:
        if self.settings.bot.mode == "webhook":
            url, secret = webhook_of(self.settings.webhook)
            await self.bot.set_webhook(url, secret_token=secret, allowed_updates=self._wanted())
        else:
            await self.bot.delete_webhook()  # one that is left from elsewhere would keep the updates from us

    def _wanted(self) -> list[str]:
        """Those that handlers are for, and comings and goings in the staff's groups."""
        return [*self.dispatcher.resolve_used_update_types(), "chat_member"]


@asynccontextmanager
async def open_app(settings: Settings, overrides: Overrides | None = None) -> AsyncIterator[App]:
    """Everything wired and ready to run. Raises WrongSettings."""
    instead = overrides or Overrides()
    limits = instead.limits
    words = collect(instead.words)
    profile, provider = settings.profile, yookassa_of(settings.yookassa, settings.profile)
    database, path = Database(settings.database.url, limits.lock_wait), file_of(settings.database.url)
    clock, limiter, wake_up, metrics = (
        instead.clock or SystemClock(),
        instead.limiter or limiter_of(settings.general),
        WakeUp(),
        Metrics(),
    )
    store, inbox, outbox = SqlStore(database, wake_up, metrics), Inbox(database), SqlOutbox(database, words.kinds)
    alerts, telling = ChatAlerts(store, clock, settings.general.admin_chat_id), Tasks()
    troubles = Troubles.of(
        tell=lambda what: telling.start(alerts.tell(what), "word to the operator"),
        alert=lambda what: telling.start(alerts.send(what), "alert"),
        calm=limits.calm,
    )
    bot = _bot(settings.bot, limiter, metrics, troubles.telegram)
    resend = Resend(AppendLog(path.with_name(f"{path.name}-sent")), bot.id, limits.resend)
    supplier = instead.supplier or LedgerSupplier(
        database, clock, lambda account: profile.region_of(account).reading_days
    )
    mail = instead.mail or SmtpMail(_secret(settings.mail.url), settings.general.mail_from, profile.name)
    documents = instead.documents or TypstDocuments()
    supplier = cast("Supplier", Watched(supplier, troubles.supplier, SupplierUnavailable.told, (SupplierUnavailable,)))
    mail = cast("Mail", Watched(mail, troubles.mail, NO_MAIL, (MailUnavailable, MailUnknown)))
    paying = _watched_provider(provider, troubles.provider, metrics)
    mails = bool(settings.mail.url or instead.mail)
    use_cases = Assembly(
        {
            Store: store,
            Supplier: supplier,
            PaymentProvider: paying,
            Documents: documents,
            ImportedReceipts: LedgerPapers(database, folder_of(path)),
            Spreadsheets: Files(),
            Clock: clock,
            Alerts: alerts,
            SupplierProfile: profile,
            AppealSettings: profile.appeals,
            WorkingCalendar: RussianCalendar(),
            Limits: Limits(lookups=settings.general.lookups_per_day, proofs=settings.general.proofs_per_day),
            PaymentLimits: PaymentLimits(settings.general.payment_max * 100),
            ProviderLimits: limits.provider,
            ReminderSettings: settings.general.reminders,
        },
        secret=settings.bot.token.get_secret_value(),
        offered=mails,
        mails=mails,
        confirm_flat=settings.general.confirm_flat,
    )
    speaker = Speaker(words, bot, use_cases)
    telegram = TelegramChannel(bot, speaker, outbox, limiter, clock, alerts)
    channels = (telegram, MailChannel(mail, speaker))
    dispatcher = _dispatcher(
        CustomerMiddleware(use_cases, telegram.hear), StaffMiddleware(use_cases, outbox, telegram.come_back)
    )
    answering, workers = Answering(bot, dispatcher), settings.bot.workers
    intake = Intake(
        inbox,
        answering,
        resend,
        wake_up,
        alerts,
        clock,
        metrics,
        limiter,
        workers,
        troubles.database,
        limits.intake,
    )
    health = Health(QueueStatsReader(path), clock, metrics, intake, settings.bot.mode, limits.health)
    notifications = [notification_route(use_cases.get(Settlement))] if provider else []
    for language in LANGUAGES:
        catalog(language)
    try:
        yield App(
            settings=settings,
            limits=limits,
            bot=bot,
            dispatcher=dispatcher,
            database=database,
            store=store,
            intake=intake,
            lanes=tuple(
                OutboxSender(
                    outbox,
                    one,
                    use_cases.get(NoticePolicy),
                    resend,
                    clock,
                    wake_up,
                    metrics,
                    troubles.database,
                    _lane_limits(one.channel, limits.sender),
                )
                for one in channels
            ),
            use_cases=use_cases,
            alerts=alerts,
            inbox=inbox,
            outbox=outbox,
            resend=resend,
            clock=clock,
            wake_up=wake_up,
            metrics=metrics,
            troubles=troubles,
            web=WebServer(
                settings.web,
                [*health_routes(health), *notifications, *_webhook(settings, intake, metrics)],
                limits.connections,
            ),
        )
    finally:
        troubles.close()
        if isinstance(documents, TypstDocuments):
            documents.close()
        await telling.close(0)
        await bot.session.close()
        resend.close()
        if provider:
            await provider.close()
        await database.close()


def _lane_limits(channel: Channel, limits: SenderLimits) -> SenderLimits:
    by_mail = replace(limits, most_at_once=min(limits.most_at_once, LETTERS))
    return by_mail if channel is Channel.MAIL else limits


def limiter_of(general: GeneralSettings) -> RateLimiter:
    return RateLimiter(bulk=general.bulk_rate, paid=general.paid_broadcast)


def _bot(settings: BotSettings, limiter: RateLimiter, metrics: Metrics, trouble: Trouble) -> Bot:
    def ended(method: str, error: TelegramAPIError | None) -> None:
        metrics.called(method, error)
        note_call(trouble, error)

    return Bot(
        settings.token.get_secret_value(),
        session=LeanSession(settings.api_base, limiter, _secret(settings.proxy), ended),
        default=DefaultBotProperties(parse_mode=ParseMode.HTML, link_preview=LinkPreviewOptions(is_disabled=True)),
    )


def _watched_provider(provider: YooKassa | None, trouble: Trouble, metrics: Metrics) -> PaymentProvider | None:
    if provider is None:
        return None
    watched = Watched(provider, trouble, ProviderUnavailable.told, (ProviderUnavailable,), metrics.provided)
    return cast("PaymentProvider", watched)


def _dispatcher(customers: CustomerMiddleware, staff: StaffMiddleware) -> Dispatcher:
    dispatcher, router, desk = Dispatcher(disable_fsm=True), build_router(), build_desk_router()
    dispatcher.update.outer_middleware(staff)
    dispatcher.update.outer_middleware(customers)
    dispatcher.update.outer_middleware(SaidAgain())
    dispatcher.update.outer_middleware(Albums())
    for observer in (router.message, router.edited_message, router.callback_query, router.my_chat_member):
        observer.middleware(ConsentGate())
        observer.middleware(InConversation())
    router.error.middleware(Farewell())
    router.error.middleware(InConversation())
    for observer in (desk.message, desk.edited_message, desk.callback_query):
        observer.middleware(InStaffTalk())
    dispatcher.include_router(desk)
    dispatcher.include_router(router)
    return dispatcher


def yookassa_of(settings: YooKassaSettings, profile: SupplierProfile) -> YooKassa | None:
    """None where none is configured. Raises WrongSettings."""
    if settings.shop_id is None or settings.secret_key is None:
        return None
    if settings.utility_order and profile.requisites is None:
        raise WrongSettings("YOOKASSA_UTILITY_ORDER needs [requisites] in SUPPLIER_PROFILE")
    receipt = ReceiptCodes(
        settings.vat_code,
        settings.payment_subject,
        settings.payment_mode,
        settings.measure,
        settings.tax_system_code,
    )
    shop = Shop(
        settings.api_base,
        settings.shop_id,
        settings.secret_key.get_secret_value(),
        settings.utility_order,
        receipt if settings.receipt else None,
    )
    return YooKassa(shop, profile.requisites)


def _webhook(settings: Settings, intake: Intake, metrics: Metrics) -> list[RouteDef]:
    if settings.bot.mode == "polling":
        return []
    return [webhook_route(intake, metrics, *webhook_of(settings.webhook))]


def _secret(value: Any) -> str | None:
    return value.get_secret_value() if value else None
