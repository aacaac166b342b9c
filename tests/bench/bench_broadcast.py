"""(p) How near a broadcast comes to Telegram's own pace, without and against payment, 60 ms away: what it costs, how
soon it goes on after a refusal, how long others wait meanwhile; and beside other libraries for aiogram, as far as they
are installed."""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import orjson

from bot.outbox.rate_limiter import BULK
from tests.bench import recipients
from tests.bench.bench_updates import bot_settings, forget, start
from tests.bench.flooded import TALKERS
from tests.bench.limited import FREE, PAID, Figures
from tests.bench.stock_broadcast import LIBRARIES, SEND_MESSAGE
from tests.bench.table import Row

MOST: Final = 10.0  # seconds until the pace is there again
_BOT: Final = ["-m", "bot", "run"]
_STOCK: Final = ["-m", "tests.bench.stock_broadcast"]  # and a library
_FREE: Final = {"BROADCAST_RATE": str(FREE)}
_PAID: Final = {"PAID_BROADCAST": "true"}


@dataclass(frozen=True, slots=True)
class Measured:
    """`busy`: cores that the bot took."""

    figures: Figures
    busy: float


def run(quick: bool) -> list[Row]:
    seconds = 3.0 if quick else 60.0
    with tempfile.TemporaryDirectory() as folder:
        url = asyncio.run(recipients.build(Path(folder), int((seconds + 5) * PAID), TALKERS))
        paid = _send(url, _PAID, seconds)
        free = _send(url, _FREE, seconds, "forced")
        usual = _send(url, {}, seconds / 2, "talking").figures
        fast = _send(url, _FREE, seconds / 2, "talking").figures
        quiet = _measure(_BOT, {"DATABASE_URL": url}, seconds / 2, "talking").figures
    stock = _measure([*_STOCK, SEND_MESSAGE], {}, seconds / 4)
    others = {
        name: _measure([*_STOCK, name], {}, seconds / 4).figures.rate
        for name in LIBRARIES
        if find_spec(name.split()[0])
    }
    return [
        _share("a broadcast", free.figures, FREE),
        _share("a broadcast that is paid for", paid.figures, PAID),
        Row("cores that the paid one takes, beside one", paid.busy, 1.0, paid.busy, "cores"),
        _cost("a paid message, beside aiogram's send_message alone", paid, stock),
        Row("after a 429: until 90 % of the pace", free.figures.recovered, MOST, free.figures.recovered / MOST, "s"),
        _waited(f"others' p95 during a broadcast at the usual {BULK}/s", usual, quiet),
        _waited(f"others' p95 during one at {FREE}/s", fast, quiet),
        *(
            Row(f"beside {name}", free.figures.rate, rate, free.figures.rate / rate, "messages/s")
            for name, rate in others.items()
        ),
    ]


def _share(name: str, figures: Figures, most: int) -> Row:
    return Row(f"{name}, {figures.refused} refused", figures.rate, most, figures.rate / most, "messages/s")


def _waited(name: str, during: Figures, quiet: Figures) -> Row:
    name = f"{name}, {during.refused} refused"
    return Row(name, during.waited, quiet.waited, during.waited / quiet.waited, "s")


def _cost(name: str, ours: Measured, theirs: Measured) -> Row:
    """Milliseconds of a core a message."""
    one, other = (1000 * measured.busy / measured.figures.rate for measured in (ours, theirs))
    return Row(name, one, other, one / other, "ms")


def _send(url: str, settings: dict[str, str], seconds: float, *options: str) -> Measured:
    recipients.tell(url, TALKERS)
    measured = _measure(_BOT, settings | {"DATABASE_URL": url}, seconds, *options)
    recipients.clear(url)
    asyncio.run(forget(url))
    return measured


def _measure(command: list[str], settings: dict[str, str], seconds: float, *options: str) -> Measured:
    server = start(["-m", "tests.bench.limited", str(seconds), *options], {})
    assert server.stdout
    base = server.stdout.readline().strip()
    bot = start(command, bot_settings(base) | settings)
    try:
        server.stdout.readline()
        before = _processor_seconds(bot.pid)
        server.stdout.readline()
        busy = (_processor_seconds(bot.pid) - before) / seconds
        return Measured(Figures(**orjson.loads(server.stdout.readline())), busy)
    finally:
        for process in (bot, server):
            process.terminate()
            process.communicate()


def _processor_seconds(process: int) -> float:
    """Of all its threads so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    print(*run(quick=True), sep="\n")  # noqa: T201
