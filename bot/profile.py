"""Reads the supplier's profile from its TOML file."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, get_args, get_type_hints
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from bot.config import (
    ApiSettings,
    BotSettings,
    GeneralSettings,
    Read,
    SupplierSettings,
    WrongSettings,
    all_of,
    load,
    load_or_default,
)
from bot.envfile import nearest
from services.appeals.settings import AppealSettings, DeskSettings
from services.appeals.working_time import WorkingWeek
from services.supplier.periods import ReadingDays
from services.supplier.profile import Office, Region, SupplierProfile

_LONGEST_LIST = 3500
_LONGEST_DOCUMENT = 3500  # characters: a message holds 4096 with its heading
_RESEMBLANCE = 0.6  # from which on a known name is offered for an unknown one
_NOT_IN_FILE = "elsewhere"  # made of the settings
_LONGEST_SUBJECT = 60  # characters: it stands on a button
_MOST_SUBJECTS = 20
_GROUP = "group"  # of the desk, made of a setting, too

Found = dict[str, Any]


def own_profile(read: Read = load) -> SupplierProfile:
    """The profile that the settings name. Raises WrongSettings with every fault of it and of the settings it needs."""
    found = all_of(
        {
            "general": lambda: read(GeneralSettings),
            "api": lambda: read(ApiSettings),
            "profile": lambda: admitted(
                load_profile(read(SupplierSettings).profile, load_or_default(GeneralSettings, read)), _api(read)
            ),
        }
    )
    profile: SupplierProfile = found["profile"]
    return profile


def unusable() -> str:
    """Faults of the profile for which `run` would refuse it, empty when there are none."""
    try:
        own_profile()
    except WrongSettings as error:
        return "; ".join(str(error).splitlines())
    return ""


def _api(read: Read) -> ApiSettings:
    """The Bot API's settings, with the token where there is one."""
    try:
        return read(BotSettings)
    except WrongSettings:
        return load_or_default(ApiSettings, read)


def admitted(profile: SupplierProfile, api: ApiSettings) -> SupplierProfile:
    """The profile, unless it declares that it is not for this bot. Raises WrongSettings."""
    if profile.sample and not _is_this_machine(api.api_base):
        raise WrongSettings(
            "SUPPLIER_PROFILE: this is a sample, its payee and documents are invented (sample = true): copy it, write "
            "your own into the copy and take that line out"
        )
    if profile.bots and isinstance(api, BotSettings) and _number(api) not in profile.bots:
        raise WrongSettings(f"SUPPLIER_PROFILE: it is for other bots than {_number(api)} (bots = {[*profile.bots]})")
    return profile


