"""Readings and account numbers as people type them.

    message = value (break value)*                   in the order in which zones are asked for
            | (name link? value)+ | (value name)+    by name, in any order
    value   = digits (space three-digits)* fraction?
    name    = a zone's word, or what the meter calls it: T1, 1.8.1, «тариф 1», «1)»
    break   = , ; / * # newline «и» dash; a bare space too, hence «100 200» reads in two ways
    beside  = a date, the meter's number, greetings and words that say nothing: passed over

Units, emoji and invisible characters are dropped. Only the digits 0 to 9 count as digits. Where something may be a
reading or something else («3,650»: thousands or decimals; «25.11 3655»: a date), it is asked about, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.accounts.errors import AccountNumberWrong, NoAccountNumber, SeveralAccountNumbers
from services.errors import InputError
from services.readings.errors import (
    AnotherMeter,
    DateUnclear,
    MeterNumber,
    NegativeNumber,
    NoNumber,
    NumbersAmbiguous,
    NumberTooLong,
    NumberUnclear,
    SeparatorUnclear,
    StrangeDigits,
    TooManyNumbers,
    ZoneUnknown,
)
from services.supplier.models import Zone, ZoneScheme

ACCOUNT_DIGITS = 12
_MAX_DIGITS = 9  # of one reading; meters show fewer, databases hold no more
_MAX_LENGTH = 200
_PIECE = 20
_THOUSANDS = 3  # digits between the separators of a long number

_SHORTEST_METER = 5  # digits of a meter's number; fewer may be a reading by chance
_LONG = 7  # digits after «счётчик» from which on they are its number

_MONTHS = (
    r"январ[ьяе]|феврал[ьяе]|март[ае]?|апрел[ьяе]|ма[йяе]|июн[ьяе]|июл[ьяе]|август[ае]?|сентябр[ьяе]|октябр[ьяе]|"
    r"ноябр[ьяе]|декабр[ьяе]|january|february|march|april|june|july|august|september|october|november|december"
)
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:0?[1-9]|1[0-2])", r"20[0-9]{2}"
_ZONE_WORDS = {
    Zone.HALF_PEAK: r"пп|п/п|hp|полу[- ]?пик[а-яё]*|half[- ]?peak",
    Zone.PEAK: r"п|пик[а-яё]*|p|peak",
    Zone.DAY: r"д|день|дня|дн[её]м|дневн[а-яё]+|d|day",
    Zone.NIGHT: r"н|ноч(?:ь|и|ью)|ночн[а-яё]+|n|night",
    Zone.SINGLE: r"[тt]|всего|total",
}
_WORDS: dict[str, str] = {
    "greeting": r"добр[а-яё]+ (?:день|дня|вечера?|утро|утра|ночи|времени суток)|(?:день|вечер|утро) добр[а-яё]+|"
    r"good (?:day|morning|afternoon|evening)|здравствуйте|здрасьте|приветствую|привет|hello|hi",
    "month": rf"(?:{_DAY} ?)?(?:{_MONTHS})(?: ?{_YEAR} ?(?:г|год|года))?|{_YEAR} ?(?:г|год|года)",
    "label": r"[тt]-?[1-9](?![0-9])|[тt] [1-3](?![0-9])|(?:тариф|зона|tariff|zone) ?[1-9](?![0-9])|"
    r"[1-9](?:-?[йя])? (?:тариф|зона)",
    **{zone.value: words for zone, words in _ZONE_WORDS.items()},
    "unit": r"(?:квт|киловатт|kw)(?: ?[-·⋅∙*./]? ?(?:часов|часа|час|ч|h))?|кв\.?ч",
    "meter": r"(?:номер |заводской номер |зав\. ?)?(?:электро)?сч[её]тчика?|сч\b|(?:номер )?прибора? уч[её]та|meter",
    "break": r"и|and|показани[ея]|readings?",
    "word": r"(?:за|на|по|мо[ией]|наши?|это|вот|передаю|передать|подаю|отправляю|сдаю|сообщаю|примите|прошу принять|"
    r"пожалуйста|спасибо|заранее|месяц|свет|электроэнерги[яию]|электричеств[оау]|тарифу?|зон[аеы]|for|please|thanks)(?![0-9])",
}
_SIGNS = {
    "date": rf"(?:(?<![0-9]){_DAY}(?P<sep>[./-]){_MONTH}(?P=sep){_YEAR}(?![0-9])|"
    rf"(?<![0-9]){_YEAR}-{_MONTH}-{_DAY}(?![0-9])|"
    rf"(?<![0-9.]){_DAY}\.{_MONTH}\.[0-9]{{2}}(?![0-9.])|(?<![0-9.]){_MONTH}\.{_YEAR}(?![0-9]))"
    r"(?: ?(?:года?|г)(?![^\W\d_]))?",
    "phone": r"(?<![0-9])[0-9]{2,3}-[0-9]{2}-[0-9]{2}(?![0-9-])",
    "code": r"(?<![0-9.])1\.8\.[0-9](?![0-9])",  # OBIS, IEC 62056-61: active energy taken, by tariff
    "place": r"(?<!\S)[1-9][.)](?=\s)|(?<!\S)[1-9]\)(?=[0-9])",
    # «100,200,300» is a list: the comma of a fraction has no other comma number beside it.
    "number": r"(?<![0-9],)[0-9]+,[0-9]{1,3}(?![0-9]|,[0-9])|[0-9]+\.[0-9]{1,3}(?![0-9])|[0-9]+",
    "space": r" +",
    "link": r"[:=]|\.(?=[0-9])",
    "stop": r"[,;/\n.!?()«»\"`*#|\\]",
    "dash": r"-",
    "unknown": r"[^\W\d_]+|.",
}
_NAMES: dict[str, Zone | None] = {
    **dict.fromkeys(("label", "code", "place")),
    **{zone.value: zone for zone in _ZONE_WORDS},
}
_OF_READINGS = frozenset({*_NAMES, "date", "month", "meter", "unit", "break"})
_PASSED_OVER = frozenset({"greeting", "month", "date", "meter", "break", "word", "unit"})  # a dash or colon may follow
_TOKEN = re.compile(
    "|".join(
        [f"(?P<{kind}>(?:{words})(?![^\\W\\d_]))" for kind, words in _WORDS.items()]
        + [f"(?P<{kind}>{signs})" for kind, signs in _SIGNS.items()]
    ),
    re.IGNORECASE | re.DOTALL,
)
_POINT = re.compile("[.,]")
_DAY_AND_MONTH = re.compile(r"(?:0[1-9]|[12][0-9]|3[01])\.(?:0[1-9]|1[0-2])")
_A_YEAR = re.compile(_YEAR)
_LABELLED_ACCOUNT = r"(?:л\.? ?/? ?с\b\.?|лицев[а-яё]+ сч[её]т[а-яё]*|сч[её]т|account)[ :№]*"
_ACCOUNT = re.compile(
    rf"{_LABELLED_ACCOUNT}(?P<labelled>[0-9](?:[ -]?[0-9]){{11}})(?![0-9])|(?<![0-9.,])(?P<bare>[0-9]{{12}})(?![0-9])",
    re.IGNORECASE,
)
_STAND_INS = {
    **dict.fromkeys(("Cf", "Mn", "Me"), ""),
    **dict.fromkeys(("Zs", "Cc", "Cn", "Co", "Cs", "So", "Sk"), " "),
    "Pd": "-",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """The numbers of a message: one way to read it or, where spaces leave a doubt, several. Zones may be missing.
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
    """A group of digits as it was typed. `after`: the kind of the token before it; only behind another number may it
    continue that number."""

    typed: str
    after: str

    @property
    def digits(self) -> str:
        return _POINT.split(self.typed)[0]

    @property
    def fraction(self) -> bool:
        return self.digits != self.typed

    @property
    def joins(self) -> bool:
        return self.after == "number"

    def check(self) -> None:
        """Raises NumberTooLong, SeparatorUnclear."""
        whole, *fraction = _POINT.split(self.typed)
        if len(whole) > _MAX_DIGITS:
            raise NumberTooLong(piece=_short(self.typed), limit=_MAX_DIGITS)
        if fraction and len(whole) <= _THOUSANDS == len(fraction[0]):
            raise SeparatorUnclear(piece=self.typed, joined=int(whole + fraction[0]), whole=int(whole))

    def is_meter(self, number: str) -> bool:
        """Whether it is the meter's number rather than a reading."""
        return len(self.digits) >= _SHORTEST_METER and self.typed.lstrip("0") == number.lstrip("0")

    def may_be_date(self) -> bool:
        return self.after == "month" and _A_YEAR.fullmatch(self.typed) is not None


