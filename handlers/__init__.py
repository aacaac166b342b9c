"""Conversations: Telegram in, Telegram out."""

from __future__ import annotations

from typing import Final

from aiogram import Router

from handlers import courtesy, errors, fallback, membership, number
from handlers.accounts import router as accounts
from handlers.appeals import drafting as appeal_drafts
from handlers.appeals import replies as appeal_replies
from handlers.appeals import router as appeals
from handlers.control import router as control
from handlers.desk import router as desk
from handlers.emails import router as emails
from handlers.help import router as help  # noqa: A004  # the name of the flow
from handlers.history import router as history
from handlers.home import router as home
from handlers.papers import router as papers
from handlers.payments import router as payments
from handlers.privacy import router as privacy
from handlers.proofs import router as proofs
from handlers.readings import router as readings
from handlers.receipts import router as receipts
from handlers.recovery import router as recovery
from handlers.reminders import router as reminders
from handlers.routing import merge
from handlers.settings import router as settings
from handlers.sharing import router as sharing
from handlers.start import router as start
from handlers.submissions import router as submissions
from handlers.subscriptions import router as subscriptions

FLOWS: Final = (
    appeal_replies,
    courtesy,
    desk,
    appeals,
    appeal_drafts,
    start,
    home,
    help,
    reminders,
    settings,
    emails,
    privacy,
    accounts,
    proofs,
    control,
    sharing,
    payments,
    papers,
    receipts,
    subscriptions,
    recovery,
    readings,
    history,
    submissions,
    membership,
    number,
    errors,
    fallback,
)  # in the order in which they are asked


def build_router() -> Router:
    return merge("conversations", [flow.router for flow in FLOWS])
