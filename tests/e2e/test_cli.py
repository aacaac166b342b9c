"""The command line by environment variables alone, in an empty folder, as a container calls it."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from bot.__main__ import _tell_written
from bot.config import BotSettings, GeneralSettings, WrongSettings, load
from bot.profile import load_profile
from sandbox.server import Sandbox
from services.db.migrate import newest
from tests.e2e.children import ROOT, TOKEN, bot, environment

PROFILE = {"SUPPLIER_PROFILE": str(ROOT / "samples" / "supplier.toml")}
READY = {"BOT_TOKEN": TOKEN, **PROFILE}
HEADER = "account;meter;zone;date;value;source;submission\n"


def said(done: object) -> str:
    """What a failed command told, which is never a traceback."""
    words = str(getattr(done, "stderr", ""))
    assert getattr(done, "returncode", None) == 2
    assert "Traceback" not in words
    return words


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
    words = said(bot(tmp_path, "run", **PROFILE))
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
    words = said(bot(tmp_path, *command.split(), **READY))
    assert words.splitlines()[-1] == "The database lacks this version's tables: run `python -m bot migrate` first."


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    words = said(bot(tmp_path, "migrate"))
    assert words == "[Errno 17] File exists: 'data'\n"


def test_a_revision_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    words = said(bot(tmp_path, "migrate", "--to", "garbage"))
    assert words == f"There is no revision 'garbage': the last is {newest()}, and `base` removes every table.\n"


def test_a_profile_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongSettings, match=r"^SUPPLIER_PROFILE: cannot read nowhere\.toml: No such file"):
        load_profile(Path("nowhere.toml"), load(GeneralSettings))


async def test_one_database_has_one_running_process(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        settings = {**READY, "BOT_API_BASE": sandbox.url}
        assert bot(tmp_path, "migrate").returncode == 0
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
    assert said(bot(tmp_path, "imports", "--undo", "2")) == "There is no import 2.\n"


def test_a_payment_of_the_future_is_refused_as_a_line(tmp_path: Path) -> None:
    assert bot(tmp_path, "migrate").returncode == 0
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    (tmp_path / "payments.csv").write_text("account;date;amount\n360000123456;2098-01-01;5\n", encoding="utf-8")
    done = bot(tmp_path, "import", "accounts.csv", "payments.csv", **PROFILE)
    assert done.returncode == 1
    assert "payments.csv: added 0, changed 0, unchanged 0, rejected 1" in done.stdout
