"""Typed drafts: what a customer has filled in so far. A draft that is gone raises DraftLost, never KeyError."""

from __future__ import annotations

from typing import ClassVar, Self

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import StatesGroup
from pydantic import BaseModel, Field, ValidationError

import context
from services.errors import DraftLost


def new_id() -> str:
    """An opaque id short enough for a button; the same one again when an update runs again, so that what it said
    then is what it says now."""
    return context.current().new_id()


class Draft(BaseModel):
    """`states`: those of the form that it fills in; None for a question that waits for a press."""

    states: ClassVar[type[StatesGroup] | None] = None
    id: str = Field(default_factory=new_id)

    @classmethod
    async def load(cls, state: FSMContext, draft_id: str | None = None) -> Self:
        """The draft in hand; raises DraftLost when there is none or `draft_id` names another."""
        draft = await cls.find(state)
        if draft is None or draft_id not in (None, draft.id):
            raise DraftLost
        return draft

    @classmethod
    async def find(cls, state: FSMContext) -> Self | None:
        stored = (await state.get_data()).get(cls.__name__)
        try:
            return None if stored is None else cls.model_validate(stored)
        except ValidationError:
            return None  # of an older version of the bot

    @classmethod
    async def drop(cls, state: FSMContext) -> None:
        """This form is done; others that are half filled in stay."""
        data = await state.get_data()
        data.pop(cls.__name__, None)
        await state.set_data(data)
        await state.set_state(None)

    async def save(self, state: FSMContext) -> None:
        await state.update_data({type(self).__name__: self.model_dump(mode="json")})


async def leave_form(state: FSMContext) -> None:
    """Drop the form that the customer is in and every question that waits for a press; other forms stay."""
    current = await state.get_state()
    others = {form.__name__ for form in Draft.__subclasses__() if form.states and current not in form.states}
    await state.set_data({name: draft for name, draft in (await state.get_data()).items() if name in others})
    await state.set_state(None)
