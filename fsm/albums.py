"""Albums that were answered."""

from __future__ import annotations

from aiogram.fsm.context import FSMContext

from fsm.draft import Draft


class AnsweredAlbums(Draft):
    """`albums`: the last ones of which a part was answered."""

    albums: tuple[str, ...] = ()

    async def add(self, album: str, state: FSMContext) -> None:
        self.albums = (*self.albums, album)[-_ALBUMS:]
        await self.save(state)


_ALBUMS = 5  # whose parts may come in between each other's
