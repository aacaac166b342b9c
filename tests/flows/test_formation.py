"""Formation day: receipts come to subscribers by themselves, once, corrected ones again, and to nobody else."""

from __future__ import annotations

from unittest.mock import ANY

import pytest

from services.documents import TypstDocuments
from services.notices.errors import MailPostponed, MailRefused, MailUnavailable
from services.notices.models import Channel
from services.receipts.formation import Formation, FormationDay
from services.supplier.errors import SupplierUnavailable
from services.supplier.models import Month
from tests.conftest import TWO_ZONES
from tests.flows.subscribed import (
    ADDRESS,
    NOVEMBER,
    OCTOBER,
    READY,
    Jammed,
    charge,
    form,
    form_due,
    receipts,
    set_own,
    subscribe,
    subscriber,
    unsubscribe,
    withdraw,
)
from tests.flows.test_receipts import OTHER, uploads
from tests.harness import BotHarness
from tests.people import Someone

FIRST = f"{TWO_ZONES};2026-11;1234.56;500.00;1734.56"
WRONG = f"{TWO_ZONES};2026-11;1234.56;9500.00;10734.56"

pytestmark = pytest.mark.limits(sender={"back": (0,), "strikes": (0,)})


@pytest.fixture
async def maria(harness: BotHarness) -> Someone:
    await harness.run("DELETE FROM charged_months")
    return await subscriber(harness, "Мария")


# Receipts and letters


async def test_a_receipt_comes_once_with_what_to_do_about_it(harness: BotHarness, maria: Someone) -> None:
    formed = await form(harness)
    assert (formed.looked, formed.sent, formed.corrected) == (1, 1, 0)
    assert maria.documents[-1][0] == "Квитанция …3456, октябрь 2026.pdf"
    assert maria.screen == (
        "🧾 Счёт …3456, квитанция за октябрь 2026\n"
        "К оплате по квитанции 1 234,56 ₽ до 15.11.2026\n"
        "Сейчас к оплате 1 975,74 ₽\n"
        "По счёту 1 234,56 ₽ (срок был 15.11.2026) + предварительно за ноябрь 741,18 ₽ по среднему расходу"
    )
    assert maria.buttons == ["Оплатить 1\xa0975,74\xa0₽", "Передать показания", "На главную"]
    again = await form(harness)
    assert (again.sent, again.known) == (0, 1)
    assert len(receipts(maria)) == 1

    brought = uploads(harness)  # the file that came is not brought anew when it is asked for
    await maria.send("/receipts")
    await maria.press("Последняя")
    assert uploads(harness) == brought
    assert maria.documents[-1][0] == "Квитанция …3456, октябрь 2026.pdf"

    second = await harness.customer("Анна", OTHER, TWO_ZONES)  # with another account in view
    await harness.run("UPDATE links SET trust = 'verified' WHERE user_id = ?", second.id)
    await subscribe(harness, second)
    await second.send("/accounts")
    await second.press("…0017")
    assert (await form(harness)).sent == 1
    await second.press("Передать показания")
    assert "было 3 500" in second.screen
    await second.press("Оплатить 1\xa0975,74")
    assert "По счёту 1 234,56 ₽" in second.screen


async def test_a_letter_has_the_receipt_and_its_own_links(idle_harness: BotHarness) -> None:
    harness = idle_harness
    harness.documents = TypstDocuments()
    await harness.start()
    maria = await subscriber(harness, "Мария", Channel.MAIL)
    assert (await form(harness)).sent == 1
    letter = await harness.letterbox.letter()
    assert (letter.to, letter.subject) == (ADDRESS, "Квитанция за октябрь 2026")
    assert letter.attachment is not None
    assert letter.attachment[0] == "Квитанция …3456, октябрь 2026.pdf"
    assert letter.attachment[1].startswith(b"%PDF-1.7")
    [(token,)] = harness.rows("SELECT token FROM paper_tokens WHERE account = ?", TWO_ZONES)
    for prefix in ("rcp_", "rcr_"):
        assert f"?start={prefix}{token}" in letter.text
    assert "К оплате 1\xa0234,56\xa0₽ до 15.11.2026." in letter.text
    assert receipts(maria) == []
    assert (await form(harness)).sent == 0
    assert harness.letterbox.letters.empty()


