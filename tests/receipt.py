"""A receipt of the example, to look at: python -m tests.receipt FILE.pdf"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from services.documents import TypstDocuments
from tests.services.receipt_examples import example


def main(path: Path) -> None:
    path.write_bytes(asyncio.run(TypstDocuments().receipt(example())))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
