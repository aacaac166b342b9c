"""The past of an account: pages, periods, the chart, files."""

from __future__ import annotations

from aiogram import Router
from aiogram.enums import ChatAction
from aiogram.filters import StateFilter

from fsm.history import Browsing, PeriodDraft
from handlers.conversation import Conversation
from handlers.filters import Asked, Pressed
from handlers.history import files, screens
from handlers.history.callbacks import (
    Download,
    FileKind,
    OnHistory,
    OpenHistory,
    PickMonth,
    ShowChart,
    TurnPage,
    View,
    month_of,
    place_of,
)
from handlers.history.chart import chart
from handlers.history.screens import Look
from handlers.home.router import ask_first_account
from handlers.show import Screen
from services.accounts.accounts import owned
from services.accounts.models import Link
from services.history.history import AccountHistory, admit
from services.history.pages import PageMark
from services.history.periods import EARLIEST
from services.ports import Documents, Spreadsheets
from services.supplier.profile import SupplierProfile

router = Router(name="history")


@router.message(Asked("history"))
async def ask_history(talk: Conversation) -> None:
    if talk.customer.current is None:
        await ask_first_account(talk)
    else:
        await _open(talk, talk.customer.current)


@router.callback_query(Pressed(OpenHistory))
async def open_history(talk: Conversation, callback_data: OpenHistory) -> None:
    await _open(talk, owned(talk.customer, callback_data.link))


async def _open(talk: Conversation, link: Link) -> None:
    history = talk.use(AccountHistory)
    await talk.expect(None)
    await talk.show(screens.hub(Look(link, View.HUB, history.usual(link), history.present(link))))


@router.callback_query(Pressed(OnHistory))
async def look(talk: Conversation, callback_data: OnHistory) -> None:
    await _show(talk, _asked(talk, callback_data, callback_data.view))


@router.callback_query(Pressed(TurnPage))
async def turn_page(talk: Conversation, callback_data: TurnPage) -> None:
    place = place_of(callback_data.at, newer=callback_data.newer)
    await _show(talk, _asked(talk, callback_data, callback_data.view), place)


def _asked(talk: Conversation, pressed: OnHistory | TurnPage | PickMonth | Download, view: View) -> Look:
    link, history = owned(talk.customer, pressed.link), talk.use(AccountHistory)
    period = history.period(link, month_of(pressed.first), month_of(pressed.last))
    return Look(link, view, period, history.present(link), talk.use(SupplierProfile).takes_appeals)


async def _show(talk: Conversation, look: Look, place: PageMark | None = None) -> None:
    screen = await _screen(talk.use(AccountHistory), look, place)
    await talk.expect(None)
    await talk.show(screen)


async def _screen(history: AccountHistory, look: Look, place: PageMark | None) -> Screen:
    match look.view:
        case View.HUB:
            return screens.hub(look)
        case View.CHARGES:
            return screens.charges(look, await history.charges(look.link, look.period, place))
        case View.READINGS:
            return screens.readings(look, await history.readings(look.link, look.period, place))
        case View.PAYMENTS:
            return screens.payments(look, await history.payments(look.link, look.period, place))
        case View.FILES:
            admit(look.link)
            return screens.files(look)


@router.callback_query(Pressed(PickMonth))
async def pick_month(talk: Conversation, callback_data: PickMonth) -> None:
    look = _asked(talk, callback_data, callback_data.view)
    admit(look.link)
    await talk.save(PeriodDraft(link_id=look.link.id, view=callback_data.view), Browsing.period)
    year = min(max(callback_data.year, EARLIEST.year), look.present.year)
    await talk.show(screens.period(look, callback_data.edge, year))


@router.message(StateFilter(Browsing.period))
@router.edited_message(StateFilter(Browsing.period))
async def take_period(talk: Conversation) -> None:
    draft, history = await talk.draft(PeriodDraft), talk.use(AccountHistory)
    link = owned(talk.customer, draft.link_id)
    period = history.typed(link, talk.text)
    screen = await _screen(history, Look(link, View(draft.view), period, history.present(link)), None)
    await talk.drop(PeriodDraft)
    await talk.show(screen)


@router.callback_query(Pressed(ShowChart))
async def show_chart(talk: Conversation, callback_data: ShowChart) -> None:
    link = owned(talk.customer, callback_data.link)
    consumption = await talk.use(AccountHistory).consumption(link)
    await talk.show_action(ChatAction.UPLOAD_PHOTO)
    picture = await talk.use(Documents).chart(chart(link, consumption))
    await talk.send_photo(picture, "chart.png", screens.chart(link, consumption))


@router.callback_query(Pressed(Download))
async def send_file(talk: Conversation, callback_data: Download) -> None:
    asked = _asked(talk, callback_data, View.FILES)
    past = await talk.use(AccountHistory).everything(asked.link, asked.period)
    await talk.show_action(ChatAction.UPLOAD_DOCUMENT)
    tables, spreadsheets = files.tables(past), talk.use(Spreadsheets)
    if callback_data.kind is FileKind.XLSX:
        content = await spreadsheets.workbook(list(tables.values()))
    else:
        content = await spreadsheets.csv(tables[callback_data.kind])
    await talk.send_document(content, files.name(asked.link, asked.period, callback_data.kind))
