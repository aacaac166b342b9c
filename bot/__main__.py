"""The command line: what an operator, a container or a timer calls."""

from __future__ import annotations

import gc

gc.disable()  # modules imported now live as long as the process: `run` freezes it and turns collection on

import asyncio  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable, Coroutine, Sequence  # noqa: E402
from contextlib import suppress  # noqa: E402
from datetime import date, datetime  # noqa: E402
from functools import partial  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Annotated, Any, NoReturn, TypeVar  # noqa: E402

import typer  # noqa: E402
from pydantic_settings import BaseSettings  # noqa: E402

from bot import __version__  # noqa: E402
from bot.config import (  # noqa: E402
    DatabaseSettings,
    GeneralSettings,
    SupplierSettings,
    WrongSettings,
    all_of,
    load,
    load_or_default,
    remarks,
)

Result = TypeVar("Result")
LONGEST_NAME = 64
_PLAIN = (GeneralSettings, DatabaseSettings)

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
export = typer.Typer(no_args_is_help=True, help="Write what customers did, for billing.")
cli.add_typer(export, name="export")
broadcast = typer.Typer(no_args_is_help=True, help="Send a message to many, which two people answer for.")
cli.add_typer(broadcast, name="broadcast")
receipts = typer.Typer(no_args_is_help=True, help="Send receipts to their subscribers.")
cli.add_typer(receipts, name="receipts")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"energy-supplier-bot {__version__}")
        raise typer.Exit


@cli.callback(help=__doc__)
def everything(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which it is.")
    ] = False,
) -> None:
    """Options of the program itself."""


@cli.command()
def run() -> None:
    """Serve customers until SIGTERM."""

    def work() -> Coroutine[Any, Any, None]:
        from bot.process import serve  # other commands start without aiogram

        return serve()

    _do(work, needs=())  # it says all that is wrong


@cli.command()
def migrate(
    to: Annotated[str, typer.Option(help="A revision, or `base` to remove every table.")] = "head",
    yes: Annotated[bool, typer.Option("--yes", help="Lose what goes with the tables.")] = False,
) -> None:
    """Bring the database to the tables of this version; the bot must not run."""
    from bot.cli.tables import bring_to

    typer.echo(_do(lambda: bring_to(load(DatabaseSettings).url, to, yes=yes, say=typer.echo)))


@cli.command(name="import")
def import_(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Registry files or folders of them.")],
    encoding: Annotated[str, typer.Option(help="Of all these files, when it is not seen: cp866, koi8-r …")] = "",
    new_holders: Annotated[bool, typer.Option("--new-holders", help="Many accounts have another holder.")] = False,
) -> None:
    """Take over registry files from billing. Ends with 1 when lines were rejected, with 3 when a file was refused."""
    from bot.cli.registry import import_files
    from services.ledger.encoding import NAMES, known

    named = known(encoding) if encoding else ""
    if named is None:
        typer.echo(f"--encoding: must be one of {', '.join(NAMES)}, not {encoding!r}.", err=True)
        raise typer.Exit(2)

    def work() -> Coroutine[Any, Any, int]:
        from bot.profile import load_profile

        profile = load_profile(load(SupplierSettings).profile, load_or_default(GeneralSettings))  # knows regions' days
        return import_files(load(DatabaseSettings).url, profile, paths, named, new_holders=new_holders)

    if code := _do(work, advise=True):
        raise typer.Exit(code)


@cli.command()
def imports(
    withdraw: Annotated[int | None, typer.Option("--undo", metavar="ID", help="Withdraw one.")] = None,
) -> None:
    """List imports, or withdraw one: rows that it added go, rows that it changed come back."""
    from bot.cli.registry import show_imports, undo_import

    if withdraw is None:
        _do(lambda: show_imports(load(DatabaseSettings).url, typer.echo))
        return
    for sentence in _do(lambda: undo_import(load(DatabaseSettings).url, withdraw)):
        typer.echo(sentence)


