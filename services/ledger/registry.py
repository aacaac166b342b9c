"""Import of the supplier's registry files into the ledger.

A line is taken whole or not at all; a chunk of lines is one transaction, so a running bot writes in between and
an import that was killed is simply run again. A line with a known key changes what is there, an equal one changes
nothing, and nothing is ever deleted: what left the supplier's books comes as `closed` or `cancelled`. Columns that the
header does not name keep their values. When a key comes twice, the later line counts. Each file is an import on record.
An account that gets another holder is handed over in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.ext.asyncio import AsyncConnection

from services.db.engine import Database, file_of
from services.db.receipts import note_charged
from services.ledger.batch import Form, read_batch
from services.ledger.encoding import NAMES, Examined, examine
from services.ledger.holders import check_column, compare, hand_over
from services.ledger.horizon import Horizon
from services.ledger.imports import KEEP, begin, forget, note
from services.ledger.layout import LAYOUTS, RECEIPTS, REJECTED, Layout, layout_of
from services.ledger.lines import CHUNK, Chunk, Lines
from services.ledger.occurrences import Occurrences
from services.ledger.papers import PaperImport, check_folder, folder_of, is_papers
from services.ledger.refused import ImportWithdrawn, Refused
from services.ledger.rejects import Rejects
from services.ledger.tables import charges
from services.ledger.writing import strangers, write

_CHANGED = "Файл изменился, пока читался: загрузите его ещё раз."
_NO_PAPERS = "Из папки не взято ни одного файла."
_NOTHING = "Из файла не взято ни одной строки."

# The file, the bytes done, the bytes in all.
OnProgress = Callable[[Path, int, int], None]

_UNKNOWN_NAME = (
    f"Не знаю такого файла: имя начинается с одного из слов {', '.join(layout.name for layout in LAYOUTS)} "
    "и кончается на .csv."
)


@dataclass(frozen=True, slots=True)
class Imported:
    """The lines of one file after an import, or `refusal`: a sentence why it was not read, or not to its end.

    `rejected_path`: where the rejected lines are; None when there are none, or no place to write them. `doubt`: a
    sentence about what is no success although nothing was refused. `encoding` as it is called. `import_id`: by which it
    can be withdrawn. `handed_over`: accounts that got another holder.
    """

    path: Path
    kind: str = ""
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejected_path: Path | None = None
    refusal: str = ""
    doubt: str = ""
    encoding: str = ""
    import_id: int = 0
    handed_over: int = 0

    @property
    def taken(self) -> int:
        """Lines that are in the books now."""
        return self.added + self.changed + self.unchanged


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Options of one run of the import. Without `encoding` it is told from each file's text; without `horizon` lines of
    the future are taken. `new_holders`: a file may give any number of accounts another holder. `now`: aware, UTC.
    `chunk`: bytes that are committed together."""

    encoding: str = ""
    horizon: Horizon | None = None
    new_holders: bool = False
    now: Callable[[], datetime] = field(default=partial(datetime.now, UTC))
    chunk: int = CHUNK


_DEFAULT = ImportOptions()


async def import_registry(
    database: Database,
    paths: Iterable[Path],
    on_progress: OnProgress | None = None,
    options: ImportOptions = _DEFAULT,
) -> list[Imported]:
    """Import files and folders of files, in the order in which they refer to each other."""
    await forget(database, options.now() - KEEP)
    files, reports = _found(paths)
    papers = sorted(file for file in files if is_papers(file))
    unknown = (file for file in files if layout_of(file) is None and file not in papers)
    reports += [Imported(file, refusal=_UNKNOWN_NAME) for file in unknown]
    known = [(layout, file) for file in files if (layout := layout_of(file))]
    for layout, file in sorted(known, key=lambda item: (LAYOUTS.index(item[0]), item[1].name)):
        reports.append(await _import_file(database, layout, file, on_progress, options))
    reports += [await _import_papers(database, file, on_progress, options) for file in papers]
    return reports


def _found(paths: Iterable[Path]) -> tuple[list[Path], list[Imported]]:
    """Files to import, and reports of folders that have none or cannot be read."""
    files: list[Path] = []
    reports: list[Imported] = []
    for path in paths:
        try:
            inside = _files(path)
        except OSError as error:
            reports.append(Imported(path, refusal=f"Папка не читается: {error.strerror}."))
            continue
        files += inside
        if not inside:
            reports.append(Imported(path, doubt="В папке нет файлов реестров. Подключена ли она?"))
    return files, reports


def _files(path: Path) -> list[Path]:
    """The file itself, or a folder's CSV files and those with a registry file's name; rejected lines of earlier imports
    are no input."""
    if is_papers(path) or not path.is_dir():
        return [path]
    names = [(file, file.name.lower()) for file in path.iterdir()]
    known = [file for file, name in names if _is_input(name) and not name.endswith(REJECTED)]
    return known + [file for file, _ in names if file.is_dir() and is_papers(file)]


