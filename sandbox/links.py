"""Links to the bot, which Telegram opens elsewhere: here they open the chat page."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

_TELEGRAM: Final = frozenset({"t.me", "telegram.me"})


def leads_to(url: str, bot: str | None) -> str | None:
    """Where a link leads on this machine: one to the bot opens the chat page, which follows `#start=`. `bot` is its
    username; None for a link that no browser should follow."""
    try:
        parts = urlsplit(url)
    except ValueError:  # no address at all
        return None
    query = parse_qs(parts.query)
    named = {
        "https": parts.path.strip("/") if parts.hostname in _TELEGRAM else None,
        "tg": query.get("domain", [None])[0],
    }.get(parts.scheme)
    if bot is not None and named is not None and named.lower() == bot.lower():
        return f"/#start={quote(query.get('start', [''])[0])}"
    return url if parts.scheme in {"http", "https", "tg"} else None
