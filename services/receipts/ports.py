"""Files that Telegram keeps, and tokens of accounts on paper, as the use cases see them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class UploadRepository(Protocol):
    """Files that a bot has sent once: Telegram sends them again by their ids, which are good for that bot alone."""

    async def find(self, bot_id: int, key: str, at: datetime) -> str | None:
        """The file's id; it has been of use at a moment."""
        ...

    async def keep(self, bot_id: int, key: str, file_id: str, at: datetime) -> None: ...

    async def forget(self, before: datetime) -> None:
        """Those that have been of no use since a moment."""
        ...


class PaperTokenRepository(Protocol):
    """Opaque names of accounts, which addresses on paper carry."""

    async def token(self, account: str, new: str) -> str:
        """The account's token, `new` where it has none yet."""
        ...

    async def account(self, token: str) -> str | None: ...
