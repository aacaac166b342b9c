"""Subscribers, charges that billing sends, and the receipts that come of them or cannot be made."""

from __future__ import annotations

from typing import Any, Final

from services.ledger.imports import undo
from services.ledger.registry import ImportOptions, import_registry
from services.notices.models import Channel
from services.receipts.formation import Formation, FormationDay, Formed
from services.receipts.models import Receipt, Subscription
from services.receipts.ports import SubscriptionRepository
from services.supplier.models import Month
from tests.conftest import TWO_ZONES
from tests.harness import BotHarness, PlainDocuments
from tests.people import Someone

OCTOBER: Final = Month(2026, 10)
NOVEMBER: Final = Month(2026, 11)
ADDRESS: Final = "maria@example.org"
READY: Final = "receipt_ready"


async def subscriber(harness: BotHarness, name: str, *channels: Channel, account: str = TWO_ZONES) -> Someone:
    """An owner of the account; in the chat unless channels are named."""
    someone = await harness.customer(name, account)
    await harness.run("UPDATE links SET trust = 'verified', verified_at = '2026-11-01' WHERE user_id = ?", someone.id)
    for channel in channels or [Channel.TELEGRAM]:
        await subscribe(harness, someone, channel, account)
    return someone


async def subscribe(
    harness: BotHarness,
    someone: Someone,
    channel: Channel = Channel.TELEGRAM,
    account: str = TWO_ZONES,
    address: str = ADDRESS,
) -> None:
    address = address if channel is Channel.MAIL else ""
    async with harness.app.store.writing() as unit:
        subscription = Subscription(someone.id, account, channel, harness.clock.now(), address)
        await unit.of(SubscriptionRepository).begin(subscription)
        await unit.commit()


async def unsubscribe(harness: BotHarness, someone: Someone, channel: Channel = Channel.TELEGRAM) -> None:
    async with harness.app.store.writing() as unit:
        await unit.of(SubscriptionRepository).end(someone.id, TWO_ZONES, channel, harness.clock.now())
        await unit.commit()


async def form(harness: BotHarness, month: Month = OCTOBER, **how: Any) -> Formed:
    """As the command does, and see everything off that may go out."""
    formed = await harness.app.use(Formation).form(month, **how)
    await harness.outbox_becomes("key", [], ended_at=None, quiet=0)
    return formed


async def form_due(harness: BotHarness) -> None:
    """As the schedule does."""
    await harness.app.use(FormationDay).form_due()
    await harness.outbox_becomes("key", [], ended_at=None, quiet=0)


async def charge(harness: BotHarness, *lines: str, header: str = "account;period;opening;charged;closing") -> int:
    """Billing sends charges, as `360000123456;2026-11;0;1;1`; the import's number."""
    path = harness.database.parent / "charges.csv"
    path.write_text("\n".join([header, *lines]), encoding="utf-8")
    options = ImportOptions(now=harness.clock.now)
    [report] = await import_registry(harness.app.database, [path], options=options)
    assert (report.refusal, report.rejected) == ("", 0)
    return report.import_id


async def set_own(harness: BotHarness, content: bytes, month: Month = OCTOBER) -> int:
    """The supplier sends a receipt that it has set itself; the import's number."""
    folder = harness.database.parent / "receipts"
    folder.mkdir(exist_ok=True)
    (folder / f"{TWO_ZONES}-{month}.pdf").write_bytes(b"%PDF-1.7\n" + content + b"\n%%EOF")
    [report] = await import_registry(harness.app.database, [folder], options=ImportOptions(now=harness.clock.now))
    assert (report.refusal, report.rejected) == ("", 0)
    return report.import_id


async def withdraw(harness: BotHarness, import_id: int) -> None:
    await undo(harness.app.database, import_id, harness.clock.now())


def receipts(someone: Someone) -> list[str]:
    """Texts under the receipts that a person has, the first one first."""
    return [screen for screen in someone.screens if "квитанция за" in screen]


class Jammed(PlainDocuments):
    """Receipts of one account cannot be set until `mended`."""

    mended = False

    async def receipt(self, receipt: object, *, bulk: bool = False) -> bytes:
        assert isinstance(receipt, Receipt)
        if receipt.account == TWO_ZONES and not self.mended:
            raise ValueError(f"a bug about {receipt.account}")
        return await super().receipt(receipt)
