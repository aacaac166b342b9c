"""All kinds of notices. Their words stand in `handlers/<flow>/notices.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.accounts.models import Role
from services.customers.models import NotificationKind
from services.notices.models import (
    ByMail,
    Current,
    Edit,
    EditIfThere,
    Facts,
    File,
    Loss,
    Refusal,
    Steps,
    Text,
    Urgency,
    kind,
)
from services.supplier.models import Month, Zone

Values = tuple[tuple[Zone, int], ...]


# Readings


@kind("accepted", switch=None)
class ReadingsAccepted(Text):
    number: str


@kind("refused", switch=None)
class ReadingsRefused(Text):
    number: str


@kind("replaced", switch=None, urgency=Urgency.ANSWER)
class ReadingsReplaced(Text):
    """`was` and `now` are for customers who may see values, `submission` is for those who may correct them."""

    number: str
    tail: str
    was: Values | None = None
    now: Values | None = None
    submission: str | None = None


# Payments


@dataclass(frozen=True, slots=True)
class OrderNotice(Facts):
    """An order as it stood when it was told of. `day`: of a payment that was not made today."""

    order: str
    number: str
    tail: str
    kopecks: int
    reason: str = ""
    url: str | None = None
    day: date | None = None


@kind("order_link", switch=None, urgency=Urgency.ANSWER)
class OrderLink(OrderNotice, Text):
    pass


@kind("order_paid", switch=None, urgency=Urgency.ANSWER)
class OrderPaid(OrderNotice, Text):
    pass


@kind("order_declined", switch=None, urgency=Urgency.ANSWER)
class OrderDeclined(OrderNotice, Text):
    pass


@kind("order_refunded", switch=None, urgency=Urgency.ANSWER)
class OrderRefunded(OrderNotice, Text):
    """`kopecks`: all that was given back."""


@kind("order_expired", switch=None, urgency=Urgency.ANSWER)
class OrderExpired(OrderNotice, Edit):
    pass


@kind("order_overtaken", switch=None, urgency=Urgency.ANSWER)
class OrderOvertaken(OrderNotice, EditIfThere):
    """The same sum has been paid by another link."""


@kind("order_was_paid", switch=None, urgency=Urgency.ANSWER)
class OrderWasPaid(OrderNotice, EditIfThere):
    """Left of the message that held the link, as the next one."""


@kind("order_was_declined", switch=None, urgency=Urgency.ANSWER)
class OrderWasDeclined(OrderNotice, EditIfThere):
    pass


# Access to accounts. `own` is the link of the customer who is told, `link` the one that it is about.


@kind("verified", switch=None, urgency=Urgency.ANSWER)
class Verified(Text):
    tail: str
    link: str
    own: str


@kind("verified_beside", switch=None, urgency=Urgency.ANSWER)
class VerifiedBeside(Text):
    """The same for customers who do not decide about others yet."""

    tail: str
    link: str
    own: str


@kind("joined", switch=None, urgency=Urgency.ANSWER)
class Joined(Text):
    tail: str
    person: str
    role: Role
    own: str


@kind("disowned", switch=None, urgency=Urgency.ANSWER)
class Disowned(Text):
    tail: str


@kind("recovery_asked", switch=None, urgency=Urgency.ANSWER)
class RecoveryAsked(Text):
    tail: str
    link: str
    own: str


@kind("recovery_refused", switch=None)
class RecoveryKept(Text):
    """The other Telegram has objected and keeps its access."""

    tail: str


@kind("recovered", switch=None)
class Recovered(Text):
    tail: str


@kind("withdrawn", switch=None)
class Withdrawn(Text):
    tail: str


@dataclass(frozen=True, slots=True)
class LinkNotice(Text):
    tail: str
    own: str


@kind("holder_changed", switch=None, urgency=Urgency.ANSWER)
class HolderChanged(LinkNotice):
    pass


@kind("reset_by_company", switch=None, urgency=Urgency.ANSWER)
class ResetByCompany(LinkNotice):
    pass


@kind("share_ended", switch=None, urgency=Urgency.ANSWER)
class ShareEnded(LinkNotice):
    pass


@kind("unlinked_by_company", switch=None, urgency=Urgency.ANSWER)
class UnlinkedByCompany(LinkNotice):
    pass


@kind("other_unlinked", switch=None, urgency=Urgency.ANSWER)
class OtherUnlinked(LinkNotice):
    pass


@kind("unlocked_by_company", switch=None, urgency=Urgency.ANSWER)
class UnlockedByCompany(LinkNotice):
    pass


# Receipts that come by themselves


@kind("receipts_ended", switch=None, urgency=Urgency.ANSWER)
class ReceiptsEnded(Text):
    """By e-mail, when all proofs of the account began anew."""

    tail: str


@kind("receipts_stopped", switch=None, urgency=Urgency.ANSWER)
class ReceiptsStopped(Text):
    """By e-mail, at the word of the account's owner."""

    tail: str


