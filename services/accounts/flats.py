"""The hidden number of an address, as a question to a person who should know it.

Numbers are compared as people write them: «12», «кв. 12» and «№ 12» are one number, «12а», «12 А» and «12-a» in Latin
letters another one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.accounts.address import FLAT_NAME, HOUSE, LOOKALIKES, parts_of

Numbers = tuple[str, ...]


class Dwelling(StrEnum):
    """Parts of an address that have a number."""

    FLAT = "flat"
    ROOM = "room"
    PREMISES = "premises"
    OFFICE = "office"
    HOUSE = "house"
    ESTATE = "estate"
    PLOT = "plot"
    GARAGE = "garage"


_BEGINNINGS = {
    "кв": Dwelling.FLAT,
    "ком": Dwelling.ROOM,
    "пом": Dwelling.PREMISES,
    "оф": Dwelling.OFFICE,
    "д": Dwelling.HOUSE,
    "в": Dwelling.ESTATE,
    "уч": Dwelling.PLOT,
    "гар": Dwelling.GARAGE,
    "бокс": Dwelling.GARAGE,
}
_FLAT_NUMBER = re.compile(FLAT_NAME.pattern + r"(?=\d)", re.IGNORECASE)
_HOUSES = frozenset({Dwelling.HOUSE, Dwelling.ESTATE, Dwelling.PLOT, Dwelling.GARAGE})


@dataclass(frozen=True, slots=True)
class AddressQuestion:
    """The question for an address's hidden numbers. `dwellings`: the parts whose numbers are asked for, in their order;
    none where it does not name them. Any of `answers` is right."""

    dwellings: tuple[Dwelling, ...]
    answers: frozenset[Numbers]

    @property
    def least(self) -> int:
        """The least count of numbers in an answer, as far as the question tells."""
        return min(len(self.dwellings) or 1, *map(len, self.answers))

    def numbers_in(self, typed: str) -> Numbers:
        """The numbers in a typed answer, empty when there are none."""
        named = HOUSE if self.dwellings and self.dwellings[0] in _HOUSES else _FLAT_NUMBER
        begins = named.search(typed) if self.dwellings else None
        groups = _groups(typed[begins.start() :] if begins else typed)
        return _flat(groups) or (() if any(map(_has_digit, self.answers)) else _words(typed))


def question(address: str) -> AddressQuestion | None:
    """The question about an address that was shown as by `hide_flat`; None where that hides no number."""
    parts = parts_of(address)
    flats = [part[found.start() :] for part in parts if (found := FLAT_NAME.search(part))]
    if flats:
        return _about_flats(", ".join(parts).partition(flats[0])[0], ", ".join(flats))
    for index, part in enumerate(parts):
        if house := HOUSE.search(part):
            groups = _groups(", ".join([house["number"], *parts[index + 1 :]]))
            return AddressQuestion((_dwelling(house),), frozenset(map(_flat, _beginnings(groups, 1))))
    groups = _groups(", ".join(parts))
    ends = {_flat(groups[first:]) for first in range(len(groups))}
    return AddressQuestion((), frozenset(ends)) if ends else None


def _about_flats(shown: str, hidden: str) -> AddressQuestion:
    """Numbers behind the named ones may be left out: «кв. 4, подъезд 2». Shown ones before them may be repeated:
    «12-45», «Лизюкова 12, 45»."""
    dwellings = tuple(map(_dwelling, FLAT_NAME.finditer(hidden)))
    groups, before = _groups(hidden), _groups(shown)
    answers = set(map(_flat, _beginnings(groups, len(dwellings)))) if groups else {_words(hidden)}
    houses = {_flat(before[first:]) for first in range(len(before))} if groups else set[Numbers]()
    return AddressQuestion(dwellings, frozenset(answers | {house + answer for house in houses for answer in answers}))


def _dwelling(found: re.Match[str]) -> Dwelling:
    name = found["name"].lower()
    return next(dwelling for beginning, dwelling in _BEGINNINGS.items() if name.startswith(beginning))


def _beginnings(groups: list[Numbers], least: int) -> Iterator[list[Numbers]]:
    shortest = min(least, len(groups))
    return (groups[:count] for count in range(shortest, len(groups) + 1))


def _flat(groups: Iterable[Numbers]) -> Numbers:
    return tuple(number for group in groups for number in group)


# Letters that look the same are the same; О in a number is a zero.
_ALIKE = LOOKALIKES | str.maketrans("ё\\", "е/")
_ORDINAL = r"(?:ы|о|и)?[йяе]|ая"
_MARK = r"кв|квартира|к|корп|корпус|ком|комн|комната|с|стр|пом|оф|дом|эт|под"
_ONE = re.compile(
    rf"(?P<digits>[0-9]+)(?:-?(?:{_ORDINAL})(?![^\W_])|(?P<joined>(?!(?:{_MARK}) ?[0-9]|кв(?![^\W_]))[^\W\d_]++)|"
    r"(?: -|- | - | |-)(?P<letter>[^\W\d_])(?![^\W_]| [0-9]))?"
)
_LETTERED = re.compile(r"(?<!\w)лит(?:ера?)?(?!\w)\.?")
_INDEX_DIGITS = 6  # of a post code


def _groups(text: str) -> list[Numbers]:
    """Numbers with their letters; «12/1» and «12-1» are groups of two. Post codes are left out."""
    plain = _plain(text)
    groups: list[Numbers] = []
    end: int | None = None
    for found in _ONE.finditer(plain):
        number = found["digits"].lstrip("0") or "0"
        joined = end is not None and plain[end : found.start()].strip() in {"/", "-"}
        end = found.end()
        if len(found["digits"]) == _INDEX_DIGITS:
            end = None
            continue
        number += found["joined"] or found["letter"] or ""
        groups[-1:] = [(*groups[-1], number)] if joined else [*groups[-1:], (number,)]
    return groups


def _words(text: str) -> Numbers:
    """A name in place of a number: «пом. III»."""
    found = re.findall(r"[^\W\d_]+", FLAT_NAME.sub("", text))
    return tuple(_plain(word) for word in found)


def _plain(text: str) -> str:
    """Small Cyrillic letters, digits, dashes, slashes and commas, with one space for anything else."""
    folded = unicodedata.normalize("NFKC", text.replace("№", " ")).casefold().translate(_ALIKE)
    dashes = "".join("-" if unicodedata.category(one) == "Pd" else one for one in folded)
    apart = re.sub(r"(?<!\w)[^\W\d_]\.(?=\s*[^\W\d_]{2})|[;()]", ",", _LETTERED.sub(" ", dashes))  # «с. Орлово»
    plain = re.sub(r"[^\w/,-]+", " ", apart)
    return re.sub(r"(?<=[0-9])о+(?![^\W\d_])", lambda found: "0" * len(found[0]), plain).strip()


def _has_digit(answer: Numbers) -> bool:
    return any(character.isdigit() for number in answer for character in number)
