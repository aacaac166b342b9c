"""Nothing accepted is lost: commit before acknowledgement, one effect, order, poison, kills, a bad network."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import aiohttp
import pytest

import bot.app
import bot.inbox.intake
import bot.telegram.polling
from services.db.inbox import Accepted, Done
from tests.flows.kept import statuses, values
from tests.people import Someone
from tests.town import PATIENCE, Town

TWO_ZONES = "360000123456"
ONE_ZONE = "360000200017"
GOOD = {"day": 3650, "night": 1580}
HINT = "Не понял. Пришлите показания числами"
PARKED = "intake: update parked"
TROUBLE = "Это наша ошибка, мы о ней уже знаем."


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other at once."""
    monkeypatch.setattr(bot.inbox.intake, "PAUSES", (0,))
    monkeypatch.setattr(bot.telegram.polling, "PAUSES", (0,))
    monkeypatch.setattr(bot.inbox.intake, "patience_of", lambda _: 0)
    monkeypatch.setattr(bot.telegram.polling, "patience_of", lambda _: 0)


def written(someone: Someone, text: object, update_id: int) -> dict[str, Any]:
    """An update as Telegram sends it."""
    person = someone.person
    message = {"message_id": 900_000 + update_id % 1000, "date": 1_795_000_000, "chat": person.chat()}
    return {"update_id": update_id, "message": {**message, "from": person.user(), "text": text}}


class Slow:
    """Stands before `Inbox.accept`: `entered` when updates are about to be committed, which waits for `go`."""

    def __init__(self, town: Town) -> None:
        self._accept = town.app.inbox.accept
        self.entered = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, updates: Sequence[Accepted], at: datetime) -> list[Accepted]:
        self.entered.set()
        await self.go.wait()
        return await self._accept(updates, at)


# One effect


async def test_an_update_delivered_three_times_has_one_effect(town: Town, maria: Someone) -> None:
    update = written(maria, "?", 10)
    await asyncio.gather(*(town.app.intake.accept([update]) for _ in range(3)))
    await town.quiet()
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 1


async def test_an_update_delivered_again_after_it_was_done_has_no_effect(town: Town, maria: Someone) -> None:
    update = written(maria, "?", 10)
    await town.app.intake.accept([update])
    await town.quiet()
    await town.restart()
    await town.app.intake.accept([update])
    await town.quiet()
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 1


async def test_the_same_press_in_a_new_update_has_one_effect(town: Town, maria: Someone) -> None:
    await maria.send("3650 1580")
    press = maria.find("Передать")
    await maria.press_data(*press)
    await town.restart()
    await maria.press_data(*press)
    assert values(town) == [GOOD]


async def test_a_done_update_keeps_no_words(town: Town, maria: Someone) -> None:
    await maria.send("3650 1580")
    assert town.rows("SELECT count(*) FROM inbox WHERE body IS NOT NULL OR done_at IS NULL") == [(0,)]


# Committed, then acknowledged


