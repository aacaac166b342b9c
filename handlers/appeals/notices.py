"""Notices of appeals: the end, letters."""

from __future__ import annotations

from handlers.appeals.callbacks import AppealAction, OnAppeal
from handlers.appeals.screens import stars_row, until
from handlers.appeals.words import attached_plainly, subject_plainly
from handlers.keyboards import button, rows
from handlers.letters import letter
from handlers.notices import LetterText, Making, Words
from handlers.show import Screen
from handlers.wording import escape, plain
from locales import _
from services.appeals.appeals import Appeals
from services.appeals.exchange import Exchange
from services.notices.catalog import (
    AppealAnswerLetter,
    AppealClosed,
    AppealSentLetter,
)
from services.notices.ports import LetterTable
from services.supplier.profile import SupplierProfile

words = Words()


@words.text(AppealClosed)
def closed(facts: AppealClosed) -> Screen:
    text = _(
        "✔️ Обращение <b>№ {number}</b> закрыто.\n\nВопрос решён? Оцените, пожалуйста, как мы помогли: 5 — отлично."
    )
    yes = button(_("✅ Да"), OnAppeal(action=AppealAction.RATE, appeal=facts.appeal))
    no = button(_("Нет, не решён"), OnAppeal(action=AppealAction.REOPEN, appeal=facts.appeal))
    return Screen(text.format(number=escape(facts.number)), rows([yes, no], stars_row(facts.appeal)))


@words.made(AppealSentLetter)
async def sent_letter(facts: AppealSentLetter, making: Making) -> LetterText | None:
    """A copy of the appeal."""
    profile, found = making.use(SupplierProfile), await making.use(Appeals).kept(making.user_id, facts.appeal)
    if found is None:
        return None
    appeal, messages = found
    asked = LetterTable(
        (
            (_("Номер"), appeal.number),
            (_("Тема"), subject_plainly(profile.appeals, appeal.subject)),
            (_("Ответим до"), until(appeal, profile.region_of(appeal.about.account).timezone)),
        )
    )
    texts = [plain(one.written.text) for one in messages if one.written.text]
    files = attached_plainly([one.written for one in messages])
    subject = _("Обращение № {number} принято").format(number=appeal.number)
    about = _("Мы получили ваше обращение в боте компании {name}. Сохраните номер: он может понадобиться.")
    return letter(profile, subject, about.format(name=profile.name), asked, *texts, *filter(None, [files]), _reply())


@words.made(AppealAnswerLetter)
async def answer_letter(facts: AppealAnswerLetter, making: Making) -> LetterText | None:
    profile, found = making.use(SupplierProfile), await making.use(Appeals).kept(making.user_id, facts.appeal)
    message = await making.use(Exchange).message(facts.message)
    if found is None or message is None:
        return None
    subject = _("Ответ на обращение № {number}").format(number=found[0].number)
    parts = await making.use(Exchange).whole(message)
    texts = [plain(one.written.text) for one in parts if one.written.text]
    files = [_("К ответу приложен файл, он в чате с ботом.")] if message.written.file else []
    about = _("Специалист ответил на ваше обращение № {number}:").format(number=found[0].number)
    return letter(profile, subject, about, *texts, *files, _reply())


def _reply() -> str:
    return _("На это письмо отвечать не нужно: продолжить разговор можно в боте, в разделе «Обращения».")
