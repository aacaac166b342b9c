"""Alerts to the people who run the bot: into the log at once, into their chat through the outbox."""

from __future__ import annotations

from hashlib import blake2b

import structlog

from services.notices.catalog import Alert
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import Clock, Store

log = structlog.get_logger("operator")


class ChatAlerts:
    """`chat_id` None: the log alone. The same alert is sent once an hour."""

    def __init__(self, store: Store, clock: Clock, chat_id: int | None) -> None:
        self._store = store
        self._clock = clock
        self._chat_id = chat_id

    async def send(self, what: str, error: Exception | None = None) -> None:
        log.error("alert", what=what, exc_info=error)
        await self.tell(what)

    async def tell(self, what: str) -> None:
        """Into the chat alone."""
        if self._chat_id is None:
            return
        try:
            await self._tell(self._chat_id, what)
        except Exception:  # the caller has trouble enough already
            log.exception("the alert could not be queued")

    async def _tell(self, chat_id: int, what: str) -> None:
        now = self._clock.now()
        key = f"alert:{blake2b(what.encode(), digest_size=12).hexdigest()}:{now:%Y%m%d%H}"
        async with self._store.writing() as unit:
            await unit.of(NoticeRepository).tell(Notice(key, chat_id, Alert(what=what)), now)
            await unit.commit()
