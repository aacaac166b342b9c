"""FSM storage whose writes wait for the update to be done.

One update is one turn: its state is read once, changed in memory, and committed by the intake together with
the update's `done` mark. After a kill the update runs again from the state that it first saw. What Telegram took
of the answer is remembered by the turn, so that a second try says only what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b
from typing import Any, Literal

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from services.ports import Conversations, ConversationState, Said


class Turn:
    """What one update has read and changed, by conversation, and what has been said, by its digest.

    `said` holds earlier tries' calls first; each is good for one call of this try.
    """

    def __init__(self, source: Conversations, update_id: int, body: bytes, said: Iterable[Said]) -> None:
        self._source = source
        self._update_id = update_id
        self._body = body
        self._seen: dict[str, ConversationState] = {}
        self.changes: dict[str, ConversationState] = {}
        self.said = list(said)
        self._repeatable = list(self.said)
        self._unkept_messages = False
        self._ids = 0

    def recall(self, digest: str) -> int | Literal[True] | None:
        """What Telegram answered when an earlier try said this, None when it has to be said."""
        known = next((said for said in self._repeatable if said.digest == digest), None)
        if known is None:
            return None
        self._repeatable.remove(known)
        return known.answer

    def new_id(self) -> str:
        """The first, second … of this update, whichever try it is. Telegram may begin its own ids anew."""
        self._ids += 1
        return blake2b(self._body, digest_size=8, salt=self._ids.to_bytes(8)).hexdigest()

    async def before_message(self) -> None:
        """A kill may repeat one message, never two: the first is written down before the second goes out."""
        if self._unkept_messages:
            await self._source.remember(self._update_id, self.said)
            self._unkept_messages = False

    def note(self, digest: str, answer: int | Literal[True], *, message: bool) -> None:
        """Telegram has taken a call; `message`: one that the person would see twice."""
        self.said.append(Said(digest, answer))
        self._unkept_messages |= message

    async def get(self, key: str) -> ConversationState:
        if key not in self._seen:
            self._seen[key] = await self._source.state(key)
        return self._seen[key]

    def put(self, key: str, state: ConversationState) -> None:
        self._seen[key] = self.changes[key] = state


_turn: ContextVar[Turn] = ContextVar("turn")


def current_turn() -> Turn | None:
    """That of the update being worked off; None for what is said unasked."""
    return _turn.get(None)


class TurnStorage(BaseStorage):
    def __init__(self, source: Conversations) -> None:
        self._source = source

    @contextmanager
    def turn(self, update_id: int, body: bytes, said: Iterable[Said] = ()) -> Iterator[Turn]:
        """Everything read, written and said inside belongs to one update."""
        turn = Turn(self._source, update_id, body, said)
        token = _turn.set(turn)
        try:
            yield turn
        finally:
            _turn.reset(token)

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        now = await self._now(key)
        name = state.state if isinstance(state, State) else state
        _turn.get().put(_name(key), ConversationState(name, now.data))

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._now(key)).state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        now = await self._now(key)
        _turn.get().put(_name(key), ConversationState(now.state, dict(data)))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict((await self._now(key)).data)

    async def _now(self, key: StorageKey) -> ConversationState:
        return await _turn.get().get(_name(key))

    async def close(self) -> None:
        """The database is closed by its owner."""


def _name(key: StorageKey) -> str:
    return f"{key.chat_id}:{key.user_id}:{key.thread_id or ''}"
