"""Errors of the connection to the Bot API beside aiogram's: whether a call may have had an effect."""

from __future__ import annotations

from aiogram.exceptions import TelegramNetworkError


class NotConnected(TelegramNetworkError):
    """The request has never left: it is safe to make it again."""


class ProbeUnanswered(TelegramNetworkError):
    """Whether an earlier message arrived is not answered, and this one has not left."""


class PossibleDuplicate(TelegramNetworkError):
    """Whether an earlier message arrived cannot be found out, and it is not to be sent twice."""


class OutsideGroup(TelegramNetworkError):
    """A group of the staff is closed to the bot: what its members wrote waits until the bot is back."""


class MembersHidden(OutsideGroup):
    """Telegram tells the bot of no members of the group, as it is no administrator there."""
