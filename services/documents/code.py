"""QR codes drawn as pictures, and read back.

Drawn with segno and not with zxing-cpp, which is ten times as fast but packs runs of digits into segments of their
own: such a payment code OpenCV's reader cannot read. segno keeps all in one byte segment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segno import QRCode

_QUIET = 4  # modules around the symbol
_DARK = re.compile(rb"\x01+")  # modules of a row, side by side
_MASK = 2  # the best one of 57 payment codes in 60; to try all eight is four fifths of the time


def outline(payload: bytes, *, quick: bool = False) -> tuple[int, str]:
    """Modules on a side, the quiet zone included, and the dark ones as one path of SVG. `quick`: with a mask that is
    good as a rule, not the best one. Raises ValueError for more than 2331 bytes."""
    code = _encode(payload, _MASK if quick else None)
    return len(code.matrix) + 2 * _QUIET, "".join(
        f"M{run.start() + _QUIET} {top}h{run.end() - run.start()}v1h-{run.end() - run.start()}z"
        for top, row in enumerate(code.matrix, _QUIET)
        for run in _DARK.finditer(row)
    )


def reads_back(payload: bytes) -> bool:
    """Whether a reader that is not the drawer's finds the same bytes in the code, and no claim about their encoding."""
    import zxingcpp

    code = _encode(payload)
    rows = [bytes(0 if dark else 255 for dark in row) for row in code.matrix_iter(scale=4, border=_QUIET)]
    picture = memoryview(b"".join(rows)).cast("B", [len(rows), len(rows)])
    found = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.HexECI)
    return [one.text.replace(" ", "") for one in found] == [(b"]Q1" + payload).hex().upper()]


def _encode(payload: bytes, mask: int | None = None) -> QRCode:
    """With the best mask of the eight, unless one is given."""
    import segno  # with zxing-cpp above: only a process that draws codes needs them

    return segno.make_qr(payload, error="m", mode="byte", boost_error=False, mask=mask)
