"""The use cases, made once; handlers get each by its name here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeVar

from services.accounts.accounts import Accounts
from services.accounts.control import Controls
from services.accounts.links import Links
from services.accounts.proofs import Proofs
from services.accounts.recovery import Recovery
from services.accounts.seniority import Seniority
from services.accounts.sharing import Sharing
from services.cards import Cards
from services.customers.emails import Emails
from services.customers.privacy import Privacy
from services.notices.policy import NoticePolicy
from services.payments.checkout import Checkout
from services.payments.crediting import Crediting
from services.payments.due import Dues
from services.payments.settling import Settlement
from services.ports import Documents
from services.readings.readings import Readings
from services.supplier.profile import SupplierProfile

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Services:
    accounts: Accounts
    cards: Cards
    checkout: Checkout
    controls: Controls
    crediting: Crediting
    dues: Dues
    emails: Emails
    links: Links
    privacy: Privacy
    proofs: Proofs
    readings: Readings
    recovery: Recovery
    seniority: Seniority
    settlement: Settlement
    policy: NoticePolicy
    sharing: Sharing

    def by_name(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


class Parts:
    """The use cases, the supplier's profile and the papers, by their types."""

    def __init__(self, services: Services, profile: SupplierProfile, documents: Documents) -> None:
        self._parts: dict[Any, Any] = {type(one): one for one in services.by_name().values()}
        self._parts |= {SupplierProfile: profile, Documents: documents}

    def get(self, kind: type[Kind]) -> Kind:
        found: Kind = self._parts[kind]
        return found
