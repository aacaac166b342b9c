"""An appeal on its way: questions, messages that are taken into it, its preview, and the press that sends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import StateFilter
from aiogram.fsm.state import State

from fsm.appeals import AppealDraft, Appealing, OfferedWords
from handlers.appeals import draft_screens as screens
from handlers.appeals.callbacks import (
    ContactWay,
    NewAppeal,
    OnContact,
    OnDraft,
    Part,
    PickPlace,
    PickSubject,
    SendWords,
    UseName,
)
from handlers.appeals.openings import opening_of
from handlers.appeals.router import open_list
from handlers.appeals.screens import offer as offered
from handlers.appeals.screens import sent
from handlers.appeals.typed import (
    LONGEST_ADDRESS,
    LONGEST_LOCALITY,
    LONGEST_NAME,
    name_of,
    phone_of,
    place_of,
    written_of,
)
from handlers.conversation import Conversation
from handlers.filters import Pressed
from handlers.home.router import show_home
from handlers.show import Screen
from handlers.typed import email_of, text_of
from locales import _
from services.accounts.accounts import is_linked, link_of, owned
from services.appeals.appeals import Appeals
from services.appeals.errors import NothingToSend, TooManyFiles
from services.appeals.files import MOST
from services.appeals.models import About, AppealToSend, Contact, Written
from services.appeals.settings import AppealSettings
from services.customers.addresses import meant
from services.customers.models import Customer
from services.errors import DraftLost
from services.readings.numbers import looks_like_account, looks_like_readings

router = Router(name="appeal drafts")


# Beginning


@router.callback_query(Pressed(NewAppeal))
async def begin(talk: Conversation, callback_data: NewAppeal) -> None:
    """A draft that has words already is gone on with."""
    talk.use(Appeals).require()
    opening = await opening_of(talk, callback_data)
    draft = await talk.find_draft(AppealDraft)
    if draft is None or not draft.messages:
        draft = AppealDraft(about=_first_place(talk.customer))
    if opening:
        shown = await talk.show(Screen(opening.words), fresh=True)
        said = Written(side=opening.side, chat=talk.chat_id, message=shown, at=opening.at, text=opening.words)
        draft.about = About(opening.account) if opening.account else draft.about
        draft.opening = said
        known = {one.key for one in talk.use(Appeals).subjects(draft.about)}
        draft.subject = opening.subject if opening.subject in known else draft.subject
    await go_on(talk, draft, fresh=callback_data.fresh or opening is not None)


def _first_place(customer: Customer) -> About:
    return About(customer.current.account) if customer.current else About()


@router.callback_query(Pressed(SendWords))
async def begin_with_words(talk: Conversation, callback_data: SendWords) -> None:
    """Pressed twice, it is the same draft."""
    talk.use(Appeals).require()
    draft, words = await talk.find_draft(AppealDraft), await talk.find_draft(OfferedWords)
    if words and words.id == callback_data.draft:
        draft = AppealDraft(id=words.id, about=_first_place(talk.customer), messages=words.messages)
        await talk.drop(OfferedWords)
    if draft is None or draft.id != callback_data.draft:
        await _tell_of_sent(talk, callback_data.draft)
        return
    await go_on(talk, draft)


async def go_on(talk: Conversation, draft: AppealDraft, *, fresh: bool = False) -> None:
    """The next question, or the preview. An account that has been unlinked meanwhile is left out."""
    if draft.about.account and not is_linked(talk.customer, draft.about.account):
        draft.about = _first_place(talk.customer)
    await ask(talk, draft, draft.missing, fresh=fresh)


async def ask(talk: Conversation, draft: AppealDraft, step: State, *, fresh: bool = False) -> None:
    await talk.save(draft, step)
    shown = await talk.show(await _screen(talk, draft, step), fresh=fresh)
    if step is Appealing.preview:
        if draft.shown not in (None, shown):
            await talk.strip(draft.shown or 0)
        draft.shown = shown
        await talk.save(draft)


async def _screen(talk: Conversation, draft: AppealDraft, step: State) -> Screen:
    own, settings = talk.customer.email, talk.use(AppealSettings)
    if step is Appealing.subject:
        return screens.ask_subject(draft, talk.use(Appeals).subjects(draft.about))
    if step is Appealing.name:
        last = await talk.use(Appeals).last_contact(talk.customer)
        return screens.ask_name(draft, last.name, _first_name(talk))
    if step is Appealing.contact:
        return screens.ask_contact(draft, own)
    if step is Appealing.preview:
        link = link_of(talk.customer, draft.about.account) if draft.about.account else None
        return screens.preview(draft, settings, link, own)
    return _PLAIN[step](draft)


_PLAIN: dict[State, Callable[[AppealDraft], Screen]] = {
    Appealing.locality: screens.ask_locality,
    Appealing.address: screens.ask_address,
    Appealing.text: screens.ask_text,
}


def _first_name(talk: Conversation) -> str:
    user = talk.event.from_user
    name = " ".join((user.first_name if user else "").split())
    return name if len(name) <= LONGEST_NAME else ""


# Messages that are parts of it


@router.message(StateFilter(Appealing.subject, Appealing.text, Appealing.preview))
@router.edited_message(StateFilter(Appealing.subject, Appealing.text, Appealing.preview))
async def take_message(talk: Conversation) -> None:
    """Numbers alone are no question: they are taken as if nothing had been asked. Of an album the first part is
    answered, and the first one that finds no room."""
    message, draft = talk.message, await talk.draft(AppealDraft)
    known = any(one.message == message.message_id for one in draft.messages)
    if message.edit_date and not known:
        raise SkipHandler
    if message.text and (looks_like_readings(message.text) or looks_like_account(message.text)):
        raise SkipHandler
    written = written_of(message)
    try:
        taken, quiet = draft.take(written), draft.has_album(written.album) and not known
    except TooManyFiles:
        if written.album and written.album == draft.refused:
            return
        await talk.save(draft.model_copy(update={"refused": written.album}))
        raise
    if quiet:
        await talk.save(taken)
    else:
        await go_on(talk, taken)


# Answers to questions


@router.callback_query(Pressed(PickSubject))
async def pick_subject(talk: Conversation, callback_data: PickSubject) -> None:
    draft = await _draft(talk, callback_data.draft)
    if callback_data.key not in {one.key for one in talk.use(Appeals).subjects(draft.about)}:
        raise DraftLost
    draft.subject = callback_data.key
    await go_on(talk, draft)


@router.callback_query(Pressed(PickPlace))
async def pick_place(talk: Conversation, callback_data: PickPlace) -> None:
    draft = await _draft(talk, callback_data.draft)
    draft.about = About(owned(talk.customer, callback_data.link).account) if callback_data.link else About()
    await go_on(talk, draft)


@router.message(StateFilter(Appealing.locality))
@router.edited_message(StateFilter(Appealing.locality))
async def take_locality(talk: Conversation) -> None:
    locality = place_of(talk.message, LONGEST_LOCALITY, _("г. Воронеж"))
    draft = await talk.draft(AppealDraft)
    draft.about = replace(draft.about, locality=locality)
    await go_on(talk, draft)


@router.message(StateFilter(Appealing.address))
@router.edited_message(StateFilter(Appealing.address))
async def take_address(talk: Conversation) -> None:
    address = place_of(talk.message, LONGEST_ADDRESS, _("ул. Лизюкова, д. 12, кв. 45"))
    draft = await talk.draft(AppealDraft)
    draft.about = replace(draft.about, address=address)
    await go_on(talk, draft)


@router.message(StateFilter(Appealing.name))
@router.edited_message(StateFilter(Appealing.name))
async def take_name(talk: Conversation) -> None:
    await _name(talk, await talk.draft(AppealDraft), name_of(talk.message))


@router.callback_query(Pressed(UseName))
async def use_name(talk: Conversation, callback_data: UseName) -> None:
    draft = await _draft(talk, callback_data.draft)
    last = (await talk.use(Appeals).last_contact(talk.customer)).name if callback_data.last else _first_name(talk)
    if not last:
        raise DraftLost
    await _name(talk, draft, last)


async def _name(talk: Conversation, draft: AppealDraft, name: str) -> None:
    """The phone of the last appeal is proposed with the name."""
    draft.contact = replace(draft.contact, name=name)
    if not (draft.contacted or draft.contact.phone or draft.contact.email):
        last = await talk.use(Appeals).last_contact(talk.customer)
        draft.contact = replace(last, name=name)
    await go_on(talk, draft)


@router.message(StateFilter(Appealing.contact))
@router.edited_message(StateFilter(Appealing.contact))
async def take_contact(talk: Conversation) -> None:
    """An address or a phone; the next one replaces it."""
    message, draft = talk.message, await talk.draft(AppealDraft)
    if message.contact or "@" not in text_of(message):
        draft.contact = replace(draft.contact, phone=phone_of(message), by_mail_only=False)
    else:
        address = email_of(message)
        if probable := meant(address):
            draft.doubted = address
            await talk.save(draft, Appealing.contact)
            await talk.show(screens.doubt_email(draft, probable))
            return
        draft.contact = replace(draft.contact, email=address)
    await ask(talk, draft, Appealing.contact)


@router.callback_query(Pressed(OnContact))
async def settle_contact(talk: Conversation, callback_data: OnContact) -> None:
    draft, way = await _draft(talk, callback_data.draft), callback_data.way
    draft.contact = _settled(draft, way, talk.customer.email)
    draft.contacted = way in (ContactWay.DONE, ContactWay.MAIL_ONLY) or draft.contacted
    if way in (ContactWay.DONE, ContactWay.MAIL_ONLY):
        await go_on(talk, draft)
    else:
        await ask(talk, draft, Appealing.contact)


def _settled(draft: AppealDraft, way: ContactWay, own: str | None) -> Contact:
    """Raises DraftLost where the button is older than the address."""
    contact = draft.contact
    addresses = {ContactWay.OWN: own, ContactWay.FIX: meant(draft.doubted), ContactWay.KEEP: draft.doubted}
    if way in addresses:
        address = addresses[way]
        if not address:
            raise DraftLost
        return replace(contact, email=address)
    if way is ContactWay.MAIL_ONLY:
        return replace(contact, phone="", by_mail_only=bool(contact.email))
    return Contact(name=contact.name) if way is ContactWay.DROP else contact


# Buttons of the preview


@router.callback_query(Pressed(OnDraft, Part.SUBJECT))
async def change_subject(talk: Conversation, callback_data: OnDraft) -> None:
    await ask(talk, await _draft(talk, callback_data.draft), Appealing.subject)


@router.callback_query(Pressed(OnDraft, Part.PLACE))
async def change_place(talk: Conversation, callback_data: OnDraft) -> None:
    draft = await _draft(talk, callback_data.draft)
    if talk.customer.links:
        await talk.save(draft, Appealing.preview)
        await talk.show(screens.ask_place(draft, talk.customer.links))
        return
    draft.about = About()
    await go_on(talk, draft)


@router.callback_query(Pressed(OnDraft, Part.NAME))
async def change_name(talk: Conversation, callback_data: OnDraft) -> None:
    await ask(talk, await _draft(talk, callback_data.draft), Appealing.name)


@router.callback_query(Pressed(OnDraft, Part.CONTACT))
async def change_contact(talk: Conversation, callback_data: OnDraft) -> None:
    await ask(talk, await _draft(talk, callback_data.draft), Appealing.contact)


@router.callback_query(Pressed(OnDraft, Part.TEXT))
async def change_text(talk: Conversation, callback_data: OnDraft) -> None:
    """The next words stand in the place of those that there are."""
    draft = await _draft(talk, callback_data.draft)
    draft.rewriting = True
    await ask(talk, draft, Appealing.text)


@router.callback_query(Pressed(OnDraft, Part.FILES))
async def change_files(talk: Conversation, callback_data: OnDraft) -> None:
    draft = await _draft(talk, callback_data.draft)
    await talk.save(draft, Appealing.preview)
    await talk.show(screens.ask_files(draft))


@router.callback_query(Pressed(OnDraft, Part.NO_FILES))
async def drop_files(talk: Conversation, callback_data: OnDraft) -> None:
    await go_on(talk, (await _draft(talk, callback_data.draft)).without_files())


@router.callback_query(Pressed(OnDraft, Part.BACK))
async def go_back(talk: Conversation, callback_data: OnDraft) -> None:
    """To the preview, or to the question before; there is none before the first one."""
    draft = await _draft(talk, callback_data.draft)
    if draft.missing is Appealing.subject:
        await talk.save(draft)
        await open_list(talk)
        return
    draft.rewriting = False
    await go_on(talk, draft if draft.complete else draft.step_back())


@router.callback_query(Pressed(OnDraft, Part.CANCEL))
async def cancel(talk: Conversation, callback_data: OnDraft) -> None:
    await _draft(talk, callback_data.draft)
    await talk.drop(AppealDraft)
    await show_home(talk)


@router.callback_query(Pressed(OnDraft, Part.SEND))
async def send(talk: Conversation, callback_data: OnDraft) -> None:
    draft = await talk.find_draft(AppealDraft)
    if draft is None or draft.id != callback_data.draft:
        await _tell_of_sent(talk, callback_data.draft)
        return
    if not draft.complete:
        raise NothingToSend
    appeals = talk.use(Appeals)
    result = await appeals.send(
        talk.customer, AppealToSend(draft.id, draft.about, draft.subject, draft.contact, draft.written)
    )
    await talk.drop(AppealDraft)
    await talk.drop(OfferedWords)  # those before it are said
    await talk.retire()
    await talk.show(sent(result, appeals.zone(result.appeal)), fresh=True)


async def _draft(talk: Conversation, draft_id: str) -> AppealDraft:
    return await talk.draft(AppealDraft, draft_id)


async def _tell_of_sent(talk: Conversation, key: str) -> None:
    """A second press. Raises DraftLost where no appeal came of the draft."""
    appeal = await talk.use(Appeals).find(talk.customer, key)
    if appeal is None:
        raise DraftLost
    await talk.say(_("Обращение {number} уже отправлено.").format(number=appeal.title_number))


# Words that no question had asked for


async def offer(talk: Conversation) -> Screen:
    """The offer to send a message to the staff, together with those just before it."""
    written, before = written_of(talk.message), await talk.find_draft(OfferedWords)
    earlier = before.messages if before and before.goes_on(written.at) else ()
    others = tuple(one for one in earlier if one.message != written.message)
    draft = OfferedWords(messages=(*others, written)[-MOST:])
    await talk.save(draft)
    text = "\n".join(one.text for one in draft.messages if one.text)
    return offered(text, sum(one.file is not None for one in draft.messages), draft.id)
