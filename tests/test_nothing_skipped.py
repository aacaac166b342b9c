"""CI's promise that nothing is skipped, held against a run that skips."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = "import pytest\ndef test_shown(): pass\ndef test_skipped(): pytest.skip('no browser')\n"


@pytest.mark.parametrize(("plugin", "code"), [([], 0), (["-p", "tests.nothing_skipped"], 1)])
def test_a_skipped_test_fails_where_nothing_may_be_skipped(tmp_path: Path, plugin: list[str], code: int) -> None:
    (tmp_path / "test_it.py").write_text(SKIPPED)
    command = [sys.executable, "-m", "pytest", "--rootdir", str(tmp_path), *plugin, "-p", "no:cacheprovider", "-q", "."]
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        command, cwd=tmp_path, env={**settings, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("1 passed, 1 skipped in ")
