"""`python -m tools.texts`: brings the catalogs up to the code's texts; `--check` only says whether they are.

pybabel writes the day and places of its own into every file; these catalogs change only when a text does.
"""

from __future__ import annotations

import sys
import tomllib
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parent.parent
ROOMS: Final = ("bot", "handlers", "services", "locales")
KEYWORDS: Final = {**DEFAULT_KEYWORDS, "N_": None, "plural": (1, 2)}


def template() -> Catalog:
    """Every text that the code shows."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    methods = [(one["pattern"], one["method"]) for one in settings["tool"]["babel"]["mappings"]]
    found = Catalog()
    for room in ROOMS:
        for _file, _line, message, comments, context in extract_from_dir(
            str(ROOT / room), methods, keywords=KEYWORDS, comment_tags=["NOTE:"], strip_comment_tags=True
        ):
            found.add(message, auto_comments=comments, context=context)
    return found


def updated(file: Path, texts: Catalog) -> bytes:
    """The catalog as it ought to be: translations kept, new texts empty, those that are gone left out."""
    language = file.parent.parent.name
    with file.open("rb") as old:
        catalog = read_po(old, locale=language)
    catalog.update(texts, no_fuzzy_matching=True)
    body = BytesIO()
    write_po(body, catalog, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    return _header(language).encode() + body.getvalue().strip() + b"\n"


def _header(language: str) -> str:
    count, rule = get_plural(language)
    lines = (
        f"Language: {language}",
        f"Plural-Forms: nplurals={count}; plural={rule};",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    )
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"


def main() -> None:
    """Update, or with --check end with 1 when a catalog would change."""
    texts, stale = template(), []
    for file in sorted((ROOT / "locales").glob("*/LC_MESSAGES/*.po")):
        wanted = updated(file, texts)
        if wanted == file.read_bytes():
            continue
        stale.append(file.relative_to(ROOT))
        if "--check" not in sys.argv:
            file.write_bytes(wanted)
    for file in stale:
        sys.stdout.write(
            f"{file} is {'behind the code: make texts' if '--check' in sys.argv else 'brought up to date'}\n"
        )
    sys.exit(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    main()
