"""Bots that follow each other share one dialect of SQLite and the statements that it has compiled: a process has one
bot, which compiles each of them once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def sharing() -> Callable[..., AsyncEngine]:
    """Makes engines as `create_async_engine` does; the later ones share with the first that was connected."""
    known: Engine | None = None

    def share(url: str, **options: Any) -> AsyncEngine:
        nonlocal known
        if known is None or known.dialect.server_version_info is None:  # it has not been connected
            made = create_async_engine(url, **options)
            known = made.sync_engine
        else:
            made = create_async_engine(url, **options, _initialize=False)
            made.sync_engine.dialect = known.dialect
            made.sync_engine._compiled_cache = known._compiled_cache
        return made

    return share
