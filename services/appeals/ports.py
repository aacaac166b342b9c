"""Tables of appeals, and the working calendar, as the use cases see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from services.appeals.models import Appeal, AppealMessage, Attachment, Copy, DeliveryState, Side, Written
from services.appeals.topics import OnItsWay, Template, Topic


class AppealRepository(Protocol):
    async def add(self, appeal: Appeal) -> bool:
        """False when one with this key is there already."""
        ...

    async def next_number(self, day: date) -> str:
        """The next one of a month, `2611-00042`."""
        ...

    async def get(self, key: str) -> Appeal | None: ...

    async def by_number(self, number: str) -> Appeal | None: ...

    async def save(self, appeal: Appeal) -> None:
        """Everything but key, number, customer and time of creation."""
        ...

    async def of_person(self, user_id: int, since: datetime, limit: int, offset: int = 0) -> tuple[Appeal, ...]:
        """Those on which something happened since a moment, the newest first."""
        ...

    async def has_unread(self, user_id: int) -> bool: ...

    async def count_since(self, user_id: int, since: datetime) -> int:
        """How many a person has sent."""
        ...

    async def forget(self, before: datetime) -> None:
        """Remove those, with their messages, on which nothing happened after a moment."""
        ...


class AppealMessageRepository(Protocol):
    async def add(self, appeal: str, written: Written) -> AppealMessage | None:
        """None when this message of Telegram belongs to an appeal already."""
        ...

    async def get(self, message_id: int) -> AppealMessage | None: ...

    async def at(self, chat: int, message: int) -> AppealMessage | None:
        """The one that was written as this message of Telegram."""
        ...

    async def copied_to(self, chat: int, message: int) -> AppealMessage | None:
        """The one whose copy this message of Telegram is."""
        ...

    async def of_appeal(
        self, appeal: str, sides: Sequence[Side], limit: int, offset: int = 0
    ) -> tuple[AppealMessage, ...]:
        """The oldest first."""
        ...

    async def of_album(self, message: AppealMessage) -> tuple[AppealMessage, ...]:
        """All parts of its album, the oldest first."""
        ...

    async def count(self, appeal: str, sides: Sequence[Side]) -> int: ...

    async def count_of_person(self, user_id: int, since: datetime) -> int:
        """How many a customer has written."""
        ...

    async def edit(self, message_id: int, text: str, file: Attachment | None, at: datetime) -> None: ...

    async def withdraw(self, message_id: int, at: datetime) -> None: ...

    async def note_copy(self, message_id: int, copy: Copy) -> None:
        """It stands there now: it is delivered."""
        ...

    async def note_delivery(self, message_id: int, delivery: DeliveryState, reason: str = "") -> None: ...

    async def note_mark(self, message_id: int, mark: int | None) -> None: ...


class DeskRepository(Protocol):
    async def topic(self, appeal: str) -> Topic | None: ...

    async def topic_at(self, chat: int, thread: int) -> Topic | None: ...

    async def topic_of_card(self, chat: int, card: int) -> Topic | None: ...

    async def keep(self, topic: Topic) -> None: ...

    async def home_of(self, chat: int) -> int:
        """The number that a group had before it became a supergroup; its own where it has not moved."""
        ...

    async def groups(self) -> Sequence[int]:
        """All that have, or had, topics of appeals, by their numbers in the settings."""
        ...

    async def chat_of(self, home: int) -> int:
        """The number that a group of the settings has now."""
        ...

    async def on_their_way(self) -> Sequence[OnItsWay]: ...

    async def out_of_step(self) -> Sequence[str]:
        """Appeals that are closed while their topics are open, or the other way round."""
        ...

    async def unanswered(self, group: int | None = None) -> Sequence[tuple[Appeal, Topic]]:
        """Open appeals that wait for an answer, of one group or of all, the most urgent first."""
        ...

    async def find(self, words: str, group: int, limit: int) -> Sequence[tuple[Appeal, Topic]]:
        """By the number, the end of an account or a part of a name, the newest first."""
        ...

    async def since(self, moment: datetime, group: int) -> Sequence[Appeal]:
        """Appeals that came since a moment."""
        ...

    async def keep_template(self, group: int, template: Template) -> None: ...

    async def drop_template(self, group: int, name: str) -> None: ...

    async def templates(self, group: int) -> Sequence[Template]:
        """By their names."""
        ...


class WorkingCalendar(Protocol):
    def is_holiday(self, day: date) -> bool:
        """Whether a day is a public holiday of the country."""
        ...
