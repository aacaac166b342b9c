"""Papers set with typst and codes to scan, off the event loop."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any, Final

from services.documents import code, receipt_data
from services.documents.helper import Helper
from services.documents.press import PATIENCE, Press
from services.documents.receipt_data import printable
from services.documents.scale import scale
from services.ports import Chart, CodePicture, Sheet
from services.receipts.models import Receipt

# For the archive, and for people who hear a paper instead of seeing it.
_LASTING: Final = ("ua-1", "a-2a")


class TypstDocuments:
    def __init__(self, patience: int = PATIENCE) -> None:
        """`patience`: seconds that a paper waits for its turn."""
        self._press = Press(patience)
        self._helper = Helper()

    def close(self) -> None:
        self._helper.close()

    async def sheet(self, sheet: Sheet) -> bytes:
        return await self._press.pdf("sheet.typ", partial(asdict, sheet))

    async def receipt(self, receipt: Receipt, *, bulk: bool = False) -> bytes:
        if bulk:
            return await self._helper.receipt(receipt)
        return await self._press.pdf("receipt.typ", partial(receipt_data.of, receipt), _LASTING)

    async def chart(self, chart: Chart) -> bytes:
        return await self._press.png("chart.typ", lambda: asdict(chart) | scale(chart))

    async def code(self, picture: CodePicture) -> bytes:
        return await self._press.png("code.typ", partial(_code, picture))


def _code(picture: CodePicture) -> dict[str, Any]:
    side, path = code.outline(picture.content)
    words = {name: printable(getattr(picture, name)) for name in ("payee", "sum", "account")}
    return words | {"side": side, "path": path}