async def test_nothing_to_pay_has_no_button_to_pay(harness: BotHarness, maria: Someone) -> None:
    await harness.run("UPDATE ledger_charges SET closing = -10000 WHERE account = ?", int(TWO_ZONES))
    await harness.run("UPDATE links SET preliminary = 0")
    await form(harness)
    assert "Переплата 100,00 ₽" in maria.screen
    assert maria.buttons == ["Передать показания", "На главную"]


async def test_what_a_guest_is_told_is_on_record(harness: BotHarness, maria: Someone) -> None:
    await harness.run("UPDATE links SET trust = 'shared', role = 'view'")
    await form(harness)
    assert receipts(maria) != []
    assert harness.rows("SELECT 1 FROM shown_sums WHERE kopecks = 123456") == [(1,)]
    assert maria.buttons == ["На главную"]


# Subscribers


async def test_each_by_each_channel_and_two_people_of_one_account(harness: BotHarness, maria: Someone) -> None:
    await subscribe(harness, maria, Channel.MAIL)
    oleg = await subscriber(harness, "Олег")
    other = await subscriber(harness, "Пётр", account=OTHER)
    await harness.run("DELETE FROM ledger_charges WHERE account = ?", int(OTHER))
    formed = await form(harness)
    assert (formed.looked, formed.sent, formed.uncharged) == (4, 3, 1)
    assert [len(receipts(one)) for one in (maria, oleg, other)] == [1, 1, 0]
    assert (await harness.letterbox.letter()).subject == "Квитанция за октябрь 2026"
    assert harness.letterbox.letters.empty()


@pytest.mark.parametrize(
    "lost",
    [
        "DELETE FROM links",
        "UPDATE links SET trust = 'confirmed'",
        "UPDATE consents SET withdrawn_at = '2026-11-23' WHERE consent = 'personal_data'",
    ],
    ids=["unlinked", "no proof any more", "no consent any more"],
)
async def test_without_access_nothing_comes(harness: BotHarness, maria: Someone, lost: str) -> None:
    harness.clock.set("2026-11-23 23:30")
    await form(harness)
    assert harness.outbox("state, quiet") == [("waiting", 1)]
    await harness.run("UPDATE users SET current_link = NULL")
    await harness.run(lost)  # between forming and sending
    harness.clock.set("2026-11-24 08:00")
    await form_due(harness)
    await harness.tick()
    await harness.outbox_is_done()
    assert receipts(maria) == []
    formed = await form(harness)
    assert (formed.sent, formed.without_access) == (0, 1)


async def test_who_leaves_or_is_erased_before_the_morning_gets_nothing(harness: BotHarness, maria: Someone) -> None:
    oleg = await subscriber(harness, "Олег")
    harness.clock.set("2026-11-23 23:30")
    await form(harness)
    await unsubscribe(harness, maria)
    await oleg.send("/settings")
    await oleg.press("Мои данные")
    await oleg.press("Удалить всё обо мне")
    await oleg.press("Удалить")
    await oleg.press("Да, удалить")
    assert harness.rows("SELECT user_id FROM receipt_deliveries") == [(maria.id,)]
    assert harness.rows("SELECT user_id FROM subscriptions") == []
    harness.clock.set("2026-11-24 08:00")
    await harness.tick()
    await harness.outbox_is_done()
    assert receipts(maria) == receipts(oleg) == []
    await subscribe(harness, maria)  # back again: the notice of before was not sent
    await form(harness)
    assert len(receipts(maria)) == 1


