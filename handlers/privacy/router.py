"""What a person may ask about their own data. Open also to those who withdrew their consents."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.enums import ChatAction
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery

from fsm.privacy import ErasureDraft
from handlers.callbacks import Go, Place
from handlers.filters import OPEN, Pressed
from handlers.privacy import screens
from handlers.privacy.callbacks import ConsentAction, Erase, OnConsent
from handlers.privacy.my_data import my_data_file
from handlers.show import chat_of, show
from services.accounts.accounts import Accounts
from services.customers.models import Customer, GivenConsent
from services.customers.privacy import Privacy
from services.supplier.profile import SupplierProfile

router = Router(name="privacy")


@router.callback_query(Pressed(Go, Place.MY_DATA), flags=OPEN)
async def open_my_data(callback: CallbackQuery, state: FSMContext) -> None:
    await state.set_state(None)
    await show(callback, screens.my_data())


@router.callback_query(Pressed(Go, Place.MY_CONSENTS), flags=OPEN)
async def list_consents(
    callback: CallbackQuery, customer: Customer, privacy: Privacy, profile: SupplierProfile
) -> None:
    await show(callback, screens.consents(await privacy.consents(customer), profile.zone_of(customer)))


@router.callback_query(Pressed(OnConsent, ConsentAction.VIEW), flags=OPEN)
async def show_consent(
    callback: CallbackQuery,
    callback_data: OnConsent,
    customer: Customer,
    privacy: Privacy,
    profile: SupplierProfile,
) -> None:
    if given := await _find(privacy, customer, callback_data.given):
        await show(callback, screens.consent(given, profile.zone_of(customer)))
    else:
        await list_consents(callback, customer, privacy, profile)


@router.callback_query(Pressed(OnConsent, ConsentAction.WITHDRAW), flags=OPEN)
async def ask_withdrawal(
    callback: CallbackQuery,
    callback_data: OnConsent,
    customer: Customer,
    privacy: Privacy,
    profile: SupplierProfile,
) -> None:
    given = await _find(privacy, customer, callback_data.given)
    if given and not given.withdrawn_at:
        await show(callback, screens.confirm_withdrawal(given))
    else:
        await list_consents(callback, customer, privacy, profile)


@router.callback_query(Pressed(OnConsent, ConsentAction.WITHDRAW_YES), flags=OPEN)
async def withdraw(
    callback: CallbackQuery,
    callback_data: OnConsent,
    customer: Customer,
    accounts: Accounts,
    privacy: Privacy,
    profile: SupplierProfile,
    state: FSMContext,
) -> None:
    """The button of a consent that was withdrawn and given again only shows what holds now."""
    await privacy.withdraw(customer, callback_data.given)
    customer = await accounts.refresh(customer)
    if customer.agreed:
        await list_consents(callback, customer, privacy, profile)
        return
    await state.clear()
    await show(callback, screens.withdrawn())


@router.callback_query(Pressed(Go, Place.EXPORT), flags=OPEN)
async def send_everything(callback: CallbackQuery, bot: Bot, customer: Customer, privacy: Privacy) -> None:
    await bot.send_chat_action(chat_of(callback), ChatAction.UPLOAD_DOCUMENT)
    name, content = my_data_file(await privacy.everything(customer))
    await bot.send_document(chat_of(callback), BufferedInputFile(content, name))


@router.callback_query(Pressed(Go, Place.ERASURE), flags=OPEN)
async def explain_erasure(callback: CallbackQuery) -> None:
    await show(callback, screens.erasure())


@router.callback_query(Pressed(Go, Place.ERASE), flags=OPEN)
async def ask_erasure(callback: CallbackQuery, state: FSMContext) -> None:
    draft = ErasureDraft()
    await draft.save(state)
    await show(callback, screens.confirm_erasure(draft.id))


@router.callback_query(Pressed(Erase), flags=OPEN)
async def erase(
    callback: CallbackQuery, callback_data: Erase, customer: Customer, privacy: Privacy, state: FSMContext
) -> None:
    """The question goes with everything else: pressed twice, or run again after a kill, this finds somebody new,
    who goes again."""
    draft = await ErasureDraft.find(state)
    if (draft is None or draft.id != callback_data.draft) and not _is_new(customer):
        await ask_erasure(callback, state)
        return
    await privacy.erase(customer)
    await show(callback, screens.erased())


def _is_new(customer: Customer) -> bool:
    return not customer.consents and not customer.links


async def _find(privacy: Privacy, customer: Customer, given: int) -> GivenConsent | None:
    """The customer's own; None also for one that another took the place of."""
    return next((one for one in await privacy.consents(customer) if one.id == given), None)
