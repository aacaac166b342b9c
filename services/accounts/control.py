"""Rights that the verified owners of an account give to others. They hold from the next press on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.accounts.accounts import owned
from services.accounts.models import Action, Link, Switch
from services.accounts.ports import ProofRepository
from services.accounts.seniority import Seniority
from services.customers.models import Customer
from services.ports import Clock, Store

_ACTIONS = {
    (Switch.SUBMIT, True): Action.ANYONE_SUBMITS,
    (Switch.SUBMIT, False): Action.NOBODY_SUBMITS,
    (Switch.CLOSED, True): Action.CLOSED,
    (Switch.CLOSED, False): Action.OPENED,
    (Switch.LOCKED, True): Action.LOCKED,
    (Switch.LOCKED, False): Action.UNLOCKED,
}


class Controls:
    def __init__(self, store: Store, clock: Clock, seniority: Seniority) -> None:
        self._store = store
        self._clock = clock
        self._seniority = seniority

    async def set(self, customer: Customer, link_id: str, switch: Switch, *, on: bool) -> Link:
        """The link with the control that holds now. Raises NotYours, NotVerified, OwnersOnly, DecidesLater."""
        async with self._store.writing() as unit:
            link = await self._seniority.decider(unit, customer, link_id)
            before = await unit.of(ProofRepository).control(link.account)
            change: dict[str, Any] = {switch.value: on}
            after = replace(before, **change)
            if after != before:
                await unit.of(ProofRepository).set_control(link.account, after)
                await unit.of(ProofRepository).record(
                    link.account, customer.user_id, _ACTIONS[switch, on], self._clock.now()
                )
                await unit.commit()
        return replace(owned(customer, link_id), control=after)
