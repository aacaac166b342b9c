"""A command of the bot as a child of the fork server: exactly as `python -m bot …` would run it."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence
from typing import Final

import aiosqlite
import alembic.context
import rich.traceback
import structlog.dev
import typer.rich_utils
import uvloop

import bot.cli.account
import bot.cli.backup
import bot.cli.check
import bot.cli.dead_letters
import bot.cli.registry
import bot.observe
import bot.process

LATE: Final = (
    *(aiosqlite, alembic.context, rich.traceback, structlog.dev, typer.rich_utils, uvloop),
    *(bot.cli.account, bot.cli.backup, bot.cli.check, bot.cli.dead_letters, bot.cli.registry),
    *(bot.observe, bot.process),
)  # imported by commands


def main(arguments: Sequence[str]) -> None:
    sys.argv = ["-m", *arguments]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