def _day(typed: str) -> date:
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        with suppress(ValueError):
            return datetime.strptime(typed, form).date()  # noqa: DTZ007 - a day of the calendar
    raise typer.BadParameter(f"{typed!r} is no day such as 2026-11-30 or 30.11.2026")


Since = Annotated[date, typer.Option("--from", parser=_day, metavar="DAY", help="The first: 2026-11-30 or 30.11.2026.")]
Until = Annotated[date, typer.Option("--to", parser=_day, metavar="DAY", help="The last, itself included.")]
Target = Annotated[Path, typer.Argument(help="The CSV file to write; `-` is standard output.")]


@export.command()
def readings(file: Target, since: Since, until: Until) -> None:
    """Readings that customers submitted, replaced and refused ones left out."""
    from bot.cli.registry import export_readings

    _in_order(since, until)
    count = _do(lambda: export_readings(load(DatabaseSettings).url, file, since, until), advise=True)
    _tell_written(count, "reading", file)


@export.command()
def payments(file: Target, since: Since, until: Until) -> None:
    """Payments of customers; a refund has a line with a negative amount."""
    from bot.cli.registry import export_payments
    from bot.profile import own_profile

    _in_order(since, until)
    count = _do(lambda: export_payments(load(DatabaseSettings).url, own_profile(), file, since, until))
    _tell_written(count, "line", file)


@export.command()
def appeals(file: Target, since: Since, until: Until) -> None:
    """Appeals of customers, with the words of both sides and without names."""
    from bot.cli.registry import export_appeals
    from bot.profile import own_profile

    _in_order(since, until)
    count = _do(lambda: export_appeals(load(DatabaseSettings).url, own_profile(), file, since, until))
    _tell_written(count, "appeal", file)


@export.command()
def paperless(file: Target) -> None:
    """Accounts without paper receipts, and those that have had none and get them again."""
    from bot.cli.registry import export_paperless
    from bot.profile import own_profile

    count = _do(lambda: export_paperless(load(DatabaseSettings).url, own_profile(), file))
    _tell_written(count, "line", file)


@export.command()
def reasons(file: Target, since: Since, until: Until) -> None:
    """Why customers want no receipts by e-mail any more, without who they are."""
    from bot.cli.registry import export_reasons

    _in_order(since, until)
    count = _do(lambda: export_reasons(load(DatabaseSettings).url, file, since, until), advise=True)
    _tell_written(count, "line", file)


def _in_order(since: date, until: date) -> None:
    if since > until:
        raise typer.BadParameter("is after --to", param_hint="--from")


def _tell_written(count: int, what: str, file: Path) -> None:
    to_us = str(file) == "-"
    typer.echo(f"{count} {what}{'' if count == 1 else 's'} written{'' if to_us else f' to {file}'}.", err=to_us)


@cli.command()
def check() -> None:
    """Try everything that the bot needs, also while it runs."""

    def work() -> Coroutine[Any, Any, bool]:
        from bot.cli.check import check as try_everything

        return try_everything(typer.echo)

    if not _do(work, needs=()):  # settings are one of the things it checks
        raise typer.Exit(1)


@cli.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The copy; in a folder it is named by the moment.")],
) -> None:
    """Copy the database, also while the bot runs, and make sure that the copy is good."""
    from bot.cli.backup import make_backup

    typer.echo(_do(lambda: make_backup(load(DatabaseSettings).url, file)))


@cli.command()
def parked(
    retry: Annotated[bool, typer.Option("--retry", help="Have them tried again.")] = False,
) -> None:
    """List the updates that could not be worked off and were put aside."""
    from bot.cli.dead_letters import show_parked

    _do(lambda: show_parked(load(DatabaseSettings).url, retry, typer.echo))


