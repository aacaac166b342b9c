"""Letting others in to one's account: invitations, who has it, the journal."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery
from aiogram.utils.deep_linking import create_start_link

from fsm.drafts import InvitationDraft
from handlers.callbacks import AccountAction, Invite, Join, OnAccount, Revoke
from handlers.filters import Pressed
from handlers.home import show_home
from handlers.screens import sharing as screens
from handlers.show import Event, show
from services.accounts import Accounts, owned
from services.cards import Cards
from services.models import Customer, Link
from services.profile import SupplierProfile
from services.sharing import Sharing

router = Router(name="sharing")
INVITATION = "inv_"  # how the payload of an invitation's link begins


async def ask_join(event: Event, token: str, customer: Customer, sharing: Sharing, state: FSMContext) -> None:
    """An invitation waits for a press."""
    invitation = await sharing.look_at(customer, token)
    draft = InvitationDraft(token=token)
    await draft.save(state)
    await show(event, screens.ask_join(invitation, _name(event), draft.id))


@router.callback_query(Pressed(Join))
async def join(
    callback: CallbackQuery,
    callback_data: Join,
    customer: Customer,
    sharing: Sharing,
    accounts: Accounts,
    cards: Cards,
    state: FSMContext,
) -> None:
    draft = await InvitationDraft.load(state, callback_data.draft)
    await sharing.join(customer, draft.token, _name(callback))
    await state.clear()
    await show_home(callback, await accounts.refresh(customer), cards, state)


@router.callback_query(Pressed(OnAccount, AccountAction.INVITE))
async def ask_role(callback: CallbackQuery, callback_data: OnAccount, customer: Customer) -> None:
    await show(callback, screens.ask_role(owned(customer, callback_data.link)))


@router.callback_query(Pressed(Invite))
async def invite(
    callback: CallbackQuery, callback_data: Invite, customer: Customer, sharing: Sharing, bot: Bot
) -> None:
    link = owned(customer, callback_data.link)
    token = await sharing.invite(customer, link.id, callback_data.role, callback.id)
    url = await create_start_link(bot, INVITATION + token)
    await show(callback, screens.invited(link, callback_data.role, url))


@router.callback_query(Pressed(OnAccount, AccountAction.MEMBERS))
async def show_members(
    callback: CallbackQuery, callback_data: OnAccount, customer: Customer, sharing: Sharing, profile: SupplierProfile
) -> None:
    await _show_members(callback, owned(customer, callback_data.link), customer, sharing, profile)


async def _show_members(
    callback: CallbackQuery, link: Link, customer: Customer, sharing: Sharing, profile: SupplierProfile
) -> None:
    others = await sharing.members(customer, link.id)
    await show(callback, screens.members(link, others, profile.region_of(link.account).timezone))


@router.callback_query(Pressed(Revoke))
async def revoke(
    callback: CallbackQuery, callback_data: Revoke, customer: Customer, sharing: Sharing, profile: SupplierProfile
) -> None:
    link = await sharing.revoke(customer, callback_data.member)
    await _show_members(callback, link, customer, sharing, profile)


@router.callback_query(Pressed(OnAccount, AccountAction.JOURNAL))
async def show_journal(
    callback: CallbackQuery, callback_data: OnAccount, customer: Customer, sharing: Sharing, profile: SupplierProfile
) -> None:
    link = owned(customer, callback_data.link)
    entries = await sharing.journal(customer, link.id)
    await show(callback, screens.journal(link, entries, profile.region_of(link.account).timezone))


def _name(event: Event) -> str:
    """As Telegram shows it, without characters that would turn a line around."""
    name = event.from_user.full_name if event.from_user else ""
    return "".join(character for character in name if character.isprintable())
