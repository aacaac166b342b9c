"""FSM storage whose writes wait for the update to be done.

One update is one turn: its state is read once, changed in memory, and committed by the intake together with
the update's `done` mark. After a kill the update runs again from the state that it first saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from services.ports import Conversations, ConversationState


class Turn(BaseStorage):
    """States that one update has read and changed, by conversation."""

    def __init__(self, source: Conversations, body: bytes) -> None:
        self._source = source
        self._body = body
        self._seen: dict[str, ConversationState] = {}
        self._found: dict[str, ConversationState] = {}
        self.changes: dict[str, ConversationState] = {}
        self._ids = 0

    def new_id(self) -> str:
        """The first, second … of this update, whichever try it is. Telegram may begin its own ids anew."""
        self._ids += 1
        return blake2b(self._body, digest_size=8, salt=self._ids.to_bytes(8)).hexdigest()

    @property
    def in_vain(self) -> bool:
        """Whether the conversation stands where the update found it: its like would be answered alike."""
        return all(
            key in self._found and _stands(now) == _stands(self._found[key]) for key, now in self.changes.items()
        )

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        now = await self._now(key)
        name = state.state if isinstance(state, State) else state
        self._put(key, ConversationState(name, now.data))

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._now(key)).state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        now = await self._now(key)
        self._put(key, ConversationState(now.state, dict(data)))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict((await self._now(key)).data)

    async def update_data(self, key: StorageKey, data: Mapping[str, Any]) -> dict[str, Any]:
        now = await self._now(key)
        joined = {**now.data, **data}
        self._put(key, ConversationState(now.state, joined))
        return dict(joined)

    async def close(self) -> None:
        """The database is closed by its owner."""

    async def _now(self, key: StorageKey) -> ConversationState:
        name = _name(key)
        seen = self._seen.get(name)
        if seen is None:
            seen = self._seen[name] = self._found[name] = await self._source.state(name)
        return seen

    def _put(self, key: StorageKey, state: ConversationState) -> None:
        name = _name(key)
        self._seen[name] = self.changes[name] = state


def _name(key: StorageKey) -> str:
    return f"{key.chat_id}:{key.user_id}:{key.thread_id or ''}"


_OF_ONE_UPDATE = {"id", "message", "typed_at", "buttons"}  # in drafts: differ from update to update, whatever it says


def _stands(state: ConversationState) -> tuple[str | None, Any]:
    return state.state, _lasting(state.data)


def _lasting(data: Any) -> Any:
    if not isinstance(data, Mapping):
        return data
    return {name: _lasting(value) for name, value in data.items() if name not in _OF_ONE_UPDATE and value is not None}