def _is_input(name: str) -> bool:
    return name.endswith(".csv") or name.rpartition(".")[0] in {layout.name for layout in LAYOUTS}


async def _import_file(
    database: Database, layout: Layout, path: Path, on_progress: OnProgress | None, options: ImportOptions
) -> Imported:
    try:
        with _opened(path) as file:
            examined = examine(file, options.encoding)
            lines = Lines(file, examined.encoding, options.chunk)
            form = Form.of(layout, lines.header)
            about = (examined.size, examined.checksum, NAMES[examined.encoding])
            import_id = await begin(database, layout.name, path.name, about, options.now())
            running = _Import(database, path, examined, form, Rejects(path), options, import_id, Occurrences(form))
            return await running.run(lines, on_progress)
    except Refused as refusal:
        return Imported(path, layout.name, refusal=str(refusal))
    except OSError as error:
        return Imported(path, layout.name, refusal=f"Файл не читается: {error.strerror}.")


async def _import_papers(
    database: Database, path: Path, on_progress: OnProgress | None, options: ImportOptions
) -> Imported:
    running = PaperImport(database, folder_of(file_of(str(database.url))), path, options.horizon, options.now)
    refusal = ""
    try:
        check_folder(path)
        await running.run(on_progress)
    except Refused as refused:
        refusal = str(refused)
    except OSError as error:
        refusal = f"Папка не читается или место для копий закончилось: {error.strerror}."
    return Imported(
        path,
        RECEIPTS.name,
        running.added,
        running.changed,
        running.unchanged,
        rejected=running.rejects.count,
        rejected_path=running.rejects.path,
        refusal=refusal,
        doubt="" if running.taken or refusal else _NO_PAPERS,
        encoding="PDF",
        import_id=running.import_id,
    )


def _opened(path: Path) -> BinaryIO:
    """Raises Refused for a pipe or a device, which might never end."""
    if path.exists() and not path.is_file():
        raise Refused("Это не обычный файл.")
    return path.open("rb")


@dataclass(slots=True)
class _Import:
    """One file on its way; the counts are of what is committed."""

    database: Database
    path: Path
    examined: Examined
    form: Form
    rejects: Rejects
    options: ImportOptions
    import_id: int
    occurrences: Occurrences
    added: int = 0
    changed: int = 0
    taken: int = 0
    handed_over: int = 0

    async def run(self, lines: Lines, on_progress: OnProgress | None) -> Imported:
        size = self.examined.size
        try:
            for chunk in lines.chunks():
                await self._take(chunk)
                if on_progress is not None:
                    on_progress(self.path, lines.file.tell(), size)
        except ImportWithdrawn:
            raise
        except Refused as refusal:
            return self._report(refusal=str(refusal))
        finally:
            self.rejects.close()
        async with self.database.writing() as connection:
            await note(connection, self.import_id, {"ended_at": self.options.now()})
            await connection.commit()
        changed_meanwhile = lines.file.tell() != size or self.path.stat().st_size != size
        return self._report(doubt=_CHANGED if changed_meanwhile else "" if self.taken else _NOTHING)

    async def _take(self, chunk: Chunk) -> None:
        batch = read_batch(self.form, chunk, self.occurrences.complete)
        if self.options.horizon is not None:
            batch = batch.without(self.options.horizon.beyond(self.form, batch.rows))
        async with self.database.writing() as connection:
            batch = batch.without(await strangers(connection, self.form, batch.rows))
            batch = batch.without(await self.occurrences.doubtful(connection, batch.rows))
            rows, others = await compare(connection, self.form, batch.rows)
            if not self.options.new_holders:
                check_column(len(others), len(rows))
            added, changed = await write(connection, self.form, rows, self.import_id)
            await hand_over(connection, others, self.options.now())
            if added + changed and self.form.layout.table is charges:
                await note_charged(connection, set(map(str, self.form.keys(["period"], rows))), self.options.now())
            self._count(len(rows), added, changed, len(others))
            await self._note(connection, self.rejects.count + len(batch.rejected))
            await connection.commit()
        self.rejects.add(sorted(batch.rejected))

    async def _note(self, connection: AsyncConnection, rejected: int) -> None:
        counts = {"added": self.added, "changed": self.changed, "unchanged": self._unchanged, "rejected": rejected}
        await note(connection, self.import_id, counts)

    def _count(self, taken: int, added: int, changed: int, handed_over: int) -> None:
        self.taken += taken
        self.added += added
        self.changed += changed
        self.handed_over += handed_over

    @property
    def _unchanged(self) -> int:
        return self.taken - self.added - self.changed

    def _report(self, *, refusal: str = "", doubt: str = "") -> Imported:
        return Imported(
            self.path,
            self.form.layout.name,
            self.added,
            self.changed,
            self._unchanged,
            rejected=self.rejects.count,
            rejected_path=self.rejects.path,
            refusal=refusal,
            doubt=doubt,
            encoding=NAMES[self.examined.encoding],
            import_id=self.import_id,
            handed_over=self.handed_over,
        )
