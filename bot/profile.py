"""Reads the supplier's profile from its TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.config import GeneralSettings, WrongSettings
from services.periods import ReadingDays
from services.profile import Office, Region, SupplierProfile

_LONGEST_LIST = 3500
_LONGEST_DOCUMENT = 3500  # characters: a message holds 4096 with its heading


def load_profile(path: Path, general: GeneralSettings) -> SupplierProfile:
    """Raises WrongSettings with the name of what is wrong in the file."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        profile = TypeAdapter(SupplierProfile).validate_python(_shaped(found, general))
    except OSError as error:
        raise WrongSettings(f"SUPPLIER_PROFILE: cannot read {path}: {error.strerror}") from None
    except ValidationError as error:
        places = (
            _place(found, *one["loc"]) + ": " + one["msg"].removeprefix("Value error, ") for one in error.errors()
        )
        raise WrongSettings("\n".join(f"SUPPLIER_PROFILE {path}: {place}" for place in places)) from None
    except (ValueError, KeyError) as error:
        raise WrongSettings(f"SUPPLIER_PROFILE {path}: {error}") from None
    _check_documents(path, profile)
    return profile


def _place(found: dict[str, Any], name: str | int, *field: str | int) -> str:
    """`[requisites] bic`, as the file has it."""
    table = f"[{name}]" if isinstance(found.get(str(name)), dict) else str(name)
    return " ".join([table, *filter(None, [".".join(map(str, field))])])


def _shaped(found: dict[str, Any], general: GeneralSettings) -> dict[str, Any]:
    regions = [
        {**region, "reading_days": _days(region, general), "timezone": region.get("timezone", general.timezone)}
        for region in found.get("regions", [])
    ]
    elsewhere = Region("", (), general.timezone, general.reading_days)
    return {**found, "regions": regions, "elsewhere": elsewhere}


def _days(region: dict[str, Any], general: GeneralSettings) -> ReadingDays:
    stated = region.get("reading_days")
    return ReadingDays.parse(stated) if stated else general.reading_days


def _check_documents(path: Path, profile: SupplierProfile) -> None:
    try:
        profile.texts("ru")
    except KeyError as error:
        raise WrongSettings(f"SUPPLIER_PROFILE {path}: [[consents]] lacks a Russian text for both documents") from error
    for region in profile.regions:
        if sum(map(_length, region.offices)) > _LONGEST_LIST:
            raise WrongSettings(f"SUPPLIER_PROFILE {path}: the offices of {region.name} do not fit one message")
    for text in profile.consents:
        if len(text.text) > _LONGEST_DOCUMENT:
            raise WrongSettings(f"SUPPLIER_PROFILE {path}: [[consents]] {text.consent} is longer than 3500 characters")


def _length(office: Office) -> int:
    """Characters on the screen, with the marks around them."""
    return sum(len(part) + 12 for part in (office.name, office.address, office.phone, office.hours))
