"""Proving that an account is one's own, and undoing a proof by somebody else."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from fsm.proofs import ProofDraft, Proving
from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.filters import Pressed
from handlers.proofs import screens
from handlers.proofs.callbacks import Disown
from handlers.show import show
from handlers.typed import text_of
from services.accounts.accounts import owned
from services.accounts.errors import NoGuessesLeft, NothingPaid, RoundSum, SumNotFound
from services.accounts.proofs import Proofs
from services.customers.models import Customer
from services.payments import sums

router = Router(name="proofs")


@router.callback_query(Pressed(OnAccount, AccountAction.PROVE))
async def ask_sum(
    callback: CallbackQuery, callback_data: OnAccount, customer: Customer, proofs: Proofs, state: FSMContext
) -> None:
    link = owned(customer, callback_data.link)
    if link.verified:
        await show(callback, screens.proved(link))
        return
    await ProofDraft(link_id=link.id).save(state)
    await state.set_state(Proving.sum)
    await show(callback, screens.ask_sum(link, await proofs.terms(customer, link)))


@router.message(StateFilter(Proving.sum))
@router.edited_message(StateFilter(Proving.sum))
async def take_sum(message: Message, customer: Customer, proofs: Proofs, state: FSMContext) -> None:
    draft = await ProofDraft.load(state)
    guess = sums.kopecks(text_of(message))
    try:
        link = await proofs.prove(customer, draft.link_id, guess, f"{message.chat.id}:{message.message_id}:{guess}")
    except (NothingPaid, RoundSum, SumNotFound, NoGuessesLeft) as error:
        await show(message, screens.pay_instead(owned(customer, draft.link_id), error))
        return
    await ProofDraft.drop(state)
    await show(message, screens.proved(link))


@router.callback_query(Pressed(Disown))
async def disown(callback: CallbackQuery, callback_data: Disown, customer: Customer, proofs: Proofs) -> None:
    await proofs.disown(customer, callback_data.own, callback_data.link)
    await show(callback, screens.disowned())
