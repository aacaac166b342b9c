"""Words of notices. Each flow has its own in `handlers/<flow>/notices.py`, collected when the bot starts."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeVar, overload

from aiogram import Bot

import handlers
from handlers.conversation import UseCases
from handlers.show import Screen
from locales import _
from services.customers.models import Customer
from services.notices.catalog import CATALOG
from services.notices.models import ByMail, Current, Edit, Facts, File, Steps, Text
from services.notices.ports import LetterLink, LetterPart

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class FileScreen:
    """A document, or a photo, with its caption and the buttons under it. `keep` is told Telegram's id of the document,
    where its answer was heard."""

    name: str
    content: bytes
    caption: Screen
    photo: bool = False
    keep: Callable[[str], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class InSteps:
    """A message that takes several calls. `send` makes them in the chat of an id, and notes what each has made, so that
    the next try goes on from there. It raises what Telegram says, and NotYet."""

    send: Callable[[int], Awaitable[None]]


class NotYet(Exception):
    """The message has to wait for something that Telegram is still to tell."""


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter's paragraphs, links and tables; `handlers/letters.py` has what all letters begin and end with.
    `attachment`: file name and PDF. `unsubscribe`: the https address that ends what a letter comes by. `to`: the
    address of today, where it may be another than when the notice was made."""

    subject: str
    parts: tuple[LetterPart, ...]
    footer: str = ""
    attachment: tuple[str, bytes] | None = None
    unsubscribe: str = ""
    to: str = ""

    @property
    def leave(self) -> LetterLink | None:
        return LetterLink(_("Отписаться от этих писем"), self.unsubscribe) if self.unsubscribe else None


@dataclass(frozen=True, slots=True)
class NotedScreen:
    """A screen whose message is to be known by its id; `note` is told it, where Telegram's answer was heard."""

    screen: Screen
    note: Callable[[int], Awaitable[None]]


Message = Screen | NotedScreen | FileScreen | InSteps
Payload = Message | LetterText


@dataclass(frozen=True, slots=True)
class Making:
    """The chat for which a payload is made, its customer if it has one, the bot, and the use cases that it is made
    with. `goes_on`: an earlier try may have said it."""

    user_id: int
    bot: Bot
    use_cases: UseCases
    customer: Customer | None = None
    goes_on: bool = False

    def use(self, kind: type[Kind]) -> Kind:
        """The use case, port or setting of a type."""
        return self.use_cases.get(kind)


OfText = TypeVar("OfText", bound=Text | Edit)
OfCurrent = TypeVar("OfCurrent", bound=Current)
OfFile = TypeVar("OfFile", bound=File)
OfSteps = TypeVar("OfSteps", bound=Steps)
OfMail = TypeVar("OfMail", bound=ByMail)
OfAny = TypeVar("OfAny", bound=Facts)
OfPayload = TypeVar("OfPayload", bound=Payload)
Said = TypeVar("Said", bound=Screen | NotedScreen)
Says = Callable[[OfText], Screen]
Makes = Callable[[OfAny, Making], Awaitable[OfPayload | None]]
Made = Payload | BaseException | None
MakesForMany = Callable[[OfAny, Sequence[Making]], Awaitable[Sequence[Made]]]


class WordsMissing(LookupError):
    """Kinds of notices that have no words."""


class WordsTwice(Exception):
    """A kind of notices that has words in two places."""


class Words:
    """Functions that say notices, by kinds: each says the same facts to all whom they are for."""

    def __init__(self) -> None:
        self._makers: dict[type[Facts], MakesForMany[Any]] = {}

    @property
    def kinds(self) -> frozenset[type[Facts]]:
        return frozenset(self._makers)

    def text(self, kind: type[OfText]) -> Callable[[Says[OfText]], Says[OfText]]:
        """Say a new message, or one that is brought up to date: a screen of the facts alone."""

        def keep(says: Says[OfText]) -> Says[OfText]:
            async def make(facts: OfText, makings: Sequence[Making]) -> Sequence[Made]:
                return [says(facts)] * len(makings)

            self._keep(kind, make)
            return says

        return keep

    @overload
    def made(self, kind: type[OfText]) -> Callable[[Makes[OfText, Screen]], Makes[OfText, Screen]]: ...
    @overload
    def made(self, kind: type[OfFile]) -> Callable[[Makes[OfFile, FileScreen]], Makes[OfFile, FileScreen]]: ...
    @overload
    def made(self, kind: type[OfCurrent]) -> Callable[[Makes[OfCurrent, Said]], Makes[OfCurrent, Said]]: ...
    @overload
    def made(self, kind: type[OfSteps]) -> Callable[[Makes[OfSteps, InSteps]], Makes[OfSteps, InSteps]]: ...
    @overload
    def made(self, kind: type[OfMail]) -> Callable[[Makes[OfMail, LetterText]], Makes[OfMail, LetterText]]: ...
    def made(self, kind: type[Facts]) -> Callable[[Makes[Any, Any]], Makes[Any, Any]]:
        """Make a notice from more than its facts; None when there is nothing to send any more."""

        def keep(makes: Makes[Any, Any]) -> Makes[Any, Any]:
            async def make(facts: Facts, makings: Sequence[Making]) -> Sequence[Made]:
                made: list[Made] = await asyncio.gather(*(makes(facts, one) for one in makings), return_exceptions=True)
                return made

            self._keep(kind, make)
            return makes

        return keep

    def made_for_many(self, kind: type[OfCurrent]) -> Callable[[MakesForMany[OfCurrent]], MakesForMany[OfCurrent]]:
        """Make one that is the same for many; None for those to whom there is nothing to send any more."""

        def keep(makes: MakesForMany[OfCurrent]) -> MakesForMany[OfCurrent]:
            self._keep(kind, makes)
            return makes

        return keep

    def add(self, others: Words) -> None:
        """Raises WordsTwice."""
        for kind, make in others._makers.items():
            self._keep(kind, make)

    async def of(self, facts: Facts, makings: Sequence[Making]) -> Sequence[Made]:
        """For each its payload, or the error that kept it from being made. Raises WordsMissing: the row was written by
        a version that had other kinds or facts."""
        if type(facts) not in self._makers:
            raise WordsMissing(facts.kind)
        return await self._makers[type(facts)](facts, makings)

    def _keep(self, kind: type[Facts], make: MakesForMany[Any]) -> None:
        if any((one.channel, one.kind) == (kind.channel, kind.kind) for one in self._makers):
            raise WordsTwice(kind.kind)
        self._makers[kind] = make


def collect(more: Words | None = None) -> Words:
    """Words of all kinds, and of `more`. Raises WordsMissing, WordsTwice."""
    collected = Words()
    for words in _of_flows():
        collected.add(words)
    if missing := set(CATALOG) - collected.kinds:
        raise WordsMissing(*sorted(f"{one.kind} ({one.channel})" for one in missing))
    if more:
        collected.add(more)
    return collected


def _of_flows() -> Iterator[Words]:
    for flow in pkgutil.iter_modules(handlers.__path__, "handlers."):
        if flow.ispkg and find_spec(f"{flow.name}.notices"):
            yield importlib.import_module(f"{flow.name}.notices").words
