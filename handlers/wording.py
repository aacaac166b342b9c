"""Names of things and safe ways to put people's words into HTML."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from html import escape, unescape

from babel import Locale

from locales import N_, _, day, money, month, number
from services.accounts.models import Link
from services.customers.addresses import masked
from services.errors import ServiceError
from services.readings.models import Submission, SubmissionStatus
from services.supplier.models import Meter, Month, Zone

__all__ = [
    "account_title",
    "email_shown",
    "empty_home",
    "error_words",
    "escape",
    "masked",
    "meter_title",
    "month_name",
    "person_name",
    "plain",
    "shortened",
    "status_words",
    "tail_title",
    "zone_name",
    "zone_value",
]


_ZONES = {
    Zone.SINGLE: N_("Показание"),
    Zone.DAY: N_("День"),
    Zone.NIGHT: N_("Ночь"),
    Zone.PEAK: N_("Пик"),
    Zone.HALF_PEAK: N_("Полупик"),
}
_STATUSES = {
    SubmissionStatus.QUEUED: ("⏳ ", N_("сохранены, передадим сами")),
    SubmissionStatus.SENT: ("⏳ ", N_("отправлены, ждём ответа")),
    SubmissionStatus.ACCEPTED: ("", N_("приняты, ждут расчёта")),
    SubmissionStatus.COUNTED: ("✅ ", N_("учтены в расчёте")),
    SubmissionStatus.REFUSED: ("⚠️ ", N_("не приняты")),
    SubmissionStatus.REPLACED: ("", N_("заменены новыми")),
}


def zone_name(zone: Zone) -> str:
    return _(_ZONES[zone])


def zone_value(zone: Zone, value: int) -> str:
    return f"{zone_name(zone)}\N{NO-BREAK SPACE}<b>{number(value)}</b>"


def account_title(link: Link) -> str:
    """The account by its own name if it has one, and the tail of its number."""
    if not link.label:
        return tail_title(link.tail)
    return f"<b>{escape(link.label)}</b> · " + _("счёт …{tail}").format(tail=link.tail)


def tail_title(tail: str) -> str:
    """An account without a name of its own."""
    shown = _("счёт …{tail}").format(tail=tail)
    return f"<b>{shown[0].upper()}{shown[1:]}</b>"


def account_label(link: Link) -> str:
    """The same for a button."""
    return f"{link.label} · …{link.tail}" if link.label else f"…{link.tail}"


def person_name(name: str | None) -> str:
    """As it can be seen."""
    return name or _("Без имени")


def plain(html: str) -> str:
    """The words of a text in HTML, without its marks."""
    return unescape(re.sub("<[^>]+>", "", html))


def shortened(html: str, most: int) -> str:
    """Its words as HTML without marks, not longer than `most` characters."""
    words = plain(html)
    return escape(words if len(words) <= most else f"{words[: most - 1].rstrip()}…", quote=False)


def email_shown(address: str) -> str:
    """An address in a text. Without the tag Telegram takes `@mail` for somebody's name."""
    return f"<code>{escape(address)}</code>"


def meter_title(meter: Meter) -> str:
    place = f", {escape(meter.place)}" if meter.place else ""
    return f"<b>{escape(meter.number)}</b>{place}"


def empty_home(link: Link, today: date) -> str:
    """The note that a home is empty, until its day."""
    if link.away_until is None or not link.is_away(today):
        return ""
    return _("🏖 До {day} там никто не живёт, о показаниях не напоминаю.").format(day=day(link.away_until))


def month_name(period: Month) -> str:
    return month(period.first)


def status_words(submission: Submission, *, marked: bool = True) -> str:
    """`marked`: with an emoji in front, which paper cannot show."""
    mark, words = _STATUSES[submission.status]
    return (mark if marked else "") + _(words)


def error_words(error: ServiceError) -> str:
    return _(error.text).format(**{name: _fact(value) for name, value in error.facts.items()})


def _fact(value: str | int | date | Decimal) -> str:
    if isinstance(value, Decimal):
        return money(int(value * 100))
    return day(value) if isinstance(value, date) else escape(str(value))


def language_name(code: str) -> str:
    return (Locale(code).get_display_name() or code).capitalize()
