"""The use cases, made once; handlers get each by its name here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

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
from services.notices.policy import Telling
from services.payments.checkout import Checkout
from services.payments.crediting import Crediting
from services.payments.due import Dues
from services.payments.settling import Settlement
from services.readings.readings import Readings


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
    sharing: Sharing
    telling: Telling

    def by_name(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}
