from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.callbacks import (
    Explain,
    Go,
    History,
    MailTo,
    OnReading,
    OnSubmission,
    Pay,
    PaySum,
    PickMeter,
    Place,
    ReadingAction,
    SubmissionAction,
    Submit,
)
from handlers.keyboards import Style, button, home_button, rows
from handlers.screens.words import (
    account_title,
    email_shown,
    escape,
    masked,
    meter_title,
    month_name,
    status_words,
    zone_name,
    zone_value,
)
from handlers.show import Screen
from locales import _, day, moment, money, number, price
from services.models import Link, Meter, Reading, Remark, Submission, SubmissionStatus, Submitted, Zone, ZoneScheme
from services.payments import SMALLEST
from services.periods import Window, WindowState
from services.plausibility import Doubt, DoubtKind, Way
from services.pricing import Estimate, Line
from services.readings import MeterView, Outcome, Preview, Question, Round


def meter_id(meter: Meter) -> str:
    """An opaque name of a meter for buttons."""
    return blake2b(meter.number.encode(), digest_size=6).hexdigest()


def pick_meter(taken: Round, typed: str | None) -> Screen:
    text = _("На счёте несколько счётчиков. По какому передать показания?")
    if typed:
        text = _("Вы прислали «{typed}». Для какого счётчика?").format(typed=escape(typed[:40]))
    text = f"📟 {account_title(taken.link)}\n\n{text}" if _named(taken.link) else f"📟 {text}"
    return Screen(text, rows(*([_meter_button(taken, view)] for view in taken.meters), [home_button()]))


def _meter_button(taken: Round, view: MeterView) -> InlineKeyboardButton:
    mark = "✓ " if view.passed else ""
    place = f" · {view.meter.place}" if view.meter.place else ""
    title = mark + _numbered(view.meter.number) + place
    return button(title, PickMeter(link=taken.link.id, meter=meter_id(view.meter)))


def ask_values(
    taken: Round, view: MeterView, values: Mapping[Zone, int], draft: str, *, changed: bool = False
) -> Screen:
    """`changed`: earlier numbers were for zones that the meter has no more."""
    missing = [zone for zone in view.meter.zones if zone not in values]
    notes = [] if values else [_changed(changed), _already(taken, view.submission), _unverified(view.unverified_since)]
    parts = [_heading(taken, view, values, missing), *filter(None, notes), _asking(view, missing)]
    return Screen("\n\n".join(parts), _value_buttons(view, draft, fresh=not values))


def _heading(taken: Round, view: MeterView, values: Mapping[Zone, int], missing: Sequence[Zone]) -> str:
    lines = [f"📟 {_whose(taken.link, view.meter)}"]
    lines += [f"{_label(view.meter, zone)}: <b>{number(value)}</b> ✓" for zone, value in values.items()]
    return "\n".join([*lines, *_was(view, missing)])


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
    example = " ".join(str(_example(view.previous.get(zone))) for zone in missing)
    if len(missing) == 1 and len(view.meter.zones) > 1:
        return _("Теперь пришлите число «{zone}», например <code>{example}</code>.").format(
            zone=zone_name(missing[0]), example=example
        )
    if len(missing) == 1:
        return _("Пришлите число со счётчика, например <code>{example}</code>.").format(example=example)
    return _(
        "Пришлите числа через пробел в этом порядке, например <code>{example}</code>, или по одному — спрошу остальные."
    ).format(example=example)


def _example(previous: Reading | None) -> int:
    return previous.value + 150 if previous else 150


def _changed(changed: bool) -> str:
    text = _("⚠️ У счётчика теперь другие зоны, поэтому прежние числа не подходят. Пришлите показания заново.")
    return text if changed else ""


def _already(taken: Round, submission: Submission | None) -> str:
    if submission is None:
        return ""
    month, when = month_name(taken.window.period), day(submission.day)
    if not taken.shows(submission):
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


def doubt(question: Question, view: MeterView, draft: str) -> Screen:
    found = question.doubt
    text = _reason(found, view)
    answers = ([button(_way(way), _answer(found, way, draft))] for way in question.ways)
    return Screen(text, rows(*answers, [_cancel(draft)]))


def _answer(found: Doubt, way: Way, draft: str) -> Explain:
    return Explain(draft=draft, zone=found.zone, value=found.value, way=way)


