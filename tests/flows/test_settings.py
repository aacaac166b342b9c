"""Settings at a glance, notices by kind, quiet hours: what is told to a customer, and when."""

from __future__ import annotations

import pytest

import bot.outbox.sender
from services.customers.models import NotificationKind
from services.db.engine import Database
from services.db.outbox import SqlOutbox
from services.notices.models import Channel, Notice, Urgency
from services.notices.policy import NoticePolicy
from tests.conftest import SAMPLES
from tests.flows.mailed import link, name
from tests.flows.test_proofs import add_payment, prove
from tests.flows.test_sharing import invite
from tests.kinds import SWITCHED, words
from tests.people import Someone
from tests.test_delivery import notice, once_more, said
from tests.town import Town

OPEN = "SELECT key FROM outbox WHERE ended_at IS NULL ORDER BY id"
HELD = "SELECT key, due_at FROM outbox WHERE quiet AND ended_at IS NULL ORDER BY id"
EIGHT = "2026-11-24 05:00:00.000000"  # in the morning, as Moscow has it
NIGHT = "2026-11-23 23:30"


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for Telegram to come back."""
    monkeypatch.setattr(bot.outbox.sender, "BACK", (0,))
    monkeypatch.setattr(bot.outbox.sender, "STRIKES", (0,))


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


async def test_settings_say_what_holds(town: Town, maria: Someone) -> None:
    await maria.press("Настройки")
    assert maria.screen == "⚙️ Настройки\n\nПочта: не указана\nТихие часы: с 22:00 до 8:00"
    assert maria.buttons == ["Почта", "Уведомления", "Мои данные", "English", "На главную"]
    await name(maria, "maria@mail.ru")
    await maria.send("/settings")
    assert "Почта: m•••@mail.ru, ждёт подтверждения\n" in maria.screen
    assert "не указана" not in maria.screen
    await maria.send(await link(town))
    await name(maria, "oleg@mail.ru")
    await maria.send("/settings")
    assert "Почта: m•••@mail.ru\nПочта: o•••@mail.ru, ждёт подтверждения\n" in maria.screen
    await prove(maria, await add_payment(town, "2026-11-10", 105511))
    await maria.send("/settings")
    await maria.press("Управление счётом")
    assert "Показания без подтверждения" in " ".join(maria.buttons)


async def test_without_consents_there_is_only_what_concerns_ones_data(town: Town) -> None:
    oleg = town.person("Олег")
    await oleg.send("/settings")
    assert oleg.buttons == ["Мои данные", "English", "На главную"]
    for data in ("go1:notices:0", "go1:quiet:0", "go1:email:0", "tp1:reminder:0", "qh1:off"):
        await oleg.press_data(oleg.last_id, data)
        assert "нужны два согласия" in oleg.screen
    assert town.rows("SELECT quiet, muted FROM users") == [("22-8", "[]")]


# Kinds


async def test_each_kind_is_switched_off_and_on(town: Town, maria: Someone) -> None:
    await open_notifications(maria)
    assert "и о доступе к вашим счетам сообщаю всегда" in maria.screen
    kinds = maria.buttons[:4]
    assert kinds == ["Пора передать показания", "Срок оплаты", "Новая квитанция", "Поверка счётчика"]
    for label in kinds:
        await maria.press(label)
    assert town.rows("SELECT muted FROM users") == [('["meter_verification", "pay_by", "receipt", "reminder"]',)]
    await town.tell(*(switched(maria, f"OFF{number}", kind) for number, kind in enumerate(NotificationKind)))
    await town.until(OPEN, [])
    await maria.press("Срок оплаты")
    await town.tell(*(switched(maria, f"ON{number}", kind) for number, kind in enumerate(NotificationKind)))
    await town.tell(notice(maria, "ALWAYS"))
    await town.until(OPEN, [])
    keys = [f"{state}{number}" for state in ("OFF", "ON") for number in range(4)]
    assert said(town, [*keys, "ALWAYS"]) == ["ON1", "ALWAYS"]
    assert {row[0] for row in town.rows("SELECT facts FROM outbox")} == {"{}"}


async def test_one_persons_switch_is_not_anothers(town: Town, maria: Someone) -> None:
    oleg = await town.customer("Олег")
    await open_notifications(maria)
    await maria.press("Новая квитанция")
    await town.tell(switched(maria, "M1", NotificationKind.RECEIPT), switched(oleg, "O1", NotificationKind.RECEIPT))
    await town.until(OPEN, [])
    assert said(town, ["M1", "O1"]) == ["O1"]


async def test_a_kind_switched_off_is_not_told_of_what_waits_already(town: Town, maria: Someone) -> None:
    town.clock.set(NIGHT)
    await town.tell(switched(maria, "R1", NotificationKind.REMINDER), notice(maria, "N1"))
    await town.until(HELD, [("R1", EIGHT), ("N1", EIGHT)])
    await open_notifications(maria)
    await maria.press("Пора передать показания")
    await town.until(OPEN, [("N1",)])
    town.clock.set("2026-11-24 08:00")
    await town.tick()
    await town.until(OPEN, [])
    assert said(town, ["R1", "N1"]) == ["N1"]


# Quiet hours


async def test_what_is_not_urgent_waits_for_the_morning(town: Town, maria: Someone) -> None:
    town.clock.set("2026-11-23 21:59")
    await town.tell(notice(maria, "EVENING"))
    await town.until(OPEN, [])
    town.clock.set("2026-11-23 22:00")
    await town.tell(notice(maria, "N1"), switched(maria, "R1", NotificationKind.REMINDER), notice(maria, "N2"))
    await town.until(HELD, [("N1", EIGHT), ("R1", EIGHT), ("N2", EIGHT)])
    town.clock.set("2026-11-24 07:59")
    await town.restart()
    await town.tick()
    assert town.rows(OPEN) == [("N1",), ("R1",), ("N2",)]
    town.clock.set("2026-11-24 08:00")
    await town.tick()
    await town.until(OPEN, [])
    assert said(town, ["EVENING", "N1", "R1", "N2"]) == ["EVENING", "N1", "R1", "N2"]


async def test_an_urgent_notice_passes_what_is_held_and_the_rest_keeps_its_order(town: Town, maria: Someone) -> None:
    town.clock.set(NIGHT)
    await town.tell(notice(maria, "N1"))
    await town.until(HELD, [("N1", EIGHT)])
    await town.tell(notice(maria, "N2"), notice(maria, "A1", Urgency.ANSWER), notice(maria, "A2", Urgency.ANSWER))
    await town.until(OPEN, [("N1",), ("N2",)])
    assert said(town, ["N1", "N2", "A1", "A2"]) == ["A1", "A2"]
    town.clock.set("2026-11-24 08:30")
    await town.tell(notice(maria, "A3", Urgency.ANSWER))
    await town.until(OPEN, [])
    assert said(town, ["N1", "N2", "A1", "A2", "A3"]) == ["A1", "A2", "N1", "N2", "A3"], "due now, it stands before"


async def test_of_what_was_held_one_is_due_in_a_chat_at_a_time(town: Town, maria: Someone) -> None:
    town.clock.set(NIGHT)
    await town.tell(notice(maria, "N1"), notice(maria, "N2"))
    await town.until(HELD, [("N1", EIGHT), ("N2", EIGHT)])
    await town.stop()
    town.clock.set("2026-11-24 08:00")
    database = Database(f"sqlite+aiosqlite:///{town.database}")
    due = await SqlOutbox(database, words.kinds).due(Channel.TELEGRAM, town.clock.now(), 100)
    await database.close()
    assert [queued.notice.key for queued in due] == ["N1"]


async def test_what_was_held_and_may_have_arrived_keeps_its_place(town: Town, maria: Someone) -> None:
    town.clock.set(NIGHT)
    await town.tell(notice(maria, "N1"), notice(maria, "N2"))
    await town.until(HELD, [("N1", EIGHT), ("N2", EIGHT)])
    town.clock.set("2026-11-24 08:00")
    town.world.faults.add("reset_before", method="sendMessage", count=1)
    await town.tick()
    await once_more(town, 1)
    await town.until(OPEN, [])
    assert said(town, ["N1", "N2"]) == ["N1", "N2"]


async def test_what_stood_before_an_urgent_notice_does_not_become_urgent_itself(town: Town, maria: Someone) -> None:
    """Both wait for Telegram, and the night begins."""
    town.world.faults.add("unauthorized")
    await town.tell(notice(maria, "N1"), notice(maria, "A1", Urgency.ANSWER))
    town.clock.set(NIGHT)
    town.world.faults.clear()
    await town.until(HELD, [("N1", EIGHT)])
    await town.until(OPEN, [("N1",)])
    assert said(town, ["N1", "A1"]) == ["A1"]
    town.alerts()
    town.journal.take()


async def test_news_of_ones_accounts_and_of_our_own_faults_come_at_night(town: Town, maria: Someone) -> None:
    await prove(maria, await add_payment(town, "2026-11-10", 105511))
    oleg = await town.customer("Олег")
    town.clock.set(NIGHT)
    await oleg.send(await invite(maria))
    before = town.world.cursor
    await oleg.press("Принять")
    await town.told(maria, "Олег теперь может смотреть", before)
    await maria.send("/accounts")
    await maria.press("…3456")
    await maria.press("Отвязать")
    before = town.world.cursor
    await maria.press("Да, отвязать")
    await town.told(oleg, "закрыл вам доступ", before)
    assert town.rows(HELD) == []


async def test_hours_are_those_of_the_accounts_region(silent_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Omsk, three hours ahead, the night has begun."""
    profile = (SAMPLES / "supplier.toml").read_text(encoding="utf-8").replace("Europe/Moscow", "Asia/Omsk", 1)
    file = silent_town.database.with_name("supplier.toml")
    file.write_text(profile, encoding="utf-8")
    monkeypatch.setenv("SUPPLIER_PROFILE", str(file))
    await silent_town.start()
    silent_town.clock.set("2026-11-23 19:30")
    omsk = await silent_town.customer("Омич", "360000123456")
    moscow = await silent_town.customer("Москвич", "520000700010")
    nobody = await silent_town.customer("Новенький")
    await silent_town.tell(*(notice(one, f"N{number}") for number, one in enumerate((omsk, moscow, nobody))))
    await silent_town.until(OPEN, [("N0",)])
    assert silent_town.rows(HELD) == [("N0", "2026-11-24 02:00:00.000000")]


