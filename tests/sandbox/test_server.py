"""The sandbox as a server: ports, other pages beside it, a process of its own."""

import asyncio
import signal
import sys

import aiohttp
import pytest
from aiohttp import web

from sandbox.server import Sandbox


async def test_a_taken_port_is_an_error() -> None:
    async with Sandbox() as first:
        with pytest.raises(OSError, match="address already in use"):
            await Sandbox(first.port).start()


async def test_it_stops_while_somebody_waits(http: aiohttp.ClientSession) -> None:
    async with Sandbox() as sandbox:
        sandbox.world.updates.poll_begun.clear()
        url = f"{sandbox.url}/bot{sandbox.token}/getUpdates"
        poll = asyncio.ensure_future(http.post(url, json={"timeout": 50}))
        await sandbox.world.updates.poll_begun.wait()
        stream = await http.get(f"{sandbox.url}/sandbox/events")
    stream.close()
    with pytest.raises(aiohttp.ClientError):
        await poll


async def test_other_pages_join(http: aiohttp.ClientSession) -> None:
    async def mailbox(_: web.Request) -> web.Response:
        return web.Response(text="letters")

    sandbox = Sandbox()
    sandbox.app.router.add_get("/mail", mailbox)
    async with sandbox, http.get(f"{sandbox.url}/mail") as response:
        assert await response.text() == "letters"


async def test_a_process_of_its_own(http: aiohttp.ClientSession) -> None:
    command = (sys.executable, "-m", "sandbox", "--token", "7:own", "--people", "2")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with http.get(f"{url}/sandbox/state") as response:
        state = await response.json()
    assert (state["bot"]["id"], len(state["people"])) == (7, 2)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0