async def test_receipts_wait_for_the_morning_and_letters_do_not(harness: BotHarness, maria: Someone) -> None:
    await subscribe(harness, maria, Channel.MAIL)
    harness.clock.set("2026-11-23 23:30")
    await form(harness)
    assert (await harness.letterbox.letter()).to == ADDRESS
    assert receipts(maria) == []
    harness.clock.set("2026-11-24 08:00")
    await harness.tick()
    await harness.outbox_is_done()
    assert len(receipts(maria)) == 1


async def test_who_stopped_the_bot_is_left_in_peace(harness: BotHarness, maria: Someone) -> None:
    harness.world.block(maria.person)
    await harness.quiet()
    formed = await form(harness)
    assert (formed.sent, formed.without_access) == (0, 1)
    harness.world.unblock(maria.person)
    await maria.send("/start")
    await harness.quiet()
    assert receipts(maria) == []


async def test_who_has_stopped_it_and_said_nothing_is_told_when_back(harness: BotHarness, maria: Someone) -> None:
    harness.world.block(maria.person)
    await harness.quiet()
    await harness.run("UPDATE users SET blocked_at = NULL")  # the bot has not heard of it
    await harness.app.use(Formation).form(OCTOBER)
    await harness.outbox_becomes("kind, state", [(READY, "failed"), ("receipt_missed", "held")])
    before = harness.world.cursor
    harness.world.unblock(maria.person)
    await maria.send("/start")
    await harness.told(maria, "Счёт …3456: квитанция за октябрь 2026, возможно, не дошла.", before)
    await maria.press("Прислать сюда")
    assert maria.documents[-1][0] == "Квитанция …3456, октябрь 2026.pdf"
    assert (await form(harness)).sent == 0


async def test_a_letter_that_is_refused_is_told_in_the_chat(harness: BotHarness) -> None:
    maria = await subscriber(harness, "Мария", Channel.MAIL)
    harness.letterbox.trouble = MailRefused()
    before = harness.world.cursor
    await form(harness)
    await harness.told(maria, "письмо с квитанцией за октябрь 2026 на m•••@example.org, возможно, не дошло", before)
    await maria.press("Прислать сюда")
    assert maria.documents != []


async def test_without_a_mail_server_letters_wait_for_one(idle_harness: BotHarness) -> None:
    harness = idle_harness
    letterbox, harness.letterbox = harness.letterbox, None  # type: ignore[assignment]
    await harness.start()
    await subscriber(harness, "Мария", Channel.MAIL)
    formed = await form(harness)
    assert (formed.sent, formed.without_mail) == (0, 1)
    assert harness.outbox("key") == []
    await harness.stop()
    harness.letterbox = letterbox
    await harness.start()
    assert (await form(harness)).sent == 1
    assert (await harness.letterbox.letter()).to == ADDRESS


async def test_a_letter_that_waits_goes_to_the_address_of_today(harness: BotHarness) -> None:
    maria = await subscriber(harness, "Мария", Channel.MAIL)
    harness.letterbox.trouble = MailUnavailable()
    await harness.app.use(Formation).form(OCTOBER)
    await harness.outbox_becomes("state", [("waiting",)], kind="receipt_letter", tries=1)
    await subscribe(harness, maria, Channel.MAIL, address="anna@example.org")
    harness.letterbox.trouble = None
    harness.clock.advance(minutes=10)
    await harness.tick()
    assert (await harness.letterbox.letter()).to == "anna@example.org"


async def test_a_loss_names_the_address_that_the_letter_went_to(harness: BotHarness) -> None:
    """The subscriber has moved to another one since formation day."""
    maria = await subscriber(harness, "Мария", Channel.MAIL)
    harness.letterbox.trouble = MailPostponed()
    await harness.app.use(Formation).form(OCTOBER)
    await harness.outbox_becomes("state", [("waiting",)], kind="receipt_letter", tries=1)
    await subscribe(harness, maria, Channel.MAIL, address="anna@example.org")
    before = harness.world.cursor
    harness.letterbox.trouble = MailRefused()
    harness.clock.advance(minutes=10)
    await harness.tick()
    await harness.told(maria, "письмо с квитанцией за октябрь 2026 на a•••@example.org, возможно, не дошло", before)
    await maria.press("Изменить e-mail")
    assert "Сейчас квитанция приходит на a•••@example.org." in maria.screen


