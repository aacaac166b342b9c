"""Papers set by typst on threads of its own.

A compiler belongs to one thread and keeps what it has read of its template; fonts are shared by all. typst lets go of
the interpreter's lock while it works, so two threads set nearly twice as many papers.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.errors import DocumentsBusy

if TYPE_CHECKING:
    from typst import Compiler, Fonts
    from typst import PDFStandard as Standard

FOLDER = Path(__file__).parent
_THREADS = 2
PATIENCE = 30  # seconds that a paper waits for its turn


class Press:
    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._turns = asyncio.Semaphore(_THREADS)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="typst")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._fonts: Fonts | None = None

    async def pdf(self, template: str, data: Callable[[], Any], standards: Sequence[Standard] = ()) -> bytes:
        """`data` is called on the thread, for what takes its time, and given to the template as JSON. Raises
        DocumentsBusy."""
        return await self._in_turn(partial(self._set, template, data, {"pdf_standards": list(standards)}))

    async def png(self, template: str, data: Callable[[], Any]) -> bytes:
        """A point becomes a pixel. `data` and errors as of `pdf`."""
        return await self._in_turn(partial(self._set, template, data, {"format": "png", "ppi": 72}))

    async def _in_turn(self, setting: Callable[[], bytes]) -> bytes:
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError:
            raise DocumentsBusy from None
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, setting)
        finally:
            self._turns.release()

    def _set(self, template: str, data: Callable[[], Any], form: Mapping[str, Any]) -> bytes:
        inputs = {"data": json.dumps(data(), ensure_ascii=False)}
        try:
            made = self._compiler().compile(input=FOLDER / template, sys_inputs=inputs, **form)
        except Exception:
            raise
        except BaseException as error:  # a panic of its Rust is no Exception
            del self._own.compiler
            raise RuntimeError("typst panicked") from error
        if not isinstance(made, bytes):
            raise TypeError("typst gave no single document")
        return made

    def _compiler(self) -> Compiler:
        if not hasattr(self._own, "compiler"):
            import typst  # 30 MB of compiler: only a process that prints needs it

            with self._lock:
                self._fonts = self._fonts or typst.Fonts(include_system_fonts=False)
            self._own.compiler = typst.Compiler(root=FOLDER, font_paths=self._fonts, ignore_system_fonts=True)
        compiler: Compiler = self._own.compiler
        return compiler
