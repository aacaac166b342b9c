"""Steps that several tests of payments share."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from typing import Any

from tests.harness import BotHarness
from tests.people import Someone


async def invoice(someone: Someone, typed: str) -> None:
    """Up to the link to a sum of one's own."""
    await someone.send(f"/pay {typed}")


def paying(someone: Someone) -> list[str]:
    """Buttons that lead to the provider, or ask it, in all messages."""
    return [label for label in someone.labels if label.startswith(("Картой или СБП", "Перейти к оплате", "Проверить"))]


def order_row(harness: BotHarness) -> dict[str, Any]:
    """The newest order as the database holds it."""
    with closing(sqlite3.connect(harness.database)) as connection:
        connection.row_factory = sqlite3.Row
        return dict(connection.execute("SELECT * FROM orders ORDER BY number DESC").fetchone())


def read_code(png: bytes) -> str:
    """The text that a scanner finds in a picture."""
    import zxingcpp
    from PIL import Image

    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return found.text
