"""First words and subject of an appeal that is begun from something: a bill, a reading, a payment, a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fsm.readings import ReadingDraft
from handlers.appeals.callbacks import Concern, NewAppeal
from handlers.conversation import Conversation
from handlers.history.callbacks import month_of
from handlers.history.words import month_title, period_title
from handlers.wording import escape, zone_value
from locales import _, day, money
from services.accounts.accounts import owned
from services.appeals.models import Side
from services.errors import DraftLost
from services.history.history import AccountHistory
from services.payments.checkout import Checkout
from services.ports import Clock
from services.supplier.models import Month
from services.supplier.periods import local_day
from services.supplier.profile import SupplierProfile


@dataclass(frozen=True, slots=True)
class Opening:
    """`words`: HTML that stands in the chat and goes to the staff; `subject`: a key that a profile may not have."""

    words: str
    account: str
    subject: str
    at: datetime
    side: Side = Side.CUSTOMER


_SUBJECTS: Final = {
    Concern.CHARGES: "charges",
    Concern.READING: "charges",
    Concern.ORDER: "payment",
    Concern.RECEIPT: "receipts",
}


async def opening_of(talk: Conversation, pressed: NewAppeal) -> Opening | None:
    """None for an appeal about nothing yet. Raises NotYours, DraftLost."""
    match pressed.concern:
        case Concern.NOTHING:
            return None
        case Concern.ORDER:
            words, account = await _of_order(talk, pressed.what)
        case Concern.READING:
            words, account = await _of_reading(talk, pressed.what)
        case Concern.CHARGES:
            words, account = _of_charges(talk, pressed)
        case Concern.RECEIPT:
            words, account = _of_receipt(talk, pressed)
    tail = _("счёт …{tail}").format(tail=account[-4:])
    return Opening(f"✉️ {words}, {tail}", account, _SUBJECTS[pressed.concern], talk.use(Clock).now())


async def _of_order(talk: Conversation, key: str) -> tuple[str, str]:
    order = await talk.use(Checkout).get(talk.customer, key)
    made = local_day(order.created_at, talk.use(SupplierProfile).region_of(order.account).timezone)
    text = _("К оплате № {number} от {day} на {sum}")
    return text.format(number=escape(order.number), day=day(made), sum=money(order.kopecks)), order.account


async def _of_reading(talk: Conversation, draft_id: str) -> tuple[str, str]:
    draft = await talk.draft(ReadingDraft, draft_id)
    form = draft.form
    values = ", ".join(zone_value(zone, value) for zone, value in form.values.items())
    text = _("К показаниям счётчика {meter}: {values}").format(meter=escape(form.meter), values=values)
    return text, owned(talk.customer, draft.link_id).account


def _of_charges(talk: Conversation, pressed: NewAppeal) -> tuple[str, str]:
    link, (first, last) = owned(talk.customer, pressed.link), _numbers(pressed.what, 2)
    period = talk.use(AccountHistory).period(link, month_of(first), month_of(last))
    return _("К начислениям за {period}").format(period=period_title(period)), link.account


def _of_receipt(talk: Conversation, pressed: NewAppeal) -> tuple[str, str]:
    link, (year, number) = owned(talk.customer, pressed.link), _numbers(pressed.what, 2)
    try:
        month = Month(year, number)
        title = month_title(month)
    except ValueError:
        raise DraftLost from None
    return _("К квитанции за {month}").format(month=title), link.account


def _numbers(written: str, count: int) -> list[int]:
    """Raises DraftLost: buttons can be forged."""
    parts = written.split("-")
    if len(parts) != count or not all(one.isascii() and one.isdigit() and len(one) < 5 for one in parts):
        raise DraftLost
    return [int(one) for one in parts]
