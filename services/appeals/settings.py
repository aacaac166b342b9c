"""Appeals as a supplier's profile describes them: subjects, the hours in which staff answer, groups of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of appeals. `key` stands in rows and never changes; `en`: its English name, where it has one."""

    key: str
    name: str
    en: str = ""

    def named(self, language: str) -> str:
        return self.en if language == "en" and self.en else self.name


@dataclass(frozen=True, slots=True)
class AppealSettings:
    """`hours`: of a working day, `8:00-17:00`; `days`: working days of a week, `1-5`; `answer_in`: working days within
    which an answer is promised. The country's public holidays are days off; `days_off` and `working_days` are the days
    that the government has moved."""

    subjects: tuple[Subject, ...] = (Subject("other", "Другой вопрос", "Something else"),)
    hours: str = "8:00-17:00"
    days: str = "1-5"
    answer_in: int = 3
    days_off: tuple[date, ...] = ()
    working_days: tuple[date, ...] = ()

    def subject(self, key: str) -> Subject:
        """The one with a key, or one that is called by its key: a profile may have dropped it since."""
        return next((one for one in self.subjects if one.key == key), Subject(key, key))


@dataclass(frozen=True, slots=True)
class DeskGroup:
    """A staff group for some subjects or regions; all when empty. `chat`: Telegram's number of the group."""

    chat: int
    subjects: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def takes(self, subject: str, region: str) -> bool:
        return (not self.subjects or subject in self.subjects) and (not self.regions or region in self.regions)


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """Groups in the order in which they are asked; `group`: the one for all the rest, the setting's. `broadcasts`:
    numbers of those that write to all customers; None: those that answer every appeal."""

    groups: tuple[DeskGroup, ...] = ()
    group: int | None = None
    broadcasts: tuple[int, ...] | None = None

    def group_of(self, subject: str, region: str) -> int | None:
        return next((one.chat for one in self.groups if one.takes(subject, region)), self.group)

    def may_broadcast(self, chat: int) -> bool:
        if self.broadcasts is not None:
            return chat in self.broadcasts
        return chat == self.group or any(one.chat == chat and not (one.subjects or one.regions) for one in self.groups)

    @property
    def chats(self) -> frozenset[int]:
        """All groups whose members may answer."""
        return frozenset({one.chat for one in self.groups} | ({self.group} if self.group else set()))
