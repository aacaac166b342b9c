"""Readings and account numbers as people type them.

    message = value (break value)*                   in the order in which zones are asked for
            | (name link? value)+ | (value name)+    by name, in any order
    value   = digits (space three-digits)* fraction?
    break   = , ; / newline «и» dash; a bare space too, hence «100 200» reads in two ways

Units, emoji and invisible characters are dropped. Only the digits 0 to 9 count as digits. «3,650» and «3.650» may
be thousands as well as decimals: they are asked about, never cut.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.errors import (
    AccountNumberWrong,
    InputError,
    NegativeNumber,
    NoAccountNumber,
    NoNumber,
    NumbersAmbiguous,
    NumberUnclear,
    SeparatorUnclear,
    SeveralAccountNumbers,
    StrangeDigits,
    TooManyNumbers,
    ZoneUnknown,
)
from services.models import Zone, ZoneScheme

ACCOUNT_DIGITS = 12
_MAX_DIGITS = 9  # of one reading; meters show fewer, databases hold no more
_MAX_LENGTH = 200
_PIECE = 20
_THOUSANDS = 3  # digits between the separators of a long number

_ZONE_WORDS = {
    Zone.HALF_PEAK: r"пп|п/п|hp|полу[- ]?пик[а-яё]*|half[- ]?peak",
    Zone.PEAK: r"п|пик[а-яё]*|p|peak",
    Zone.DAY: r"д|день|дня|дн[её]м|дневн[а-яё]+|d|day",
    Zone.NIGHT: r"н|ноч(?:ь|и|ью)|ночн[а-яё]+|n|night",
    Zone.SINGLE: r"[тt]|всего|total",
}
_WORDS: dict[str, str] = {
    "label": r"[тt][1-9](?![0-9])",
    **{zone.value: words for zone, words in _ZONE_WORDS.items()},
    "unit": r"(?:квт|киловатт|kw)(?: ?[-·⋅∙*./]? ?(?:часов|часа|час|ч|h))?",
    "break": r"и|and|показани[ея]|readings?",
}
_SIGNS = {
    # «100,200,300» is a list: the comma of a fraction has no other comma number beside it.
    "number": r"(?<![0-9],)[0-9]+,[0-9]{1,3}(?![0-9]|,[0-9])|[0-9]+\.[0-9]{1,3}(?![0-9])|[0-9]+",
    "space": r" +",
    "link": r"[:=]|\.(?=[0-9])",
    "stop": r"[,;/\n.!()«»\"`]",
    "dash": r"-",
    "unknown": r"[^\W\d_]+|.",
}
_NAMES: dict[str, Zone | None] = {"label": None, **{zone.value: zone for zone in _ZONE_WORDS}}
_TOKEN = re.compile(
    "|".join(
        [f"(?P<{kind}>(?:{words})(?![^\\W\\d_]))" for kind, words in _WORDS.items()]
        + [f"(?P<{kind}>{signs})" for kind, signs in _SIGNS.items()]
    ),
    re.IGNORECASE | re.DOTALL,
)
_STAND_INS = {
    **dict.fromkeys(("Cf", "Mn", "Me"), ""),
    **dict.fromkeys(("Zs", "Cc", "Cn", "Co", "Cs", "So", "Sk"), " "),
    "Pd": "-",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What a message says: one reading of it or, where spaces leave a doubt, several. Zones may be missing.
    `as_written` takes every group of digits for a number of its own. `fraction_cut`: decimals were dropped."""

    candidates: tuple[Mapping[Zone, int], ...]
    as_written: Mapping[Zone, int] | None
    fraction_cut: bool = False

    @property
    def values(self) -> Mapping[Zone, int]:
        """Raises NumbersAmbiguous; `plausibility.only_plausible` knows more."""
        if len(self.candidates) > 1:
            raise NumbersAmbiguous
        return self.candidates[0]


@dataclass(frozen=True, slots=True)
class _Digits:
    """A group of digits. `joins`: only a space stands before it, so it may continue the number there."""

    digits: str
    joins: bool
    fraction: bool


@dataclass(frozen=True, slots=True)
class _Name:
    zone: Zone | None
    text: str

    def of(self, scheme: ZoneScheme) -> Zone:
        """Raises ZoneUnknown."""
        zone = self.zone or _labelled(self.text[-1], scheme)
        if zone not in scheme.zones:
            raise ZoneUnknown(zone=self.text)
        return zone