@kind("subscribed_beside", switch=None, urgency=Urgency.ANSWER)
class SubscribedBeside(Text):
    """To an owner: somebody who has only confirmed the address gets receipts at a mailbox, of which only so much is
    `shown`. `link`: theirs, where this owner decides about others."""

    tail: str
    shown: str
    own: str
    link: str | None = None


@kind("paper_ended", switch=None, urgency=Urgency.ANSWER)
class PaperEnded(Text):
    """To an owner: another one's letters come instead of the account's paper."""

    tail: str
    own: str


@kind("paper_back", switch=None, urgency=Urgency.ANSWER)
class PaperBack(Text):
    """To a subscriber: an owner has brought the paper back, the letters go on."""

    tail: str
    own: str


# Letters


@kind("undelivered", switch=None, urgency=Urgency.ANSWER)
class LetterUndelivered(Text):
    """`submission`, `order`: whose paper it was, which may go to another address; `receipts`: the letter was about
    receipts, whose address is set apart."""

    address: str
    refusal: Refusal | None = None
    submission: str | None = None
    order: str | None = None
    receipts: bool = False


@dataclass(frozen=True, slots=True)
class AskedByMail(ByMail):
    """A letter that a customer waits for."""

    def if_lost(self, loss: Loss) -> Facts:
        return LetterUndelivered(address=self.address, refusal=loss.refusal)

    def if_gone(self) -> Facts:
        return self.if_lost(Loss())


@kind("sheet", switch=None)
class SheetLetter(AskedByMail):
    submission: str

    def if_lost(self, loss: Loss) -> Facts:
        return LetterUndelivered(address=self.address, refusal=loss.refusal, submission=self.submission)


@kind("payment_paper", switch=None)
class PaymentLetter(AskedByMail):
    order: str

    def if_lost(self, loss: Loss) -> Facts:
        return LetterUndelivered(address=self.address, refusal=loss.refusal, order=self.order)


@kind("email_confirm", switch=None)
class ConfirmationLetter(AskedByMail):
    request: str
    bot: str


@dataclass(frozen=True, slots=True)
class ReceiptsAskedLetter(AskedByMail):
    """`tail`: of the account; the link finds `bot` by its name."""

    request: str
    bot: str
    tail: str

    def if_lost(self, loss: Loss) -> Facts:
        return LetterUndelivered(address=self.address, refusal=loss.refusal, receipts=True)


@kind("receipts_confirm", switch=None)
class SubscribeLetter(ReceiptsAskedLetter):
    pass


@kind("receipts_end", switch=None)
class UnsubscribeLetter(ReceiptsAskedLetter):
    pass


@kind("receipts_on", switch=None)
class SubscribedLetter(ByMail):
    tail: str
    paperless: bool


@kind("receipts_moved", switch=None)
class ReceiptsMovedLetter(ByMail):
    """To the address that receipts came to before."""

    tail: str


@kind("receipts_off", switch=None)
class UnsubscribedLetter(ByMail):
    """`paper_from`: the first day of the month whose receipt comes on paper again, where it does."""

    tail: str
    paper_from: date | None = None


@kind("email_changed", switch=None)
class AddressChangedLetter(ByMail):
    """To the address that no longer counts, as the next one."""


@kind("email_removed", switch=None)
class AddressRemovedLetter(ByMail):
    pass


@kind("email_changed", switch=None, urgency=Urgency.ANSWER)
class AddressChanged(Text):
    pass


# Receipts. `own` is the subscriber's link; `edition`: of the delivery.


@kind("receipt_missed", switch=None)
class ReceiptMissed(Text):
    """A receipt that did not arrive, or perhaps not. `address`: that its letter went to; empty where there is none."""

    tail: str
    month: Month
    own: str
    address: str = ""


@kind("receipt_ready", switch=None, urgency=Urgency.BULK)
class ReceiptReady(File):
    account: str
    month: Month
    edition: int
    own: str

    def if_lost(self, loss: Loss) -> Facts:
        return ReceiptMissed(tail=self.account[-4:], month=self.month, own=self.own)


