"""The connection to the Bot API: JSON both ways, and no models of replies that nobody reads.

A call that Telegram took in an earlier try of the same update or notice is not made again: its answer is remembered.
A message of which nothing was heard again is looked for in its chat before it is repeated.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import orjson
import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramEntityTooLarge,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import AnswerCallbackQuery, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InputFile, Message
from aiohttp import ClientConnectorError, ClientError, ClientTimeout, ConnectionTimeoutError

from bot.arrivals import Arrivals
from bot.inbox.updates import GetRawUpdates, read_answer
from bot.outbox.pace import Pace
from bot.sendlog import Attempt, current_attempt

log = structlog.get_logger("session")

CONNECTIONS = 1000  # the pool must not become the pace of sending
CONNECTING = 10  # seconds
_SENT = (Message, Message | bool)
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Sent:
    """What is kept of a message that was sent: building aiogram's Message costs more than sending it."""

    message_id: int


class NotConnected(TelegramNetworkError):
    """The request has never left: it is safe to make it again."""


class NobodyTells(TelegramNetworkError):
    """Whether an earlier message arrived is not answered, and this one has not left."""


class PerhapsSaid(TelegramNetworkError):
    """Whether an earlier message arrived cannot be found out, and it is not to be said twice."""


class LeanSession(AiohttpSession):
    """Sends JSON unless there are files. A sent message comes back with its id only. `ended` gets the
    method of each call that has ended, and its error, None for success."""

    def __init__(
        self,
        api_base: str,
        pace: Pace,
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
        self._pace = pace
        self._ended = ended
        self._arrivals = Arrivals(self._request)
        self._before_leaving: tuple[type[Exception], ...] = (ClientConnectorError, ConnectionTimeoutError)
        if proxy:
            self._before_leaving += _proxy_errors()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """Raises TelegramAPIError and its kinds: NotConnected when nothing can have happened, TelegramServerError
        when the answer is not Telegram's."""
        attempt = current_attempt()
        if attempt is None:
            return await self._request(bot, method, timeout)
        attempt.press_answered |= isinstance(method, AnswerCallbackQuery)
        digest, chat_id = _digest(method), _new_message_in(method)
        known = attempt.recall(digest)
        if known is None and chat_id is not None and attempt.is_lost(digest):
            known = await self._find(attempt, digest, bot, method, chat_id)
        if known is not None:
            return cast("TelegramType", known if known is True else Sent(known))
        return await self._once(attempt, digest, bot, method, chat_id, timeout)

    async def _find(
        self, attempt: Attempt, digest: str, bot: Bot, method: TelegramMethod[Any], chat_id: int
    ) -> int | None:
        """The message, if an earlier try has made it."""
        if not attempt.possible_ids(digest) or self._arrivals.crowded:
            _unless_never_twice(attempt, method)
            return None
        await asyncio.sleep(attempt.unsettled(digest))  # it may still be on its way
        try:
            found = await self._arrivals.first_of_ours(
                bot, chat_id, attempt.possible_ids(digest), attempt.vacant(digest)
            )
        except TelegramRetryAfter:  # there may never be room for so many questions
            attempt.abandoned(digest)
            _unless_never_twice(attempt, method)
            raise
        except NotConnected:
            raise
        except (TelegramNetworkError, TelegramServerError) as error:
            if attempt.tried_long_enough(digest):
                attempt.abandoned(digest)
                _unless_never_twice(attempt, method)
            raise NobodyTells(method=method, message=type(error).__name__) from None
        log.info("looked for a message that may have arrived", found=found is not None)
        if found is None or found not in attempt.possible_ids(digest):  # another one may have come meanwhile
            attempt.abandoned(digest)
            return None
        attempt.found(digest, found)
        return found

    async def _once(
        self,
        attempt: Attempt,
        digest: str,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        chat_id: int | None,
        timeout: int | None,
    ) -> TelegramType:
        if chat_id is not None:
            attempt.sending(digest, chat_id)
        elif message_id := getattr(method, "message_id", None):
            attempt.changing(message_id)
        try:
            answer = await self._answer(bot, method, timeout)
        except TelegramAPIError as error:
            if not _may_have_arrived(error):
                attempt.rejected(digest)
            raise
        if answer is True or isinstance(answer, Sent):
            attempt.accepted(digest, True if answer is True else answer.message_id, chat_id)
        return answer

    async def _answer(self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None) -> TelegramType:
        """A live answer waits for nobody; what is said unasked makes room for it."""
        chat_id = getattr(method, "chat_id", None)
        if isinstance(chat_id, int):
            self._pace.note(chat_id)
        try:
            return await self._request(bot, method, timeout)
        except TelegramRetryAfter as error:
            if isinstance(chat_id, int):
                self._pace.hold(chat_id, error.retry_after)
            raise

    async def _request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        try:
            result = await self._ask(bot, method, timeout)
        except TelegramAPIError as error:
            self._ended(method.__api_method__, error)
            raise
        self._ended(method.__api_method__, None)
        return result

    async def _ask(self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None) -> TelegramType:
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
        limit = ClientTimeout(total=timeout or self.timeout, sock_connect=CONNECTING)
        try:
            async with session.post(url, timeout=limit, **options) as response:
                return response.status, await response.read()
        except self._before_leaving as error:
            # the words of a connection error hold the address, and the address holds the token
            raise NotConnected(method=method, message=type(error).__name__) from None
        except (TimeoutError, ClientError, ConnectionError) as error:
            raise TelegramNetworkError(method=method, message=type(error).__name__) from None

    def _result(self, bot: Bot, method: TelegramMethod[TelegramType], status: int, content: bytes) -> TelegramType:
        answer = read_answer(content)
        if not isinstance(answer, dict) or (status >= 500 and "description" not in answer):
            raise _without_answer(status)(method=method, message=f"HTTP {status} without an answer of Telegram's")
        if answer.get("ok") and isinstance(method, GetRawUpdates) and isinstance(answer.get("result"), list):
            return cast("TelegramType", answer["result"])
        if answer.get("ok") and method.__returning__ in _SENT:
            return cast("TelegramType", Sent(answer["result"]["message_id"]))
        response = self.check_response(bot=bot, method=method, status_code=status, content=content.decode())
        return cast("TelegramType", response.result)


def _unless_never_twice(attempt: Attempt, method: TelegramMethod[Any]) -> None:
    """It may be said once more."""
    if attempt.never_twice:
        raise PerhapsSaid(method=method, message="not to be repeated") from None


def _may_have_arrived(error: TelegramAPIError) -> bool:
    never_left = (NotConnected, NobodyTells, TelegramEntityTooLarge)
    lost = isinstance(error, TelegramNetworkError) and not isinstance(error, never_left)
    return lost or isinstance(error, TelegramServerError)


def _new_message_in(method: TelegramMethod[Any]) -> int | None:
    """The chat where a call makes a new message."""
    chat_id = getattr(method, "chat_id", None)
    return chat_id if method.__returning__ is Message and isinstance(chat_id, int) else None


def _without_answer(status: int) -> type[TelegramAPIError]:
    """What a page means that stands where Telegram's answer should: 4xx comes from a proxy that let nothing pass."""
    if status == 413:
        return TelegramEntityTooLarge
    return NotConnected if 400 <= status < 500 else TelegramServerError


def _digest(method: TelegramMethod[Any]) -> str:
    values = method.model_dump(exclude_none=True, warnings=False)
    said = orjson.dumps([method.__api_method__, values], default=_plain)
    return hashlib.sha256(said).hexdigest()[:16]


def _plain(value: object) -> str:
    """A file by its name: a paper that is made anew may differ in its bytes."""
    return str(value.filename) if isinstance(value, InputFile) else repr(value)


def _proxy_errors() -> tuple[type[Exception], ...]:
    from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError  # no proxy, no import

    return ProxyConnectionError, ProxyTimeoutError, ProxyError
