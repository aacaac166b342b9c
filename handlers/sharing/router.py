"""Letting others in to one's account: invitations, who has it, the journal."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery
from aiogram.utils.deep_linking import create_start_link

from fsm.sharing import InvitationDraft
from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.filters import Pressed
from handlers.home.router import show_home
from handlers.sharing import screens
from handlers.sharing.callbacks import Invite, Join, Revoke, Uninvite
from handlers.show import Event, show
from services.accounts import names
from services.accounts.accounts import Accounts, owned, proved
from services.accounts.models import Link
from services.accounts.sharing import Sharing
from services.cards import Cards
from services.customers.models import Customer
from services.supplier.profile import SupplierProfile

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
    await InvitationDraft.drop(state)
    await show_home(callback, await accounts.refresh(customer), cards, state)


@router.callback_query(Pressed(OnAccount, AccountAction.INVITE))
async def ask_role(callback: CallbackQuery, callback_data: OnAccount, customer: Customer) -> None:
    link = proved(customer, callback_data.link)
    await show(callback, screens.closed_to_others(link) if link.control.closed else screens.ask_role(link))


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
    await list_members(callback, owned(customer, callback_data.link), customer, sharing, profile)


async def list_members(
    callback: CallbackQuery, link: Link, customer: Customer, sharing: Sharing, profile: SupplierProfile
) -> None:
    others = await sharing.members(customer, link.id)
    await show(callback, screens.members(link, others, profile.region_of(link.account).timezone))


@router.callback_query(Pressed(Uninvite))
async def uninvite(
    callback: CallbackQuery, callback_data: Uninvite, customer: Customer, sharing: Sharing, profile: SupplierProfile
) -> None:
    link = await sharing.uninvite(customer, callback_data.link, callback_data.invitation)
    await list_members(callback, link, customer, sharing, profile)


@router.callback_query(Pressed(Revoke))
async def revoke(
    callback: CallbackQuery, callback_data: Revoke, customer: Customer, sharing: Sharing, profile: SupplierProfile
) -> None:
    link = await sharing.revoke(customer, callback_data.member)
    await list_members(callback, link, customer, sharing, profile)


@router.callback_query(Pressed(OnAccount, AccountAction.JOURNAL))
async def show_journal(
    callback: CallbackQuery, callback_data: OnAccount, customer: Customer, sharing: Sharing, profile: SupplierProfile
) -> None:
    link = owned(customer, callback_data.link)
    entries = await sharing.journal(customer, link.id)
    await show(callback, screens.journal(link, entries, profile.region_of(link.account).timezone))


def _name(event: Event) -> str:
    """As Telegram shows it."""
    return names.visible(event.from_user.full_name) if event.from_user else ""
