"""Settings at a glance, notices by kind, quiet hours: what is told to a customer, and when."""

from __future__ import annotations

import json

import pytest

from services.customers.models import NotificationKind
from services.db.engine import Database
from services.db.outbox import SqlOutbox
from services.notices.models import Channel, Notice, Urgency
from services.notices.policy import NoticePolicy
from tests.conftest import SAMPLES
from tests.flows.mailed import link, name
from tests.flows.test_proofs import add_payment, prove
from tests.flows.test_sharing import invite
from tests.harness import BotHarness
from tests.kinds import SWITCHED, words
from tests.people import Someone
from tests.test_delivery import notice, once_more, said

HELD = {"quiet": 1, "ended_at": None}
EIGHT = "2026-11-24 05:00:00.000000"  # in the morning, as Moscow has it
NIGHT = "2026-11-23 23:30"

pytestmark = pytest.mark.limits(sender={"back": (0,), "strikes": (0,)})


def switched(someone: Someone, key: str, kind: NotificationKind) -> Notice:
    """A notice of a kind that can be switched off."""
    return Notice(key, someone.id, SWITCHED[kind](number=key))


async def open_notifications(someone: Someone) -> None:
    await someone.send("/settings")
    await someone.press("Уведомления")


async def set_quiet(someone: Someone, label: str) -> None:
    await open_notifications(someone)
    await someone.press("Тихие часы")
    await someone.press(label)


async def test_settings_say_what_holds(harness: BotHarness, maria: Someone) -> None:
    await maria.press("Настройки")
    assert maria.screen == "⚙️ Настройки\n\nПочта: не указана\nТихие часы: с 22:00 до 8:00"
    assert maria.buttons == ["Почта", "Уведомления", "Доставка квитанций", "Мои данные", "English", "На главную"]
    await name(maria, "maria@mail.ru")
    await maria.send("/settings")
    assert "Почта: m•••@mail.ru, ждёт подтверждения\n" in maria.screen
    assert "не указана" not in maria.screen
    await maria.send(await link(harness))
    await name(maria, "oleg@mail.ru")
    await maria.send("/settings")
    assert "Почта: m•••@mail.ru\nПочта: o•••@mail.ru, ждёт подтверждения\n" in maria.screen
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    await maria.send("/settings")
    await maria.press("Управление счётом")
    assert "Показания без подтверждения" in " ".join(maria.buttons)


async def test_without_consents_there_is_only_what_concerns_ones_data(harness: BotHarness) -> None:
    oleg = harness.person("Олег")
    await oleg.send("/settings")
    assert oleg.buttons == ["Мои данные", "English", "На главную"]
    for data in ("go1:notices:0", "go1:quiet:0", "go1:email:0", "tp1:reminder:0", "qh1:off"):
        await oleg.press_data(oleg.last_id, data)
        assert "нужны два согласия" in oleg.screen
    assert harness.rows("SELECT quiet, muted FROM users") == [("22-8", "[]")]


# Kinds


async def test_each_kind_is_switched_off_and_on(harness: BotHarness, maria: Someone) -> None:
    await open_notifications(maria)
    assert "и о доступе к вашим счетам сообщаю всегда" in maria.screen
    kinds = maria.buttons[:3]
    assert kinds == ["Пора передать показания", "Срок оплаты", "Поверка счётчика"]
    for label in kinds:
        await maria.press(label)
    [(muted,)] = harness.rows("SELECT muted FROM users")
    assert json.loads(muted) == ["meter_verification", "pay_by", "reminder"]
    await harness.tell(*(switched(maria, f"OFF{number}", kind) for number, kind in enumerate(NotificationKind)))
    await harness.outbox_is_done()
    await maria.press("Срок оплаты")
    await harness.tell(*(switched(maria, f"ON{number}", kind) for number, kind in enumerate(NotificationKind)))
    await harness.tell(notice(maria, "ALWAYS"))
    await harness.outbox_is_done()
    keys = [f"{state}{number}" for state in ("OFF", "ON") for number in range(3)]
    assert said(harness, [*keys, "ALWAYS"]) == ["ON1", "ALWAYS"]
    assert {row[0] for row in harness.outbox("facts")} == {"{}"}


