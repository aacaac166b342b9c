"""Receipts as files: made once and uploaded once, and found by the addresses that are printed on them."""

from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import blake2b

from services.ports import Clock, Documents, Store
from services.receipts.errors import ArchiveTooLarge
from services.receipts.models import LARGEST, ImportedReceipt, Paper
from services.receipts.ports import ImportedReceipts, PaperTokenRepository, UploadRepository

EDITION = 1  # of the paper: a new one when the same receipt is to look another way
_KEPT = timedelta(days=180)  # after the last use
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of files in an archive: the same receipts are the same bytes


class ReceiptArchive:
    def __init__(self, store: Store, documents: Documents, clock: Clock, imported: ImportedReceipts) -> None:
        self._store = store
        self._imported = imported
        self._documents = documents
        self._clock = clock

    async def print(self, receipt: Paper, *, bulk: bool = False) -> bytes:
        """PDF. `bulk`: one of many, which no customer waits for. Raises DocumentsBusy, ReceiptMissing."""
        if isinstance(receipt, ImportedReceipt):
            return await self._imported.read(receipt)
        return await self._documents.receipt(receipt, bulk=bulk)

    async def pack(self, named: Sequence[tuple[str, Paper]]) -> bytes:
        """ZIP of receipts, each with its file's name. Raises DocumentsBusy, ReceiptMissing, ArchiveTooLarge."""
        if sum(one.size for _, one in named if isinstance(one, ImportedReceipt)) > LARGEST:
            raise ArchiveTooLarge
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:  # PDF is packed already
            for name, receipt in named:
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), await self.print(receipt))
        return packed.getvalue()

    async def uploaded(self, bot_id: int, *receipts: Paper) -> str | None:
        """Telegram's id of the file that these receipts are, as they are now; None where the bot has not sent it."""
        async with self._store.writing(durable=False) as unit:
            found = await unit.of(UploadRepository).find(bot_id, _key(receipts), self._clock.now())
            await unit.commit()
        return found

    async def keep(self, bot_id: int, file_id: str, *receipts: Paper) -> None:
        """Telegram's id of a file that was sent. Where a power cut takes it, the file is uploaded again."""
        async with self._store.writing(durable=False) as unit:
            await unit.of(UploadRepository).keep(bot_id, _key(receipts), file_id, self._clock.now())
            await unit.commit()

    async def forget(self) -> None:
        """Files that have been of no use for half a year."""
        async with self._store.writing() as unit:
            await unit.of(UploadRepository).forget(self._clock.now() - _KEPT)
            await unit.commit()

    async def token(self, account: str) -> str:
        """The name of an account on paper; it opens nothing by itself."""
        async with self._store.reading() as unit:
            known = await unit.of(PaperTokenRepository).find(account)
        return known or await self._name(account)

    async def _name(self, account: str) -> str:
        async with self._store.writing() as unit:
            token = await unit.of(PaperTokenRepository).token(account, secrets.token_urlsafe(12))
            await unit.commit()
        return token

    async def account(self, token: str) -> str | None:
        async with self._store.reading() as unit:
            return await unit.of(PaperTokenRepository).account(token)


def _key(receipts: Iterable[Paper]) -> str:
    return blake2b(repr((EDITION, *receipts)).encode(), digest_size=16).hexdigest()
