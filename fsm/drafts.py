"""What a customer has filled in so far, typed. A draft that is gone raises DraftLost, never KeyError."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Self

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import StatesGroup
from pydantic import BaseModel, Field, ValidationError

from fsm.states import Consenting, Linking, Mailing, Metering, Naming, Paying, Proving, SettingEmail
from fsm.storage import current_turn
from services.errors import DraftLost
from services.models import Consent, Link, Month, Remark, Submitted, Zone


def new_id() -> str:
    """An opaque id short enough for a button; the same one again when an update runs again, so that what it said
    then is what it says now."""
    turn = current_turn()
    return secrets.token_urlsafe(9) if turn is None else turn.new_id()


class Draft(BaseModel):
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


class ConsentDraft(Draft):
    ticked: set[Consent] = Field(default_factory=set)


class ErasureDraft(Draft):
    """The customer is asked for the last time whether everything about them is to be erased."""


class AddressDraft(Draft):
    """`number`: of the account whose address is to be confirmed; `shown`: the address as the question had it."""

    number: str
    shown: str = ""


class LabelDraft(Draft):
    link_id: str


class UnlinkDraft(Draft):
    """`link_id`: the account that the customer is asked to let go."""

    link_id: str


class ArrivalDraft(Draft):
    """`payload`: of the link that the customer came by, to be followed when the consents are given."""

    payload: str


class InvitationDraft(Draft):
    """`token`: of the invitation that the customer is asked to accept."""

    token: str


class ProofDraft(Draft):
    """`link_id`: the account that the customer proves."""

    link_id: str


class MailDraft(Draft):
    """`submission`: key of what is to be mailed."""

    submission: str


class PaymentDraft(Draft):
    """`kopecks` None: the sum is being asked for; `offered`: it was due when the way to pay was asked, and is no sum of
    the customer's own; `preliminary`: where they came from; `email`: for the receipt."""

    link_id: str
    kopecks: int | None = None
    offered: bool = False
    preliminary: bool = True
    email: str | None = None

    @property
    def confirmation(self) -> str:
        """The key of the order that this would become, for each sum and address another one."""
        said = [self.id, self.link_id, self.kopecks, self.email]
        return blake2b(json.dumps(said).encode(), digest_size=12).hexdigest()


class EmailDraft(Draft):
    """The customer is asked for an address of their own."""


class EmailRemovalDraft(Draft):
    """`address`: the one that the customer is asked to let go."""

    address: str


class UnheardDraft(Draft):
    """What was typed, and in which form, when it could not be worked off: one press says it again."""

    form: str | None
    text: str
    message: int
    typed_at: datetime


class AnsweredAlbums(Draft):
    """`albums`: the last ones of which a part was answered."""

    albums: tuple[str, ...] = ()

    async def add(self, album: str, state: FSMContext) -> None:
        self.albums = (*self.albums, album)[-_ALBUMS:]
        await self.save(state)


_ALBUMS = 5  # whose parts may come in between each other's
_SAME_SITTING = timedelta(days=1)


class ReadingDraft(Draft):
    """Values of one meter by zone, the newest of `day`; `lines`, `cost` (kopecks) and `period` are those of the
    preview. `typed` is still to be read: it waits for the supplier or for a `meter` to be picked. `message` is the one
    that was typed last, at `typed_at`, `before` the form without it."""

    link_id: str
    meter: str | None = None
    values: dict[Zone, int] = Field(default_factory=dict)
    remarks: dict[Zone, Remark] = Field(default_factory=dict)
    day: date | None = None
    fraction_cut: bool = False
    lines: tuple[Submitted, ...] = ()
    cost: int | None = None
    period: Month | None = None
    typed: str | None = None
    message: int | None = None
    typed_at: datetime | None = None
    before: ReadingDraft | None = None

    @property
    def confirmation(self) -> str:
        """The key of the submission that this would become. Other values have another one, so that the button
        of an older preview is known for what it is; the same ones have it again when an update runs twice. So has
        another month."""
        said = [self.id, self.link_id, self.meter, sorted(self.values.items()), sorted(self.remarks.items())]
        said += [str(self.period)] if self.period else []
        return blake2b(json.dumps(said).encode(), digest_size=12).hexdigest()

    def resumable(self, link: Link | None, today: date) -> bool:
        """Whether there are numbers in it for this account that are not too old."""
        kept = bool(self.typed) or (bool(self.values) and not self.outlived(today))
        return kept and link is not None and link.id == self.link_id

    def outlived(self, today: date) -> bool:
        """Whether the values are of days ago: half of yesterday's readings may be all of today's."""
        return self.day is not None and today - self.day > _SAME_SITTING

    def begin_anew(self) -> None:
        self.values, self.remarks, self.day, self.fraction_cut = {}, {}, None, False

    def fit(self, zones: Iterable[Zone]) -> bool:
        """False when the meter no longer has the zones of its values, which are asked for anew then."""
        fits = set(self.values) <= set(zones)
        if not fits:
            self.begin_anew()
        return fits

    def hear(self, typed: str, message: int | None, at: datetime | None) -> ReadingDraft:
        """The form with a message to be read; one that was edited is read instead of what it said before."""
        former = self.before if self.before and self.message == message else self
        before = former.model_copy(update={"before": None})
        return former.model_copy(update={"typed": typed, "message": message, "typed_at": at, "before": before})

    def overhear(self, typed: str, message: int, at: datetime) -> ReadingDraft:
        """A message that nobody asked for: its meter is yet to be picked. The form of that meter takes it up where
        it was left not long ago."""
        left = self if self.meter else self.before
        if left and left.typed_at and at - left.typed_at > _SAME_SITTING:
            left = None
        before = left and left.model_copy(update={"before": None})
        return ReadingDraft(link_id=self.link_id, typed=typed, message=message, typed_at=at, before=before)

    def turn_to(self, meter: str) -> ReadingDraft:
        """The form of a meter, with what is still to be read."""
        if self.meter == meter:
            return self
        left = self.before if self.before and self.before.meter == meter else None
        form = left or ReadingDraft(link_id=self.link_id, meter=meter)
        return form.hear(self.typed, self.message, self.typed_at) if self.typed else form


_FORMS: dict[type[StatesGroup], type[Draft]] = {
    Consenting: ConsentDraft,
    Linking: AddressDraft,
    Naming: LabelDraft,
    Proving: ProofDraft,
    Metering: ReadingDraft,
    Mailing: MailDraft,
    SettingEmail: EmailDraft,
    Paying: PaymentDraft,
}


async def leave_form(state: FSMContext) -> None:
    """Drop the form that the customer is in and every question that waits for a press; other forms stay."""
    current = await state.get_state()
    others = {form.__name__ for group, form in _FORMS.items() if current not in group}
    await state.set_data({name: draft for name, draft in (await state.get_data()).items() if name in others})
    await state.set_state(None)
