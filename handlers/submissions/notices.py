"""Notices about readings that were submitted."""

from __future__ import annotations

from handlers.keyboards import button, home_button, rows
from handlers.letters import paper_letter
from handlers.notices import LetterText, Making, Words
from handlers.show import Screen
from handlers.submissions.callbacks import OnSubmission, SubmissionAction
from handlers.submissions.sheet import file_name, sheet, subject
from handlers.wording import escape, zone_value
from locales import _
from services.notices.catalog import ReadingsAccepted, ReadingsRefused, ReadingsReplaced, SheetLetter, Values
from services.ports import Documents
from services.readings.history import ReadingHistory
from services.supplier.profile import SupplierProfile

words = Words()


@words.text(ReadingsAccepted)
def accepted(facts: ReadingsAccepted) -> Screen:
    text = _("✅ Система расчётов приняла ваши показания № <b>{number}</b>.")
    return Screen(text.format(number=escape(facts.number)), rows([home_button(fresh=True)]))


@words.text(ReadingsRefused)
def refused(facts: ReadingsRefused) -> Screen:
    text = _(
        "⚠️ Система расчётов не приняла показания № <b>{number}</b>. "
        "Мы уже разбираемся. Чтобы успеть к расчёту, передайте их по телефону."
    )
    return Screen(text.format(number=escape(facts.number)), rows([home_button(fresh=True)]))


@words.text(ReadingsReplaced)
def replaced(facts: ReadingsReplaced) -> Screen:
    text = _(
        "📟 Ваши показания № <b>{number}</b> по счёту …{tail} заменены: другой человек, у которого есть этот счёт, "
        "передал новые."
    )
    parts = [text.format(number=escape(facts.number), tail=facts.tail)]
    if facts.was and facts.now:
        parts.append(_("Было: {was}\nСтало: {now}").format(was=_values(facts.was), now=_values(facts.now)))
    if facts.submission is None:
        return Screen("\n\n".join(parts), rows([home_button(fresh=True)]))
    parts.append(_("Если новые неверны, исправьте их."))
    own = OnSubmission(key=facts.submission, action=SubmissionAction.CORRECT, fresh=True)
    return Screen("\n\n".join(parts), rows([button(_("Исправить"), own)], [home_button(fresh=True)]))


def _values(said: Values) -> str:
    return " · ".join(zone_value(zone, value) for zone, value in said)


@words.made(SheetLetter)
async def sheet_letter(facts: SheetLetter, making: Making) -> LetterText | None:
    submission = await making.use(ReadingHistory).kept(facts.submission)
    if submission is None:
        return None
    profile = making.use(SupplierProfile)
    paper = sheet(submission, profile)
    pdf = await making.use(Documents).sheet(paper)
    about = _("Это показания, которые вы передали через бота. Они же — в приложенном файле.")
    return paper_letter(profile, subject(submission), about, paper, (file_name(submission), pdf))
