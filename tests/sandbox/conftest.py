"""A running sandbox, a bot that calls it over HTTP, a customer and a staff group."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.bank import Bank
from sandbox.server import Sandbox
from sandbox.state import Chat, Person
from sandbox.world import World
from tests.sandbox.caller import Caller
from tests.sandbox.merchant import HandClock, Merchant, Receiver


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


@pytest.fixture
def bank_clock() -> HandClock:
    return HandClock()


@pytest.fixture
def bank(bank_clock: HandClock) -> Bank:
    """A payment provider whose clock stands and whose second tries come at once; served by `bank_url`."""
    bank = Bank(clock=bank_clock.now, bot="energy_sandbox_bot")
    bank.notifications.backoff = 0.0
    return bank


@pytest.fixture
async def bank_url(bank: Bank) -> AsyncIterator[str]:
    sandbox = Sandbox()
    bank.add_routes(sandbox.app)
    async with sandbox:
        yield sandbox.url


@pytest.fixture
def merchant(bank: Bank, bank_url: str, http: aiohttp.ClientSession) -> Merchant:
    return Merchant(f"{bank_url}/yookassa/v3", bank.shop, http)


@pytest.fixture
async def receiver(bank: Bank) -> AsyncIterator[Receiver]:
    """Where this provider notifies."""
    async with Receiver() as running:
        bank.notify_to(running.url)
        yield running
