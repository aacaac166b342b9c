"""Screens on the way to a submission: which meter, its values, doubts, the preview."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.appeals.callbacks import Concern
from handlers.appeals.doors import ask_button
from handlers.callbacks import Go, Place
from handlers.keyboards import button, home_button, rows
from handlers.readings.callbacks import Explain, OnReading, PickMeter, ReadingAction, Submit, meter_id
from handlers.show import Screen
from handlers.submissions.screens import late_words, numbered, values_line
from handlers.wording import (
    account_title,
    empty_home,
    escape,
    meter_title,
    month_name,
    zone_name,
)
from locales import N_, _, day, money, number, price
from services.accounts.models import Link
from services.readings.models import Remark, Submission, Submitted
from services.readings.plausibility import Doubt, DoubtKind, Way
from services.readings.steps import AskDoubt, AskZones, Preview, ShowPreview
from services.readings.views import AccountReadings, MeterView
from services.supplier.models import Meter, Reading, Zone, ZoneScheme
from services.supplier.pricing import Estimate, TierCharge

_REASONS = {
    DoubtKind.BELOW_PREVIOUS: N_(
        "🤔 {zone}: <b>{value}</b> меньше прошлого <b>{previous}</b> ({day}).\n\n"
        "Так бывает. Выберите причину или пришлите верное число:"
    ),
    DoubtKind.FAR_ABOVE: N_(
        "🤔 {zone}: <b>{value}</b> — это необычно много.\n\n"
        "Проверьте, нет ли лишней цифры и не списаны ли цифры после запятой. Верное число можно прислать сразу."
    ),
    DoubtKind.FAR_BELOW: N_(
        "🤔 {zone}: <b>{value}</b> — это всего {gone} кВт·ч с {day}. Обычно у вас около {usual} кВт·ч.\n\n"
        "Если вы были в отъезде, всё в порядке."
    ),
    DoubtKind.TOO_MANY_DIGITS: N_(
        "🤔 {zone}: <b>{value}</b> не помещается на экране счётчика, на нём цифр: {digits}.\n\n"
        "Возможно, вы списали и цифры после запятой. Верное число можно прислать сразу."
    ),
}
_FAR_ABOVE_USUAL = N_(
    "🤔 {zone}: <b>{value}</b> — это {gone} кВт·ч с {day}. Обычно у вас около {usual} кВт·ч.\n\n"
    "Проверьте, нет ли лишней цифры и не списаны ли цифры после запятой. Верное число можно прислать сразу."
)
_WAYS = {
    Way.FIX: N_("Ошибка, исправлю"),
    Way.SWAPPED: N_("Зоны перепутаны"),
    Way.REPLACED: N_("Счётчик заменили"),
    Way.ROLLED_OVER: N_("Счётчик прошёл через ноль"),
    Way.CERTAIN: N_("Всё верно"),
}
_REMARKS = {
    Remark.REPLACED: N_("счётчик заменили, расход посчитает компания"),
    Remark.ROLLED_OVER: N_("счётчик прошёл через ноль"),
}


def pick_meter(account: AccountReadings, typed: str | None) -> Screen:
    text = _("На счёте несколько счётчиков. По какому передать показания?")
    if typed:
        text = _("Вы прислали «{typed}». Для какого счётчика?").format(typed=escape(typed[:40]))
    text = f"📟 {account_title(account.link)}\n\n{text}" if _named(account.link) else f"📟 {text}"
    return Screen(text, rows(*([_meter_button(account, view)] for view in account.meters), [home_button()]))


def _meter_button(account: AccountReadings, view: MeterView) -> InlineKeyboardButton:
    mark = "✓ " if view.passed else ""
    place = f" · {view.meter.place}" if view.meter.place else ""
    title = mark + numbered(view.meter.number) + place
    return button(title, PickMeter(link=account.link.id, meter=meter_id(view.meter)))


def ask_values(step: AskZones, draft: str) -> Screen:
    view, values, missing = step.view, step.form.values, step.view.missing(step.form)
    parts = [_heading(step, missing), *([] if values else _notes(step)), _asking(view, missing)]
    return Screen("\n\n".join(parts), _value_buttons(view, draft, fresh=not values))


def _heading(step: AskZones, missing: Sequence[Zone]) -> str:
    meter, values = step.view.meter, step.form.values
    lines = [f"📟 {_whose(step.account.link, meter)}"]
    lines += [f"{_label(meter, zone)}: <b>{number(value)}</b> ✓" for zone, value in values.items()]
    return "\n".join([*lines, *_was(step.view, missing)])


def _notes(step: AskZones) -> list[str]:
    view = step.view
    notes = [_changed(step.changed), _already(step.account, view.submission), _unverified(view.unverified_since)]
    notes.append(empty_home(step.account.link, view.today))
    return [note for note in notes if note]


def _named(link: Link) -> bool:
    """Whether the customer has a name for the account, or may take it for another."""
    return bool(link.label) or not link.alone


def _whose(link: Link, meter: Meter) -> str:
    if not _named(link):
        return _("Счётчик {meter}").format(meter=meter_title(meter))
    return account_title(link) + ", " + _("счётчик {meter}").format(meter=meter_title(meter))


def _was(view: MeterView, zones: Sequence[Zone]) -> Iterator[str]:
    """The day is told once for zones that were read together."""
    told = None
    for zone in zones:
        previous = view.previous.get(zone)
        yield _was_in(view.meter, zone, previous, told)
        told = previous.day if previous else None


def _label(meter: Meter, zone: Zone) -> str:
    if meter.scheme is ZoneScheme.SINGLE:
        return zone_name(zone)
    return _("{zone} (на экране <b>{label}</b>)").format(zone=zone_name(zone), label=meter.scheme.display_label(zone))


def _was_in(meter: Meter, zone: Zone, previous: Reading | None, told: date | None) -> str:
    if previous is None:
        return _("{zone}: прошлых показаний нет").format(zone=_label(meter, zone))
    text = _("{zone}: было <b>{value}</b>") if previous.day == told else _("{zone}: было <b>{value}</b>, {day}")
    return text.format(zone=_label(meter, zone), value=number(previous.value), day=day(previous.day))


def _asking(view: MeterView, missing: Sequence[Zone]) -> str:
    typed = " ".join(str(example(view.previous.get(zone))) for zone in missing)
    if len(missing) == 1 and len(view.meter.zones) > 1:
        return _("Теперь пришлите число «{zone}», например <code>{example}</code>.").format(
            zone=zone_name(missing[0]), example=typed
        )
    if len(missing) == 1:
        return _("Пришлите число со счётчика, например <code>{example}</code>.").format(example=typed)
    return _(
        "Пришлите числа через пробел в этом порядке, например <code>{example}</code>, или по одному — спрошу остальные."
    ).format(example=typed)


def example(previous: Reading | None) -> int:
    """A value that may follow."""
    return previous.value + 150 if previous else 150


def _changed(changed: bool) -> str:
    text = _("⚠️ У счётчика теперь другие зоны, поэтому прежние числа не подходят. Пришлите показания заново.")
    return text if changed else ""


def _already(account: AccountReadings, submission: Submission | None) -> str:
    if submission is None:
        return ""
    month, when = month_name(account.window.period), day(submission.day)
    if not account.shows(submission):
        return _("За {month} показания уже переданы {day}. Новые их заменят.").format(month=month, day=when)
    text = _("За {month} показания уже переданы {day}: {values}. Новые их заменят.")
    return text.format(month=month, day=when, values=values_line(submission))


def _unverified(since: date | None) -> str:
    """Cautious: what billing makes of such a meter depends on more than the bot knows."""
    text = _(
        "⚠️ По нашим данным, срок поверки счётчика истёк {day}. Показания примем, но начислить могут "
        "по среднему расходу. Позвоните нам, подскажем, что делать."
    )
    return text.format(day=day(since)) if since else ""


def _value_buttons(view: MeterView, draft: str, *, fresh: bool) -> InlineKeyboardMarkup:
    unchanged = fresh and view.unchanged and not view.submission  # of a correction it would undo the month
    same = [button(_("Показания не изменились"), OnReading(draft=draft, action=ReadingAction.SAME))]
    where = [button(_("Где посмотреть?"), OnReading(draft=draft, action=ReadingAction.WHERE))]
    return rows(same if unchanged else [], where, [_cancel(draft)])


def _cancel(draft: str) -> InlineKeyboardButton:
    return button(_("Отмена"), OnReading(draft=draft, action=ReadingAction.CANCEL))


def where_to_look(view: MeterView) -> Screen:
    labels = [
        f"<b>{view.meter.scheme.display_label(zone)}</b> — {zone_name(zone).lower()}" for zone in view.meter.zones
    ]
    text = _("Спишите с экрана счётчика цифры до запятой, остальные не нужны.")
    if len(labels) > 1:
        text += "\n\n" + _("Экран переключается кнопкой на счётчике или сам:") + "\n" + "\n".join(labels)
    return Screen(text, rows([button(_("Назад"), Go(to=Place.RESUME))]))


def doubt(step: AskDoubt, draft: str, *, appeals: bool = False) -> Screen:
    """`appeals`: they are offered."""
    found = step.question.doubt
    answers = ([button(_way(way), _answer(found, way, draft))] for way in step.question.ways)
    ask = ask_button(Concern.READING, what=draft, offered=appeals)
    return Screen(_reason(found, step.view), rows(*answers, ask, [_cancel(draft)]))


def _answer(found: Doubt, way: Way, draft: str) -> Explain:
    return Explain(draft=draft, zone=found.zone, value=found.value, way=way)


def _reason(found: Doubt, view: MeterView) -> str:
    compared = found.usual is not None and found.previous is not None
    text = _FAR_ABOVE_USUAL if found.kind is DoubtKind.FAR_ABOVE and compared else _REASONS[found.kind]
    return _(text).format(
        zone=zone_name(found.zone),
        value=number(found.value),
        previous=number(found.previous.value) if found.previous else "",
        day=day(found.previous.day) if found.previous else "",
        gone=number(found.consumption or 0),
        usual=number(found.usual or 0),
        digits=view.meter.digits,
    )


def _way(way: Way) -> str:
    return _(_WAYS[way])


def preview(step: ShowPreview, draft: str, confirmation: str) -> Screen:
    link, view, seen = step.account.link, step.view, step.preview
    text = _("Проверьте показания, счётчик {meter}:").format(meter=meter_title(view.meter))
    parts = [_("Проверьте: {whose}").format(whose=_whose(link, view.meter)) if _named(link) else text]
    parts[0] += "\n" + "\n".join(_preview_line(line, seen.estimate) for line in seen.lines)
    notes = (_total(seen), _cut(step.form.fraction_cut), _replacing(seen.replaces), late_words(seen.window))
    parts += filter(None, notes)
    return Screen(
        "\n\n".join(parts),
        rows(
            [button(_("✅ Передать"), Submit(confirmation=confirmation), "success")],
            [button(_("Исправить"), OnReading(draft=draft, action=ReadingAction.FIX)), _cancel(draft)],
        ),
    )


def _preview_line(line: Submitted, estimate: Estimate | None) -> str:
    before = f"{number(line.previous)} → " if line.previous is not None else ""
    text = f"{zone_name(line.zone)}\N{NO-BREAK SPACE}{before}<b>{number(line.value)}</b>"
    if line.consumption is not None:
        text += " · " + _("{kwh} кВт·ч").format(kwh=number(line.consumption))
    if estimate and not estimate.partial:
        text += f" · {money(estimate.cost_of(line.zone))}"
    if estimate and len({priced.tier for priced in estimate.lines}) > 1:
        text += "".join(_tier_line(priced) for priced in estimate.of_zone(line.zone))
    remark = _remark(line.remark)
    return text + (f"\n<i>{remark}</i>" if remark else "")


def _tier_line(priced: TierCharge) -> str:
    text = _("{tier}-й диапазон: {kwh} × {price} = {cost}")
    filled = text.format(
        tier=priced.tier, kwh=number(priced.kwh), price=price(priced.price), cost=money(priced.kopecks)
    )
    return f"\n   <i>{filled}</i>"


def _remark(remark: Remark) -> str:
    return _(_REMARKS[remark]) if remark in _REMARKS else ""


def _total(seen: Preview) -> str:
    estimate = seen.estimate
    if estimate is None or estimate.total is None:
        return _("Стоимость посчитает компания.")
    total = _("По этим показаниям <b>{sum}</b>").format(sum=money(estimate.total))
    return "\n".join(filter(None, [total, _tier(estimate)]))


def _tier(estimate: Estimate) -> str:
    """The price that has been reached; nothing where there is only one."""
    if estimate.left is not None:
        text = _("{tier}-й диапазон, до {next}-го — {kwh} кВт·ч")
        return text.format(tier=estimate.tier, next=estimate.tier + 1, kwh=number(estimate.left))
    return _("{tier}-й диапазон").format(tier=estimate.tier) if estimate.tier > 1 else ""


def _cut(fraction_cut: bool) -> str:
    return _("Цифры после запятой не нужны, я их отбросил.") if fraction_cut else ""


def _replacing(earlier: Submission | None) -> str:
    return _("Заменят показания от {day}.").format(day=day(earlier.day)) if earlier else ""
