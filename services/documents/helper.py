"""Receipts for many at once, set by a process of its own (`worker.py`), so that people who wait for answers go first.

A third of the work on a receipt holds the interpreter's lock, which the bot's own threads would have to wait for.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from services.receipts.models import Receipt

_ROOT = Path(__file__).parents[2]
_NEEDED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")  # of the environment: the rest holds secrets


class NotSet(RuntimeError):
    """A receipt could not be set, for an error of this name."""


class Helper:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="helper")
        self._process: subprocess.Popen[bytes] | None = None
        self._closings = 0

    async def receipt(self, receipt: Receipt) -> bytes:
        """PDF. Raises NotSet."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._set, receipt)

    def close(self) -> None:
        """End the process, and what it works on; a later receipt starts another."""
        self._closings += 1
        if self._process is not None:
            self._process.kill()
            self._thread.submit(self._end).result()

    def _set(self, receipt: Receipt) -> bytes:
        """A process that has ended meanwhile is started anew, once."""
        closings = self._closings
        for _ in range(2):
            if self._closings != closings:
                break
            try:
                made = self._ask(receipt)
            except (EOFError, OSError):
                self._end()
            else:
                if isinstance(made, bytes):
                    return made
                raise NotSet(made)
        raise NotSet("the process ended")

    def _ask(self, receipt: Receipt) -> bytes | str:
        """PDF, or the name of an error. Raises EOFError, OSError."""
        if self._process is None:
            self._process = self._started()
        sent, got = self._process.stdin, self._process.stdout
        if sent is None or got is None:
            raise EOFError
        pickle.dump(receipt, sent)
        sent.flush()
        made: bytes | str = pickle.load(got)  # noqa: S301  # from the process that was started here
        return made

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "services.documents.worker"],
            cwd=_ROOT,
            env={name: os.environ[name] for name in _NEEDED if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in filter(None, (process.stdin, process.stdout)):
                with suppress(OSError):  # bytes that were not written are of no use any more
                    pipe.close()
            process.wait()
