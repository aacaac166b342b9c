"""The supplier's profile: names, regions, offices, documents to agree to. Read from a file by `bot/profile.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from services.appeals.settings import AppealSettings, DeskSettings
from services.customers.models import Consent, ConsentText, Customer
from services.payments.requisites import Requisites
from services.receipts.payment_code import ReceiptSettings
from services.supplier.periods import ReadingDays


@dataclass(frozen=True, slots=True)
class Office:
    name: str
    address: str
    phone: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """`prefixes`: the first digits of its account numbers."""

    name: str
    prefixes: tuple[str, ...]
    timezone: ZoneInfo
    reading_days: ReadingDays
    offices: tuple[Office, ...] = ()


@dataclass(frozen=True, slots=True)
class SupplierProfile:
    """`elsewhere`: the rules for accounts of no listed region. Without `requisites` no payment code can be made.
    `sample`: everything in it is invented. `bots`: numbers of the only bots that may use it; any may when empty."""

    name: str
    site: str
    phone: str
    hours: str
    regions: tuple[Region, ...]
    consents: tuple[ConsentText, ...]
    elsewhere: Region
    requisites: Requisites | None = None
    receipts: ReceiptSettings = field(default_factory=ReceiptSettings)
    appeals: AppealSettings = field(default_factory=AppealSettings)
    desk: DeskSettings = field(default_factory=DeskSettings)
    sample: bool = False
    bots: tuple[int, ...] = ()

    @property
    def takes_appeals(self) -> bool:
        """Whether there is a group of staff to answer them."""
        return bool(self.desk.chats)

    def region_of(self, account: str) -> Region:
        fitting = (region for region in self.regions if account.startswith(region.prefixes))
        return next(fitting, self.elsewhere)

    def zone_of(self, customer: Customer) -> ZoneInfo:
        """Of the account in view."""
        region = self.region_of(customer.current.account) if customer.current else self.elsewhere
        return region.timezone

    def texts(self, language: str) -> tuple[ConsentText, ...]:
        """Both documents in a language, in Russian where they are not translated."""
        return tuple(self.text(consent, language) for consent in Consent)

    def text(self, consent: Consent, language: str) -> ConsentText:
        of_kind = {text.language: text for text in self.consents if text.consent is consent}
        return of_kind.get(language, of_kind["ru"])
