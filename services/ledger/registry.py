"""Import of the supplier's registry files into the ledger.

A line is taken whole or not at all; a chunk of lines is one transaction, so a running bot writes in between and
an import that was killed is simply run again. A line with a known key changes what is there, an equal one changes
nothing, and nothing is ever deleted: what left the supplier's books comes as `closed`. Columns that the header
does not name keep their values. When a key comes twice, the later line counts. An account that gets another holder
is handed over in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.db.engine import Database
from services.ledger.batch import Form, read_batch
from services.ledger.holders import compare, hand_over
from services.ledger.layout import LAYOUTS, REJECTED, Layout, layout_of
from services.ledger.lines import Chunk, Lines, Refused
from services.ledger.rejects import Rejects
from services.ledger.writing import strangers, write

# The file, the bytes done, the bytes in all.
OnProgress = Callable[[Path, int, int], None]

_UNKNOWN_NAME = (
    f"Не знаю такого файла: имя начинается с одного из слов {', '.join(layout.name for layout in LAYOUTS)} "
    "и кончается на .csv."
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the lines of one file, or `refusal`: a sentence why none of them was looked at.

    `rejected_path`: where the rejected lines are; None when there are none, or no place to write them. `handed_over`:
    accounts that got another holder.
    """

    path: Path
    kind: str = ""
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejected_path: Path | None = None
    refusal: str = ""
    handed_over: int = 0


def _now() -> datetime:
    return datetime.now(UTC)


async def import_registry(
    database: Database,
    paths: Iterable[Path],
    on_progress: OnProgress | None = None,
    now: Callable[[], datetime] = _now,
) -> list[Imported]:
    """Import files and folders of files, in the order in which they refer to each other. `now`: aware."""
    files = [file for path in paths for file in _files(path)]
    reports = [Imported(file, refusal=_UNKNOWN_NAME) for file in files if layout_of(file) is None]
    known = [(layout, file) for file in files if (layout := layout_of(file))]
    for layout, file in sorted(known, key=lambda item: (LAYOUTS.index(item[0]), item[1].name)):
        reports.append(await _import_file(database, layout, file, on_progress, now))
    return reports


def _files(path: Path) -> list[Path]:
    """The file itself, or the CSV files of a folder; lines rejected earlier are no input."""
    if not path.is_dir():
        return [path]
    names = [(file, file.name.lower()) for file in path.iterdir()]
    return [file for file, name in names if name.endswith(".csv") and not name.endswith(REJECTED)]


async def _import_file(
    database: Database, layout: Layout, path: Path, on_progress: OnProgress | None, now: Callable[[], datetime]
) -> Imported:
    try:
        with path.open("rb") as file:
            lines = Lines(file)
            running = _Import(database, path, Form.of(layout, lines.header), Rejects(path), now)
            return await running.run(lines, on_progress)
    except Refused as refusal:
        return Imported(path, layout.name, refusal=str(refusal))
    except OSError as error:
        return Imported(path, layout.name, refusal=f"Файл не читается: {error.strerror}.")


@dataclass(slots=True)
class _Import:
    """One file on its way; the counts are of what is committed."""

    database: Database
    path: Path
    form: Form
    rejects: Rejects
    now: Callable[[], datetime]
    added: int = 0
    changed: int = 0
    taken: int = 0
    handed_over: int = 0

    async def run(self, lines: Lines, on_progress: OnProgress | None) -> Imported:
        size = self.path.stat().st_size
        try:
            for chunk in lines.chunks():
                await self._take(chunk)
                if on_progress is not None:
                    on_progress(self.path, lines.file.tell(), size)
        finally:
            self.rejects.close()
        return self._report()

    async def _take(self, chunk: Chunk) -> None:
        batch = read_batch(self.form, chunk)
        async with self.database.writing() as connection:
            batch = batch.without(await strangers(connection, self.form, batch.rows))
            rows, others = await compare(connection, self.form, batch.rows)
            added, changed = await write(connection, self.form, rows)
            await hand_over(connection, others, self.now())
            await connection.commit()
        self.rejects.add(sorted(batch.rejected))
        self.added += added
        self.changed += changed
        self.taken += len(batch.rows)
        self.handed_over += len(others)

    def _report(self) -> Imported:
        unchanged = self.taken - self.added - self.changed
        return Imported(
            self.path,
            self.form.layout.name,
            self.added,
            self.changed,
            unchanged,
            self.rejects.count,
            self.rejects.path,
            handed_over=self.handed_over,
        )