def _is_this_machine(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        found = ip_address(host)
    except ValueError:
        return host == "localhost"
    return found.is_loopback or found.is_unspecified


def _number(api: BotSettings) -> int:
    """A bot's number is the public half of its token."""
    return int(api.token.get_secret_value().partition(":")[0])


def load_profile(path: Path, general: GeneralSettings) -> SupplierProfile:
    """Raises WrongSettings with the names of all that is wrong in the file."""
    found = _read(path)
    wrong = list(_unknown(found, SupplierProfile))
    try:
        profile = _adapter().validate_python(_shaped(found, general))
    except ValidationError as error:
        wrong += [f"{_place(found, *one['loc'])}: {_words(one)}" for one in error.errors()]
    else:
        wrong += _incomplete(profile)
    if wrong:
        raise WrongSettings("\n".join(f"SUPPLIER_PROFILE {path}: {words}" for words in wrong))
    return profile


@cache
def _adapter() -> TypeAdapter[SupplierProfile]:
    """Checks a profile; made at the first one."""
    return TypeAdapter(SupplierProfile)


def _read(path: Path) -> Found:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise WrongSettings(f"SUPPLIER_PROFILE: cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongSettings(f"SUPPLIER_PROFILE {path}: it must be text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise WrongSettings(f"SUPPLIER_PROFILE {path}: {error}") from None


def _unknown(found: Mapping[str, Any], kind: Any, place: str = "") -> Iterator[str]:
    """Names that stand for nothing, in this table and in those inside it."""
    hints = {name: hint for name, hint in _hints(kind).items() if name not in (_NOT_IN_FILE, _GROUP)}
    for name, value in found.items():
        if name not in hints:
            near = nearest(name, hints, _RESEMBLANCE)
            yield f"{place}{_bracketed(name, value)} is not known" + (
                f", did you mean {_bracketed(near, value)}?" if near else ""
            )
        elif inner := _table_of(hints[name]):
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict):
                    yield from _unknown(one, inner, f"{place}{_bracketed(name, value)} ")


_hints = cache(get_type_hints)


def _table_of(hint: Any) -> Any:
    """The class of a table, or of the tables of a list."""
    return next((one for one in (hint, *get_args(hint)) if is_dataclass(one) and one is not ReadingDays), None)


def _bracketed(name: str, value: Any) -> str:
    """A name as the file has it: `[requisites]`, `[[regions]]`, or a plain name."""
    if isinstance(value, dict):
        return f"[{name}]"
    return f"[[{name}]]" if isinstance(value, list) and any(isinstance(one, dict) for one in value) else name


def _place(found: Found, name: str | int, *field: str | int) -> str:
    """`[requisites] bic`, `[[regions]] 2.timezone`, as the file has it and as people count."""
    counted = (str(one + 1) if isinstance(one, int) else one for one in field)
    return " ".join(filter(None, [_bracketed(str(name), found.get(str(name))), ".".join(counted)]))


def _words(error: Any) -> str:
    """TOML knows no tuples."""
    if error["type"] == "tuple_type":
        return "Input should be a list in brackets"
    return str(error["msg"]).removeprefix("Value error, ")


def _shaped(found: Found, general: GeneralSettings) -> Found:
    regions = found.get("regions", [])
    if isinstance(regions, list):
        regions = [_region(one, general) if isinstance(one, dict) else one for one in regions]
    elsewhere = Region("", (), general.timezone, general.reading_days)
    desk = found.get("desk", {})
    if isinstance(desk, dict):
        desk = {**desk, _GROUP: general.support_chat_id}
    return {**found, "regions": regions, "desk": desk, _NOT_IN_FILE: elsewhere}


def _region(region: Found, general: GeneralSettings) -> Found:
    stated = {"timezone": general.timezone, "reading_days": str(general.reading_days), **region}
    try:
        return {**stated, "reading_days": ReadingDays.parse(str(stated["reading_days"]))}
    except ValueError:
        return stated  # as it is, for the validation to name


def _incomplete(profile: SupplierProfile) -> Iterator[str]:
    documents = Counter((text.consent, text.language) for text in profile.consents)
    try:
        profile.texts("ru")
    except KeyError:
        yield "[[consents]] lacks a Russian text for both documents"
    yield from (
        f"[[consents]] {consent} stands twice in {language}"
        for (consent, language), count in documents.items()
        if count > 1
    )
    for text in profile.consents:
        if len(text.text) > _LONGEST_DOCUMENT:
            yield f"[[consents]] {text.consent} is longer than 3500 characters"
    for region in profile.regions:
        if sum(map(_length, region.offices)) > _LONGEST_LIST:
            yield f"the offices of {region.name} do not fit one message"
    yield from _unfit(profile.appeals)
    yield from _misdirected(profile)
    yield from _unheard(profile.desk)
    yield from _ambiguous([prefix for region in profile.regions for prefix in region.prefixes])


def _unfit(settings: AppealSettings) -> Iterator[str]:
    try:
        WorkingWeek.read(settings)
    except ValueError as error:
        yield f"[appeals] {error}"
    for key, count in Counter(subject.key for subject in settings.subjects).items():
        if not re.fullmatch("[a-z0-9_]{1,32}", key):
            yield f"[[appeals.subjects]] key: {key!r} must be up to 32 of a-z, 0-9 and _"
        if count > 1:
            yield f"[[appeals.subjects]] key: {key!r} stands twice"
    for subject in settings.subjects:
        if not 1 <= len(subject.name) <= _LONGEST_SUBJECT or len(subject.en) > _LONGEST_SUBJECT:
            yield f"[[appeals.subjects]] {subject.key}: a name has 1 to {_LONGEST_SUBJECT} characters"
    if not 1 <= len(settings.subjects) <= _MOST_SUBJECTS:
        yield f"[[appeals.subjects]] there must be 1 to {_MOST_SUBJECTS}"


def _misdirected(profile: SupplierProfile) -> Iterator[str]:
    """Rules of the desk by which nothing would come to their group."""
    known = {
        "subjects": [one.key for one in profile.appeals.subjects],
        "regions": [one.name for one in profile.regions],
    }
    for group in profile.desk.groups:
        if group.chat >= 0:
            yield f"[[desk.groups]] chat: {group.chat} is no group, whose numbers look like -1001234567890"
        for field, names in known.items():
            for name in getattr(group, field):
                if name not in names:
                    yield f"[[desk.groups]] {field}: there is no {name!r}; there are: {', '.join(names)}"
    for rule, count in Counter((one.subjects, one.regions) for one in profile.desk.groups).items():
        if count > 1:
            yield f"[[desk.groups]] {_said(*rule)} stands twice: the second group would get nothing"


def _unheard(desk: DeskSettings) -> Iterator[str]:
    """Groups that are to write broadcasts, and of which the bot hears nothing."""
    known = ", ".join(map(str, sorted(desk.chats))) or "none"
    for chat in desk.broadcasts or ():
        if chat not in desk.chats:
            yield f"[desk] broadcasts: {chat} is no group of the desk; there are: {known}"


def _said(*names: tuple[str, ...]) -> str:
    return ", ".join(one for part in names for one in part) or "the rule for all appeals"


def _ambiguous(prefixes: list[str]) -> Iterator[str]:
    for prefix, count in Counter(prefixes).items():
        if not (prefix.isascii() and prefix.isdigit()):
            yield f"[[regions]] prefixes: {prefix!r} must be the first digits of account numbers"
        if count > 1:
            yield f"[[regions]] prefixes: {prefix!r} stands twice"


def _length(office: Office) -> int:
    """Characters on the screen, with the marks around them."""
    return sum(len(part) + 12 for part in (office.name, office.address, office.phone, office.hours))
