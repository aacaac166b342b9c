"""Every screen with the longest data that is plausible, in both languages: what Telegram would refuse is not built."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from itertools import product
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

import handlers
from handlers.accounts import screens as accounts
from handlers.callbacks import Place
from handlers.control import screens as control
from handlers.emails import screens as emails
from handlers.help import screens as help_screens
from handlers.home import screens as home
from handlers.payments import order_screens
from handlers.payments import screens as payments
from handlers.privacy import screens as privacy
from handlers.proofs import screens as proofs
from handlers.readings import screens as readings
from handlers.recovery import screens as recovery
from handlers.settings import screens as settings
from handlers.sharing import screens as sharing
from handlers.show import Screen
from handlers.start import screens as start
from handlers.submissions import screens as submissions
from locales import speak
from services.accounts import flats
from services.accounts.errors import RoundSum
from services.accounts.models import (
    AccountMembers,
    Action,
    Control,
    Entry,
    Invitation,
    Link,
    RecoveryRequest,
    Role,
    Trust,
)
from services.accounts.proofs import Terms
from services.cards import HomeCard, Information
from services.customers.emails import Opened
from services.customers.models import (
    Consent,
    ConsentText,
    Customer,
    EmailRequest,
    GivenConsent,
    NotificationKind,
    Quiet,
)
from services.payments.checkout import PaymentCode
from services.payments.due import Due, OwnPayment, PaymentMethods, RecentPayments
from services.payments.models import Order, OrderStatus
from services.payments.requisites import Requisites
from services.readings.history import SubmissionCard
from services.readings.models import MeterForm, Remark, Submission, SubmissionStatus, Submitted
from services.readings.plausibility import Doubt, DoubtKind, Way
from services.readings.steps import AskDoubt, AskZones, Preview, ShowPreview
from services.readings.views import AccountReadings, MeterView, Question
from services.supplier.models import (
    Account,
    Balance,
    Basis,
    Bill,
    Details,
    Meter,
    MeterCharge,
    Month,
    Reading,
    Statement,
    Zone,
    ZoneCharge,
    ZoneScheme,
)
from services.supplier.periods import ReadingDays, window
from services.supplier.pricing import Estimate, TierCharge
from services.supplier.profile import Office, Region, SupplierProfile
from tests.house import modules

MESSAGE: Final = 4096
LABEL: Final = 64  # of a button: longer ones are cut by the apps
LONG: Final = "<&>Щ"
MOSCOW: Final = ZoneInfo("Europe/Moscow")
NOW: Final = datetime(2026, 11, 23, 7, 14, tzinfo=UTC)
DAY: Final = date(2026, 11, 23)
ZONES: Final = ZoneScheme.PEAK_HALF_NIGHT.zones

link = Link("x" * 16, 5_000_000_001, "360000123456", Trust.VERIFIED, (LONG * 8)[:30], alone=False)
member = replace(link, trust=Trust.SHARED, role=Role.PAY, person=(LONG * 22)[:64], used_at=NOW)
invitation = Invitation("360000123456", 5_000_000_002, Role.PAY, NOW)
account = Account("360000123456", (LONG * 80)[:300] + ", кв. 45")
EMAIL: Final = "<&>" * 20 + "@" + "<&>" * 60 + ".ru"
customer = Customer(5_000_000_001, "ru", frozenset(Consent), (link,) * 10, link.id, email=EMAIL)
office = Office(LONG * 10, LONG * 20, "8 800 000-00-00", LONG * 10)
region = Region(LONG * 10, ("36",), MOSCOW, ReadingDays(23, 25), (office,) * 10)
profile = SupplierProfile(LONG * 20, LONG * 20, LONG * 5, LONG * 10, (region,) * 8, (), region)
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


SUM: Final = 99_999_999_999
order = Order(
    "x" * 24, "О-2611-999999", 5_000_000_001, "360000123456", SUM, NOW, status=OrderStatus.PENDING,
    external_id="x" * 36, url="https://yoomoney.ru/checkout/payments/v2/contract?orderId=" + "x" * 36,
)  # fmt: skip
requisites = Requisites(
    "<&>" * 20, "40702810138250123017", "ПАО «Банк Пример»", "044525225", "30101810400000000225", "7700000009",
    "Э" * 100, "770001001",
)  # fmt: skip


def doubts() -> Iterator[Screen]:
    for kind in DoubtKind:
        for usual in (None, 999_999_999):
            found = Doubt(kind, Zone.HALF_PEAK, 999_999_999, view.previous[Zone.HALF_PEAK], 999_999_999, usual)
            yield readings.doubt(AskDoubt(taken, view, form, Question(found, tuple(Way))), "x" * 16)


def questions() -> Iterator[Screen]:
    yield accounts.confirm_address(account, None, "x" * 16)
    for dwellings in ((), tuple(flats.Dwelling)):
        yield accounts.confirm_address(account, flats.AddressQuestion(dwellings, frozenset()), "x" * 16)


def submission_cards() -> Iterator[Screen]:
    for status in SubmissionStatus:
        for to_pay in (None, 0, SUM):
            yield submissions.done(replace(submission_card, submission=replace(submission, status=status)), to_pay)


def cards() -> Iterator[Screen]:
    for debt in (99_999_999_999, 0, -99_999_999_999):
        card = HomeCard(link, DAY, account, Balance(debt, Month(2026, 10)), taken, payable=True)
        yield home.home(card, customer, resumable=True)
        yield home.home(replace(card, readings=None), customer, resumable=False)
    yield home.home(HomeCard(link, DAY, unavailable=True), customer, resumable=True)
    yield home.home(HomeCard(link, DAY), customer, resumable=True)
    closed = replace(account, closed=True)
    yield home.home(HomeCard(link, DAY, closed, Balance(99_999_999_999, Month(2026, 10))), customer, resumable=True)


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
        bill = Bill(Month(2026, 11), SUM, SUM, 0, SUM, basis, (charge,) * 10)
        yield Due(link, bill, RecentPayments(SUM, order, (OwnPayment(DAY, SUM),) * 10))
        yield Due(replace(link, trust=Trust.CONFIRMED), replace(bill, preliminary=None), RecentPayments(SUM, order))
    yield Due(link, Bill(Month(2026, 11), 0, 0, SUM), RecentPayments(0, None))
    yield Due(link, Bill(Month(2026, 11), 0, 0, SUM, 2 * SUM), RecentPayments(2 * SUM, None, (OwnPayment(DAY, SUM),)))
    yield Due(link, Bill(Month(2026, 11)), RecentPayments(0, None))
    yield Due(link, None, RecentPayments(0, None))


def choices() -> Iterator[Screen]:
    for due in dues():
        for preliminary in (True, False):
            yield payments.choose(due, preliminary=preliminary, limit=3 * SUM)


def explanations() -> Iterator[Screen]:
    for due in dues():
        yield payments.explain(due, preliminary=True)


def methods() -> Iterator[Screen]:
    form = ("x" * 16, "x" * 24, True, True)
    summary = payments.Summary(link, account.address, SUM, "<&>" * 80 + "@mail.ru", RecentPayments(SUM, order), *form)
    for methods in (
        PaymentMethods(link=True, code=True, email=True),
        PaymentMethods(link=False, code=False, email=False),
    ):
        yield payments.method(summary, methods)
        yield payments.method(replace(summary, email=None, address=None), methods)


def orders() -> Iterator[Screen]:
    for status in OrderStatus:
        for dropped in (True, False):
            for reason in (*order_screens._REASONS, "something_new"):
                yield order_screens.order(replace(order, status=status, dropped=dropped, reason=reason), link, MOSCOW)
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
    for one in (customer, Customer(1, "ru"), replace(customer, email=None, quiet=Quiet.NEVER)):
        yield settings.settings(one, EmailRequest(1, EMAIL, NOW), letters=True)
        yield settings.settings(one, None, letters=True)


def confirmed_withdrawals() -> Iterator[Screen]:
    for consent in Consent:
        yield privacy.confirm_withdrawal(replace(given, text=replace(text, consent=consent)))


BUILDERS: Final[dict[str, Callable[[], Screen | Iterator[Screen]]]] = {
    "control.details": details,
    "control.control": controls,
    "settings.settings": settings_of_all,
    "settings.notifications": lambda: settings.notifications(
        replace(customer, muted=frozenset([NotificationKind.PAY_BY]))
    ),
    "settings.quiet_hours": lambda: settings.quiet_hours(customer),
    "emails.email": lambda: emails.email(EMAIL, EmailRequest(1, EMAIL, NOW), MOSCOW),
    "emails.ask_address": emails.ask_address,
    "emails.confirm_removal": lambda: emails.confirm_removal(EMAIL, "x" * 16),
    "emails.opened": lambda: (emails.opened(what, EMAIL) for what in Opened),
    "privacy.my_data": privacy.my_data,
    "privacy.consents": lambda: privacy.consents((given,) * 2, MOSCOW),
    "privacy.consent": lambda: privacy.consent(given, MOSCOW),
    "privacy.confirm_withdrawal": confirmed_withdrawals,
    "privacy.erasure": privacy.erasure,
    "privacy.confirm_erasure": lambda: privacy.confirm_erasure("x" * 16),
    "privacy.erased": privacy.erased,
    "privacy.withdrawn": privacy.withdrawn,
    "payments.choose": choices,
    "payments.explain": explanations,
    "payments.ask_sum": lambda: payments.ask_sum(link, SUM, preliminary=True),
    "payments.method": methods,
    "payments.ask_email": lambda: payments.ask_email("x" * 16),
    "payments.code": lambda: payments.code(PaymentCode(link, SUM, "Щ" * 140, requisites, b"")),
    "payments.order": orders,
    "proofs.ask_sum": proving,
    "proofs.pay_instead": lambda: proofs.pay_instead(link, RoundSum()),
    "proofs.proved": lambda: proofs.proved(link),
    "proofs.disowned": proofs.disowned,
    "sharing.ask_role": lambda: sharing.ask_role(link),
    "sharing.invited": lambda: sharing.invited(link, Role.PAY, "https://t.me/" + "x" * 32 + "?start=" + "x" * 64),
    "sharing.ask_join": lambda: sharing.ask_join(invitation, LONG * 32, "x" * 16),
    "sharing.closed_to_others": lambda: sharing.closed_to_others(link),
    "sharing.members": accesses,
    "sharing.journal": lambda: sharing.journal(link, [Entry(1, action, NOW) for action in Action], MOSCOW),
    "recovery.confirm": lambda: recovery.confirm(link, link.id, date(2026, 12, 24)),
    "recovery.asked": lambda: recovery.asked(link),
    "recovery.kept": recovery.kept,
    "help.help_screen": lambda: help_screens.help_screen(profile, agreed=True),
    "help.guide": help_screens.guide,
    "help.offices": lambda: help_screens.offices(profile, region),
    "home.home": cards,
    "accounts.accounts": lambda: accounts.accounts(customer, 10),
    "accounts.account": lambda: accounts.account(link, account.address, first=False),
    "accounts.confirm_unlink": lambda: accounts.confirm_unlink(link),
    "accounts.ask_label": lambda: accounts.ask_label(link),
    "readings.pick_meter": lambda: readings.pick_meter(taken, LONG * 1000),
    "readings.ask_values": lambda: readings.ask_values(AskZones(taken, view, form, changed=True), "x" * 16),
    "readings.where_to_look": lambda: readings.where_to_look(view),
    "readings.doubt": doubts,
    "readings.preview": lambda: readings.preview(
        ShowPreview(taken, view, form, Preview(values, estimate, submission, taken.window)), "x" * 16, "x" * 32
    ),
    "submissions.done": submission_cards,
    "submissions.history": lambda: submissions.history(link, (submission,) * 5, 10_000, more=True, page=5),
    "submissions.ask_email": lambda: submissions.ask_email(submission, EMAIL, "x" * 16),
    "submissions.mail_queued": lambda: submissions.mail_queued(EMAIL),
    "start.consents": lambda: start.consents(profile, set(Consent), "ru"),
    "start.document": lambda: start.document(text, Place.DOCUMENTS),
    "start.documents": start.documents,
    "accounts.ask_account": lambda: accounts.ask_account(can_leave=True),
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
    built: Any = BUILDERS[name]()
    for screen in [built] if isinstance(built, Screen) else list(built):
        check(screen)


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
    """What Telegram counts: the text without its tags, in units of UTF-16."""
    return unescape(re.sub("<[^>]+>", "", html))
