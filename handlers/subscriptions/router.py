"""Subscriptions to receipts: by e-mail, in the chat, and their end."""

from __future__ import annotations

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import StateFilter

from fsm.draft import new_id
from fsm.subscriptions import EndingDraft, Leaving, LeavingDraft, SubscribeDraft, Subscribing
from handlers.callbacks import Go, Place
from handlers.conversation import Conversation
from handlers.filters import Asked, Pressed
from handlers.home.router import ask_first_account
from handlers.subscriptions import screens
from handlers.subscriptions.callbacks import (
    Because,
    DeliveryAction,
    EndLetters,
    EndWay,
    FixAddress,
    KeepAddress,
    OnDelivery,
    StopFor,
    SwitchChat,
)
from handlers.typed import email_of
from services.accounts.accounts import Accounts, link_of, owned
from services.customers.addresses import meant
from services.errors import DraftLost
from services.readings.numbers import looks_like_account, looks_like_readings
from services.receipts.errors import NotSubscribed
from services.receipts.models import Reason
from services.receipts.subscriptions import Followed, ReceiptWays, Subscriptions, reason_of
from services.supplier.models import Month
from services.supplier.profile import SupplierProfile

router = Router(name="subscriptions")


@router.message(Asked("delivery"))
@router.callback_query(Pressed(Go, Place.DELIVERY))
async def open_deliveries(talk: Conversation) -> None:
    """A single account needs no list."""
    await talk.expect(None)
    current, found = talk.customer.current, await talk.use(Subscriptions).deliveries(talk.customer)
    if current is None:
        await ask_first_account(talk)
    elif len(found) > 1:
        await talk.show(screens.deliveries(found))
    else:
        await show_ways(talk, found[0].link.id if found else current.id)


@router.callback_query(Pressed(OnDelivery, DeliveryAction.SHOW))
async def show_delivery(talk: Conversation, callback_data: OnDelivery) -> None:
    await talk.expect(None)
    await show_ways(talk, callback_data.link)


async def show_ways(talk: Conversation, link_id: str, note: str = "", *, fresh: bool = False) -> None:
    link, subscriptions = owned(talk.customer, link_id), talk.use(Subscriptions)
    if not (link.shared or subscriptions.mailable(link)):
        await talk.show(screens.not_verified(link))
        return
    found = await subscriptions.delivery(talk.customer, link_id)
    zone = talk.use(SupplierProfile).region_of(link.account).timezone
    await talk.show(screens.delivery(found, zone, offered=subscriptions.offered, note=note), fresh=fresh)


# Beginning letters


@router.callback_query(Pressed(OnDelivery, DeliveryAction.JOIN))
async def show_conditions(talk: Conversation, callback_data: OnDelivery) -> None:
    found = await talk.use(Subscriptions).delivery(talk.customer, callback_data.link)
    if found.needs_no_paper or (talk.use(Subscriptions).offered and found.mail is None):
        await talk.show(screens.conditions(found))
    else:
        await show_ways(talk, callback_data.link)


@router.callback_query(Pressed(OnDelivery, DeliveryAction.AGREE))
async def agree(talk: Conversation, callback_data: OnDelivery) -> None:
    """Where letters come already, the consent is to do without paper."""
    found = await talk.use(Subscriptions).delivery(talk.customer, callback_data.link)
    if found.mail is None:
        await _ask_address(talk, found)
    else:
        await talk.use(Subscriptions).do_without_paper(talk.customer, callback_data.link)
        await show_ways(talk, callback_data.link)


@router.callback_query(Pressed(OnDelivery, DeliveryAction.CHANGE))
async def change(talk: Conversation, callback_data: OnDelivery) -> None:
    """The address of letters that come or wait for a link. A customer who has neither has not agreed to the
    conditions."""
    found = await talk.use(Subscriptions).delivery(talk.customer, callback_data.link)
    if found.mail or found.waiting:
        await _ask_address(talk, found)
    else:
        await show_ways(talk, callback_data.link)


async def _ask_address(talk: Conversation, found: ReceiptWays) -> None:
    if not talk.use(Subscriptions).offered:
        await show_ways(talk, found.link.id)
        return
    draft = SubscribeDraft(link_id=found.link.id)
    await talk.save(draft, Subscribing.address)
    await talk.show(screens.ask_address(found, talk.customer.email, draft.id))


@router.message(StateFilter(Subscribing.address))
@router.edited_message(StateFilter(Subscribing.address))
async def take_address(talk: Conversation) -> None:
    draft, address = await talk.draft(SubscribeDraft), email_of(talk.message)
    await _subscribe_or_doubt(talk, draft, address)


