"""Help: phones, offices, how to read a meter, the documents. Open to everybody."""

from __future__ import annotations

from aiogram import Router

from handlers.callbacks import Go, Place
from handlers.conversation import Conversation
from handlers.filters import OPEN, Asked, Pressed
from handlers.help import screens
from handlers.help.callbacks import Offices
from handlers.start.screens import documents
from services.supplier.profile import SupplierProfile

router = Router(name="help")


@router.message(Asked("help"), flags=OPEN)
@router.callback_query(Pressed(Go, Place.HELP), flags=OPEN)
async def open_help(talk: Conversation) -> None:
    await talk.show(screens.help_screen(talk.use(SupplierProfile), agreed=talk.customer.agreed))


@router.callback_query(Pressed(Go, Place.GUIDE), flags=OPEN)
async def show_guide(talk: Conversation) -> None:
    await talk.show(screens.guide())


@router.callback_query(Pressed(Go, Place.DOCUMENTS), flags=OPEN)
async def list_documents(talk: Conversation) -> None:
    await talk.show(documents())


@router.callback_query(Pressed(Go, Place.OFFICES), flags=OPEN)
async def show_offices(talk: Conversation) -> None:
    profile, current = talk.use(SupplierProfile), talk.customer.current
    region = profile.region_of(current.account) if current else None
    await talk.show(screens.offices(profile, region if region in profile.regions else None))


@router.callback_query(Pressed(Offices), flags=OPEN)
async def show_region(talk: Conversation, callback_data: Offices) -> None:
    profile = talk.use(SupplierProfile)
    known = 0 <= callback_data.region < len(profile.regions)
    await talk.show(screens.offices(profile, profile.regions[callback_data.region] if known else None))
