"""Processes within milliseconds: a parent that has imported everything forks a child for each request.

    fork_server = ForkServer(["tests.faults.bot_child"])  # starts the parent; its modules take seconds, once
    child = await fork_server.start("tests.faults.bot_child:main", environment, folder, crash_at=7)
    await child.ready()  # the entry has called `say_ready()`
    child.tell(crash_at=7)  # `heard()` brings it to the child
    child.kill(signal.SIGTERM)
    code = await child.exit_code()  # as subprocess tells it: -9 after SIGKILL
    child.log.read_text()  # all that it wrote to stdout and stderr
    await fork_server.clear()  # kill and await those that still run; at the end of every test
    fork_server.close()

The entry is called with the options, in a process with exactly this environment, in this folder, and ends as a
main program does: SystemExit, an uncaught error and the interpreter's own farewell included. Each child hangs on a
socket of its own; when the asking side is gone, its children are killed and the parent ends.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
PATIENCE: Final = 60  # seconds that a busy machine may take
WARMING: Final = 110  # seconds that a parent's imports may take there

Word = dict[str, Any]


class Child(asyncio.Protocol):
    """A forked process. `said` is what it told by `say`, in order; `news` is rung whenever it says something."""

    def __init__(self, log: Path, news: Callable[[], None]) -> None:
        self.log = log
        self._news = news
        self.pid = 0
        self.said: list[Word] = []
        self._code = 0
        loop = asyncio.get_running_loop()
        self._born: asyncio.Future[None] = loop.create_future()
        self._ready: asyncio.Future[None] = loop.create_future()
        self._exit: asyncio.Future[int] = loop.create_future()
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    async def born(self) -> None:
        await asyncio.wait_for(asyncio.shield(self._born), WARMING)

    async def ready(self) -> None:
        """Raises AssertionError when the process has ended instead."""
        both: tuple[asyncio.Future[Any], ...] = (self._ready, self._exit)
        await asyncio.wait(both, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        assert self._ready.done(), f"not ready, exit code {self.ended}\n{self.log.read_text()}"

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal, unless the process has ended."""
        if self.ended is None:
            with suppress(ProcessLookupError):  # its end has not been told yet
                os.kill(self.pid, number)

    def tell(self, **word: Any) -> None:
        """The child hears it when it asks the next time."""
        if self._transport is not None:
            self._transport.write(json.dumps(word).encode() + b"\n")

    async def exit_code(self, timeout: float = PATIENCE) -> int:
        """Raises TimeoutError."""
        return await asyncio.wait_for(asyncio.shield(self._exit), timeout)

    @property
    def ended(self) -> int | None:
        """The exit code once the process has ended."""
        return self._exit.result() if self._exit.done() else None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._heard(json.loads(line))
        self._news()

    def connection_lost(self, error: Exception | None) -> None:
        self._exit.set_result(self._code)
        self._news()

    def _heard(self, word: Word) -> None:
        match word:
            case {"pid": pid}:
                self.pid = pid
                self._born.set_result(None)
            case {"ready": True} if not self._ready.done():
                self._ready.set_result(None)
            case {"exit": code}:
                self._code = code
            case _:
                self.said.append(word)


class ForkServer:
    """One warmed parent; its children belong to the event loop that asked for them."""

    def __init__(self, modules: Iterable[str]) -> None:
        ours, theirs = socket.socketpair()
        self._requests = ours
        self._children: set[Child] = set()
        self._number = 0
        command = [sys.executable, "-m", "tests.faults.fork_server", str(theirs.fileno()), *modules]
        with theirs:
            self._parent = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()])

    async def start(
        self,
        entry: str,
        environment: Mapping[str, str],
        folder: Path,
        *,
        log: Path | None = None,
        errors: Path | None = None,
        news: Callable[[], None] = lambda: None,
        **options: Any,
    ) -> Child:
        """Fork `module:function` with the options. `log`: where it writes, a new file in the folder unless another is
        named. `errors`: where its stderr goes, the log unless another is named.
        """
        self._number += 1
        child = Child(log or folder / f"child-{self._number}.log", news)
        ours, theirs = socket.socketpair()
        await asyncio.get_running_loop().create_connection(lambda: child, sock=ours)
        request = {
            "entry": entry,
            "environment": dict(environment),
            "folder": str(folder),
            "log": str(child.log),
            "errors": str(errors or child.log),
            "options": options,
        }
        with theirs:
            ours.sendall(json.dumps(request).encode() + b"\n")
            socket.send_fds(self._requests, [b"x"], [theirs.fileno()])
        await child.born()
        self._children.add(child)
        return child

    async def clear(self) -> None:
        """Kill and await those that still run."""
        children, self._children = self._children, set()
        for child in children:
            child.kill()
            await child.exit_code()

    def close(self) -> None:
        self._requests.close()
        self._parent.wait(PATIENCE)


