"""Processes as an operator starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "1234567:sandbox-token"
DEMO = (sys.executable, "-m", "sandbox.demo")
_OURS = ("BOT_", "WEBHOOK_", "WEB_", "DATABASE_", "SUPPLIER_", "SMTP_", "PYTEST_")


def environment(**settings: str) -> dict[str, str]:
    """This machine's, without settings that a developer may have made, with the given ones and a free port."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "WEB_PORT": "0", **settings}


def bot(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot …` run to its end in `folder`."""
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(**settings), capture_output=True, text=True, timeout=100, check=False
    )


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
