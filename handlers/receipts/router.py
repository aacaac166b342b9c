"""Receipts: years, months, the file; and the ways back from paper."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiogram import Router
from aiogram.enums import ChatAction
from aiogram.exceptions import TelegramBadRequest

from handlers.accounts.router import ask_about
from handlers.conversation import Conversation
from handlers.filters import Asked, Pressed
from handlers.home.router import ask_first_account, show_home
from handlers.payments.router import offer
from handlers.readings.router import begin
from handlers.receipts import screens
from handlers.receipts.callbacks import GetReceipt, GetYear, OpenReceipts, ReadingsOfAccount, ReceiptYear
from handlers.receipts.links import receipt_links
from handlers.show import Screen
from handlers.subscriptions.router import show_ways
from services.accounts.accounts import Accounts, is_linked, link_of, owned
from services.accounts.models import Link
from services.payments.due import Dues
from services.receipts.archive import ReceiptArchive
from services.receipts.errors import ReceiptLinkUnknown, ReceiptMissing
from services.receipts.models import Paper, ReceiptLinks
from services.receipts.receipts import Receipts
from services.supplier.models import Month
from services.supplier.profile import SupplierProfile

router = Router(name="receipts")


@router.message(Asked("receipts"))
async def open_receipts(talk: Conversation) -> None:
    if talk.customer.current is None:
        await ask_first_account(talk)
    else:
        await _show_years(talk, talk.customer.current)


@router.callback_query(Pressed(OpenReceipts))
async def show_years(talk: Conversation, callback_data: OpenReceipts) -> None:
    await _show_years(talk, owned(talk.customer, callback_data.link), fresh=callback_data.fresh)


async def _show_years(talk: Conversation, link: Link, *, fresh: bool = False) -> None:
    months = await talk.use(Receipts).months(link)
    await talk.expect(None)
    await talk.show(screens.years(link, months), fresh=fresh)


@router.callback_query(Pressed(ReceiptYear))
async def show_year(talk: Conversation, callback_data: ReceiptYear) -> None:
    link = owned(talk.customer, callback_data.link)
    await talk.show(screens.year(link, callback_data.year, await _months(talk, link, callback_data.year)))


async def _months(talk: Conversation, link: Link, year: int) -> list[Month]:
    """Raises ReceiptMissing."""
    months = [month for month in await talk.use(Receipts).months(link) if month.year == year]
    if not months:
        raise ReceiptMissing
    return months


@router.callback_query(Pressed(GetReceipt))
async def send_receipt(talk: Conversation, callback_data: GetReceipt) -> None:
    link, book = owned(talk.customer, callback_data.link), talk.use(Receipts)
    months = await book.months(link)
    month = next((one for one in months if screens.month_number(one) == callback_data.month), None)
    if month is None:
        raise ReceiptMissing
    receipt = await book.paper(link, month, await _links(talk, link))
    await talk.show_action(ChatAction.UPLOAD_DOCUMENT)
    due = await talk.use(Dues).offered(link) if month == months[0] else None
    below = screens.below(link, receipt, due, appeals=talk.use(SupplierProfile).takes_appeals)
    name = screens.receipt_name(receipt)
    await _send(talk, [receipt], name, below, lambda: talk.use(ReceiptArchive).print(receipt))


@router.callback_query(Pressed(GetYear))
async def send_year(talk: Conversation, callback_data: GetYear) -> None:
    link, year = owned(talk.customer, callback_data.link), callback_data.year
    months, links = await _months(talk, link, year), await _links(talk, link)
    await talk.show_action(ChatAction.UPLOAD_DOCUMENT)
    receipts = [await talk.use(Receipts).paper(link, month, links) for month in months]
    named = [(screens.packed_name(receipt), receipt) for receipt in receipts]
    below = screens.below_year(link, year, len(receipts))
    name = screens.archive_name(link, year)
    await _send(talk, receipts, name, below, lambda: talk.use(ReceiptArchive).pack(named))


async def _send(
    talk: Conversation, receipts: list[Paper], name: str, below: Screen, make: Callable[[], Awaitable[bytes]]
) -> None:
    """A file that Telegram has already goes out by its id."""
    archive, bot_id = talk.use(ReceiptArchive), talk.bot.id
    known = await archive.uploaded(bot_id, *receipts)
    if known is not None:
        try:
            await talk.send_document(known, name, below)
        except TelegramBadRequest:
            pass  # of a file that Telegram keeps no more
        else:
            return
    if file_id := await talk.send_document(await make(), name, below):
        await archive.keep(bot_id, file_id, *receipts)


async def _links(talk: Conversation, link: Link) -> ReceiptLinks:
    return await receipt_links(talk.bot, talk.use(ReceiptArchive), link.account)


@router.callback_query(Pressed(ReadingsOfAccount))
async def take_readings(talk: Conversation, callback_data: ReadingsOfAccount) -> None:
    """Below a receipt that came by itself: another account may be in view."""
    talk.customer = await talk.use(Accounts).choose(talk.customer, callback_data.link)
    await begin(talk)


# From paper


async def follow_receipt(talk: Conversation, token: str) -> None:
    if await _come(talk, token):
        await show_home(talk)


async def follow_receipt_to_pay(talk: Conversation, token: str) -> None:
    if link := await _come(talk, token):
        await offer(talk, link)


async def follow_receipt_to_readings(talk: Conversation, token: str) -> None:
    if await _come(talk, token):
        await begin(talk)


async def follow_letter_to_delivery(talk: Conversation, token: str) -> None:
    if link := await _come(talk, token):
        await show_ways(talk, link.id)


async def _come(talk: Conversation, token: str) -> Link | None:
    """The receipt's account in view. Paper proves nothing: about an account that is not linked yet there is the same
    question as about one whose number is typed. Raises ReceiptLinkUnknown."""
    account = await talk.use(ReceiptArchive).account(token)
    if account is None:
        raise ReceiptLinkUnknown
    if not is_linked(talk.customer, account):
        await ask_about(talk, account)
        return None
    link = link_of(talk.customer, account)
    talk.customer = await talk.use(Accounts).choose(talk.customer, link.id)
    return link
