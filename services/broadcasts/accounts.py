"""A list of accounts, as it is typed or stands in a file."""

from __future__ import annotations

import re
from typing import Final

from services.broadcasts.errors import NoAccounts, NotANumber, NotAText, TooManyRecipients
from services.broadcasts.models import MOST_ACCOUNTS

LARGEST: Final = 1_000_000  # bytes of a file
_DIGITS: Final = 12


def accounts_in_file(content: bytes) -> tuple[str, ...]:
    """Raises NotAText, and as `accounts_in`."""
    try:
        return accounts_in(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotAText from None


def accounts_in(text: str) -> tuple[str, ...]:
    """Numbers of 12 digits, each once, between commas, semicolons and ends of lines; spaces do not count. Raises
    NotANumber, NoAccounts, TooManyRecipients."""
    found: dict[str, None] = {}
    for line, words in enumerate(text.splitlines(), 1):
        for word in filter(None, re.split("[,;]", "".join(words.split()))):
            if not re.fullmatch(f"([0-9]{{{_DIGITS}}})+", word):
                raise NotANumber(line=line)
            found |= dict.fromkeys(word[at : at + _DIGITS] for at in range(0, len(word), _DIGITS))
    if not found:
        raise NoAccounts
    if len(found) > MOST_ACCOUNTS:
        raise TooManyRecipients(count=len(found), most=MOST_ACCOUNTS)
    return tuple(found)
