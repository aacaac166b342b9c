"""After «Передать»: number, month, correction, status, history, PDF, e-mail, export."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from bot.cli.registry import export_readings
from services.ledger.registry import import_registry
from services.notices.errors import MailRefused, MailUnavailable
from services.readings.handing_over import HandingOver
from services.readings.models import Submission, SubmissionStatus
from services.readings.ports import SubmissionRepository
from services.supplier.errors import SupplierRefused, SupplierUnavailable
from tests.flows.kept import statuses, submitted, values
from tests.harness import BotHarness
from tests.people import Someone

ACCOUNT = "360000123456"
ONE_ZONE = "360000200017"
KEPT = "Показания я сохранил и передам сам, сообщу, когда примут."


async def hand_in(someone: Someone, typed: str = "3650 1580") -> None:
    await someone.send(typed)
    await someone.press("Передать")


# Answers at once


async def test_a_submission_gets_a_number_a_time_and_stays(harness: BotHarness, maria: Someone) -> None:
    await hand_in(maria)
    done = maria.screen
    assert re.match(r"✅ Показания переданы\n№ П-2611-\d{5}, 23\.11\.2026 10:14\nСчёт …3456, счётчик 10000001\n", done)
    assert "День 3 650 · Ночь 1 580" in done
    assert "Учтём в расчёте за ноябрь." in done
    assert "Исправить можно до 25.11.2026." in done
    assert maria.buttons[0] == "Оплатить 2\xa0606,36\xa0₽", "the debt and what the readings will cost"
    assert maria.buttons[1:] == ["Исправить", "Сохранить PDF", "На e-mail", "Мои показания", "На главную"]
    assert not any(screen.startswith("Проверьте") for screen in maria.screens), "the preview is gone"
    for label in ("Сохранить PDF", "На e-mail", "Мои показания", "На главную"):
        await maria.press(label)
        assert done in maria.screens
    kept = submitted(harness)[0]
    assert kept["number"] in done
    assert (kept["status"], kept["period"], kept["day"]) == ("accepted", "2026-11", "2026-11-23")
    assert kept["submitted_at"] == "2026-11-23 07:14:00.000000"


async def test_numbers_rise_through_the_month_and_begin_again_with_the_next(
    harness: BotHarness, maria: Someone
) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    await hand_in(maria)
    await hand_in(oleg, "8420")
    harness.clock.set("2026-12-23 09:00")
    await hand_in(maria, "3800 1660")
    assert [one["number"] for one in submitted(harness)] == ["П-2611-00001", "П-2611-00002", "П-2612-00001"]


async def test_submitting_twice_is_one_submission(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    maria.taps("Передать")
    maria.taps("Передать")
    await harness.quiet()
    assert values(harness) == [{"day": 3650, "night": 1580}]
    assert maria.toast == f"Показания уже переданы: № {submitted(harness)[0]['number']}"
    assert sum(screen.startswith("✅ Показания переданы") for screen in maria.screens) == 1
    assert harness.rows("SELECT count(*) FROM ledger_readings WHERE submission != ''") == [(2,)]


async def test_pressing_submit_a_day_later_says_the_number(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    preview = maria.find("Передать")
    await maria.press("Передать")
    harness.clock.set("2026-11-24 10:00")
    await maria.press_data(*preview)
    assert maria.toast is not None
    assert submitted(harness)[0]["number"] in maria.toast
    assert len(submitted(harness)) == 1


async def test_another_person_cannot_press_it(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    await maria.send("3650 1580")
    _, data = maria.find("Передать")
    await oleg.press_data(oleg.last_id, data)
    assert values(harness) == []
    await maria.press("Передать")
    await oleg.press_data(oleg.last_id, data)
    assert oleg.toast == "Этот счёт больше не привязан к вам. Показываю то, что есть сейчас."
    assert "3 650" not in oleg.seen
    for action in ("view", "correct", "pdf", "mail"):
        await oleg.press_data(oleg.last_id, f"sb1:{action}:{submitted(harness)[0]['key']}:0")
        assert oleg.screen.startswith("🏠 Счёт …0017")
    assert submitted(harness)[0]["number"] not in oleg.seen
    assert oleg.documents == []


async def test_home_says_that_readings_are_handed_in(harness: BotHarness, maria: Someone) -> None:
    def style() -> object:
        rows = harness.world.chat_view(maria.id)[-1]["reply_markup"]["inline_keyboard"]
        return next(one.get("style") for row in rows for one in row if "Передать показания" in one["text"])

    assert style() == "primary"
    await hand_in(maria)
    await maria.press("На главную")
    assert "Показания за ноябрь переданы 23.11.2026, ждут расчёта" in maria.screen
    assert style() is None, "nothing is left to do"


# The window of the month


@pytest.mark.parametrize(
    ("moment", "home", "month", "period", "until"),
    [
        ("2026-11-22 12:00", "23.11–25.11", "ноябрь", "2026-11", "25.11.2026"),
        ("2026-11-23 00:00", "осталось 3 дня", "ноябрь", "2026-11", "25.11.2026"),
        ("2026-11-25 23:59", "остался 1 день", "ноябрь", "2026-11", "25.11.2026"),
        ("2026-11-26 00:01", "23.12–25.12", "декабрь", "2026-12", "25.12.2026"),
        ("2026-11-30 23:59", "23.12–25.12", "декабрь", "2026-12", "25.12.2026"),
        ("2026-12-31 23:30", "23.01–25.01", "январь", "2027-01", "25.01.2027"),
    ],
)
async def test_the_month_that_readings_count_for(
    harness: BotHarness, maria: Someone, moment: str, home: str, month: str, period: str, until: str
) -> None:
    harness.clock.set(moment)
    await maria.send("/menu")
    assert f"Показания за {month} не переданы" in maria.screen
    assert home in maria.screen
    await hand_in(maria, "3650 1580")
    assert f"в расчёте за {month}." in maria.screen
    assert f"Исправить можно до {until}." in maria.screen
    assert submitted(harness)[0]["period"] == period


async def test_late_readings_say_why_they_count_for_the_next_month(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set("2026-11-26 00:01")
    await hand_in(maria)
    assert "Приём за этот месяц закончен" in maria.screen


async def test_a_region_has_its_own_days(harness: BotHarness) -> None:
    """Нижний Новгород takes readings from the 15th."""
    harness.clock.set("2026-11-16 12:00")
    inna = await harness.customer("Инна", "520000400022")
    assert "осталось 10 дней" in inna.screen


# Correction


async def test_a_correction_replaces_and_keeps_history(harness: BotHarness, maria: Someone) -> None:
    await hand_in(maria)
    harness.clock.set("2026-11-25 23:59")
    await maria.press("Исправить")
    assert "За ноябрь показания уже переданы 23.11.2026: День 3 650 · Ночь 1 580. Новые их заменят." in maria.screen
    assert "Показания не изменились" not in maria.buttons, "it would put last month's values in their place"
    assert "было 3 500" in maria.screen
    await maria.send("3640 1570")
    assert "Заменят показания от 23.11.2026." in maria.screen
    assert "150" not in maria.screen
    await maria.press("Передать")
    first, second = submitted(harness)
    assert (first["status"], second["status"]) == ("replaced", "accepted")
    assert second["replaces"] == first["key"]
    kept = harness.rows("SELECT zone, value FROM ledger_readings WHERE submission != '' ORDER BY zone")
    assert kept == [("day", 3640), ("night", 1570)]
    await maria.send("/submissions")
    assert "День 3 640 · Ночь 1 570\nприняты, ждут расчёта" in maria.screen
    assert "День 3 650 · Ночь 1 580\nзаменены новыми" in maria.screen


async def test_correcting_what_was_replaced_replaces_what_stands_now(harness: BotHarness, maria: Someone) -> None:
    await hand_in(maria)
    first = maria.find("Исправить")
    harness.clock.advance(days=1)
    await hand_in(maria, "3640 1570")
    await maria.press_data(*first)
    assert "За ноябрь показания уже переданы 24.11.2026: День 3 640 · Ночь 1 570. Новые их заменят." in maria.screen
    await hand_in(maria, "3645 1575")
    assert [one["status"] for one in submitted(harness)] == ["replaced", "replaced", "accepted"]
    await maria.send("/submissions")
    await maria.press("П-2611-00001")
    assert "заменены более новыми" in maria.screen
    assert "Исправить" not in maria.buttons


async def test_what_was_refused_can_be_handed_in_again_from_its_own_button(harness: BotHarness, maria: Someone) -> None:
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    await hand_in(maria)
    waiting = maria.find("Исправить")
    harness.supplier.trouble = SupplierRefused(reason="счётчик снят")
    harness.clock.advance(minutes=5)
    await harness.tick()
    harness.alerts()
    harness.supplier.trouble = None
    await maria.press_data(*waiting)
    await hand_in(maria)
    assert statuses(harness) == ["refused", "accepted"]


async def test_after_the_period_is_closed_a_correction_is_refused(harness: BotHarness, maria: Someone) -> None:
    await hand_in(maria)
    harness.clock.set("2026-11-26 00:01")
    await maria.press("Исправить")
    assert "Исправить эти показания уже нельзя: приём за тот месяц закончен." in maria.screen
    assert statuses(harness) == ["accepted"]
    await maria.send("/submissions")
    assert "День 3 650 · Ночь 1 580" in maria.screen
    await maria.press("П-2611-00001")
    assert "Исправить" not in maria.buttons
    assert "Исправить можно" not in maria.screen


async def test_a_preview_of_the_month_that_has_closed_is_asked_about_again(harness: BotHarness, maria: Someone) -> None:
    await hand_in(maria)
    harness.clock.set("2026-11-25 23:50")
    await maria.press("Исправить")
    await maria.send("3660 1590")
    older = maria.find("Передать")
    harness.clock.set("2026-11-26 00:01")
    await maria.press("Передать")
    assert maria.toast == "Пока вы проверяли, приём за этот месяц закончился. Проверьте показания ещё раз."
    assert len(submitted(harness)) == 1
    assert "День 3 650 → 3 660" in maria.screen, "what was submitted for November is what was"
    assert "поэтому учтём их в расчёте за декабрь" in maria.screen
    await maria.press_data(*older)
    assert maria.toast == "Эта кнопка устарела. Показываю то, что есть сейчас.", "a second tap confirms nothing unasked"
    assert len(submitted(harness)) == 1
    while "Всё верно" in maria.buttons:
        await maria.press("Всё верно")
    await maria.press("Передать")
    assert "учтём их в расчёте за декабрь" in maria.screen
    assert [(one["period"], one["status"]) for one in submitted(harness)] == [
        ("2026-11", "accepted"),
        ("2026-12", "accepted"),
    ]


async def test_a_preview_of_the_month_that_has_closed_waits_for_the_supplier(
    harness: BotHarness, maria: Someone
) -> None:
    harness.clock.set("2026-11-25 23:50")
    await maria.send("3660 1590")
    harness.clock.set("2026-11-26 00:01")
    harness.supplier.trouble = SupplierUnavailable()
    await maria.press("Передать")
    assert "Система расчётов сейчас не отвечает" in maria.screen
    assert harness.alerts()
    assert submitted(harness) == []
    harness.supplier.trouble = None
    await maria.send("/readings")
    assert "День 3 500 → 3 660" in maria.screen
    await maria.press("Передать")
    assert [one["period"] for one in submitted(harness)] == ["2026-12"]


COUNTED = "Переданные показания уже учтены в расчёте, изменить их нельзя. Новые примем с 26.11.2026."


@pytest.mark.parametrize("way", ["Исправить", "/readings", "3660 1590"])
async def test_what_billing_has_counted_is_refused_where_the_change_begins(
    harness: BotHarness, maria: Someone, tmp_path: Path, way: str
) -> None:
    await hand_in(maria)
    await count(harness, tmp_path)
    await (maria.press(way) if way == "Исправить" else maria.send(way))
    assert maria.screen == COUNTED
    assert maria.buttons == ["На главную"]
    await maria.press("На главную")
    assert "Показания за ноябрь учтены в расчёте" in maria.screen
    assert not any("Передать" in label or "Продолжить" in label for label in maria.buttons)
    assert statuses(harness) == ["counted"]
    harness.clock.set("2026-11-26 00:01")
    await maria.send("/menu")
    await maria.press("Передать показания")
    await hand_in(maria, "3660 1590")
    assert "учтём их в расчёте за декабрь" in maria.screen


@pytest.mark.parametrize("step", ["values", "doubt", "preview"])
async def test_what_billing_counts_meanwhile_ends_the_correction_once(
    harness: BotHarness, maria: Someone, tmp_path: Path, step: str
) -> None:
    await hand_in(maria)
    await maria.press("Исправить")
    if step != "values":
        await maria.send("3660 1590" if step == "preview" else "3660 1480")
    await count(harness, tmp_path)
    if step == "preview":
        await maria.press("Передать")
    else:
        await maria.send("3660 1590")
    assert maria.screen == COUNTED
    await maria.press("На главную")
    assert not any("Продолжить" in label for label in maria.buttons)
    assert statuses(harness) == ["counted"]
    assert len(submitted(harness)) == 1


async def test_a_correction_of_what_is_known_to_be_counted_ends_while_the_supplier_is_down(
    harness: BotHarness, maria: Someone
) -> None:
    await hand_in(maria)
    await maria.press("Исправить")
    await maria.send("3660 1590")
    await harness.run("UPDATE submissions SET status = 'counted'")
    harness.supplier.trouble = SupplierUnavailable()
    await maria.press("Передать")
    assert maria.screen == COUNTED
    await maria.press("На главную")
    assert not any("Продолжить" in label for label in maria.buttons)
    assert statuses(harness) == ["counted"]


async def test_of_several_meters_only_the_counted_one_is_refused(harness: BotHarness, tmp_path: Path) -> None:
    zoya = await harness.customer("Зоя", "360000200066")
    await zoya.send("/readings")
    await zoya.press("баня")
    await hand_in(zoya, "8500")
    file = tmp_path / "readings.csv"
    row = "360000200066;36060100;single;2026-11-24;8500;бот;1"
    file.write_text(f"account;meter;zone;date;value;source;counted\n{row}\n", encoding="utf-8")
    await import_registry(harness.app.database, [file])
    await zoya.send("13700 6420")
    await zoya.press("баня")
    assert zoya.screen == COUNTED
    await zoya.press("дом")
    assert "День 13 313 → 13 700" in zoya.screens[-2], "what was typed is still there for the other one"


# The supplier's system


@pytest.mark.parametrize("hours", [1, -1])
async def test_readings_that_wait_do_not_wait_for_a_clock_that_was_set_back(
    harness: BotHarness, maria: Someone, hours: int
) -> None:
    harness.supplier.trouble, harness.supplier.only, harness.supplier.times = (
        SupplierUnavailable(),
        frozenset({"submit"}),
        1,
    )
    await hand_in(maria)
    harness.alerts()
    harness.clock.advance(hours=hours)
    await harness.tick()
    assert statuses(harness) == ["accepted"]


async def test_when_the_supplier_is_down_readings_are_kept_and_sent_later(harness: BotHarness, maria: Someone) -> None:
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    await hand_in(maria)
    assert "the supplier's system does not answer" in harness.alerts()[0]
    assert KEPT in maria.screen
    assert f"№ {submitted(harness)[0]['number']}" in maria.screen
    assert "Обновить" in maria.buttons
    assert statuses(harness) == ["queued"]
    harness.clock.advance(minutes=5)
    await harness.tick()
    assert statuses(harness) == ["queued"]
    harness.supplier.trouble = None
    before = harness.world.cursor
    await harness.tick()
    await harness.told(maria, "приняла ваши показания № П-2611-00001", before)
    assert statuses(harness) == ["accepted"]
    for _ in range(3):
        harness.clock.advance(minutes=5)
        await harness.tick()
    await harness.restart()
    await harness.tick()
    assert harness.outbox("kind") == [("accepted",)]
    await maria.send("/submissions")
    assert "приняты, ждут расчёта" in maria.screen
    assert sum("приняла ваши показания" in screen for screen in maria.screens) == 1


async def test_one_that_cannot_be_handed_over_keeps_no_others_and_is_reported_once(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    await hand_in(maria)
    poison = submitted(harness)[0]["key"]
    await hand_in(oleg, "8420")
    harness.supplier.trouble = None
    harness.alerts()
    submit = harness.supplier.submit

    async def stumble(submission: Submission) -> None:
        if submission.key == poison:
            raise ZeroDivisionError("a bug")
        await submit(submission)

    monkeypatch.setattr(harness.supplier, "submit", stumble)
    harness.clock.advance(minutes=5)
    await harness.tick()
    assert statuses(harness) == ["queued", "accepted"]
    [alert] = harness.alerts()
    assert "readings П-2611-00001 cannot be handed over: ZeroDivisionError" in alert
    await harness.tick()
    assert harness.alerts() == []
    monkeypatch.setattr(harness.supplier, "submit", submit)
    await harness.tick()
    assert statuses(harness) == ["accepted", "accepted"]


async def test_refreshing_shows_the_status_of_now(harness: BotHarness, maria: Someone) -> None:
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    await hand_in(maria)
    assert harness.alerts()
    await maria.press("Обновить")
    assert KEPT in maria.screen
    harness.supplier.trouble = None
    harness.clock.advance(minutes=5)
    before = harness.world.cursor
    await harness.tick()
    await harness.told(maria, "приняла", before)
    await maria.press("Обновить")
    assert any(screen.startswith("✅ Показания переданы") for screen in maria.screens)
    assert not any("Обновить" in label for label in maria.buttons)


async def test_queued_readings_can_be_corrected_and_only_the_last_ones_arrive(
    harness: BotHarness, maria: Someone
) -> None:
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    await hand_in(maria)
    await maria.press("Исправить")
    await hand_in(maria, "3640 1570")
    assert len(harness.alerts()) == 2
    assert statuses(harness) == ["replaced", "queued"]
    harness.supplier.trouble = None
    harness.clock.advance(minutes=5)
    await harness.tick()
    assert statuses(harness) == ["replaced", "accepted"]
    kept = harness.rows("SELECT zone, value FROM ledger_readings WHERE submission != '' ORDER BY zone")
    assert kept == [("day", 3640), ("night", 1570)]


async def test_what_the_supplier_refuses_is_said_at_once(harness: BotHarness, maria: Someone) -> None:
    harness.supplier.trouble, harness.supplier.only = SupplierRefused(reason="счётчик снят"), frozenset({"submit"})
    await hand_in(maria)
    assert "readings П-2611-00001 were refused: счётчик снят" in harness.alerts()[0]
    assert maria.screen.startswith("⚠️ Система расчётов не приняла показания.")
    assert "№ П-2611-00001" in maria.screen
    assert "счётчик снят" not in maria.seen
    assert maria.buttons[1:] == ["Мои показания", "На главную"]
    assert statuses(harness) == ["refused"]
    await maria.press("На главную")
    assert "Показания за ноябрь не переданы" in maria.screen
    harness.supplier.trouble = None
    await hand_in(maria)
    assert statuses(harness) == ["refused", "accepted"]


async def test_what_the_supplier_refuses_later_is_told(harness: BotHarness, maria: Someone) -> None:
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    await hand_in(maria)
    harness.supplier.trouble = SupplierRefused(reason="счётчик снят")
    harness.clock.advance(minutes=5)
    before = harness.world.cursor
    await harness.tick()
    await harness.told(maria, "не приняла показания № П-2611-00001", before)
    assert "were refused" in harness.alerts()[-1]
    await harness.tick()
    assert harness.outbox("kind") == [("refused",)]
    assert statuses(harness) == ["refused"]


async def test_a_value_that_the_meter_cannot_show_any_more_is_refused_in_words(
    harness: BotHarness, maria: Someone
) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    await oleg.send("8420")
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"metering"})
    await harness.run("UPDATE ledger_meters SET digits = 3 WHERE meter = '36010000'")
    await oleg.press("Передать")
    assert "больше цифр" in harness.alerts()[0]
    assert "не приняла показания" in oleg.screen


async def test_while_the_supplier_is_away_home_stands_and_a_draft_is_not_lost(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.send("3650")
    harness.supplier.trouble = SupplierUnavailable()
    await maria.send("1580")
    assert "Система расчётов сейчас не отвечает." in maria.screen
    await maria.send("/menu")
    assert maria.screen.startswith("🏠 Счёт …3456")
    assert "не отвечает" in maria.screen
    harness.supplier.trouble = None
    assert harness.alerts()
    await maria.send("/menu")
    await maria.press("Продолжить передачу показаний")
    assert "Проверьте показания" in maria.screen
    await maria.press("Передать")
    assert values(harness) == [{"day": 3650, "night": 1580}]


async def test_an_update_cut_short_at_submission_runs_again_to_one_effect(harness: BotHarness, maria: Someone) -> None:
    """The submission is committed, its conversation is not: the next try finds it by its key."""
    await maria.send("3650 1580")
    harness.supplier.trouble, harness.supplier.only = RuntimeError("killed"), frozenset({"submit"})
    harness.supplier.times = 1
    await maria.press("Передать")
    assert "update failed" in harness.journal.take()[0]
    assert len(submitted(harness)) == 1
    assert statuses(harness) == ["accepted"]
    assert maria.screen.startswith("✅ Показания переданы")


async def test_while_nobody_knows_what_came_of_it_it_is_called_sent(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    harness.supplier.only, harness.supplier.trouble = frozenset({"submit"}), RuntimeError("killed")
    before = harness.world.cursor
    await maria.press("Передать")
    await harness.told(maria, "Это наша ошибка", before)
    assert harness.journal.take()
    await harness.drop_dead_letters()
    assert statuses(harness) == ["sent"]
    await maria.send("/submissions")
    assert "⏳ отправлены, ждём ответа" in maria.screen
    await maria.press("П-2611-00001")
    assert maria.screen.startswith("⏳ Показания отправлены, ждём ответа.\n№ П-2611-00001")
    harness.supplier.trouble = SupplierUnavailable()
    harness.clock.advance(minutes=5)
    await harness.tick()
    assert statuses(harness) == ["queued"]
    harness.supplier.trouble = None
    before = harness.world.cursor
    await harness.tick()
    await harness.told(maria, "приняла ваши показания № П-2611-00001", before)
    assert statuses(harness) == ["accepted"]


async def test_an_answer_that_comes_late_changes_nothing_that_is_settled(harness: BotHarness, maria: Someone) -> None:
    await hand_in(maria)
    async with harness.app.store.reading() as unit:
        slow = await unit.of(SubmissionRepository).get(submitted(harness)[0]["key"])
    assert slow is not None
    await hand_in(maria, "3640 1570")
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    answered = await harness.app.use(HandingOver).deliver(slow)
    assert harness.alerts()
    assert answered.status is SubmissionStatus.REPLACED
    assert statuses(harness) == ["replaced", "accepted"]


# History and the counted tick


async def count(
    harness: BotHarness, folder: Path, day: str = "2026-11-24", value: tuple[int, int] = (3650, 1580)
) -> None:
    """Billing returns the readings as counted."""
    file = folder / "readings.csv"
    rows = [f"{ACCOUNT};10000001;{zone};{day};{one};бот;1" for zone, one in zip(("day", "night"), value, strict=True)]
    file.write_text("\n".join(["account;meter;zone;date;value;source;counted", *rows]), encoding="utf-8")
    reports = await import_registry(harness.app.database, [file])
    assert [(report.added, report.rejected) for report in reports] == [(2, 0)]


async def test_billing_counts_them_and_the_tick_is_green(harness: BotHarness, maria: Someone, tmp_path: Path) -> None:
    await hand_in(maria)
    await count(harness, tmp_path)
    await maria.send("/menu")
    assert "Показания за ноябрь учтены в расчёте" in maria.screen
    await maria.send("/submissions")
    assert "✅ учтены в расчёте" in maria.screen
    await maria.press("П-2611-00001")
    assert maria.screen.startswith("✅ Показания учтены в расчёте\n№ П-2611-00001")
    assert statuses(harness) == ["counted"]


async def test_other_values_in_the_registry_do_not_count_them(
    harness: BotHarness, maria: Someone, tmp_path: Path
) -> None:
    await hand_in(maria)
    await count(harness, tmp_path, value=(3651, 1580))
    await maria.send("/submissions")
    assert "учтены" not in maria.screen
    assert statuses(harness) == ["accepted"]


async def test_a_supplier_that_tells_nothing_of_counting_is_not_asked(harness: BotHarness, maria: Someone) -> None:
    harness.supplier.capabilities = replace(harness.supplier.capabilities, tells_counted=False)
    harness.supplier.trouble, harness.supplier.only = ZeroDivisionError("it was asked"), frozenset({"counted"})
    await hand_in(maria)
    await maria.send("/menu")
    assert "Показания за ноябрь переданы" in maria.screen
    await maria.send("/submissions")
    await maria.press("П-2611-00001")
    assert "3 650" in maria.screen
    assert statuses(harness) == ["accepted"]


async def test_history_has_pages_newest_first(harness: BotHarness, maria: Someone) -> None:
    for number in range(7):
        await hand_in(maria, f"{3650 + number} 1580")
    await maria.send("/submissions")
    numbers = [f"П-2611-0000{number}" for number in range(7, 0, -1)]
    assert maria.buttons == [*numbers[:5], "Раньше →", "← История", "На главную"]
    assert maria.screen.index("3 656") < maria.screen.index("3 652")
    await maria.press("Раньше →")
    assert maria.buttons == [*numbers[5:], "← Новее", "← История", "На главную"]
    await maria.press("← Новее")
    assert maria.buttons == [*numbers[:5], "Раньше →", "← История", "На главную"]
    assert len([screen for screen in maria.screens if "Ваши показания" in screen]) == 1, "one message, edited"


@pytest.mark.parametrize("offset", [-5, 10_000, 2**70])
async def test_a_forged_page_is_shown_or_explained(harness: BotHarness, maria: Someone, offset: int) -> None:
    await hand_in(maria)
    await maria.send("/submissions")
    message_id, data = maria.find("П-2611-00001")
    assert data
    link = harness.rows("SELECT id FROM links")[0][0]
    await maria.press_data(message_id, f"hi2:{link}:{offset}:0")
    assert maria.screen
    await maria.send("/submissions")
    assert "П-2611-00001" in maria.buttons


async def test_history_tells_meters_apart_where_there_are_several(harness: BotHarness, maria: Someone) -> None:
    zoya = await harness.customer("Зоя", "360000200066")
    await zoya.send("/readings")
    await zoya.press("баня")
    await hand_in(zoya, "8500")
    await zoya.press("Следующий счётчик")
    await hand_in(zoya, "13700 6420")
    await zoya.press("Мои показания")
    assert "№ П-2611-00001, 23.11.2026\nСчётчик 36060100\nПоказание 8 500" in zoya.screen
    assert "№ П-2611-00002, 23.11.2026\nСчётчик 36060000\nДень 13 700 · Ночь 6 420" in zoya.screen
    await hand_in(maria)
    await maria.press("Мои показания")
    assert "№ П-2611-00003, 23.11.2026\nДень 3 650 · Ночь 1 580" in maria.screen


async def test_history_without_submissions(maria: Someone) -> None:
    await maria.press("История")
    await maria.press("Мои показания")
    assert "Здесь будут показания, которые вы передадите." in maria.screen


async def test_history_is_of_the_account_in_view(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", ONE_ZONE, ACCOUNT)
    await hand_in(maria)
    await maria.send("/accounts")
    await maria.press("…0017")
    await maria.press("История")
    await maria.press("Мои показания")
    assert "П-2611" not in maria.screen


# PDF


@pytest.fixture
async def printing_harness(idle_harness: BotHarness) -> BotHarness:
    """A harness whose papers are really set."""
    idle_harness.documents = None
    await idle_harness.start()
    return idle_harness


async def test_the_pdf_holds_the_number_and_the_values(printing_harness: BotHarness) -> None:
    maria = await printing_harness.customer("Мария", ACCOUNT)
    await hand_in(maria)
    await maria.press("Сохранить PDF")
    name, pdf = maria.documents[0]
    assert name == "Показания П-2611-00001 от 23.11.2026.pdf"
    text = _words(pdf)
    for part in ("П-2611-00001", "23.11.2026 10:14", "10000001", "День", "3 500", "3 650", "150", "Ночь", "1 580"):
        assert part in text, part
    assert "1 371,80" in text
    assert "ноябрь 2026" in text
    assert ACCOUNT not in text
    assert "3456" in text
    assert "Лизюкова" not in text
    assert "Ромашкина" not in text
    assert "upload_document" in [
        event["action"] for event in printing_harness.world.events if event["type"] == "chat_action"
    ]


def _words(pdf: bytes) -> str:
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return re.sub(r"[\u00a0\u202f ]+", " ", text)


async def test_a_pdf_can_be_fetched_again_from_history(harness: BotHarness, maria: Someone) -> None:
    await hand_in(maria)
    await maria.send("/submissions")
    await maria.press("П-2611-00001")
    await maria.press("Сохранить PDF")
    await maria.press("Сохранить PDF")
    assert [name for name, _ in maria.documents] == ["Показания П-2611-00001 от 23.11.2026.pdf"] * 2


# E-mail


async def test_a_letter_goes_to_the_address_once(harness: BotHarness, maria: Someone) -> None:
    await hand_in(maria)
    await maria.press("На e-mail")
    assert "На какой адрес отправить показания № П-2611-00001?" in maria.screen
    await maria.send("  Maria@Mail.RU ")
    assert "Отправляю на Maria@mail.ru" in maria.screen
    letter = await harness.letterbox.letter()
    assert letter.to == "Maria@mail.ru"
    assert letter.subject == "Показания № П-2611-00001 от 23.11.2026"
    assert letter.attachment is not None
    assert letter.attachment[0] == "Показания П-2611-00001 от 23.11.2026.pdf"
    text = letter.text.replace("\xa0", " ")
    assert "День | 3 500 | 3 650 | 150" in text
    assert ACCOUNT not in text
    assert "Лизюкова" not in text
    await harness.tick()
    await maria.send("/menu")
    assert harness.letterbox.letters.empty()
    assert len(harness.outbox("key")) == 1


@pytest.mark.parametrize(
    "typed", ["кракозябра", "a@b", "@mail.ru", "maria@mail.ru, oleg@mail.ru", "maria@mail", "a b@mail.ru", "3650 1580"]
)
async def test_a_wrong_address_is_explained_and_asked_for_again(
    harness: BotHarness, maria: Someone, typed: str
) -> None:
    await hand_in(maria)
    await maria.press("На e-mail")
    await maria.send(typed)
    assert "Это не похоже на адрес электронной почты." in maria.screen
    assert harness.outbox("key") == []
    await maria.send("maria@mail.ru")
    assert (await harness.letterbox.letter()).to == "maria@mail.ru"


async def test_five_letters_a_day_and_no_more(harness: BotHarness, maria: Someone) -> None:
    await hand_in(maria)
    for number in range(5):
        await maria.press("На e-mail")
        await maria.send(f"maria{number}@mail.ru")
        await harness.letterbox.letter()
    await maria.press("На e-mail")
    await maria.send("maria6@mail.ru")
    assert "Больше писем отправить пока нельзя" in maria.screen
    harness.clock.advance(days=1, minutes=1)
    await maria.press("На e-mail")
    await maria.send("maria7@mail.ru")
    assert (await harness.letterbox.letter()).to == "maria7@mail.ru"


async def test_the_last_letter_of_a_day_is_promised_again_when_its_update_runs_twice(
    harness: BotHarness, maria: Someone
) -> None:
    await hand_in(maria)
    for number in range(4):
        await maria.press("На e-mail")
        await maria.send(f"maria{number}@mail.ru")
        await harness.letterbox.letter()
    await maria.press("На e-mail")
    harness.world.faults.add("http_status", method="sendMessage", chat_id=maria.id, count=1)
    await maria.send("maria@mail.ru")
    assert "Отправляю на maria@mail.ru" in maria.screen
    assert (await harness.letterbox.letter()).to == "maria@mail.ru"
    assert len(harness.outbox("key")) == 5


async def test_an_address_that_will_not_do_is_told(harness: BotHarness, maria: Someone) -> None:
    harness.letterbox.trouble = MailRefused()
    await hand_in(maria)
    await maria.press("На e-mail")
    before = harness.world.cursor
    await maria.send("maria@mail.ru")
    await harness.told(maria, "Письмо на m•••@mail.ru не доставлено", before)


async def test_a_letter_waits_while_mail_is_down(harness: BotHarness, maria: Someone) -> None:
    harness.letterbox.trouble = MailUnavailable()
    await hand_in(maria)
    await maria.press("На e-mail")
    await maria.send("maria@mail.ru")
    harness.letterbox.trouble = None
    harness.clock.advance(minutes=1)
    await harness.tick()
    assert (await harness.letterbox.letter()).to == "maria@mail.ru"


# Export


async def test_the_export_holds_exactly_what_was_submitted(harness: BotHarness, maria: Someone, tmp_path: Path) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    await hand_in(maria, "3650 1580")
    await hand_in(maria, "3640,7 1570")
    await oleg.send("12")
    await oleg.press("Счётчик заменили")
    await oleg.press("Передать")
    harness.supplier.trouble, harness.supplier.only = SupplierRefused(), frozenset({"submit"})
    vera = await harness.customer("Вера", "360000200033")
    await hand_in(vera, "3780 2880 5150")
    harness.supplier.trouble = None
    assert harness.alerts()
    file = tmp_path / "out.csv"
    url = f"sqlite+aiosqlite:///{harness.database}"
    assert await export_readings(url, file, date(2026, 11, 1), date(2026, 11, 30)) == 3
    with file.open(encoding="utf-8", newline="") as written:
        rows = list(csv.reader(written, delimiter=";"))
    assert rows[0] == ["account", "meter", "zone", "date", "value", "source", "submission"]
    assert sorted(rows[1:]) == [
        [ACCOUNT, "10000001", "day", "2026-11-23", "3640", "bot", "П-2611-00002"],
        [ACCOUNT, "10000001", "night", "2026-11-23", "1570", "bot", "П-2611-00002"],
        [ONE_ZONE, "36010000", "single", "2026-11-23", "12", "bot:meter_replaced", "П-2611-00003"],
    ]
    assert await export_readings(url, file, date(2026, 11, 24), date(2026, 11, 30)) == 0


async def test_what_was_exported_may_be_imported_back(harness: BotHarness, maria: Someone, tmp_path: Path) -> None:
    """Billing hands its readings over in the same columns; the customer's own row is not doubled."""
    await hand_in(maria)
    await count(harness, tmp_path, day="2026-11-23")
    await maria.send("/submissions")
    assert "✅ учтены в расчёте" in maria.screen
    harness.clock.set("2026-11-26 10:00")
    await maria.send("/readings")
    assert "День (на экране T1): было 3 650, 23.11.2026" in maria.screen


