"""A running sandbox, a bot that calls it over HTTP, a customer and a staff group."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.server import Sandbox
from sandbox.state import Chat, Person
from sandbox.world import World
from tests.sandbox.caller import Caller


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return sandbox.world


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def api(sandbox: Sandbox, http: aiohttp.ClientSession) -> Caller:
    return Caller(f"{sandbox.url}/bot{sandbox.token}", http)


@pytest.fixture
def maria(world: World) -> Person:
    """A customer who has begun a conversation."""
    person = world.add_person("Мария")
    world.send_text(person, "/start")
    world.updates.drop()
    return person


@pytest.fixture
def staff(world: World) -> Chat:
    """A forum group with one operator in it."""
    group = world.add_staff_group("Поддержка")
    world.join(group, world.add_person("Олег", username="oleg"), "administrator")
    return group
