"""Pages of work on all customers, and the rests between them."""

from __future__ import annotations

import asyncio
import time

from services.pages import REST, one_page


async def test_a_page_is_followed_by_a_rest_of_several_times_as_long() -> None:
    async with one_page():
        began = time.perf_counter()
        await asyncio.sleep(0.02)
        took = time.perf_counter() - began
    assert time.perf_counter() - began >= (1 + REST) * took
