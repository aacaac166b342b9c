"""Family access: invitations, the people who have an account, its journal."""

from __future__ import annotations

from aiogram import Router
from aiogram.utils.deep_linking import create_start_link

from fsm.sharing import InvitationDraft
from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.callbacks import Go, Place
from handlers.conversation import Conversation
from handlers.filters import Pressed
from handlers.home.router import show_home
from handlers.sharing import screens
from handlers.sharing.callbacks import EndAccess, Invite, Join, Refuse, Revoke, Uninvite
from services.accounts import names
from services.accounts.accounts import Accounts, owned, proved
from services.accounts.models import Link
from services.accounts.sharing import Sharing
from services.supplier.profile import SupplierProfile

router = Router(name="sharing")
INVITATION = "inv_"  # how the payload of an invitation's link begins


async def ask_join(talk: Conversation, token: str) -> None:
    """An invitation waits for a press, and is offered among the accounts until then."""
    await _ask_join(talk, InvitationDraft(token=token))


@router.callback_query(Pressed(Go, Place.INVITATION))
async def ask_join_again(talk: Conversation) -> None:
    draft = await talk.draft(InvitationDraft)
    await talk.drop(InvitationDraft)
    await _ask_join(talk, draft)


async def _ask_join(talk: Conversation, draft: InvitationDraft) -> None:
    """One that is no longer good is not offered again."""
    invitation = await talk.use(Sharing).look_at(talk.customer, draft.token)
    await talk.save(draft)
    await talk.show(screens.ask_join(invitation, _name(talk), draft.id))


@router.callback_query(Pressed(Refuse))
async def refuse(talk: Conversation, callback_data: Refuse) -> None:
    await talk.draft(InvitationDraft, callback_data.draft)
    await talk.drop(InvitationDraft)
    await show_home(talk)


@router.callback_query(Pressed(Join))
async def join(talk: Conversation, callback_data: Join) -> None:
    draft = await talk.draft(InvitationDraft, callback_data.draft)
    await talk.use(Sharing).join(talk.customer, draft.token, _name(talk))
    await talk.drop(InvitationDraft)
    talk.customer = await talk.use(Accounts).refresh(talk.customer)
    await show_home(talk)


@router.callback_query(Pressed(OnAccount, AccountAction.INVITE))
async def ask_role(talk: Conversation, callback_data: OnAccount) -> None:
    link = proved(talk.customer, callback_data.link)
    await talk.show(screens.closed_to_others(link) if link.control.closed else screens.ask_role(link))


@router.callback_query(Pressed(Invite))
async def invite(talk: Conversation, callback_data: Invite) -> None:
    link = owned(talk.customer, callback_data.link)
    token = await talk.use(Sharing).invite(talk.customer, link.id, callback_data.role, talk.press.id, _name(talk))
    url = await create_start_link(talk.bot, INVITATION + token)
    await talk.show(screens.invited(link, callback_data.role, url))


@router.callback_query(Pressed(OnAccount, AccountAction.MEMBERS))
async def show_members(talk: Conversation, callback_data: OnAccount) -> None:
    await _list_members(talk, owned(talk.customer, callback_data.link))


async def _list_members(talk: Conversation, link: Link) -> None:
    others = await talk.use(Sharing).members(talk.customer, link.id)
    await talk.show(screens.members(link, others, talk.use(SupplierProfile).region_of(link.account).timezone))


@router.callback_query(Pressed(Uninvite))
async def uninvite(talk: Conversation, callback_data: Uninvite) -> None:
    await _list_members(
        talk, await talk.use(Sharing).uninvite(talk.customer, callback_data.link, callback_data.invitation)
    )


@router.callback_query(Pressed(EndAccess))
async def ask_end(talk: Conversation, callback_data: EndAccess) -> None:
    link = owned(talk.customer, callback_data.own)
    member = await talk.use(Sharing).member(talk.customer, link.id, callback_data.member)
    await talk.show(screens.confirm_end(link, member))


@router.callback_query(Pressed(Revoke))
async def revoke(talk: Conversation, callback_data: Revoke) -> None:
    await _list_members(talk, await talk.use(Sharing).revoke(talk.customer, callback_data.member))


@router.callback_query(Pressed(OnAccount, AccountAction.JOURNAL))
async def show_journal(talk: Conversation, callback_data: OnAccount) -> None:
    link = owned(talk.customer, callback_data.link)
    entries = await talk.use(Sharing).journal(talk.customer, link.id)
    await talk.show(screens.journal(link, entries, talk.use(SupplierProfile).region_of(link.account).timezone))


def _name(talk: Conversation) -> str:
    """As Telegram shows it."""
    user = talk.event.from_user
    return names.visible(user.full_name) if user else ""
