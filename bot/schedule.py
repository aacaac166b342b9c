"""Ticks. What is due is decided by rows in the database, so a missed or doubled tick changes nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from services.db.inbox import Inbox
from services.ports import Clock
from services.readings import Readings

TICK = 30  # seconds
KEEP_UPDATES = timedelta(days=7)  # ids must outlive the 24 hours in which Telegram may repeat an update


def ticker(readings: Readings, inbox: Inbox, clock: Clock, news: asyncio.Event) -> AsyncIOScheduler:
    """A scheduler that is not started yet."""

    async def wake() -> None:
        news.set()

    async def forget() -> None:
        await inbox.forget(clock.now() - KEEP_UPDATES)

    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True})
    scheduler.add_job(readings.deliver_waiting, "interval", seconds=TICK)
    scheduler.add_job(wake, "interval", seconds=TICK)
    scheduler.add_job(forget, "interval", hours=1)
    return scheduler