_DIGIT_LIKE = str.maketrans("ОоOoЗз", "000033")
_LETTERS_IN = re.compile(r"(?<=[0-9])[ОоOoЗз]+(?![^\W\d_])|(?<![^\W\d_])[ОоOoЗз]+(?=[0-9])")
_LETTERS_BETWEEN = re.compile(r"(?<=[0-9])(?:[ .-]+[ОоOoЗз]+)+(?=[ .-]+[0-9])")


def _as_digits(found: re.Match[str]) -> str:
    return found.group().translate(_DIGIT_LIKE)


def account_number(text: str) -> str:
    """Twelve digits with spaces, dashes or dots between and words around; letters that look like digits are digits
    beside others. Raises AccountNumberWrong, StrangeDigits."""
    plain = _LETTERS_BETWEEN.sub(_as_digits, _LETTERS_IN.sub(_as_digits, plain_text(text)))
    found = [re.sub("[^0-9]", "", run) for run in re.findall(r"[0-9](?:[\s.-]*[0-9])*", plain)]
    accounts = [digits for digits in found if len(digits) == ACCOUNT_DIGITS]
    if len(accounts) == 1:
        return accounts[0]
    kind = SeveralAccountNumbers if accounts else AccountNumberWrong if found else NoAccountNumber
    raise kind(count=max(map(len, found), default=0))


def readings(text: str, scheme: ZoneScheme, missing: Sequence[Zone] = ()) -> Typed:
    """Values by zone. Numbers without names fill the zones still `missing` (all, when none are given), first
    asked first; as many numbers as the meter has zones mean all of them anew. Raises InputError."""
    plain = plain_text(text)
    items = _items(plain)
    groups = [item for item in items if isinstance(item, _Digits)]
    cut = any(group.fraction for group in groups)
    if len(groups) == len(items):
        return _unnamed(groups, tuple(missing) or scheme.zones, scheme.zones, cut)
    named = _named(items, scheme)
    if named is None:
        raise NumberUnclear(piece=_short(plain))
    return Typed((named,), named, cut)


def check_numbers(text: str) -> None:
    """Raises InputError for what is no reading of any meter."""
    _items(plain_text(text))


def looks_like_readings(text: str) -> bool:
    """Whether a message that nobody asked for is meant as readings. Twelve digits in two or three equal groups
    may be an account as well: the meter tells."""
    try:
        check_numbers(text)
    except NegativeNumber:
        return True
    except SeparatorUnclear:
        return not looks_like_account(text)
    except InputError:
        return False
    return not looks_like_account(text) or _in_equal_groups(text)


def looks_like_account(text: str) -> bool:
    try:
        account_number(text)
    except InputError:
        return False
    return True


def _in_equal_groups(text: str) -> bool:
    return re.fullmatch(r"[0-9]{6} [0-9]{6}|[0-9]{4} [0-9]{4} [0-9]{4}", plain_text(text)) is not None


def plain_text(text: str) -> str:
    """The characters that mean something: no invisible ones, no emoji, one kind of space and of dash."""
    visible = "".join(map(_character, unicodedata.normalize("NFC", text)))
    return re.sub(" +", " ", visible).strip()


def _character(character: str) -> str:
    """Raises StrangeDigits."""
    if character.isascii() and character.isprintable():
        return character
    category = unicodedata.category(character)
    if category in {"Nd", "Nl", "No"}:
        raise StrangeDigits
    if character in "\n\r\v\f" or category in {"Zl", "Zp"}:
        return "\n"
    if character == "−":
        return "-"
    return _STAND_INS.get(category, character)


def _items(plain: str) -> list[_Digits | _Name]:
    """Raises NoNumber, NumberUnclear, NegativeNumber, SeparatorUnclear."""
    if not re.search("[0-9]", plain):
        raise NoNumber
    if len(plain) > _MAX_LENGTH:
        raise NumberUnclear(piece=_short(plain))
    items: list[_Digits | _Name] = []
    before = "stop"
    for token in _TOKEN.finditer(plain):
        if token.lastgroup == "space":
            continue
        kind = _role(token, before)
        if kind == "number":
            items.append(_digits(token, before))
        elif kind == "name":
            items.append(_Name(_NAMES[str(token.lastgroup)], token.group()))
        before = kind
    return items


