"""Open updates of a conversation: a few are in memory, the others wait in the table."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from bot.inbox.updates import album_of, said_in
from services.db.inbox import Accepted

HELD = 12  # updates of one conversation in memory: an album of ten, and words before and after it
CROWD = 3  # more than come from a person who reads the answers


class ConversationQueue:
    """One conversation's open updates, in order of their numbers.

    `more`: there may be further ones in the table. `flooded`: once there were more than `HELD` of them; it stays until
    the queue ends.
    """

    def __init__(self, *, more: bool = False) -> None:
        self.held: deque[Accepted] = deque()
        self.more = more
        self.flooded = False
        self._said: bytes | None = None
        self._album: object = None

    @property
    def ended(self) -> bool:
        return not self.held and not self.more

    @property
    def crowded(self) -> bool:
        """Whether more updates wait than a person sends who reads the answers."""
        return self.more or len(self.held) >= CROWD

    def arrive(self, update: Accepted) -> None:
        """The update has just been committed."""
        if self.more:
            return
        if len(self.held) == HELD:
            self.more = self.flooded = True
            return
        place = len(self.held)
        while place > 1 and self.held[place - 1].update_id > update.update_id:  # the first may have begun
            place -= 1
        self.held.insert(place, update)

    def read(self, rows: Sequence[Accepted]) -> None:
        """Take in the first open updates of the table, up to `HELD` + 1: the last only tells that there are more."""
        self.held.extend(rows[:HELD])
        self.more = len(rows) > HELD
        self.flooded |= self.more

    def reread(self) -> None:
        """An earlier update is open again in the table: of those held only the first, which may have begun, stays."""
        while len(self.held) > 1:
            self.held.pop()
        self.more = True

    def drop(self, update: Accepted) -> None:
        """The update is done, wherever it stands."""
        if update in self.held:  # or it was to be reread meanwhile
            self.held.remove(update)

    def note(self, update: Accepted, *, in_vain: bool) -> None:
        """The update is worked off; `in_vain`: one of a flood that has left its conversation where it was, as would its
        like."""
        self._said = said_in(update.body) if in_vain else None

    def repeats(self) -> list[Accepted]:
        """The next updates, as far as they repeat the last one, which changed nothing."""
        return list(self._repeats()) if self._said is not None else []

    def _repeats(self) -> Iterator[Accepted]:
        for update in self.held:
            if update.tries or said_in(update.body) != self._said:
                return
            yield update

    def begins_album(self) -> bool:
        """Whether the next update is the first part of an album that is met, and has no words under it: they may stand
        under another."""
        part = album_of(self.held[0].body)
        if part is None or part[0] == self._album:
            return False
        self._album, worded = part
        return not worded

    def put_words_first(self) -> None:
        """The part of the album that has words goes before the others."""
        for update in self.held:
            if album_of(update.body) == (self._album, True):
                self.held.remove(update)
                self.held.appendleft(update)
                return
