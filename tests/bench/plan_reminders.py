"""A day's reminders put into the outbox, in a process of its own. Its argument: the database's URL. Standard output:
seconds that it took, MiB of the process at most, and reminders that were planned."""

from __future__ import annotations

import asyncio
import resource
import sys
import time

from bot.cli.reminders import remind
from bot.config import GeneralSettings
from bot.profile import own_profile


def main(url: str) -> None:
    told: list[str] = []
    began = time.perf_counter()
    asyncio.run(remind(url, own_profile(), GeneralSettings(), dry=False, say=told.append))
    seconds = time.perf_counter() - began
    planned = told[0].split(": ")[1].split()[0]
    sys.stdout.write(f"{seconds} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024} {planned}\n")


if __name__ == "__main__":
    main(sys.argv[1])
