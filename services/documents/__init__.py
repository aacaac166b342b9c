"""Papers set with typst and codes to scan, off the event loop."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

from services.documents import code
from services.ports import Sheet

_FOLDER = Path(__file__).parent


class TypstDocuments:
    """One compilation at a time: a compiler is not shared between threads."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def sheet(self, sheet: Sheet) -> bytes:
        async with self._turn:
            return await asyncio.to_thread(_compile, "sheet.typ", asdict(sheet))

    async def qr(self, payload: bytes) -> bytes:
        return await asyncio.to_thread(code.draw, payload)


def _compile(template: str, data: object) -> bytes:
    import typst  # 30 MB of compiler: only a process that prints needs it

    try:
        pdf = typst.compile(_FOLDER / template, sys_inputs={"data": json.dumps(data, ensure_ascii=False)})
    except Exception:
        raise
    except BaseException as error:  # a panic of its Rust, which nobody expects of a library
        raise RuntimeError("typst panicked") from error
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave no single document")
    return pdf
