"""People of the demo: the same with the same ids at every start, or the bot would not know them again."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import orjson

from sandbox.state import Chat, Json, Person
from sandbox.world import World

FIRST: Final[list[Json]] = [
    {"first_name": "Мария", "last_name": "Ромашкина"},
    {"first_name": "Олег", "last_name": "Дежурный", "username": "oleg_support", "status": "creator"},
    {"first_name": "Анна", "last_name": "Сменная", "username": "anna_support", "status": "administrator"},
]
_KEPT: Final = ("id", "first_name", "last_name", "username", "language_code", "started", "blocked")


class Cast:
    """People and their staff group, kept in a file that follows every change."""

    def __init__(self, world: World, file: Path) -> None:
        """Fills an empty world."""
        self._world = world
        self._file = file
        self.group = world.add_staff_group("Поддержка")
        for one in _read(file):
            _enter(world, self.group, one)
        self._written = b""
        self._write()
        world.listen(lambda _: self._write())

    def _write(self) -> None:
        """Replace the file if anything changed; a killed process leaves the old or the new one, whole."""
        found = orjson.dumps([self._describe(person) for person in self._world.people.values()])
        if found == self._written:
            return
        beside = self._file.with_suffix(".new")
        beside.write_bytes(found)
        beside.replace(self._file)
        self._written = found

    def _describe(self, person: Person) -> dict[str, Any]:
        kept = {name: getattr(person, name) for name in _KEPT}
        status = self.group.members.get(person.id)
        return {**kept, "status": status} if status else kept


def _read(file: Path) -> list[Json]:
    if not file.exists():
        return FIRST
    found: list[Json] = orjson.loads(file.read_bytes())
    return found


def _enter(world: World, group: Chat, one: Json) -> None:
    language = one.get("language_code", "ru")
    names = (one["first_name"], language, one.get("last_name"), one.get("username"))
    person = world.add_person(*names, person_id=one.get("id"))
    person.started, person.blocked = one.get("started", False), one.get("blocked", False)
    if "status" in one:
        world.join(group, person, one["status"])
