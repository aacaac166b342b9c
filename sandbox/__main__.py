"""`python -m sandbox`: the sandbox alone, in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from sandbox.server import Sandbox


async def serve(host: str, port: int, token: str, people: int) -> None:
    """Serve until SIGINT or SIGTERM; the first line on stdout is the address."""
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    async with Sandbox(port, token, host=host) as sandbox:
        for number in range(people):
            sandbox.world.add_person(f"Person {number + 1}")
        sys.stdout.write(f"{sandbox.url}\n")
        sys.stdout.flush()
        await ended.wait()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default="1234567:sandbox-token")
    parser.add_argument("--people", type=int, default=0, help="how many people to start with")
    given = parser.parse_args()
    asyncio.run(serve(given.host, given.port, given.token, given.people))


if __name__ == "__main__":
    main()
