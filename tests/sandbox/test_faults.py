"""Faults: what the bot sees, and whether its call had an effect."""

import asyncio
from typing import Any

import aiohttp
import pytest

from sandbox.errors import Refused
from sandbox.state import Person
from sandbox.world import World
from tests.sandbox.caller import Caller


def sent(world: World, person: Person) -> list[str]:
    return [one["text"] for one in world.chat_view(person.id) if one["from"]["is_bot"]]


@pytest.mark.parametrize(
    ("kind", "settings", "status", "body"),
    [
        ("http_status", {"status": 502}, 502, "<html>"),
        ("http_status", {"status": 413, "body": "<p>"}, 413, "<p>"),
        ("json_5xx", {}, 500, '{"ok":false,"error_code":500}'),
        ("unauthorized", {}, 401, '{"ok":false,"error_code":401,"description":"Unauthorized"}'),
        ("conflict", {}, 409, '{"ok":false,"error_code":409,"description":"Conflict: terminated by other'),
        ("too_many_requests", {"retry_after": 7}, 429, '"parameters":{"retry_after":7}}'),
    ],
)
async def test_answers_without_effect(
    api: Caller,
    world: World,
    maria: Person,
    kind: str,
    settings: dict[str, Any],
    status: int,
    body: str,
) -> None:
    world.faults.add(kind, method="send*", count=1, **settings)
    async with api.http.post(f"{api.root}/sendMessage", json={"chat_id": maria.id, "text": "a"}) as response:
        assert response.status == status
        assert body in await response.text()
    assert sent(world, maria) == []
    assert world.calls[-1].error == f"fault: {kind}"
    await api.send(maria.id, "b")
    assert sent(world, maria) == ["b"]


@pytest.mark.parametrize(
    ("kind", "expected"), [("reset_before", []), ("reset_after", ["a"]), ("truncated_body", ["a"])]
)
async def test_lost_connections(
    api: Caller,
    world: World,
    maria: Person,
    kind: str,
    expected: list[str],
) -> None:
    world.faults.add(kind, method="sendMessage", count=1)
    with pytest.raises(aiohttp.ClientError):
        await api.send(maria.id, "a")
    assert sent(world, maria) == expected
    assert await api.send(maria.id, "b")


async def test_delay(api: Caller, world: World, maria: Person) -> None:
    world.faults.add("delay", seconds=0.05, count=1)
    begun = asyncio.get_running_loop().time()
    await api.send(maria.id)
    assert asyncio.get_running_loop().time() - begun >= 0.04


async def test_hang(api: Caller, world: World, maria: Person) -> None:
    world.faults.add("hang", count=1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(api.send(maria.id), 0.05)
    assert sent(world, maria) == []


async def test_faults_are_narrowed(api: Caller, world: World, maria: Person) -> None:
    other = world.add_person("Иван")
    world.send_text(other, "/start")
    world.faults.add("unauthorized", method="send*", chat_id=other.id)
    assert await api.send(maria.id)
    assert await api.call("getMe")
    assert await api.refused("sendMessage", chat_id=other.id, text="a") == "Unauthorized"


async def test_faults_end(api: Caller, world: World) -> None:
    world.faults.add("unauthorized", duration=10)
    world.faults.add("unauthorized", probability=0.0)
    assert await api.refused("getMe") == "Unauthorized"
    world.advance(11)
    assert await api.call("getMe")
    world.faults.add("unauthorized")
    world.faults.clear()
    assert await api.call("getMe")


async def test_probability(api: Caller, world: World) -> None:
    world.faults.add("unauthorized", probability=0.5)
    answers = [(await api.answer("getMe"))["ok"] for _ in range(40)]
    assert 5 < answers.count(True) < 35


async def test_a_malformed_update_comes_as_it_is(api: Caller, world: World, maria: Person) -> None:
    world.faults.add("malformed_update", update={"message": {"text": 5}})
    world.send_text(maria, "a")
    bad, good = await api.call("getUpdates")
    assert bad == {"update_id": good["update_id"] - 1, "message": {"text": 5}}
    assert await api.call("getUpdates", offset=good["update_id"] + 1) == []


async def test_updates_come_twice(api: Caller, world: World, maria: Person) -> None:
    world.faults.add("duplicate_updates", times=2, count=1)
    assert await api.call("getUpdates") == []
    world.send_text(maria, "a")
    first, second = await api.call("getUpdates")
    assert first == second
    assert len(await api.call("getUpdates")) == 1


async def test_downloads_fail_too(api: Caller, world: World, maria: Person) -> None:
    photo = world.send_file(maria, "document", b"abc", "a.txt")["document"]
    path = (await api.call("getFile", file_id=photo["file_id"]))["file_path"]
    world.faults.add("http_status", method="download", status=504, count=1)
    url = api.root.replace("/bot", "/file/bot") + "/" + path
    for status in (504, 200):
        async with api.http.get(url) as response:
            assert response.status == status
    async with api.http.get(url + "x") as response:
        assert response.status == 404


@pytest.mark.parametrize(("kind", "settings"), [("no_such", {}), ("delay", {"second": 1}), ("delay", {"hits": 1})])
def test_unknown_faults_are_refused(kind: str, settings: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        World().faults.add(kind, **settings)
