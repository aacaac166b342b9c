"""Pages of a period. A page begins and ends with whole days, and is found again by the day beside it, so that entries
that come meanwhile move none of the others to another page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, TypeVar

from services.history.periods import DAY, Period
from services.supplier.models import Span

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class PageMark:
    """Entries before a day, or after it when `newer`."""

    day: date
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[Entry]):
    """Entries, newest first; where older and newer ones are, if there are any."""

    entries: tuple[Entry, ...]
    older: PageMark | None = None
    newer: PageMark | None = None


@dataclass(frozen=True, slots=True)
class Paging(Generic[Entry]):
    """`most`: entries of a page, unless a single day has more; `ask` gives those of a span, newest first; `days`: the
    first and the last one of an entry."""

    most: int
    ask: Callable[[Span], Awaitable[Sequence[Entry]]]
    days: Callable[[Entry], tuple[date, date]]

    async def page(self, period: Period, place: PageMark | None) -> Page[Entry]:
        """The newest page without a place, and where the place has nothing any more."""
        whole = replace(period.span, most=self.most + 1)
        newest = whole.until + DAY
        day = min(max(place.day, whole.since - DAY), newest) if place else newest
        if place and place.newer and (page := await self._newer(replace(whole, since=day + DAY, oldest=True))):
            return page
        if place is None or place.newer:
            day = newest
        page = await self._older(replace(whole, until=day - DAY), first=day == newest)
        return page if page.entries or day == newest else await self.page(period, None)

    async def _older(self, span: Span, *, first: bool) -> Page[Entry]:
        entries, more = await self._taken(span)
        return self._between(entries, older=more, newer=not first)

    async def _newer(self, span: Span) -> Page[Entry] | None:
        """None for the newest page, which is better seen full."""
        entries, more = await self._taken(span)
        return self._between(entries[::-1], older=True, newer=True) if more else None

    async def _taken(self, span: Span) -> tuple[Sequence[Entry], bool]:
        """Entries of a page, from that end of the span which is wanted, and whether there are more behind them."""
        found = await self._asked(span)
        entries = self._cut(found)
        if len(entries) <= self.most or len(entries) < len(found):
            return entries, len(entries) < len(found)
        first, last = self.days(entries[0])  # a single day has filled the page: it is asked about the others
        rest = replace(span, since=last + DAY) if span.oldest else replace(span, until=first - DAY)
        return entries, bool(await self._asked(replace(rest, most=1)))

    async def _asked(self, span: Span) -> Sequence[Entry]:
        if span.since > span.until:
            return ()
        found = await self.ask(span)
        return found[::-1] if span.oldest else found

    def _cut(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """As many whole days as a page holds, one at least."""
        if len(entries) <= self.most:
            return entries
        cut = self.most
        while cut and self.days(entries[cut - 1]) == self.days(entries[cut]):
            cut -= 1
        if not cut:
            cut = next((at for at, one in enumerate(entries) if self.days(one) != self.days(entries[0])), len(entries))
        return entries[:cut]

    def _between(self, entries: Sequence[Entry], *, older: bool, newer: bool) -> Page[Entry]:
        if not entries:
            return Page(())
        return Page(
            tuple(entries),
            PageMark(self.days(entries[-1])[0]) if older else None,
            PageMark(self.days(entries[0])[1], newer=True) if newer else None,
        )
