"""Conversations: Telegram in, Telegram out."""

from __future__ import annotations

from aiogram import Router

from handlers import (  # the flow's own name
    accounts,
    control,
    emails,
    errors,
    fallback,
    help,  # noqa: A004  # the flow's own name
    home,
    membership,
    payments,
    privacy,
    proofs,
    readings,
    recovery,
    settings,
    sharing,
    start,
    submissions,
)
from handlers.routing import merge


def build_router() -> Router:
    """All conversations. This list is the only place where their order is decided."""
    flows = (
        start,
        home,
        help,
        settings,
        emails,
        privacy,
        accounts,
        proofs,
        control,
        sharing,
        payments,
        recovery,
        readings,
        submissions,
        membership,
        errors,
        fallback,
    )
    return merge("conversations", [flow.router for flow in flows])
