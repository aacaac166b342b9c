"""A receipt in words, for `receipt.typ`: every text as it is printed, in Russian."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import dropwhile
from typing import Any, Final

from babel.dates import format_date, get_month_names

from services.documents import code
from services.payments.requisites import Requisites
from services.receipts.models import Issuer, MonthUse, Receipt, ReceiptMeter, ReceiptRegister
from services.receipts.payment_code import PaymentCodeKind
from services.supplier.models import Month, Reading, Tariff, Zone
from services.supplier.pricing import TierCharge

_NBSP: Final = "\N{NO-BREAK SPACE}"
_ZONES: Final = {
    Zone.SINGLE: "Круглосуточно",
    Zone.DAY: "День",
    Zone.NIGHT: "Ночь",
    Zone.PEAK: "Пик",
    Zone.HALF_PEAK: "Полупик",
}
_CAPTIONS: Final = {
    PaymentCodeKind.GOST: "Оплата в приложении любого банка: наведите камеру на код",
    PaymentCodeKind.SBP_LINK: "Оплата по СБП: наведите камеру телефона на код",
    PaymentCodeKind.NONE: "",
}
_BOT: Final = "Показания, оплата и вопросы — в Telegram"
_UNEXPLAINED: Final = (
    "Эта сумма получена не по показаниям и ценам этого месяца: например, по среднему расходу или по нормативу. "
    "Как она рассчитана, подскажут в компании."
)
_SHARED: Final = "Контуром — поровну за месяцы, между которыми показаний не было."
_LONG_WORD: Final = re.compile(r"(\S{24})(?=\S)")
# Any other sign may be one that the fonts have no shape for: the paper would be no PDF/A with it.
_STRANGE: Final = re.compile(
    "[^ -~\u00a0-\u00ac\u00ae-\u017f\u0391-\u03a1\u03a3-\u03c9\u0400-\u045f\u0490\u0491"
    "\u2010-\u2015\u2018-\u201e\u2022\u2026\u2030\u20ac\u20bd\u2116\u2212]"
)


def of(receipt: Receipt) -> dict[str, Any]:
    month, end = _month(receipt.month), receipt.month.plus(1)
    return {
        "title": f"Квитанция за электроэнергию, {month}, лицевой счёт {receipt.account}",
        "issuer": printable(receipt.issuer.name),
        "month": month,
        "date": {"year": end.year, "month": end.month, "day": 1},
        "account": receipt.account,
        **_due(receipt),
        "code": _code(receipt.payment_code, _CAPTIONS[receipt.code_kind]),
        "bot": _code(receipt.links.bot.encode(), _BOT),
        "links": {"bot": receipt.links.bot, "pay": receipt.links.pay, "readings": receipt.links.readings},
        "facts": _pairs({"Лицевой счёт": receipt.account, "Адрес": receipt.address, "Плательщик": receipt.holder}),
        "meters": [_meter(meter) for meter in receipt.meters],
        "lines": [_line(line, receipt.tariff) for line in receipt.lines],
        **_charge(receipt),
        "steps": _steps(receipt),
        "history": _history(receipt.history),
        "about": [_pairs(facts) for facts in _about(receipt.issuer, receipt.requisites)],
    }


def printable(text: str) -> str:
    """On one line, of signs that the fonts have, with places to break in words that no column holds."""
    seen = "".join(sign if sign.isprintable() else " " for sign in unicodedata.normalize("NFC", text))
    return _LONG_WORD.sub("\\1\N{ZERO WIDTH SPACE}", _STRANGE.sub("?", " ".join(seen.split())))


def money(kopecks: int) -> str:
    """`1 234,56`, with spaces that do not break."""
    sign = "−" if kopecks < 0 else ""
    roubles, rest = divmod(abs(kopecks), 100)
    return f"{sign}{_number(roubles)},{rest:02}"


def _number(value: int) -> str:
    return f"{value:,}".replace(",", _NBSP)


def _decimal(value: Decimal, places: int) -> str:
    """With so many decimals, and more where it has more."""
    whole, _, rest = f"{value:f}".partition(".")
    shown = rest.rstrip("0").ljust(places, "0")
    return f"{_number(int(whole))},{shown}" if shown else _number(int(whole))


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


@cache
def _names() -> Mapping[int, str]:
    """Of months by their numbers, as they stand alone."""
    return get_month_names("wide", "stand-alone", locale="ru")


def _month(month: Month) -> str:
    return f"{_names()[month.month]} {month.year}"


def _pairs(facts: dict[str, str]) -> list[list[str]]:
    return [[name, printable(value)] for name, value in facts.items() if value]


def _due(receipt: Receipt) -> dict[str, Any]:
    kopecks = receipt.to_pay
    if kopecks > 0:
        head = f"К оплате до {format_date(receipt.pay_by, 'd MMMM y', locale='ru')}"
        advice = ""
        if receipt.recommended is not None:
            advice = f"Рекомендуемый платёж {money(receipt.recommended)}{_NBSP}₽, он не обязателен."
    else:
        head = "Переплата" if kopecks else "К оплате"
        advice = "Платить не нужно" + (": переплата пойдёт в счёт следующих месяцев." if kopecks else ".")
    return {"sum": f"{money(abs(kopecks))}{_NBSP}₽", "owed": kopecks > 0, "head": head, "advice": advice}


def _code(content: bytes, caption: str) -> dict[str, Any] | None:
    if not content:
        return None
    side, path = code.outline(content, quick=True)
    return {"side": side, "path": path, "caption": caption}


def _meter(meter: ReceiptMeter) -> list[Any]:
    notes = [
        printable(meter.place),
        f"коэффициент {_number(meter.coefficient)}" if meter.coefficient != 1 else "",
        f"поверка до {_day(meter.verification_due)}" if meter.verification_due else "",
    ]
    registers = [_register(meter, register) for register in meter.registers]
    return [printable(meter.number), ", ".join(filter(None, notes)), registers]


def _register(meter: ReceiptMeter, register: ReceiptRegister) -> list[Any]:
    name, label = _ZONES[register.zone], meter.scheme.display_label(register.zone)
    return [
        name if register.zone is Zone.SINGLE else f"{name}, {label}",
        _reading(register.previous),
        _reading(register.current),
        "—" if register.kwh is None else _number(register.kwh),
    ]


def _reading(reading: Reading | None) -> list[str]:
    return [_number(reading.value), _day(reading.day)] if reading else ["—", "нет показаний"]


def _line(line: TierCharge, tariff: Tariff | None) -> list[str]:
    tiered = tariff is not None and len(tariff.tiers[line.zone]) > 1
    name = f"{_ZONES[line.zone]}, {line.tier}-й диапазон" if tiered else _ZONES[line.zone]
    return [name, _decimal(line.kwh, 0), _decimal(line.price, 2), money(line.kopecks)]


def _charge(receipt: Receipt) -> dict[str, Any]:
    """The line that makes the table come to the charge, and a note below it."""
    other = "Округление" if receipt.lines else "По данным расчётной системы"
    explained = _prices(receipt.tariff) if receipt.lines and receipt.tariff else ""
    return {
        "charged": money(receipt.statement.charged),
        "other": [other, money(receipt.rest)] if receipt.rest else [],
        "note": explained or (_UNEXPLAINED if receipt.rest else ""),
    }


def _prices(tariff: Tariff) -> str:
    tiers = next(iter(tariff.tiers.values()))
    limits = [tier.up_to_kwh for tier in tiers[:-1] if tier.up_to_kwh is not None]
    words = [f"{place}-й — до {_number(limit)}{_NBSP}кВт·ч" for place, limit in enumerate(limits, 1)]
    since = f"Тариф {printable(tariff.code)}, цены с {_day(tariff.valid_from)}."
    return f"{since} Диапазоны в месяц: {', '.join(words)}, {len(tiers)}-й — сверх того." if words else since


def _steps(receipt: Receipt) -> list[list[str]]:
    """How the sum to pay came about: figures that add up to the last one."""
    one = receipt.statement
    paid = f"Оплачено, последний раз {_day(receipt.paid_on)}" if receipt.paid_on and one.paid else "Оплачено"
    return [
        [_standing("Долг", one.opening, receipt.month), money(one.opening)],
        [f"Начислено за {_month(receipt.month)}", money(one.charged)],
        ["Перерасчёт", money(one.recalculated)],
        ["Пени", money(one.penalty)],
        [paid, money(-one.paid)],
        [_standing("К оплате", one.to_pay, receipt.month.plus(1)), money(one.to_pay)],
    ]


def _standing(owed: str, kopecks: int, month: Month) -> str:
    return f"{owed if kopecks >= 0 else 'Переплата'} на {_day(month.first)}"


def _history(history: Sequence[MonthUse]) -> dict[str, Any]:
    """Bars in percent of the highest, from the first month of which something is known."""
    known = list(dropwhile(lambda one: one.kwh is None, history))
    most = max((one.kwh or 0 for one in known), default=0)
    told = (f"{_month(one.month)} — {'нет данных' if one.kwh is None else _number(one.kwh)}" for one in known)
    return {
        "bars": [_bar(one, most, present=one is known[-1]) for one in known],
        "alt": f"Расход по месяцам, кВт·ч: {', '.join(told)}.",
        "note": _SHARED if any(one.shared for one in known) else "",
    }


def _bar(one: MonthUse, most: int, *, present: bool) -> dict[str, Any]:
    return {
        "month": f"{_names()[one.month.month][:3]} {one.month.year}",
        "kwh": "—" if one.kwh is None else _number(one.kwh),
        "part": 100 * (one.kwh or 0) // max(most, 1),
        "kind": "shared" if one.shared else "present" if present else "month",
    }


def _about(issuer: Issuer, requisites: Requisites | None) -> list[dict[str, str]]:
    phone = ", ".join(part for part in (issuer.phone, issuer.hours) if part)
    company = {"Поставщик": issuer.name, "Телефон": phone, "Сайт": issuer.site}
    if requisites is None:
        return [company]
    company |= {"ИНН": requisites.payee_inn, "КПП": requisites.kpp}
    bank = {
        "Получатель": requisites.name,
        "Счёт": requisites.personal_acc,
        "Банк": requisites.bank_name,
        "БИК": requisites.bic,
        "Корр. счёт": requisites.corresp_acc,
    }
    return [company, bank]
