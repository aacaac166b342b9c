"""`python -m sandbox.demo`: the outside world and the real bot under it, to try everything in a browser.

The bot is a process of its own and knows nothing of the sandbox: only its settings name other addresses.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import errno
import fcntl
import hashlib
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sandbox.accounts import SampleAccounts
from sandbox.bank import Bank, Shop
from sandbox.cast import Cast
from sandbox.keeping import Chats
from sandbox.mailbox import Mailbox
from sandbox.ports import reserved_port
from sandbox.server import Sandbox

ROOT: Final = Path(__file__).resolve().parent.parent
REGISTRY: Final = ROOT / "samples" / "registry"
MIGRATIONS: Final = ROOT / "services" / "db" / "migrations" / "versions"
PROFILE: Final = ROOT / "samples" / "supplier.toml"
DATA: Final = ROOT / "data" / "demo"
DATABASE: Final = "bot.db"
PEOPLE: Final = "people.json"
PAYMENTS: Final = "payments.json"
CHATS: Final = "chats.json"
FILES: Final = "files"  # of messages
LETTERS: Final = "mail"
PREPARED: Final = "prepared.sha256"
KEPT: Final = (PREPARED, DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", PEOPLE, PAYMENTS, CHATS)
SHOP: Final = "Пример Энергосбыт"
PATIENCE: Final = 15.0  # seconds that the bot gets to finish what it does
_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>
LINKS: Final = [
    {"title": "Номера счетов для пробы", "url": "/accounts"},
    {"title": "Почта: письма от бота", "url": "/mail"},
    {"title": "Платежи: касса и уведомления", "url": "/bank"},
]


class Trouble(Exception):
    """A cause that keeps the demo from going on, in words for the person who started it."""


class Demo:
    """One run. `data` is where the bot's database, the people and the payments are kept; the port may be 0.

    `web_port` is where the bot is to take the notifications of the payment provider.
    """

    def __init__(self, host: str, port: int, data: Path, web_port: int) -> None:
        self.sandbox = Sandbox(port, host=host)
        self.sandbox.world.bot["first_name"] = SHOP
        self.sandbox.links += LINKS
        self.mailbox = Mailbox(bot=self.sandbox.world.bot["username"], folder=data / LETTERS)
        self.mailbox.add_routes(self.sandbox.app)
        SampleAccounts(REGISTRY).add_routes(self.sandbox.app)
        world = self.sandbox.world
        self.bank = Bank(
            clock=lambda: datetime.fromtimestamp(world.now(), UTC),
            shop=Shop(name=SHOP, utility=True),
            bot=world.bot["username"],
            file=data / PAYMENTS,
        )
        self.bank.add_routes(self.sandbox.app)
        self._web_port = web_port
        self.bank.notify_to(f"http://127.0.0.1:{web_port}/yookassa")
        self._data = data
        self._cast = Cast(self.sandbox.world, data / PEOPLE)
        self._chats = Chats(self.sandbox.world, data / CHATS, data / FILES)

    async def run(self) -> None:
        """Until cancelled. Raises Trouble."""
        async with AsyncExitStack() as stack:
            stack.callback(self._chats.write)
            await self._listen(stack)
            await self._prepare()
            bot = await stack.enter_async_context(self._child("run"))
            await self._ready(bot)
            _say(self._welcome())
            await self._watch(bot)

    async def _listen(self, stack: AsyncExitStack) -> None:
        try:
            await stack.enter_async_context(self.sandbox)
        except OSError as error:
            raise Trouble(_unheard(self.sandbox, error)) from error
        await stack.enter_async_context(self.mailbox)

    def _welcome(self) -> str:
        return (
            f"Open {self.sandbox.url} in a browser. An account to try: 360000123456, flat 45; more at /accounts.\n"
            "Ctrl-C ends the demo; what you did is there at the next start (`make demo-clean` forgets it)."
        )

    def settings(self) -> dict[str, str]:
        """Settings as an operator would write them into `.env`, with this machine's addresses."""
        return {
            "BOT_TOKEN": self.sandbox.token,
            "BOT_API_BASE": self.sandbox.url,
            "BOT_MODE": "polling",
            "BOT_PROXY": "",
            "DATABASE_URL": f"sqlite+aiosqlite:///{DATABASE}",
            "SUPPLIER_BACKEND": "ledger",
            "SUPPLIER_PROFILE": str(PROFILE),
            "SMTP_URL": self.mailbox.url,
            "MAIL_FROM": "bot@energosbyt.example",
            "WEB_PORT": str(self._web_port),
            "YOOKASSA_API_BASE": f"{self.sandbox.url}/yookassa/v3",
            "YOOKASSA_SHOP_ID": self.bank.shop.id,
            "YOOKASSA_SECRET_KEY": self.bank.shop.secret_key,
            "YOOKASSA_UTILITY_ORDER": "true",
            "ADMIN_CHAT_ID": str(self._cast.group.id),
            "SUPPORT_CHAT_ID": str(self._cast.group.id),
        }

    @asynccontextmanager
    async def _child(self, *arguments: str, output: int | None = None) -> AsyncIterator[Process]:
        """`python -m bot …` in the demo's own folder, where no `.env` of the operator's lies; ended with the block."""
        paths = filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            cwd=self._data,
            env={**os.environ, **self.settings(), "PYTHONPATH": os.pathsep.join(paths)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=STDOUT if output else None,
            start_new_session=True,  # Ctrl-C reaches this process alone, which ends the bot in good order
            preexec_fn=_leash(),
        )
        try:
            yield process
        finally:
            await _end(process)

    async def _finish(self, *arguments: str) -> None:
        """Run a command to its end, silent unless it fails."""
        async with self._child(*arguments, output=PIPE) as process:
            words, _ = await process.communicate()
        if process.returncode:
            raise Trouble(f"`python -m bot {arguments[0]}` failed:\n{words.decode(errors='replace').strip()}")

    async def _prepare(self) -> None:
        """Tables and registry; nothing to do at a second start with the same files."""
        prepared, digest = self._data / PREPARED, _digest()
        if prepared.exists() and prepared.read_text() == digest:
            return
        await self._finish("migrate")
        await self._finish("import", str(REGISTRY))
        prepared.write_text(digest)

    async def _ready(self, bot: Process) -> None:
        """Return when the bot waits for updates."""
        polls = asyncio.ensure_future(self.sandbox.world.updates.poll_begun.wait())
        ended = asyncio.ensure_future(bot.wait())
        try:
            await asyncio.wait((polls, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            polls.cancel()
            ended.cancel()
        if bot.returncode is not None:
            await self._watch(bot)

    async def _watch(self, bot: Process) -> None:
        code = await bot.wait()
        raise Trouble(f"The bot has ended by itself with code {code}; the demo ends with it.")


def _leash() -> Callable[[], None] | None:
    """Steps of a child before it becomes the bot, so that it ends in good order even when this process is killed.

    Only Linux can tell a child that its parent is gone. Elsewhere a bot whose demo was killed lives on, polls an
    address where nobody answers, and is ended by hand.
    """
    if sys.platform != "linux":
        return None
    parent, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def leash() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)  # killed before the child could ask to be told

    return leash


async def _end(process: Process) -> None:
    """Raises Trouble when the process must be killed."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise Trouble(f"The bot did not stop within {PATIENCE:.0f} seconds and was killed.") from None
    if process.returncode not in (0, -signal.SIGTERM):
        raise Trouble(f"The bot stopped with code {process.returncode}.")


def _digest() -> str:
    """Of the files that decide what a fresh database holds."""
    found = hashlib.sha256()
    for file in sorted([*REGISTRY.glob("*.csv"), *MIGRATIONS.glob("*.py")]):
        found.update(file.read_bytes())
    return found.hexdigest()


def _unheard(sandbox: Sandbox, error: OSError) -> str:
    port = sandbox.port
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program. Choose another: make demo PORT={port + 10}"
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for the administrator. Choose one above 1023: make demo PORT=8080"
    return f"Cannot listen at {sandbox.url}: {error.strerror}"


@contextmanager
def own_folder(data: Path) -> Iterator[None]:
    """The demo's data belong to one demo at a time. Raises Trouble."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        file = (data / "demo.lock").open("w")
    except OSError as error:
        raise Trouble(
            f"Cannot write to {data} ({error.strerror}). Choose a folder of your own: make demo DATA=…"
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(
                f"Another demo uses {data}. End it first, or choose another folder: make demo DATA=…"
            ) from None
        yield


def forget(data: Path) -> None:
    """Remove what a demo keeps; other files in the folder stay."""
    for name in KEPT:
        (data / name).unlink(missing_ok=True)
    for folder in (FILES, LETTERS):
        shutil.rmtree(data / folder, ignore_errors=True)


async def until_signal(work: Coroutine[None, None, None]) -> None:
    """Cancel the work at the first SIGINT, SIGTERM or SIGHUP and let it clean up; later ones change nothing."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    asked = asyncio.Event()

    def stop() -> None:
        if not asked.is_set():
            asked.set()
            task.cancel()

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(name, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not asked.is_set():
            raise


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.demo", description="Try the bot in a browser.")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen; 0.0.0.0 lets a phone in")
    parser.add_argument("--port", type=int, default=8080, help="of the page; 0 takes a free one")
    parser.add_argument("--data", type=Path, default=DATA, help="where the demo keeps what was done")
    parser.add_argument("--fresh", action="store_true", help="forget what was done before")
    return parser.parse_args()


def main() -> None:
    """Read the arguments and play."""
    given = _arguments()
    data = given.data.resolve()
    try:
        with own_folder(data):
            if given.fresh or not (data / DATABASE).exists():
                forget(data)
            asyncio.run(until_signal(play(given.host, given.port, data)))
    except Trouble as trouble:
        sys.exit(str(trouble))


async def play(host: str, port: int, data: Path) -> None:
    """Run a demo until cancelled. Raises Trouble."""
    with reserved_port() as web_port:  # the provider must know it before the bot listens there
        await Demo(host, port, data, web_port).run()


if __name__ == "__main__":
    main()
