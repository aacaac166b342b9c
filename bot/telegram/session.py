"""The connection to the Bot API: JSON both ways, and of a sent message its id alone.

A call of an attempt at an update or a notice goes through `resend`: it leaves only if no earlier try has made it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache, partial
from typing import Any, cast

import orjson
from aiogram import Bot
from aiogram.client.default import Default
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramEntityTooLarge,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import Response, SendMediaGroup, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InputFile, Message
from aiohttp import ClientConnectorError, ClientError, ClientTimeout, ConnectionTimeoutError

import context
from bot.inbox.updates import GetRawUpdates, read_answer
from bot.outbox.rate_limiter import RateLimiter
from bot.telegram.errors import NotConnected
from bot.telegram.resend import current_attempt
from bot.telegram.resend.call import NEW_MESSAGE, Call, SentMessage

CONNECTIONS = 1000  # the pool must not become the pace of sending
CONNECTING = 10  # seconds
_SENT = (*NEW_MESSAGE, Message | bool)
_JSON = {"Content-Type": "application/json"}
_PLAIN = frozenset({str, int, bool, dict, list})
_AS_IT_IS = orjson.OPT_PASSTHROUGH_DATETIME


class LeanSession(AiohttpSession):
    """Sends JSON unless there are files. A sent message comes back with its id only. `ended` gets the
    method of each call that has ended, and its error, None for success."""

    def __init__(
        self,
        api_base: str,
        limiter: RateLimiter,
        proxy: str | None = None,
        ended: Callable[[str, TelegramAPIError | None], None] = lambda *_: None,
    ) -> None:
        super().__init__(
            proxy=proxy,
            limit=CONNECTIONS,
            api=TelegramAPIServer.from_base(api_base),
            json_loads=orjson.loads,
            timeout=20,
        )
        self._limiter = limiter
        self._ended = ended
        self._defaults: dict[str, Any] = {}
        self._before_leaving: tuple[type[Exception], ...] = (ClientConnectorError, ConnectionTimeoutError)
        if proxy:
            self._before_leaving += _proxy_errors()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """Raises TelegramAPIError and its kinds: NotConnected when nothing can have happened, TelegramServerError
        when the answer is not Telegram's, and those of `Attempt.find`."""
        attempt, call = current_attempt(), Call.of(method, context.current().step)
        if attempt is None:
            return cast("TelegramType", await self._request(bot, call, timeout))
        known = attempt.recall(call) or await attempt.find(call, partial(self._probe, bot))
        if known:
            return cast("TelegramType", known)
        await self._wait_for_a_place(call)
        attempt.begin(call)
        try:
            answer = await self._answer(bot, call, timeout)
        except TelegramAPIError as error:
            attempt.end(call, error)
            raise
        attempt.end(call, answer)
        return cast("TelegramType", answer)

    async def _probe(self, bot: Bot, method: TelegramMethod[Any], timeout: int) -> Any:
        return await self._request(bot, Call.of(method), timeout)

    async def _wait_for_a_place(self, call: Call) -> None:
        if (chat_id := call.acts_in) is not None and (wait := self._limiter.reserve(chat_id, call.count)):
            await asyncio.sleep(wait)  # the pace is a matter of time

    async def _answer(self, bot: Bot, call: Call, timeout: int | None) -> Any:
        try:
            return await self._request(bot, call, timeout)
        except TelegramRetryAfter as error:
            if (chat_id := call.acts_in) is not None:
                self._limiter.hold(chat_id, error.retry_after)
            raise

    async def _request(self, bot: Bot, call: Call, timeout: int | None) -> Any:
        name = call.method.__api_method__
        try:
            result = await self._ask(bot, call, timeout)
        except TelegramAPIError as error:
            self._ended(name, error)
            raise
        self._ended(name, None)
        return result

    async def _ask(self, bot: Bot, call: Call, timeout: int | None) -> Any:
        method, body = call.method, self._body(bot, call)
        if body is None:
            form = self.build_form_data(bot=bot, method=method)
            status, content = await self._post(bot, method, timeout, data=form)
        else:
            status, content = await self._post(bot, method, timeout, data=body, headers=_JSON)
        return self._result(bot, method, status, content)

    def _body(self, bot: Bot, call: Call) -> bytes | None:
        """The call as JSON; None where it carries files."""
        files: dict[str, InputFile] = {}
        prepare = partial(self._prepared, bot=bot, files=files)
        ready = {
            name: one
            for name, value in call.values.items()
            if (one := value if type(value) in _PLAIN else prepare(value)) is not None
        }
        try:
            body = orjson.dumps(ready, option=_AS_IT_IS)
        except orjson.JSONEncodeError:  # a part further in is not plain
            body = orjson.dumps(prepare(call.values))
        return None if files else body

    def _prepared(self, value: Any, bot: Bot, files: dict[str, InputFile]) -> Any:
        """A default of the bot's is the same in each call."""
        if not isinstance(value, Default):
            return self.prepare_value(value, bot=bot, files=files, _dumps_json=False)
        if value.name not in self._defaults:
            self._defaults[value.name] = self.prepare_value(value, bot=bot, files=files, _dumps_json=False)
        return self._defaults[value.name]

    async def _post(
        self, bot: Bot, method: TelegramMethod[Any], timeout: int | None, **options: Any
    ) -> tuple[int, bytes]:
        session = await self.create_session()
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        try:
            async with session.post(url, timeout=_time_limit(timeout or self.timeout), **options) as response:
                return response.status, await response.read()
        except self._before_leaving as error:
            # the words of a connection error hold the address, and the address holds the token
            raise NotConnected(method=method, message=_name(error)) from None
        except (TimeoutError, ClientError, ConnectionError) as error:
            raise TelegramNetworkError(method=method, message=_name(error)) from None

    def _result(self, bot: Bot, method: TelegramMethod[TelegramType], status: int, content: bytes) -> TelegramType:
        answer = read_answer(content)
        if not isinstance(answer, dict) or (status >= 500 and "description" not in answer):
            raise _without_answer(status)(method=method, message=f"HTTP {status} without an answer of Telegram's")
        if answer.get("ok") and isinstance(method, GetRawUpdates) and isinstance(answer.get("result"), list):
            return cast("TelegramType", answer["result"])
        if answer.get("ok") and method.__returning__ in _SENT:
            sent = answer["result"]
            return cast("TelegramType", SentMessage(sent["message_id"], sent.get("document", {}).get("file_id", "")))
        if answer.get("ok") and isinstance(method, SendMediaGroup):
            return cast("TelegramType", [SentMessage(one["message_id"]) for one in answer["result"]])
        if answer.get("ok") and answer.get("result") is True and method.__returning__ is bool:
            return cast("TelegramType", True)
        _answer_of(method.__returning__)
        response = self.check_response(bot=bot, method=method, status_code=status, content=content.decode())
        return cast("TelegramType", response.result)


@cache
def _answer_of(kind: Any) -> type[Response[Any]]:
    """aiogram's model of an answer, held: pydantic makes it anew, for a millisecond, when a collection has taken it."""
    return Response[kind]


@cache
def _time_limit(seconds: float) -> ClientTimeout:
    return ClientTimeout(total=seconds, sock_connect=CONNECTING)


def _name(error: Exception) -> str:
    """An error of the connection leaves its frames: one of them holds it, and only a collection would free them."""
    error.__traceback__ = None
    return type(error).__name__


def _without_answer(status: int) -> type[TelegramAPIError]:
    """The error for a page in place of Telegram's answer: 4xx comes from a proxy that let nothing pass."""
    if status == 413:
        return TelegramEntityTooLarge
    return NotConnected if 400 <= status < 500 else TelegramServerError


def _proxy_errors() -> tuple[type[Exception], ...]:
    from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError  # no proxy, no import

    return ProxyConnectionError, ProxyTimeoutError, ProxyError
