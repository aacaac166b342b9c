"""The latest day or month of a registry line: one of a far future would win over all that come later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.ledger.batch import Form, Row
from services.supplier.models import Month
from services.supplier.periods import local_day
from services.supplier.profile import SupplierProfile


@dataclass(frozen=True, slots=True)
class Horizon:
    """`now`: when the import began."""

    now: datetime
    profile: SupplierProfile

    def beyond(self, form: Form, rows: Sequence[Row]) -> dict[int, str]:
        """Positions of the rows that are dated after today in their account's region, or after next month, with the
        reason."""
        if form.layout.until is None or not rows:
            return {}
        name, months = form.layout.until
        days = [str(day) for day in form.keys([name], rows)]
        if max(days) <= _last(self._earliest_today(), months):
            return {}
        accounts = form.keys(["account"], rows)
        limits = [_last(self._today(f"{account:012d}"), months) for account in accounts]
        return {
            index: f"{name}: позже {limit}, последнего возможного {'месяца' if months else 'дня'}"
            for index, (day, limit) in enumerate(zip(days, limits, strict=True))
            if day > limit
        }

    def _today(self, account: str) -> date:
        return local_day(self.now, self.profile.region_of(account).timezone)

    def _earliest_today(self) -> date:
        return min(local_day(self.now, one.timezone) for one in (*self.profile.regions, self.profile.elsewhere))


def _last(today: date, months: int) -> str:
    return str(Month.of(today).plus(months)) if months else today.isoformat()