async def test_a_letter_that_was_never_made_names_no_address(idle_harness: BotHarness) -> None:
    harness = idle_harness
    harness.documents = Jammed()
    await harness.start()
    maria = await subscriber(harness, "Мария", Channel.MAIL)
    before = harness.world.cursor
    await harness.app.use(Formation).form(OCTOBER)
    await in_vain(harness, "receipt_letter")
    await harness.told(maria, "Счёт …3456: квитанция за октябрь 2026, возможно, не дошла.", before)
    harness.journal.take()


# Papers that cannot be made


async def test_a_receipt_that_cannot_be_made_holds_up_no_other_and_comes_later(idle_harness: BotHarness) -> None:
    harness = idle_harness
    jammed = Jammed()
    harness.documents = jammed
    await harness.start()
    maria, pyotr = await subscriber(harness, "Мария"), await subscriber(harness, "Пётр", account=OTHER)
    await harness.app.use(Formation).form(OCTOBER)
    await harness.outbox_becomes("user_id, tries, state", [(maria.id, 1, "waiting"), (pyotr.id, 1, "sent")])
    assert len(receipts(pyotr)) == 1
    assert {alert.partition("{")[2][:60] for alert in harness.alerts()} == {
        "'what': 'a receipt of 2026-10 could not be made: ValueError'"
    }
    harness.journal.take()
    jammed.mended = True
    harness.clock.advance(seconds=31)
    await harness.tick()
    await harness.outbox_is_done()
    assert len(receipts(maria)) == 1


async def test_who_waits_in_vain_is_told_and_a_new_formation_mends_it(idle_harness: BotHarness) -> None:
    harness = idle_harness
    harness.documents = jammed = Jammed()
    await harness.start()
    maria = await subscriber(harness, "Мария")
    before = harness.world.cursor
    await harness.app.use(Formation).form(OCTOBER)
    await in_vain(harness, READY)
    await harness.told(maria, "квитанция за октябрь 2026, возможно, не дошла", before)
    harness.journal.take()
    jammed.mended = True
    assert (await form(harness)).sent == 1
    assert receipts(maria)[-1].startswith("🧾 Счёт …3456, квитанция за октябрь 2026\n")


async def in_vain(harness: BotHarness, kind: str) -> None:
    """All tries at a notice that cannot be made."""
    for tries in range(1, 7):
        state = "waiting" if tries < 6 else "failed"
        await harness.outbox_becomes("tries, state", [(tries, state)], kind=kind)
        harness.clock.advance(hours=1)
        await harness.tick()


# Corrections


async def test_a_corrected_bill_comes_again_once(harness: BotHarness, maria: Someone) -> None:
    await form(harness)
    late = await subscriber(harness, "Олег")
    gone = await subscriber(harness, "Пётр")
    await form(harness)
    await unsubscribe(harness, gone)
    await charge(harness, f"{TWO_ZONES};2026-10;0;1200.00;1200.00")
    for _ in range(2):
        formed = await form(harness)
    assert (formed.sent, formed.known) == (0, 2)
    for someone in (maria, late):
        assert receipts(someone)[1:] == [
            "🧾 Счёт …3456, исправленная квитанция за октябрь 2026\n"
            "К оплате по квитанции 1 200,00 ₽ до 15.11.2026\nБыло 1 234,56 ₽, стало 1 200,00 ₽\n"
            "Сейчас к оплате 1 941,18 ₽\n"
            "По счёту 1 200,00 ₽ (срок был 15.11.2026) + предварительно за ноябрь 741,18 ₽ по среднему расходу"
        ]
    assert len(receipts(gone)) == 1


