"""Reminders as people hear and answer them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.db.outbox import SqlOutbox
from services.db.reminders import SqlReminders
from services.reminders.models import Planned
from services.reminders.planning import ReminderPlan
from services.reminders.rounds import ReminderRounds
from services.supplier.errors import SupplierUnavailable
from tests.conftest import TWO_ZONES
from tests.flows.kept import submitted, values
from tests.flows.test_forms import go_through
from tests.harness import BotHarness, link_of
from tests.people import Someone

ONE_ZONE = "360000200017"
OTHER = "360000200041"
TWO_METERS = "360000200066"
READINGS = "remind_readings"

pytestmark = pytest.mark.limits(sender={"back": (0,), "strikes": (0,)})


async def rounds(harness: BotHarness, moscow: str | None = None) -> None:
    """The schedule looks, and what is due goes out."""
    if moscow:
        harness.clock.set(moscow)
    await harness.app.use(ReminderRounds).run_due()
    await harness.tick()
    await harness.due_are_sent()
    await harness.quiet()


def heard(someone: Someone, words: str = "передать показания за ноябрь") -> int:
    return sum(words in screen for screen in someone.screens)


async def test_a_reminder_comes_in_its_hour_once_and_is_answered_by_typing(harness: BotHarness, maria: Someone) -> None:
    await rounds(harness, "2026-11-22 12:00")
    assert harness.outbox("key") == []
    await rounds(harness, "2026-11-23 09:59")
    assert heard(maria) == 0
    for moment in ("2026-11-23 10:01", "2026-11-23 15:00", "2026-11-24 10:01"):
        await rounds(harness, moment)
        assert heard(maria) == 1
    assert maria.screen == (
        "📟 Пора передать показания за ноябрь, принимаем до 25.11.2026.\n\nСчёт …3456\nбыло день 3 500, ночь 1 500\n\n"
        "Просто пришлите числа, например 3650 1650."
    )
    assert maria.buttons == ["Передать", "Вечером", "Завтра", "Без изменений", "Напоминания"]
    assert harness.world.chat_view(maria.id)[-1]["reply_markup"]["force_reply"] is True
    await maria.send("3650 1580")
    assert "Проверьте показания" in maria.screen
    await maria.press("Передать")
    assert values(harness) == [{"day": 3650, "night": 1580}]
    await rounds(harness, "2026-11-25 12:00")
    assert heard(maria, "последний день") == 0


async def test_the_last_day_reminds_once_more_and_the_night_and_the_days_after_are_quiet(
    harness: BotHarness, maria: Someone
) -> None:
    await rounds(harness, "2026-11-25 06:00")
    harness.clock.set("2026-11-25 23:40")  # the bot did not run meanwhile
    await harness.tick()
    await harness.outbox_becomes("quiet, state", [(1, "waiting")])
    await rounds(harness, "2026-11-26 08:00")
    assert heard(maria, "последний день") == heard(maria) == 0
    assert harness.outbox("state") == [("failed",)]
    await rounds(harness, "2026-12-25 10:01")
    assert heard(maria, "последний день, чтобы передать показания за декабрь") == 1
    assert maria.buttons == ["Передать", "Вечером", "Без изменений", "Напоминания"]


async def test_after_a_downtime_the_reminder_is_made_up_for(harness: BotHarness, maria: Someone) -> None:
    await rounds(harness, "2026-11-24 13:00")
    assert heard(maria) == 1
    oleg = await harness.customer("Олег", ONE_ZONE)
    await rounds(harness, "2026-11-25 13:00")
    assert [heard(one, "последний день") for one in (maria, oleg)] == [1, 1]


async def test_a_late_reminder_comes_on_the_next_day_but_not_beside_the_last_one(
    harness: BotHarness, maria: Someone
) -> None:
    await rounds(harness, "2026-11-23 06:00")  # and then the bot does not run
    await rounds(harness, "2026-11-25 12:00")
    assert (heard(maria), heard(maria, "последний день")) == (1, 1)
    await rounds(harness, "2026-12-23 06:00")
    await rounds(harness, "2026-12-24 12:00")
    assert heard(maria, "Пора передать показания за декабрь") == 1


async def test_readings_that_have_come_meanwhile_need_no_reminder(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    await rounds(harness, "2026-11-23 09:00")
    assert harness.outbox("state", kind=READINGS) == [("waiting",)] * 2
    await maria.send("3650 1580")
    await maria.press("Передать")
    await rounds(harness, "2026-11-23 10:01")
    assert [heard(one) for one in (maria, oleg)] == [0, 1]


async def test_all_accounts_come_in_one_message_and_the_answer_is_for_the_one_that_is_picked(
    harness: BotHarness,
) -> None:
    maria = await harness.customer("Мария", ONE_ZONE, OTHER, TWO_ZONES)
    await harness.run("UPDATE links SET label = 'Дача' WHERE account = ?", OTHER)
    await maria.send("3650 1580")
    await maria.press("Передать")
    await rounds(harness, "2026-11-23 10:15")
    assert heard(maria) == 1
    assert "Счёт …0017\nбыло " in maria.screen
    assert "Дача · счёт …0041\nбыло " in maria.screen
    assert "…3456" not in maria.screen
    reminder = maria.last_id
    previous = harness.rows("SELECT max(value) FROM ledger_readings WHERE account = ?", int(OTHER))[0][0]
    await maria.send(f"{previous + 90}", reply_to=reminder)
    assert "По какому счёту?" in maria.screen
    await maria.press("Дача · …0041")
    assert maria.screen.startswith("Проверьте: Дача · счёт …0041")
    await maria.press("Передать")
    assert submitted(harness)[-1]["lines"][0]["value"] == previous + 90


async def test_numbers_are_for_the_account_that_the_reminder_names(harness: BotHarness) -> None:
    """Typed after it while another account is in view, or as a reply while another form is open."""
    maria = await harness.customer("Мария", ONE_ZONE, TWO_ZONES)
    await maria.send("3650 1580")
    await maria.press("Передать")
    await rounds(harness, "2026-11-23 10:15")
    assert "…0017" in maria.screen
    assert "…3456" not in maria.screen
    reminder = maria.last_id
    previous = harness.rows("SELECT max(value) FROM ledger_readings WHERE account = ?", int(ONE_ZONE))[0][0]
    await maria.send(f"{previous + 50}")
    assert maria.screen.startswith("Проверьте: счёт …0017") or "…0017" in maria.screen
    await maria.send("/cancel")
    # With the number of another account, and after one was chosen, they are for that one.
    await maria.send(f"{TWO_ZONES} 3660 1590")
    assert maria.screen.startswith("Проверьте: Счёт …3456")
    await maria.send("/cancel")
    await go_through(maria, ">/accounts", "…3456", ">3661 1591")
    assert maria.screen.startswith("Проверьте: Счёт …3456")
    await maria.send("/cancel")
    await maria.press("Передать показания")  # of the account in view
    assert "…3456" in maria.screen
    await maria.send(f"{previous + 60}", reply_to=reminder)
    assert "…0017" in maria.screen
    await maria.press("Передать")
    assert submitted(harness)[-1]["lines"][0]["value"] == previous + 60
    await maria.send("3651 1581", reply_to=reminder - 1)  # no reminder: for the account in view
    assert "…3456" in maria.screen


async def test_unchanged_readings_are_warned_of_and_confirmed(harness: BotHarness, maria: Someone) -> None:
    await rounds(harness, "2026-11-23 10:15")
    await maria.press("Без изменений")
    assert maria.toast == (
        "Передам прошлые показания, расход будет 0 кВт·ч. Делайте так, только если электричеством не пользовались: "
        "иначе весь расход попадёт в следующий месяц."
    )
    assert "3 500 → 3 500 · 0 кВт·ч" in maria.screen
    assert submitted(harness) == []
    await maria.press("Передать")
    assert values(harness) == [{"day": 3500, "night": 1500}]


async def test_a_meter_without_past_readings_has_none_that_are_unchanged(harness: BotHarness, maria: Someone) -> None:
    """Replaced between the reminder and the press."""
    await rounds(harness, "2026-11-23 10:15")
    await harness.run("DELETE FROM ledger_readings")
    await maria.press("Без изменений")
    assert maria.toast is None
    assert "прошлых показаний нет" in maria.screen


async def test_in_the_evening_and_tomorrow(harness: BotHarness, maria: Someone) -> None:
    await rounds(harness, "2026-11-23 10:15")
    for _ in range(2):
        await maria.press("Вечером")
        assert maria.toast == "Напомню 23.11.2026 в 19:00."
    await maria.send("/settings")  # a change of settings hurries nothing
    await maria.press("Уведомления")
    await maria.press("Тихие часы")
    await maria.press("с 23:00 до 7:00")
    await rounds(harness, "2026-11-23 18:59")
    assert heard(maria) == 1
    await rounds(harness, "2026-11-23 19:00")
    assert heard(maria) == 2
    assert "Вечером" not in maria.buttons
    await maria.press("Завтра")
    assert maria.toast == "Напомню 24.11.2026 в 10:00."
    await rounds(harness, "2026-11-24 10:00")
    assert heard(maria) == 3
    await maria.press("Завтра")  # is the last day, which reminds by itself
    await rounds(harness, "2026-11-25 10:01")
    assert (heard(maria), heard(maria, "последний день")) == (4, 1)


async def test_the_hour_the_account_and_the_empty_home(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", ONE_ZONE, TWO_ZONES)
    await rounds(harness, "2026-11-23 06:00")
    await maria.send("/settings")
    await maria.press("Уведомления")
    await maria.press("Напоминания о показаниях")
    assert "сейчас 10:00" in maria.screen
    await maria.press("18:00")
    assert "сейчас 18:00" in maria.screen
    await maria.press("…0017")
    await rounds(harness, "2026-11-23 17:59")
    assert heard(maria) == 0
    await rounds(harness, "2026-11-23 18:00")
    assert heard(maria) == 1
    assert "…0017" not in maria.screen
    await maria.press("Напоминания")
    await maria.press("…0017")
    message, _ = maria.find("Никто не живёт")
    await maria.press_data(message, f"wo1:{link_of(maria, TWO_ZONES)}")
    await maria.press("до 01.01.2027")
    await maria.send("/menu")
    assert "До 01.01.2027 там никто не живёт, о показаниях не напоминаю." in maria.screen
    await rounds(harness, "2026-11-25 18:01")
    assert "…0017" in maria.screen
    assert "…3456" not in maria.screen
    await rounds(harness, "2027-01-23 18:01")
    assert "…3456" in maria.screen


async def test_who_does_not_want_or_may_not_is_not_reminded(harness: BotHarness, maria: Someone) -> None:
    guest, off, gone = [await harness.customer(name, TWO_ZONES) for name in ("Олег", "Пётр", "Анна")]
    await harness.run("UPDATE links SET trust = 'shared', role = 'view' WHERE user_id = ?", guest.id)
    await off.send("/settings")
    await off.press("Уведомления")
    await off.press("Пора передать показания")
    await harness.run("UPDATE consents SET withdrawn_at = '2026-11-01' WHERE user_id = ?", gone.id)
    await rounds(harness, "2026-11-23 12:00")
    assert [heard(one) for one in (maria, guest, off, gone)] == [1, 0, 0, 0]
    await off.press("Пора передать показания")  # on again
    await rounds(harness)
    assert heard(off) == 1


async def test_a_stop_drops_reminders_and_the_return_brings_what_is_due(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    await rounds(harness, "2026-11-23 09:00")
    harness.world.block(maria.person)
    await harness.quiet()
    await harness.run("UPDATE users SET blocked_at = NULL")  # the bot has not heard of it
    harness.world.block(oleg.person)
    await harness.quiet()
    await rounds(harness, "2026-11-23 10:15")
    assert harness.outbox("key", kind=READINGS) == []
    for one in (maria, oleg):
        harness.world.unblock(one.person)
        await one.send("/start")
    await rounds(harness)
    assert [heard(one) for one in (maria, oleg)] == [1, 1]
    harness.world.block(maria.person)
    await harness.quiet()
    harness.clock.set("2026-11-27 12:00")
    harness.world.unblock(maria.person)
    await maria.send("/start")
    await rounds(harness)
    assert heard(maria) == 1


async def test_a_refusal_does_not_end_what_was_planned_anew_meanwhile(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notice of a customer who is back before that end is noted has the same id and key."""
    harness.world.block(maria.person)
    await harness.quiet()
    await harness.run("UPDATE users SET blocked_at = NULL")  # the bot has not heard of it
    stop = SqlOutbox.stop_for

    async def returns(outbox: SqlOutbox, user_id: int, at: datetime) -> bool:
        known = await stop(outbox, user_id, at)
        harness.world.unblock(maria.person)
        maria.types("/start")
        await harness.quiet()
        return known

    monkeypatch.setattr(SqlOutbox, "stop_for", returns)
    await rounds(harness, "2026-11-23 10:15")
    await harness.outbox_becomes("state, tries", [("sent", 1)], kind=READINGS)
    assert heard(maria) == 1


