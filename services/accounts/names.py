"""Names that people give: what of them can be seen."""

from __future__ import annotations

import unicodedata

_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs"}  # Unicode's categories of what has no form, and of what turns a line around
_SHOWN = {"L", "N", "P", "S"}
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")  # letters and signs that are empty


def visible(name: str) -> str:
    """The name on one line, without what has no form of its own; empty where nothing would be seen."""
    words = " ".join(name.split())
    kept = "".join(character for character in words if unicodedata.category(character) not in _INVISIBLE).strip()
    return kept if any(map(_is_shown, kept)) else ""


def _is_shown(character: str) -> bool:
    return unicodedata.category(character)[0] in _SHOWN and character not in _BLANK
