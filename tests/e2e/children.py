"""Processes as an operator starts them."""

from __future__ import annotations

import asyncio
import atexit
import functools
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.faults.fork_server import ForkServer

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "1234567:sandbox-token"
ENTRY: Final = "tests.e2e.bot_command:main"
PATIENCE: Final = 250  # seconds that a command may take on a busy machine
DEMO = (sys.executable, "-m", "sandbox.demo")
_OURS = ("BOT_", "WEBHOOK_", "WEB_", "DATABASE_", "SUPPLIER_", "SMTP_", "PYTEST_")


def environment(**settings: str) -> dict[str, str]:
    """This machine's, without settings that a developer may have made, with the given ones and a free port."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "WEB_PORT": "0", **settings}


def python_m_bot(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot …` run to its end in `folder` by a new interpreter."""
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(**settings), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def bot(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The same by a process that has the modules already, for their import takes longer than a command. One at a time.

    Raises TimeoutError.
    """
    return asyncio.run(_bot(folder, arguments, environment(**settings)))


async def _bot(
    folder: Path, arguments: tuple[str, ...], settings: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    with TemporaryDirectory() as papers:
        out, errors = Path(papers, "out"), Path(papers, "errors")
        child = await _fork_server().start(ENTRY, settings, folder, log=out, errors=errors, arguments=arguments)
        try:
            code = await child.exit_code(PATIENCE)
        finally:
            await _fork_server().clear()
        return subprocess.CompletedProcess(arguments, code, out.read_text(), errors.read_text())


@functools.cache
def _fork_server() -> ForkServer:
    fork_server = ForkServer([ENTRY.partition(":")[0]])
    atexit.register(fork_server.close)
    return fork_server


@contextmanager
def demo(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running demo and its address."""
    command = [*DEMO, "--port", "0", "--data", str(data)]
    with subprocess.Popen(
        command, cwd=data.parent, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first.startswith("Open http://127.0.0.1:"), process.stderr and process.stderr.read()
            yield process, first.split()[1]
        finally:
            process.terminate()  # not kill: it ends its bot in good order
