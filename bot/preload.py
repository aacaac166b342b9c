"""Libraries that load parts of themselves at the first payment, picture, paper, table or letter. The running bot loads
them at its start: later there may be no descriptor left to read them with, and somebody waits."""

from __future__ import annotations

from importlib import import_module
from typing import Final

_LAZY: Final = (
    "aiosmtplib",
    "anyio._backends._asyncio",  # httpx's connections
    "concurrent.futures.thread",
    "encodings.idna",
    "encodings.utf_16_le",
    "encodings.utf_8_sig",
    "httpcore._backends.anyio",
    "segno.writers",
    "typst",
    "xlsxwriter",
)


def preload() -> None:
    for name in _LAZY:
        import_module(name)
