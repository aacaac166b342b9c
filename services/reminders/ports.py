"""Tables of reminders, as the use cases see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from services.customers.models import Customer
from services.notices.models import Tally
from services.reminders.models import Round, SentReminder
from services.supplier.models import Month


class ReminderRepository(Protocol):
    async def round(self, day: date) -> Round | None: ...

    async def keep(self, state: Round, at: datetime) -> None:
        """A round as far as it has come; `at` is when it is done, if it is."""
        ...

    async def people(self) -> int:
        """How many customers with an account have not stopped the bot."""
        ...

    async def page(self, after: int, limit: int) -> Sequence[Customer]:
        """The next of them by id."""
        ...

    async def tally(self, first: datetime, end: datetime, recent: datetime) -> Tally:
        """Reminders that are planned for between two moments. `recent`: since when such are."""
        ...

    async def warn(self, period: Month, at: datetime) -> bool:
        """Note that the operator is told of a period; False: they have been."""
        ...

    async def set_hour(self, user_id: int, hour: int) -> None: ...

    async def remind(self, user_id: int, link_id: str, *, on: bool) -> None: ...

    async def set_away(self, user_id: int, link_id: str, until: date | None) -> None: ...

    async def note_sent(self, user_id: int, sent: SentReminder) -> None: ...

    async def sent(self, user_id: int, message_id: int) -> SentReminder | None: ...

    async def newest(self, user_id: int) -> SentReminder | None:
        """Of those that were not passed over."""
        ...

    async def pass_over(self, user_id: int) -> None:
        """The customer has chosen an account: numbers that they type now are for that one."""
        ...

    async def forget(self, before: datetime, most: int) -> bool:
        """Remove rounds, warnings and answerable messages of before a moment; True: there were more messages than
        `most`, or as many."""
        ...
