"""Slips in `.env` and in the environment that reading the settings passes over."""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

from dotenv.parser import Binding, parse_stream

ENV_FILE = Path(".env")
ENCODING = "utf-8-sig"  # Windows' editors begin a file with a mark
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_NEARLY = 0.85  # share of equal letters from which on a name is taken for a mistyped one

logging.getLogger("dotenv.main").setLevel(logging.ERROR)  # its warning about a line is told here, once


def slips(known: Collection[str]) -> Iterator[str]:
    """Slips, each in a sentence without values. `known`: names of settings in capitals."""
    yield from _of_file(known)
    for name in sorted(os.environ):
        if name.upper() not in known and (near := nearest(name.upper(), known)):
            yield f"{name} in the environment is no setting, did you mean {near}?"


def nearest(name: str, known: Collection[str], resemblance: float = _NEARLY) -> str | None:
    """The known name that was probably meant. `resemblance`: 1 is equal."""
    return next(iter(get_close_matches(name, known, 1, resemblance)), None)


def _of_file(known: Collection[str]) -> Iterator[str]:
    if ENV_FILE.is_dir():
        yield f"{ENV_FILE} is a folder: it must be a file"
    if not ENV_FILE.is_file():
        return
    if stat.S_IMODE(ENV_FILE.stat().st_mode) & 0o077:
        yield f"{ENV_FILE} can be read by others on this machine: chmod 600 {ENV_FILE.absolute()}"
    seen: dict[str, int] = {}
    for one in parse_stream(StringIO(ENV_FILE.read_text(encoding=ENCODING))):
        yield from _of_line(one, known, seen)


def _of_line(one: Binding, known: Collection[str], seen: dict[str, int]) -> Iterator[str]:
    line, name = _line(one), (one.key or "").upper()
    if one.error or (one.key and one.value is None):
        yield f"{ENV_FILE} line {line} is no NAME=value and is not read"
    elif one.key and name not in known:
        near = nearest(name, known)
        said = one.key if _NAME.fullmatch(one.key) else "this name"
        yield f"{ENV_FILE} line {line}: {said} is no setting" + (f", did you mean {near}?" if near else "")
    elif one.key and name in seen:
        yield f"{ENV_FILE} line {line}: {name} stands in line {seen[name]}, too; this one counts"
    if one.key:
        seen[name] = line


def _line(one: Binding) -> int:
    """The parser counts the empty lines before it in."""
    text = one.original.string
    return one.original.line + text[: len(text) - len(text.lstrip())].count("\n")
