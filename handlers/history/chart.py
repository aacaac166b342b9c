"""The chart of consumption: a year by months beside the year before."""

from __future__ import annotations

from handlers.history.screens import compared
from handlers.wording import month_name, zone_name
from locales import _, current, number, plural
from services.accounts.models import Link
from services.history.consumption import ComparedMonth, Consumption, Volumes
from services.ports import Chart, Columns
from services.supplier.models import Zone


def chart(link: Link, consumption: Consumption) -> Chart:
    first, last = consumption.months[0], consumption.months[-1]
    months = plural("за {n} месяц", "за {n} месяцев", consumption.known)
    account = _("счёт …{tail}").format(tail=link.tail)
    return Chart(
        title=_("Расход электроэнергии"),
        subtitle=_("{account}, кВт·ч в месяц").format(account=f"{link.label} · {account}" if link.label else account),
        headline=_("{kwh} кВт·ч").format(kwh=number(consumption.total)),
        remark=months.format(n=consumption.known) + compared(consumption),
        parts=tuple((zone.value, _part(zone)) for zone in consumption.zones),
        now=_span(first, last),
        before=_("годом раньше"),
        columns=tuple(_columns(one, consumption.zones) for one in consumption.months),
        language=current(),
    )


def _part(zone: Zone) -> str:
    return _("расход") if zone is Zone.SINGLE else zone_name(zone).lower()


def _span(first: ComparedMonth, last: ComparedMonth) -> str:
    years = sorted({first.month.year, last.month.year})
    return "–".join(map(str, years))


def _columns(use: ComparedMonth, zones: tuple[Zone, ...]) -> Columns:
    under = str(use.month.year) if use.month.month == 1 else ""
    return Columns(month_name(use.month)[:3], _stack(use.before, zones), _stack(use.now, zones), under)


def _stack(volumes: Volumes | None, zones: tuple[Zone, ...]) -> tuple[int, ...] | None:
    return None if volumes is None else tuple(volumes.get(zone, 0) for zone in zones)
