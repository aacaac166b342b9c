"""The connection to the Bot API: JSON both ways, and no models of replies that nobody reads."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, cast

import orjson
import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InputFile, Message
from aiohttp import ClientError, ClientTimeout

log = structlog.get_logger("telegram")

CONNECTIONS = 1000  # the pool must not become the pace of sending
LONGEST_WAIT = 30  # seconds that an answer waits when Telegram asks for patience
_SENT = (Message, Message | bool)
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Sent:
    """What is kept of a message that was sent: building aiogram's Message costs more than sending it."""

    message_id: int


class LeanSession(AiohttpSession):
    """Sends JSON unless there are files. A sent message comes back with its id only."""

    def __init__(self, api_base: str, proxy: str | None = None) -> None:
        super().__init__(
            proxy=proxy,
            limit=CONNECTIONS,
            api=TelegramAPIServer.from_base(api_base),
            json_loads=orjson.loads,
            timeout=20,
        )

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """Raises TelegramAPIError and its kinds; a body that is not Telegram's is a TelegramServerError."""
        try:
            return await self._request(bot, method, timeout)
        except TelegramRetryAfter as error:
            if error.retry_after > LONGEST_WAIT:
                raise
            log.warning("telegram asks to wait", method=method.__api_method__, seconds=error.retry_after)
            await asyncio.sleep(error.retry_after)  # refused before it took effect: safe to repeat
            return await self._request(bot, method, timeout)

    async def _request(self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None) -> TelegramType:
        files: dict[str, InputFile] = {}
        values = method.model_dump(exclude_none=True, warnings=False)
        fields = self.prepare_value(values, bot=bot, files=files, _dumps_json=False)
        if files:
            form = self.build_form_data(bot=bot, method=method)
            status, content = await self._post(bot, method, timeout, data=form)
        else:
            status, content = await self._post(bot, method, timeout, data=orjson.dumps(fields), headers=_JSON)
        return self._result(bot, method, status, content)

    async def _post(
        self, bot: Bot, method: TelegramMethod[Any], timeout: int | None, **options: Any
    ) -> tuple[int, bytes]:
        session = await self.create_session()
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        limit = ClientTimeout(total=timeout or self.timeout)
        try:
            async with session.post(url, timeout=limit, **options) as response:
                return response.status, await response.read()
        except (TimeoutError, ClientError, ConnectionError) as error:
            # the words of a connection error hold the address, and the address holds the token
            raise TelegramNetworkError(method=method, message=type(error).__name__) from None

    def _result(self, bot: Bot, method: TelegramMethod[TelegramType], status: int, content: bytes) -> TelegramType:
        try:
            answer = orjson.loads(content)
        except orjson.JSONDecodeError:
            answer = None
        if not isinstance(answer, dict) or (status >= 500 and "description" not in answer):
            kind = TelegramAPIError if 400 <= status < 500 else TelegramServerError
            raise kind(method=method, message=f"HTTP {status} without an answer of Telegram's")
        if answer.get("ok") and method.__returning__ in _SENT:
            return cast("TelegramType", Sent(answer["result"]["message_id"]))
        response = self.check_response(bot=bot, method=method, status_code=status, content=content.decode())
        return cast("TelegramType", response.result)
