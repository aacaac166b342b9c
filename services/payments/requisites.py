"""The supplier's account at its bank, and the payment code of ГОСТ Р 56042-2014 that every bank's app reads.

    payload = "ST00012" (separator key "=" value)*

In UTF-8; nothing is escaped, so the separator is a character that no value holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from services.supplier.models import Month

_SERVICE = "ST00012"  # version 0001 of the standard, 2 for UTF-8
_SEPARATORS = "|#;:^_~{}"
_UTILITIES = "02"
_REQUIRED_BYTES = 300
_PURPOSE = 210  # characters
_SUM = 18  # digits

_FORMS = {
    "personal_acc": (r"[1-9][0-9]{4}[0-9ABCEHKMPTX][0-9]{14}", "20 digits"),
    "bic": (r"[0-9]{9}", "9 digits"),
    "corresp_acc": (r"[0-9]{20}", "20 digits"),
    "payee_inn": (r"[0-9]{10}|[0-9]{12}", "10 or 12 digits"),
    "kpp": (r"(?:[0-9]{4}[0-9A-Z]{2}[0-9]{3})?", "9 digits or empty"),
}
# A purpose with account and month behind it fits the 128 characters that a payment provider takes.
_LENGTHS = {"name": 160, "bank_name": 45, "purpose": 100}
_CLEARING = str.maketrans("ABCEHKMPTX", "0123456789")  # letters that account numbers in clearing currencies have
_KEY = (7, 1, 3)
_INN = {
    10: ((2, 4, 10, 3, 5, 9, 4, 6, 8),),
    12: ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)),
}


@dataclass(frozen=True, slots=True)
class Requisites:
    """The supplier's account at its bank. `purpose`: the words that the purpose of every payment begins with; `kpp`
    may be empty, sole proprietors have none. Values are kept without control characters and with single spaces.
    Raises ValueError that begins with the wrong field's name."""

    name: str
    personal_acc: str
    bank_name: str
    bic: str
    corresp_acc: str
    payee_inn: str
    purpose: str
    kpp: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, _plain(getattr(self, field.name)))
        self._check_forms()
        self._check_control_digits()
        _separator(getattr(self, field.name) for field in fields(self))

    def _check_forms(self) -> None:
        for field, (form, words) in _FORMS.items():
            if not re.fullmatch(form, getattr(self, field)):
                raise ValueError(f"{field} must be {words}")
        for field, longest in _LENGTHS.items():
            if not 1 <= len(getattr(self, field)) <= longest:
                raise ValueError(f"{field} must have 1 to {longest} characters")
        size = len("|".join(_pairs(_required(self))).encode())
        if size > _REQUIRED_BYTES:
            raise ValueError(f"name and bank_name are too long: with the accounts {size} bytes of {_REQUIRED_BYTES}")

    def _check_control_digits(self) -> None:
        if not _fits_bank(self.bic[-3:], self.personal_acc):
            raise ValueError("personal_acc or bic is mistyped: the account's control digit does not fit the bank")
        if not _fits_bank("0" + self.bic[4:6], self.corresp_acc):
            raise ValueError("corresp_acc or bic is mistyped: the account's control digit does not fit the bank")
        if not _fits_inn(self.payee_inn):
            raise ValueError("payee_inn is mistyped: its control digits do not fit")


def purpose(requisites: Requisites, account: str, month: Month | None) -> str:
    """The purpose of a payment: «Электроэнергия, л/с 610000000001, 10.2026»."""
    period = f", {month.month:02d}.{month.year}" if month else ""
    return f"{requisites.purpose}, л/с {_plain(account)}{period}"


def payload(requisites: Requisites, *, account: str, month: Month | None, kopecks: int | None) -> bytes:
    """The content of a payment code. Without a sum the payer's bank asks for it. Raises ValueError for an account or a
    sum that the standard has no room for."""
    if kopecks is not None and not 1 <= kopecks < 10**_SUM:
        raise ValueError(f"the sum of a payment code has 1 to {_SUM} digits and is not zero")
    values = {
        **_required(requisites),
        "PayeeINN": requisites.payee_inn,
        "KPP": requisites.kpp,
        "PersAcc": _plain(account),
        "PaymPeriod": f"{month.month:02d}{month.year}" if month else "",
        "Sum": str(kopecks or ""),
        "Purpose": purpose(requisites, account, month),
        "TechCode": _UTILITIES,
    }
    if len(values["Purpose"]) > _PURPOSE:
        raise ValueError(f"the account is too long: the purpose has at most {_PURPOSE} characters")
    stated = {key: value for key, value in values.items() if value}
    return _separator(stated.values()).join([_SERVICE, *_pairs(stated)]).encode()


def _required(requisites: Requisites) -> dict[str, str]:
    """In the standard's order."""
    return {
        "Name": requisites.name,
        "PersonalAcc": requisites.personal_acc,
        "BankName": requisites.bank_name,
        "BIC": requisites.bic,
        "CorrespAcc": requisites.corresp_acc,
    }


def _pairs(values: Mapping[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in values.items()]


def _separator(values: Iterable[str]) -> str:
    used = set("".join(values))
    free = (separator for separator in _SEPARATORS if separator not in used)
    if separator := next(free, ""):
        return separator
    raise ValueError(f"name, bank_name and purpose hold all of {_SEPARATORS}: one must be free to part the fields")


def _plain(text: str) -> str:
    visible = (sign for sign in text if sign.isspace() or not unicodedata.category(sign).startswith("C"))
    return " ".join("".join(visible).split())


def _fits_bank(bank: str, account: str) -> bool:
    """The Bank of Russia's control digit of an account, over three digits of its bank's BIC and the number."""
    digits = (bank + account).translate(_CLEARING)
    return sum(int(digit) * _KEY[place % 3] for place, digit in enumerate(digits)) % 10 == 0


def _fits_inn(inn: str) -> bool:
    """Ten digits end with one control digit, twelve with two."""
    return all(
        sum(weight * int(digit) for weight, digit in zip(weights, inn, strict=False)) % 11 % 10
        == int(inn[len(weights)])
        for weights in _INN[len(inn)]
    )