def _reason(found: Doubt, view: MeterView) -> str:
    name = zone_name(found.zone)
    facts = {
        "zone": name,
        "value": number(found.value),
        "previous": number(found.previous.value) if found.previous else "",
        "day": day(found.previous.day) if found.previous else "",
        "gone": number(found.consumption or 0),
        "usual": number(found.usual or 0),
        "digits": view.meter.digits,
    }
    return {
        DoubtKind.BELOW_PREVIOUS: _(
            "🤔 {zone}: <b>{value}</b> меньше прошлого <b>{previous}</b> ({day}).\n\n"
            "Так бывает. Выберите причину или пришлите верное число:"
        ),
        DoubtKind.FAR_ABOVE: _(
            "🤔 {zone}: <b>{value}</b> — это {gone} кВт·ч с {day}. Обычно у вас около {usual} кВт·ч.\n\n"
            "Проверьте, нет ли лишней цифры и не списаны ли цифры после запятой. Верное число можно прислать сразу."
        )
        if found.usual is not None and found.previous
        else _(
            "🤔 {zone}: <b>{value}</b> — это необычно много.\n\n"
            "Проверьте, нет ли лишней цифры и не списаны ли цифры после запятой. Верное число можно прислать сразу."
        ),
        DoubtKind.FAR_BELOW: _(
            "🤔 {zone}: <b>{value}</b> — это всего {gone} кВт·ч с {day}. Обычно у вас около {usual} кВт·ч.\n\n"
            "Если вы были в отъезде, всё в порядке."
        ),
        DoubtKind.TOO_MANY_DIGITS: _(
            "🤔 {zone}: <b>{value}</b> не помещается на экране счётчика, на нём цифр: {digits}.\n\n"
            "Возможно, вы списали и цифры после запятой. Верное число можно прислать сразу."
        ),
    }[found.kind].format(**facts)


def _way(way: Way) -> str:
    return {
        Way.FIX: _("Ошибка, исправлю"),
        Way.SWAPPED: _("Зоны перепутаны"),
        Way.REPLACED: _("Счётчик заменили"),
        Way.ROLLED_OVER: _("Счётчик прошёл через ноль"),
        Way.CERTAIN: _("Всё верно"),
    }[way]


def preview(link: Link, view: MeterView, seen: Preview, draft: str, confirmation: str, *, fraction_cut: bool) -> Screen:
    text = _("Проверьте показания, счётчик {meter}:").format(meter=meter_title(view.meter))
    parts = [_("Проверьте: {whose}").format(whose=_whose(link, view.meter)) if _named(link) else text]
    parts[0] += "\n" + "\n".join(_preview_line(line, seen.estimate) for line in seen.lines)
    notes = (_total(seen), _cut(fraction_cut), _replacing(seen.replaces), _late(seen.window))
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


def _tier_line(priced: Line) -> str:
    text = _("{tier}-й диапазон: {kwh} × {price} = {cost}")
    filled = text.format(
        tier=priced.tier, kwh=number(priced.kwh), price=price(priced.price), cost=money(priced.kopecks)
    )
    return f"\n   <i>{filled}</i>"


def _remark(remark: Remark) -> str:
    return {
        Remark.NONE: "",
        Remark.CERTAIN: "",
        Remark.REPLACED: _("счётчик заменили, расход посчитает компания"),
        Remark.ROLLED_OVER: _("счётчик прошёл через ноль"),
    }[remark]


def _total(seen: Preview) -> str:
    estimate = seen.estimate
    if estimate is None or estimate.total is None:
        return _("Стоимость посчитает компания.")
    total = _("Предварительно <b>{sum}</b>").format(sum=money(estimate.total))
    return "\n".join(filter(None, [total, _tier(estimate)]))


def _tier(estimate: Estimate) -> str:
    """Which price has been reached; nothing where there is only one."""
    if estimate.left is not None:
        text = _("{tier}-й диапазон, до {next}-го — {kwh} кВт·ч")
        return text.format(tier=estimate.tier, next=estimate.tier + 1, kwh=number(estimate.left))
    return _("{tier}-й диапазон").format(tier=estimate.tier) if estimate.tier > 1 else ""


def _cut(fraction_cut: bool) -> str:
    return _("Цифры после запятой не нужны, я их отбросил.") if fraction_cut else ""


def _replacing(earlier: Submission | None) -> str:
    return _("Заменят показания от {day}.").format(day=day(earlier.day)) if earlier else ""


def done(outcome: Outcome, to_pay: int | None = None) -> Screen:
    """`to_pay`: kopecks of the recommended payment, None when it cannot be offered."""
    submission = outcome.submission
    return Screen(
        _done_text(outcome),
        rows(
            [button(_("📟 Следующий счётчик"), _next_meter(outcome), "primary")] if outcome.remaining else [],
            [_pay_button(outcome.link, to_pay, None if outcome.remaining else "primary")] if to_pay is not None else [],
            [_on(submission, SubmissionAction.CORRECT, _("Исправить"))] if outcome.correctable else [],
            _papers(outcome),
            [_on(submission, SubmissionAction.VIEW, _("Обновить"), fresh=False)] if submission.pending else [],
            [button(_("🗓 Мои показания"), _list_of(outcome.link)), home_button(fresh=True)],
        ),
    )


def _pay_button(link: Link, to_pay: int, style: Style | None) -> InlineKeyboardButton:
    """Only a sum that is due is worth a colour."""
    if to_pay < SMALLEST:
        return button(_("💳 Оплатить"), Pay(link=link.id, fresh=True))
    target = PaySum(link=link.id, kopecks=to_pay, fresh=True)
    return button(_("💳 Оплатить {sum}").format(sum=money(to_pay)), target, style)


def _list_of(link: Link) -> History:
    return History(link=link.id, offset=0, fresh=True)


def _next_meter(outcome: Outcome) -> PickMeter:
    return PickMeter(link=outcome.link.id, meter=meter_id(outcome.remaining[0]), fresh=True)