@pytest.mark.parametrize(("label", "quiet"), [("с 21:00 до 9:00", "21-9"), ("с 23:00 до 7:00", "23-7")])
async def test_other_hours_can_be_chosen(town: Town, maria: Someone, label: str, quiet: str) -> None:
    await set_quiet(maria, label)
    assert f"Тихие часы: {label}" in maria.buttons
    assert town.rows("SELECT quiet FROM users") == [(quiet,)]
    await maria.press("Тихие часы")
    assert "В эти часы по местному времени не пишу" in maria.screen


async def test_without_quiet_hours_what_is_held_goes_out_at_once(town: Town, maria: Someone) -> None:
    town.clock.set(NIGHT)
    oleg = await town.customer("Олег")
    await town.tell(notice(maria, "N1"), notice(oleg, "O1"))
    await town.until(HELD, [("N1", EIGHT), ("O1", EIGHT)])
    await set_quiet(maria, "Писать в любое время")
    await town.until(OPEN, [("O1",)])
    assert said(town, ["N1", "O1"]) == ["N1"]
    await open_notifications(maria)
    assert "Тихие часы: нет" in maria.buttons


async def test_later_hours_hold_for_what_is_held_already(town: Town, maria: Someone) -> None:
    town.clock.set(NIGHT)
    await town.tell(notice(maria, "N1"))
    await town.until(HELD, [("N1", EIGHT)])
    await set_quiet(maria, "с 21:00 до 9:00")
    await town.until(HELD, [("N1", "2026-11-24 06:00:00.000000")])
    town.clock.set("2026-11-24 08:30")
    await town.tick()
    await set_quiet(maria, "с 23:00 до 7:00")
    await town.until(OPEN, [])


