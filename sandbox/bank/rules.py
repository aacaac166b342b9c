"""Rules for a request: the provider's OpenAPI description as far as a shop like ours uses it.

Fields that are documented but not here (airline tickets, deals, marked goods, …) are refused as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from ipaddress import ip_address
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from sandbox.bank.errors import Forbidden, Invalid, Unsupported
from sandbox.bank.payments import SBP_KOPECKS, Shop, kopecks
from sandbox.state import Json

_KOPECK: Final = Decimal("0.01")
_OTHER_CONFIRMATIONS: Final = frozenset({"embedded", "external", "mobile_application"})
_OTHER_METHODS: Final = frozenset({"yoo_money", "sberbank", "tinkoff_bank", "sber_loan", "sber_bnpl"}) | {
    *("mobile_balance", "cash", "electronic_certificate", "b2b_sberbank")
}
_UNION_TAGS: Final = frozenset({"redirect", "qr"})
_MEASURES: Final = (
    *("piece", "gram", "kilogram", "ton", "centimeter", "decimeter", "meter"),
    *("square_centimeter", "square_decimeter", "square_meter", "milliliter", "liter", "cubic_meter"),
    *("kilowatt_hour", "gigacalorie", "day", "hour", "minute", "second"),
    *("kilobyte", "megabyte", "gigabyte", "terabyte", "another"),
)
_SUBJECTS: Final = (
    *("commodity", "excise", "job", "service", "gambling_bet", "gambling_prize", "lottery", "lottery_prize"),
    *("intellectual_activity", "payment", "agent_commission", "property_right", "non_operating_gain"),
    *("insurance_premium", "sales_tax", "resort_fee", "composite", "another", "fine", "tax", "lien", "cost"),
    *("pension_insurance_without_payouts", "pension_insurance_with_payouts", "health_insurance_without_payouts"),
    *("health_insurance_with_payouts", "health_insurance", "casino", "agent_withdrawals", "non_marked_excise"),
    *("marked_excise", "marked", "non_marked"),
)
_MODES: Final = (
    *("full_prepayment", "partial_prepayment", "advance", "full_payment"),
    *("partial_payment", "credit", "credit_payment"),
)


def _positive(value: str) -> str:
    if Decimal(value) <= 0:
        raise ValueError("must be more than zero")
    return value


def _address(value: str) -> str:
    ip_address(value)
    return value


def _known(names: tuple[str, ...]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return value

    return check


def _quantity(value: object) -> Decimal:
    """A number, or a text of one: the provider's own examples have both."""
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", str(value)) or not Decimal(str(value)):
        raise ValueError("must be a number above 0, at most 99999.999, with at most 3 decimals")
    return Decimal(str(value))