def _papers(outcome: Outcome) -> list[InlineKeyboardButton]:
    submission = outcome.submission
    if submission.status is SubmissionStatus.REFUSED:
        return []
    letter = [_on(submission, SubmissionAction.MAIL, _("На e-mail"))] if outcome.mailable else []
    return [_on(submission, SubmissionAction.PDF, _("Сохранить PDF")), *letter]


def _on(submission: Submission, action: SubmissionAction, text: str, *, fresh: bool = True) -> InlineKeyboardButton:
    return button(text, OnSubmission(key=submission.key, action=action, fresh=fresh))


def _done_text(outcome: Outcome) -> str:
    submission, until = outcome.submission, _("Исправить можно до {day}.").format(day=day(outcome.window.closes))
    lines = [
        _outcome(submission, outcome.region.timezone),
        values_line(submission),
        _counts_for(submission, outcome.window),
        until if outcome.correctable else "",
    ]
    return "\n".join(filter(None, lines))


def values_line(submission: Submission) -> str:
    return " · ".join(zone_value(line.zone, line.value) for line in submission.values)


def _outcome(submission: Submission, zone: ZoneInfo) -> str:
    head = {
        SubmissionStatus.QUEUED: _(
            "⏳ Система расчётов сейчас не отвечает. Показания я сохранил и передам сам, сообщу, когда примут."
        ),
        SubmissionStatus.SENT: _("⏳ Показания отправлены, ждём ответа."),
        SubmissionStatus.ACCEPTED: _("✅ <b>Показания переданы</b>"),
        SubmissionStatus.COUNTED: _("✅ <b>Показания учтены в расчёте</b>"),
        SubmissionStatus.REFUSED: _(
            "⚠️ Система расчётов не приняла показания. Мы уже разбираемся, показания у нас сохранены."
        ),
        SubmissionStatus.REPLACED: _("Показания заменены более новыми."),
    }[submission.status]
    when = moment(submission.submitted_at, zone)
    what = _("Счёт …{tail}, счётчик {meter}").format(tail=submission.account[-4:], meter=escape(submission.meter))
    return f"{head}\n{_numbered(submission.number)}, {when}\n{what}"


def _counts_for(submission: Submission, window: Window) -> str:
    if not submission.pending and submission.status is not SubmissionStatus.ACCEPTED:
        return ""
    late = _late(window) if submission.period == window.period else ""
    return late or _("Учтём в расчёте за {month}.").format(month=month_name(submission.period))


def _late(window: Window) -> str:
    if window.state is not WindowState.LATE:
        return ""
    text = _("Приём за этот месяц закончен, поэтому учтём их в расчёте за {month}.")
    return text.format(month=month_name(window.period))


def history(link: Link, found: Sequence[Submission], offset: int, *, more: bool, page: int) -> Screen:
    if not found:
        text = _("🗓 {account}\n\nЗдесь будут показания, которые вы передадите.").format(account=account_title(link))
        return Screen(text, rows([home_button()]))
    heading = _("🗓 {account}\nВаши показания:").format(account=account_title(link))
    several = len({submission.meter for submission in found}) > 1
    entries = [_entry(submission, several=several) for submission in found]
    return Screen(
        "\n\n".join([heading, *entries]),
        rows(
            *(
                [_on(submission, SubmissionAction.VIEW, _numbered(submission.number), fresh=False)]
                for submission in found
            ),
            _pages(link, offset, more=more, page=page),
            [home_button()],
        ),
    )


def _entry(submission: Submission, *, several: bool) -> str:
    """`several`: the list has more than one meter."""
    head = f"<b>{_numbered(submission.number)}</b>, {day(submission.day)}"
    if several:
        head += "\n" + _("Счётчик {meter}").format(meter=escape(submission.meter))
    values = " · ".join(f"{zone_name(line.zone)}\N{NO-BREAK SPACE}{number(line.value)}" for line in submission.values)
    return f"{head}\n{values}\n<i>{status_words(submission)}</i>"


def _numbered(name: str) -> str:
    return _("№ {number}").format(number=name)


def _pages(link: Link, offset: int, *, more: bool, page: int) -> list[InlineKeyboardButton]:
    newer = [button(_("← Новее"), History(link=link.id, offset=max(0, offset - page)))] if offset else []
    older = [button(_("Раньше →"), History(link=link.id, offset=offset + page))] if more else []
    return newer + older


def ask_email(submission: Submission, own: str | None, draft: str) -> Screen:
    """`own`: the customer's confirmed address."""
    text = _("На какой адрес отправить показания № {number}? Пример: maria@mail.ru").format(number=submission.number)
    label = _("✉️ На {address}").format(address=masked(own or ""))
    offered = [button(label[:60], MailTo(draft=draft), "primary")] if own else []
    return Screen(text, rows(offered, [home_button(fresh=True)]))


def mail_queued(address: str) -> Screen:
    text = _("✉️ Отправляю на {address}. Если письма нет через 10 минут, проверьте папку «Спам».")
    return Screen(text.format(address=email_shown(address)), rows([home_button(fresh=True)]))
