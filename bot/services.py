"""The use cases, made once; handlers get each by its name here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from services.accounts import Accounts
from services.cards import Cards
from services.control import Controls
from services.crediting import Crediting
from services.emails import Emails
from services.links import Links
from services.payments import Payments
from services.privacy import Privacy
from services.proofs import Proofs
from services.readings import Readings
from services.recovery import Recovery
from services.seniority import Seniority
from services.sharing import Sharing
from services.telling import Telling


@dataclass(frozen=True, slots=True)
class Services:
    accounts: Accounts
    cards: Cards
    controls: Controls
    crediting: Crediting
    emails: Emails
    links: Links
    payments: Payments
    privacy: Privacy
    proofs: Proofs
    readings: Readings
    recovery: Recovery
    seniority: Seniority
    sharing: Sharing
    telling: Telling

    def by_name(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}
