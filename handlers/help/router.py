"""Help: phones, offices, how to read a meter, the documents. Open to everybody."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.callbacks import Go, Place
from handlers.filters import OPEN, Asked, Pressed
from handlers.help import screens
from handlers.help.callbacks import Offices
from handlers.show import Event, show
from handlers.start.screens import documents
from services.customers.models import Customer
from services.supplier.profile import SupplierProfile

router = Router(name="help")


@router.message(Asked("help"), flags=OPEN)
@router.callback_query(Pressed(Go, Place.HELP), flags=OPEN)
async def open_help(event: Event, customer: Customer, profile: SupplierProfile) -> None:
    await show(event, screens.help_screen(profile, agreed=customer.agreed))


@router.callback_query(Pressed(Go, Place.GUIDE), flags=OPEN)
async def show_guide(callback: CallbackQuery) -> None:
    await show(callback, screens.guide())


@router.callback_query(Pressed(Go, Place.DOCUMENTS), flags=OPEN)
async def list_documents(callback: CallbackQuery) -> None:
    await show(callback, documents())


@router.callback_query(Pressed(Go, Place.OFFICES), flags=OPEN)
async def show_offices(callback: CallbackQuery, customer: Customer, profile: SupplierProfile) -> None:
    region = profile.region_of(customer.current.account) if customer.current else None
    await show(callback, screens.offices(profile, region if region in profile.regions else None))


@router.callback_query(Pressed(Offices), flags=OPEN)
async def show_region(callback: CallbackQuery, callback_data: Offices, profile: SupplierProfile) -> None:
    known = 0 <= callback_data.region < len(profile.regions)
    await show(callback, screens.offices(profile, profile.regions[callback_data.region] if known else None))
