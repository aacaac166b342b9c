"""Screens and notices that a person got, and whether kills have spoilt them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from tests.faults.live import LiveHarness
from tests.people import Someone

_OWN: Final = (  # words that differ from person to person and from run to run
    (re.compile(r"…\d{4}"), "…"),
    (re.compile(r"П-\d{4}-\d{5}"), "П"),
    (re.compile(r"О-\d{4}-\d{5}"), "О"),
    (re.compile(r"\b\d\d:\d\d\b"), "hh:mm"),
    (re.compile(r"(№ )?\b\d{4}-\d{5}\b"), "№ …"),
    (re.compile(r"maria\.\d+@"), "maria@"),
    (re.compile(r"inv_[\w-]+"), "inv_"),
    (re.compile(r"m36\d{10}"), "m"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """The bot's words to one person: new messages in order with the numbers of their calls, notices over the
    screen, what stands in the end, the buttons under the last of it; without what is their own."""

    messages: tuple[tuple[int, str], ...]
    notices: frozenset[str]
    screens: tuple[str, ...]
    buttons: tuple[str, ...]


def seen(harness: LiveHarness, someone: Someone) -> Seen:
    said = [call for call in harness.world.calls if call.ok and call.params.get("chat_id") == someone.id]
    new = [call for call in said if call.method in {"sendMessage", "sendDocument"}]
    answers = [event for event in harness.world.events if event["type"] == "callback_answer"]
    return Seen(
        tuple((call.seq, plain(str(call.params.get("text", call.method)))) for call in new),
        frozenset(event["text"] for event in answers if event["user_id"] == someone.id and event["text"]),
        tuple(plain(screen) for screen in someone.screens),
        tuple(plain(label) for label in someone.buttons),
    )


def plain(text: str) -> str:
    for pattern, instead in _OWN:
        text = pattern.sub(instead, text)
    return text


def repeats(expected: Seen, got: Seen, *, hasty: bool = False) -> list[int]:
    """Numbers of the calls that said something again. Raises AssertionError for anything that is missing, out of
    order, strange, or not as it ends without trouble.

    `hasty`: who goes on with the first answer may have the second one below it in the end.
    """
    script = [text for _, text in expected.messages]
    told, again = 0, []
    for number, text in got.messages:
        if told < len(script) and text == script[told]:
            told += 1
        else:
            assert text in script[:told], f"unexpected or too early: {text!r}\n{got.messages}"
            again.append(number)
    assert told == len(script), f"never said: {script[told:]}"
    assert got.notices == expected.notices
    assert expected.screens[-1] in got.screens
    if not hasty:
        assert (got.screens[-1], got.buttons) == (expected.screens[-1], expected.buttons)
    return again


@dataclass(slots=True)
class Tally:
    """Kills and repeated messages that a test has seen: none is repeated without a kill, one in all after each.
    `alone`: nobody else talked meanwhile."""

    alone: bool = False
    updates: int = 0
    kills: int = 0
    repeated: int = 0
    most: int = 0  # messages again after one kill
    _after: Counter[int] = field(default_factory=Counter)

    def count(self, harness: LiveHarness, expected: Seen, got: Seen, *, hasty: bool = False) -> None:
        """Check what one person saw. Raises AssertionError."""
        again = repeats(expected, got, hasty=hasty)
        self.repeated += len(again)
        self._after.update(bisect_left(harness.killed_at, number) for number in again)
        assert not self._after[0], "a message came again without any kill"
        self.most = max(self._after.values(), default=0)
        assert self.most <= 1, f"{self.most} messages came again after one kill"

    def close(self, harness: LiveHarness) -> None:
        """Check the rest. Raises AssertionError."""
        self.updates, self.kills = check_updates(harness), harness.kills

    def summary(self) -> dict[str, int | bool]:
        """In words and numbers of JSON."""
        names = ("alone", "updates", "kills", "repeated", "most")
        return {name: getattr(self, name) for name in names}


def check_updates(harness: LiveHarness) -> int:
    """Every update that was sent is done, none is put aside, no button spins; how many there were."""
    sent = [update_id for ids in harness.updates.values() for update_id in ids]
    lost = set(sent) - {number for number, done_at in harness.inbox("update_id, done_at") if done_at}
    assert not harness.forgotten, "updates were confirmed before they were kept"
    assert not lost, f"{len(lost)} of {len(sent)} updates are lost"
    assert harness.dead_letters() == []
    assert [one for one in harness.outbox("kind, state") if one[1] != "sent"] == []
    assert not harness.world.presses
    return len(sent)
