"""Cards of broadcasts in groups of the staff, and questions to their authors. Staff read Russian."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from aiogram.types import InlineKeyboardButton

from handlers.broadcasts.callbacks import BroadcastAction, OnBroadcast
from handlers.keyboards import Style, button, rows
from handlers.show import Screen
from handlers.wording import escape
from locales import N_, _, number, plural
from services.broadcasts.models import (
    LONGEST,
    MOST_ACCOUNTS,
    Audience,
    Broadcast,
    BroadcastState,
    CardQuestion,
    Operator,
    Reach,
    Silence,
)
from services.notices.models import Tally
from services.supplier.profile import Region

_NAMED: Final = 10  # unknown accounts
_SILENT: Final = {
    Silence.STOPPED: N_("остановили бота: {count}"),
    Silence.NO_CONSENT: N_("не дали согласий: {count}"),
    Silence.BARRED: N_("владелец закрыл им счёт: {count}"),
}


def choose(one: Broadcast, regions: Sequence[Region], remark: str = "") -> Screen:
    """The question for the audience. `remark`: the reason for which it is asked once more."""
    text = "\n\n".join(filter(None, (remark, _head(one), _("Кому отправить?"))))
    by_region = _press(_("По региону"), one, BroadcastAction.REGION) if len(regions) > 1 else []
    return Screen(
        text,
        rows(
            _press(_("Всем клиентам"), one, BroadcastAction.ALL),
            [*by_region, *_press(_("По улице"), one, BroadcastAction.STREET)],
            _press(_("По списку счетов"), one, BroadcastAction.ACCOUNTS),
            _cancel(one),
        ),
    )


def choose_region(one: Broadcast, regions: Sequence[Region]) -> Screen:
    lines = [
        [button(region.name, OnBroadcast(action=BroadcastAction.REGION, broadcast=one.id, region=place))]
        for place, region in enumerate(regions, 1)
    ]
    back = _press(_("← Назад"), one, BroadcastAction.AUDIENCE)
    return Screen(f"{_head(one)}\n\n" + _("Клиентам какого региона?"), rows(*lines, back))


def addressed(one: Broadcast) -> Screen:
    """The audience is chosen, the text is still to come."""
    change = [] if one.audience.corrects else _press(_("👥 Кому"), one, BroadcastAction.AUDIENCE)
    return Screen("\n".join([_head(one), _to(one.audience), *_reached(one)]), rows([*change, *_cancel(one)]))


def question(asked: CardQuestion, author: Operator) -> str:
    """The message whose reply is the answer; the name opens the field for it in its author's app alone."""
    match asked:
        case CardQuestion.STREET:
            text = _("{name}, напишите в ответ улицу или улицу с домом, как в адресах: <code>ул. Мира, д. 1</code>")
        case CardQuestion.ACCOUNTS:
            text = _(
                "{name}, пришлите в ответ номера счетов, по одному в строке, или текстовый файл с ними. "
                "Счетов не больше {most}."
            )
        case _:
            text = _("{name}, напишите в ответ текст рассылки: до {most} знаков, без оформления и файлов.")
    most = number(MOST_ACCOUNTS if asked is CardQuestion.ACCOUNTS else LONGEST)
    return text.format(name=f'<a href="tg://user?id={author.member}">{escape(author.name)}</a>', most=most)


def hint(asked: CardQuestion) -> str:
    """In the field for the reply."""
    match asked:
        case CardQuestion.STREET:
            return _("Улица, дом")
        case CardQuestion.ACCOUNTS:
            return _("Номера счетов")
        case _:
            return _("Текст рассылки")


def draft(one: Broadcast) -> Screen:
    """Words below the sample, which ask for a second person and say how many will get it."""
    lines = [
        _head(one),
        _to(one.audience),
        *_reached(one),
        "",
        _("Автор: {name}. Выше — как рассылку увидят клиенты.").format(name=escape(one.author.name)),
        _("Подтвердить должен другой сотрудник."),
    ]
    change = [] if one.audience.corrects else _press(_("👥 Кому"), one, BroadcastAction.AUDIENCE)
    return Screen(
        "\n".join(lines),
        rows(
            _press(_("✅ Подтвердить"), one, BroadcastAction.CONFIRM, "success") if one.count else [],
            [*_press(_("✏️ Текст"), one, BroadcastAction.TEXT), *change, *_cancel(one)],
        ),
    )


def running(one: Broadcast, tally: Tally) -> Screen:
    """One that was confirmed: its progress, or its end."""
    lines = [_head(one), _to(one.audience), *_progress(one, tally), "", *_answerable(one)]
    if one.state.running:
        return Screen("\n".join(lines), rows(_press(_("⏹ Остановить"), one, BroadcastAction.STOP, "danger")))
    correct = _press(_("✏️ Исправить для тех же людей"), one, BroadcastAction.CORRECT) if tally.sent else []
    return Screen("\n".join(lines), rows(correct))


