"""Payments that outlive the demo's process: the bot remembers them in its database, so the provider must, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter

from sandbox.bank.api import Api, Remembered
from sandbox.bank.payments import Payment, Refund
from sandbox.bank.till import Till

_PAYMENTS = TypeAdapter(list[Payment])
_REFUNDS = TypeAdapter(list[Refund])
_REMEMBERED = TypeAdapter(dict[str, Remembered])


class Keeping:
    """Payments, refunds and idempotence keys in a file that follows every change.

    Not kept: the log of calls, faults, and notifications that were not delivered; a shop learns of those payments by
    asking, as it must.
    """

    def __init__(self, till: Till, api: Api, file: Path) -> None:
        """Fills an empty till from the file, if there is one."""
        self._till = till
        self._api = api
        self._file = file
        self._written = b""
        if file.exists():
            self._read(orjson.loads(file.read_bytes()))

    def _read(self, found: dict[str, Any]) -> None:
        self._till.payments = {one.id: one for one in _PAYMENTS.validate_python(found["payments"])}
        self._till.refunds = {one.id: one for one in _REFUNDS.validate_python(found["refunds"])}
        self._api.remembered = _REMEMBERED.validate_python(found["remembered"])

    def write(self) -> None:
        """Replace the file if anything changed; a killed process leaves the old or the new one, whole."""
        body = orjson.dumps(
            {
                "payments": list(self._till.payments.values()),
                "refunds": list(self._till.refunds.values()),
                "remembered": self._api.remembered,
            }
        )
        if body == self._written:
            return
        beside = self._file.with_suffix(".new")
        beside.write_bytes(body)
        beside.replace(self._file)
        self._written = body