async def test_one_persons_switch_is_not_anothers(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег")
    await open_notifications(maria)
    await maria.press("Срок оплаты")
    await harness.tell(switched(maria, "M1", NotificationKind.PAY_BY), switched(oleg, "O1", NotificationKind.PAY_BY))
    await harness.outbox_is_done()
    assert said(harness, ["M1", "O1"]) == ["O1"]


async def test_a_kind_switched_off_is_not_told_of_what_waits_already(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set(NIGHT)
    await harness.tell(switched(maria, "R1", NotificationKind.REMINDER), notice(maria, "N1"))
    await harness.outbox_becomes("key, due_at", [("R1", EIGHT), ("N1", EIGHT)], **HELD)
    await open_notifications(maria)
    await maria.press("Пора передать показания")
    await harness.outbox_becomes("key", [("N1",)], ended_at=None)
    harness.clock.set("2026-11-24 08:00")
    await harness.tick()
    await harness.outbox_is_done()
    assert said(harness, ["R1", "N1"]) == ["N1"]


# Quiet hours


async def test_what_is_not_urgent_waits_for_the_morning(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set("2026-11-23 21:59")
    await harness.tell(notice(maria, "EVENING"))
    await harness.outbox_is_done()
    harness.clock.set("2026-11-23 22:00")
    await harness.tell(notice(maria, "N1"), switched(maria, "R1", NotificationKind.REMINDER), notice(maria, "N2"))
    await harness.outbox_becomes("key, due_at", [("N1", EIGHT), ("R1", EIGHT), ("N2", EIGHT)], **HELD)
    harness.clock.set("2026-11-24 07:59")
    await harness.restart()
    await harness.tick()
    assert harness.outbox("key", ended_at=None) == [("N1",), ("R1",), ("N2",)]
    harness.clock.set("2026-11-24 08:00")
    await harness.tick()
    await harness.outbox_is_done()
    assert said(harness, ["EVENING", "N1", "R1", "N2"]) == ["EVENING", "N1", "R1", "N2"]


async def test_an_urgent_notice_passes_what_is_held_and_the_rest_keeps_its_order(
    harness: BotHarness, maria: Someone
) -> None:
    harness.clock.set(NIGHT)
    await harness.tell(notice(maria, "N1"))
    await harness.outbox_becomes("key, due_at", [("N1", EIGHT)], **HELD)
    await harness.tell(notice(maria, "N2"), notice(maria, "A1", Urgency.ANSWER), notice(maria, "A2", Urgency.ANSWER))
    await harness.outbox_becomes("key", [("N1",), ("N2",)], ended_at=None)
    assert said(harness, ["N1", "N2", "A1", "A2"]) == ["A1", "A2"]
    harness.clock.set("2026-11-24 08:30")
    await harness.tell(notice(maria, "A3", Urgency.ANSWER))
    await harness.outbox_is_done()
    assert said(harness, ["N1", "N2", "A1", "A2", "A3"]) == ["A1", "A2", "N1", "N2", "A3"], "due now, it stands before"


async def test_of_what_was_held_one_is_due_in_a_chat_at_a_time(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set(NIGHT)
    await harness.tell(notice(maria, "N1"), notice(maria, "N2"))
    await harness.outbox_becomes("key, due_at", [("N1", EIGHT), ("N2", EIGHT)], **HELD)
    await harness.stop()
    harness.clock.set("2026-11-24 08:00")
    database = Database(f"sqlite+aiosqlite:///{harness.database}")
    due = await SqlOutbox(database, words.kinds).due(Channel.TELEGRAM, harness.clock.now(), 100)
    await database.close()
    assert [queued.notice.key for queued in due] == ["N1"]


async def test_what_was_held_and_may_have_arrived_keeps_its_place(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set(NIGHT)
    await harness.tell(notice(maria, "N1"), notice(maria, "N2"))
    await harness.outbox_becomes("key, due_at", [("N1", EIGHT), ("N2", EIGHT)], **HELD)
    harness.clock.set("2026-11-24 08:00")
    harness.world.faults.add("reset_before", method="sendMessage", count=1)
    await harness.tick()
    await once_more(harness, 1)
    await harness.outbox_is_done()
    assert said(harness, ["N1", "N2"]) == ["N1", "N2"]


async def test_what_stood_before_an_urgent_notice_does_not_become_urgent_itself(
    harness: BotHarness, maria: Someone
) -> None:
    """Both wait for Telegram, and the night begins."""
    harness.world.faults.add("unauthorized")
    await harness.tell(notice(maria, "N1"), notice(maria, "A1", Urgency.ANSWER))
    harness.clock.set(NIGHT)
    harness.world.faults.clear()
    await harness.outbox_becomes("key, due_at", [("N1", EIGHT)], **HELD)
    await harness.outbox_becomes("key", [("N1",)], ended_at=None)
    assert said(harness, ["N1", "A1"]) == ["A1"]
    harness.alerts()
    harness.journal.take()


async def test_news_of_ones_accounts_and_of_our_own_faults_come_at_night(harness: BotHarness, maria: Someone) -> None:
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    oleg = await harness.customer("Олег")
    harness.clock.set(NIGHT)
    await oleg.send(await invite(maria))
    before = harness.world.cursor
    await oleg.press("Принять")
    await harness.told(maria, "Олег теперь может смотреть", before)
    await maria.send("/accounts")
    await maria.press("Изменить")
    await maria.press("Отвязать")
    before = harness.world.cursor
    await maria.press("Да, отвязать")
    await harness.told(oleg, "закрыл вам доступ", before)
    assert harness.outbox("key, due_at", **HELD) == []


async def test_hours_are_those_of_the_accounts_region(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Omsk, three hours ahead, the night has begun."""
    profile = (SAMPLES / "supplier.toml").read_text(encoding="utf-8").replace("Europe/Moscow", "Asia/Omsk", 1)
    file = idle_harness.database.with_name("supplier.toml")
    file.write_text(profile, encoding="utf-8")
    monkeypatch.setenv("SUPPLIER_PROFILE", str(file))
    await idle_harness.start()
    idle_harness.clock.set("2026-11-23 19:30")
    omsk = await idle_harness.customer("Омич", "360000123456")
    moscow = await idle_harness.customer("Москвич", "520000700010")
    nobody = await idle_harness.customer("Новенький")
    await idle_harness.tell(*(notice(one, f"N{number}") for number, one in enumerate((omsk, moscow, nobody))))
    await idle_harness.outbox_becomes("key", [("N0",)], ended_at=None)
    assert idle_harness.outbox("key, due_at", **HELD) == [("N0", "2026-11-24 02:00:00.000000")]


@pytest.mark.parametrize(("label", "quiet"), [("с 21:00 до 9:00", "21-9"), ("с 23:00 до 7:00", "23-7")])
async def test_other_hours_can_be_chosen(harness: BotHarness, maria: Someone, label: str, quiet: str) -> None:
    await set_quiet(maria, label)
    assert f"Тихие часы: {label}" in maria.buttons
    assert harness.rows("SELECT quiet FROM users") == [(quiet,)]
    await maria.press("Тихие часы")
    assert "В эти часы по местному времени не пишу" in maria.screen


async def test_hours_of_ones_own_are_typed(harness: BotHarness, maria: Someone) -> None:
    await open_notifications(maria)
    await maria.press("Тихие часы")
    await maria.send("по ночам")
    assert "целые часы" in maria.screen
    assert "с 23:00 до 7:00" in maria.buttons
    await maria.send("с 20 до 10")
    assert "Тихие часы: с 20:00 до 10:00" in maria.buttons
    assert harness.rows("SELECT quiet FROM users") == [("20-10",)]
    await maria.press("Тихие часы")
    await maria.press("Назад")
    await maria.send("3650 1580")
    assert "3 650" in maria.screen
    assert harness.rows("SELECT quiet FROM users") == [("20-10",)]


@pytest.mark.parametrize("hours", ["25-7", "7-7", "²-7", "x", "1-2-3"])
async def test_hours_in_a_forged_button_change_nothing(harness: BotHarness, maria: Someone, hours: str) -> None:
    await maria.press_data(maria.last_id, f"qh1:{hours}")
    assert harness.rows("SELECT quiet FROM users") == [("22-8",)]


async def test_without_quiet_hours_what_is_held_goes_out_at_once(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set(NIGHT)
    oleg = await harness.customer("Олег")
    await harness.tell(notice(maria, "N1"), notice(oleg, "O1"))
    await harness.outbox_becomes("key, due_at", [("N1", EIGHT), ("O1", EIGHT)], **HELD)
    await set_quiet(maria, "Писать в любое время")
    await harness.outbox_becomes("key", [("O1",)], ended_at=None)
    assert said(harness, ["N1", "O1"]) == ["N1"]
    await open_notifications(maria)
    assert "Тихие часы: нет" in maria.buttons


async def test_later_hours_hold_for_what_is_held_already(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set(NIGHT)
    await harness.tell(notice(maria, "N1"))
    await harness.outbox_becomes("key, due_at", [("N1", EIGHT)], **HELD)
    await set_quiet(maria, "с 21:00 до 9:00")
    await harness.outbox_becomes("key, due_at", [("N1", "2026-11-24 06:00:00.000000")], **HELD)
    harness.clock.set("2026-11-24 08:30")
    await harness.tick()
    await set_quiet(maria, "с 23:00 до 7:00")
    await harness.outbox_is_done()


async def test_a_wish_that_changes_while_a_notice_is_looked_at_wins(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notice was found to be held, and then nothing was to be held any more."""
    harness.clock.set(NIGHT)
    await set_quiet(maria, "Писать в любое время")
    policy = harness.app.use(NoticePolicy)
    fits, old = policy._fits, [False]
    monkeypatch.setattr(policy, "_fits", lambda *about: old.pop() if old else fits(*about))
    await harness.tell(notice(maria, "N1"))
    await harness.outbox_is_done()
    assert old == []
    assert said(harness, ["N1"]) == ["N1"]


@pytest.mark.parametrize("data", ["qh1:99-3", "qh1:", "tp1:alert:0", "tp1:verified:0", "tp1:reminder:maybe"])
async def test_forged_wishes_are_explained(harness: BotHarness, maria: Someone, data: str) -> None:
    await maria.press_data(maria.last_id, data)
    assert maria.toast == "Эта кнопка устарела. Показываю то, что есть сейчас."
    assert harness.rows("SELECT quiet, muted FROM users") == [("22-8", "[]")]


async def test_settings_in_english(harness: BotHarness) -> None:
    john = await harness.customer("John", "360000123456", language="en")
    await john.send("/settings")
    assert john.screen == "⚙️ Settings\n\nE-mail: not given\nQuiet hours: from 22:00 to 8:00"
    await john.press("Notifications")
    await john.press("Payment is due")
    await john.press("Quiet hours")
    await john.press("Write at any time")
    assert "Quiet hours: none" in john.buttons
    assert harness.rows("SELECT quiet, muted FROM users") == [("off", '["pay_by"]')]
