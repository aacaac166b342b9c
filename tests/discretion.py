"""Words that no log may have: tokens and passwords, people's names, addresses and messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sandbox.world import World

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


def betrayed(log: str, secrets: Iterable[str]) -> list[str]:
    """Those of the secrets that stand in the log, apart from the moments of its lines: numbers that are no part of
    another or of a time of day, words that are no part of another."""
    log = _MOMENT.sub("", log)
    return sorted({one for one in secrets if one in log and _alone(one).search(log)})


def _alone(secret: str) -> re.Pattern[str]:
    before, after = (r"[\d.:]", r"\d") if secret[0].isdigit() else (r"\w", r"\w")
    return re.compile(f"(?<!{before}){re.escape(secret)}(?!{after})")


def secrets_of(world: World) -> Iterator[str]:
    """Of the bot and of everybody who talked to it."""
    yield world.token
    yield world.token.partition(":")[2]
    for person in world.people.values():
        yield from filter(None, (person.first_name, person.last_name, person.username))
    for event in world.events:
        if event["type"] in {"message", "edited"} and not event["message"]["from"]["is_bot"]:
            yield from _written(event["message"].get("text") or event["message"].get("caption") or "")


def _written(text: str) -> Iterator[str]:
    """A message and its numbers. Commands and single signs tell nothing about anybody."""
    if len(text) > 1 and not text.startswith("/"):
        yield text
        yield from re.findall(r"\d{4,}", text)