async def test_a_confirmation_is_kept_while_nothing_of_the_supplier_answers(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.send("3650 1580")
    harness.supplier.trouble = SupplierUnavailable()
    await maria.press("Передать")
    harness.alerts()
    assert "Показания я сохранил и передам сам" in maria.screen
    assert statuses(harness) == ["queued"]
    assert values(harness) == [{"day": 3650, "night": 1580}]


async def test_numbers_typed_while_the_supplier_is_down_wait_for_one_press(harness: BotHarness, maria: Someone) -> None:
    harness.supplier.trouble = SupplierUnavailable()
    await maria.send("3650 1580")
    harness.alerts()
    assert "Числа я запомнил, но показания ещё не переданы" in maria.screen
    harness.supplier.trouble = None
    await maria.press("Повторить")
    assert "Проверьте показания" in maria.screen
    assert "3 650" in maria.screen.replace("\N{NO-BREAK SPACE}", " ")


async def test_a_refused_correction_leaves_the_earlier_readings_in_force(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    await maria.press("Исправить")
    await maria.send("3660 1590")
    harness.supplier.trouble, harness.supplier.only = SupplierRefused(reason="нет"), frozenset({"submit"})
    await maria.press("Передать")
    harness.alerts()
    assert statuses(harness) == ["queued", "refused"]
    harness.supplier.trouble = None
    harness.clock.advance(minutes=5)
    await harness.tick()
    assert statuses(harness) == ["accepted", "refused"]


async def test_a_notice_that_comes_too_late_for_a_press_is_said_in_a_message(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.send("3650 1580")
    harness.world.faults.add("http_status", method="editMessageText", status=502, body="<html>", count=1)
    await maria.press_data(harness.world.chat_view(maria.id)[-1]["message_id"], "old:1")
    assert any(screen.startswith("🏠") for screen in maria.screens)
    assert "Эта кнопка устарела" in maria.seen
