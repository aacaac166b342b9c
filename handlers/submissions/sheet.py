"""The paper of a submission, for PDF and e-mail."""

from __future__ import annotations

from handlers.wording import month_name, status_words, zone_name
from locales import _, current, day, moment, money, number
from services.ports import Sheet
from services.readings.models import Submission, Submitted
from services.supplier.profile import SupplierProfile


def sheet(submission: Submission, profile: SupplierProfile) -> Sheet:
    zone = profile.region_of(submission.account).timezone
    return Sheet(
        title=_("Показания счётчика"),
        issuer=profile.name,
        facts=(
            (_("Номер"), submission.number),
            (_("Передано"), moment(submission.submitted_at, zone)),
            (_("Лицевой счёт"), _("оканчивается на {tail}").format(tail=submission.account[-4:])),
            (_("Счётчик"), submission.meter),
            (_("Расчётный месяц"), f"{month_name(submission.period)} {submission.period.year}"),
            (_("Состояние"), status_words(submission, marked=False)),
        ),
        columns=(_("Зона"), _("Было"), _("Стало"), _("Расход, кВт·ч")),
        rows=tuple(_row(line) for line in submission.values),
        total=_("Стоимость по этим показаниям: {sum}").format(sum=money(submission.cost)) if submission.cost else "",
        footer=f"{profile.phone} · {profile.site}",
        language=current(),
    )


def _row(line: Submitted) -> tuple[str, str, str, str]:
    return (
        zone_name(line.zone),
        number(line.previous) if line.previous is not None else "—",
        number(line.value),
        number(line.consumption) if line.consumption is not None else "—",
    )


def file_name(submission: Submission) -> str:
    return _("Показания {number} от {day}.pdf").format(number=submission.number, day=day(submission.day))


def subject(submission: Submission) -> str:
    return _("Показания № {number} от {day}").format(number=submission.number, day=day(submission.day))