# The parent's and the child's side


@dataclass(frozen=True, slots=True)
class _Kept:
    """A child as its parent has it. `life` ends when the child does, however that comes."""

    pid: int
    line: socket.socket
    life: int


_line: socket.socket | None = None  # a child's own, to the asking side


def say(**word: Any) -> None:
    """Tell the asking side something, from inside a child, at once."""
    assert _line is not None
    _line.sendall(json.dumps(word).encode() + b"\n")


def heard() -> list[Word]:
    """Words of the asking side since the last time."""
    assert _line is not None
    try:
        told = _line.recv(65536, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return []
    return [json.loads(word) for word in told.splitlines()]


def say_ready() -> None:
    say(ready=True)


class _Parent:
    """Forks on request and reports exits. It has no thread and no event loop that a child could inherit."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._ears = select.poll()
        self._ears.register(requests, select.POLLIN)
        self._kept: dict[int, _Kept] = {}  # by both of its descriptors

    def serve(self) -> Word | None:
        """Until nobody asks any more: None. In a child: its request."""
        while True:
            for source, _ in self._ears.poll():  # requests come first: no number is given anew in a round
                if source in self._kept:
                    self._end_of(self._kept[source], source)
                elif source == self._requests.fileno():
                    line = self._next_line()
                    if line is None:
                        self._end()
                        return None
                    if (request := self._fork(line)) is not None:
                        return request

    def _next_line(self) -> socket.socket | None:
        _, fds, _, _ = socket.recv_fds(self._requests, 1, 1)
        return socket.socket(fileno=fds[0]) if fds else None

    def _fork(self, line: socket.socket) -> Word | None:
        with line.makefile("rb") as lines:
            request: Word = json.loads(lines.readline())
        life, breath = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._leave(line, life)
            return request
        os.close(breath)
        self._kept[life] = self._kept[line.fileno()] = _Kept(pid, line, life)
        self._ears.register(life, select.POLLIN)
        self._ears.register(line, 0)  # its end alone: what is told on it is the child's
        _tell(line, pid=pid)
        return None

    def _leave(self, line: socket.socket, life: int) -> None:
        """In a child: keep nothing of the parent's but the own line."""
        global _line
        _line = line
        os.close(life)
        self._requests.close()
        for kept in set(self._kept.values()):
            kept.line.close()
            os.close(kept.life)

    def _end_of(self, kept: _Kept, source: int) -> None:
        if source != kept.life:  # the asking side has hung up: nobody needs the child any more
            os.kill(kept.pid, signal.SIGKILL)
        self._bury(kept)

    def _bury(self, kept: _Kept) -> None:
        _, status = os.waitpid(kept.pid, 0)
        for source in (kept.life, kept.line.fileno()):
            self._ears.unregister(source)
            del self._kept[source]
        os.close(kept.life)
        _tell(kept.line, exit=os.waitstatus_to_exitcode(status))
        kept.line.close()

    def _end(self) -> None:
        for kept in set(self._kept.values()):
            os.kill(kept.pid, signal.SIGKILL)
            self._bury(kept)


def _tell(line: socket.socket, **word: Any) -> None:
    try:
        line.sendall(json.dumps(word).encode() + b"\n")
    except OSError:
        return  # the asking side has gone


def _become(request: Word) -> None:
    """Be the process that was asked for."""
    gc.enable()
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for place, path, mode in (
        (0, os.devnull, os.O_RDONLY),
        (1, request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        (2, request["errors"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        file = os.open(path, mode, 0o644)
        os.dup2(file, place)
        os.close(file)
    module, _, function = request["entry"].partition(":")
    getattr(importlib.import_module(module), function)(**request["options"])


def main(arguments: list[str]) -> None:
    requests = socket.socket(fileno=int(arguments[0]))
    requests.set_inheritable(False)
    gc.disable()
    for module in arguments[1:]:
        importlib.import_module(module)
    gc.freeze()  # children share these pages as long as no collection writes to them
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the asking side
    request = _Parent(requests).serve()
    if request is not None:
        _become(request)


if __name__ == "__main__":
    from tests.faults import fork_server  # under its own name: what a child imports is this very module

    fork_server.main(sys.argv[1:])
