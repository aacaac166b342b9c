"""Letters of an appeal, to the address that its customer has given."""

from __future__ import annotations

from datetime import datetime

from services.appeals.models import Appeal, AppealMessage
from services.ports import UnitOfWork


async def tell_by_mail(unit: UnitOfWork, appeal: Appeal, message: AppealMessage, now: datetime) -> None:
    """An answer of the staff, for a customer who wants answers by mail."""