@cli.command()
def account(
    number: Annotated[str, typer.Argument(help="Its 12 digits.")],
    unlock: Annotated[bool, typer.Option("--unlock", help="Let people prove it again.")] = False,
    unlink: Annotated[str | None, typer.Option(help="End the access of this link.", metavar="LINK")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="End every proof of it and what hangs on them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do what cannot be taken back.")] = False,
) -> None:
    """Show the links to an account, without names, and mend them; also while the bot runs."""
    from bot.cli.account import CannotMend, Mend, mend_account
    from services.errors import InputError
    from services.readings import numbers

    if unlock + (unlink is not None) + reset > 1:
        _refuse("Only one of --unlock, --unlink and --reset at a time.", 2)
    try:
        digits = numbers.account_number(number)
    except InputError:
        _refuse("An account number has 12 digits.", 2)
    mend = Mend(unlock, unlink, reset, yes)
    try:
        _do(lambda: mend_account(load(DatabaseSettings).url, digits, mend, typer.echo))
    except CannotMend as reason:
        _refuse(str(reason), reason.code)


def _refuse(reason: str, code: int) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(code)


@receipts.command()
def form(
    period: Annotated[str, typer.Argument(help="The charged month: 2026-10 or 10.2026.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and form nothing.")] = False,
) -> None:
    """Send the receipts of a month to all subscribers, each once; also while the bot runs. Ends with 1 when nothing
    is charged in it."""
    from bot.cli.receipts import WrongMonth, form_receipts
    from bot.config import MailSettings
    from bot.profile import own_profile

    def work() -> Coroutine[Any, Any, int]:
        url, mails = load(DatabaseSettings).url, bool(load(MailSettings).url)
        return form_receipts(url, own_profile(), period, mails=mails, dry=dry_run, say=typer.echo)

    try:
        code = _do(work, needs=(*_PLAIN, MailSettings))
    except WrongMonth as reason:
        _refuse(str(reason), 2)
    if code:
        raise typer.Exit(code)


@cli.command()
def remind(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and plan nothing.")] = False,
) -> None:
    """Plan the reminders of today, each once; also while the bot runs, which does so by itself."""
    from bot.cli.reminders import remind as plan
    from bot.profile import own_profile

    def work() -> Coroutine[Any, Any, None]:
        url, general = load(DatabaseSettings).url, load(GeneralSettings)
        return plan(url, own_profile(), general, dry=dry_run, say=typer.echo)

    _do(work)


def _name(typed: str) -> str:
    if not 0 < len(name := typed.strip()) <= LONGEST_NAME:
        raise typer.BadParameter(f"a name has 1 to {LONGEST_NAME} characters")
    return name


def _filled(typed: str) -> str:
    """An option that is given without a value, as by a script's empty variable, would mean all customers."""
    if not typed.strip():
        raise typer.BadParameter("it is empty; leave it out to mean all customers")
    return typed


BroadcastId = Annotated[int, typer.Argument(metavar="ID", min=1, max=2**31)]
By = Annotated[str, typer.Option("--by", parser=_name, metavar="NAME", help="Your name.")]
TextFile = Annotated[Path, typer.Argument(exists=True, help="The text, UTF-8.")]


@broadcast.command()
def create(
    file: TextFile,
    by: By,
    region: Annotated[str | None, typer.Option(parser=_filled, metavar="NAME", help="Its name in the profile.")] = None,
    street: Annotated[str | None, typer.Option(parser=_filled, metavar="STREET", help="A part of the address.")] = None,
    accounts: Annotated[Path | None, typer.Option(exists=True, help="A file with an account number a line.")] = None,
) -> None:
    """Make one for all, or for a region, a street, some accounts; show the text and how many people get it."""
    from bot.cli.broadcasts import listed
    from services.broadcasts.models import Audience

    def audience() -> Audience:
        return Audience(region or "", street or "", listed(accounts) if accounts else ())

    _make_broadcast(file, audience, by)


