"""What a child of the nursery does to be the bot: exactly what `python -m bot run` does, and it says when it runs."""

from __future__ import annotations

import gc
import logging
import sys
from typing import Final

import uvloop

import bot.process
from bot.__main__ import cli
from locales import LANGUAGES, catalog
from tests.faults.nursery import say_ready

ENTRY: Final = "tests.faults.bot_child:main"
WARM: Final = (bot.process, uvloop)  # what `run` imports late

for language in LANGUAGES:
    catalog(language)


class _Listener(logging.Handler):
    """The process logs that it runs."""

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, dict) and record.msg.get("event") == "running":
            say_ready()


def main() -> None:
    logging.getLogger("process").addHandler(_Listener())
    sys.argv = ["bot", "run"]
    gc.disable()  # as the import of `bot.__main__` does in a new process
    cli()
