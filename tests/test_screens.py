"""Every screen with the longest data that is plausible, in both languages: what Telegram would refuse is not built."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from html import unescape
from itertools import product
from typing import Final
from zoneinfo import ZoneInfo

import pytest

import handlers
from fsm.appeals import AppealDraft
from fsm.reminders import AnswerDraft
from handlers.accounts import screens as accounts
from handlers.appeals import draft_screens as appeal_drafts
from handlers.appeals import screens as appeals
from handlers.broadcasts import screens as broadcasts
from handlers.broadcasts import staff_screens
from handlers.callbacks import Place
from handlers.control import screens as control
from handlers.desk import screens as desk
from handlers.emails import screens as emails
from handlers.help import screens as help_screens
from handlers.history import screens as history
from handlers.history.callbacks import Edge, View
from handlers.home import screens as home
from handlers.papers import screens as papers
from handlers.payments import order_screens, outcomes
from handlers.payments import screens as payments
from handlers.privacy import screens as privacy
from handlers.proofs import screens as proofs
from handlers.readings import screens as readings
from handlers.receipts import screens as receipts
from handlers.recovery import screens as recovery
from handlers.reminders import screens as reminders
from handlers.settings import screens as settings
from handlers.sharing import screens as sharing
from handlers.show import Screen
from handlers.start import screens as start
from handlers.submissions import screens as submissions
from handlers.subscriptions import screens as subscriptions
from locales import SOURCE, current, speak
from services.accounts import flats
from services.accounts.access import AccountAccess
from services.accounts.errors import RoundSum
from services.accounts.models import (
    AccountMembers,
    Action,
    Control,
    Invitation,
    JournalEntry,
    Link,
    RecoveryRequest,
    Role,
    Trust,
)
from services.accounts.proofs import Terms
from services.appeals.appeals import AppealList, Sent, Thread
from services.appeals.desk import CardFacts
from services.appeals.models import About, Appeal, AppealMessage, AppealState, Attachment, Contact, Side, Written
from services.appeals.settings import AppealSettings, DeskSettings, Subject
from services.appeals.topics import Topic
from services.broadcasts.models import (
    LONGEST,
    MOST_ACCOUNTS,
    Audience,
    Broadcast,
    BroadcastState,
    Operator,
    Reach,
    Silence,
)
from services.cards import HomeCard, Information
from services.customers.letter_links import Opened
from services.customers.models import (
    Consent,
    ConsentText,
    Customer,
    EmailRequest,
    GivenConsent,
    NotificationKind,
    Quiet,
)
from services.history import pages
from services.history.consumption import ComparedMonth, Consumption
from services.history.history import ChargesPage, MeterRead, PaymentsPage, ReadingsPage
from services.history.pages import Page
from services.history.periods import Period
from services.notices.models import Channel, Tally
from services.payments.checkout import PaymentCode
from services.payments.due import Due, OwnPayment, PaymentMethods, RecentPayments
from services.payments.models import Order, OrderStatus
from services.payments.requisites import Requisites
from services.readings.history import SubmissionCard
from services.readings.models import MeterForm, Remark, Submission, SubmissionStatus, Submitted
from services.readings.plausibility import Doubt, DoubtKind, Way
from services.readings.steps import AskDoubt, AskZones, Preview, ShowPreview
from services.readings.views import AccountReadings, MeterView, Question
from services.receipts.models import ReceiptLinks, Subscription
from services.receipts.receipts import receipt
from services.receipts.subscriptions import Followed, ReceiptWays
from services.reminders.reminding import EndingMeter, MissingReadings
from services.supplier.models import (
    Account,
    AccountMonth,
    Basis,
    Bill,
    Charge,
    Details,
    Meter,
    MeterCharge,
    Month,
    PastReading,
    Payment,
    Reading,
    ReceiptFacts,
    Statement,
    Totals,
    Zone,
    ZoneCharge,
    ZoneScheme,
)
from services.supplier.periods import ReadingDays, window
from services.supplier.pricing import Estimate, TierCharge
from services.supplier.profile import Office, Region, SupplierProfile
from tests.source_tree import modules

MESSAGE: Final = 4096
LABEL: Final = 64  # of a button: longer ones are cut by the apps
LONG: Final = "<&>Щ"
MOSCOW: Final = ZoneInfo("Europe/Moscow")
NOW: Final = datetime(2026, 11, 23, 7, 14, tzinfo=UTC)
DAY: Final = date(2026, 11, 23)
ZONES: Final = ZoneScheme.PEAK_HALF_NIGHT.zones

link = Link("x" * 16, 5_000_000_001, "360000123456", Trust.VERIFIED, (LONG * 8)[:30], alone=False)
away_link = replace(link, away_until=date(2027, 12, 1))
member = replace(link, trust=Trust.SHARED, role=Role.PAY, person=(LONG * 22)[:64], used_at=NOW)
invitation = Invitation("360000123456", 5_000_000_002, Role.PAY, NOW, person=(LONG * 22)[:64])
account = Account("360000123456", (LONG * 80)[:300] + ", кв. 45")
EMAIL: Final = "<&>" * 20 + "@" + "<&>" * 60 + ".ru"
customer = Customer(5_000_000_001, "ru", frozenset(Consent), (link,) * 10, link.id, email=EMAIL)
office = Office(LONG * 10, LONG * 20, "8 800 000-00-00", LONG * 10)
region = Region(LONG * 10, ("36",), MOSCOW, ReadingDays(23, 25), (office,) * 10)
profile = SupplierProfile(
    LONG * 20, LONG * 20, LONG * 5, LONG * 10, (region,) * 8, (), region, desk=DeskSettings(group=-1)
)
meter = Meter(
    LONG * 16,
    ZoneScheme.PEAK_HALF_NIGHT,
    9,
    place=LONG * 25,
    readings=tuple(Reading(zone, DAY, 999_999_999) for zone in ZONES),
)
values = tuple(Submitted(zone, 999_999_999, 999_999_998, 999_999_999, Remark.ROLLED_OVER) for zone in ZONES)
submission = Submission(
    "x" * 32, "П-2611-999999", 5_000_000_001, "360000123456", meter.number, Month(2026, 11), DAY, NOW, values,
    SubmissionStatus.QUEUED, cost=99_999_999_999,
)  # fmt: skip
now = window(NOW, MOSCOW, ReadingDays(23, 25))
view = MeterView(meter, submission, passed=True, counted=False, today=DAY)
form = MeterForm(meter.number, {Zone.PEAK: 999_999_999}, fraction_cut=True)
taken = AccountReadings(link, account, region, now, (view,) * 10)
lines = tuple(
    TierCharge(zone, tier, Decimal("999999999.999"), Decimal("99.9999"), 99_999_999_999)
    for zone in ZONES
    for tier in (1, 2, 3)
)
estimate = Estimate(lines, 99_999_999_999, 3, 999_999_999)
submission_card = SubmissionCard(submission, link, region, now, correctable=True, remaining=(meter,) * 9, mailable=True)
text = ConsentText(Consent.SERVICES, "01.11.2026", "ru", "Щ" * 200, "Щ" * 3500)
given = GivenConsent(999_999_999, text, NOW, NOW)


MONTHS: Final = tuple(Month(2026, 12).plus(-back) for back in range(143))  # since January 2015
SUM: Final = 99_999_999_999
order = Order(
    "x" * 24, "О-2611-999999", 5_000_000_001, "360000123456", SUM, NOW, status=OrderStatus.PENDING,
    external_id="x" * 36, url="https://yoomoney.ru/checkout/payments/v2/contract?orderId=" + "x" * 36,
)  # fmt: skip
requisites = Requisites(
    "<&>" * 20, "40702810138250123017", "ПАО «Банк Пример»", "044525225", "30101810400000000225", "7700000009",
    "Э" * 100, "770001001",
)  # fmt: skip


def asked_values() -> Iterator[Screen]:
    yield readings.ask_values(AskZones(taken, view, form, changed=True), "x" * 16)
    first = replace(view, submission=None)
    yield readings.ask_values(AskZones(taken, first, MeterForm(meter.number), changed=True), "x" * 16)


def reminded() -> Iterator[Screen]:
    lacking = replace(view, submission=None, passed=False)
    for meters in ((lacking,), (lacking,) * 10):
        one = replace(taken, meters=meters)
        yield reminders.readings_due(MissingReadings((one,) * 10, NOW, DAY), DAY)
        yield reminders.readings_due(MissingReadings((one,), NOW, DAY), taken.window.closes)


def doubts() -> Iterator[Screen]:
    for kind in DoubtKind:
        for usual in (None, 999_999_999):
            found = Doubt(kind, Zone.HALF_PEAK, 999_999_999, view.previous[Zone.HALF_PEAK], 999_999_999, usual)
            yield readings.doubt(AskDoubt(taken, view, form, Question(found, tuple(Way))), "x" * 16, appeals=True)


def questions() -> Iterator[Screen]:
    yield accounts.confirm_address(account, None, "x" * 16)
    for dwellings in ((), tuple(flats.Dwelling)):
        yield accounts.confirm_address(account, flats.AddressQuestion(dwellings, frozenset()), "x" * 16)


def submission_cards() -> Iterator[Screen]:
    for status in SubmissionStatus:
        for due in (None, *dues()):
            yield submissions.done(replace(submission_card, submission=replace(submission, status=status)), due)


def cards() -> Iterator[Screen]:
    for due in dues():
        card = HomeCard(link, DAY, account, due, taken, payable=True)
        yield home.home(card, customer, resumable=True, appeals=True)
        yield home.home(card, customer, resumable=False, appeals=True)
        yield home.home(replace(card, readings=None), customer, resumable=False)
        yield home.home(HomeCard(link, DAY, replace(account, closed=True), due), customer, resumable=True, appeals=True)
    yield home.home(HomeCard(link, DAY, unavailable=True), customer, resumable=True)
    yield home.home(HomeCard(link, DAY), customer, resumable=True)


def lists() -> Iterator[Screen]:
    card = HomeCard(link, DAY, account, next(dues()), taken, payable=True)
    nothing_due = Due(link, Bill(Month(2026, 11)), RecentPayments(), DAY)
    unnamed = HomeCard(replace(link, label=""), DAY, replace(account, address="ул. " + LONG * 40))
    awaited = replace(taken, meters=(replace(view, submission=None, passed=False),) * 10)
    settled = [replace(card, due=nothing_due, readings=readings) for readings in (taken, awaited, None)]
    closed = replace(card, due=None, readings=None, account=replace(account, closed=True))
    barred = HomeCard(replace(link, trust=Trust.CONFIRMED, control=Control(closed=True)), DAY, account)
    yield accounts.accounts([card] * 10, 10, invited=True)
    yield accounts.accounts([card, unnamed, *settled, closed, barred, HomeCard(link, DAY)], 10, invited=False)
    yield accounts.accounts([card, HomeCard(link, DAY, unavailable=True)], 10, invited=False)


def details() -> Iterator[Screen]:
    for sum_ in (99_999_999_999, -99_999_999_999):
        statement = Statement(Month(2026, 10), *[sum_] * 7)
        number = Decimal("999999.99")
        meters = (replace(meter, verification_due=DAY),) * 10
        known = Details(account, LONG * 20, 99, number, number, number, meters, statement)
        yield control.details(link, Information(known, 99_999_999_999, payable=True))
    yield control.details(link, Information(Details(account), 0, payable=False))


def proving() -> Iterator[Screen]:
    for renewed_on in (None, DAY, DAY - timedelta(days=9)):
        yield proofs.ask_sum(link, Terms(3, DAY, renewed_on))


def controls() -> Iterator[Screen]:
    for switches in product((True, False), repeat=3):
        yield control.control(replace(link, control=Control(*switches)))
        yield control.control(replace(link, control=Control(*switches)), date(2026, 12, 24))


def dues() -> Iterator[Due]:
    for basis in Basis:
        charge = MeterCharge(meter.number, basis, (ZoneCharge(Zone.DAY, 999_999_999, SUM),))
        bill = Bill(Month(2026, 11), SUM, SUM, 0, SUM, basis, (charge,) * 10, Month(2026, 10))
        paid = RecentPayments(SUM, (OwnPayment(DAY, SUM),) * 10)
        yield Due(link, bill, paid, DAY)
        yield Due(replace(link, preliminary=False), bill, paid, DAY)
        stranger = replace(link, trust=Trust.CONFIRMED)
        yield Due(stranger, replace(bill, preliminary=None), RecentPayments(SUM), DAY + timedelta(days=90))
    yield Due(link, Bill(Month(2026, 11), 0, 0, SUM), RecentPayments(), DAY)
    yield Due(link, Bill(Month(2026, 11), 0, 0, SUM, 2 * SUM), RecentPayments(2 * SUM, (OwnPayment(DAY, SUM),)), DAY)
    yield Due(link, Bill(Month(2026, 11), preliminary=SUM), RecentPayments(), DAY)
    yield Due(link, Bill(Month(2026, 11)), RecentPayments(), DAY)
    yield Due(link, None, RecentPayments(), DAY)


def explanations() -> Iterator[Screen]:
    for due in dues():
        yield payments.explain(due)


def sums_to_pay() -> Iterator[Screen]:
    all_ways, none = PaymentMethods(link=True, code=True, email=True), PaymentMethods(False, False, False)
    refused = replace(order, status=OrderStatus.CANCELED, reason="insufficient_funds")
    for due in dues():
        for own, methods in product((True, False), (all_ways, none)):
            kopecks = SUM if own else due.to_pay
            plain = payments.OfferedPayment(due, kopecks, own, methods, SUM, MOSCOW, note="…" * 60)
            yield payments.pay(plain)
            full = replace(plain, address=account.address, email="<&>" * 80 + "@mail.ru")
            for made in (order, replace(order, url=None), refused):
                yield payments.pay(replace(full, order=made, note=""))


SUBSCRIBED: Final = ReceiptWays(
    link, Subscription(1, link.account, Channel.MAIL, NOW, EMAIL, paperless=True), True, paper_from=Month(2026, 9)
)
FOLLOWED: Final = (subscriptions.followed, subscriptions.followed_to_end)


def deliveries() -> Iterator[Screen]:
    waits = EmailRequest(1, EMAIL, NOW)
    notes = [say(Followed(what, EMAIL, link, Month(2026, 9))) for say, what in product(FOLLOWED, Opened)]
    for offered, note in product((True, False), (*notes, subscriptions.subscribed(EMAIL))):
        for found in (ReceiptWays(link), ReceiptWays(link, waiting=waits, paperless=True), SUBSCRIBED):
            yield subscriptions.delivery(found, MOSCOW, offered=offered, note=note)
        beside = replace(SUBSCRIBED, mail=Subscription(1, link.account, Channel.MAIL, NOW, EMAIL))
        for found in (beside, replace(SUBSCRIBED, waiting=waits), replace(SUBSCRIBED, ending=waits)):
            yield subscriptions.delivery(found, MOSCOW, offered=offered, note=note)


def receipts_below() -> Iterator[Screen]:
    for closing in (SUM, 0, -SUM):
        statement = Statement(Month(2026, 10), 0, closing, 0, 0, 0, closing)
        paper = receipt(ReceiptFacts(account, "", statement), profile, ReceiptLinks())
        for due in (None, *dues()):
            yield receipts.below(link, paper, due, appeals=True)
            for was in (None, SUM, -SUM, closing):
                yield receipts.ready(link, paper, was, due)


def orders() -> Iterator[Screen]:
    for status in OrderStatus:
        for reason in (*outcomes._REASONS, "something_new"):
            yield order_screens.order(replace(order, status=status, reason=reason), link, MOSCOW)
    yield order_screens.order(replace(order, url=None, status=OrderStatus.NEW), link, MOSCOW)
    yield order_screens.order(replace(order, status=OrderStatus.PAID, credited_on=DAY), link, MOSCOW)
    yield order_screens.order(replace(order, status=OrderStatus.PAID, refunded=SUM), link, MOSCOW)


def accesses() -> Iterator[Screen]:
    own = replace(link, verified_at=NOW)
    invitations = (replace(invitation, id="x" * 16),) * 10
    earlier = tuple(replace(link, user_id=number, verified_at=NOW - timedelta(days=9)) for number in range(15))
    later = tuple(replace(one, verified_at=NOW + timedelta(days=9)) for one in earlier)
    asked = {one.user_id: RecoveryRequest("", 1, one.user_id, NOW) for one in earlier}
    yield sharing.members(own, AccountMembers((member,) * 15, invitations), MOSCOW)
    yield sharing.members(own, AccountMembers((member,) * 15, invitations, since=date(2026, 12, 24)), MOSCOW)
    yield sharing.members(own, AccountMembers(earlier), MOSCOW)
    yield sharing.members(own, AccountMembers(later), MOSCOW)
    for objected in (None, NOW):
        requests = {user: replace(one, objected_at=objected) for user, one in asked.items()}
        yield sharing.members(own, AccountMembers(earlier, invitations, requests), MOSCOW)


def settings_of_all() -> Iterator[Screen]:
    for one in (customer, Customer(1, "ru"), replace(customer, email=None, quiet=Quiet(None))):
        yield settings.settings(one, EmailRequest(1, EMAIL, NOW), letters=True)
        yield settings.settings(one, None, letters=True)


PERIOD: Final = Period(Month(2020, 1), Month(2025, 11))
LOOK: Final = history.Look(link, View.READINGS, PERIOD, Month(2026, 11), appeals=True)
PAID: Final = Payment(DAY, SUM, LONG * 20, "x" * 30)
CHARGED: Final = Charge(SUM, SUM, -SUM, SUM, -SUM)
TOTALS: Final = Totals(SUM * 9, SUM * 9, SUM * 9, SUM * 9, 999_999)
OLDER_NEWER: Final = (pages.PageMark(DAY), pages.PageMark(DAY, newer=True))


def hubs() -> Iterator[Screen]:
    yield history.hub(LOOK)
    yield history.hub(replace(LOOK, link=replace(link, trust=Trust.CONFIRMED)))


def charged() -> Iterator[Screen]:
    """An ordinary page, one of many payments, one without a charge, and an empty one."""
    for payments_ in ((PAID,) * 2, (PAID,) * 500):
        months = (AccountMonth(Month(2026, 11), CHARGED, payments_),) * 6
        yield history.charges(LOOK, ChargesPage(Page(months, *OLDER_NEWER), TOTALS))
    yield history.charges(LOOK, ChargesPage(Page((AccountMonth(Month(2026, 11), None, (PAID,)),)), TOTALS))
    yield history.charges(LOOK, ChargesPage(Page(()), Totals()))


def paid() -> Iterator[Screen]:
    for count in (1, 12, 500):
        yield history.payments(LOOK, PaymentsPage(Page((PAID,) * count, *OLDER_NEWER), TOTALS, SUM))
    yield history.payments(LOOK, PaymentsPage(Page(()), Totals(), SUM))


def read() -> Iterator[Screen]:
    named = replace(meter, number=LONG * 16)
    past = tuple(PastReading(named, zone, DAY, 999_999_999, 1, LONG * 20, True, "x" * 32) for zone in ZONES)
    for count in (1, 8, 100):
        entries = (MeterRead(DAY, named, past), *(MeterRead(DAY, replace(named, number="1"), past),) * (count - 1))
        yield history.readings(LOOK, ReadingsPage(Page(entries, *OLDER_NEWER), (submission,) * count))
    yield history.readings(LOOK, ReadingsPage(Page(()), ()))


def periods() -> Iterator[Screen]:
    for edge, year in product(Edge, (2015, 2020, 2026)):
        yield history.period(LOOK, edge, year)


def charts() -> Iterator[Screen]:
    zones = dict.fromkeys(ZONES, 999_999)
    for before in (None, zones, dict.fromkeys(ZONES, 999_998), dict.fromkeys(ZONES, 1_000_000)):
        for count in (12, 11):
            now_ = [zones if number < count else None for number in range(12)]
            uses = tuple(ComparedMonth(Month(2026, 1).plus(number), one, before) for number, one in enumerate(now_))
            yield history.chart(link, Consumption(uses, ZONES))


appeal_settings = AppealSettings(
    tuple(Subject(f"{number:x>32}", (LONG * 15)[:60], (LONG * 15)[:60].replace("Щ", "Q")) for number in range(20))
)
appeal = Appeal(
    "x" * 32, "2611-999999", 5_000_000_001, "ru", About("360000123456"), f"{0:x>32}",
    Contact("<&>" * 20, EMAIL, "+79001234567", by_mail_only=True), NOW, NOW,
)  # fmt: skip
file_sent = Written(
    Side.CUSTOMER,
    5_000_000_001,
    1,
    NOW,
    f"<b>{'&amp;' * 4096}</b>",
    Attachment("document", "x", "<&>" * 80 + ".pdf"),
    "x",
)
drafted = AppealDraft(
    id="x" * 16,
    about=About("", "<&>" * 40, "<&>" * 100),
    subject=appeal.subject,
    contact=appeal.contact,
    contacted=True,
    doubted=EMAIL,
    opening=replace(file_sent, file=None),
    messages=tuple(replace(file_sent, message=number, album="") for number in range(10)),
)


def appeal_lists() -> Iterator[Screen]:
    answered = replace(appeal, answered_at=NOW, answer_at=NOW)
    states = (appeal, answered, replace(answered, seen_at=NOW), replace(appeal, state=AppealState.CLOSED))
    yield appeals.appeals(AppealList((), older=True), appeal_settings)
    yield appeals.appeals(AppealList(()), appeal_settings)
    yield appeals.appeals(AppealList(2 * states, 1, more=True), appeal_settings)
    yield appeals.appeals(AppealList(2 * states, 1, older=True, every=True), appeal_settings)


def threads() -> Iterator[Screen]:
    messages = [AppealMessage(999_999, "x" * 32, file_sent)] * 4
    messages.append(AppealMessage(1, "x" * 32, replace(file_sent, side=Side.STAFF), withdrawn_at=NOW))
    for page in range(3):
        yield appeals.thread(Thread(appeal, tuple(messages), page, 3), appeal_settings, MOSCOW)
    rated = replace(appeal, state=AppealState.CLOSED, rating=5)
    yield appeals.thread(Thread(rated, tuple(messages)), appeal_settings, MOSCOW)


def contacts() -> Iterator[Screen]:
    nothing = drafted.model_copy(update={"contact": Contact()})
    for one, own in product((drafted, nothing), (EMAIL, f"other{EMAIL}", None)):
        yield appeal_drafts.ask_contact(one, own)


def confirmed_withdrawals() -> Iterator[Screen]:
    for consent in Consent:
        yield privacy.confirm_withdrawal(replace(given, text=replace(text, consent=consent)))


on_desk = Appeal(
    *("x" * 32, "2611-00042", customer.user_id, "en", About(link.account), "charges"),
    Contact(LONG * 8, EMAIL, "+79000000000", by_mail_only=True),
    *(NOW, NOW + timedelta(days=3)),
    rating=5,
    rating_words=(LONG * 70)[:1000],
)
subject = Subject("charges", "Charges")
topic = Topic(on_desk.key, -100, owner=1, owner_name=(LONG * 8)[:120], remade=True)


operator = Operator((LONG * 16)[:64], customer.user_id)
reach = Reach(999_999, Counter(dict.fromkeys(Silence, 999_999)), (link.account,) * MOST_ACCOUNTS, MOST_ACCOUNTS)
counted = Tally(999_999, 999_999, 999_999, 999_999)


def of_staff() -> Iterator[Broadcast]:
    audiences = (
        Audience(),
        Audience(region.name),
        Audience(street=LONG * 100),
        Audience(accounts=("360000123456",) * 3),
        Audience(corrects=999_999),
    )
    for audience, state in product(audiences, BroadcastState):
        yield Broadcast(
            *(999_999, "", audience, operator, NOW, 999_999, state),
            *(operator, NOW if state.begun else None, operator.name, NOW),
        )


def desk_cards() -> Iterator[Screen]:
    bill, journal = Bill(Month(2026, 11), SUM), tuple(JournalEntry(None, action, NOW) for action in list(Action)[:3])
    facts = CardFacts(link, account, bill, (meter,) * 4, journal, blocked=True, known=False, waiting=1000)
    elsewhere = replace(on_desk, about=About("", LONG, (LONG * 20)[:300]), state=AppealState.CLOSED, closed_at=NOW)
    for one, owned in (
        (on_desk, topic),
        (replace(on_desk, answered_at=NOW), Topic(on_desk.key, -100)),
        (elsewhere, topic),
    ):
        yield desk.card(one, subject, MOSCOW, owned, facts)


BUILDERS: Final[dict[str, Callable[[], Screen | Iterator[Screen]]]] = {
    "appeals.appeals": appeal_lists,
    "appeals.sent": lambda: (appeals.sent(Sent(appeal, mailed=one), MOSCOW) for one in (True, False)),
    "appeals.thread": threads,
    "appeals.ask_addition": lambda: (appeals.ask_addition(appeal, reopened=one) for one in (True, False)),
    "appeals.added": lambda: appeals.added(appeal),
    "appeals.ask_rating": lambda: appeals.ask_rating(appeal),
    "appeals.closed": lambda: appeals.closed(appeal),
    "appeals.rated": lambda: appeals.rated(replace(appeal, rating=5)),
    "appeals.thanked": lambda: appeals.thanked(appeal),
    "appeals.offer": lambda: appeals.offer(LONG * 1000, 10, "x" * 16),
    "appeals.ask_subject": lambda: appeal_drafts.ask_subject(drafted, appeal_settings.subjects),
    "appeals.ask_place": lambda: appeal_drafts.ask_place(drafted, customer.links),
    "appeals.ask_locality": lambda: appeal_drafts.ask_locality(drafted),
    "appeals.ask_address": lambda: appeal_drafts.ask_address(drafted),
    "appeals.ask_name": lambda: appeal_drafts.ask_name(drafted, (LONG * 15)[:60], (LONG * 16)[:59]),
    "appeals.ask_contact": contacts,
    "appeals.doubt_email": lambda: appeal_drafts.doubt_email(drafted, EMAIL),
    "appeals.ask_text": lambda: (appeal_drafts.ask_text(one) for one in (drafted, AppealDraft(id="x" * 16))),
    "appeals.ask_files": lambda: (appeal_drafts.ask_files(one) for one in (drafted, AppealDraft(id="x" * 16))),
    "appeals.preview": lambda: (
        appeal_drafts.preview(drafted, appeal_settings, one, own) for one, own in ((link, EMAIL), (None, None))
    ),
    "desk.card_head": lambda: desk.card_head(on_desk, subject, MOSCOW, remade=True),
    "desk.card": desk_cards,
    "desk.access": lambda: desk.access(
        on_desk, AccountAccess(account, (link,) * 5, Control(locked=True), (), None, ())
    ),
    "desk.confirm_unlink": lambda: desk.confirm_unlink(on_desk, link.id),
    "control.details": details,
    "control.control": controls,
    "settings.settings": settings_of_all,
    "settings.notifications": lambda: settings.notifications(
        replace(customer, muted=frozenset([NotificationKind.PAY_BY]))
    ),
    "broadcasts.announcement": lambda: broadcasts.announcement(
        Broadcast(1, (LONG * 900)[:LONGEST], Audience(corrects=1), Operator("x"), NOW, 1)
    ),
    "broadcasts.choose": lambda: (staff_screens.choose(one, (region,) * 8) for one in of_staff()),
    "broadcasts.choose_region": lambda: staff_screens.choose_region(next(of_staff()), (region,) * 8),
    "broadcasts.addressed": lambda: (
        staff_screens.addressed(replace(one, reach=found)) for one, found in product(of_staff(), (None, reach))
    ),
    "broadcasts.draft": lambda: (
        staff_screens.draft(replace(one, reach=found)) for one, found in product(of_staff(), (None, reach))
    ),
    "broadcasts.running": lambda: (staff_screens.running(one, counted) for one in of_staff()),
    "broadcasts.cancelled": lambda: (staff_screens.cancelled(one) for one in of_staff()),
    "broadcasts.card": lambda: (staff_screens.card(one, counted) for one in of_staff()),
    "reminders.readings_due": reminded,
    "reminders.pick_account": lambda: reminders.pick_account(
        (link,) * 10, AnswerDraft(id="x" * 16, typed=LONG * 20, message=1, typed_at=NOW)
    ),
    "reminders.payment_due": lambda: (
        reminders.payment_due(owed, Month(2026, 10), DAY, today=today)
        for owed in ([next(dues())], [next(dues())] * 10)
        for today in (True, False)
    ),
    "reminders.verification_due": lambda: reminders.verification_due([EndingMeter(link, meter)] * 40, DAY),
    "reminders.settings": lambda: reminders.settings(
        replace(customer, muted=frozenset(NotificationKind), links=(away_link,) * 10), time(10), DAY
    ),
    "reminders.away": lambda: reminders.away(away_link, [DAY] * 4, DAY),
    "settings.quiet_hours": lambda: settings.quiet_hours(customer),
    "emails.email": lambda: emails.email(EMAIL, EmailRequest(1, EMAIL, NOW), MOSCOW),
    "emails.ask_address": emails.ask_address,
    "emails.confirm_removal": lambda: (emails.confirm_removal(EMAIL, "x" * 16, receipts=one) for one in (True, False)),
    "emails.opened": lambda: (emails.opened(what, EMAIL) for what in Opened),
    "privacy.my_data": privacy.my_data,
    "privacy.consents": lambda: privacy.consents((given,) * 2, MOSCOW),
    "privacy.consent": lambda: (privacy.consent(one, MOSCOW) for one in (given, replace(given, withdrawn_at=None))),
    "privacy.confirm_withdrawal": confirmed_withdrawals,
    "privacy.erasure": privacy.erasure,
    "privacy.confirm_erasure": lambda: privacy.confirm_erasure("x" * 16),
    "privacy.erased": privacy.erased,
    "privacy.withdrawn": privacy.withdrawn,
    "payments.pay": sums_to_pay,
    "receipts.years": lambda: (receipts.years(link, months) for months in (MONTHS, ())),
    "receipts.year": lambda: receipts.year(link, 2026, MONTHS[:12]),
    "receipts.below": receipts_below,
    "receipts.ready": receipts_below,
    "receipts.missed": lambda: (receipts.missed("x" * 16, "3456", MONTHS[0], address) for address in ("", EMAIL)),
    "receipts.below_year": lambda: receipts.below_year(link, 2026, 12),
    "subscriptions.delivery": deliveries,
    "subscriptions.deliveries": lambda: subscriptions.deliveries([SUBSCRIBED] * 10),
    "subscriptions.not_verified": lambda: subscriptions.not_verified(replace(link, trust=Trust.CONFIRMED)),
    "subscriptions.conditions": lambda: (
        subscriptions.conditions(ReceiptWays(replace(link, trust=trust), decides_from=later))
        for trust, later in ((Trust.VERIFIED, None), (Trust.VERIFIED, date(2026, 12, 24)), (Trust.SHARED, None))
    ),
    "subscriptions.ask_address": lambda: (
        subscriptions.ask_address(found, own, "x" * 16)
        for found, own in product((SUBSCRIBED, ReceiptWays(link)), (EMAIL, f"other{EMAIL}", None))
    ),
    "subscriptions.doubt_address": lambda: subscriptions.doubt_address(EMAIL, EMAIL, "x" * 16),
    "subscriptions.ask_reason": lambda: subscriptions.ask_reason(SUBSCRIBED, "x" * 16),
    "subscriptions.confirm_end": lambda: (
        subscriptions.confirm_end(SUBSCRIBED, EMAIL, "x" * 16, offered=one) for one in (True, False)
    ),
    "subscriptions.confirm_end_now": lambda: subscriptions.confirm_end_now(SUBSCRIBED, EMAIL, "x" * 16),
    "subscriptions.link_refused": lambda: (
        subscriptions.link_refused(say(Followed(what))) for say, what in product(FOLLOWED, Opened)
    ),
    "subscriptions.stopped_for": lambda: subscriptions.stopped_for(link),
    "payments.explain": explanations,
    "payments.ask_sum": lambda: payments.ask_sum(link, SUM),
    "payments.ask_email": lambda: (payments.ask_email(link, kopecks) for kopecks in (0, SUM)),
    "payments.code": lambda: payments.code(PaymentCode(link, SUM, "Щ" * 140, requisites, b"")),
    "payments.requisites": lambda: payments.requisites(PaymentCode(link, SUM, "Щ" * 140, requisites, b"")),
    "payments.order": orders,
    "proofs.ask_sum": proving,
    "proofs.pay_instead": lambda: proofs.pay_instead(link, RoundSum()),
    "proofs.proved": lambda: (proofs.proved(link, in_chat=one) for one in (True, False)),
    "proofs.disowned": proofs.disowned,
    "sharing.ask_role": lambda: sharing.ask_role(link),
    "sharing.invited": lambda: sharing.invited(link, Role.PAY, "https://t.me/" + "x" * 32 + "?start=" + "x" * 64),
    "sharing.ask_join": lambda: sharing.ask_join(invitation, LONG * 32, "x" * 16),
    "sharing.confirm_end": lambda: (sharing.confirm_end(link, one) for one in (link, member)),
    "sharing.closed_to_others": lambda: sharing.closed_to_others(link),
    "sharing.members": accesses,
    "sharing.journal": lambda: sharing.journal(link, [JournalEntry(1, action, NOW) for action in Action], MOSCOW),
    "recovery.confirm": lambda: recovery.confirm(link, link.id, date(2026, 12, 24)),
    "recovery.asked": lambda: recovery.asked(link),
    "recovery.kept": recovery.kept,
    "help.help_screen": lambda: help_screens.help_screen(profile, agreed=True),
    "help.guide": help_screens.guide,
    "help.offices": lambda: (help_screens.offices(profile, one) for one in (region, None)),
    "history.hub": hubs,
    "history.charges": charged,
    "history.payments": paid,
    "history.readings": read,
    "history.period": periods,
    "history.files": lambda: history.files(LOOK),
    "history.chart": charts,
    "home.home": cards,
    "accounts.accounts": lists,
    "accounts.editing": lambda: accounts.editing(customer.links),
    "accounts.offer_label": lambda: accounts.offer_label(link),
    "accounts.account": lambda: accounts.account(link, account.address, first=False),
    "accounts.confirm_unlink": lambda: (accounts.confirm_unlink(link, one) for one in (None, SUBSCRIBED.mail)),
    "accounts.ask_label": lambda: accounts.ask_label(link),
    "readings.pick_meter": lambda: readings.pick_meter(taken, LONG * 1000),
    "readings.ask_values": asked_values,
    "readings.where_to_look": lambda: readings.where_to_look(view),
    "readings.doubt": doubts,
    "readings.preview": lambda: readings.preview(
        ShowPreview(taken, view, form, Preview(values, estimate, submission, taken.window)), "x" * 16, "x" * 32
    ),
    "submissions.done": submission_cards,
    "submissions.history": lambda: submissions.history(link, (submission,) * 5, 10_000, more=True, page=5),
    "papers.ask_email": lambda: papers.ask_email(submissions.mail_question(submission), EMAIL, "x" * 16),
    "papers.mail_queued": lambda: papers.mail_queued(EMAIL),
    "start.consents": lambda: (
        start.consents(profile, ticked, "ru", number_kept=True) for ticked in (set[Consent](), set(Consent))
    ),
    "start.document": lambda: (start.document(text, Place.CONSENTS, ticked=ticked) for ticked in (None, True, False)),
    "start.documents": start.documents,
    "accounts.ask_account": lambda: accounts.ask_account(can_leave=True, invited=True),
    "accounts.confirm_address": questions,
}


def test_every_screen_is_here() -> None:
    found = {
        f"{module.__name__.split('.')[1]}.{name}"
        for module in modules(handlers)
        for name, member in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and member.__annotations__.get("return") == "Screen"
        if member.__module__ == module.__name__ and module.__name__.endswith("screens")
    }
    assert found == set(BUILDERS)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("name", BUILDERS)
def test_the_longest_screen_fits(name: str, language: str) -> None:
    speak(language)
    for screen in screens_of(name):
        check(screen)


def screens_of(name: str) -> list[Screen]:
    built = BUILDERS[name]()
    return [built] if isinstance(built, Screen) else list(built)


def check(screen: Screen) -> None:
    assert 0 < len(_plain(screen.text).encode("utf-16-le")) // 2 <= MESSAGE
    assert "{" not in screen.text
    assert re.findall(r"<(?!/?(?:b|i|code)>)[^>]*>", screen.text) == [], "only tags of ours"
    rows = screen.markup.inline_keyboard if screen.markup else []
    assert sum(map(len, rows)) <= 100
    for button in [button for row in rows for button in row]:
        assert button.text.strip()
        assert len((button.callback_data or "").encode()) <= 64
        assert len(button.copy_text.text if button.copy_text else "") <= 256
        assert len(button.text) <= LABEL or meter.number in button.text or region.name in button.text


def _plain(html: str) -> str:
    """Length as Telegram counts it: the text without its tags, in units of UTF-16."""
    return unescape(re.sub("<[^>]+>", "", html))


_DATA: Final = ("ПАО «Банк Пример»", "П-2611", "О-2611", "Русский", "кв. 45", "кв. ••", "д. ••", "Щ", "Э")


@pytest.mark.parametrize("name", BUILDERS)
def test_english_screens_hold_no_russian(name: str) -> None:
    """But names, addresses, numbers of papers and documents as they were agreed to."""
    speak("en")
    for screen in screens_of(name):
        labels = [button.text for row in (screen.markup.inline_keyboard if screen.markup else []) for button in row]
        shown = "\n".join([screen.text, *labels])
        for known in _DATA:
            shown = shown.replace(known, "")
        assert re.findall("[А-Яа-яЁё]+", shown) == []


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_begins_in_the_source_language(turn: int) -> None:
    assert current() == SOURCE, turn
    speak("en")


def test_home_has_no_more_rows_than_a_small_phone_shows() -> None:
    homes = [screen for screen in cards() if screen.markup]
    assert max(len(screen.markup.inline_keyboard) for screen in homes if screen.markup) == 5