@broadcast.command()
def correct(number: BroadcastId, file: TextFile, by: By) -> None:
    """Make one for exactly those to whom an earlier one went."""
    from services.broadcasts.models import Audience

    _make_broadcast(file, lambda: Audience(corrects=number), by)


def _make_broadcast(file: Path, audience: Callable[[], Any], by: str) -> None:
    from bot.cli.broadcasts import create as make
    from bot.profile import own_profile

    _broadcast(lambda: make(load(DatabaseSettings).url, own_profile(), file, audience, by, typer.echo))


@broadcast.command()
def confirm(number: BroadcastId, by: By) -> None:
    """Send one that another person has made; also while the bot runs. Once more: go on after an interruption."""
    from bot.cli.broadcasts import confirm as queue
    from bot.profile import own_profile

    _broadcast(lambda: queue(load(DatabaseSettings).url, own_profile(), number, by, typer.echo))


@broadcast.command()
def stop(number: BroadcastId) -> None:
    """Send nothing more of one."""
    from bot.cli.broadcasts import stop as hold
    from bot.profile import own_profile

    _broadcast(lambda: hold(load(DatabaseSettings).url, own_profile(), number, typer.echo))


def _broadcast(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    from locales import catalog
    from services.broadcasts.errors import CannotBroadcast

    try:
        _do(work)
    except CannotBroadcast as reason:
        _refuse(catalog("en").gettext(reason.text).format(**reason.facts), 2)


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Of the page; 0 takes a free one.")] = 8080,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what was done before.")] = False,
) -> None:
    """Try everything in a browser on this machine."""
    from importlib.util import find_spec

    if not (find_spec("sandbox") and find_spec("aiosmtpd")):
        typer.echo("The demo is not installed here: `make demo` in a checkout brings what it needs.", err=True)
        raise typer.Exit(2)
    again = ["--fresh"] if fresh else []
    os.execv(sys.executable, [sys.executable, "-m", "sandbox.demo", "--port", str(port), *again])  # noqa: S606


def _do(
    work: Callable[[], Coroutine[Any, Any, Result]],
    *,
    needs: Sequence[type[BaseSettings]] = _PLAIN,
    advise: bool = False,
) -> Result:
    """Run a command; an error that the operator can mend is one sentence, not a traceback.

    `needs`: parts of the settings that must be right before it begins. `advise`: say in the log what would keep `run`
    from the supplier's profile.
    """
    from sqlalchemy.exc import DBAPIError

    from bot.lock import AlreadyRunning
    from bot.profile import unusable
    from services.db.backup import NoBackup
    from services.db.engine import file_of
    from services.db.file import explained
    from services.db.migrate import CannotMigrate
    from services.files import Spared
    from services.ledger.imports import CannotUndo

    os.umask(0o077)  # files hold personal data
    code = 2
    try:
        log = _set_up()
        all_of({part.__name__: partial(load, part) for part in needs})
        if advise and (why := unusable()):
            log.warning("`run` would refuse this", why=why)
        with asyncio.Runner(loop_factory=_event_loop()) as runner:
            return runner.run(work())
    except CannotUndo as error:
        words, code = str(error), 1
    except (WrongSettings, AlreadyRunning, CannotMigrate, NoBackup, Spared) as error:
        words = str(error)
    except OSError as error:
        what = error.strerror or str(error)
        words = f"{error.filename}: {what}." if error.filename else f"{what}."
    except DBAPIError as error:
        words = f"The database cannot be used: {explained(file_of(load(DatabaseSettings).url), error.orig)}."
    _refuse(words, code)


def _set_up() -> Any:
    """Logging; names in the settings that mean nothing are told at once."""
    import structlog

    from bot.observe import set_up_logging

    general = load_or_default(GeneralSettings)
    set_up_logging(general.log_format, general.log_level)
    log = structlog.get_logger("settings")
    for remark in remarks():
        log.warning(remark)
    return log


def _event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """libuv's where it is installed: threads wake it with less ado."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    cli()
