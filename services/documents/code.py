"""QR codes drawn as pictures, and read back.

Drawn with segno and not with zxing-cpp, which is ten times as fast but packs runs of digits into segments of their
own: such a payment code OpenCV's reader cannot read. segno keeps all in one byte segment and writes the PNG itself.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segno import QRCode

_SIDE = 600  # pixels, at least
_QUIET = 4  # modules around the symbol


def draw(payload: bytes) -> bytes:
    """PNG in black and white, every module a square of whole pixels. Raises ValueError for more than 2331 bytes."""
    code, picture = _encode(payload), BytesIO()
    side, _ = code.symbol_size(border=_QUIET)
    code.save(picture, kind="png", scale=-(-_SIDE // side), border=_QUIET)
    return picture.getvalue()


def reads_back(payload: bytes) -> bool:
    """Whether a reader that is not the drawer's finds the same bytes in the code, and no claim about their encoding."""
    import zxingcpp

    code = _encode(payload)
    rows = [bytes(0 if dark else 255 for dark in row) for row in code.matrix_iter(scale=4, border=_QUIET)]
    picture = memoryview(b"".join(rows)).cast("B", [len(rows), len(rows)])
    found = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.HexECI)
    return [one.text.replace(" ", "") for one in found] == [(b"]Q1" + payload).hex().upper()]


def _encode(payload: bytes) -> QRCode:
    import segno  # with zxing-cpp above: only a process that draws codes needs them

    return segno.make_qr(payload, error="m", mode="byte", boost_error=False)
