"""Work on all customers goes page by page and rests after each, so that live answers wait for one page at the most.

A page is committed with the place that it reached: a kill costs no more than that page.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

PAGE: Final = 10  # customers
REST: Final = 2  # times as long as the page has taken


@asynccontextmanager
async def one_page() -> AsyncIterator[None]:
    """Around the work on a page."""
    began = time.perf_counter()
    yield
    await asyncio.sleep(REST * (time.perf_counter() - began))
