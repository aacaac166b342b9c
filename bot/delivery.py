"""The one sender of everything that is said unasked."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramRetryAfter,
)

from handlers.notices import words
from handlers.screens.sheet import file_name, mail_subject, mail_text, sheet
from locales import speak
from services.db.outbox import Outbox, Queued, State
from services.errors import MailRefused, MailUnavailable
from services.models import Channel, Notice, Submission
from services.ports import Clock, Documents, Letter, Mail, Store
from services.profile import SupplierProfile

log = structlog.get_logger("delivery")

PACE = 1 / 25  # seconds between messages: live answers keep the rest of Telegram's 30 a second
BATCH = 50
LATER = (5, 30, 120, 600, 3600)  # seconds before the next try
_PERMANENT = (TelegramBadRequest, TelegramNotFound, TelegramEntityTooLarge)


class Delivery:
    def __init__(
        self,
        outbox: Outbox,
        store: Store,
        bot: Bot,
        mail: Mail,
        documents: Documents,
        profile: SupplierProfile,
        clock: Clock,
        news: asyncio.Event,
    ) -> None:
        self._outbox = outbox
        self._store = store
        self._bot = bot
        self._mail = mail
        self._documents = documents
        self._profile = profile
        self._clock = clock
        self._news = news

    async def run(self) -> None:
        """Until cancelled: send what is due whenever there is news or a tick."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                while await self.send_due():
                    pass
            except Exception:
                log.exception("sending stopped; the rows stay for the next tick")

    async def send_due(self) -> int:
        """Send one batch; how many were tried."""
        batch = await self._outbox.due(self._clock.now(), BATCH)
        for queued in batch:
            await self._deliver(queued)
            await asyncio.sleep(PACE)  # the pace of everything said unasked
        return len(batch)

    async def _deliver(self, queued: Queued) -> None:
        """Each outcome has its own end: done, never, or later."""
        await self._outbox.begin(queued)
        try:
            await self._send(queued.notice)
        except TelegramForbiddenError:
            await self._give_up(queued, blocked=True)
        except (*_PERMANENT, MailRefused):
            await self._give_up(queued, blocked=False)
        except TelegramRetryAfter as error:
            await self._outbox.postpone(queued, self._clock.now() + timedelta(seconds=error.retry_after))
        except (TelegramAPIError, MailUnavailable):
            await self._later(queued)
        except Exception:
            log.exception("a notice could not be made", notice=queued.id)
            await self._later(queued)
        else:
            await self._outbox.finish(queued, State.SENT)

    async def _later(self, queued: Queued) -> None:
        if queued.tries >= len(LATER):
            await self._give_up(queued, blocked=False)
            return
        await self._outbox.postpone(queued, self._clock.now() + timedelta(seconds=LATER[queued.tries]))

    async def _give_up(self, queued: Queued, *, blocked: bool) -> None:
        log.warning("not delivered", notice=queued.id, channel=queued.notice.channel, kind=queued.notice.kind)
        now = self._clock.now()
        async with self._store.writing() as unit:
            if blocked:
                await unit.customers.block(queued.notice.user_id, now)
            if queued.notice.channel is Channel.MAIL:
                await unit.notices.tell(_undelivered(queued.notice), now)
            await unit.commit()
        await self._outbox.finish(queued, State.FAILED)

    async def _send(self, notice: Notice) -> None:
        async with self._store.reading() as unit:
            customer = await unit.customers.get(notice.user_id)
        speak(customer.language if customer else "ru")
        if notice.channel is Channel.MAIL:
            await self._mail.send(await self._letter(notice))
            return
        screen = words(notice)
        await self._bot.send_message(notice.user_id, screen.text, reply_markup=screen.markup)

    async def _letter(self, notice: Notice) -> Letter:
        async with self._store.reading() as unit:
            submission = await unit.submissions.get(notice.facts["submission"])
        if submission is None:
            raise MailRefused
        return await self._submission_letter(notice.facts["address"], submission)

    async def _submission_letter(self, address: str, submission: Submission) -> Letter:
        pdf = await self._documents.sheet(sheet(submission, self._profile))
        text = mail_text(submission, self._profile)
        return Letter(address, mail_subject(submission), text, (file_name(submission), pdf))


def _undelivered(notice: Notice) -> Notice:
    return Notice(f"undelivered:{notice.key}", notice.user_id, "undelivered", {"address": notice.facts["address"]})
