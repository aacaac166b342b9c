"""Receipts that the supplier has set itself: PDF files of a folder `receipts` beside the registry files, named
`360000123456-2026-10.pdf`.

A file is copied into a folder beside the database, under the digest of its bytes, and gets its row only then: a kill
leaves a file without a row at worst. Rows lie in layers as those of the registry files do, and an import is withdrawn
in the same way.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

from sqlalchemy import Row, bindparam, func, select, text

from services.db.engine import Database
from services.db.lists import among
from services.db.prepared import PreparedQuery
from services.db.proofs import renewals
from services.db.receipts import note_charged
from services.ledger.batch import Batch, Form
from services.ledger.cells import Value
from services.ledger.horizon import Horizon
from services.ledger.imports import begin, note
from services.ledger.layout import RECEIPTS
from services.ledger.lines import Header
from services.ledger.refused import Refused
from services.ledger.rejects import Rejected, Rejects
from services.ledger.tables import imports, receipts, replaced
from services.ledger.writing import strangers, write
from services.receipts.errors import ReceiptMissing
from services.receipts.models import LARGEST, ImportedReceipt
from services.supplier.models import Month

FOLDER: Final = "receipts"
_SUFFIX: Final = ".pdf"
_NAME: Final = re.compile(r"([0-9]{12})-([0-9]{4})-(0[1-9]|1[0-2])\.pdf", re.ASCII | re.IGNORECASE)
_FIRST: Final = Month.of(date(2015, 1, 1))
_TOGETHER: Final = 100  # files that are committed together
_STEP: Final = 1 << 20  # bytes
_ENDS: Final = 1024  # bytes at both ends of a PDF that hold its marks
_ORPHANED: Final = timedelta(days=1)  # after which a file without a row is no import's that still runs
_FORM: Final = Form(RECEIPTS, Header(";", tuple(column.name for column in RECEIPTS.columns)), RECEIPTS.columns)

OnProgress = Callable[[Path, int, int], None]
Key = tuple[int, str]  # account and month


def folder_of(database: Path) -> Path:
    """Beside the database's file."""
    return database.with_name(f"{database.name}-{FOLDER}")


def is_papers(path: Path) -> bool:
    """Whether a path that is given to the import is one of such files, or a folder of them."""
    return path.name.lower() == FOLDER if path.is_dir() else path.name.lower().endswith(_SUFFIX)


# Import


