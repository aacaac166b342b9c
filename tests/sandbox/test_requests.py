"""How calls come in: tokens, names, body formats, unknown and ill-typed parameters."""

import json
from typing import Any

import aiohttp
import orjson
import pytest

from sandbox.server import Sandbox
from sandbox.state import Person
from sandbox.world import World
from tests.sandbox.caller import PNG, Caller

KEYBOARD = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}


async def test_wrong_token_is_unauthorized(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    wrong = Caller(f"{sandbox.url}/bot1:wrong", http)
    assert await wrong.answer("getMe") == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_unknown_method_is_not_found(api: Caller) -> None:
    assert await api.answer("sendNothing") == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_method_names_are_taken_in_any_case(api: Caller) -> None:
    assert (await api.call("getme"))["is_bot"]


async def test_get_with_a_query(api: Caller, maria: Person) -> None:
    query = {"chat_id": str(maria.id), "text": "Привет", "reply_markup": json.dumps(KEYBOARD)}
    async with api.http.get(f"{api.root}/sendMessage", params=query) as response:
        message = (await response.json())["result"]
    assert message["text"] == "Привет"
    assert message["reply_markup"] == KEYBOARD


async def test_urlencoded_body_carries_objects_as_json(api: Caller, maria: Person) -> None:
    form = {
        "chat_id": str(maria.id),
        "text": "a+b & c",
        "disable_notification": "True",
        "reply_markup": json.dumps(KEYBOARD),
    }
    async with api.http.post(f"{api.root}/sendMessage", data=form) as response:
        message = (await response.json())["result"]
    assert (message["text"], message["reply_markup"]) == ("a+b & c", KEYBOARD)


async def test_multipart_body_with_and_without_attach(api: Caller, maria: Person) -> None:
    direct = await api.upload("sendPhoto", {"photo": ("a.png", PNG)}, chat_id=maria.id)
    attached = await api.upload("sendPhoto", {"x": ("a.png", PNG)}, chat_id=maria.id, photo="attach://x")
    assert direct["result"]["photo"][-1]["width"] == attached["result"]["photo"][-1]["width"] == 640


async def test_parameters_that_are_null_are_absent(api: Caller, maria: Person) -> None:
    assert await api.send(maria.id, message_thread_id=None, reply_markup=None)


async def test_json_body_takes_numbers_and_objects_as_text(api: Caller, maria: Person) -> None:
    message_id = await api.send(maria.id)
    markup = orjson.dumps(KEYBOARD).decode()
    place = {"chat_id": str(maria.id), "message_id": str(message_id)}
    edited = await api.call("editMessageReplyMarkup", **place, reply_markup=markup)
    assert edited["reply_markup"] == KEYBOARD


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"text": "a"}, "chat_id is empty"),
        ({"chat_id": 1}, "message text is empty"),
        ({"chat_id": 1, "text": "a", "txt": "b"}, 'unknown parameter "txt"'),
        ({"chat_id": 1, "text": 5}, 'parameter "text" must be a string'),
        ({"chat_id": True, "text": "a"}, 'parameter "chat_id" must be a chat identifier'),
        ({"chat_id": [1], "text": "a"}, 'parameter "chat_id" must be a chat identifier'),
        ({"chat_id": 1, "text": "a", "message_thread_id": "x"}, 'parameter "message_thread_id" must be an integer'),
        ({"chat_id": 1, "text": "a", "message_thread_id": 1.5}, 'parameter "message_thread_id" must be an integer'),
        ({"chat_id": 1, "text": "a", "message_thread_id": "²"}, 'parameter "message_thread_id" must be an integer'),
        ({"chat_id": 1, "text": "a", "protect_content": "maybe"}, 'parameter "protect_content" must be a boolean'),
        ({"chat_id": 1, "text": "a", "entities": {}}, 'parameter "entities" must be an array'),
        ({"chat_id": 1, "text": "a", "reply_markup": []}, 'parameter "reply_markup" must be an object'),
        ({"chat_id": 1, "text": "a", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"chat_id": 1, "text": "a", "reply_markup": {"keys": []}}, "object expected as reply markup"),
        (
            {"chat_id": 1, "text": "a", "reply_markup": {"inline_keyboard": [{"text": "A"}]}},
            'parameter "reply_markup.inline_keyboard[0]" must be an array',
        ),
        (
            {"chat_id": 1, "text": "a", "reply_markup": {"inline_keyboard": [[{"txt": "A"}]]}},
            'unknown field "txt" in "reply_markup.inline_keyboard[0][0]" (InlineKeyboardButton)',
        ),
        (
            {"chat_id": 1, "text": "a", "reply_markup": {"inline_keyboard": [[{"callback_data": "A"}]]}},
            'can\'t find field "text" in "reply_markup.inline_keyboard[0][0]" (InlineKeyboardButton)',
        ),
        (
            {"chat_id": 1, "text": "a", "link_preview_options": {"is_disabled": "true"}},
            'parameter "link_preview_options.is_disabled" must be a boolean',
        ),
    ],
)
async def test_bad_parameters_are_named(api: Caller, params: dict[str, Any], reason: str) -> None:
    assert await api.refused("sendMessage", **params) == f"Bad Request: {reason}"


async def test_a_body_that_is_no_json_object(api: Caller) -> None:
    for body in (b"{", b"[1]", b"\xff"):
        headers = {"Content-Type": "application/json"}
        async with api.http.post(f"{api.root}/getMe", data=body, headers=headers) as response:
            assert response.status == 400
            assert "can't parse JSON" in (await response.json())["description"]


async def test_forms_must_be_utf8(api: Caller) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"text=\xff", b"text=%FF"):
        async with api.http.post(f"{api.root}/sendMessage", data=body, headers=headers) as response:
            assert (await response.json())["description"] == "Bad Request: strings must be encoded in UTF-8"


async def test_a_file_that_nobody_asked_for(api: Caller, maria: Person) -> None:
    answer = await api.upload("sendMessage", {"photo": ("a.png", PNG)}, chat_id=maria.id, text="a")
    assert answer["description"] == 'Bad Request: unknown parameter "photo"'


async def test_attach_without_the_file(api: Caller, maria: Person) -> None:
    reason = await api.refused("sendPhoto", chat_id=maria.id, photo="attach://x")
    assert reason == 'Bad Request: there is no attached file "x"'


async def test_calls_are_logged_with_sizes_instead_of_files(api: Caller, world: World, maria: Person) -> None:
    await api.send(maria.id, "Первое")
    await api.refused("sendMessage", chat_id=maria.id, text="")
    await api.upload("sendDocument", {"document": ("a.txt", b"12345")}, chat_id=maria.id)
    sent, refused, file = world.calls
    assert (sent.seq, sent.method, sent.params["text"], sent.ok) == (1, "sendMessage", "Первое", True)
    assert (refused.ok, refused.error) == (False, "Bad Request: message text is empty")
    assert file.params["document"] == {"file_name": "a.txt", "file_size": 5}
