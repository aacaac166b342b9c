"""The payment provider YooKassa, API v3 (https://yookassa.ru/developers/api), over httpx.

Only what is answered with 200 counts. A clear no is ProviderRefused; everything else, including a reset or an
unreadable body, leaves open what happened and is asked about again under the same key.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import httpx

from services.payments import sums
from services.payments.errors import ProviderRefused, ProviderUnavailable
from services.payments.models import Order, OrderStatus, Transaction
from services.payments.requisites import Requisites, purpose
from services.supplier.models import Month

TIMEOUT: Final = httpx.Timeout(35, connect=5)  # the API itself gives an answer up after 30 s
_PAGE: Final = 100
_CURRENCY: Final = "RUB"
_REFUSALS: Final = frozenset({400, 403, 404, 405, 410, 415})
_STATUSES: Final = {
    "pending": OrderStatus.PENDING,
    "waiting_for_capture": OrderStatus.PENDING,
    "succeeded": OrderStatus.PAID,
    "canceled": OrderStatus.CANCELED,
}
_LOCALES: Final = {"ru": "ru_RU", "en": "en_US"}  # of the payment page
_VALUE: Final = re.compile(r"[0-9]{1,12}\.[0-9]{2}")


@dataclass(frozen=True, slots=True)
class ReceiptCodes:
    """How the cash register law names what is sold: codes of the API's receipts."""

    vat_code: int
    payment_subject: str
    payment_mode: str
    measure: str
    tax_system_code: int | None = None


@dataclass(frozen=True, slots=True)
class Shop:
    """`utility`: the shop takes payments for utilities, each with a payment order. Without `receipt` the supplier
    issues receipts elsewhere."""

    base: str
    shop_id: str
    secret_key: str
    utility: bool
    receipt: ReceiptCodes | None = None

    @property
    def test(self) -> bool:
        return self.secret_key.startswith("test_")


