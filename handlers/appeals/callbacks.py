"""Buttons of appeals."""

from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks import Number


class AppealAction(StrEnum):
    OPEN = "open"
    REPLY = "reply"
    CLOSE = "close"
    RATE = "rate"
    REOPEN = "reopen"


class OnAppeal(CallbackData, prefix="ap1"):
    """`appeal`: its key."""

    action: AppealAction
    appeal: str


class ListAppeals(CallbackData, prefix="al1"):
    """`every`: older than three months, too."""

    every: bool
    page: Number


class TurnThread(CallbackData, prefix="at1"):
    appeal: str
    page: Number


class ShowFile(CallbackData, prefix="af1"):
    """A file of a message, sent anew."""

    message: Number


class RateAppeal(CallbackData, prefix="ar1"):
    stars: Number
    appeal: str


class Concern(StrEnum):
    """The thing from which an appeal is begun."""

    NOTHING = "none"
    CHARGES = "charges"
    READING = "reading"
    ORDER = "order"
    RECEIPT = "receipt"


class NewAppeal(CallbackData, prefix="an1"):
    """`link`: of the account; `what`: the month, or the key of the order. A screen that is to stay has `fresh`."""

    concern: Concern
    link: str = ""
    what: str = ""
    fresh: bool = False


class Part(StrEnum):
    """Buttons of a draft: one for each part, and those that send it or drop it."""

    SUBJECT = "subject"
    PLACE = "place"
    NAME = "name"
    CONTACT = "contact"
    TEXT = "text"
    FILES = "files"
    NO_FILES = "no_files"
    SEND = "send"
    CANCEL = "cancel"
    BACK = "back"


class OnDraft(CallbackData, prefix="ae1"):
    part: Part
    draft: str


class PickSubject(CallbackData, prefix="as1"):
    """`key`: of the subject."""

    draft: str
    key: str


class PickPlace(CallbackData, prefix="aa1"):
    """`link`: of an account; empty: another address."""

    draft: str
    link: str = ""


class UseName(CallbackData, prefix="ay1"):
    """`last`: the one of the last appeal, not Telegram's."""

    draft: str
    last: bool


class ContactWay(StrEnum):
    OWN = "own"
    FIX = "fix"
    KEEP = "keep"
    MAIL_ONLY = "mail_only"
    DROP = "drop"
    DONE = "done"


class OnContact(CallbackData, prefix="ao1"):
    """Ways to answer: `OWN` by the confirmed address; `FIX` and `KEEP` settle a doubt about a typed one."""

    way: ContactWay
    draft: str


class SendWords(CallbackData, prefix="aw1"):
    """`draft`: holds the words."""

    draft: str
