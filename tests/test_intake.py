"""Nothing accepted is lost: commit before acknowledgement, one effect, order, poison, kills, a bad network."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import aiohttp
import pytest

import bot.inbox.intake
import bot.telegram.polling
from services.db.inbox import Accepted, Done
from tests.flows.kept import statuses, values
from tests.harness import PATIENCE, BotHarness
from tests.people import Someone

TWO_ZONES = "360000123456"
ONE_ZONE = "360000200017"
GOOD = {"day": 3650, "night": 1580}
HINT = "Не понял. Пришлите показания числами"
PARKED = "intake: update parked"
TROUBLE = "Это наша ошибка, мы о ней уже знаем."

pytestmark = pytest.mark.limits(intake={"pauses": (0,)}, poller={"pauses": (0,)})


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other at once, whatever Telegram asks for."""
    monkeypatch.setattr(bot.inbox.intake, "patience_of", lambda _: 0)
    monkeypatch.setattr(bot.telegram.polling, "patience_of", lambda _: 0)


def written(someone: Someone, text: object, update_id: int) -> dict[str, Any]:
    """An update as Telegram sends it."""
    person = someone.person
    message = {"message_id": 900_000 + update_id % 1000, "date": 1_795_000_000, "chat": person.chat()}
    return {"update_id": update_id, "message": {**message, "from": person.user(), "text": text}}


class Slow:
    """Stands before `Inbox.accept`: `entered` when updates are about to be committed, which waits for `go`."""

    def __init__(self, harness: BotHarness) -> None:
        self._accept = harness.app.inbox.accept
        self.entered = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, updates: Sequence[Accepted], at: datetime) -> list[Accepted]:
        self.entered.set()
        await self.go.wait()
        return await self._accept(updates, at)


# One effect


async def test_an_update_delivered_three_times_has_one_effect(harness: BotHarness, maria: Someone) -> None:
    update = written(maria, "?", 10)
    await asyncio.gather(*(harness.app.intake.accept([update]) for _ in range(3)))
    await harness.quiet()
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 1


async def test_an_update_delivered_again_after_it_was_done_has_no_effect(harness: BotHarness, maria: Someone) -> None:
    update = written(maria, "?", 10)
    await harness.app.intake.accept([update])
    await harness.quiet()
    await harness.restart()
    await harness.app.intake.accept([update])
    await harness.quiet()
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 1


