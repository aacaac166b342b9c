"""Libraries that load parts of themselves at the first payment, picture, paper or letter. The running bot loads them at
its start: later there may be no descriptor left to read them with, and somebody waits."""

from __future__ import annotations

from importlib import import_module
from typing import Final

_LAZY: Final = (
    "aiosmtplib",
    "anyio._backends._asyncio",  # httpx's connections
    "concurrent.futures.thread",
    "encodings.idna",
    "httpcore._backends.anyio",
    "segno.writers",
    "typst",
)


def load_ahead() -> None:
    for name in _LAZY:
        import_module(name)