class _Unfit(Exception):
    """Says in a sentence why a file is not taken."""


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A file of the folder: its place among all, name and size in bytes."""

    number: int
    name: str
    size: int


@dataclass(slots=True)
class PaperImport:
    """The import of one folder of receipts. `added`, `changed`, `taken`: files whose rows are committed."""

    database: Database
    store: Path
    source: Path
    horizon: Horizon | None
    now: Callable[[], datetime]
    added: int = 0
    changed: int = 0
    taken: int = 0
    import_id: int = 0
    rejects: Rejects = field(init=False)

    def __post_init__(self) -> None:
        self.rejects = Rejects(self.source)

    async def run(self, on_progress: OnProgress | None) -> None:
        """Raises Refused, OSError."""
        found = list(_listed(self.source))
        size = sum(one.size for one in found)
        self.import_id = await begin(
            self.database, RECEIPTS.name, self.source.name, (size, _checksum(found), "PDF"), self.now()
        )
        twice = frozenset(key for key, count in Counter(map(_key, found)).items() if key and count > 1)
        done = 0
        with closing(self.rejects):
            for at in range(0, len(found), _TOGETHER):
                some = found[at : at + _TOGETHER]
                await self._take(some, twice)
                done += sum(one.size for one in some)
                if on_progress:
                    on_progress(self.source, done, size)
        async with self.database.writing() as connection:
            await note(connection, self.import_id, {"ended_at": self.now()})
            await connection.commit()
        await sweep(self.database, self.store)

    async def _take(self, some: Sequence[PaperFile], twice: Collection[Key]) -> None:
        batch = await self._known(self._copied(some, twice))
        async with self.database.writing() as connection:
            added, changed = await write(connection, _FORM, batch.rows, self.import_id)
            if added + changed:
                await note_charged(connection, set(map(str, _FORM.keys(["period"], batch.rows))), self.now())
            self.added, self.changed, self.taken = (
                self.added + added,
                self.changed + changed,
                self.taken + len(batch.rows),
            )
            counts = {"added": self.added, "changed": self.changed, "unchanged": self.unchanged}
            rejected = self.rejects.count + len(batch.rejected)
            await note(connection, self.import_id, counts | {"rejected": rejected})
            await connection.commit()
        self.rejects.add(sorted(batch.rejected))

    @property
    def unchanged(self) -> int:
        return self.taken - self.added - self.changed

    def _copied(self, some: Sequence[PaperFile], twice: Collection[Key]) -> Batch:
        rows: list[tuple[Value, ...]] = []
        kept: list[PaperFile] = []
        rejected: list[Rejected] = []
        for one in some:
            try:
                rows.append(self._row(one, twice))
            except _Unfit as reason:
                rejected.append((one.number, str(reason), one.name))
            else:
                kept.append(one)
        return Batch(rows, [one.number for one in kept], lambda index: kept[index].name, rejected)

    async def _known(self, batch: Batch) -> Batch:
        """Without accounts that the books do not have, and months that have not come."""
        if self.horizon is not None:
            batch = batch.without(self.horizon.beyond(_FORM, batch.rows))
        async with self.database.reading() as connection:
            return batch.without(await strangers(connection, _FORM, batch.rows))

    def _row(self, one: PaperFile, twice: Collection[Key]) -> tuple[Value, ...]:
        key = _key(one)
        if key is None:
            raise _Unfit("имя должно быть вида 360000123456-2026-10.pdf")
        if key in twice:
            raise _Unfit("за этот месяц в папке несколько файлов: оставьте один")
        if Month.parse(key[1]) < _FIRST:
            raise _Unfit("месяц раньше января 2015 года")
        digest, size = _copy(self.source, one.name, self.store)
        return (*key, digest, size)


def _listed(source: Path) -> Iterator[PaperFile]:
    """Files of a folder in the order of their names, or the one file; hidden ones are not meant."""
    entries = sorted(source.iterdir()) if source.is_dir() else [source]
    for number, one in enumerate((one for one in entries if not one.name.startswith(".")), start=1):
        with suppress(FileNotFoundError):  # gone meanwhile
            yield PaperFile(number, one.name, one.lstat().st_size)


def _key(one: PaperFile) -> Key | None:
    match = _NAME.fullmatch(one.name)
    return (int(match[1]), f"{match[2]}-{match[3]}") if match else None


def _checksum(found: Sequence[PaperFile]) -> str:
    """Of the list of files: names and sizes."""
    return sha256("\n".join(f"{one.name} {one.size}" for one in found).encode()).hexdigest()


def _copy(source: Path, name: str, store: Path) -> tuple[str, int]:
    """Digest and size of a file that is in the store from now on. Raises _Unfit."""
    folder = source if source.is_dir() else source.parent
    with closing(_opened(folder / name)) as file:
        before = os.fstat(file.fileno())
        if before.st_size > LARGEST:
            raise _Unfit(f"больше {LARGEST // 1_000_000} МБ: столько Telegram не пересылает")
        store.mkdir(mode=0o700, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=store, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as copy:
                digest, size = _poured(file, copy)
                copy.flush()
                os.fsync(copy.fileno())
            after = os.fstat(file.fileno())
            if size != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                raise _Unfit("файл изменился, пока читался: загрузите его ещё раз")
            place = _place(store, digest)
            place.parent.mkdir(mode=0o700, exist_ok=True)
            Path(temporary).replace(place)
        finally:
            Path(temporary).unlink(missing_ok=True)
    return digest, size


def _opened(path: Path) -> BinaryIO:
    """Raises _Unfit for all that is no file of its own: what a link leads to was not put into the folder."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _Unfit("это ссылка, а не файл") from None
        raise _Unfit(f"файл не читается: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise _Unfit("это не обычный файл")
    return os.fdopen(handle, "rb")


def _poured(file: BinaryIO, copy: BinaryIO) -> tuple[str, int]:
    """The digest and the size of a PDF, copied. Raises _Unfit for a file that is no whole PDF."""
    digest, size, first, last = sha256(), 0, b"", b""
    while size <= LARGEST and (piece := file.read(_STEP)):
        copy.write(piece)
        digest.update(piece)
        size += len(piece)
        first, last = first or piece[:_ENDS], (last + piece)[-_ENDS:]
    if b"%PDF-" not in first:
        raise _Unfit("это не PDF")
    if b"%%EOF" not in last:
        raise _Unfit("PDF обрывается: файл записан не до конца")
    return digest.hexdigest(), size


def _place(store: Path, digest: str) -> Path:
    return store / digest[:2] / f"{digest}{_SUFFIX}"


async def sweep(database: Database, store: Path, before: datetime | None = None) -> None:
    """Delete files that neither a row names nor one that an import may go back to; `before`: only those that old."""
    async with database.reading() as connection:
        named = set((await connection.execute(select(receipts.c.digest))).scalars())
        former = text(
            f"SELECT json_extract(r.former, '$[0]') FROM {replaced.name} AS r "  # noqa: S608
            "JOIN ledger_imports AS i ON i.id = r.import_id WHERE i.kind = :kind AND r.former IS NOT NULL"
        )
        named |= set((await connection.execute(former, {"kind": RECEIPTS.name})).scalars())
    _delete(store, named, before or datetime.now(UTC) - _ORPHANED)


def _delete(store: Path, named: Collection[str], before: datetime) -> None:
    for file in (one for one in store.rglob("*") if one.is_file()):
        with suppress(FileNotFoundError):  # the bot and a command may both be at it
            if file.stem not in named and datetime.fromtimestamp(file.stat().st_mtime, UTC) < before:
                file.unlink()


# Giving them out


class LedgerPapers:
    """The imported receipts, as `ImportedReceipts`: those that are the present holder's. A file bears the name of the
    holder of its time, so what was set or imported before all proofs of the account began anew is for no eye."""

    def __init__(self, database: Database, store: Path) -> None:
        self._database = database
        self._store = store

    async def months(self, account: str) -> tuple[Month, ...]:
        async with self._database.reading() as connection:
            found = await _ALL_MONTHS.all(connection, {"accounts": [int(account)]})
        return tuple(Month.parse(row.period) for row in found if _is_theirs(row))

    async def find(self, account: str, month: Month) -> ImportedReceipt | None:
        return (await self.found([account], month)).get(account)

    async def found(self, accounts: Collection[str], month: Month) -> dict[str, ImportedReceipt]:
        """Without those whose files are gone: the folder was not restored with the database."""
        async with self._database.reading() as connection:
            numbers = [int(one) for one in accounts]
            rows = await _OF_MONTH.all(connection, {"accounts": numbers, "month": str(month)})
        theirs = [row for row in rows if _is_theirs(row) and _place(self._store, row.digest).is_file()]
        numbered = {f"{row.account:012d}": row for row in theirs}
        return {number: ImportedReceipt(number, month, row.digest, row.size) for number, row in numbered.items()}

    async def read(self, receipt: ImportedReceipt) -> bytes:
        try:
            return _place(self._store, receipt.digest).read_bytes()
        except FileNotFoundError:
            raise ReceiptMissing from None


# Rows of accounts, each with the moment of its import and that from which proofs of the account count.
_imported = receipts.outerjoin(imports, imports.c.id == receipts.c.import_id)
_renewed = _imported.outerjoin(renewals, renewals.c.account == func.printf("%012d", receipts.c.account))
_of_accounts = (
    select(receipts, imports.c.began_at, renewals.c.at.label("renewed_at"))
    .select_from(_renewed)
    .where(among(receipts.c.account, "accounts"))
    .order_by(receipts.c.period)
)
_ALL_MONTHS = PreparedQuery(_of_accounts)
_OF_MONTH = PreparedQuery(_of_accounts.where(receipts.c.period == bindparam("month")))


def _is_theirs(row: Row[Any]) -> bool:
    since: datetime | None = row.renewed_at
    return since is None or (Month.parse(row.period) >= Month.of(since.date()) and row.began_at >= since)


def check_folder(path: Path) -> None:
    """Raises Refused."""
    if path.is_symlink():
        raise Refused("Это ссылка на папку: укажите саму папку.")