async def change_pending(talk: Conversation, account: str) -> None:
    """Another address, typed while the first one waits for its link."""
    draft = SubscribeDraft(link_id=link_of(talk.customer, account).id)
    await _subscribe_or_doubt(talk, draft, email_of(talk.message))


async def _subscribe_or_doubt(talk: Conversation, draft: SubscribeDraft, address: str) -> None:
    draft.typed = address
    if probable := meant(address):
        await talk.save(draft, Subscribing.address)
        await talk.show(screens.doubt_address(address, probable, draft.id))
    else:
        await _subscribe(talk, draft, address)


@router.callback_query(Pressed(FixAddress))
async def settle_doubt(talk: Conversation, callback_data: FixAddress) -> None:
    draft = await talk.draft(SubscribeDraft, callback_data.draft)
    if not draft.typed:
        raise DraftLost
    await _subscribe(talk, draft, (meant(draft.typed) if callback_data.fix else None) or draft.typed)


@router.callback_query(Pressed(KeepAddress))
async def keep_address(talk: Conversation, callback_data: KeepAddress) -> None:
    draft = await talk.draft(SubscribeDraft, callback_data.draft)
    if talk.customer.email is None:
        raise DraftLost  # it has been removed since
    await _subscribe(talk, draft, talk.customer.email)


async def _subscribe(talk: Conversation, draft: SubscribeDraft, address: str) -> None:
    """The draft's id is the request's: when the update runs again, it is the same one."""
    if draft.done:
        await show_ways(talk, draft.link_id)
        return
    name = (await talk.bot.me()).username or ""
    known = await talk.use(Subscriptions).subscribe(talk.customer, draft.link_id, address, draft.id, name)
    await talk.save(draft.model_copy(update={"done": True}))
    await talk.expect(None)
    talk.customer = await talk.use(Accounts).refresh(talk.customer)
    await show_ways(talk, draft.link_id, screens.subscribed(known) if known else "")


@router.callback_query(Pressed(OnDelivery, DeliveryAction.AGAIN))
async def send_again(talk: Conversation, callback_data: OnDelivery) -> None:
    found = await talk.use(Subscriptions).delivery(talk.customer, callback_data.link)
    if found.waiting:
        name = (await talk.bot.me()).username or ""
        address, link_id = found.waiting.address, found.link.id
        await talk.use(Subscriptions).subscribe(talk.customer, link_id, address, new_id(), name)
    await show_ways(talk, callback_data.link)


@router.callback_query(Pressed(OnDelivery, DeliveryAction.TAKE_BACK))
async def take_back(talk: Conversation, callback_data: OnDelivery) -> None:
    await talk.use(Subscriptions).take_back(talk.customer, callback_data.link)
    await show_ways(talk, callback_data.link)


@router.callback_query(Pressed(OnDelivery, DeliveryAction.PAPER))
async def bring_paper(talk: Conversation, callback_data: OnDelivery) -> None:
    await talk.use(Subscriptions).bring_paper(talk.customer, callback_data.link)
    await show_ways(talk, callback_data.link, screens.paper_is_back())


# Ending them


@router.callback_query(Pressed(OnDelivery, DeliveryAction.LEAVE))
async def ask_reason(talk: Conversation, callback_data: OnDelivery) -> None:
    found = await talk.use(Subscriptions).delivery(talk.customer, callback_data.link)
    if found.mail is None:
        await show_ways(talk, callback_data.link)
        return
    draft = LeavingDraft(link_id=found.link.id)
    await talk.save(draft, Leaving.reason)
    await talk.show(screens.ask_reason(found, draft.id))


@router.callback_query(Pressed(Because))
async def choose_reason(talk: Conversation, callback_data: Because) -> None:
    leaving = await talk.draft(LeavingDraft, callback_data.draft)
    await _confirm(talk, EndingDraft(link_id=leaving.link_id, reason=callback_data.reason))


@router.message(StateFilter(Leaving.reason))
@router.edited_message(StateFilter(Leaving.reason))
async def take_reason(talk: Conversation) -> None:
    """Numbers are none: they are taken as if nothing had been asked."""
    if looks_like_readings(talk.text) or looks_like_account(talk.text):
        await talk.drop(LeavingDraft)
        raise SkipHandler
    leaving = await talk.draft(LeavingDraft)
    await _confirm(talk, EndingDraft(link_id=leaving.link_id, words=reason_of(talk.text)))


