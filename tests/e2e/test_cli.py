"""The command line by environment variables alone, in an empty folder, as a container calls it."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot import __version__
from bot.__main__ import _tell_written
from bot.config import BotSettings, GeneralSettings, WrongSettings, load
from bot.lock import alone
from bot.profile import load_profile
from sandbox.server import Sandbox
from services.db.migrate import newest
from tests.e2e.children import ROOT, TOKEN, bot, environment, python_m_bot

PROFILE = {"SUPPLIER_PROFILE": str(ROOT / "samples" / "supplier.toml")}
READY = {"BOT_TOKEN": TOKEN, "BOT_API_BASE": "http://127.0.0.1:9", **PROFILE}
DAYS = ("--from", "2026-11-01", "--to", "2026-11-30")
HEADER = "account;meter;zone;date;value;source;submission\n"


def said(done: object) -> str:
    """The words of a failed command, never a traceback."""
    words = str(getattr(done, "stderr", ""))
    assert getattr(done, "returncode", None) == 2
    assert "Traceback" not in words
    return words


@pytest.mark.parametrize("command", ["migrate", "run", "import"])
def test_a_new_interpreter_says_and_does_the_same(tmp_path: Path, command: str) -> None:
    """The other tests fork one that has the modules already."""
    said, written = [], []
    for start in (bot, python_m_bot):
        folder = tmp_path / "here"
        folder.mkdir()
        done = start(folder, *command.split(), **PROFILE, LOG_LEVEL="error")
        said.append((done.returncode, done.stdout, done.stderr))
        written.append({(path.name, path.stat().st_mode) for path in folder.rglob("*")})
        shutil.rmtree(folder)
    assert said[0] == said[1]
    assert written[0] == written[1]


def test_from_an_empty_folder_to_an_export(tmp_path: Path) -> None:
    settings = {"LOG_FORMAT": "json", "TIMEZONE": "Asia/Omsk", "READING_DAYS": "20-25", "ADMIN_CHAT_ID": "-1001"}
    assert bot(tmp_path, "migrate", **settings).stdout == "The database is ready.\n"
    imported = bot(tmp_path, "import", str(ROOT / "samples" / "registry"), **PROFILE)
    assert imported.returncode == 0
    assert "accounts.csv: added 40, changed 0, unchanged 0, rejected 0" in imported.stdout
    exported = bot(tmp_path, "export", "readings", "--from", "2026-11-01", "--to", "30.11.2026", "out.csv")
    assert exported.stdout == "0 readings written to out.csv.\n"
    assert (tmp_path / "out.csv").read_text() == HEADER
    assert (tmp_path / "data" / "bot.db").exists()


def test_what_was_exported_is_counted_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    _tell_written(1, "line", Path("out.csv"))
    _tell_written(21, "line", Path("out.csv"))
    assert capsys.readouterr().out == "1 line written to out.csv.\n21 lines written to out.csv.\n"


def test_a_missing_token_is_one_line_with_its_name(tmp_path: Path) -> None:
    words = said(bot(tmp_path, "run", **PROFILE, BOT_API_BASE="http://127.0.0.1:9"))
    assert words == "BOT_TOKEN: Field required\n"


def test_a_wrong_token_is_named_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT_TOKEN", "12345;a-secret")
    with pytest.raises(WrongSettings, match=r"^BOT_TOKEN: must look like ") as caught:
        load(BotSettings)
    assert "a-secret" not in str(caught.value)


def test_every_wrong_setting_is_named(tmp_path: Path) -> None:
    wrong = {"LOG_FORMAT": "xml", "TIMEZONE": "Mars/Base", "READING_DAYS": "99-77", "LOOKUPS_PER_DAY": "-5"}
    words = said(bot(tmp_path, "migrate", **wrong))
    assert [line.partition(":")[0] for line in sorted(words.splitlines())] == sorted(wrong)


@pytest.mark.parametrize("command", ["import .", "export readings --from 2026-11-01 --to 2026-11-02 out.csv"])
def test_a_wrong_database_address_is_named(tmp_path: Path, command: str) -> None:
    words = said(bot(tmp_path, *command.split(), DATABASE_URL="mysql://operator:secret@host/bot"))
    assert words.startswith("DATABASE_URL: ")
    assert "secret" not in words


@pytest.mark.parametrize("command", ["run", "import .", "export readings --from 2026-11-01 --to 2026-11-02 out.csv"])
def test_a_database_without_tables_says_what_to_do(tmp_path: Path, command: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bot.db").touch()
    words = said(bot(tmp_path, *command.split(), **READY))
    assert words.splitlines()[-1] == "The database lacks this version's tables: run `python -m bot migrate` first."


@pytest.mark.parametrize(
    "command",
    [
        *("run", "import .", "imports", "imports --undo 1", "parked", "account 360000123456"),
        "receipts form 2026-10",
        f"export readings {' '.join(DAYS)} out.csv",
    ],
)
def test_a_database_that_is_not_there_is_not_made(tmp_path: Path, command: str) -> None:
    """A command started in another folder would work on an empty one."""
    words = said(bot(tmp_path, *command.split(), **READY)).splitlines()[-1]
    assert words.startswith(f"There is no database {tmp_path / 'data' / 'bot.db'}: run `python -m bot migrate` first")
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_a_folder_or_somebody_elses_is_told(tmp_path: Path) -> None:
    (tmp_path / "data" / "bot.db").mkdir(parents=True)
    words = said(bot(tmp_path, "parked"))
    assert words == "The database cannot be used: unable to open database file (data/bot.db is a folder).\n"


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    words = said(bot(tmp_path, "migrate"))
    assert words == f"{tmp_path / 'data'}: File exists.\n"


def test_a_revision_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    words = said(bot(tmp_path, "migrate", "--to", "garbage"))
    assert words == f"There is no revision 'garbage': the last is {newest()}, and `base` removes every table.\n"


def test_without_a_profile_of_ones_own_nothing_is_served(tmp_path: Path) -> None:
    """Customers would pay to an invented payee."""
    assert bot(tmp_path, "migrate").returncode == 0
    ready = {"BOT_TOKEN": TOKEN, "SUPLIER_PROFILE": "x.toml"}
    words = said(bot(tmp_path, "run", **ready)).splitlines()
    assert "SUPLIER_PROFILE in the environment is no setting, did you mean SUPPLIER_PROFILE?" in words[0]
    assert words[-1] == "SUPPLIER_PROFILE: Field required"
    for command in ("run", "export payments --from 2026-11-01 --to 2026-11-02 out.csv"):
        words = said(bot(tmp_path, *command.split(), BOT_TOKEN=TOKEN, **PROFILE)).splitlines()
        assert words[-1].startswith("SUPPLIER_PROFILE: this is a sample, its payee and documents are invented")
    imported = bot(tmp_path, "import", str(ROOT / "samples" / "registry" / "tariffs.csv"), **PROFILE)
    assert imported.returncode == 0
    assert "`run` would refuse this" in imported.stderr
    assert "this is a sample" in imported.stderr


def test_an_import_leaves_a_line_in_the_log(tmp_path: Path) -> None:
    assert bot(tmp_path, "migrate").returncode == 0
    imported = bot(tmp_path, "import", str(ROOT / "samples" / "registry" / "tariffs.csv"), LOG_FORMAT="json", **PROFILE)
    line = json.loads(imported.stderr.splitlines()[-1])
    assert {name: line[name] for name in ("event", "file", "rejected")} == {
        "event": "imported",
        "file": "tariffs.csv",
        "rejected": 0,
    }
    quiet = bot(tmp_path, "import", str(ROOT / "samples" / "registry" / "tariffs.csv"), LOG_LEVEL="error", **PROFILE)
    assert quiet.stderr == ""


def test_a_command_says_its_version() -> None:
    assert bot(ROOT, "--version").stdout == f"energy-supplier-bot {__version__}\n"


def test_what_commands_write_is_for_their_owner(tmp_path: Path) -> None:
    (tmp_path / "tariffs.csv").write_text("tariff;valid_from;zone;tier;price\nx;never;single;1;1\n")
    assert bot(tmp_path, "migrate").returncode == 0
    assert bot(tmp_path, "import", "tariffs.csv", **PROFILE).returncode == 1
    assert bot(tmp_path, "export", "readings", *DAYS, "out.csv").returncode == 0
    written = [*(tmp_path / "data").iterdir(), *tmp_path.glob("*reject*"), tmp_path / "out.csv"]
    assert len(written) >= 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}


# Exports


@pytest.mark.parametrize(
    "target", ["data/bot.db", "data/bot.db-wal", "data/bot.db.lock", "data/bot.db-sent", ".env", "own.toml", "link.csv"]
)
def test_an_export_spares_what_is_the_bots_own(tmp_path: Path, target: str) -> None:
    assert bot(tmp_path, "migrate").returncode == 0
    (tmp_path / ".env").write_text("SUPPLIER_PROFILE=own.toml")
    (tmp_path / "own.toml").touch()
    (tmp_path / "link.csv").symlink_to("data/bot.db")
    before = (tmp_path / "data/bot.db").read_bytes()
    words = said(bot(tmp_path, "export", "readings", *DAYS, target))
    assert words.splitlines()[-1].endswith(" is the bot's own: choose another file.")
    assert (tmp_path / "data/bot.db").read_bytes() == before
    assert (tmp_path / "own.toml").read_bytes() == b""


def test_an_export_replaces_only_an_export(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account;address\n")
    assert bot(tmp_path, "migrate").returncode == 0
    words = said(bot(tmp_path, "export", "readings", *DAYS, "accounts.csv"))
    assert words.splitlines()[-1] == "accounts.csv is no export, which alone may be replaced: choose another file."
    for _ in range(2):
        assert bot(tmp_path, "export", "readings", *DAYS, "out.csv").returncode == 0
    done = bot(tmp_path, "export", "readings", *DAYS, "-", LOG_LEVEL="error")
    assert (done.stdout, done.stderr) == (HEADER, "0 readings written.\n")
    assert "is a folder: name a file in it" in said(bot(tmp_path, "export", "readings", *DAYS, "data"))


@pytest.mark.parametrize("what", ["readings", "payments"])
def test_days_the_other_way_round_are_refused(tmp_path: Path, what: str) -> None:
    words = said(bot(tmp_path, "export", what, "--from", "2026-11-02", "--to", "01.11.2026", "out.csv"))
    assert "--from" in words
    assert "is after --to" in words
    assert list(tmp_path.iterdir()) == []


def test_help_names_days_as_people_write_them(tmp_path: Path) -> None:
    done = bot(tmp_path, "export", "readings", "--help")
    assert "2026-11-30 or 30.11.2026" in " ".join(done.stdout.replace("│", " ").split())
    assert "%" not in done.stdout
    words = said(bot(tmp_path, "export", "readings", "--from", "30.02.2026", "--to", "2026-11-30", "out.csv"))
    assert "'30.02.2026' is no day such as 2026-11-30" in words
    assert "%" not in words


# Tables


def test_the_way_down_says_what_is_lost_and_is_asked_for_twice(tmp_path: Path) -> None:
    assert bot(tmp_path, "migrate").returncode == 0
    assert bot(tmp_path, "import", str(ROOT / "samples" / "registry"), **PROFILE).returncode == 0
    words = said(bot(tmp_path, "migrate", "--to", "base"))
    assert words.startswith("Nothing was done: this would remove all tables, and with them ")
    assert "ledger_accounts: 40 rows, " in words
    assert words.endswith("To do this all the same: `backup` first, then `migrate --to base --yes`.\n")
    assert bot(tmp_path, "migrate").returncode == 0
    with closing(sqlite3.connect(tmp_path / "data" / "bot.db")) as database:
        assert database.execute("SELECT count(*) FROM ledger_accounts").fetchone() == (40,)
    done = bot(tmp_path, "migrate", "--to", "base", "--yes")
    assert done.stdout.startswith("All tables are removed, and with them ")
    assert "ledger_accounts: 40 rows" in done.stdout
    assert done.stdout.endswith("The database is at base.\n")


@pytest.mark.parametrize("arguments", [(), ("--to", "base", "--yes")])
def test_tables_are_left_alone_while_the_bot_runs(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert bot(tmp_path, "migrate").returncode == 0
    (tmp_path / "link.db").symlink_to("data/bot.db")
    with alone(tmp_path / "data" / "bot.db"):
        for name in ("data/bot.db", "link.db"):
            words = said(bot(tmp_path, "migrate", *arguments, DATABASE_URL=f"sqlite+aiosqlite:///{name}"))
            assert words == f"another process already runs on {name}; stop it first\n"


@pytest.mark.parametrize(
    "command", ["run", "migrate", "import .", "parked", "backup copy.db", f"export readings {' '.join(DAYS)} -"]
)
def test_a_database_of_a_later_version_is_known_by_every_command(tmp_path: Path, command: str) -> None:
    assert bot(tmp_path, "migrate").returncode == 0
    with closing(sqlite3.connect(tmp_path / "data" / "bot.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    words = said(bot(tmp_path, *command.split(), **READY))
    assert words.splitlines()[-1].startswith(
        "The database was made by a later version (its tables are of revision 9999"
    )


def test_a_profile_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongSettings, match=r"^SUPPLIER_PROFILE: cannot read nowhere\.toml: No such file"):
        load_profile(Path("nowhere.toml"), load(GeneralSettings))


def test_an_account_is_shown_and_mended_with_its_own_exit_codes(tmp_path: Path) -> None:
    number = "360000123456"
    assert bot(tmp_path, "migrate").returncode == 0
    bot(tmp_path, "import", str(ROOT / "samples" / "registry"), **PROFILE)
    shown = bot(tmp_path, "account", "36 0000 123456")
    assert (shown.returncode, shown.stdout.splitlines()[0]) == (0, f"Account {number}, active. Times are UTC.")
    for arguments, code, words in (
        (["12345"], 2, "An account number has 12 digits."),
        (["360000999999"], 1, "There is no such account in the registry, and nobody has linked it."),
        ([number, "--unlink", "-abc"], 1, "The account has no link -abc."),
        ([number, "--unlock", "--reset"], 2, "Only one of --unlock, --unlink and --reset at a time."),
    ):
        done = bot(tmp_path, "account", *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (code, "", f"{words}\n")
    assert said(bot(tmp_path, "account", number, "--reset")).endswith("Nothing was done: add --yes.\n")
    assert bot(tmp_path, "account", number, "--reset", "--yes").returncode == 0
    assert "Proofs began anew at" in bot(tmp_path, "account", number).stdout
    renamed = (
        (ROOT / "samples" / "registry" / "accounts.csv").read_text(encoding="utf-8").replace("Ромашкина", "Иванова")
    )
    (tmp_path / "accounts.csv").write_text(renamed, encoding="utf-8")
    assert "rejected 0, holder changed 1" in bot(tmp_path, "import", "accounts.csv", **PROFILE).stdout


async def test_one_database_has_one_running_process(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        settings = {**READY, "BOT_API_BASE": sandbox.url}
        assert (await asyncio.to_thread(bot, tmp_path, "migrate")).returncode == 0
        first = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"), cwd=tmp_path, env=environment(**settings)
        )
        await sandbox.world.updates.poll_begun.wait()
        words = said(await asyncio.to_thread(bot, tmp_path, "run", **settings))
        assert words.splitlines()[-1] == "another process already runs on data/bot.db; stop it first"
        first.send_signal(signal.SIGTERM)
        assert await first.wait() == 0


ACCOUNTS = "account;address\n360000123456;г. Воронеж, ул. Лизюкова, д. 12, кв. 45\n"


def test_the_end_of_an_import_tells_lines_from_files(tmp_path: Path) -> None:
    assert bot(tmp_path, "migrate").returncode == 0
    (folder := tmp_path / "in").mkdir()
    nothing = bot(tmp_path, "import", "in", **PROFILE)
    assert (nothing.returncode, nothing.stdout) == (1, "in: В папке нет файлов реестров. Подключена ли она?\n")
    (folder / "accounts.csv").write_bytes(ACCOUNTS.encode("cp866"))
    done = bot(tmp_path, "import", "in", **PROFILE)
    assert done.returncode == 0
    assert "accounts.csv: added 1, changed 0, unchanged 0, rejected 0 (CP866" in done.stdout
    (folder / "accounts.csv").write_bytes((ACCOUNTS + "1;x\n").encode())
    assert bot(tmp_path, "import", "in", **PROFILE).returncode == 1
    (folder / "meters.csv").write_bytes(b"\x89PNG\r\n")
    assert bot(tmp_path, "import", "in", **PROFILE).returncode == 3


def test_an_unknown_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    words = said(bot(tmp_path, "import", "--encoding", "cp9", "accounts.csv", **PROFILE))
    assert words.startswith("--encoding: must be one of cp1251, cp866,")


def test_imports_are_listed_and_one_is_withdrawn(tmp_path: Path) -> None:
    assert bot(tmp_path, "migrate").returncode == 0
    assert bot(tmp_path, "imports").stdout == "Nothing was imported yet.\n"
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    assert bot(tmp_path, "import", "accounts.csv", **PROFILE).returncode == 0
    header, line = bot(tmp_path, "imports").stdout.splitlines()
    assert header.split() == ["import", "when", "file", "bytes", "SHA-256", "added", "changed", "unchanged", "rejected"]
    assert line.split()[0] == "1"
    assert line.split()[3:] == ["accounts.csv", str((tmp_path / "accounts.csv").stat().st_size), *line.split()[5:]]
    assert line.split()[-4:] == ["1", "0", "0", "0"]
    undone = bot(tmp_path, "imports", "--undo", "1")
    assert undone.stdout == "Import 1 is withdrawn: removed 1, restored 0.\n"
    assert " withdrawn " in bot(tmp_path, "imports").stdout
    for number in (0, 2, 10**30):
        gone = bot(tmp_path, "imports", "--undo", str(number))
        assert (gone.returncode, gone.stdout, gone.stderr) == (1, "", f"There is no import {number}.\n")


def test_a_payment_of_the_future_is_refused_as_a_line(tmp_path: Path) -> None:
    assert bot(tmp_path, "migrate").returncode == 0
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    (tmp_path / "payments.csv").write_text("account;date;amount\n360000123456;2098-01-01;5\n", encoding="utf-8")
    done = bot(tmp_path, "import", "accounts.csv", "payments.csv", **PROFILE)
    assert done.returncode == 1
    assert "payments.csv: added 0, changed 0, unchanged 0, rejected 1" in done.stdout