_Text = Annotated[str, Field(min_length=1)]
_Url = Annotated[str, Field(max_length=2048, pattern=r"^[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"\\^`{|}]+$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Amount(_Part):
    """Roubles with two decimals as a text."""

    value: Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,9})\.[0-9]{2}$"), AfterValidator(_positive)]
    currency: Literal["RUB"]


class _Redirect(_Part):
    type: Literal["redirect"]
    return_url: _Url
    locale: Literal["ru_RU", "en_US"] = "ru_RU"
    enforce: bool = False


class _Qr(_Part):
    type: Literal["qr"]
    return_url: _Url = ""
    locale: Literal["ru_RU", "en_US"] = "ru_RU"


class _MethodData(_Part):
    type: Annotated[str, AfterValidator(_known(("bank_card", "sbp", *sorted(_OTHER_METHODS))))]


class _RecipientBank(_Part):
    name: str = Field(min_length=1, max_length=45)
    bic: str = Field(pattern="^[0-9]{9}$")
    account: str = Field(pattern="^[0-9]{5}[0-9ABCEHKMPTX][0-9]{14}$")
    correspondent_account: str = Field(pattern="^[0-9]{20}$")


class _Recipient(_Part):
    name: _Text
    inn: str = Field(pattern="^[0-9]{10}$")
    kpp: str = Field(pattern="^[0-9]{9}$")
    bank: _RecipientBank


class _Period(_Part):
    month: int = Field(ge=1, le=12)
    year: int = Field(ge=1920, le=2050)


_IDENTIFIERS: Final = frozenset(
    {"payment_document_id", "payment_document_number", "account_number", "unified_account_number", "service_id"}
)


class _PaymentOrder(_Part):
    """Details that go to ГИС ЖКХ with a payment of utilities."""

    type: Literal["utilities"]
    amount: Amount
    payment_purpose: str = Field(min_length=1, max_length=210)
    recipient: _Recipient
    kbk: str = Field("0", pattern="^([0-9]{20}|0)$")
    oktmo: str = Field("0", pattern="^([0-9]{8}|0)$")
    payment_period: _Period | None = None
    payment_document_id: str = Field("", min_length=18, max_length=18)
    payment_document_number: str = Field("", min_length=1, max_length=30)
    account_number: str = Field("", min_length=1, max_length=30)
    unified_account_number: str = Field("", min_length=10, max_length=10)
    service_id: str = Field("", min_length=13, max_length=13)

    @model_validator(mode="after")
    def _identified(self) -> _PaymentOrder:
        if not self.model_fields_set & _IDENTIFIERS:
            raise ValueError(f"at least one is needed of {', '.join(sorted(_IDENTIFIERS))}")
        return self


class _Customer(_Part):
    full_name: str = Field("", max_length=256)
    inn: str = Field("", pattern="^([0-9]{10}|[0-9]{12})$")
    email: str = Field("", max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    phone: str = Field("", pattern="^[0-9]{4,15}$")

    @model_validator(mode="after")
    def _reachable(self) -> _Customer:
        if not (self.email or self.phone):
            raise ValueError("email or phone is needed")
        return self


class _Item(_Part):
    description: str = Field(min_length=1, max_length=128)
    quantity: Annotated[Decimal, BeforeValidator(_quantity)]
    amount: Amount
    vat_code: int = Field(ge=1, le=12)
    measure: Annotated[str, AfterValidator(_known(_MEASURES))] = ""
    payment_subject: Annotated[str, AfterValidator(_known(_SUBJECTS))] = ""
    payment_mode: Annotated[str, AfterValidator(_known(_MODES))] = ""

    @property
    def total(self) -> Decimal:
        """`amount` is the price of one."""
        return (Decimal(self.amount.value) * self.quantity).quantize(_KOPECK, ROUND_HALF_UP)


class _Receipt(_Part):
    """Of 54-ФЗ."""

    customer: _Customer
    items: list[_Item] = Field(min_length=1, max_length=100)
    internet: bool = True
    tax_system_code: int = Field(1, ge=1, le=6)


class _Payment(_Part):
    amount: Amount
    capture: bool = False
    confirmation: Annotated[_Redirect | _Qr, Field(discriminator="type")] | None = None
    description: str = Field("", max_length=128)
    metadata: Annotated[
        dict[Annotated[str, Field(max_length=32)], Annotated[str, Field(max_length=512)] | None], Field(max_length=16)
    ] = {}
    payment_method_data: _MethodData | None = None
    receipt: _Receipt | None = None
    payment_order: _PaymentOrder | None = None
    merchant_customer_id: str = Field("", max_length=200)
    client_ip: Annotated[str, AfterValidator(_address)] = ""
    save_payment_method: bool = False


class _Refund(_Part):
    payment_id: str = Field(min_length=36, max_length=36)
    amount: Amount
    description: str = Field("", max_length=250)
    receipt: _Receipt | None = None
    metadata: Annotated[
        dict[Annotated[str, Field(max_length=32)], Annotated[str, Field(max_length=512)] | None], Field(max_length=16)
    ] = {}


class _Capture(_Part):
    amount: Amount | None = None
    receipt: _Receipt | None = None


class _Nothing(_Part):
    pass


_PartT = TypeVar("_PartT", bound=_Part)


def check_payment(asked: Json, shop: Shop) -> None:
    """The body of `POST /payments`. Raises `Refusal`."""
    kind = _within(asked, "confirmation", "type")
    if kind in _OTHER_CONFIRMATIONS:
        raise Unsupported(f"Confirmation '{kind}' is not available to the shop", "confirmation.type")
    payment = _read(_Payment, asked)
    if payment.save_payment_method:
        raise Forbidden("This shop can't save payment methods", "save_payment_method")
    _check_method(payment, shop)
    _check_order(payment, shop)
    if payment.receipt is not None:
        _check_receipt(payment.receipt, payment.amount, shop)
    elif shop.fiscalization:
        raise Invalid("Receipt is missing or illegal", "receipt")


def check_refund(asked: Json, shop: Shop) -> None:
    """The body of `POST /refunds`. Raises `Refusal`."""
    refund = _read(_Refund, asked)
    if refund.receipt is not None:
        _check_receipt(refund.receipt, refund.amount, shop)


def check_capture(asked: Json, payment_amount: Json, shop: Shop) -> None:
    """The body of `POST /payments/{id}/capture`. Raises `Refusal`."""
    capture = _read(_Capture, asked)
    if capture.receipt is not None:
        _check_receipt(capture.receipt, capture.amount or Amount.model_validate(payment_amount), shop)


def check_nothing(asked: Json) -> None:
    """A body that must be empty. Raises `Refusal`."""
    _read(_Nothing, asked)


def _check_method(payment: _Payment, shop: Shop) -> None:
    wanted = payment.payment_method_data.type if payment.payment_method_data else None
    if wanted not in (None, *shop.methods):
        raise Invalid("Payment method is not available", "payment_method_data.type")
    if isinstance(payment.confirmation, _Qr) and wanted != "sbp":
        raise Invalid("This confirmation type is for payments by sbp", "confirmation.type")
    if wanted != "sbp":
        return
    if not payment.capture:
        raise Invalid("Payments by sbp have one stage only", "capture")
    if kopecks(payment.amount.model_dump()) not in SBP_KOPECKS:
        raise Invalid("Payments by sbp are from 1.00 to 700000.00 RUB", "amount")


def _check_order(payment: _Payment, shop: Shop) -> None:
    if payment.payment_order is None:
        if shop.utility:
            raise Invalid("Не указано платежное поручение для передачи в ГИС ЖКХ", "payment_orders")
    elif payment.payment_order.amount != payment.amount:
        raise Invalid("The amount of the payment order differs from the payment's", "payment_order.amount")


def _check_receipt(receipt: _Receipt, amount: Amount, shop: Shop) -> None:
    if sum((item.total for item in receipt.items), Decimal(0)) != Decimal(amount.value):
        raise Invalid("The items of the receipt don't add up to the amount", "receipt.items")
    if not shop.fiscalization:
        return
    if not receipt.customer.email:
        raise Invalid("An e-mail is needed", "receipt.customer.email")
    if len(receipt.items) > 80:
        raise Invalid("At most 80 items", "receipt.items")
    for number, item in enumerate(receipt.items):
        if not item.measure:
            raise Invalid("A measure is needed", f"receipt.items.{number}.measure")


def _read(kind: type[_PartT], asked: Json) -> _PartT:
    try:
        return kind.model_validate(asked)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        path = ".".join(str(step) for step in first["loc"] if step not in _UNION_TAGS)
        raise Invalid(first["msg"].removeprefix("Value error, "), path or None) from None


def _within(value: Any, *path: str) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
