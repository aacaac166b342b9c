"""A model of the desk: random talk both ways, and what has to stand in every chat at its end."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import pytest

from services.appeals.desk import DeskWatch
from services.appeals.models import Appeal
from tests.flows.test_desk import ACCOUNT, Shift, boss, shift
from tests.people import PICTURE, Someone

__all__ = ["shift"]

STEPS: Final = int(os.environ.get("DESK_STEPS", "150"))
SEED: Final = int(os.environ.get("DESK_SEED", "14"))  # the same run each time


@pytest.mark.timeout(300 + STEPS)  # seconds
async def test_random_talk_both_ways_ends_as_a_model_says(shift: Shift) -> None:
    """Messages and albums of both sides, edits, messages that are taken back, closed appeals, stopped bots, deleted
    topics, restarts."""
    model, number = Model(shift, SEED), -1
    try:
        await model.begin()
        for number in range(STEPS):
            await model.step(number)
        await model.check()
    except BaseException as error:
        error.add_note(f"DESK_SEED={SEED} DESK_STEPS={number + 1}")
        raise


class Model:
    """Words that ought to stand in each place. A customer's place has answers, a topic the words of both sides."""

    def __init__(self, shift: Shift, seed: int) -> None:
        self.shift = shift
        self.chance = random.Random(seed)
        self.world = shift.harness.world
        self.people: list[Someone] = []
        self.appeals: list[tuple[Someone, Appeal]] = []
        self.topic: dict[str, dict[int, str]] = {}  # words by the id of the original, negative for the staff's own
        self.answers: dict[str, dict[int, str]] = {}

    async def begin(self) -> None:
        self.boss = await boss(self.shift)
        for name in ("Мария", "Олег", "Ира"):
            someone = await self.shift.harness.customer(name, ACCOUNT)
            self.people.append(someone)
            for _ in range(2):
                appeal = await self.shift.appeal(someone)
                self.appeals.append((someone, appeal))
                self.topic[appeal.key], self.answers[appeal.key] = {}, {}
                await self._writes(someone, appeal, f"Начало {appeal.number}")
        await self.shift.settled()

    async def step(self, number: int) -> None:
        someone, appeal = self.chance.choice(self.appeals)
        deeds = (
            [self._writes] * 3
            + [self._sends_album]
            + [self._answers] * 4
            + [self._answers_with_album]
            + [self._edits] * 2
            + [self._edits_answer] * 2
        )
        deeds += [self._takes_back, self._deletes, self._closes, self._stops, self._loses_topic]
        await self.chance.choice(deeds)(someone, appeal, f"Слово {number} <&>")
        if self.chance.random() < 0.3:
            await self._settle()
        if number % 50 == 49:
            await self.shift.harness.restart()
        self.shift.harness.clock.advance(seconds=1)

    async def _writes(self, someone: Someone, appeal: Appeal, words: str) -> None:
        if not someone.person.blocked:
            message = self.world.send_text(someone.person, words)
            await self.shift.write(appeal, message)
            self.topic[appeal.key][message["message_id"]] = words

    async def _sends_album(self, someone: Someone, appeal: Appeal, words: str) -> None:
        if not someone.person.blocked:
            album = self.world.new_media_group_id()
            parts = [
                self.world.send_file(someone.person, "photo", PICTURE, "a.png", f"{words} {part}", media_group_id=album)
                for part in range(2)
            ]
            await self.shift.write(appeal, *parts)
            self.topic[appeal.key] |= {one["message_id"]: one["caption"] for one in parts}

    async def _answers(self, someone: Someone, appeal: Appeal, words: str) -> None:
        await self._settle()
        thread = self._thread(appeal)
        message = self.world.send_text(self.boss, words, self.shift.group, thread)
        self.topic[appeal.key][-message["message_id"]] = words
        self.answers[appeal.key][message["message_id"]] = words

    async def _answers_with_album(self, someone: Someone, appeal: Appeal, words: str) -> None:
        await self._settle()
        album, thread = self.world.new_media_group_id(), self._thread(appeal)
        for part in range(2):
            place: dict[str, Any] = {"chat": self.shift.group, "thread_id": thread, "media_group_id": album}
            one = self.world.send_file(self.boss, "photo", PICTURE, "a.png", f"{words} {part}", **place)
            self.topic[appeal.key][-one["message_id"]] = self.answers[appeal.key][one["message_id"]] = one["caption"]

    async def _edits(self, someone: Someone, appeal: Appeal, words: str) -> None:
        own = [one for one in self.topic[appeal.key] if one > 0]
        if own and not someone.person.blocked:
            one = self.chance.choice(own)
            self.world.edit_text(someone.person, one, words)
            self.topic[appeal.key][one] = words

    async def _edits_answer(self, someone: Someone, appeal: Appeal, words: str) -> None:
        own = [one for one in self.answers[appeal.key] if -one in self.topic[appeal.key]]
        if own:
            one = self.chance.choice(own)
            self.world.edit_text(self.boss, one, words, self.shift.group)
            self.answers[appeal.key][one] = self.topic[appeal.key][-one] = words

    async def _takes_back(self, someone: Someone, appeal: Appeal, words: str) -> None:
        own = [one for one in self.topic[appeal.key] if one > 0]
        if own and not someone.person.blocked:
            one = self.chance.choice(own)
            await someone.send("/delete", reply_to=one)
            del self.topic[appeal.key][one]

    async def _deletes(self, someone: Someone, appeal: Appeal, words: str) -> None:
        await self._settle()
        own = [one for one in self.answers[appeal.key] if -one in self.topic[appeal.key]]
        if own:
            one = self.chance.choice(own)
            self.world.send_text(self.boss, "/delete", self.shift.group, self._thread(appeal), reply_to=one)
            del self.answers[appeal.key][one]

    async def _closes(self, someone: Someone, appeal: Appeal, words: str) -> None:
        await self._settle()
        command = self.chance.choice(("/close", "/reopen"))
        self.world.send_text(self.boss, command, self.shift.group, self._thread(appeal))

    async def _stops(self, someone: Someone, appeal: Appeal, words: str) -> None:
        (self.world.unblock if someone.person.blocked else self.world.block)(someone.person)

    async def _loses_topic(self, someone: Someone, appeal: Appeal, words: str) -> None:
        """All of it goes, and the next message makes another."""
        if someone.person.blocked:
            return
        await self._settle()
        self.world.delete_topic(self.shift.group, self._thread(appeal))
        self.topic[appeal.key].clear()
        await self._writes(someone, appeal, words)
        await self._settle()

    def _thread(self, appeal: Appeal) -> int:
        [thread] = [thread for title, thread in self.shift.topics.items() if appeal.number in title]
        return thread

    async def _settle(self) -> None:
        """Everything has gone out but what waits for people who have stopped the bot."""
        await self.shift.harness.quiet()
        await self.shift.harness.app.use(DeskWatch).look()
        self.shift.harness.app.wake_up.set()
        await self.shift.harness.outbox_is_sent()

    async def check(self) -> None:
        """Topics, chats of customers, and marks at the answers that were delivered."""
        for someone in self.people:
            if someone.person.blocked:
                self.world.unblock(someone.person)
        await self._settle()
        for someone, appeal in self.appeals:
            _agree(self.shift.stands(self._thread(appeal)), self.topic[appeal.key].values())
            mine = (words for key in self._keys(someone) for words in self.answers[key].values())
            _agree(someone.screens, mine)
        own = self.world.bot["id"]
        reactions = {one.message_id for one in self.shift.group.messages.values() if one.reactions.get(own)}
        assert reactions == {one for key in self.topic for one in self.answers[key] if -one in self.topic[key]}

    def _keys(self, someone: Someone) -> set[str]:
        return {appeal.key for other, appeal in self.appeals if other is someone}


def _agree(stands: Iterable[str], expected: Iterable[str]) -> None:
    """Words of the talk stand there once each, and no others."""
    said, wanted = Counter(one for one in stands if one.startswith(("Слово", "Начало"))), Counter(expected)
    assert (dict(said - wanted), dict(wanted - said)) == ({}, {}), "too much, missing"