def _role(token: re.Match[str], before: str) -> str:
    """What a token does where it stands. Raises NumberUnclear."""
    kind = str(token.lastgroup)
    if kind in _NAMES:
        return "name"
    if kind == "dash":
        return {"name": "link", "number": "stop", "unit": "stop"}.get(before, "minus")
    if kind == "unknown" or (kind == "link" and before != "name"):
        raise NumberUnclear(piece=_short(_chunk(token)))
    return kind


def _digits(token: re.Match[str], before: str) -> _Digits:
    """Raises NegativeNumber, NumberUnclear, SeparatorUnclear."""
    if before == "minus":
        raise NegativeNumber
    whole, *fraction = re.split("[.,]", token.group())
    if len(whole) > _MAX_DIGITS:
        raise NumberUnclear(piece=_short(token.group()))
    if fraction and len(whole) <= _THOUSANDS == len(fraction[0]):
        raise SeparatorUnclear(piece=token.group(), joined=int(whole + fraction[0]), whole=int(whole))
    return _Digits(whole, joins=before == "number", fraction=bool(fraction))


def _labelled(number: str, scheme: ZoneScheme) -> Zone | None:
    # A single-rate meter shows its only zone as T or as T1.
    shown = {f"T{number}", "T"} if number == "1" else {f"T{number}"}
    return next((zone for zone in scheme.zones if scheme.display_label(zone) in shown), None)


def _named(items: list[_Digits | _Name], scheme: ZoneScheme) -> dict[Zone, int] | None:
    """None unless every name has one number, all names before theirs or all behind."""
    name_first = isinstance(items[0], _Name)
    values: dict[Zone, int] = {}
    for name, groups in _pairs(items if name_first else items[::-1]):
        zone = name.of(scheme) if name else None
        number = next(_splits(groups if name_first else groups[::-1], 1), ())
        if zone is None or zone in values or not number:
            return None
        values[zone] = number[0]
    return {zone: values[zone] for zone in scheme.zones if zone in values}


def _pairs(items: list[_Digits | _Name]) -> Iterator[tuple[_Name | None, list[_Digits]]]:
    """Each name with the digits behind it."""
    name: _Name | None = None
    groups: list[_Digits] = []
    for item in items:
        if isinstance(item, _Digits):
            groups.append(item)
            continue
        if name or groups:
            yield name, groups
        name, groups = item, []
    yield name, groups


def _unnamed(groups: list[_Digits], missing: tuple[Zone, ...], zones: tuple[Zone, ...], cut: bool) -> Typed:
    """Raises TooManyNumbers."""
    candidates = [
        dict(zip(missing if len(numbers) <= len(missing) else zones, numbers, strict=False))
        for numbers in _splits(groups, len(zones))
        if len(numbers) <= len(missing) or len(numbers) == len(zones)
    ]
    if not candidates:
        raise TooManyNumbers(count=_fewest(groups), expected=len(missing))
    as_written = next((one for one in candidates if len(one) == len(groups)), None)
    return Typed(tuple(candidates), as_written, cut)


def _splits(groups: list[_Digits], parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to read the groups as at most so many numbers."""
    if not groups:
        yield ()
    elif parts:
        for size in _sizes(groups):
            number = int("".join(group.digits for group in groups[:size]))
            for rest in _splits(groups[size:], parts - 1):
                yield number, *rest


def _sizes(groups: list[_Digits]) -> Iterator[int]:
    """How many of the groups the first number may take: one, or thousands of three digits each."""
    yield 1
    head = groups[0]
    if len(head.digits) > 3 or head.digits == "0" or head.fraction:
        return
    for size, group in enumerate(groups[1:], start=2):
        if not group.joins or len(group.digits) != 3 or size > _MAX_DIGITS // 3:
            return
        yield size
        if group.fraction:
            return


def _fewest(groups: list[_Digits]) -> int:
    count = 0
    while groups:
        groups = groups[max(_sizes(groups)) :]
        count += 1
    return count


def _chunk(token: re.Match[str]) -> str:
    """The token with all that touches it."""
    head = re.split(r"\s", token.string[: token.start()])[-1]
    return head + re.split(r"\s", token.string[token.start() :], maxsplit=1)[0]


def _short(piece: str) -> str:
    return piece if len(piece) <= _PIECE else piece[: _PIECE - 1] + "…"