async def test_the_same_press_in_a_new_update_has_one_effect(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    press = maria.find("Передать")
    await maria.press_data(*press)
    await harness.restart()
    await maria.press_data(*press)
    assert values(harness) == [GOOD]


async def test_a_done_update_keeps_no_words(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    assert set(harness.inbox("body, done_at IS NULL")) == {(None, False)}


# Committed, then acknowledged


async def test_telegram_hears_of_receipt_after_the_commit(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(harness)
    monkeypatch.setattr(harness.app.inbox, "accept", slow)
    asked = len(harness.world.calls)
    maria.types("?")
    await asyncio.wait_for(slow.entered.wait(), PATIENCE)
    assert len(harness.world.updates) == 1
    assert [call.method for call in list(harness.world.calls)[asked:] if call.method == "getUpdates"] == ["getUpdates"]
    assert harness.undone_updates() == []
    slow.go.set()
    await harness.quiet()
    assert maria.screen.startswith(HINT)


async def test_a_commit_that_fails_is_tried_again(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk or a locked file is trouble like any other: the bot must not grow deaf."""
    accept, failures = harness.app.inbox.accept, [RuntimeError("database or disk is full")]

    async def fail_once(updates: Sequence[Accepted], at: datetime) -> list[Accepted]:
        if failures:
            raise failures.pop()
        return await accept(updates, at)

    monkeypatch.setattr(harness.app.inbox, "accept", fail_once)
    await maria.send("?")
    assert maria.screen.startswith(HINT)
    harness.journal.take()


# State and «done» are one


@pytest.mark.parametrize("table", ["inbox", "conversations"])
async def test_state_and_done_are_committed_together_or_not_at_all(
    harness: BotHarness, maria: Someone, table: str
) -> None:
    when = {"inbox": "UPDATE ON inbox WHEN NEW.done_at IS NOT NULL", "conversations": "INSERT ON conversations"}
    await harness.run(f"CREATE TRIGGER broken BEFORE {when[table]} BEGIN SELECT RAISE(ABORT, 'broken'); END")
    await maria.send("3650")
    assert harness.drafts() == []
    assert len(harness.dead_letters()) == 1
    harness.journal.take()
    await harness.run("DROP TRIGGER broken")
    await harness.drop_dead_letters()
    await maria.send("3650 1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_an_update_whose_end_was_not_committed_runs_again_from_the_state_it_saw(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await maria.send("3650")
    finish, failures = harness.app.inbox.finish, [RuntimeError("killed")]

    async def fail_once(*arguments: Any) -> None:
        if failures:
            raise failures.pop()
        await finish(*arguments)

    monkeypatch.setattr(harness.app.inbox, "finish", fail_once)
    await maria.send("1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]
    assert "update failed" in harness.journal.take()[0]


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
    harness: BotHarness, maria: Someone, poison: Any, told: bool
) -> None:
    before = harness.world.cursor
    update_id = harness.world.updates.put_raw(poison(maria))
    await maria.send("?")
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 1
    assert [row[0] for row in harness.dead_letters()] == [update_id]
    if told:
        await harness.told(maria, TROUBLE, before)
    assert "was put aside" in harness.alerts()[0]
    assert [line.split(" {")[0].splitlines()[0] for line in harness.journal.take()] == ["intake: update failed", PARKED]
    await harness.drop_dead_letters()


async def test_an_update_whose_handler_always_fails_is_put_aside_after_three_tries(
    harness: BotHarness, maria: Someone
) -> None:
    harness.supplier.trouble = ZeroDivisionError("a bug")
    before = harness.world.cursor
    await maria.send("/menu")
    await harness.told(maria, TROUBLE, before)
    assert len([error for error in harness.journal.errors if "update failed" in error]) == 3
    assert harness.dead_letters("tries") == [(3,)]
    assert len(harness.alerts()) == 1
    harness.journal.take()
    await harness.drop_dead_letters()
    harness.supplier.trouble = None
    await maria.send("/menu")
    assert maria.screen.startswith("🏠")


@pytest.mark.parametrize("garbage", [None, [], "x", 5, {}, {"update_id": "7"}, {"update_id": None}])
async def test_what_has_no_id_is_left_out_and_the_rest_is_kept(
    harness: BotHarness, maria: Someone, garbage: object
) -> None:
    await harness.app.intake.accept([garbage, written(maria, "?", 12)])
    await harness.quiet()
    assert maria.screen.startswith(HINT)
    assert len(harness.journal.take()) == 1


@pytest.mark.parametrize("kind", ["a_kind_of_next_year", "business_message", "poll"])
async def test_a_kind_that_nobody_handles_is_done_at_once(harness: BotHarness, maria: Someone, kind: str) -> None:
    harness.world.updates.put_raw({kind: {"id": "1"}})
    await maria.send("?")
    harness.journal.take()
    await harness.drop_dead_letters()
    assert maria.screen.startswith(HINT)


async def test_groups_are_not_spoken_to(harness: BotHarness, maria: Someone) -> None:
    group = harness.world.add_staff_group("Соседи")
    harness.world.join(group, maria.person)
    harness.world.send_text(maria.person, "3650 1580", group)
    await harness.quiet()
    assert [message for message in harness.world.chat_view(group.id) if message["from"]["is_bot"]] == []
    assert harness.undone_updates() == []


# Side by side, each in order


async def test_one_person_waits_and_others_do_not(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    harness.supplier.gate.clear()
    harness.supplier.called.clear()
    maria.types("/menu")
    await asyncio.wait_for(harness.supplier.called.wait(), PATIENCE)
    before = harness.world.cursor
    maria.types("?")
    oleg.types("?")
    await harness.told(oleg, HINT, before)
    assert not any(screen.startswith(HINT) for screen in maria.screens), "her own messages keep their order"
    harness.supplier.gate.set()
    await harness.quiet()
    assert maria.screen.startswith(HINT)


async def test_fifty_quick_messages_are_answered_in_order_while_others_talk(
    harness: BotHarness, maria: Someone
) -> None:
    others = [await harness.customer(f"Сосед {number}", TWO_ZONES) for number in range(3)]
    for number in range(50):
        maria.types(f"{3600 + number} 1580")
        for other in others:
            if number < 10:
                other.types(f"{3600 + number} 1580")
    await harness.quiet()
    for someone, count in [(maria, 50), *((other, 10) for other in others)]:
        shown = [screen.split("День 3 500 → ")[1][:5] for screen in someone.screens if "День 3 500 → " in screen]
        assert shown == [f"3 {600 + number}" for number in range(count)]


# Kills


@pytest.mark.limits(patience=0)
async def test_what_a_stopped_process_left_open_the_next_one_finishes_in_order(harness: BotHarness) -> None:
    maria, oleg = await harness.customer("Мария", TWO_ZONES), await harness.customer("Олег", ONE_ZONE)
    harness.supplier.gate.clear()
    harness.supplier.called.clear()
    for text in ("3650", "1580", "?"):
        maria.types(text)
    oleg.types("8420")
    await asyncio.wait_for(harness.supplier.called.wait(), PATIENCE)
    await harness.world.updates.settled(PATIENCE)
    await harness.stop()
    assert len(harness.open_updates()) == 4
    harness.supplier.gate.set()
    await harness.start()
    await harness.quiet()
    assert "Не понял «?»" in maria.screen or "Здесь нет числа" in maria.screen
    assert "8 420" in oleg.screen
    await maria.press("Передать")
    await oleg.press("Передать")
    assert values(harness) == [GOOD, {"single": 8420}]


async def test_updates_that_come_while_the_bot_is_away_are_answered_when_it_is_back(
    harness: BotHarness, maria: Someone
) -> None:
    await harness.stop()
    maria.types("3650 1580")
    maria.types("3640 1570")
    await harness.start()
    await harness.quiet()
    await maria.press("Передать")
    assert values(harness) == [{"day": 3640, "night": 1570}]


async def test_a_stop_waits_for_what_runs(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    harness.supplier.gate.clear()
    harness.supplier.called.clear()
    maria.taps("Передать")
    await asyncio.wait_for(harness.supplier.called.wait(), PATIENCE)
    stopping = asyncio.ensure_future(harness.stop())
    harness.supplier.gate.set()
    await stopping
    assert statuses(harness) == ["accepted"]
    assert harness.undone_updates() == []
    await harness.start()


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
async def test_a_flow_survives_a_bad_network(
    harness: BotHarness, maria: Someone, fault: dict[str, Any], method: str
) -> None:
    def strike() -> None:
        harness.world.faults.add(method=method, count=2, **fault)

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
    assert values(harness) == [GOOD]
    assert statuses(harness) == ["accepted"]
    assert any("Показания переданы\n№ П-2611-00001" in screen for screen in maria.screens)
    harness.world.faults.clear()


@pytest.mark.parametrize("fault", [*FAULTS, {"kind": "conflict"}, {"kind": "unauthorized"}], ids=_name)
async def test_polling_goes_on_after_trouble(harness: BotHarness, maria: Someone, fault: dict[str, Any]) -> None:
    harness.world.faults.add(method="getUpdates", count=3, **fault)
    for _ in range(3):
        await maria.send("?")
    harness.world.faults.clear()
    harness.alerts()
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 3


@pytest.mark.limits(poller={"transfer": 0.1})
async def test_a_question_that_is_answered_at_once_is_not_waited_for_like_a_long_poll(
    harness: BotHarness, maria: Someone
) -> None:
    await harness.stop()
    harness.world.faults.add(method="getUpdates", kind="hang", count=1)
    await harness.start()
    await maria.send("?")
    assert maria.screen.startswith(HINT)


async def test_a_person_who_blocks_the_bot_in_the_middle_of_an_answer(harness: BotHarness, maria: Someone) -> None:
    harness.supplier.gate.clear()
    harness.supplier.called.clear()
    maria.types("/menu")
    await asyncio.wait_for(harness.supplier.called.wait(), PATIENCE)
    harness.world.block(maria.person)
    harness.supplier.gate.set()
    await harness.quiet()
    assert harness.rows("SELECT blocked_at IS NOT NULL FROM users") == [(1,)]


# Webhook

SECRET = "a-secret_0123"


@pytest.fixture
async def hooked(idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> BotHarness:
    """A harness whose bot gets its updates by webhook."""
    for name, value in {
        "BOT_MODE": "webhook",
        "WEBHOOK_URL": f"http://127.0.0.1:{unused_tcp_port}/telegram",
        "WEBHOOK_SECRET": SECRET,
        "WEB_PORT": str(unused_tcp_port),
    }.items():
        monkeypatch.setenv(name, value)
    await idle_harness.start()
    return idle_harness


async def post(harness: BotHarness, body: bytes, secret: bytes | None = SECRET.encode()) -> int:
    """The status that a caller gets."""
    url = harness.app.settings.webhook.url or ""
    port = int(url.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    header = b"" if secret is None else b"X-Telegram-Bot-Api-Secret-Token: " + secret + b"\r\n"
    head = b"POST /telegram HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n" % len(body)
    writer.write(head + header + b"\r\n" + body)
    status = await asyncio.wait_for(reader.readline(), PATIENCE)
    writer.close()
    return int(status.split()[1])


async def test_a_whole_conversation_by_webhook(hooked: BotHarness) -> None:
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
async def test_a_webhook_without_its_secret_is_refused(hooked: BotHarness, secret: bytes | None) -> None:
    assert await post(hooked, b'{"update_id": 1}', secret) == 401
    assert hooked.inbox("update_id") == []


@pytest.mark.parametrize("body", [b"", b"{", b"update_id=1", b"\xff\xfe", b'{"update_id": NaN}'])
async def test_a_webhook_that_is_no_json_is_refused(hooked: BotHarness, body: bytes) -> None:
    assert await post(hooked, body) == 400
    assert hooked.inbox("update_id") == []


async def test_a_webhook_of_no_end_is_refused(hooked: BotHarness) -> None:
    assert await post(hooked, b'{"update_id": 1, "x": "' + b"x" * 1024 * 1024 + b'"}') == 413


async def test_a_webhook_is_answered_after_the_commit(hooked: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(hooked)
    monkeypatch.setattr(hooked.app.inbox, "accept", slow)
    answer = asyncio.ensure_future(post(hooked, b'{"update_id": 1}'))
    await asyncio.wait_for(slow.entered.wait(), PATIENCE)
    assert not answer.done()
    slow.go.set()
    assert await answer == 200
    assert hooked.inbox("update_id") == [(1,)]


async def test_a_webhook_repeated_has_one_effect(hooked: BotHarness) -> None:
    maria = await hooked.customer("Мария", TWO_ZONES)
    hooked.world.faults.add("duplicate_updates", method="webhook", times=3, count=1)
    await maria.send("?")
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 1


async def test_only_the_webhooks_own_path_answers(hooked: BotHarness) -> None:
    url = (hooked.app.settings.webhook.url or "").replace("/telegram", "/other")
    async with aiohttp.ClientSession() as session, session.post(url, json={"update_id": 1}) as answer:
        assert answer.status == 404


async def test_an_update_that_comes_three_times_in_one_answer_has_one_effect(
    harness: BotHarness, maria: Someone
) -> None:
    harness.world.faults.add("duplicate_updates", method="getUpdates", times=3, count=1)
    await maria.send("?")
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 1


async def test_a_failure_that_cannot_be_noted_does_not_end_the_conversation(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.supplier.trouble, harness.supplier.times = ZeroDivisionError("a bug"), 1
    fail, failures = harness.app.inbox.fail, [RuntimeError("database is locked")]

    async def fail_once(update_id: int) -> None:
        if failures:
            raise failures.pop()
        await fail(update_id)

    monkeypatch.setattr(harness.app.inbox, "fail", fail_once)
    await maria.send("/menu")
    await maria.send("?")
    assert maria.screen.startswith(HINT)
    harness.journal.take()


async def test_one_update_that_cannot_be_closed_takes_no_others_with_it(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = harness.app.inbox.finish

    async def refuse_groups(done: Sequence[Done], at: datetime) -> None:
        if len(done) > 1:
            raise ValueError("one of them")
        await finish(done, at)

    monkeypatch.setattr(harness.app.inbox, "finish", refuse_groups)
    john = await harness.customer("Джон", ONE_ZONE)
    await asyncio.gather(maria.send("?"), john.send("?"))
    assert maria.screen.startswith(HINT)
    assert john.screen.startswith(HINT)


# Answers that were given are not given again


async def lose_the_form(harness: BotHarness, maria: Someone) -> None:
    """The next number meets a form that is gone: a sentence about it, and the home card behind it."""
    await maria.press("Передать показания")
    await harness.run("UPDATE conversations SET data = '{}'")


LOST = "Вопрос, на который вы отвечаете, уже закрыт"


async def test_a_try_that_fails_half_way_is_taken_up_where_it_failed(harness: BotHarness, maria: Someone) -> None:
    await lose_the_form(harness, maria)
    harness.supplier.trouble, harness.supplier.times = ZeroDivisionError("a bug"), 2
    await maria.send("3650")
    harness.journal.take()
    assert sum(LOST in screen for screen in maria.screens) == 1
    assert maria.screen.startswith("🏠")


@pytest.mark.limits(patience=0)
async def test_a_kill_between_answer_and_commit_repeats_nothing(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lose_the_form(harness, maria)
    homes = sum(screen.startswith("🏠") for screen in maria.screens)
    died = asyncio.Event()

    async def die(*_: object) -> None:
        died.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(harness.app.inbox, "finish", die)
    maria.types("3650")
    await asyncio.wait_for(died.wait(), PATIENCE)
    await harness.restart()
    await harness.quiet()
    assert sum(LOST in screen for screen in maria.screens) == 1
    assert sum(screen.startswith("🏠") for screen in maria.screens) == homes + 1


@pytest.mark.limits(intake={"away_tries": 3})
async def test_an_answer_that_telegram_never_takes_is_put_aside_while_others_are_served(
    harness: BotHarness, maria: Someone
) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    harness.world.faults.add("json_5xx", method="sendMessage", chat_id=maria.id)
    maria.types("?")
    while not harness.dead_letters():
        before = harness.world.cursor
        oleg.types("?")
        await harness.told(oleg, HINT, before)
    assert len(harness.dead_letters()) == 1
    harness.world.faults.clear()
    await harness.quiet()
    harness.alerts()
    harness.journal.take()
    await harness.drop_dead_letters()


@pytest.mark.limits(intake={"away_tries": 3})
async def test_an_outage_puts_nobody_aside_while_work_is_done_that_needs_no_telegram(
    harness: BotHarness, maria: Someone
) -> None:
    """A group where the bot has nothing to say goes on talking."""
    stranger = harness.world.add_person("Олег", "ru")
    group = {"id": harness.world.add_staff_group("Смена").id, "type": "supergroup", "title": "Смена"}
    harness.world.faults.add("delay", method="sendMessage", seconds=0.02)
    fault = harness.world.faults.add("unauthorized", method="sendMessage")
    maria.types("?")
    while fault.hits < 12:
        words = {"message_id": 1, "date": 1_795_000_000, "chat": group, "from": stranger.user(), "text": "hi"}
        spoken = harness.world.updates.put_raw({"message": words})
        await harness.inbox_becomes("done_at IS NULL", [(False,)], update_id=spoken)
    assert harness.dead_letters() == []
    harness.world.faults.clear()
    await harness.quiet()
    assert maria.screen.startswith(HINT)
    [alert] = harness.alerts()
    assert "Telegram does not know BOT_TOKEN" in alert


class Panic(BaseException):
    """As libraries raise that are written in Rust."""


@pytest.mark.parametrize("trouble", [asyncio.CancelledError, Panic])
async def test_what_is_no_exception_leaves_nobody_deaf(
    harness: BotHarness, maria: Someone, trouble: type[BaseException]
) -> None:
    harness.supplier.trouble, harness.supplier.times = trouble(), 1  # type: ignore[assignment]
    await maria.send("/menu")
    await maria.send("?")
    assert maria.screen.startswith(HINT)
    assert "update failed" in harness.journal.take()[0]
