"""Buttons about family access."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from services.accounts.models import Role


class Invite(CallbackData, prefix="iv1"):
    role: Role
    link: str


class Join(CallbackData, prefix="jn1"):
    """`draft`: holds the invitation's token."""

    draft: str


class Refuse(CallbackData, prefix="jr1"):
    draft: str


class Uninvite(CallbackData, prefix="iw1"):
    link: str
    invitation: str


class EndAccess(CallbackData, prefix="ea1"):
    """Asks whether to; `member` as below, `own`: the link of the one who presses."""

    member: str
    own: str


class Revoke(CallbackData, prefix="rv1"):
    """`member`: the link that somebody else has to the account."""

    member: str