@kind("receipt_letter", switch=None, urgency=Urgency.BULK)
class ReceiptLetter(ByMail):
    """To the subscriber's address of the day on which it goes."""

    account: str
    month: Month
    edition: int
    own: str

    def if_lost(self, loss: Loss) -> Facts:
        return ReceiptMissed(tail=self.account[-4:], month=self.month, own=self.own, address=loss.address)


# Reminders. `day`: the local one that it is for.


@kind("remind_readings", switch=NotificationKind.REMINDER, urgency=Urgency.BULK)
class ReadingsDue(Current):
    """`zone` and `days`: the clock and the reading days of the accounts."""

    period: Month
    zone: str
    days: str
    day: date
    last: bool = False


@kind("remind_payment", switch=NotificationKind.PAY_BY, urgency=Urgency.BULK)
class PaymentDue(Current):
    """`month`: the charged one."""

    month: Month
    last: bool = False


@kind("remind_verification", switch=NotificationKind.METER_VERIFICATION, urgency=Urgency.BULK)
class VerificationDue(Current):
    """`due`: the last day of the meters' verification."""

    due: date


# Broadcasts


@kind("broadcast", switch=None, urgency=Urgency.BULK)
class Announcement(Current):
    """`broadcast`: its id."""

    broadcast: int


@kind("desk_broadcast", switch=None, urgency=Urgency.ANSWER)
class DeskBroadcast(Steps):
    """The card of a broadcast in a group of the staff, as the broadcast is now."""

    broadcast: int


# Appeals. `message`: the number of a message of the appeal.


@dataclass(frozen=True, slots=True)
class OfAppeal(Steps):
    appeal: str


@dataclass(frozen=True, slots=True)
class OfAppealMessage(OfAppeal):
    message: int


@kind("appeal_message", switch=None, urgency=Urgency.ANSWER)
class AppealMessageToDesk(OfAppealMessage):
    """A customer's message, to the topic of its appeal in a group of the staff."""


@kind("appeal_answer", switch=None, urgency=Urgency.ANSWER)
class AppealAnswer(OfAppealMessage):
    """An answer of the staff, to the appeal's customer."""


@kind("appeal_change", switch=None, urgency=Urgency.ANSWER)
class AppealMessageChanged(OfAppealMessage):
    """A message was edited or taken back: its copy follows, in a chat or in a topic."""


@kind("appeal_mark", switch=None, urgency=Urgency.ANSWER)
class AppealMark(OfAppealMessage):
    """The mark at an answer in its topic: has it arrived?"""


@kind("desk_card", switch=None, urgency=Urgency.ANSWER)
class DeskCard(OfAppeal):
    """The card of a topic, and whether the topic is open, as the appeal is now."""


@kind("desk_word", switch=None, urgency=Urgency.ANSWER)
class DeskWord(OfAppeal):
    """To a topic: what the customer has done with the appeal, a `Deed`."""

    deed: str


@kind("desk_released", switch=None, urgency=Urgency.ANSWER)
class DeskReleased(OfAppeal):
    """To a topic: a member of the staff, by this name, has given the appeal back."""

    name: str


@kind("desk_access", switch=None, urgency=Urgency.ANSWER)
class DeskAccess(OfAppeal):
    """To a topic: a member of the staff, by this name, has mended access to its account, an `Action` of accounts."""

    name: str
    action: str


@kind("desk_reminder", switch=None, urgency=Urgency.ANSWER)
class DeskReminder(OfAppeal):
    """To a topic: the time to answer runs out."""


@kind("desk_hint", switch=None, urgency=Urgency.ANSWER)
class DeskHint(Text):
    """To a group of the staff: the bot does not see its members, and what helps."""


@kind("appeal_closed", switch=None, urgency=Urgency.ANSWER)
class AppealClosed(Text):
    """By the staff."""

    appeal: str
    number: str


@kind("appeal_sent", switch=None)
class AppealSentLetter(AskedByMail):
    """A copy of an appeal, with its number."""

    appeal: str


@kind("appeal_answer", switch=None)
class AppealAnswerLetter(AskedByMail):
    appeal: str
    message: int


# Trouble


@kind("trouble", switch=None, urgency=Urgency.ANSWER)
class UpdateParked(Text):
    """The customer's message could not be worked off."""


@kind("alert", switch=None, urgency=Urgency.ANSWER)
class Alert(Text):
    """To the operator's chat."""

    what: str


CATALOG: Final = tuple(
    one for one in tuple(globals().values()) if isinstance(one, type) and issubclass(one, Facts) and "kind" in vars(one)
)
