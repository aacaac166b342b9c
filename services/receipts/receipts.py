"""Receipts of an account, for its verified owners and those whom they let see everything."""

from __future__ import annotations

from services.accounts.disclosures import Disclosures
from services.accounts.errors import not_for
from services.accounts.models import Link
from services.notices.models import Channel
from services.readings.errors import AccountGone
from services.receipts import consumption
from services.receipts.consumption import MeterUse
from services.receipts.errors import ReceiptMissing
from services.receipts.models import Issuer, Paper, Receipt, ReceiptLinks, ReceiptMeter, ReceiptRegister
from services.receipts.ports import ImportedReceipts
from services.receipts.subscribers import mailable
from services.supplier.errors import AccountUnknown
from services.supplier.models import Month, ReceiptFacts, Zone
from services.supplier.periods import pay_by
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

_NO_LINKS = ReceiptLinks()


class Receipts:
    def __init__(
        self, supplier: Supplier, disclosures: Disclosures, profile: SupplierProfile, imported: ImportedReceipts
    ) -> None:
        self._supplier = supplier
        self._imported = imported
        self._disclosures = disclosures
        self._profile = profile

    async def months(self, link: Link) -> tuple[Month, ...]:
        """Months that are charged or have a receipt of the supplier's own, newest first. Raises NotVerified,
        OwnersOnly, AccountGone, SupplierUnavailable."""
        _admit(link)
        try:
            charged = await self._supplier.receipts(link.access)
        except AccountUnknown:
            raise AccountGone from None
        return tuple(sorted({*charged, *await self._imported.months(link.account)}, reverse=True))

    async def paper(self, link: Link, month: Month, links: ReceiptLinks = _NO_LINKS) -> Paper:
        """The receipt as the supplier has set it, else as it is composed here. Raises as `compose`."""
        _admit(link)
        found = await self._imported.find(link.account, month)
        if found is None:
            return await self.compose(link, month, links)
        try:
            await self._disclosures.paper(link, month)
        except AccountUnknown:
            raise AccountGone from None
        return found

    async def to_send(self, link: Link, month: Month, links: ReceiptLinks, channel: Channel) -> tuple[Receipt, Paper]:
        """The receipt of a subscriber as it is composed, and as it goes out. Raises as `compose`."""
        if not (channel is Channel.MAIL and mailable(link, self._profile.receipts.subscribe)):
            _admit(link)
        composed, found = await self._compose(link, month, links), await self._imported.find(link.account, month)
        if found is not None:
            await self._disclosures.paper(link, month)
        return composed, found or composed

    async def compose(self, link: Link, month: Month, links: ReceiptLinks = _NO_LINKS) -> Receipt:
        """Raises ReceiptMissing, and the errors of `months`."""
        _admit(link)
        return await self._compose(link, month, links)

    async def _compose(self, link: Link, month: Month, links: ReceiptLinks) -> Receipt:
        try:
            facts = await self._disclosures.receipt(link, month)
        except AccountUnknown:
            raise AccountGone from None
        if facts is None:
            raise ReceiptMissing
        return receipt(facts, self._profile, links)


def _admit(link: Link) -> None:
    if not link.sees:
        raise not_for(link)


def receipt(facts: ReceiptFacts, profile: SupplierProfile, links: ReceiptLinks) -> Receipt:
    statement, number = facts.statement, facts.account.number
    month, to_pay = statement.month, statement.to_pay
    uses = [consumption.of_month(meter, month) for meter in facts.meters]
    return Receipt(
        account=number,
        address=facts.account.address,
        holder=facts.holder,
        issuer=Issuer(profile.name, profile.phone, profile.hours, profile.site),
        month=month,
        pay_by=pay_by(month),
        statement=statement,
        meters=tuple(map(_meter, uses)),
        lines=consumption.lines(uses, facts.tariff, statement.charged),
        tariff=facts.tariff,
        history=consumption.history(facts.meters, facts.former, month),
        requisites=profile.requisites,
        code_kind=profile.receipts.payment_code,
        payment_code=profile.receipts.content(profile.requisites, number, month, to_pay),
        links=links,
        paid_on=facts.paid_on,
        recommended=facts.recommended,
    )


def _meter(use: MeterUse) -> ReceiptMeter:
    meter = use.meter
    registers = tuple(_register(use, zone) for zone in meter.zones)
    return ReceiptMeter(meter.number, meter.place, meter.scheme, meter.coefficient, meter.verification_due, registers)


def _register(use: MeterUse, zone: Zone) -> ReceiptRegister:
    return ReceiptRegister(
        zone,
        use.before[zone] if use.before else None,
        use.now[zone] if use.now else None,
        use.volumes[zone] if use.volumes is not None else None,
    )
