"""Receipts on their way to subscribers: whether one may still go out, and what it says when it does.

Deliveries are noted without waiting for the disk, or answers in chats would wait behind them. The commit that begins a
try takes along what was noted of its receipt; where a power cut comes before it, the receipt is made anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from services.accounts.models import Link
from services.customers.ports import CustomerRepository
from services.errors import DocumentsBusy
from services.notices.models import Channel
from services.notices.ports import NoticeRepository
from services.ports import Alerts, Clock, Store, UnitOfWork
from services.readings.errors import AccountGone
from services.receipts.archive import ReceiptArchive
from services.receipts.errors import ReceiptMissing
from services.receipts.models import Delivery, ImportedReceipt, Paper, Receipt, ReceiptLinks, digest
from services.receipts.ports import DeliveryRepository, SubscriptionRepository
from services.receipts.receipts import Receipts
from services.receipts.subscribers import entitled
from services.supplier.models import Month
from services.supplier.profile import SupplierProfile


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The receipt that a notice is about."""

    user_id: int
    account: str
    month: Month
    edition: int
    channel: Channel


@dataclass(frozen=True, slots=True)
class MadeReceipt:
    """A receipt as it goes out. `address`: of a letter, the subscriber's of today; `paper`: the receipt, or the one
    that the supplier has set itself; `was`: kopecks to pay by the one that it corrects."""

    link: Link
    address: str
    receipt: Receipt
    paper: Paper
    pdf: bytes
    was: int | None


@dataclass(frozen=True, slots=True)
class _Way:
    """The link by which a subscriber gets a receipt, and the address where it comes as a letter."""

    link: Link
    address: str


class Delivering:
    def __init__(
        self,
        store: Store,
        receipts: Receipts,
        archive: ReceiptArchive,
        clock: Clock,
        alerts: Alerts,
        profile: SupplierProfile,
    ) -> None:
        self._store = store
        self._receipts = receipts
        self._archive = archive
        self._clock = clock
        self._alerts = alerts
        self._profile = profile

    async def make(self, outgoing: Outgoing, links: Callable[[str], Awaitable[ReceiptLinks]]) -> MadeReceipt | None:
        """The paper of the bill as it is now; None where the notice has nothing to bring any more. `links`: those of
        an account. Raises SupplierUnavailable, DocumentsBusy, and whatever keeps the paper from being made."""
        begun = await self._begin(outgoing)
        if begun is None:
            return None
        way, delivery, before = begun
        try:
            paper = await self._paper(way, delivery, before, links)
        except Exception:
            await self._note(replace(delivery, made_at=None))
            raise
        if paper is None:
            await self._note(replace(delivery, made_at=None))
        return paper

    async def _begin(self, outgoing: Outgoing) -> tuple[_Way, Delivery, Delivery | None] | None:
        """Note that the paper is made from now on, before the bill is asked for: a change of the bill after that gets
        a notice of its own. With the delivery that it corrects."""
        async with self._store.writing(durable=False) as unit:
            way = await self._way(unit, outgoing)
            known = await unit.of(DeliveryRepository).of_subscriber(
                outgoing.month, outgoing.account, outgoing.user_id, outgoing.channel
            )
            delivery = next((one for one in known if one.edition == outgoing.edition), None)
            if delivery is None:
                return None
            goes = way is not None and delivery is known[-1]
            delivery = replace(delivery, made_at=self._clock.now() if goes else None)
            await unit.of(DeliveryRepository).update(delivery)
            waiting = await unit.of(NoticeRepository).waiting([one.key for one in known[:-1]])
            await unit.commit()
        before = next((one for one in reversed(known[:-1]) if one.made_at and one.key not in waiting), None)
        return (way, delivery, before) if way and goes else None

    async def _paper(
        self,
        way: _Way,
        delivery: Delivery,
        before: Delivery | None,
        links: Callable[[str], Awaitable[ReceiptLinks]],
    ) -> MadeReceipt | None:
        try:
            receipt, paper = await self._receipts.to_send(
                way.link, delivery.month, await links(way.link.account), delivery.channel
            )
        except (ReceiptMissing, AccountGone):
            return None
        own = paper.digest if isinstance(paper, ImportedReceipt) else ""
        now = replace(delivery, digest=digest(receipt.statement), kopecks=receipt.to_pay, paper=own)
        if before and not before.says_otherwise(now.digest, own):
            return None  # the correction was taken back
        if now != delivery:
            await self._note(now)
        pdf, was = await self._print(paper), before.kopecks if before else None
        return MadeReceipt(way.link, way.address, receipt, paper, pdf, was)

    async def _print(self, paper: Paper) -> bytes:
        try:
            return await self._archive.print(paper, bulk=True)
        except DocumentsBusy:
            raise
        except Exception as error:
            await self._alerts.send(f"a receipt of {paper.month} could not be made: {type(error).__name__}", error)
            raise

    async def _note(self, delivery: Delivery) -> None:
        async with self._store.writing(durable=False) as unit:
            await unit.of(DeliveryRepository).update(delivery)
            await unit.commit()

    async def _way(self, unit: UnitOfWork, outgoing: Outgoing) -> _Way | None:
        """None where the receipt may not come to its subscriber any more."""
        subscribed = await unit.of(SubscriptionRepository).of_account(outgoing.user_id, outgoing.account)
        this = next((one for one in subscribed if one.channel is outgoing.channel), None)
        if this is None:
            return None
        customer = await unit.of(CustomerRepository).get(outgoing.user_id)
        link = entitled(customer, this, self._profile.receipts.subscribe)
        return _Way(link, this.address) if link else None
