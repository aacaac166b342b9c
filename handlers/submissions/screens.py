"""Screens about submissions: what came of one, the history, its paper by mail."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton

from handlers.history.callbacks import OpenHistory
from handlers.keyboards import button, home_button, rows
from handlers.payments.amounts import amount, pay_button
from handlers.readings.callbacks import PickMeter, meter_id
from handlers.show import Screen
from handlers.submissions.callbacks import History, OnSubmission, SubmissionAction
from handlers.wording import (
    account_title,
    escape,
    month_name,
    status_words,
    zone_name,
    zone_value,
)
from locales import _, day, moment, number
from services.accounts.models import Link
from services.payments.due import Due
from services.readings.history import SubmissionCard
from services.readings.models import Submission, SubmissionStatus
from services.supplier.periods import Window, WindowState


def done(card: SubmissionCard, due: Due | None = None) -> Screen:
    """`due`: None when no payment can be offered."""
    submission = card.submission
    return Screen(
        "\n\n".join(filter(None, [_done_text(card), amount(due) if due else ""])),
        rows(
            [button(_("📟 Следующий счётчик"), _next_meter(card), "primary")] if card.remaining else [],
            [pay_button(card.link, due, None if card.remaining else "primary", fresh=True)] if due else [],
            [_on(submission, SubmissionAction.CORRECT, _("Исправить"))] if card.correctable else [],
            _papers(card),
            [_on(submission, SubmissionAction.VIEW, _("Обновить"), fresh=False)] if submission.pending else [],
            [button(_("🗓 Мои показания"), _list_of(card.link)), home_button(fresh=True)],
        ),
    )


def _list_of(link: Link) -> History:
    return History(link=link.id, offset=0, fresh=True)


def _next_meter(card: SubmissionCard) -> PickMeter:
    return PickMeter(link=card.link.id, meter=meter_id(card.remaining[0]), fresh=True)


def _papers(card: SubmissionCard) -> list[InlineKeyboardButton]:
    submission = card.submission
    if submission.status is SubmissionStatus.REFUSED:
        return []
    letter = [_on(submission, SubmissionAction.MAIL, _("На e-mail"))] if card.mailable else []
    return [_on(submission, SubmissionAction.PDF, _("Сохранить PDF")), *letter]


def _on(submission: Submission, action: SubmissionAction, text: str, *, fresh: bool = True) -> InlineKeyboardButton:
    return button(text, OnSubmission(key=submission.key, action=action, fresh=fresh))


def _done_text(card: SubmissionCard) -> str:
    submission, until = card.submission, _("Исправить можно до {day}.").format(day=day(card.window.closes))
    lines = [
        _heading(submission, card.region.timezone),
        values_line(submission),
        _counts_for(submission, card.window),
        until if card.correctable else "",
    ]
    return "\n".join(filter(None, lines))


def values_line(submission: Submission) -> str:
    return " · ".join(zone_value(line.zone, line.value) for line in submission.values)


def _heading(submission: Submission, zone: ZoneInfo) -> str:
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
    return f"{head}\n{numbered(submission.number)}, {when}\n{what}"


def _counts_for(submission: Submission, window: Window) -> str:
    if not submission.pending and submission.status is not SubmissionStatus.ACCEPTED:
        return ""
    late = late_words(window) if submission.period == window.period else ""
    return late or _("Учтём в расчёте за {month}.").format(month=month_name(submission.period))


def late_words(window: Window) -> str:
    if window.state is not WindowState.LATE:
        return ""
    text = _("Приём за этот месяц закончен, поэтому учтём их в расчёте за {month}.")
    return text.format(month=month_name(window.period))


def history(link: Link, found: Sequence[Submission], offset: int, *, more: bool, page: int) -> Screen:
    if not found:
        text = _("🗓 {account}\n\nЗдесь будут показания, которые вы передадите.").format(account=account_title(link))
        return Screen(text, rows([_past(link), home_button()]))
    heading = _("🗓 {account}\nВаши показания:").format(account=account_title(link))
    several = len({submission.meter for submission in found}) > 1
    entries = [_entry(submission, several=several) for submission in found]
    return Screen(
        "\n\n".join([heading, *entries]),
        rows(
            *(
                [_on(submission, SubmissionAction.VIEW, numbered(submission.number), fresh=False)]
                for submission in found
            ),
            _pages(link, offset, more=more, page=page),
            [_past(link), home_button()],
        ),
    )


def _past(link: Link) -> InlineKeyboardButton:
    return button(_("← История"), OpenHistory(link=link.id))


def _entry(submission: Submission, *, several: bool) -> str:
    """`several`: the list has more than one meter."""
    head = f"<b>{numbered(submission.number)}</b>, {day(submission.day)}"
    if several:
        head += "\n" + _("Счётчик {meter}").format(meter=escape(submission.meter))
    values = " · ".join(f"{zone_name(line.zone)}\N{NO-BREAK SPACE}{number(line.value)}" for line in submission.values)
    return f"{head}\n{values}\n<i>{status_words(submission)}</i>"


def numbered(name: str) -> str:
    return _("№ {number}").format(number=name)


def _pages(link: Link, offset: int, *, more: bool, page: int) -> list[InlineKeyboardButton]:
    newer = [button(_("← Новее"), History(link=link.id, offset=max(0, offset - page)))] if offset else []
    older = [button(_("Раньше →"), History(link=link.id, offset=offset + page))] if more else []
    return newer + older


def mail_question(submission: Submission) -> str:
    text = _("На какой адрес отправить показания № {number}? Пример: maria@mail.ru")
    return text.format(number=submission.number)
