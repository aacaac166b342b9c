"""Payments: states and draft."""

from __future__ import annotations

import json
from hashlib import blake2b

from aiogram.fsm.state import State, StatesGroup

from fsm.draft import Draft


class Paying(StatesGroup):
    sum = State()
    email = State()


class PaymentDraft(Draft):
    """`kopecks` None: the sum is being asked for; `offered`: it was due when the way to pay was asked, and is no sum of
    the customer's own; `preliminary`: where they came from; `email`: for the receipt."""

    states = Paying
    link_id: str
    kopecks: int | None = None
    offered: bool = False
    preliminary: bool = True
    email: str | None = None

    @property
    def confirmation(self) -> str:
        """The key of the order that this would become, for each sum and address another one."""
        said = [self.id, self.link_id, self.kopecks, self.email]
        return blake2b(json.dumps(said).encode(), digest_size=12).hexdigest()