def cancelled(one: Broadcast) -> Screen:
    """A broadcast that was stopped unconfirmed, or has stayed so for days."""
    if not one.stopped_by:
        return Screen(f"{_head(one)}\n" + _("Удалена: её так и не подтвердили."))
    return Screen(f"{_head(one)}\n" + _("Отменена. Кто отменил: {name}.").format(name=escape(one.stopped_by)))


def card(one: Broadcast, tally: Tally) -> Screen:
    """The card of a broadcast as it is now."""
    if one.state is BroadcastState.DRAFT:
        return draft(one)
    if one.state is BroadcastState.WRITING:
        return addressed(one)
    return running(one, tally) if one.confirmed_at else cancelled(one)


def stats(running_ones: Sequence[tuple[Broadcast, Tally]], reminders: Tally) -> str:
    """For `/stats`: today's reminders and broadcasts under way."""
    lines = [_reminders(reminders)]
    for one, tally in running_ones:
        pace = _("{count} за последнюю минуту").format(count=number(tally.recent))
        lines.append(f"{_head(one)}: {_sent(one, tally)}, {pace}.")
    return "\n".join(lines)


def _reminders(tally: Tally) -> str:
    if not tally.all:
        return _("Напоминаний сегодня нет.")
    told = _("Напоминаний сегодня {all}: отправлено {sent}, ждут {waiting}, не понадобились или не дошли {passed}.")
    return told.format(
        all=number(tally.all),
        sent=number(tally.sent),
        waiting=number(tally.waiting),
        passed=number(tally.passed_over),
    )


def _head(one: Broadcast) -> str:
    if one.audience.corrects:
        text = _("📢 <b>Рассылка № {number}</b>, исправление к № {other}")
        return text.format(number=one.id, other=one.audience.corrects)
    return _("📢 <b>Рассылка № {number}</b>").format(number=one.id)


def _to(audience: Audience) -> str:
    if audience.corrects:
        return _("Кому: всем, кто получил или мог получить № {number}").format(number=audience.corrects)
    if audience.accounts:
        return _("Кому: по списку, счетов {count}").format(count=number(len(audience.accounts)))
    if audience.region or audience.street:
        parts = ", ".join(filter(None, (audience.region, audience.street)))
        return _("Кому: {audience}").format(audience=escape(parts))
    return _("Кому: всем клиентам")


def _reached(one: Broadcast) -> Iterator[str]:
    if one.count_asked_at is not None:
        yield _("Считаем, кто её получит: число появится здесь.")
        return
    yield _people(one.count)
    if one.reach is not None:
        yield from _silent(one.reach)


def _people(count: int) -> str:
    if not count:
        return _("Рассылку никто не получит: ни один клиент бота не подходит.")
    return plural("Получит {n} человек.", "Получат {n} человек.", count).format(n=number(count))


def _silent(reach: Reach) -> Iterator[str]:
    silent = [_(_SILENT[why]).format(count=number(reach.silent[why])) for why in Silence if reach.silent[why]]
    if silent:
        yield _("Не услышат: {reasons}.").format(reasons=", ".join(silent))
    if reach.unlinked:
        yield _("Этих счетов нет ни у одного клиента бота: {count}.").format(count=number(reach.unlinked))
    if reach.unknown:
        named = ", ".join(f"<code>{account}</code>" for account in reach.unknown[:_NAMED])
        more = len(reach.unknown) - _NAMED
        rest = " " + _("и ещё {count}").format(count=number(more)) if more > 0 else ""
        text = _("Пропущены, таких счетов у компании нет ({count}): {named}.")
        yield text.format(count=number(len(reach.unknown)), named=named + rest)


def _sent(one: Broadcast, tally: Tally) -> str:
    text = _("отправлено {sent} из {all}")
    return text.format(sent=number(tally.sent), all=number(max(one.count, tally.all)))


def _progress(one: Broadcast, tally: Tally) -> Iterator[str]:
    sent = _sent(one, tally)
    sent = sent[0].upper() + sent[1:]
    match one.state:
        case BroadcastState.STOPPED:
            yield _("⏹ Остановлена. {sent}, остальные её не получат.").format(sent=sent)
        case BroadcastState.DONE:
            yield _("✅ Закончена. {sent}.").format(sent=sent)
        case _:
            yield f"⏳ {sent}."
    missed = tally.passed_over if one.state is not BroadcastState.STOPPED else 0
    if missed:
        yield _("Не дошли или больше не нужны: {count}.").format(count=number(missed))


def _answerable(one: Broadcast) -> Iterator[str]:
    names = _("Автор: {author}. Подтверждение: {confirmer}.")
    yield names.format(author=escape(one.author.name) or "—", confirmer=escape(one.confirmer.name) or "—")
    if one.stopped_by:
        yield _("Кто остановил: {name}.").format(name=escape(one.stopped_by))


def _press(
    label: str, one: Broadcast, action: BroadcastAction, style: Style | None = None
) -> list[InlineKeyboardButton]:
    return [button(label, OnBroadcast(action=action, broadcast=one.id), style)]


def _cancel(one: Broadcast) -> list[InlineKeyboardButton]:
    return _press(_("Отмена"), one, BroadcastAction.STOP)
