"""Each update stands alone: one that cannot be read or kept is parked and told, and no other waits for it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli.dead_letters import show_parked
from bot.inbox import updates
from bot.inbox.conversation_queue import ConversationQueue
from sandbox.state import Json
from services.db.inbox import Accepted
from tests.harness import PATIENCE, BotHarness
from tests.people import Someone
from tests.test_intake import HINT, hooked, post  # noqa: F401  # a fixture

TWO_ZONES = "360000123456"
ALERT = "an update could not be read and was put aside without its words"

pytestmark = pytest.mark.limits(intake={"pauses": (0,)}, poller={"pauses": (0,)})


def message(someone: Someone, text: str) -> bytes:
    """An update whose text is written as it stands; `%d` becomes its number."""
    head = orjson.dumps({"message_id": 900_001, "date": 1_795_000_000, "chat": someone.person.chat()})[:-1]
    sender = orjson.dumps(someone.person.user())
    return b'{"update_id":%d,"message":' + head + b',"from":' + sender + b',"text":' + text.encode() + b"}}"


NO_JSON: dict[str, bytes] = {
    "a lone surrogate": b'"\\ud800"',
    "half of a pair": b'"\\udc00\\ud83d"',
    "no utf-8": b'"\xff\xfe"',
    "NaN": b"NaN",
    "infinity": b"-Infinity",
    "two thousand arrays": b"[" * 2000 + b"]" * 2000,
    "a raw line end": b'"a\nb"',
    "quotes and brackets": b'"\\"}],[{\\\\", "x": "\\ud800"',
}
DEEP = b"[" * 500 + b"]" * 500


@pytest.mark.parametrize("text", NO_JSON.values(), ids=NO_JSON)
async def test_what_is_no_json_is_put_aside_and_the_rest_of_its_batch_is_served(
    harness: BotHarness, maria: Someone, text: bytes
) -> None:
    maria.types("?")
    number = harness.world.updates.put_text(message(maria, "@").replace(b"@", text))
    maria.types("?")
    await harness.quiet()
    assert sum(screen.startswith(HINT) for screen in maria.screens) == 2
    assert harness.dead_letters() == [(number, None)]
    assert ALERT in harness.alerts()[0]
    assert [line.split(" {")[0] for line in harness.journal.take()] == ["intake: update parked"]
    await harness.drop_dead_letters()


async def test_what_is_nested_too_deeply_is_put_aside_and_its_person_told(harness: BotHarness, maria: Someone) -> None:
    before = harness.world.cursor
    number = harness.world.updates.put_text(message(maria, "@").replace(b"@", DEEP))
    maria.types("?")
    await harness.quiet()
    await harness.told(maria, "Это наша ошибка", before)
    assert any(screen.startswith(HINT) for screen in maria.screens)
    assert harness.dead_letters() == [(number, None)]
    assert ALERT in harness.alerts()[0]
    harness.journal.take()
    await harness.drop_dead_letters()


async def test_what_was_put_aside_without_its_words_cannot_be_tried_again(harness: BotHarness, maria: Someone) -> None:
    harness.world.updates.put_text(message(maria, "NaN"))
    await harness.quiet()
    said: list[str] = []
    await show_parked(harness.app.settings.database.url, True, said.append)
    assert said[-1].startswith("Tried again: 0.")
    assert said[-1].endswith("1 could not be read and cannot be tried.")
    await harness.app.intake.take_up()
    await harness.quiet()
    assert len(harness.dead_letters()) == 1
    harness.journal.take()
    await harness.drop_dead_letters()


@pytest.mark.parametrize("number", [b"null", b'"7"', b"true", b"-1", b"18446744073709551617", b"9223372036854775808"])
async def test_what_has_no_number_is_told_and_keeps_nobody_waiting(
    harness: BotHarness, maria: Someone, number: bytes
) -> None:
    """It stays at the head until something with a number comes."""
    harness.world.updates.put_text(b'{"update_id":' + number + b',"message":{"text":"?"}}')
    await maria.send("?")
    assert maria.screen.startswith(HINT)
    assert any("without an id" in line for line in harness.journal.take())


STRANGE: list[Json] = [
    {"text": "\x00\x00"},
    {"text": "x" * 1_000_000},
    {"text": "1 " * 400_000},
    {"text": "3650\x001580"},
    {"text": None, "caption": 5},
    {"text": "?", "from": {"id": 2**63, "is_bot": False, "first_name": "M"}},
    {"text": "?", "from": {"id": 10**40, "is_bot": False, "first_name": "M"}},
    {"text": "?", "chat": {"id": 2**63 + 5, "type": "private"}},
    {"text": "?", "chat": {"id": "²", "type": "private"}},
    {"text": "?", "chat": {"id": True, "type": "private"}},
    {"text": "?", "chat": {"id": -(10**30), "type": "private"}},
    {"text": "?", "chat": 5},
    {"text": "?", "chat": None},
    {"text": "?", "from": None},
    {"text": "?", "from": []},
    {"text": "?", "message_id": 2**70},
    {"text": "?", "message_thread_id": {"x": 1}},
    {"text": "?", "date": 10**18},
    {"text": "?", "media_group_id": ["x"]},
    {"media_group_id": "x", "caption": {"x": 1}},
    {"text": "?", "entities": "x"},
]


def strange(someone: Someone, content: Json) -> bytes:
    person = someone.person
    whole = {"message_id": 1, "date": 1_795_000_000, "chat": person.chat(), "from": person.user(), **content}
    numbers: dict[str, int] = {}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items()}
        if isinstance(value, int) and abs(value) > 2**62:
            numbers[f"#{value}"] = value
            return f"#{value}"
        return value

    body = orjson.dumps({"message": plain(whole)})
    for name, value in numbers.items():
        body = body.replace(f'"{name}"'.encode(), b"%d" % value)
    return b'{"update_id":%d,' + body[1:]


async def test_whatever_stands_in_a_message_nobody_else_waits_for_it(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", TWO_ZONES)
    for content in STRANGE:
        harness.world.updates.put_text(strange(maria, content))
    await asyncio.wait_for(oleg.send("?"), PATIENCE)
    assert oleg.screen.startswith(HINT)
    said = len(maria.screens)
    await maria.send("/menu")
    assert any(screen.startswith("🏠") for screen in maria.screens[said:])  # an apology may come last
    assert harness.open_updates() == []
    harness.alerts()
    harness.journal.take()
    await harness.drop_dead_letters()
    await harness.drop_notices()


# Webhooks


@pytest.mark.parametrize("text", [*NO_JSON.values(), DEEP], ids=[*NO_JSON, "deep"])
async def test_a_webhook_that_cannot_be_read_is_taken_and_put_aside(hooked: BotHarness, text: bytes) -> None:  # noqa: F811
    maria = hooked.person("Мария")
    body = message(maria, "@").replace(b"@", text).replace(b"%d", b"77")
    assert [await post(hooked, body) for _ in range(2)] == [200, 200]
    assert hooked.dead_letters() == [(77, None)]
    assert ALERT in hooked.alerts()[0]
    assert hooked.alerts() == []
    hooked.journal.take()
    await hooked.drop_updates()


# Any JSON

NAMES = st.sampled_from(
    ["id", "from", "chat", "message", "text", "type", "date", "data", "message_id", "media_group_id", "is_bot", "x"]
)
WHOLE = st.integers() | st.sampled_from([0, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**400])
LEAVES = st.none() | st.booleans() | WHOLE | st.floats() | st.sampled_from(["private", "/start", "?", "\x00", "²"])
ANY = st.recursive(LEAVES, lambda part: st.lists(part, max_size=3) | st.dictionaries(NAMES, part, max_size=5))
KINDS = st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "x"])


@given(st.dictionaries(KINDS, ANY, max_size=2), st.booleans())
def test_any_json_is_kept_or_put_aside(event: Json, split: bool) -> None:
    """As one of a batch beside one that cannot be parsed, and by itself."""
    body = python_json({"update_id": 7, **event})
    good = b'{"update_id":8,"message":{"text":"]},{"}}'
    bad = b',{"update_id":9,"x":"\\ud800"}' if split else b""
    answer: Any = updates.read_answer(b'{"ok":true,"result":[' + body + b"," + good + bad + b"]}")
    numbers = [updates.number_of(one) for one in answer["result"]]
    assert numbers == ([7, 8, 9] if split else [7, 8])
    for one in answer["result"]:
        kept = updates.kept(one)
        assert kept is not None
        assert abs(updates.chat_of(kept.conversation) or 0) <= 2**53
        if isinstance(kept, Accepted):
            queue = ConversationQueue()
            queue.flooded = True
            queue.arrive(kept)
            queue.note(kept, in_vain=True)
            assert queue.repeats() == [kept]
            queue.begins_album()
            queue.put_words_first()
            assert list(queue.held) == [kept]


def python_json(value: Any) -> bytes:
    """Bodies that are no JSON, too."""
    return json.dumps(value).encode()


GENTLY = settings(
    max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
EVENTS = st.lists(st.dictionaries(KINDS, ANY, min_size=1, max_size=2), min_size=1, max_size=6)


@GENTLY
@given(events=EVENTS)
async def test_any_json_by_polling_keeps_nobody_waiting(
    harness: BotHarness, maria: Someone, events: list[Json]
) -> None:
    for event in events:
        harness.world.updates.put_text(b'{"update_id":%d,' + python_json(event)[1:])
    await is_served(harness, maria)


@GENTLY
@given(events=EVENTS, numbers=st.lists(st.integers(1, 2**40), min_size=6, max_size=6))
async def test_any_json_by_webhook_keeps_nobody_waiting(
    hooked: BotHarness,  # noqa: F811
    events: list[Json],
    numbers: list[int],
) -> None:
    maria = next(iter(hooked.world.people.values()), None)
    someone = hooked.person("Мария") if maria is None else hooked.someone(maria)
    for event, number in zip(events, numbers, strict=False):
        assert await post(hooked, b'{"update_id":%d,' % number + python_json(event)[1:]) == 200
    await someone.send("/start")
    assert someone.buttons
    await _cleared(hooked)


async def is_served(harness: BotHarness, someone: Someone) -> None:
    before = harness.world.cursor
    await asyncio.wait_for(someone.send("?"), PATIENCE)
    events = [event for event in harness.world.events[before:] if event["type"] == "message"]
    assert any(HINT in event["message"].get("text", "") for event in events)
    await _cleared(harness)


async def _cleared(harness: BotHarness) -> None:
    """No update is left open; parked ones were told."""
    assert harness.open_updates() == []
    told = harness.journal.take()
    assert bool(harness.dead_letters()) <= any("alert" in line for line in told)
    await harness.drop_updates()
    await harness.drop_notices()
