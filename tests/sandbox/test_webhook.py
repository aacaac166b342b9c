"""Updates pushed to the bot's URL."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from sandbox.state import Person
from sandbox.world import World
from tests.sandbox.caller import Caller


class Hook:
    """The bot's web server: answers with what was put into `answers`, then with 200."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[tuple[dict[str, Any], str | None]] = []
        self.answers: list[web.Response] = []
        self._more = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.requests.append((await request.json(), secret))
        self._more.set()
        return self.answers.pop(0) if self.answers else web.Response()

    async def seen(self, mark: str) -> None:
        """Return when a message with this text or a press with this id has come."""
        while not any(mark in (one.get("text"), one.get("id")) for one in self.contents):
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), 5)

    @property
    def contents(self) -> list[dict[str, Any]]:
        return [update.get("message") or update["callback_query"] for update, _ in self.requests]

    @property
    def texts(self) -> list[str]:
        return [content["text"] for content in self.contents]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


@pytest.fixture(autouse=True)
def impatient(world: World) -> None:
    world.settings.webhook_backoff = 0.001


async def test_updates_are_pushed_with_the_secret(api: Caller, world: World, hook: Hook, maria: Person) -> None:
    await api.call("setWebhook", url=hook.url, secret_token="s-1_A")
    world.send_text(maria, "a")
    await world.updates.settled()
    assert (hook.texts, hook.requests[0][1]) == (["a"], "s-1_A")
    assert (await api.call("getWebhookInfo"))["pending_update_count"] == 0


async def test_what_waited_comes_first(api: Caller, world: World, hook: Hook, maria: Person) -> None:
    world.send_text(maria, "a")
    await api.call("setWebhook", url=hook.url)
    world.send_text(maria, "b")
    await world.updates.settled()
    assert hook.texts == ["a", "b"]
    assert hook.requests[0][1] is None


async def test_a_failed_delivery_is_repeated_in_order(api: Caller, world: World, hook: Hook, maria: Person) -> None:
    hook.answers = [web.Response(status=500), web.Response(status=503)]
    await api.call("setWebhook", url=hook.url)
    world.send_text(maria, "a")
    world.send_text(maria, "b")
    await world.updates.settled()
    assert hook.texts == ["a", "a", "a", "b"]
    info = await api.call("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"
    assert info["max_connections"] == 40


async def test_one_conversation_does_not_hold_another(api: Caller, world: World, hook: Hook, maria: Person) -> None:
    other = world.add_person("Иван")
    world.settings.webhook_backoff = 60
    hook.answers = [web.Response(status=500)]
    await api.call("setWebhook", url=hook.url)
    world.send_text(maria, "a")
    await world.wait_for(lambda event: event["type"] == "webhook_failed", after=0)
    for text in "bc":
        world.send_text(other, text)
    await hook.seen("c")
    assert hook.texts == ["a", "b", "c"]
    assert world.updates.waiting()[0].queue == maria.id


async def test_a_press_may_overtake_a_message(api: Caller, world: World, hook: Hook, maria: Person) -> None:
    world.settings.webhook_backoff = 60
    hook.answers = [web.Response(status=500)]
    await api.call("setWebhook", url=hook.url)
    world.send_text(maria, "a")
    await world.wait_for(lambda event: event["type"] == "webhook_failed", after=0)
    press = world.forge_press(maria, maria.id, 1, "x")
    await hook.seen(press)


async def test_nobody_listens(api: Caller, world: World, maria: Person) -> None:
    await api.call("setWebhook", url="http://127.0.0.1:9/hook")
    world.send_text(maria, "a")
    await world.wait_for(lambda event: event["type"] == "webhook_failed", after=0)
    assert len(world.updates) == 1


async def test_an_answer_may_carry_a_call(api: Caller, world: World, hook: Hook, maria: Person) -> None:
    reply = {"method": "sendMessage", "chat_id": maria.id, "text": "в ответ"}
    hook.answers = [web.json_response(reply), web.json_response({**reply, "text": ""}), web.Response(text="ok")]
    await api.call("setWebhook", url=hook.url)
    for text in "abc":
        world.send_text(maria, text)
    await world.updates.settled()
    assert [one["text"] for one in world.chat_view(maria.id)] == ["/start", "a", "b", "c", "в ответ"]
    assert world.calls[-1].error == "Bad Request: message text is empty"


async def test_duplicate_deliveries(api: Caller, world: World, hook: Hook, maria: Person) -> None:
    world.faults.add("duplicate_updates", times=3)
    await api.call("setWebhook", url=hook.url)
    world.send_text(maria, "a")
    await world.updates.settled()
    assert hook.texts == ["a", "a", "a"]


async def test_a_deleted_webhook_gets_nothing(api: Caller, world: World, hook: Hook, maria: Person) -> None:
    await api.call("setWebhook", url=hook.url)
    await api.call("deleteWebhook")
    world.send_text(maria, "a")
    assert len(await api.call("getUpdates")) == 1
    assert hook.requests == []
