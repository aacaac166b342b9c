"""Work on all customers goes page by page and rests after each: answers in chats wait for one page at the most."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

PAGE: Final = 10  # customers
ROWS: Final = 1000  # old ones that are removed together
REST: Final = 3  # times as long as the page has taken
LONGEST: Final = 1  # seconds of rest: a page may have waited for an import


@asynccontextmanager
async def one_page() -> AsyncIterator[None]:
    """A rest follows the block, unless that fails."""
    began = time.perf_counter()
    yield
    await asyncio.sleep(min(REST * (time.perf_counter() - began), LONGEST))
