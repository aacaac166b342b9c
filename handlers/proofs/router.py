"""Proving that an account is one's own, and undoing a proof by somebody else."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import StateFilter

from fsm.proofs import ProofDraft, Proving
from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.conversation import Conversation
from handlers.filters import Asked, Pressed
from handlers.home.router import ask_first_account
from handlers.proofs import screens
from handlers.proofs.callbacks import Disown
from services.accounts.accounts import owned
from services.accounts.errors import NoGuessesLeft, NothingPaid, RoundSum, SumNotFound
from services.accounts.models import Link
from services.accounts.proofs import Proofs
from services.payments import sums
from services.receipts.subscriptions import Subscriptions

router = Router(name="proofs")


@router.message(Asked("verify"))
async def prove_current(talk: Conversation) -> None:
    """The account in view, or another one that is not proved yet."""
    current = talk.customer.current
    if current is None:
        await ask_first_account(talk)
        return
    await _ask_sum(talk, next((one for one in (current, *talk.customer.links) if not one.verified), current))


@router.callback_query(Pressed(OnAccount, AccountAction.PROVE))
async def ask_sum(talk: Conversation, callback_data: OnAccount) -> None:
    await _ask_sum(talk, owned(talk.customer, callback_data.link))


async def _ask_sum(talk: Conversation, link: Link) -> None:
    if link.verified:
        await _show_proved(talk, link)
        return
    await talk.save(ProofDraft(link_id=link.id), Proving.sum)
    await talk.show(screens.ask_sum(link, await talk.use(Proofs).terms(talk.customer, link)))


@router.message(StateFilter(Proving.sum))
@router.edited_message(StateFilter(Proving.sum))
async def take_sum(talk: Conversation) -> None:
    draft, message = await talk.draft(ProofDraft), talk.message
    guess = sums.kopecks(talk.text)
    key = f"{message.chat.id}:{message.message_id}:{guess}"
    try:
        link = await talk.use(Proofs).prove(talk.customer, draft.link_id, guess, key)
    except (NothingPaid, RoundSum, SumNotFound, NoGuessesLeft) as error:
        await talk.show(screens.pay_instead(owned(talk.customer, draft.link_id), error))
        return
    await talk.drop(ProofDraft)
    await _show_proved(talk, link)


async def _show_proved(talk: Conversation, link: Link) -> None:
    await talk.show(screens.proved(link, in_chat=await talk.use(Subscriptions).in_chat(link)))


@router.callback_query(Pressed(Disown))
async def disown(talk: Conversation, callback_data: Disown) -> None:
    await talk.use(Proofs).disown(talk.customer, callback_data.own, callback_data.link)
    await talk.show(screens.disowned())