@dataclass(frozen=True, slots=True)
class _Name:
    zone: Zone | None
    text: str

    def of(self, scheme: ZoneScheme) -> Zone:
        """Raises ZoneUnknown."""
        zone = self.zone or _labelled(re.findall("[0-9]", self.text)[-1], scheme)
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


def split_account(text: str) -> tuple[str | None, str]:
    """An account's number that stands before or among something else, and the rest; the number only where it is written
    in one piece or is called one."""
    try:
        plain = plain_text(text)
    except StrangeDigits:
        return None, text
    found = list(_ACCOUNT.finditer(plain))
    if len(found) != 1:
        return None, text
    number = re.sub("[ -]", "", found[0]["labelled"] or found[0]["bare"])
    return number, f"{plain[: found[0].start()]}\n{plain[found[0].end() :]}".strip(" \n:;,.#-")


def readings(text: str, scheme: ZoneScheme, missing: Sequence[Zone] = (), meter: str = "") -> Typed:
    """Values by zone. Numbers without names fill the zones still `missing` (all, when none are given), first
    asked first; as many numbers as the meter has zones mean all of them anew. `meter`: its number, which is no reading.
    Raises InputError."""
    plain = plain_text(text)
    items = _without_dates(_without_meter(_items(plain), meter), scheme)
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
    for item in _items(plain_text(text)):
        if isinstance(item, _Digits) and not _after_meter(item):
            item.check()