async def test_a_correction_by_letter_says_what_it_was(harness: BotHarness) -> None:
    await subscriber(harness, "Мария", Channel.MAIL)
    await form(harness)
    await harness.letterbox.letter()
    await charge(harness, f"{TWO_ZONES};2026-10;1134.56;100.00;1234.56")
    await form(harness)
    letter = await harness.letterbox.letter()
    assert letter.subject == "Исправленная квитанция за октябрь 2026"
    assert "Сумма к оплате та же." in letter.text


async def test_a_correction_of_what_has_not_arrived_is_none(harness: BotHarness) -> None:
    """The letter with the first sum waits for room in the mailbox."""
    await subscriber(harness, "Мария", Channel.MAIL)
    harness.letterbox.trouble = MailPostponed()
    await harness.app.use(Formation).form(OCTOBER)
    await harness.outbox_becomes("tries, state", [(1, "waiting")])
    await charge(harness, f"{TWO_ZONES};2026-10;0;1200.00;1200.00")
    harness.letterbox.trouble = None
    assert (await harness.app.use(Formation).form(OCTOBER)).sent == 1
    letter = await harness.letterbox.letter()
    assert letter.subject == "Квитанция за октябрь 2026"
    assert "К оплате 1\xa0200,00\xa0₽ до 15.11.2026." in letter.text
    harness.clock.advance(hours=1)
    await harness.tick()
    await harness.outbox_is_done()
    assert harness.letterbox.letters.empty()
    assert (await form(harness)).sent == 0


async def test_a_bill_that_changes_before_the_morning_comes_once_as_it_is_then(
    harness: BotHarness, maria: Someone
) -> None:
    harness.clock.set("2026-11-23 23:30")
    await form(harness)
    await charge(harness, f"{TWO_ZONES};2026-10;0;1200.00;1200.00")
    assert (await form(harness)).known == 1
    harness.clock.set("2026-11-24 08:00")
    await harness.tick()
    await harness.outbox_is_done()
    assert [one.splitlines()[1] for one in receipts(maria)] == ["К оплате по квитанции 1 200,00 ₽ до 15.11.2026"]
    assert (await form(harness)).sent == 0


async def test_a_correction_that_is_taken_back_before_the_morning_does_not_come(
    harness: BotHarness, maria: Someone
) -> None:
    await form(harness)
    harness.clock.set("2026-11-23 23:30")
    wrong = await charge(harness, f"{TWO_ZONES};2026-10;0;9200.00;9200.00")
    assert (await form(harness)).corrected == 1
    await withdraw(harness, wrong)
    harness.clock.set("2026-11-24 08:00")
    await harness.tick()
    await harness.outbox_is_done()
    assert len(receipts(maria)) == 1
    assert (await form(harness)).sent == 0


async def test_a_receipt_of_the_suppliers_own_that_it_replaces_comes_again(harness: BotHarness, maria: Someone) -> None:
    await set_own(harness, b"first")
    await form(harness)
    assert b"first" in maria.documents[-1][1]
    replaced = await set_own(harness, b"second")
    harness.clock.advance(hours=1)
    for _ in range(2):
        await form_due(harness)
    assert [one.splitlines()[::2] for one in receipts(maria)[1:]] == [
        ["🧾 Счёт …3456, исправленная квитанция за октябрь 2026", "Сумма к оплате та же", ANY]
    ]
    assert b"second" in maria.documents[-1][1]
    await withdraw(harness, replaced)
    assert (await form(harness)).corrected == 1
    assert b"first" in maria.documents[-1][1]
    assert (await form(harness)).known == 1


async def test_one_that_comes_after_the_composed_one_was_sent_is_no_correction(
    harness: BotHarness, maria: Someone
) -> None:
    await form(harness)
    await set_own(harness, b"late")
    assert (await form(harness)).known == 1


