"""People who send their readings to a bot of whatever make, and what becomes of each update.

Everybody writes twice in a hurry, the second numbers instead of the first, and presses «Передать» under the answer
to the second as soon as it is there.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from sandbox.state import Json
from sandbox.world import World
from tests.bench import customers
from tests.faults.fork_server import PATIENCE

NIGHT: Final = 1600


class Move(IntEnum):
    """One person's updates in order; a text by its reading for the day."""

    FIRST = 3641
    SECOND = 3650
    PRESS = 9999


@dataclass(slots=True)
class Story:
    """One person's messages, the bot's answers, and the readings that it kept, each in order; `repeated`: messages
    that said something again, by the kill after which they came."""

    sent: list[Move] = field(default_factory=list)
    answered: list[Move] = field(default_factory=list)
    kept: list[Move] = field(default_factory=list)
    repeated: Counter[int] = field(default_factory=Counter)

    @property
    def unanswered(self) -> set[Move]:
        return set(self.sent) - set(self.answered)

    @property
    def lost(self) -> set[Move]:
        """Texts without an answer or a trace, and presses without a submission, whatever was answered."""
        missing = set(self.sent) - set(self.kept)
        return {move for move in missing if move is Move.PRESS or move in self.unanswered}

    @property
    def doubled(self) -> int:
        """Submissions beyond the one that was asked for."""
        return max(self.kept.count(Move.PRESS) - 1, 0)

    @property
    def overtaken(self) -> set[Move]:
        """Moves that were first answered or first kept after something that was sent later."""
        return _overtaken(self.answered) | _overtaken(self.kept)


def _overtaken(moves: list[Move]) -> set[Move]:
    return {move for place, move in enumerate(moves) if move not in moves[:place] and move < max(moves[: place + 1])}


class Crowd:
    def __init__(self, world: World) -> None:
        self.stories: dict[int, Story] = defaultdict(Story)
        self.kills = 0  # of the bot so far
        self._world = world
        world.listen(self._see)

    def hurry(self, count: int) -> list[Story]:
        """So many new people come and write at once."""
        return [self._write(customers.FIRST_PERSON + len(self._world.people)) for _ in range(count)]

    def _write(self, person_id: int) -> Story:
        person, story = self._world.add_person("Мария", person_id=person_id), self.stories[person_id]
        for move in (Move.FIRST, Move.SECOND):
            story.sent.append(move)
            self._world.send_text(person, f"{move.value} {NIGHT}")
        return story

    def _see(self, event: Json) -> None:
        if event["type"] == "message" and event["message"]["from"]["is_bot"]:
            self._read(event["chat_id"], event["message"])

    def _read(self, person_id: int, message: Json) -> None:
        story, button = self.stories[person_id], _button(message)
        move = _text_of(message) if button else Move.PRESS
        story.repeated[self.kills] += move in story.answered
        story.answered.append(move)
        if button and move is Move.SECOND and Move.PRESS not in story.sent:
            story.sent.append(Move.PRESS)
            self._world.press(self._world.people[person_id], person_id, message["message_id"], button)

    async def served(self, silence: float) -> None:
        """Wait until the bot has fetched everything and then said nothing for so many seconds."""
        async with asyncio.timeout(PATIENCE):
            await self._world.updates.poll_begun.wait()
            while await self._hears(silence) or len(self._world.updates):
                pass

    async def _hears(self, seconds: float) -> bool:
        try:
            await self._world.wait_for(lambda _: True, seconds)
        except TimeoutError:
            return False
        return True


def _button(message: Json) -> str | None:
    """The callback data of «Передать»."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return next((one["callback_data"] for row in rows for one in row if one["text"].endswith("Передать")), None)


def _text_of(answer: Json) -> Move:
    """The text to which it is the answer: it names the numbers."""
    return Move.SECOND if str(Move.SECOND.value) in re.sub(r"\s", "", answer["text"]) else Move.FIRST
