"""Has a message arrived of which nothing was heard? The Bot API shows nobody what stands in a chat.

But it refuses to stop a live location where there is none, and says why: there is no such message, or it cannot be
edited, or there is no location in it. The last is said of the bot's own texts and files, with inline buttons or
without, but not with a reply keyboard. The question changes nothing, as the bot sends no live locations.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError, TelegramServerError
from aiogram.methods import StopMessageLiveLocation, TelegramMethod

MOST_IN_A_ROW = 16  # ids asked about together; the first ones are the likeliest, and asked about alone
AT_ONCE = 32  # questions about all messages: nobody else shall have to wait for them
MOST_SEARCHES = 100  # that wait for their turn; the next ones are left out
PATIENCE = 5  # seconds for an answer
TRIES = 3  # in a row without any answer
_SILENCE = (TelegramNetworkError, TelegramServerError)
_OURS = "no live location in the message"

Request = Callable[[Bot, TelegramMethod[Any], int], Awaitable[Any]]


class Arrivals:
    def __init__(self, request: Request) -> None:
        self._request = request
        self._places = asyncio.Semaphore(AT_ONCE)
        self._searches = 0

    @property
    def crowded(self) -> bool:
        """Whether one more search would take too long."""
        return self._searches >= MOST_SEARCHES

    async def first_of_ours(self, bot: Bot, chat_id: int, ids: list[int], vacant: set[int]) -> int | None:
        """The first of these ids in the chat that is a message of the bot's. `vacant`: ids that are known to be none,
        to which others are added. Raises TelegramAPIError and its kinds."""
        self._searches += 1
        try:
            return await self._search(bot, chat_id, [one for one in ids if one not in vacant], vacant)
        finally:
            self._searches -= 1

    async def _search(self, bot: Bot, chat_id: int, ids: list[int], vacant: set[int]) -> int | None:
        row = 1
        while ids:
            found = await self._search_row(bot, chat_id, ids[:row], vacant)
            if found is not None:
                return found
            ids, row = ids[row:], min(4 * row, MOST_IN_A_ROW)
        return None

    async def _search_row(self, bot: Bot, chat_id: int, ids: list[int], vacant: set[int]) -> int | None:
        """Those without an answer are asked about again, as long as others get one."""
        silent = 0
        while ids:
            answers = await asyncio.gather(*(self._is_ours(bot, chat_id, one) for one in ids), return_exceptions=True)
            if True in answers:
                return ids[answers.index(True)]
            vacant.update(one for one, answer in zip(ids, answers, strict=True) if answer is False)
            errors = [answer for answer in answers if isinstance(answer, BaseException)]
            silent = silent + 1 if len(errors) == len(ids) else 0
            for error in errors:
                if silent == TRIES or not isinstance(error, _SILENCE):
                    raise error
            ids = [one for one in ids if one not in vacant]
        return None

    async def _is_ours(self, bot: Bot, chat_id: int, message_id: int) -> bool:
        async with self._places:
            try:
                method = StopMessageLiveLocation(chat_id=chat_id, message_id=message_id)
                await self._request(bot, method, PATIENCE)
            except TelegramBadRequest as error:
                return _OURS in error.message.lower()
        return True  # it was one
