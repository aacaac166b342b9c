"""Many small routers, one look-up.

aiogram asks every router and every handler in turn; with a few dozen of them that costs more than the work
itself. Merged, they keep their order, but an update is offered only to handlers that can match:
those for its command, for its conversation's state or for the prefix of its button, and those bound to none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import cached_property
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import UNHANDLED, SkipHandler
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.dispatcher.event.telegram import TelegramEventObserver
from aiogram.filters import Command, StateFilter
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message, TelegramObject

from handlers.commands import command_of
from handlers.filters import Pressed

_ANY = "*"


class IndexedObserver(TelegramEventObserver):
    def __init__(self, router: Router, event_name: str, handlers: Iterable[HandlerObject]) -> None:
        super().__init__(router=router, event_name=event_name)
        self.handlers = list(handlers)
        self._candidates = _index(self.handlers)

    async def trigger(self, event: TelegramObject, **kwargs: Any) -> Any:
        for handler in self._fitting(event, kwargs.get("raw_state")):
            matched, data = await handler.check(event, **kwargs)
            if matched:
                try:
                    return await self._calls[id(handler)](event, kwargs | data | {"handler": handler})
                except SkipHandler:
                    continue
        return UNHANDLED

    @cached_property
    def _calls(self) -> dict[int, Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]]:
        """Handlers in their middlewares, put around them once; aiogram does so for each update."""
        wrap, around = self.outer_middleware.wrap_middlewares, self._resolve_middlewares()
        return {id(handler): wrap(around, handler.call) for handler in self.handlers}

    def _fitting(self, event: TelegramObject, raw_state: str | None) -> list[HandlerObject]:
        keys = _keys_of(event, raw_state)
        return next((self._candidates[key] for key in keys if key in self._candidates), self._candidates[_ANY])


class MergedRouter(Router):
    """With no routers in it and no filters or outer middlewares of its own: an update goes straight to its handlers."""

    async def propagate_event(self, update_type: str, event: TelegramObject, **kwargs: Any) -> Any:
        return await self.observers[update_type].trigger(event, **kwargs | {"event_router": self})


def merge(name: str, routers: Iterable[Router], kind: type[MergedRouter] = MergedRouter) -> Router:
    """One router with the handlers of all, in their order. Filters and middlewares of whole routers are not carried."""
    parts = list(routers)
    merged = kind(name=name)
    for event_name in merged.observers:
        handlers = [handler for part in parts for handler in part.observers[event_name].handlers]
        observer = IndexedObserver(merged, event_name, handlers)
        merged.observers[event_name] = observer
        setattr(merged, event_name, observer)
    return merged


def _index(handlers: list[HandlerObject]) -> dict[str, list[HandlerObject]]:
    """Candidates under each key, in the handlers' order; those that are bound to none are candidates everywhere."""
    found: dict[str, list[HandlerObject]] = {_ANY: []}
    for handler in handlers:
        own = _bound_to(handler)
        for key in own:
            found.setdefault(key, [*found[_ANY]])
        for key in found if _ANY in own else own:
            found[key].append(handler)
    return found


def _bound_to(handler: HandlerObject) -> set[str]:
    """Keys that an update must have for the handler to match; the first filter that says so decides."""
    for one in handler.filters or ():
        match one.callback:
            case StateFilter(states=states):
                return {_state_key(state.state if isinstance(state, State) else str(state)) for state in states}
            case Command(commands=commands):
                return {f"/{command}" for command in commands}
            case Pressed(key=key):
                return {_data_key(key)}
    return {_ANY}


def _keys_of(event: TelegramObject, raw_state: str | None) -> tuple[str, ...]:
    """Keys to look under, the narrowest first."""
    match event:
        case CallbackQuery(data=str(data)):
            kind, _, rest = data.partition(":")
            return _data_key(f"{kind}:{rest.partition(':')[0]}"), _data_key(kind)
        case Message(text=str(text), edit_date=None) | Message(caption=str(text), edit_date=None) if text.startswith(
            "/"
        ):
            return (text.split(maxsplit=1)[0].partition("@")[0].lower(),)
        case Message(text=str(text)) if command := command_of(text, raw_state):
            return (f"/{command}",)
    return (_state_key(str(raw_state)),)


def _state_key(state: str | None) -> str:
    return f"state {state}"


def _data_key(key: str) -> str:
    return f"data {key}"
