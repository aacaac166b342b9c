"""Addresses as they may be shown: enough to recognise one's own home, too little to find somebody else's."""

from __future__ import annotations

import re

HIDDEN = "••"
LOOKALIKES = str.maketrans("abcehkmoptxy", "авсенкмортху")  # small Latin letters that look like Russian ones

_FLAT_NAME = (
    r"(?<!\w)(?P<name>квартира|кв|комната|комн|ком|помещение|помещ|пом|офис|оф)(?!-?[^\W\d_])[\s.№:-]*(?!0+(?!\w))"
)
FLAT_NAME = re.compile(_FLAT_NAME + r"(?=\w)", re.IGNORECASE)
_FLAT = re.compile(_FLAT_NAME + r"(?P<number>\w.*)", re.IGNORECASE)
HOUSE = re.compile(
    r"(?<!\w)(?P<name>домовладение|дом|д|владение|влд|вл|участок|уч|гараж|гар|бокс)(?!-?[^\W\d_])[\s.№:-]*(?P<number>\d.*)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\w/-]*")


def hide_flat(address: str) -> str:
    """«…, д. 12, кв. 45» as «…, д. 12, кв. ••»; without a flat the house is hidden instead."""
    parts = parts_of(address)
    if any(_FLAT.search(part) for part in parts):
        return _join([_hide(_FLAT, part) for part in parts])
    return _hide_house(parts)


def without_flat(address: str) -> str:
    """«…, д. 12, кв. 45» as «…, д. 12»; without a flat the house is hidden."""
    parts = parts_of(address)
    if any(_FLAT.search(part) for part in parts):
        return _join([_FLAT.sub("", part).strip() for part in parts])
    return _hide_house(parts)


def parts_of(address: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split("[,;]", address)]


def _join(parts: list[str]) -> str:
    shown = [part for part in parts if part]
    return ", ".join(shown) if len(parts) > 1 else _hide_numbers("".join(shown))


def _hide_house(parts: list[str]) -> str:
    # After the house there may be a flat without its name: «д. 12, 45».
    for index, part in enumerate(parts):
        if HOUSE.search(part):
            return _join([*parts[:index], _hide(HOUSE, part), *map(_hide_numbers, parts[index + 1 :])])
    if len(parts) == 1:
        return _join(parts)
    return _join([*map(_hide_numbers, parts[:-1]), HIDDEN])


def _hide(kind: re.Pattern[str], part: str) -> str:
    found = kind.search(part)
    return part[: found.start("number")] + HIDDEN if found else part


def _hide_numbers(part: str) -> str:
    return _NUMBER.sub(HIDDEN, part)
