"""A person's own data. Open also to those who withdrew their consents."""

from __future__ import annotations

from aiogram import Router
from aiogram.enums import ChatAction

from fsm.privacy import ErasureDraft
from handlers.callbacks import Go, Place
from handlers.conversation import Conversation
from handlers.filters import OPEN, Pressed
from handlers.privacy import screens
from handlers.privacy.callbacks import ConsentAction, Erase, OnConsent
from handlers.privacy.my_data import my_data_file
from services.accounts.accounts import Accounts
from services.customers.models import Customer, GivenConsent
from services.customers.privacy import Privacy
from services.supplier.profile import SupplierProfile

router = Router(name="privacy")


@router.callback_query(Pressed(Go, Place.MY_DATA), flags=OPEN)
async def open_my_data(talk: Conversation) -> None:
    await talk.expect(None)
    await talk.show(screens.my_data())


@router.callback_query(Pressed(Go, Place.MY_CONSENTS), flags=OPEN)
async def list_consents(talk: Conversation) -> None:
    given, zone = await talk.use(Privacy).consents(talk.customer), talk.use(SupplierProfile).zone_of(talk.customer)
    await talk.show(screens.consents(given, zone))


@router.callback_query(Pressed(OnConsent, ConsentAction.VIEW), flags=OPEN)
async def show_consent(talk: Conversation, callback_data: OnConsent) -> None:
    if given := await _find(talk, callback_data.given):
        await talk.show(screens.consent(given, talk.use(SupplierProfile).zone_of(talk.customer)))
    else:
        await list_consents(talk)


@router.callback_query(Pressed(OnConsent, ConsentAction.WITHDRAW), flags=OPEN)
async def ask_withdrawal(talk: Conversation, callback_data: OnConsent) -> None:
    given = await _find(talk, callback_data.given)
    if given and not given.withdrawn_at:
        await talk.show(screens.confirm_withdrawal(given))
    else:
        await list_consents(talk)


@router.callback_query(Pressed(OnConsent, ConsentAction.WITHDRAW_YES), flags=OPEN)
async def withdraw(talk: Conversation, callback_data: OnConsent) -> None:
    """The button of a consent that was withdrawn and given again only shows what holds now."""
    await talk.use(Privacy).withdraw(talk.customer, callback_data.given)
    talk.customer = await talk.use(Accounts).refresh(talk.customer)
    if talk.customer.agreed:
        await list_consents(talk)
        return
    await talk.state.clear()
    await talk.show(screens.withdrawn())


@router.callback_query(Pressed(Go, Place.EXPORT), flags=OPEN)
async def send_everything(talk: Conversation) -> None:
    await talk.show_action(ChatAction.UPLOAD_DOCUMENT)
    name, content = my_data_file(await talk.use(Privacy).everything(talk.customer))
    await talk.send_document(content, name)


@router.callback_query(Pressed(Go, Place.ERASURE), flags=OPEN)
async def explain_erasure(talk: Conversation) -> None:
    await talk.show(screens.erasure())


@router.callback_query(Pressed(Go, Place.ERASE), flags=OPEN)
async def ask_erasure(talk: Conversation) -> None:
    draft = ErasureDraft()
    await talk.save(draft)
    await talk.show(screens.confirm_erasure(draft.id))


@router.callback_query(Pressed(Erase), flags=OPEN)
async def erase(talk: Conversation, callback_data: Erase) -> None:
    """The question goes with everything else: pressed twice, or run again after a kill, this finds somebody new,
    who goes again."""
    draft = await talk.find_draft(ErasureDraft)
    if (draft is None or draft.id != callback_data.draft) and not _is_new(talk.customer):
        await ask_erasure(talk)
        return
    await talk.use(Privacy).erase(talk.customer)
    await talk.show(screens.erased())


def _is_new(customer: Customer) -> bool:
    return not customer.consents and not customer.links


async def _find(talk: Conversation, given: int) -> GivenConsent | None:
    """The customer's own; None also for one that another took the place of."""
    return next((one for one in await talk.use(Privacy).consents(talk.customer) if one.id == given), None)
