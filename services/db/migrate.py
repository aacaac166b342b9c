"""Bringing a database to the tables of this version, and back."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, table, text

from services.db.engine import Database

_FOLDER = Path(__file__).parent / "migrations"
LATER = (
    "The database was made by a later version (its tables are of revision {}, which this version does not know): "
    "run that version, or restore a backup made before."
)


class CannotMigrate(Exception):
    """Says in a sentence why not."""


async def migrate(database: Database, to: str = "head") -> None:
    """`to`: a revision; `base` removes everything. Raises CannotMigrate."""
    async with database.writing() as connection:
        await connection.run_sync(_run, to)
        await connection.commit()


async def revision(database: Database) -> str | None:
    """The revision of the tables, None when there are none; cheap enough for every start."""
    async with database.reading() as connection:
        return await connection.run_sync(_revision)


async def rows(database: Database) -> dict[str, int]:
    """Numbers of rows by table."""
    async with database.reading() as connection:
        names = await connection.run_sync(lambda one: sorted(inspect(one).get_table_names()))
        counts = [
            (await connection.execute(select(func.count()).select_from(table(name)))).scalar_one() for name in names
        ]
    return {name: count for name, count in zip(names, counts, strict=True) if name != "alembic_version"}


def is_later(found: str | None) -> bool:
    """Whether a version made these tables that came after this one."""
    return found is not None and found not in revisions() and found > newest()


def newest() -> str:
    """The revision that the code expects: files are named by their order."""
    return max(revisions())


def revisions() -> set[str]:
    """All that the code knows."""
    return {path.stem.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py")}


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _run(connection: Connection, to: str) -> None:
    from alembic import command  # half a second of import that only migrations need
    from alembic.config import Config

    _check_way(_revision(connection), to)
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_FOLDER))
    if to == "base":
        command.downgrade(config, to)
    else:
        command.upgrade(config, to)


def _check_way(current: str | None, to: str) -> None:
    """Raises CannotMigrate."""
    known = revisions()
    if to not in {"head", "base", *known}:
        raise CannotMigrate(f"There is no revision {to!r}: the last is {newest()}, and `base` removes every table.")
    if is_later(current):
        raise CannotMigrate(LATER.format(current))
    if current is not None and current not in known:
        raise CannotMigrate(f"The database has tables of revision {current}, which this version does not know.")
    if current is not None and to in known and to < current:
        raise CannotMigrate(f"The database is already at {current}: only `base` leads back.")
