"""Ticks. What is due is decided by rows in the database, so a missed or doubled tick changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.assembly import Assembly
from bot.inbox.intake import Intake
from bot.tasks import Tasks
from services.accounts.recovery import Recovery
from services.appeals.appeals import Appeals
from services.appeals.desk import DeskWatch
from services.broadcasts.broadcasts import Broadcasts
from services.broadcasts.desk import BroadcastWatch
from services.customers.emails import Emails
from services.customers.privacy import Privacy
from services.db.inbox import Inbox
from services.db.outbox import SqlOutbox
from services.payments.crediting import Crediting
from services.payments.questions import AT_ONCE
from services.payments.settling import Settlement
from services.ports import Clock
from services.readings.handing_over import HandingOver
from services.receipts.archive import ReceiptArchive
from services.receipts.formation import Formation, FormationDay
from services.receipts.subscriptions import Subscriptions
from services.reminders.rounds import ReminderRounds
from services.supplier.errors import SupplierUnavailable

KEEP_UPDATES = timedelta(days=7)  # ids must outlive the 24 hours in which Telegram may repeat an update
COUNTS = 10  # of people of broadcasts, side by side: a street does not wait for a count of a million
KEEP_NOTICES = timedelta(days=90)  # keys must outlive what could cause a notice again


@dataclass(frozen=True, slots=True)
class Intervals:
    """Seconds between two looks at the tables: for rows that are due, for rows that have waited for days, and for rows
    that are too old."""

    tick: float = 5
    seldom: float = 60
    forgetting: float = 3600


def ticker(
    tasks: Tasks,
    use_cases: Assembly,
    intake: Intake,
    inbox: Inbox,
    outbox: SqlOutbox,
    clock: Clock,
    keep_open_sends: Callable[[], Coroutine[Any, Any, None]],
    every: Intervals,
) -> AsyncIOScheduler:
    """A scheduler that is not started yet. What it starts is held by `tasks`, which ends before the database does."""

    def held(work: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], Coroutine[Any, Any, None]]:
        async def run() -> None:
            with suppress(asyncio.CancelledError):  # the scheduler stops waiting, which is no error of the work
                await asyncio.wait({tasks.start(work(), work.__name__)})

        return run

    settlement = use_cases.get(Settlement)

    async def forget() -> None:
        await inbox.forget(clock.now() - KEEP_UPDATES)
        await outbox.forget(clock.now() - KEEP_NOTICES)
        await use_cases.get(Privacy).forget()
        await use_cases.get(Emails).forget()
        await settlement.forget()
        await use_cases.get(ReceiptArchive).forget()
        await use_cases.get(Subscriptions).forget()
        await use_cases.get(Formation).forget()
        await use_cases.get(ReminderRounds).forget()
        await use_cases.get(Appeals).forget()
        await use_cases.get(Broadcasts).forget()

    async def queue_broadcasts() -> None:
        with suppress(SupplierUnavailable):  # the next tick goes on
            await use_cases.get(Broadcasts).queue_confirmed()

    async def count_broadcasts() -> None:
        with suppress(SupplierUnavailable):
            await use_cases.get(Broadcasts).count_asked()

    soon = datetime.now(UTC) + timedelta(minutes=1)  # a process that never lives for a day compares, too
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True})
    scheduler.add_job(held(use_cases.get(HandingOver).deliver_waiting), "interval", seconds=every.tick)
    scheduler.add_job(held(settlement.watch), "interval", seconds=every.tick, max_instances=AT_ONCE)
    scheduler.add_job(held(use_cases.get(Crediting).credit), "interval", hours=1, next_run_time=soon)
    scheduler.add_job(held(settlement.reconcile), "interval", days=1, next_run_time=soon)
    scheduler.add_job(held(use_cases.get(Recovery).withdraw_due), "interval", seconds=every.seldom)
    scheduler.add_job(held(use_cases.get(FormationDay).form_due), "interval", seconds=every.seldom)
    scheduler.add_job(held(use_cases.get(ReminderRounds).run_due), "interval", seconds=every.seldom)
    scheduler.add_job(held(use_cases.get(DeskWatch).look), "interval", seconds=every.tick)
    scheduler.add_job(held(queue_broadcasts), "interval", seconds=every.tick)
    scheduler.add_job(held(count_broadcasts), "interval", seconds=every.tick, max_instances=COUNTS)
    scheduler.add_job(held(use_cases.get(BroadcastWatch).look), "interval", seconds=every.tick)
    scheduler.add_job(held(intake.take_up), "interval", seconds=every.tick)
    scheduler.add_job(held(forget), "interval", seconds=every.forgetting)
    scheduler.add_job(held(keep_open_sends), "interval", seconds=every.seldom)
    return scheduler