async def test_a_wish_that_changes_while_a_notice_is_looked_at_wins(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notice was found to be held, and then nothing was to be held any more."""
    town.clock.set(NIGHT)
    await set_quiet(maria, "Писать в любое время")
    policy = town.app.use(NoticePolicy)
    fits, old = policy._fits, [False]
    monkeypatch.setattr(policy, "_fits", lambda *about: old.pop() if old else fits(*about))
    await town.tell(notice(maria, "N1"))
    await town.until(OPEN, [])
    assert old == []
    assert said(town, ["N1"]) == ["N1"]


@pytest.mark.parametrize("data", ["qh1:99-3", "qh1:", "tp1:alert:0", "tp1:verified:0", "tp1:reminder:maybe"])
async def test_forged_wishes_are_explained(town: Town, maria: Someone, data: str) -> None:
    await maria.press_data(maria.last_id, data)
    assert maria.toast == "Эта кнопка устарела. Показываю то, что есть сейчас."
    assert town.rows("SELECT quiet, muted FROM users") == [("22-8", "[]")]


async def test_settings_in_english(town: Town) -> None:
    john = await town.customer("John", "360000123456", language="en")
    await john.send("/settings")
    assert john.screen == "⚙️ Settings\n\nE-mail: not given\nQuiet hours: from 22:00 to 8:00"
    await john.press("Notifications")
    await john.press("Payment is due")
    await john.press("Quiet hours")
    await john.press("Write at any time")
    assert "Quiet hours: none" in john.buttons
    assert town.rows("SELECT quiet, muted FROM users") == [("off", '["pay_by"]')]
