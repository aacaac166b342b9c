"""A process that sets receipts at low priority: pickled receipts come in, PDF goes out.

It ends with the bot, whose end of the pipe closes however that comes, and when it has had nothing to do for a while.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import select
import sys

from services.documents import TypstDocuments

_LOWER = 10  # of 19: where the system knows no idle class
_IDLE = 60  # seconds without a receipt


def main() -> None:
    _step_back()
    receipts, papers = sys.stdin.buffer, sys.stdout.buffer
    documents = TypstDocuments()
    with asyncio.Runner() as runner:
        while select.select([receipts], [], [], _IDLE)[0]:
            try:
                receipt = pickle.load(receipts)  # noqa: S301  # from the bot itself
            except EOFError:
                return
            made: bytes | str
            try:
                made = runner.run(documents.receipt(receipt))
            except Exception as error:  # noqa: BLE001  # of one receipt; its words may hold personal data
                made = type(error).__name__
            pickle.dump(made, papers)
            papers.flush()


def _step_back() -> None:
    """Answers go first: the process gets the time of the processor that nothing else wants."""
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(_LOWER)


if __name__ == "__main__":
    main()