class YooKassa:
    def __init__(
        self,
        shop: Shop,
        requisites: Requisites | None,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        """A utility shop needs `requisites`."""
        self._shop = shop
        self._requisites = requisites
        self._client = httpx.AsyncClient(
            base_url=shop.base, auth=(shop.shop_id, shop.secret_key), timeout=timeout, transport=transport
        )

    async def close(self) -> None:
        await self._client.aclose()

    @property
    def wants_email(self) -> bool:
        return self._shop.receipt is not None

    def request(
        self, order: Order, month: Month, return_url: str, email: str | None, language: str
    ) -> Mapping[str, Any]:
        body: dict[str, Any] = {
            "amount": _amount(order.kopecks),
            "capture": True,
            "confirmation": {"type": "redirect", "return_url": return_url, "locale": _LOCALES[language]},
            "description": f"Электроэнергия, лицевой счёт {order.account}",
            "metadata": {"order": order.key, "number": order.number},
        }
        if self._shop.utility and self._requisites:
            body["payment_order"] = _payment_order(order, month, self._requisites)
        if self._shop.receipt and email:
            body["receipt"] = _receipt(order, email, self._shop.receipt)
        return body

    async def create(self, order: Order) -> Transaction:
        response = await self._ask(
            "POST",
            "/payments",
            content=json.dumps(order.request, ensure_ascii=False, sort_keys=True),
            headers={"Idempotence-Key": order.key, "Content-Type": "application/json"},
        )
        if response.status_code in _REFUSALS:
            raise ProviderRefused(reason=_reason(response))
        return self._transaction(_read(response))

    async def get(self, external_id: str) -> Transaction | None:
        response = await self._ask("GET", f"/payments/{external_id}")
        return None if response.status_code == httpx.codes.NOT_FOUND else self._transaction(_read(response))

    async def since(self, moment: datetime) -> AsyncIterator[Transaction]:
        """An unreadable one that may be ours leaves open what there is: ProviderUnavailable, after all the others."""
        unclear = False
        async for one in self._listed(moment):
            try:
                seen = self._transaction(one)
            except ProviderUnavailable:
                unclear = unclear or _names_order(one)
            else:
                yield seen
        if unclear:
            raise ProviderUnavailable

    async def _listed(self, moment: datetime) -> AsyncIterator[Any]:
        asked = {"created_at.gte": _moment(moment), "limit": str(_PAGE)}
        cursor: str | None = None
        while True:
            found = _read(await self._ask("GET", "/payments", params=asked | ({"cursor": cursor} if cursor else {})))
            items = found.get("items", [])
            if not isinstance(items, list):
                raise ProviderUnavailable
            for one in items:
                yield one
            if not (cursor := found.get("next_cursor")):
                return

    async def check(self) -> str | None:
        response = await self._ask("GET", "/me")
        if response.status_code == httpx.codes.UNAUTHORIZED:
            return "the shop id or the secret key is wrong"
        if response.status_code in _REFUSALS:
            return f"it answers {_reason(response)}"
        me = _read(response)
        if me.get("status") != "enabled":
            return "the shop is not enabled"
        if bool(me.get("test")) is not self._shop.test:
            return "a test shop with the key of a real one, or the other way round"
        return None

    async def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        try:
            return await self._client.request(method, path, **how)
        except httpx.HTTPError:
            raise ProviderUnavailable from None

    def _transaction(self, found: Mapping[str, Any]) -> Transaction:
        """Play money proves nothing to a real shop."""
        try:
            seen = _as_transaction(found)
            if bool(found.get("test")) is not self._shop.test:
                raise ProviderUnavailable
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ProviderUnavailable from None
        return seen


def _read(response: httpx.Response) -> Mapping[str, Any]:
    """Raises ProviderUnavailable."""
    try:
        found = json.loads(response.content, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise ProviderUnavailable from None
    if response.status_code != httpx.codes.OK or not isinstance(found, dict):
        raise ProviderUnavailable
    return found


def _reason(response: httpx.Response) -> str:
    """The error's own names; its sentence may quote what was sent."""
    try:
        found = json.loads(response.content)
        named = [str(found[name])[:64] for name in ("code", "parameter") if found.get(name)]
    except (ValueError, TypeError, AttributeError):
        named = []
    return " ".join([str(response.status_code), *named])


def _as_transaction(found: Mapping[str, Any]) -> Transaction:
    """Raises KeyError, TypeError or ValueError for what the API would not say."""
    confirmation, metadata = found.get("confirmation") or {}, found.get("metadata") or {}
    refunded = found.get("refunded_amount")
    return Transaction(
        external_id=_text(found["id"]),
        order=_text(metadata.get("order", "")),
        status=_STATUSES[found["status"]],
        kopecks=_kopecks(found["amount"]),
        currency=_text(found["amount"]["currency"]),
        url=_text(confirmation["confirmation_url"]) if "confirmation_url" in confirmation else None,
        reason=_text((found.get("cancellation_details") or {}).get("reason", ""))[:64],
        refunded=_kopecks(refunded) if refunded else 0,
        captured_at=_captured(found.get("captured_at")),
    )


def _captured(value: Any) -> datetime | None:
    """A moment that cannot be read is not known, and makes no payment unpaid."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _names_order(found: Any) -> bool:
    metadata = found.get("metadata") if isinstance(found, dict) else None
    return isinstance(metadata, dict) and bool(metadata.get("order"))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _kopecks(amount: Mapping[str, Any]) -> int:
    value = _text(amount["value"])
    if not _VALUE.fullmatch(value):
        raise ValueError
    return int(value.replace(".", ""))


def _amount(kopecks: int) -> dict[str, str]:
    return {"value": sums.plain(kopecks), "currency": _CURRENCY}


def _payment_order(order: Order, month: Month, requisites: Requisites) -> dict[str, Any]:
    return {
        "type": "utilities",
        "amount": _amount(order.kopecks),
        "payment_purpose": purpose(requisites, order.account, month),
        "recipient": {
            "name": requisites.name,
            "inn": requisites.payee_inn,
            **({"kpp": requisites.kpp} if requisites.kpp else {}),
            "bank": {
                "name": requisites.bank_name,
                "bic": requisites.bic,
                "account": requisites.personal_acc,
                "correspondent_account": requisites.corresp_acc,
            },
        },
        "account_number": order.account,
        "payment_period": {"month": month.month, "year": month.year},
    }


def _receipt(order: Order, email: str, rules: ReceiptCodes) -> dict[str, Any]:
    item = {
        "description": f"Электроэнергия, лицевой счёт {order.account}",
        "quantity": 1,
        "amount": _amount(order.kopecks),
        "vat_code": rules.vat_code,
        "payment_subject": rules.payment_subject,
        "payment_mode": rules.payment_mode,
        "measure": rules.measure,
    }
    receipt: dict[str, Any] = {"customer": {"email": email}, "items": [item], "internet": True}
    return receipt | ({"tax_system_code": rules.tax_system_code} if rules.tax_system_code else {})


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
