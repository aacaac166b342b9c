"""The table of submissions, as the use cases see it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

from services.readings.models import Submission, SubmissionStatus
from services.supplier.models import Month


class SubmissionRepository(Protocol):
    async def get(self, key: str) -> Submission | None: ...

    async def next_number(self, period_of: date) -> str: ...

    async def add(self, submission: Submission) -> None:
        """Raises KeyError when `key` exists already."""
        ...

    async def active(self, account: str, period: Month) -> tuple[Submission, ...]:
        """Those of the period that nothing has replaced, refused ones left out."""
        ...

    async def of_account(self, user_id: int, account: str, limit: int, offset: int = 0) -> tuple[Submission, ...]:
        """One person's, newest first, replaced ones included."""
        ...

    async def set_status(
        self, key: str, status: SubmissionStatus, expected: Iterable[SubmissionStatus], at: datetime
    ) -> bool:
        """Compare and set; False when the submission was in none of the `expected` states."""
        ...

    async def level(self, accounts: Iterable[str]) -> None:
        """Submissions of these accounts lose their rank: any customer of the account may replace them."""
        ...

    async def waiting(self, before: datetime, now: datetime, limit: int) -> tuple[Submission, ...]:
        """Submitted before a moment, or by a clock that was set back since, and not yet confirmed by the supplier; the
        one that was tried last at the end."""
        ...