async def test_one_of_a_month_that_is_not_charged_waits_for_the_charges(harness: BotHarness, maria: Someone) -> None:
    await set_own(harness, b"own", NOVEMBER)
    formed = await form(harness, NOVEMBER, dry=True)
    assert (formed.sent, formed.uncharged, formed.own) == (0, 1, 1)
    harness.clock.set("2026-12-01 10:00")
    await charge(harness, FIRST)
    harness.clock.advance(hours=1)
    await form_due(harness)
    assert b"own" in maria.documents[-1][1]


# Imports


async def test_after_an_import_of_charges_receipts_come_by_themselves(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set("2026-12-01 10:00")
    await charge(harness, FIRST)
    for minutes, count in ((0, 0), (59, 0), (1, 1), (60, 1)):
        harness.clock.advance(minutes=minutes)
        await form_due(harness)
        assert len(receipts(maria)) == count
    assert maria.documents[-1][0] == "Квитанция …3456, ноябрь 2026.pdf"
    for _ in range(2):  # the same file, and one of which nothing is new
        await charge(harness, FIRST)
        harness.clock.advance(hours=2)
        await form_due(harness)
    assert len(receipts(maria)) == 1


async def test_an_import_that_is_withdrawn_in_time_sends_nothing(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set("2026-12-01 10:00")
    wrong = await charge(harness, WRONG)
    harness.clock.advance(minutes=30)
    await withdraw(harness, wrong)
    harness.clock.advance(minutes=90)
    await form_due(harness)
    assert receipts(maria) == []
    await charge(harness, FIRST)
    harness.clock.advance(hours=1)
    await form_due(harness)
    assert [one.splitlines()[1] for one in receipts(maria)] == ["К оплате по квитанции 1 734,56 ₽ до 15.12.2026"]


async def test_an_import_that_is_withdrawn_too_late_is_corrected(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set("2026-12-01 10:00")
    await charge(harness, FIRST)
    wrong = await charge(harness, WRONG)
    harness.clock.advance(hours=1)
    await form_due(harness)
    await withdraw(harness, wrong)
    await form_due(harness)
    assert len(receipts(maria)) == 1
    harness.clock.advance(hours=1)
    await form_due(harness)
    assert receipts(maria)[1].splitlines()[2] == "Было 10 734,56 ₽, стало 1 734,56 ₽"


async def test_a_change_after_the_clock_was_set_back_is_formed(harness: BotHarness, maria: Someone) -> None:
    for now, line in (("2026-12-05 10:00", FIRST), ("2026-12-02 10:00", WRONG)):
        harness.clock.set(now)
        await charge(harness, line)
        harness.clock.advance(hours=1)
        await form_due(harness)
    assert [one.splitlines()[2] for one in receipts(maria)[1:]] == ["Было 1 734,56 ₽, стало 10 734,56 ₽"]


async def test_a_change_by_a_clock_that_was_ahead_is_formed_when_it_is_right(
    harness: BotHarness, maria: Someone
) -> None:
    harness.clock.set("2027-12-01 10:00")
    await charge(harness, FIRST)
    harness.clock.set("2026-12-01 10:00")
    await form_due(harness)
    assert [one.splitlines()[1] for one in receipts(maria)] == ["К оплате по квитанции 1 734,56 ₽ до 15.12.2026"]
    await form_due(harness)
    assert len(receipts(maria)) == 1


async def test_a_month_that_has_not_begun_waits_and_hides_no_other(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set("2026-11-30 10:00")
    await charge(harness, FIRST, f"{TWO_ZONES};2026-12;1734.56;500.00;2234.56")
    harness.clock.advance(hours=1)
    await form_due(harness)
    assert [one.splitlines()[0] for one in receipts(maria)] == ["🧾 Счёт …3456, квитанция за ноябрь 2026"]
    harness.clock.set("2026-12-01 10:00")
    await form_due(harness)
    assert receipts(maria)[-1].startswith("🧾 Счёт …3456, квитанция за декабрь 2026")


async def test_a_past_of_years_sends_the_newest_month_alone(harness: BotHarness, maria: Someone) -> None:
    months = [Month(2015, 1).plus(step) for step in range(142)]
    await charge(harness, *(f"{TWO_ZONES};{month};0;1.00;1.00" for month in months[:130]))
    harness.clock.advance(hours=2)
    await form_due(harness)
    assert receipts(maria) == []
    await charge(harness, *(f"{TWO_ZONES};{month};0;2.00;2.00" for month in months))
    harness.clock.advance(hours=2)
    await form_due(harness)
    assert [one.splitlines()[0] for one in receipts(maria)] == ["🧾 Счёт …3456, квитанция за октябрь 2026"]
    await form(harness, Month(2026, 3))  # by command, and corrected by itself
    await charge(harness, f"{TWO_ZONES};2026-03;0;3.00;3.00")
    harness.clock.advance(hours=2)
    await form_due(harness)
    assert receipts(maria)[-1].splitlines()[::2] == [
        "🧾 Счёт …3456, исправленная квитанция за март 2026",
        "Было 2,00 ₽, стало 3,00 ₽",
    ]


async def test_an_import_in_the_middle_of_a_formation_is_formed_after_it(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bill changes between the look at it and the delivery."""
    harness.clock.set("2026-12-01 10:00")
    await charge(harness, FIRST)
    harness.clock.advance(hours=1)
    plain = Formation._link

    async def meanwhile(formation: Formation, subscription: object) -> object:
        monkeypatch.setattr(Formation, "_link", plain)
        await charge(harness, f"{TWO_ZONES};2026-11;1234.56;100.00;1334.56")
        return await plain(formation, subscription)  # type: ignore[arg-type]

    monkeypatch.setattr(Formation, "_link", meanwhile)
    await form_due(harness)
    assert [one.splitlines()[1] for one in receipts(maria)] == ["К оплате по квитанции 1 334,56 ₽ до 15.12.2026"]
    harness.clock.advance(hours=1)
    await form_due(harness)
    assert harness.rows("SELECT changed_at = formed_for FROM charged_months") == [(1,)]
    assert len(receipts(maria)) == 1


async def test_while_the_supplier_is_away_formation_waits(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set("2026-12-01 10:00")
    await charge(harness, FIRST)
    harness.clock.advance(hours=1)
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"charged"})
    await form_due(harness)
    harness.supplier.trouble = None
    await form_due(harness)
    assert len(receipts(maria)) == 1


async def test_an_error_of_ours_reaches_the_operator_and_other_months_go_on(
    harness: BotHarness, maria: Someone
) -> None:
    harness.clock.set("2026-12-01 10:00")
    await charge(harness, FIRST, f"{TWO_ZONES};2026-10;0;1200.00;1200.00")
    await form(harness, OCTOBER)
    await charge(harness, f"{TWO_ZONES};2026-10;0;1300.00;1300.00")
    harness.clock.advance(hours=1)
    harness.supplier.trouble = ZeroDivisionError("a bug")
    harness.supplier.only, harness.supplier.times = frozenset({"charged"}), 1
    await form_due(harness)
    assert "receipts of 2026-11 could not be formed: ZeroDivisionError" in harness.alerts()[0]
    assert len(receipts(maria)) == 2
    await harness.app.use(FormationDay).form_due()
    await harness.outbox_is_done()
    assert len(receipts(maria)) == 3


async def test_counting_sends_nothing(harness: BotHarness, maria: Someone) -> None:
    formed = await form(harness, dry=True)
    assert (formed.looked, formed.sent) == (1, 1)
    assert harness.outbox("key") == harness.rows("SELECT * FROM receipt_deliveries") == []


async def test_deliveries_are_forgotten_when_nothing_can_come_of_them(harness: BotHarness, maria: Someone) -> None:
    await form(harness)
    for days, left in ((3 * 365, 1), (4, 0)):
        harness.clock.advance(days=days)
        await harness.app.use(Formation).forget()
        assert len(harness.rows("SELECT 1 FROM receipt_deliveries")) == left
