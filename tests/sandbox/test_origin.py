"""Requests that a foreign page makes a browser send, and their answers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from sandbox.bank import Bank
from sandbox.mailbox import Mailbox
from sandbox.server import Sandbox

ELSEWHERE: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
]


@pytest.fixture
async def demo() -> AsyncIterator[Sandbox]:
    """With the bank and the mailbox at the same address."""
    sandbox = Sandbox()
    Bank().add_routes(sandbox.app)
    Mailbox().add_routes(sandbox.app)
    async with sandbox:
        yield sandbox


def acting(sandbox: Sandbox) -> list[tuple[str, str]]:
    """Every address that changes anything."""
    found = {("GET", f"/bot{sandbox.token}/sendMessage"), ("POST", f"/bot{sandbox.token}/sendMessage")}
    for route in sandbox.app.router.routes():
        resource = route.resource
        assert isinstance(resource, web.Resource)
        if route.method in {"POST", "PUT", "DELETE", "*"}:
            path = re.sub(r"\{[^}]*\}", "1", resource.canonical)
            found.add(("POST" if route.method == "*" else route.method, path))
    return sorted(found)


@pytest.mark.parametrize("headers", ELSEWHERE, ids=lambda headers: " ".join(headers.values()))
async def test_a_page_of_elsewhere_changes_nothing(
    demo: Sandbox, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    paths = acting(demo)
    assert len(paths) > 30
    for method, path in paths:
        async with http.request(method, demo.url + path, headers=headers, data=b"{}") as answer:
            assert (answer.status, await answer.json()) == (403, {"error": "this came from a page of elsewhere"}), path


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "own"}]
)
async def test_the_page_itself_a_person_and_a_program_do(
    demo: Sandbox, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    said = headers | ({"Origin": demo.url} if "Origin" in headers else {})
    async with http.post(f"{demo.url}/sandbox/people", headers=said, json={"first_name": "Иван"}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "[::1", ""]
)
async def test_a_name_that_was_rebound_to_this_machine_shows_nothing(
    demo: Sandbox, http: aiohttp.ClientSession, host: str
) -> None:
    for method, path in (("GET", "/"), ("GET", "/sandbox/state"), ("POST", "/sandbox/people"), ("GET", "/mail")):
        async with http.request(method, demo.url + path, headers={"Host": host}) as answer:
            assert answer.status in {400, 403}, path


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "LOCALHOST", "127.0.0.1", "192.168.1.7:8080", "[::1]:8080"]
)
async def test_this_machine_s_own_names_do(demo: Sandbox, http: aiohttp.ClientSession, host: str) -> None:
    async with http.get(demo.url + "/sandbox/state", headers={"Host": host}) as answer:
        assert answer.status == 200