def looks_like_readings(text: str) -> bool:
    """Whether an unasked message is meant as readings. Twelve digits in equal groups may be an account as
    well: the meter tells."""
    try:
        check_numbers(text)
    except NegativeNumber:
        return True
    except SeparatorUnclear:
        return not looks_like_account(text)
    except InputError:
        return False
    return not looks_like_account(text) or _in_equal_groups(text) or _speaks_of_readings(text)


def _speaks_of_readings(text: str) -> bool:
    """Twelve digits may be a date and two numbers, or a meter's number and one."""
    tokens = list(_TOKEN.finditer(plain_text(text)))
    kinds = {str(token.lastgroup) for token in tokens}
    return bool(kinds & _OF_READINGS) or any(_DAY_AND_MONTH.fullmatch(token.group()) for token in tokens)


def looks_like_account(text: str) -> bool:
    try:
        account_number(text)
    except InputError:
        return False
    return True


def _in_equal_groups(text: str) -> bool:
    groups = [len(group) for group in re.findall("[0-9]+", plain_text(text))]
    return groups in ([6, 6], [4, 4, 4], [3, 3, 3, 3])


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
    """Raises NoNumber, NumberUnclear, NegativeNumber."""
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
            items.append(_Digits(token.group(), before))
            kind = "word" if _after_meter(items[-1]) else kind
        elif kind == "name":
            items.append(_Name(_NAMES[str(token.lastgroup)], token.group()))
        before = kind
    if not items:
        raise NumberUnclear(piece=_short(plain))
    return items


def _after_meter(item: _Digits | _Name) -> bool:
    """«показания счётчика 3650» names no meter, «счётчик 10000001» does."""
    return isinstance(item, _Digits) and item.after == "meter" and len(item.digits) >= _LONG


def _without_meter(items: list[_Digits | _Name], number: str) -> list[_Digits | _Name]:
    """Raises AnotherMeter, MeterNumber, NumberTooLong, SeparatorUnclear."""
    kept: list[_Digits | _Name] = []
    for item in items:
        if not isinstance(item, _Digits):
            kept.append(item)
        elif item.is_meter(number):
            continue
        elif _after_meter(item):
            raise AnotherMeter(piece=_short(item.typed))
        else:
            item.check()
            kept.append(item)
    if not any(isinstance(item, _Digits) for item in kept) and len(kept) < len(items):
        raise MeterNumber(piece=_short(number))
    return kept


def _without_dates(items: list[_Digits | _Name], scheme: ZoneScheme) -> list[_Digits | _Name]:
    """A date is passed over only where it cannot be a reading. Raises DateUnclear."""
    groups = [item for item in items if isinstance(item, _Digits)]
    whole = [group for group in groups if not group.fraction]
    dates = [group for group in groups if group.may_be_date() or (whole and _DAY_AND_MONTH.fullmatch(group.typed))]
    if dates and (len(groups) <= len(scheme.zones) or len(dates) == len(groups)):
        raise DateUnclear(piece=dates[0].typed)
    return [item for item in items if item not in dates]


def _role(token: re.Match[str], before: str) -> str:
    """A token's part in the message, by its place. Raises NumberUnclear, NegativeNumber."""
    kind = str(token.lastgroup)
    if kind == "number" and before == "minus":
        raise NegativeNumber
    if kind in _NAMES:
        return "name"
    if kind == "dash":
        return _dash(before, spaced=token.string[token.end() : token.end() + 1] == " ")
    if kind in {"unknown", "phone"} or (kind == "link" and before not in {"name", *_PASSED_OVER}):
        raise NumberUnclear(piece=_short(_chunk(token)))
    return before if before == "meter" and kind in {"link", "stop"} else kind


def _dash(before: str, *, spaced: bool) -> str:
    """A minus only where a number may begin. «показания - 3650» is not less than zero."""
    if before == "name":
        return "link"
    if before in {"number", "unit"} or (before in _PASSED_OVER and spaced):
        return "stop"
    return "minus"


def _labelled(number: str, scheme: ZoneScheme) -> Zone | None:
    # A single-rate meter shows its only zone as T or as T1, or the total, 1.8.0.
    shown = {f"T{number}", "T"} if number in {"0", "1"} else {f"T{number}"}
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
