"""What buttons carry: an opaque id and a version in the prefix, never a number or a name.

The first field of a kind with several actions is the action. A prefix changes when its fields do,
so that an old button falls through to `fallback` and is explained there. So does one whose number no column could
hold: what buttons carry can be forged.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import BeforeValidator, Field

from services.models import Consent, Quiet, Role, Switch, Topic, Zone
from services.plausibility import Way

_LARGEST = 2**63 - 1  # that a column of the database holds


def _written(value: object) -> object:
    """A number as the bot writes it: «²», «+5» and «1_000» are none. Raises ValueError."""
    if isinstance(value, str) and not re.fullmatch("0|[1-9][0-9]{0,18}", value):
        raise ValueError
    return value


Number = Annotated[int, BeforeValidator(_written), Field(ge=0, le=_LARGEST)]


class Place(StrEnum):
    HOME = "home"
    READINGS = "readings"
    RESUME = "resume"
    ACCOUNTS = "accounts"
    ADD = "add"
    HELP = "help"
    OFFICES = "offices"
    GUIDE = "guide"
    DOCUMENTS = "documents"
    CONSENTS = "consents"
    SETTINGS = "settings"
    EMAIL = "email"
    EMAIL_ASK = "email_ask"
    EMAIL_AGAIN = "email_again"
    EMAIL_REMOVE = "email_remove"
    NOTIFICATIONS = "notices"
    QUIET = "quiet"
    MY_DATA = "my_data"
    MY_CONSENTS = "my_consents"
    EXPORT = "export"
    ERASURE = "erasure"
    ERASE = "erase"


class Go(CallbackData, prefix="go1"):
    """`fresh`: in a new message, because the one with the button is to stay."""

    to: Place
    fresh: bool = False


class Tick(CallbackData, prefix="ct1"):
    consent: Consent


class Read(CallbackData, prefix="cr1"):
    """`back`: where the reader came from."""

    consent: Consent
    back: Place


class Agree(CallbackData, prefix="ca1"):
    pass


class ConsentAction(StrEnum):
    VIEW = "view"
    WITHDRAW = "withdraw"
    WITHDRAW_YES = "gone"


class OnConsent(CallbackData, prefix="cn1"):
    """`given`: one giving of a consent, so that an old button does not withdraw one that was given later."""

    action: ConsentAction
    given: Number


class SwitchTopic(CallbackData, prefix="tp1"):
    topic: Topic
    on: bool


class SetQuiet(CallbackData, prefix="qh1"):
    quiet: Quiet


class RemoveEmail(CallbackData, prefix="em1"):
    """`draft`: of the question that this answers, which names the address."""

    draft: str


class MailTo(CallbackData, prefix="ml1"):
    """To the customer's own address. `draft`: names what is to be mailed."""

    draft: str


class Erase(CallbackData, prefix="er1"):
    """`draft`: of the question that this answers."""

    draft: str


class Again(CallbackData, prefix="ag1"):
    """`draft`: holds what is said again."""

    draft: str


class Speak(CallbackData, prefix="ln1"):
    language: str


class ConfirmAddress(CallbackData, prefix="ad1"):
    draft: str
    yes: bool


class AccountAction(StrEnum):
    CHOOSE = "choose"
    OPEN = "open"
    RENAME = "rename"
    UNLINK = "unlink"
    UNLINK_YES = "gone"
    FIRST = "first"
    PROVE = "prove"
    INFO = "info"
    CONTROL = "control"
    MEMBERS = "members"
    INVITE = "invite"
    JOURNAL = "journal"


class OnAccount(CallbackData, prefix="ac1"):
    action: AccountAction
    link: str


class SetControl(CallbackData, prefix="ct2"):
    switch: Switch
    link: str
    on: bool


class Invite(CallbackData, prefix="iv1"):
    role: Role
    link: str


class Join(CallbackData, prefix="jn1"):
    """`draft`: holds the invitation's token."""

    draft: str


class Uninvite(CallbackData, prefix="iw1"):
    link: str
    invitation: str


class Revoke(CallbackData, prefix="rv1"):
    """`member`: the link that somebody else has to the account."""

    member: str


class Disown(CallbackData, prefix="ds1"):
    """`link`: of the person whose verification is to be undone; `own`: that of the one who presses."""

    link: str
    own: str


class RecoveryAction(StrEnum):
    ASK = "ask"
    SEND = "send"
    REFUSE = "keep"


class OnRecovery(CallbackData, prefix="re1"):
    """`own`: the link of the one who presses; `link`: that of the other Telegram."""

    action: RecoveryAction
    own: str
    link: str


class Offices(CallbackData, prefix="of1"):
    region: Number


class PickMeter(CallbackData, prefix="mt1"):
    """`meter`: a digest of its number; `fresh` as in Go."""

    link: str
    meter: str
    fresh: bool = False


class ReadingAction(StrEnum):
    SAME = "same"
    FIX = "fix"
    CANCEL = "cancel"
    WHERE = "where"


class OnReading(CallbackData, prefix="rd1"):
    action: ReadingAction
    draft: str


class Submit(CallbackData, prefix="cf1"):
    """`confirmation`: of the values that the preview shows."""

    confirmation: str


class Explain(CallbackData, prefix="rw2"):
    """The customer's answer to a doubt about the value of a zone."""

    draft: str
    zone: Zone
    value: Number
    way: Way


class SubmissionAction(StrEnum):
    VIEW = "view"
    CORRECT = "correct"
    PDF = "pdf"
    MAIL = "mail"


class OnSubmission(CallbackData, prefix="sb1"):
    action: SubmissionAction
    key: str
    fresh: bool = False


class History(CallbackData, prefix="hi2"):
    """`fresh` as in Go."""

    link: str
    offset: Number
    fresh: bool = False


class Pay(CallbackData, prefix="py1"):
    """What there is to pay. `preliminary`: with the charge of the current month; `fresh` as in Go."""

    link: str
    preliminary: bool = True
    fresh: bool = False


class PaymentAction(StrEnum):
    OTHER = "other"
    EXPLAIN = "explain"


class OnPayment(CallbackData, prefix="pa1"):
    action: PaymentAction
    link: str
    preliminary: bool


class PaySum(CallbackData, prefix="ps2"):
    """How to pay a sum. `fresh` as in Go; `preliminary` as in Pay, for the way back."""

    link: str
    kopecks: Number
    fresh: bool = False
    preliminary: bool = True


class PayDrafted(CallbackData, prefix="pd1"):
    """How to pay the sum of a form. `draft`: of the payment."""

    draft: str


class PayByCode(CallbackData, prefix="pc2"):
    """`offered`: the sum was due when it was shown."""

    link: str
    kopecks: Number
    offered: bool


class AskReceipt(CallbackData, prefix="pe1"):
    """An address for the receipt is missing. `draft`: of the payment."""

    draft: str


class Checkout(CallbackData, prefix="po1"):
    """`confirmation`: of the sum that the screen shows."""

    confirmation: str


class OrderAction(StrEnum):
    VIEW = "view"
    CHECK = "check"
    DROP = "drop"
    RETRY = "retry"


class OnOrder(CallbackData, prefix="or1"):
    action: OrderAction
    key: str
