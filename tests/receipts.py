"""Receipts on paper, more of them than tests have time for: printed, read, scanned; `registry` beside the screens.

python -m tests.receipts registry
python -m tests.receipts invented 10000
python -m tests.receipts look FILE.pdf
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Final

import hypothesis

from services.supplier.models import ReceiptFacts
from tests.conftest import fill
from tests.services.office import office_at
from tests.services.printed import PAPER, check, look
from tests.services.receipt_examples import adds_up, example, facts, invented

_READ: Final = 10  # of so many invented ones one is read, too: it takes longer than all else


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.receipts", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    parts.add_parser("registry", help="every receipt of the sample registry")
    parts.add_parser("invented", help="so many receipts that hypothesis invents").add_argument("count", type=int)
    parts.add_parser("look", help="the receipt of the example, as a file").add_argument("file", type=Path)
    given = parser.parse_args()
    match given.part:
        case "registry":
            asyncio.run(_registry())
        case "invented":
            _invented(given.count)
        case "look":
            given.file.write_bytes(asyncio.run(PAPER.receipt(example())))


async def _registry() -> None:
    began, seen = time.monotonic(), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bot.db"
        await fill(path)
        async with office_at(path) as office:
            for account in await office.accounts():
                for month in await office.months(account):
                    one = await office.check(account, month)
                    adds_up(one)
                    seen["owed" if one.to_pay > 0 else "advance" if one.to_pay < 0 else "nothing to pay"] += 1
                    _progress(seen.total())
    _tell(seen, began)


def _invented(count: int) -> None:
    began, seen = time.monotonic(), Counter[str]()

    @invented(count)
    @hypothesis.given(facts())
    def each(found: ReceiptFacts) -> None:
        one = example(found)
        adds_up(one)
        if int(one.account) % _READ == 0:
            pages = len(asyncio.run(check(one)).pages)
        else:
            asyncio.run(PAPER.receipt(one))
            pages = look(one)
        seen[f"of {pages} page{'s' * (pages > 1)}"] += 1
        _progress(seen.total())

    each()
    _tell(seen, began)


def _progress(count: int) -> None:
    if count % 100 == 0:
        sys.stderr.write(f"\r{count} ")


def _tell(seen: Counter[str], began: float) -> None:
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(seen.items()))
    seconds = time.monotonic() - began
    sys.stdout.write(f"{seen.total()} receipts are sound: {kinds}; {seconds:.0f} s\n")


if __name__ == "__main__":
    main()
