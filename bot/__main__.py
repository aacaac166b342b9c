"""The command line: what an operator, a container or a timer calls."""

from __future__ import annotations

import gc

gc.disable()  # what is imported now lives as long as the process: `run` freezes it and turns collection on

import asyncio  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable, Coroutine  # noqa: E402
from datetime import datetime  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Annotated, Any, TypeVar  # noqa: E402

import typer  # noqa: E402

from bot.config import (  # noqa: E402
    BotSettings,
    DatabaseSettings,
    GeneralSettings,
    SupplierSettings,
    WrongSettings,
    load,
)

Result = TypeVar("Result")

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
export = typer.Typer(no_args_is_help=True, help="Write what customers did, for billing.")
cli.add_typer(export, name="export")


@cli.command()
def run() -> None:
    """Serve customers until SIGTERM."""

    def work() -> Coroutine[Any, Any, None]:
        load(BotSettings)  # a missing token is said at once, not after seconds of imports
        from bot.process import serve  # other commands start without aiogram

        return serve()

    _do(work)


@cli.command()
def migrate(to: Annotated[str, typer.Option(help="A revision, or `base` to remove every table.")] = "head") -> None:
    """Bring the database to the tables of this version."""
    from services.db.engine import Database
    from services.db.migrate import migrate as run_migrations

    async def work() -> None:
        database = Database(load(DatabaseSettings).url)
        try:
            await run_migrations(database, to)
        finally:
            await database.close()

    _do(work)
    typer.echo("The database is ready." if to == "head" else f"The database is at {to}.")


@cli.command(name="import")
def import_(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Registry files or folders of them.")],
    encoding: Annotated[str, typer.Option(help="Of all these files, when it is not seen: cp866, koi8-r …")] = "",
) -> None:
    """Take over registry files from billing. Ends with 1 when lines were rejected, with 3 when a file was refused."""
    from bot.registry import import_files
    from services.ledger.encoding import NAMES, known

    named = known(encoding) if encoding else ""
    if named is None:
        typer.echo(f"--encoding: must be one of {', '.join(NAMES)}, not {encoding!r}.", err=True)
        raise typer.Exit(2)

    def work() -> Coroutine[Any, Any, int]:
        from bot.profile import load_profile

        url = load(DatabaseSettings).url
        profile = load_profile(load(SupplierSettings).profile, load(GeneralSettings))  # which day it is where
        return import_files(url, profile, paths, named)

    if code := _do(work):
        raise typer.Exit(code)


@cli.command()
def imports(
    withdraw: Annotated[int, typer.Option("--undo", metavar="ID", help="Withdraw one.")] = 0,
) -> None:
    """List what was imported; an import that is withdrawn leaves what was there before."""
    from bot.registry import show_imports, undo_import

    if not withdraw:
        _do(lambda: show_imports(load(DatabaseSettings).url, typer.echo))
        return
    for sentence in _do(lambda: undo_import(load(DatabaseSettings).url, withdraw)):
        typer.echo(sentence)


@export.command()
def readings(
    file: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d", "%d.%m.%Y"])],
    until: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d", "%d.%m.%Y"], help="Included.")],
) -> None:
    """Readings that customers submitted, replaced and refused ones left out."""
    from bot.registry import export_readings

    first, last = since.date(), until.date()
    count = _do(lambda: export_readings(load(DatabaseSettings).url, file, first, last))
    _tell_written(count, "reading", file)


@export.command()
def payments(
    file: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d", "%d.%m.%Y"])],
    until: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d", "%d.%m.%Y"], help="Included.")],
) -> None:
    """What customers paid; what was given back has a line with a negative amount."""
    from bot.profile import load_profile
    from bot.registry import export_payments

    def work() -> Coroutine[Any, Any, int]:
        profile = load_profile(load(SupplierSettings).profile, load(GeneralSettings))
        return export_payments(load(DatabaseSettings).url, profile, file, since.date(), until.date())

    _tell_written(_do(work), "line", file)


def _tell_written(count: int, what: str, file: Path) -> None:
    typer.echo(f"{count} {what}{'' if count == 1 else 's'} written to {file}.")


@cli.command()
def check() -> None:
    """Try everything that the bot needs, also while it runs."""

    def work() -> Coroutine[Any, Any, bool]:
        from bot.check import check as try_everything

        return try_everything(typer.echo)

    if not _do(work, log_format="console"):  # wrong settings are among what is looked for
        raise typer.Exit(1)


@cli.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The copy; in a folder it is named by the moment.")],
) -> None:
    """Copy the database, also while the bot runs, and make sure that the copy is good."""
    from bot.backup import make_backup

    typer.echo(_do(lambda: make_backup(load(DatabaseSettings).url, file)))


@cli.command()
def parked(
    retry: Annotated[bool, typer.Option("--retry", help="Have them tried again.")] = False,
) -> None:
    """List the updates that could not be worked off and were put aside."""
    from bot.parked import show_parked

    _do(lambda: show_parked(load(DatabaseSettings).url, retry, typer.echo))


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Of the page; 0 takes a free one.")] = 8080,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what was done before.")] = False,
) -> None:
    """Try everything in a browser on this machine."""
    import os
    from importlib.util import find_spec

    if not (find_spec("sandbox") and find_spec("aiosmtpd")):
        typer.echo("The demo is not installed here: `make demo` in a checkout brings what it needs.", err=True)
        raise typer.Exit(2)
    again = ["--fresh"] if fresh else []
    os.execv(sys.executable, [sys.executable, "-m", "sandbox.demo", "--port", str(port), *again])  # noqa: S606


def _do(work: Callable[[], Coroutine[Any, Any, Result]], log_format: str | None = None) -> Result:
    """Run a command's work; what an operator can mend is one sentence, not a traceback."""
    from sqlalchemy.exc import DBAPIError

    from bot.lock import AlreadyRunning
    from services.db.backup import NoBackup
    from services.db.migrate import CannotMigrate
    from services.ledger.imports import CannotUndo

    try:
        from bot.observe import set_up_logging

        set_up_logging(log_format or load(GeneralSettings).log_format)
        with asyncio.Runner(loop_factory=_event_loop()) as runner:
            return runner.run(work())
    except (WrongSettings, AlreadyRunning, CannotMigrate, CannotUndo, NoBackup, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except DBAPIError as error:
        typer.echo(f"The database cannot be used: {error.orig}.", err=True)
        raise typer.Exit(2) from None


def _event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """libuv's where it is installed: threads wake it with less ado."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    cli()
