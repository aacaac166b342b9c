"""Screens of appeals that were sent: the list, the thread, additions, the rating."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton

from handlers.appeals.callbacks import (
    AppealAction,
    ListAppeals,
    OnAppeal,
    RateAppeal,
    SendWords,
    ShowFile,
    TurnThread,
)
from handlers.appeals.doors import support_button
from handlers.appeals.words import file_name, files_shown, subject_name
from handlers.callbacks import Go, Place
from handlers.keyboards import Row, button, help_button, home_button, rows
from handlers.show import Screen
from handlers.wording import email_shown, escape, masked, shortened
from locales import _, moment
from services.appeals.appeals import STARS, AppealList, Sent, Thread
from services.appeals.models import Appeal, AppealMessage, AppealState, Side
from services.appeals.settings import AppealSettings

_IN_ROW = 2
_SHOWN = 600  # characters of a message in a thread
_QUOTED = 300


def appeals(found: AppealList, settings: AppealSettings) -> Screen:
    lines = [_line(one, settings) for one in found.appeals]
    heading = _("✉️ <b>Обращения</b>")
    if not lines:
        lines = [
            _("За три месяца обращений не было.") if found.older else _("Здесь будут ваши вопросы и ответы на них.")
        ]
    elif not found.every:
        heading = _("✉️ <b>Обращения за три месяца</b>")
    buttons = [button(_label(one), OnAppeal(action=AppealAction.OPEN, appeal=one.key)) for one in found.appeals]
    return Screen(
        "\n\n".join([heading, *lines]),
        rows(
            [support_button(offered=True)[0].model_copy(update={"text": _("✏️ Новое обращение"), "style": "primary"})],
            *(buttons[first : first + _IN_ROW] for first in range(0, len(buttons), _IN_ROW)),
            _pages(found),
            [button(_("Показать старше"), ListAppeals(every=True, page=0))] if found.older else [],
            [help_button(), home_button()],
        ),
    )


def _pages(found: AppealList) -> Row:
    if found.page:
        yield button(_("← Новее"), ListAppeals(every=found.every, page=found.page - 1))
    if found.more:
        yield button(_("Раньше →"), ListAppeals(every=found.every, page=found.page + 1))


def _line(appeal: Appeal, settings: AppealSettings) -> str:
    subject = subject_name(settings, appeal.subject)
    return f"<b>{escape(appeal.title_number)}</b> · {subject}\n{_state(appeal)}"


def _label(appeal: Appeal) -> str:
    return f"{'🔵' if appeal.unread else '✉️'} {appeal.number}"


def _state(appeal: Appeal) -> str:
    if appeal.unread:
        return _("🔵 есть новый ответ")
    if appeal.state is AppealState.CLOSED:
        return _("✔️ закрыто")
    return _("⏳ ждёт ответа") if appeal.waits else _("💬 есть ответ")


def until(appeal: Appeal, zone: ZoneInfo) -> str:
    """`26.11, 17:00`"""
    return f"{appeal.due_at.astimezone(zone):%d.%m, %H:%M}"


def sent(result: Sent, zone: ZoneInfo) -> Screen:
    """A message that stays."""
    appeal = result.appeal
    text = _("✅ Обращение <b>{number}</b> отправлено. Ответим до {until}.").format(
        number=escape(appeal.title_number), until=until(appeal, zone)
    )
    parts = [text, _("Ответ придёт сюда, в этот чат.")]
    if result.mailed:
        told = _("Номер и ответы отправим и на {address}.")
        parts.append(told.format(address=email_shown(masked(appeal.contact.email))))
    return Screen("\n".join(parts), rows(_more(appeal), [home_button(fresh=True)]))


def _more(appeal: Appeal) -> Row:
    yield button(_("➕ Дополнить"), OnAppeal(action=AppealAction.REPLY, appeal=appeal.key))
    yield button(_("✉️ Обращения"), Go(to=Place.APPEALS, fresh=True))


def thread(found: Thread, settings: AppealSettings, zone: ZoneInfo) -> Screen:
    appeal = found.appeal
    head = f"✉️ <b>{escape(appeal.title_number)}</b> · {subject_name(settings, appeal.subject)}"
    state = [_state(appeal)]
    if appeal.waits:
        state = [_("⏳ Ответим до {until}").format(until=until(appeal, zone))]
    if appeal.rating:
        state.append(_("Ваша оценка: {stars}").format(stars=stars(appeal.rating)))
    messages = [_message(one, zone) for one in found.messages]
    page = _("Страница {page} из {pages}").format(page=found.pages - found.page, pages=found.pages)
    text = "\n\n".join([head + "\n" + " · ".join(state), *messages, *([page] if found.pages > 1 else [])])
    return Screen(text, rows(*_files(found), _turn(found), *_actions(appeal), [_list_button(), home_button()]))


def _message(message: AppealMessage, zone: ZoneInfo) -> str:
    written = message.written
    who = _("Вы") if written.side is Side.CUSTOMER else _("Специалист")
    head = f"<b>{who}</b>, {moment(written.at, zone)}"
    if message.withdrawn_at:
        return head + "\n" + _("<i>Сообщение удалено.</i>")
    file = [f"📎 {escape(file_name(written.file))}"] if written.file else []
    text = [shortened(written.text, _SHOWN)] if written.text else []
    return "\n".join([head, *text, *file])


def _files(found: Thread) -> Iterable[Row]:
    """Files of the page, to be sent anew."""
    named = [
        (one.id, file_name(one.written.file)) for one in found.messages if one.written.file and not one.withdrawn_at
    ]
    for number, name in named:
        yield [button(f"📎 {name}"[:60], ShowFile(message=number))]


def _turn(found: Thread) -> Row:
    key = found.appeal.key
    if found.page + 1 < found.pages:
        yield button(_("← Раньше"), TurnThread(appeal=key, page=found.page + 1))
    if found.page:
        yield button(_("Новее →"), TurnThread(appeal=key, page=found.page - 1))


def _actions(appeal: Appeal) -> Iterable[Row]:
    key = appeal.key
    if appeal.state is AppealState.OPEN:
        yield [
            button(_("➕ Дополнить"), OnAppeal(action=AppealAction.REPLY, appeal=key), "primary"),
            button(_("✔️ Вопрос решён"), OnAppeal(action=AppealAction.CLOSE, appeal=key)),
        ]
        return
    rate = button(_("⭐ Оценить"), OnAppeal(action=AppealAction.RATE, appeal=key))
    yield [button(_("➕ Спросить ещё"), OnAppeal(action=AppealAction.REPLY, appeal=key)), rate]


def _list_button() -> InlineKeyboardButton:
    return button(_("✉️ Обращения"), Go(to=Place.APPEALS))


def open_button(key: str) -> InlineKeyboardButton:
    return button(_("Назад"), OnAppeal(action=AppealAction.OPEN, appeal=key))


def ask_addition(appeal: Appeal, *, reopened: bool = False) -> Screen:
    text = _("✉️ <b>{number}</b>\n\nНапишите, что добавить. Можно прислать фото, документ или голосовое сообщение.")
    again = _(
        "✉️ <b>{number}</b> снова открыто.\n\nНапишите, что осталось нерешённым. Можно прислать фото или документ."
    )
    filled = (again if reopened else text).format(number=escape(appeal.title_number))
    return Screen(filled, rows([open_button(appeal.key), home_button()]))


def added(appeal: Appeal) -> Screen:
    text = _("✅ Передал специалисту, обращение {number}. Можно прислать ещё.")
    done = button(_("Готово"), OnAppeal(action=AppealAction.OPEN, appeal=appeal.key))
    return Screen(text.format(number=escape(appeal.title_number)), rows([done, home_button()]))


def ask_rating(appeal: Appeal) -> Screen:
    text = _("✉️ <b>{number}</b>\n\nКак мы помогли? 5 — отлично, 1 — плохо.")
    back = [open_button(appeal.key), home_button()]
    return Screen(text.format(number=escape(appeal.title_number)), rows(stars_row(appeal.key), back))


def stars_row(key: str) -> Row:
    return [button(f"{one} ⭐", RateAppeal(stars=one, appeal=key)) for one in STARS]


def stars(count: int) -> str:
    return "⭐" * count


def closed(appeal: Appeal) -> Screen:
    """By its customer."""
    text = _("✔️ <b>{number}</b> закрыто. Как мы помогли? 5 — отлично, 1 — плохо.")
    again = [button(_("Открыть снова"), OnAppeal(action=AppealAction.REOPEN, appeal=appeal.key)), home_button()]
    return Screen(text.format(number=escape(appeal.title_number)), rows(stars_row(appeal.key), again))


def rated(appeal: Appeal) -> Screen:
    text = _("Спасибо: {stars}\n\nХотите пояснить оценку? Напишите несколько слов или вернитесь на главную.")
    return Screen(text.format(stars=stars(appeal.rating or 0)), rows([open_button(appeal.key), home_button()]))


def thanked(appeal: Appeal) -> Screen:
    return Screen(_("Спасибо, записал."), rows([open_button(appeal.key), home_button()]))


def offer(text: str, files: int, draft: str) -> Screen:
    """`text`: HTML of the messages that no question had asked for."""
    quoted = f"«{shortened(text, _QUOTED)}»" if text else ""
    shown = " · ".join(filter(None, [quoted, files_shown(files)]))
    return Screen(
        "\n\n".join([_("Отправить это в поддержку?"), shown]),
        rows(
            [button(_("✉️ Отправить в поддержку"), SendWords(draft=draft), "primary")],
            [help_button(), home_button()],
        ),
    )
