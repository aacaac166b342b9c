"""This bot with nothing kept of updates and conversations: acknowledged unwritten, state in memory, all else equal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import bot.app
from bot.__main__ import cli
from bot.telegram.resend.append_log import AppendLog
from services.db.engine import Database
from services.db.inbox import Accepted, Done, Inbox
from services.ports import ConversationState


class ForgetfulInbox(Inbox):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._seen: set[int] = set()
        self._states: dict[str, ConversationState] = {}

    async def accept(self, updates: Sequence[Accepted], at: datetime) -> list[Accepted]:
        new = [one for one in updates if one.update_id not in self._seen]
        self._seen.update(one.update_id for one in new)
        return new

    async def finish(self, done: Sequence[Done], at: datetime) -> None:
        for one in done:
            self._states |= one.changes

    async def state(self, key: str) -> ConversationState:
        return self._states.get(key, ConversationState())


def main() -> None:
    setattr(bot.app, Inbox.__name__, ForgetfulInbox)
    setattr(bot.app, AppendLog.__name__, lambda _path: AppendLog(None))
    cli(args=["run"])


if __name__ == "__main__":
    main()
