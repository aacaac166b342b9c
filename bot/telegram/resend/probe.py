"""Has a message arrived whose answer was lost? The Bot API shows no bot what stands in a chat.

But it refuses to stop a live location where there is none, and says why: there is no such message, or it cannot be
edited, or there is no location in it. The last is said of the bot's own texts and files, with inline buttons or
without, but not with a reply keyboard. The question changes nothing, as the bot sends no live locations.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError, TelegramServerError
from aiogram.methods import StopMessageLiveLocation, TelegramMethod

MOST_IN_A_ROW = 16  # ids asked about together; the first ones are the likeliest, and asked about alone
AT_ONCE = 32  # questions about all messages: no other call shall have to wait for them
MOST_SEARCHES = 100  # that wait for their turn; the next ones are left out
PATIENCE = 5  # seconds for an answer
TRIES = 3  # in a row without any answer
UNANSWERED = (TelegramNetworkError, TelegramServerError)
_OURS = "no live location in the message"

Ask = Callable[[TelegramMethod[Any], int], Awaitable[Any]]  # a method and the seconds that its answer may take


class Probe:
    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._searches = 0

    @property
    def crowded(self) -> bool:
        """Whether one more search would take too long."""
        return self._searches >= MOST_SEARCHES

    async def run_of_ours(
        self, ask: Ask, chat_id: int, ids: list[int], vacant: set[int], count: int
    ) -> list[int] | None:
        """The first of these ids that is a message of the bot's, and those of the next ones that are, up to so many: an
        album's parts follow one another. Raises as `first_of_ours`."""
        first = await self.first_of_ours(ask, chat_id, ids, vacant)
        if first is None:
            return None
        run = [first]
        while len(run) < count and run[-1] + 1 in ids:
            if await self.first_of_ours(ask, chat_id, [run[-1] + 1], vacant) is None:
                break
            run.append(run[-1] + 1)
        return run

    async def first_of_ours(self, ask: Ask, chat_id: int, ids: list[int], vacant: set[int]) -> int | None:
        """The first of these ids in the chat that is a message of the bot's. `vacant`: ids that are known to be none,
        to which others are added. Raises TelegramAPIError and its kinds."""
        self._searches += 1
        try:
            return await _Search(self._slots, ask, chat_id, vacant).over([one for one in ids if one not in vacant])
        finally:
            self._searches -= 1


class _Search:
    def __init__(self, slots: asyncio.Semaphore, ask: Ask, chat_id: int, vacant: set[int]) -> None:
        self._slots = slots
        self._ask = ask
        self._chat_id = chat_id
        self._vacant = vacant

    async def over(self, ids: list[int]) -> int | None:
        row = 1
        while ids:
            found = await self._in_row(ids[:row])
            if found is not None:
                return found
            ids, row = ids[row:], min(4 * row, MOST_IN_A_ROW)
        return None

    async def _in_row(self, ids: list[int]) -> int | None:
        """Those without an answer are asked about again, as long as others get one."""
        silent = 0
        while ids:
            answers = await asyncio.gather(*map(self._is_ours, ids), return_exceptions=True)
            if True in answers:
                return ids[answers.index(True)]
            errors = [answer for answer in answers if isinstance(answer, BaseException)]
            silent = silent + 1 if len(errors) == len(ids) else 0
            for error in errors:
                if silent == TRIES or not isinstance(error, UNANSWERED):
                    raise error
            ids = [one for one in ids if one not in self._vacant]
        return None

    async def _is_ours(self, message_id: int) -> bool:
        async with self._slots:
            try:
                await self._ask(StopMessageLiveLocation(chat_id=self._chat_id, message_id=message_id), PATIENCE)
            except TelegramBadRequest as error:
                if _OURS not in error.message.lower():
                    self._vacant.add(message_id)
                    return False
        return True  # even where it was a location
