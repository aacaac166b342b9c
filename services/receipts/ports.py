"""Files that Telegram keeps, tokens of accounts on paper and subscriptions, as the use cases see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from services.notices.models import Channel
from services.receipts.models import ChargedMonth, Delivery, ImportedReceipt, Reason, Subscription
from services.supplier.models import Month


class UploadRepository(Protocol):
    """Files that a bot has sent once: Telegram sends them again by their ids, which are good for that bot alone."""

    async def find(self, bot_id: int, key: str, at: datetime) -> str | None:
        """The file's id; it has been of use at a moment."""
        ...

    async def keep(self, bot_id: int, key: str, file_id: str, at: datetime) -> None: ...

    async def forget(self, before: datetime) -> None:
        """Those that have been of no use since a moment."""
        ...


class PaperTokenRepository(Protocol):
    """Opaque names of accounts, which addresses on paper carry."""

    async def find(self, account: str) -> str | None:
        """The account's token; None where it has none yet."""
        ...

    async def token(self, account: str, new: str) -> str:
        """The account's token, `new` where it has none yet."""
        ...

    async def account(self, token: str) -> str | None: ...


class ImportedReceipts(Protocol):
    """Receipts that the supplier has set itself."""

    async def months(self, account: str) -> tuple[Month, ...]: ...

    async def find(self, account: str, month: Month) -> ImportedReceipt | None: ...

    async def found(self, accounts: Collection[str], month: Month) -> Mapping[str, ImportedReceipt]:
        """By account; those that have one."""
        ...

    async def read(self, receipt: ImportedReceipt) -> bytes:
        """PDF. Raises ReceiptMissing."""
        ...


class SubscriptionRepository(Protocol):
    """Subscriptions; and the spans in which they keep paper receipts away, without the people."""

    async def of_person(self, user_id: int) -> Sequence[Subscription]: ...

    async def of_account(self, user_id: int, account: str) -> Sequence[Subscription]: ...

    async def page(self, after: Subscription | None, limit: int) -> Sequence[Subscription]:
        """In the order of account, person and channel."""
        ...

    async def begin(self, subscription: Subscription) -> None:
        """Another address takes the place of the one before; its `since` stays."""
        ...

    async def end(self, user_id: int, account: str, channel: Channel, at: datetime) -> bool:
        """False when there was none."""
        ...

    async def end_letters(self, accounts: Iterable[str], at: datetime) -> Sequence[Subscription]:
        """End everybody's letters about these accounts; the subscriptions that there were."""
        ...

    async def addresses(self, user_id: int) -> frozenset[str]:
        """Of a person's letters, each of which they have confirmed."""
        ...

    async def paperless(self, account: str, but: int) -> bool:
        """Whether somebody besides a person keeps the account's paper receipts away."""
        ...

    async def bring_paper(self, account: str, at: datetime) -> Sequence[Subscription]:
        """Letters come beside paper from now on; the subscriptions that have kept it away."""
        ...

    async def paper_came(self, account: str, at: datetime) -> bool:
        """Whether a span without paper ended at a moment."""
        ...

    async def note_reason(self, reason: Reason, words: str, day: date) -> None:
        """Keep the reason for an end, without whose it is."""
        ...

    async def forget(self, before: datetime) -> None:
        """Spans without paper that ended before a moment, and the reasons that were given before."""
        ...

    async def count(self) -> int: ...


class DeliveryRepository(Protocol):
    """Receipts of charged months that were formed for subscribers."""

    async def of_accounts(self, month: Month, accounts: Collection[str]) -> Sequence[Delivery]:
        """Of each subscriber the first edition first."""
        ...

    async def of_subscriber(self, month: Month, account: str, user_id: int, channel: Channel) -> Sequence[Delivery]:
        """The first edition first."""
        ...

    async def formed(self, month: Month) -> bool:
        """Whether any receipt of the month was."""
        ...

    async def add(self, deliveries: Sequence[Delivery]) -> None: ...

    async def update(self, delivery: Delivery) -> None:
        """Its digest, its sum and when it was made."""
        ...

    async def forget(self, before: datetime, most: int) -> bool:
        """Remove those formed before a moment; True: there were more than `most`, or as many."""
        ...


class ChargedMonthRepository(Protocol):
    """Months whose charges came or changed, and for which of these changes receipts were formed."""

    async def unformed(self, now: datetime, wait: timedelta) -> Sequence[ChargedMonth]:
        """Months whose last change is not formed and further from now than a wait, or ahead of now by more: then the
        clock was wrong. The newest first."""
        ...

    async def form(self, charged: ChargedMonth) -> None:
        """This change is; a later one is not."""
        ...
