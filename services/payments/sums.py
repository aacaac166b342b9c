"""Sums of money as people type them, and as machines take them.

    sum     = roubles (point kopecks)? unit?
            | roubles unit kopecks («коп»)?
    roubles = digits | digits in groups of three, parted by a space, an apostrophe or, with decimals behind, by the
              other one of comma and point
    point   = , . = -      as receipts print it

«1,234» may be thousands as well as decimals: it is asked about, never guessed.
"""

from __future__ import annotations

import re

from services.payments.errors import NegativeSum, SumMissing, SumUnclear
from services.readings.numbers import plain_text

_ROUBLE = r"(?:рублей|рубля|рубль|руб\.?|р\.?|₽|rub(?:les?)?|rur)"
_KOPECK = r"(?:копеек|копейки|копейка|коп\.?|к\.?|kop(?:ecks?)?)"
_GROUPED = r"[0-9]{1,3}(?:[ ']?[0-9]{3})*"
_SUM = re.compile(
    rf"(?P<roubles>{_GROUPED}|[0-9]+)"
    rf"(?:[,.=-](?P<decimals>[0-9]{{1,2}}) ?{_ROUBLE}?"
    rf"| ?{_ROUBLE} ?(?:(?P<kopecks>[0-9]{{1,2}}) ?{_KOPECK}?)?"
    rf")?",
    re.IGNORECASE,
)
_PRINTED = re.compile(
    rf"[0-9]{{1,3}}(?P<group>[,.])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*(?!(?P=group))[,.][0-9]{{2}} ?{_ROUBLE}?"
)
_MAX_DIGITS = 9  # of roubles


def kopecks(text: str) -> int:
    """Raises InputError."""
    typed = " ".join(_with_sign(text).replace("’", "'").split())
    if not re.search("[0-9]", typed):
        raise SumMissing
    if typed.startswith("-"):
        raise NegativeSum
    if _PRINTED.fullmatch(typed):
        head, tail = typed[: (cut := max(typed.rfind(","), typed.rfind(".")))], typed[cut:]
        typed = re.sub("[,.]", "", head) + tail
    match = _SUM.fullmatch(typed)
    roubles = re.sub("[^0-9]", "", match["roubles"]) if match else ""
    if match is None or len(roubles) > _MAX_DIGITS:
        raise SumUnclear(piece=typed[:20])
    return int(roubles) * 100 + int(
        (match["decimals"] or "").ljust(2, "0") if match["decimals"] else match["kopecks"] or 0
    )


def plain(kopecks: int) -> str:
    """`1234.56`, as banks' forms, the provider and billing take it; of what went back `-1234.56`."""
    return f"{'-' if kopecks < 0 else ''}{abs(kopecks) // 100}.{abs(kopecks) % 100:02d}"


def _with_sign(text: str) -> str:
    """Plain text in which the sign of the rouble has survived."""
    return plain_text(text.replace("₽", " руб ")).strip().rstrip(".")
