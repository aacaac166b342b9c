"""Addresses as they may be shown: enough to recognise one's own home, too little to find somebody else's."""

from __future__ import annotations

import re

from services.accounts.models import Link

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
_STREET = re.compile(
    r"(?<!\w)(?:улица|ул|проспект|просп|пр-кт|пр-т|переулок|пер|площадь|пл|бульвар|б-р|бул|шоссе|ш|набережная|наб|"
    r"проезд|пр-д|тупик|туп|микрорайон|мкр|аллея|линия)(?!-?[^\W\d_])\.?\s*",
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


def as_seen(link: Link, address: str) -> str:
    """The whole address where it is the customer's to see, else without the flat."""
    return address if link.sees else without_flat(address)


def street(address: str) -> str:
    """«г. Воронеж, ул. Лизюкова, д. 12, кв. 45» as «Лизюкова, 12»; empty where no street is named."""
    parts = parts_of(address)
    at = next((index for index, part in enumerate(parts) if _STREET.search(part)), len(parts))
    houses = (found["number"] for part in parts[at + 1 :] if (found := HOUSE.search(part)))
    named = [_STREET.sub("", part).strip() for part in parts[at : at + 1]]
    return ", ".join([*named, *list(houses)[:1]])


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