async def test_telegram_hears_of_receipt_after_the_commit(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(town)
    monkeypatch.setattr(town.app.inbox, "accept", slow)
    asked = len(town.world.calls)
    maria.types("?")
    await asyncio.wait_for(slow.entered.wait(), PATIENCE)
    assert len(town.world.updates) == 1
    assert [call.method for call in list(town.world.calls)[asked:] if call.method == "getUpdates"] == ["getUpdates"]
    assert town.rows("SELECT * FROM inbox WHERE done_at IS NULL") == []
    slow.go.set()
    await town.quiet()
    assert maria.screen.startswith(HINT)


async def test_a_commit_that_fails_is_tried_again(town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk or a locked file is trouble like any other: the bot must not grow deaf."""
    accept, failures = town.app.inbox.accept, [RuntimeError("database or disk is full")]

    async def fail_once(updates: Sequence[Accepted], at: datetime) -> list[Accepted]:
        if failures:
            raise failures.pop()
        return await accept(updates, at)

    monkeypatch.setattr(town.app.inbox, "accept", fail_once)
    await maria.send("?")
    assert maria.screen.startswith(HINT)
    town.journal.take()


# State and «done» are one


@pytest.mark.parametrize("table", ["inbox", "conversations"])
async def test_state_and_done_are_committed_together_or_not_at_all(town: Town, maria: Someone, table: str) -> None:
    when = {"inbox": "UPDATE ON inbox WHEN NEW.done_at IS NOT NULL", "conversations": "INSERT ON conversations"}
    await town.run(f"CREATE TRIGGER broken BEFORE {when[table]} BEGIN SELECT RAISE(ABORT, 'broken'); END")
    await maria.send("3650")
    assert town.rows("SELECT state FROM conversations") == []
    assert town.rows("SELECT count(*) FROM inbox WHERE done_at IS NULL AND parked_at IS NOT NULL") == [(1,)]
    town.journal.take()
    await town.run("DROP TRIGGER broken")
    await town.run("DELETE FROM inbox WHERE parked_at IS NOT NULL")
    await maria.send("3650 1580")
    await maria.press("Передать")
    assert values(town) == [GOOD]


async def test_an_update_whose_end_was_not_committed_runs_again_from_the_state_it_saw(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await maria.send("3650")
    finish, failures = town.app.inbox.finish, [RuntimeError("killed")]

    async def fail_once(*arguments: Any) -> None:
        if failures:
            raise failures.pop()
        await finish(*arguments)

    monkeypatch.setattr(town.app.inbox, "finish", fail_once)
    await maria.send("1580")
    await maria.press("Передать")
    assert values(town) == [GOOD]
    assert "update failed" in town.journal.take()[0]


# Poison


def _no_person(maria: Someone) -> dict[str, Any]:
    return {"message": "not even an object"}


def _no_message_id(maria: Someone) -> dict[str, Any]:
    update = written(maria, "?", 11)
    del update["message"]["message_id"], update["update_id"]
    return update


def _wrong_type(maria: Someone) -> dict[str, Any]:
    return {"message": written(maria, {"a": 1}, 11)["message"]}


def _no_chat(maria: Someone) -> dict[str, Any]:
    return {"callback_query": {"id": 5, "from": maria.person.user()}}


@pytest.mark.parametrize(
    ("poison", "told"), [(_no_person, False), (_no_message_id, True), (_wrong_type, True), (_no_chat, False)]
)
async def test_an_update_that_cannot_be_read_is_put_aside_and_the_next_one_works(
    town: Town, maria: Someone, poison: Any, told: bool
) -> None:
    before = town.world.cursor
    update_id = town.world.updates.put_raw(poison(maria))
    await maria.send("?")
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 1
    assert [row[0] for row in town.parked()] == [update_id]
    if told:
        await town.told(maria, TROUBLE, before)
    assert "was put aside" in town.alerts()[0]
    assert [line.split(" {")[0].splitlines()[0] for line in town.journal.take()] == ["intake: update failed", PARKED]
    await town.run("DELETE FROM inbox WHERE parked_at IS NOT NULL")


async def test_an_update_whose_handler_always_fails_is_put_aside_after_three_tries(town: Town, maria: Someone) -> None:
    town.supplier.trouble = ZeroDivisionError("a bug")
    before = town.world.cursor
    await maria.send("/menu")
    await town.told(maria, TROUBLE, before)
    assert len([error for error in town.journal.errors if "update failed" in error]) == 3
    assert town.rows("SELECT tries FROM inbox WHERE parked_at IS NOT NULL") == [(3,)]
    assert len(town.alerts()) == 1
    town.journal.take()
    await town.run("DELETE FROM inbox WHERE parked_at IS NOT NULL")
    town.supplier.trouble = None
    await maria.send("/menu")
    assert maria.screen.startswith("🏠")


@pytest.mark.parametrize("garbage", [None, [], "x", 5, {}, {"update_id": "7"}, {"update_id": None}])
async def test_what_has_no_id_is_left_out_and_the_rest_is_kept(town: Town, maria: Someone, garbage: object) -> None:
    await town.app.intake.accept([garbage, written(maria, "?", 12)])
    await town.quiet()
    assert maria.screen.startswith(HINT)
    assert len(town.journal.take()) == 1


@pytest.mark.parametrize("kind", ["a_kind_of_next_year", "business_message", "poll"])
async def test_a_kind_that_nobody_handles_is_done_at_once(town: Town, maria: Someone, kind: str) -> None:
    town.world.updates.put_raw({kind: {"id": "1"}})
    await maria.send("?")
    town.journal.take()
    await town.run("DELETE FROM inbox WHERE parked_at IS NOT NULL")
    assert maria.screen.startswith(HINT)


async def test_groups_are_not_spoken_to(town: Town, maria: Someone) -> None:
    group = town.world.add_staff_group("Соседи")
    town.world.join(group, maria.person)
    town.world.send_text(maria.person, "3650 1580", group)
    await town.quiet()
    assert [message for message in town.world.chat_view(group.id) if message["from"]["is_bot"]] == []
    assert town.rows("SELECT count(*) FROM inbox WHERE done_at IS NULL") == [(0,)]


# Side by side, each in order


async def test_one_person_waits_and_others_do_not(town: Town, maria: Someone) -> None:
    oleg = await town.customer("Олег", ONE_ZONE)
    town.supplier.gate.clear()
    town.supplier.called.clear()
    maria.types("/menu")
    await asyncio.wait_for(town.supplier.called.wait(), PATIENCE)
    before = town.world.cursor
    maria.types("?")
    oleg.types("?")
    await town.told(oleg, HINT, before)
    assert not any(screen.startswith(HINT) for screen in maria.screens), "her own messages keep their order"
    town.supplier.gate.set()
    await town.quiet()
    assert maria.screen.startswith(HINT)


async def test_fifty_quick_messages_are_answered_in_order_while_others_talk(town: Town, maria: Someone) -> None:
    others = [await town.customer(f"Сосед {number}", TWO_ZONES) for number in range(3)]
    for number in range(50):
        maria.types(f"{3600 + number} 1580")
        for other in others:
            if number < 10:
                other.types(f"{3600 + number} 1580")
    await town.quiet()
    for someone, count in [(maria, 50), *((other, 10) for other in others)]:
        shown = [screen.split("День 3 500 → ")[1][:5] for screen in someone.screens if "День 3 500 → " in screen]
        assert shown == [f"3 {600 + number}" for number in range(count)]


# Kills


async def test_what_a_stopped_process_left_open_the_next_one_finishes_in_order(
    silent_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.app, "PATIENCE", 0)
    town = silent_town
    await town.start()
    maria, oleg = await town.customer("Мария", TWO_ZONES), await town.customer("Олег", ONE_ZONE)
    town.supplier.gate.clear()
    town.supplier.called.clear()
    for text in ("3650", "1580", "?"):
        maria.types(text)
    oleg.types("8420")
    await asyncio.wait_for(town.supplier.called.wait(), PATIENCE)
    await town.world.updates.settled(PATIENCE)
    await town.stop()
    assert town.rows("SELECT count(*) FROM inbox WHERE done_at IS NULL AND parked_at IS NULL") == [(4,)]
    town.supplier.gate.set()
    await town.start()
    await town.quiet()
    assert "Не понял «?»" in maria.screen or "Здесь нет числа" in maria.screen
    assert "8 420" in oleg.screen
    await maria.press("Передать")
    await oleg.press("Передать")
    assert values(town) == [GOOD, {"single": 8420}]


async def test_updates_that_come_while_the_bot_is_away_are_answered_when_it_is_back(town: Town, maria: Someone) -> None:
    await town.stop()
    maria.types("3650 1580")
    maria.types("3640 1570")
    await town.start()
    await town.quiet()
    await maria.press("Передать")
    assert values(town) == [{"day": 3640, "night": 1570}]


async def test_a_stop_waits_for_what_runs(town: Town, maria: Someone) -> None:
    await maria.send("3650 1580")
    town.supplier.gate.clear()
    town.supplier.called.clear()
    maria.taps("Передать")
    await asyncio.wait_for(town.supplier.called.wait(), PATIENCE)
    stopping = asyncio.ensure_future(town.stop())
    town.supplier.gate.set()
    await stopping
    assert statuses(town) == ["accepted"]
    assert town.rows("SELECT count(*) FROM inbox WHERE done_at IS NULL") == [(0,)]
    await town.start()


# A bad network

FAULTS = [
    {"kind": "http_status"},
    {"kind": "http_status", "status": 500},
    {"kind": "http_status", "status": 200, "body": "<html>a captive portal</html>"},
    {"kind": "json_5xx"},
    {"kind": "too_many_requests"},
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "truncated_body"},
]


def _name(fault: dict[str, Any]) -> str:
    return "-".join(str(value) for key, value in fault.items() if key in {"kind", "status"})


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText", "answerCallbackQuery", "deleteMessage", "*"])
@pytest.mark.parametrize("fault", FAULTS, ids=_name)
async def test_a_flow_survives_a_bad_network(town: Town, maria: Someone, fault: dict[str, Any], method: str) -> None:
    def strike() -> None:
        town.world.faults.add(method=method, count=2, **fault)

    strike()
    await maria.press("Передать показания")
    strike()
    await maria.send("3650")
    strike()
    await maria.send("1480")
    strike()
    await maria.press("Ошибка, исправлю")
    strike()
    await maria.send("1580")
    strike()
    await maria.press("Передать")
    assert values(town) == [GOOD]
    assert statuses(town) == ["accepted"]
    assert any("Показания переданы\n№ П-2611-00001" in screen for screen in maria.screens)
    town.world.faults.clear()


@pytest.mark.parametrize("fault", [*FAULTS, {"kind": "conflict"}, {"kind": "unauthorized"}], ids=_name)
async def test_polling_goes_on_after_trouble(town: Town, maria: Someone, fault: dict[str, Any]) -> None:
    town.world.faults.add(method="getUpdates", count=3, **fault)
    for _ in range(3):
        await maria.send("?")
    town.world.faults.clear()
    town.alerts()
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 3


async def test_a_question_that_is_answered_at_once_is_not_waited_for_like_a_long_poll(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.telegram.polling, "TRANSFER", 0.1)
    await town.stop()
    town.world.faults.add(method="getUpdates", kind="hang", count=1)
    await town.start()
    await maria.send("?")
    assert maria.screen.startswith(HINT)


async def test_a_person_who_blocks_the_bot_in_the_middle_of_an_answer(town: Town, maria: Someone) -> None:
    town.supplier.gate.clear()
    town.supplier.called.clear()
    maria.types("/menu")
    await asyncio.wait_for(town.supplier.called.wait(), PATIENCE)
    town.world.block(maria.person)
    town.supplier.gate.set()
    await town.quiet()
    assert town.rows("SELECT blocked_at IS NOT NULL FROM users") == [(1,)]


# Webhook

SECRET = "a-secret_0123"


@pytest.fixture
async def hooked(silent_town: Town, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> Town:
    """A town whose bot gets its updates by webhook."""
    for name, value in {
        "BOT_MODE": "webhook",
        "WEBHOOK_URL": f"http://127.0.0.1:{unused_tcp_port}/telegram",
        "WEBHOOK_SECRET": SECRET,
        "WEB_PORT": str(unused_tcp_port),
    }.items():
        monkeypatch.setenv(name, value)
    await silent_town.start()
    return silent_town


async def post(town: Town, body: bytes, secret: bytes | None = SECRET.encode()) -> int:
    """The status that a caller gets."""
    url = town.app.settings.webhook.url or ""
    port = int(url.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    header = b"" if secret is None else b"X-Telegram-Bot-Api-Secret-Token: " + secret + b"\r\n"
    head = b"POST /telegram HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n" % len(body)
    writer.write(head + header + b"\r\n" + body)
    status = await asyncio.wait_for(reader.readline(), PATIENCE)
    writer.close()
    return int(status.split()[1])


async def test_a_whole_conversation_by_webhook(hooked: Town) -> None:
    maria = await hooked.customer("Мария", TWO_ZONES)
    await maria.press("Передать показания")
    await maria.send("3650")
    await maria.send("1580")
    await maria.press("Передать")
    assert values(hooked) == [GOOD]
    assert not [call for call in hooked.world.calls if call.method == "getUpdates"]


@pytest.mark.parametrize(
    "secret", [None, b"", b"wrong", SECRET.encode() + b"x", SECRET[:-1].encode(), b"\xd1\x8f", b"\xff\xfe"]
)
async def test_a_webhook_without_its_secret_is_refused(hooked: Town, secret: bytes | None) -> None:
    assert await post(hooked, b'{"update_id": 1}', secret) == 401
    assert hooked.rows("SELECT * FROM inbox") == []


@pytest.mark.parametrize("body", [b"", b"{", b"update_id=1", b"\xff\xfe", b'{"update_id": NaN}'])
async def test_a_webhook_that_is_no_json_is_refused(hooked: Town, body: bytes) -> None:
    assert await post(hooked, body) == 400
    assert hooked.rows("SELECT * FROM inbox") == []


async def test_a_webhook_of_no_end_is_refused(hooked: Town) -> None:
    assert await post(hooked, b'{"update_id": 1, "x": "' + b"x" * 1024 * 1024 + b'"}') == 413


async def test_a_webhook_is_answered_after_the_commit(hooked: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(hooked)
    monkeypatch.setattr(hooked.app.inbox, "accept", slow)
    answer = asyncio.ensure_future(post(hooked, b'{"update_id": 1}'))
    await asyncio.wait_for(slow.entered.wait(), PATIENCE)
    assert not answer.done()
    slow.go.set()
    assert await answer == 200
    assert hooked.rows("SELECT update_id FROM inbox") == [(1,)]


async def test_a_webhook_repeated_has_one_effect(hooked: Town) -> None:
    maria = await hooked.customer("Мария", TWO_ZONES)
    hooked.world.faults.add("duplicate_updates", method="webhook", times=3, count=1)
    await maria.send("?")
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 1


async def test_only_the_webhooks_own_path_answers(hooked: Town) -> None:
    url = (hooked.app.settings.webhook.url or "").replace("/telegram", "/other")
    async with aiohttp.ClientSession() as session, session.post(url, json={"update_id": 1}) as answer:
        assert answer.status == 404


async def test_an_update_that_comes_three_times_in_one_answer_has_one_effect(town: Town, maria: Someone) -> None:
    town.world.faults.add("duplicate_updates", method="getUpdates", times=3, count=1)
    await maria.send("?")
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 1


async def test_a_failure_that_cannot_be_noted_does_not_end_the_conversation(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.supplier.trouble, town.supplier.times = ZeroDivisionError("a bug"), 1
    fail, failures = town.app.inbox.fail, [RuntimeError("database is locked")]

    async def fail_once(update_id: int) -> None:
        if failures:
            raise failures.pop()
        await fail(update_id)

    monkeypatch.setattr(town.app.inbox, "fail", fail_once)
    await maria.send("/menu")
    await maria.send("?")
    assert maria.screen.startswith(HINT)
    town.journal.take()


async def test_one_update_that_cannot_be_closed_takes_no_others_with_it(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = town.app.inbox.finish

    async def refuse_groups(done: Sequence[Done], at: datetime) -> None:
        if len(done) > 1:
            raise ValueError("one of them")
        await finish(done, at)

    monkeypatch.setattr(town.app.inbox, "finish", refuse_groups)
    john = await town.customer("Джон", ONE_ZONE)
    await asyncio.gather(maria.send("?"), john.send("?"))
    assert maria.screen.startswith(HINT)
    assert john.screen.startswith(HINT)


# What was said is not said again


async def lose_the_form(town: Town, maria: Someone) -> None:
    """The next number meets a form that is gone: a sentence about it, and the home card behind it."""
    await maria.press("Передать показания")
    await town.run("UPDATE conversations SET data = '{}'")


LOST = "Вопрос, на который вы отвечаете, уже закрыт"


async def test_a_try_that_fails_half_way_is_taken_up_where_it_failed(town: Town, maria: Someone) -> None:
    await lose_the_form(town, maria)
    town.supplier.trouble, town.supplier.times = ZeroDivisionError("a bug"), 2
    await maria.send("3650")
    town.journal.take()
    assert sum(LOST in screen for screen in maria.screens) == 1
    assert maria.screen.startswith("🏠")


async def test_a_kill_between_answer_and_commit_repeats_nothing(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lose_the_form(town, maria)
    homes = sum(screen.startswith("🏠") for screen in maria.screens)
    died = asyncio.Event()

    async def die(*_: object) -> None:
        died.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(town.app.inbox, "finish", die)
    monkeypatch.setattr(bot.app, "PATIENCE", 0)
    maria.types("3650")
    await asyncio.wait_for(died.wait(), PATIENCE)
    await town.restart()
    await town.quiet()
    assert sum(LOST in screen for screen in maria.screens) == 1
    assert sum(screen.startswith("🏠") for screen in maria.screens) == homes + 1


async def test_an_answer_that_telegram_never_takes_is_put_aside_while_others_are_served(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.inbox.intake, "AWAY_TRIES", 3)
    oleg = await town.customer("Олег", ONE_ZONE)
    town.world.faults.add("json_5xx", method="sendMessage", chat_id=maria.id)
    maria.types("?")
    while not town.parked():
        before = town.world.cursor
        oleg.types("?")
        await town.told(oleg, HINT, before)
    assert len(town.parked()) == 1
    town.world.faults.clear()
    await town.quiet()
    town.alerts()
    town.journal.take()
    await town.run("DELETE FROM inbox WHERE parked_at IS NOT NULL")


async def test_an_outage_puts_nobody_aside_while_work_is_done_that_needs_no_telegram(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group where the bot has nothing to say goes on talking."""
    monkeypatch.setattr(bot.inbox.intake, "AWAY_TRIES", 3)
    stranger = town.world.add_person("Олег", "ru")
    group = {"id": town.world.add_staff_group("Смена").id, "type": "supergroup", "title": "Смена"}
    town.world.faults.add("delay", method="sendMessage", seconds=0.02)
    fault = town.world.faults.add("unauthorized", method="sendMessage")
    maria.types("?")
    while fault.hits < 12:
        words = {"message_id": 1, "date": 1_795_000_000, "chat": group, "from": stranger.user(), "text": "hi"}
        spoken = town.world.updates.put_raw({"message": words})
        await town.until(f"SELECT done_at > 0 FROM inbox WHERE update_id = {spoken}", [(1,)])
    assert town.parked() == []
    town.world.faults.clear()
    await town.quiet()
    assert maria.screen.startswith(HINT)
    [alert] = town.alerts()
    assert "Telegram does not know BOT_TOKEN" in alert


class Panic(BaseException):
    """As libraries raise that are written in Rust."""


@pytest.mark.parametrize("trouble", [asyncio.CancelledError, Panic])
async def test_what_is_no_exception_leaves_nobody_deaf(
    town: Town, maria: Someone, trouble: type[BaseException]
) -> None:
    town.supplier.trouble, town.supplier.times = trouble(), 1  # type: ignore[assignment]
    await maria.send("/menu")
    await maria.send("?")
    assert maria.screen.startswith(HINT)
    assert "update failed" in town.journal.take()[0]