async def test_nothing_is_planned_for_one_who_stops_the_bot_while_a_round_looks(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reminder that is planned for tomorrow then would stand in the way of the one that is due today."""
    plan = ReminderPlan.of

    async def stopping(*arguments: Any) -> list[Planned]:
        planned = await plan(*arguments)
        harness.world.block(maria.person)
        await harness.quiet()
        return planned

    with monkeypatch.context() as patch:
        patch.setattr(ReminderPlan, "of", stopping)
        await rounds(harness, "2026-11-23 10:15")
    assert harness.outbox("key", kind=READINGS) == []
    harness.world.unblock(maria.person)
    await maria.send("/start")
    await rounds(harness)
    assert heard(maria) == 1


async def test_while_the_supplier_is_away_the_round_waits(harness: BotHarness, maria: Someone) -> None:
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"without_readings"})
    await rounds(harness, "2026-11-23 10:15")
    assert heard(maria) == 0
    harness.supplier.trouble = None
    await rounds(harness)
    assert heard(maria) == 1


# Bills and meters


async def test_who_owes_hears_before_the_last_day_and_on_it(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    await harness.run("UPDATE ledger_charges SET closing = 0 WHERE account = ?", int(ONE_ZONE))
    await rounds(harness, "2026-11-11 12:00")
    assert harness.outbox("key") == []
    for _ in range(2):
        await rounds(harness, "2026-11-12 10:01")
    assert heard(maria, "💳 Счёт за октябрь нужно оплатить до 15.11.2026.\nСчёт …3456: по счёту 1 234,56 ₽") == 1
    await maria.press("Оплатить 1")
    assert "1 234,56" in maria.screen
    await rounds(harness, "2026-11-15 10:01")
    assert heard(maria, "💳 Сегодня последний день оплаты") == 1
    assert heard(oleg, "💳 Сегодня") == heard(oleg, "💳 Счёт за") == 0


async def test_a_bill_that_was_paid_meanwhile_is_not_reminded_of(harness: BotHarness, maria: Someone) -> None:
    await rounds(harness, "2026-11-15 09:00")
    await harness.run("UPDATE ledger_charges SET closing = 0 WHERE account = ?", int(TWO_ZONES))
    await rounds(harness, "2026-11-15 10:01")
    assert heard(maria, "последний день оплаты") == 0
    assert harness.outbox("state") == [("failed",)]


async def test_a_meter_is_reminded_of_three_times(harness: BotHarness, maria: Someone) -> None:
    await harness.run("UPDATE ledger_meters SET verification_due = '2027-09-01' WHERE account = ?", int(TWO_ZONES))
    told = 0
    for day, count in (("2027-03-04", 0), ("2027-03-05", 1), ("2027-04-01", 1), ("2027-07-03", 2), ("2027-08-26", 3)):
        await rounds(harness, f"{day} 12:00")
        told = heard(maria, "🔧 01.09.2027 кончается срок поверки:\nСчёт …3456, ")
        assert told == count, day


# The operator


async def test_a_window_that_is_too_short_is_told_beforehand(
    harness: BotHarness, maria: Someone, monkeypatch: Any
) -> None:
    async def many(_: object) -> int:
        return 1_000_000

    monkeypatch.setattr(SqlReminders, "people", many)
    await rounds(harness, "2026-11-19 12:00")
    assert harness.alerts() == []
    for day in (20, 21, 22):
        await rounds(harness, f"2026-11-{day} 12:00")
    [told] = harness.alerts()
    assert "reminders of 2026-11: 1000000 people take 11 hours at 25 a second; they are spread over 2 days" in told
