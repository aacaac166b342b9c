"""The payment code of a receipt: which one, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.payments.requisites import Requisites, payload
from services.supplier.models import Month

MOST_MINUTES = 7 * 24 * 60  # that a receipt may wait


class PaymentCodeKind(StrEnum):
    """gost: the requisites by ГОСТ Р 56042; sbp_link: an address of the supplier's at the СБП; none: no code."""

    GOST = "gost"
    SBP_LINK = "sbp_link"
    NONE = "none"


class Subscribers(StrEnum):
    """People who may have receipts sent by e-mail. verified: those who see everything about the account; address: also
    those who have confirmed its address only."""

    VERIFIED = "verified"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class ReceiptSettings:
    """`sbp_link`: the address of that kind of code, in which `{account}`, `{month}` (102026) and `{kopecks}` are filled
    in; `subscribe`: who may by e-mail; `form_after_minutes`: how long after the last import of charges receipts are
    formed by themselves. Raises ValueError that begins with the wrong field's name."""

    payment_code: PaymentCodeKind = PaymentCodeKind.GOST
    sbp_link: str = ""
    subscribe: Subscribers = Subscribers.VERIFIED
    form_after_minutes: int = 60

    def __post_init__(self) -> None:
        if self.payment_code is PaymentCodeKind.SBP_LINK and not self.sbp_link.startswith("https://"):
            raise ValueError("sbp_link must be an address that begins with https://")
        if not 0 <= self.form_after_minutes <= MOST_MINUTES:
            raise ValueError(f"form_after_minutes must be from 0 to {MOST_MINUTES}")
        try:
            self._link("0", Month(2026, 1), 1)
        except (LookupError, ValueError, AttributeError):
            raise ValueError("sbp_link may hold {account}, {month} and {kopecks} and no other braces") from None

    def content(self, requisites: Requisites | None, account: str, month: Month, kopecks: int) -> bytes:
        """Empty where there is no code: nothing is due, the setting says so, or there are no requisites."""
        if kopecks <= 0 or self.payment_code is PaymentCodeKind.NONE:
            return b""
        if self.payment_code is PaymentCodeKind.SBP_LINK:
            return self._link(account, month, kopecks).encode()
        return payload(requisites, account=account, month=month, kopecks=kopecks) if requisites else b""

    def _link(self, account: str, month: Month, kopecks: int) -> str:
        return self.sbp_link.format(account=account, month=f"{month.month:02d}{month.year}", kopecks=kopecks)