async def _confirm(talk: Conversation, draft: EndingDraft) -> None:
    """Say what the customer loses with the letters; the answer is a press."""
    found, address = await _letters(talk, draft)
    await talk.drop(LeavingDraft)
    offered = talk.use(Subscriptions).offered
    await talk.show(screens.confirm_end(found, address, draft.id, offered=offered))


async def _letters(talk: Conversation, draft: EndingDraft) -> tuple[ReceiptWays, str]:
    """The ways of the account's receipts, and the address that its letters go to. The draft keeps the month from which
    paper comes again. Raises NotSubscribed."""
    found = await talk.use(Subscriptions).delivery(talk.customer, draft.link_id)
    if found.mail is None:
        raise NotSubscribed
    draft.paper_from = found.paper_from.first if found.paper_from else None
    await talk.save(draft)
    return found, found.mail.address


@router.callback_query(Pressed(EndLetters, EndWay.LETTER))
async def send_end_letter(talk: Conversation, callback_data: EndLetters) -> None:
    draft = await talk.draft(EndingDraft, callback_data.draft)
    await _ask_to_end(talk, draft.link_id, draft.id, draft.reason, draft.words)


@router.callback_query(Pressed(OnDelivery, DeliveryAction.LEAVE_AGAIN))
async def send_end_letter_again(talk: Conversation, callback_data: OnDelivery) -> None:
    found = await talk.use(Subscriptions).delivery(talk.customer, callback_data.link)
    if found.ending:
        await _ask_to_end(talk, callback_data.link, new_id(), None)
    else:
        await show_ways(talk, callback_data.link)


async def _ask_to_end(talk: Conversation, link_id: str, request: str, reason: Reason | None, words: str = "") -> None:
    name = (await talk.bot.me()).username or ""
    await talk.use(Subscriptions).ask_to_end(talk.customer, link_id, request, name, reason, words)
    await show_ways(talk, link_id)


@router.callback_query(Pressed(OnDelivery, DeliveryAction.UNREACHED))
async def warn_while_waiting(talk: Conversation, callback_data: OnDelivery) -> None:
    """The letter with the link does not reach the customer."""
    await _warn(talk, EndingDraft(link_id=callback_data.link, reason=Reason.MAILBOX))


@router.callback_query(Pressed(EndLetters, EndWay.UNREACHED))
async def warn(talk: Conversation, callback_data: EndLetters) -> None:
    await _warn(talk, await talk.draft(EndingDraft, callback_data.draft))


async def _warn(talk: Conversation, draft: EndingDraft) -> None:
    found, address = await _letters(talk, draft)
    await talk.show(screens.confirm_end_now(found, address, draft.id))


@router.callback_query(Pressed(EndLetters, EndWay.NOW))
async def end_now(talk: Conversation, callback_data: EndLetters) -> None:
    draft = await talk.draft(EndingDraft, callback_data.draft)
    if draft.done and await talk.use(Subscriptions).by_mail(owned(talk.customer, draft.link_id)):
        raise DraftLost  # letters have been begun again since
    await talk.use(Subscriptions).end_now(talk.customer, draft.link_id, draft.id, draft.reason, draft.words)
    await talk.save(draft.model_copy(update={"done": True}))
    paper_from = Month.of(draft.paper_from) if draft.paper_from else None
    await show_ways(talk, draft.link_id, screens.ended(paper_from))


# Letters' links


async def follow_to_subscribe(talk: Conversation, token: str) -> None:
    found = await talk.use(Subscriptions).open(talk.customer, token)
    await _show_followed(talk, found, screens.followed(found))


async def follow_to_end(talk: Conversation, token: str) -> None:
    found = await talk.use(Subscriptions).open_end(talk.customer, token)
    await _show_followed(talk, found, screens.followed_to_end(found))


async def _show_followed(talk: Conversation, found: Followed, note: str) -> None:
    if found.link is None:
        await talk.show(screens.link_refused(note))
        return
    talk.customer = await talk.use(Accounts).refresh(talk.customer)
    await show_ways(talk, found.link.id, note)


# The chat, and others


@router.callback_query(Pressed(SwitchChat))
async def switch_chat(talk: Conversation, callback_data: SwitchChat) -> None:
    await talk.use(Subscriptions).switch_chat(talk.customer, callback_data.link, on=callback_data.on)
    await show_ways(talk, callback_data.link, fresh=callback_data.fresh)


@router.callback_query(Pressed(StopFor))
async def stop_for(talk: Conversation, callback_data: StopFor) -> None:
    link = await talk.use(Subscriptions).stop_for(talk.customer, callback_data.own, callback_data.link)
    await talk.show(screens.stopped_for(link))
