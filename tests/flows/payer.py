"""What several tests of payments do."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from typing import Any

from tests.people import Someone
from tests.town import Town


async def pay_sum(someone: Someone, typed: str) -> None:
    """Up to the question how to pay."""
    await someone.send("/pay")
    await someone.press("Другая сумма")
    await someone.send(typed)


async def invoice(someone: Someone, typed: str) -> None:
    """Up to the link."""
    await pay_sum(someone, typed)
    await someone.press("Картой или через СБП")


def order_row(town: Town) -> dict[str, Any]:
    """The newest order as the database holds it."""
    with closing(sqlite3.connect(town.database)) as connection:
        connection.row_factory = sqlite3.Row
        return dict(connection.execute("SELECT * FROM orders ORDER BY number DESC").fetchone())


def read_code(png: bytes) -> str:
    """What a scanner finds in a picture."""
    import zxingcpp
    from PIL import Image

    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return found.text
