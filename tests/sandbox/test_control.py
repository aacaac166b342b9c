"""The control API over HTTP: what the page and out-of-process tests use."""

from typing import Any

import aiohttp
import orjson
import pytest

from sandbox.server import Sandbox
from sandbox.state import Chat, Person
from sandbox.world import World
from tests.sandbox.caller import PNG, Caller, inline


class Page:
    """Requests of the web page."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = f"{url}/sandbox"
        self.http = http

    async def ask(self, method: str, path: str, code: int = 200, **body: Any) -> Any:
        async with self.http.request(method, f"{self.url}/{path}", json=body) as response:
            answer = await response.json()
            assert response.status == code, answer
            return answer

    async def get(self, path: str) -> Any:
        async with self.http.get(f"{self.url}/{path}") as response:
            return await response.json()

    async def put(self, path: str, body: Any, status: int = 200) -> Any:
        async with self.http.put(f"{self.url}/{path}", json=body) as response:
            assert response.status == status
            return await response.json()


@pytest.fixture
def page(sandbox: Sandbox, http: aiohttp.ClientSession) -> Page:
    return Page(sandbox.url, http)


async def test_state(page: Page, api: Caller, maria: Person, staff: Chat) -> None:
    commands = [{"command": "start", "description": "Начать"}]
    await api.call("setMyCommands", commands=commands, scope={"type": "all_private_chats"})
    state = await page.get("state")
    assert state["bot"]["username"] == "energy_sandbox_bot"
    assert [person["first_name"] for person in state["people"]] == ["Мария", "Олег"]
    assert state["groups"] == [
        {
            "id": staff.id,
            "title": "Поддержка",
            "topics": [{"thread_id": 1, "name": "General", "closed": False, "hidden": False, "icon_color": 7322096}],
            "members": [{"id": state["people"][1]["id"], "status": "administrator"}],
        },
    ]
    assert state["commands"] == [{"scope": {"type": "all_private_chats"}, "language_code": "", "commands": commands}]
    assert state["cursor"] > 0


async def test_a_conversation(page: Page, api: Caller) -> None:
    person = await page.ask("POST", "people", first_name="Иван", language_code="en")
    chat = f"chats/{person['id']}"
    said = await page.ask("POST", f"{chat}/text", user_id=person["id"], text="/start")
    answered = await api.send(person["id"], reply_markup=inline({"text": "A", "callback_data": "a"}))
    await api.send(person["id"], reply_markup={"keyboard": [[{"text": "B"}]], "input_field_placeholder": "C"})
    press = await page.ask("POST", f"{chat}/press", user_id=person["id"], message_id=answered, data="a")
    assert press["callback_query_id"]
    await page.ask("POST", f"{chat}/edit", user_id=person["id"], message_id=said["message_id"], text="/help")
    await page.ask("POST", f"{chat}/contact", user_id=person["id"], phone_number="+7", first_name="И", own=False)
    await page.ask("POST", f"{chat}/location", user_id=person["id"], latitude=51, longitude=39)
    await page.ask("POST", f"{chat}/react", user_id=person["id"], message_id=answered, emoji="👍")
    await page.ask("POST", f"{chat}/react", 400, user_id=person["id"], message_id=99, emoji="👍")
    await page.ask("POST", f"{chat}/forge", user_id=person["id"], message_id=99, data="x")
    view = await page.get(f"{chat}/messages")
    assert [one["edits"] for one in view["messages"]] == [1, 0, 0, 0, 0]
    assert [one["reaction"] for one in view["messages"]] == [None, "👍", None, None, None]
    assert not any(one["deleted"] for one in view["messages"])
    assert view["reply_keyboard"]["keyboard"] == [[{"text": "B"}]]
    assert view["input_placeholder"] == "C"
    await page.ask("POST", f"{chat}/delete", user_id=person["id"], message_id=said["message_id"])
    kinds = [(update.keys() - {"update_id"}).pop() for update in await api.call("getUpdates")]
    assert kinds == ["message", "callback_query", "edited_message", "message", "message", "callback_query"]


async def test_blocking(page: Page, maria: Person) -> None:
    assert (await page.ask("POST", f"people/{maria.id}/block"))["blocked"]
    refused = await page.ask("POST", f"chats/{maria.id}/text", 400, user_id=maria.id, text="a")
    assert "unblock" in refused["error"]
    assert not (await page.ask("POST", f"people/{maria.id}/unblock"))["blocked"]


async def test_files_up_and_down(page: Page, world: World, maria: Person) -> None:
    form = aiohttp.FormData({"user_id": str(maria.id), "kind": "photo", "caption": "Счётчик"}, quote_fields=False)
    for name in ("один.png", "два.png"):
        form.add_field("file", PNG, filename=name, content_type="image/png")
    async with page.http.post(f"{page.url}/chats/{maria.id}/files", data=form) as response:
        album = await response.json()
    assert len({one["media_group_id"] for one in album}) == 1
    assert [one.get("caption") for one in album] == ["Счётчик", None]
    file_id = album[0]["photo"][-1]["file_id"]
    async with page.http.get(f"{page.url}/files/{file_id}") as response:
        assert (await response.read(), response.content_type) == (PNG, "image/png")
        assert response.headers["Content-Disposition"].startswith("inline")
    async with page.http.get(f"{page.url}/files/{file_id}?download=1") as response:
        assert response.content_disposition is not None
        assert response.content_disposition.type == "attachment"
        assert response.content_disposition.filename == "один.png"
    assert await page.ask("GET", "files/unknown", 400)


async def test_groups_and_topics(page: Page, maria: Person) -> None:
    group = await page.ask("POST", "groups", title="Поддержка")
    path = f"groups/{group['id']}"
    await page.ask("POST", f"{path}/members", user_id=maria.id, status="administrator")
    topic = await page.ask("POST", f"{path}/topics", user_id=maria.id, name="Тема")
    thread = topic["thread_id"]
    say = {"user_id": maria.id, "text": "a", "thread_id": thread}
    await page.ask("POST", f"chats/{group['id']}/text", **say)
    assert len((await page.get(f"chats/{group['id']}/messages?thread_id={thread}"))["messages"]) == 2
    await page.ask("POST", f"{path}/topics/{thread}/close", user_id=maria.id)
    await page.ask("POST", f"{path}/topics/{thread}/reopen", user_id=maria.id)
    await page.ask("DELETE", f"{path}/topics/{thread}")
    await page.ask("DELETE", f"{path}/topics/{thread}", 400)


async def read_events(page: Page, count: int, **options: Any) -> list[Any]:
    async with page.http.get(f"{page.url}/events", **options) as response:
        assert response.content_type == "text/event-stream"
        return [await next_event(response) for _ in range(count)]


async def next_event(response: aiohttp.ClientResponse) -> Any:
    number = (await response.content.readline()).removeprefix(b"id: ")
    event = orjson.loads((await response.content.readline()).removeprefix(b"data: "))
    await response.content.readline()
    assert event["cursor"] == int(number)
    return event


async def test_event_stream(page: Page, world: World, maria: Person) -> None:
    old = await read_events(page, world.cursor, params={"after": 0})
    assert [event["type"] for event in old] == ["person", "message"]
    async with page.http.get(f"{page.url}/events", headers={"Last-Event-ID": str(world.cursor)}) as response:
        world.send_text(maria, "a")
        assert (await next_event(response))["message"]["text"] == "a"
    async with page.http.get(f"{page.url}/events") as response:
        world.send_text(maria, "b")
        assert (await next_event(response))["message"]["text"] == "b"


async def test_calls(page: Page, api: Caller, maria: Person) -> None:
    await api.send(maria.id, "a")
    await api.call("getMe")
    first, second = await page.get("calls")
    assert (first["seq"], first["method"], second["method"]) == (1, "sendMessage", "getMe")
    assert await page.get("calls?after=1") == [second]


async def test_faults(page: Page, api: Caller) -> None:
    faults = await page.put("faults", [{"kind": "unauthorized", "method": "getMe"}])
    assert faults[0]["kind"] == "unauthorized"
    assert await api.refused("getMe") == "Unauthorized"
    assert (await page.get("faults"))[0]["hits"] == 1
    await page.ask("DELETE", "faults")
    assert await api.call("getMe")
    assert "unknown fault" in (await page.put("faults", [{"kind": "x"}], 400))["error"]
    assert "expected" in (await page.put("faults", {}, 400))["error"]


async def test_clock(page: Page, world: World, maria: Person) -> None:
    world.forge_press(maria, maria.id, 1, "x")
    settings = await page.ask("POST", "clock", callback_lifetime=10, advance=10, flood=True)
    assert settings["callback_lifetime"] == 10
    assert world.presses == {}
    assert world.flood.enabled
    assert "nonsense" in (await page.ask("POST", "clock", 400, nonsense=1))["error"]


async def test_injected_updates(page: Page, api: Caller) -> None:
    answer = await page.ask("POST", "updates", message=5)
    assert await api.call("getUpdates") == [{"update_id": answer["update_id"], "message": 5}]


async def test_links(page: Page, sandbox: Sandbox) -> None:
    sandbox.links.append({"title": "Почта", "url": "/mail"})
    assert await page.get("links") == [{"title": "Почта", "url": "/mail"}]


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("people", {}, "first_name must be a text"),
        ("chats/5/text", {"user_id": "x", "text": "a"}, "user_id must be a number"),
        ("chats/5/text", {"user_id": 5, "text": "a"}, "there is no person 5"),
        ("people/5/block", {}, "there is no person 5"),
        ("chats/1/text", {"user_id": 1, "text": "a", "thread_id": "x"}, "thread_id must be a number"),
        ("chats/1/location", {"user_id": 1, "latitude": "north"}, "latitude must be a number"),
        ("chats/2/text", {"user_id": 1, "text": "a"}, "Bad Request: chat not found"),
    ],
)
async def test_bad_requests_are_explained(
    page: Page,
    world: World,
    path: str,
    body: dict[str, Any],
    error: str,
) -> None:
    world.add_person("Мария", person_id=1)
    assert (await page.ask("POST", path, 400, **body))["error"] == error


async def test_bodies_must_be_json(page: Page) -> None:
    for body in (b"{", b"[]"):
        async with page.http.post(f"{page.url}/people", data=body) as response:
            assert response.status == 400


async def test_the_page_is_served_and_nothing_beside_it(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with http.get(sandbox.url) as response:
        assert response.status == 200
        assert response.content_type == "text/html"
    for path in ("/server.py", "/..%2fserver.py", "/nothing.js"):
        async with http.get(sandbox.url + path) as response:
            assert response.status == 404


async def test_what_telegram_reports_by_itself(page: Page, world: World) -> None:
    person = await page.ask("POST", "people", first_name="Мария")
    chat = f"chats/{person['id']}"
    said = await page.ask("POST", f"{chat}/text", user_id=person["id"], text="Здравствуйте")
    report = await page.ask("POST", f"{chat}/pin", user_id=person["id"], message_id=said["message_id"])
    assert report["pinned_message"]["text"] == "Здравствуйте"
    await page.ask("POST", f"{chat}/pin", 400, user_id=person["id"], message_id=99)
    report = await page.ask("POST", f"{chat}/auto_delete", user_id=person["id"], seconds=86400)
    assert report["message_auto_delete_timer_changed"] == {"message_auto_delete_time": 86400}
    assert "text" not in report
    assert len(world.updates) == 3
