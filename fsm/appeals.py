"""Appeals: states and drafts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from aiogram.fsm.state import State, StatesGroup

from fsm.draft import Draft
from services.appeals.errors import TooManyFiles
from services.appeals.files import MOST
from services.appeals.models import About, Contact, Written

_SITTING: Final = timedelta(minutes=10)  # messages further apart than that are of another conversation


class Appealing(StatesGroup):
    """An appeal that is being written. In `subject`, `text` and `preview` any message is a part of it."""

    subject = State()
    locality = State()
    address = State()
    name = State()
    contact = State()
    text = State()
    preview = State()


class Adding(StatesGroup):
    """Any message is added to an appeal that was sent."""

    message = State()


class Rating(StatesGroup):
    words = State()


COLLECTING: Final = frozenset(
    {Appealing.subject.state, Appealing.text.state, Appealing.preview.state, Adding.message.state}
)  # in which each part of an album is taken


class AppealDraft(Draft):
    """`opening`: the message of the bot that says what the appeal is about, where it was begun from a bill, a payment
    …; `contacted`: the question for contacts was answered; `doubted`: an address that looks mistyped; `shown`: the
    newest preview; `rewriting`: the next words stand in the place of the old ones; `refused`: the newest album of which
    a part found no room."""

    states = Appealing
    about: About = About()
    subject: str = ""
    contact: Contact = Contact()
    contacted: bool = False
    doubted: str = ""
    opening: Written | None = None
    messages: tuple[Written, ...] = ()
    shown: int | None = None
    rewriting: bool = False
    refused: str = ""

    @property
    def missing(self) -> State:
        """The question that comes next."""
        questions = (
            (self.subject, Appealing.subject),
            (self.about.account or self.about.locality, Appealing.locality),
            (self.about.account or self.about.address, Appealing.address),
            (self.contact.name, Appealing.name),
            (self.contacted, Appealing.contact),
            (self.messages, Appealing.text),
        )
        return next((state for answer, state in questions if not answer), Appealing.preview)

    @property
    def complete(self) -> bool:
        return self.missing is Appealing.preview

    @property
    def written(self) -> tuple[Written, ...]:
        """Everything in it, in the order in which it stands in the chat."""
        parts = (self.opening, *self.messages) if self.opening else self.messages
        return tuple(sorted(parts, key=lambda one: one.message))

    @property
    def files(self) -> tuple[Written, ...]:
        return tuple(one for one in self.messages if one.file)

    @property
    def text(self) -> str:
        """HTML."""
        return "\n\n".join(one.text for one in self.messages if one.text)

    def has_album(self, album: str) -> bool:
        return bool(album) and any(one.album == album for one in self.messages)

    def step_back(self) -> AppealDraft:
        """Without the answer to the question before the one that comes next."""
        if self.contacted:
            return self.model_copy(update={"contacted": False})
        if self.contact.name:
            return self.model_copy(update={"contact": Contact()})
        if self.about.address:
            return self.model_copy(update={"about": replace(self.about, address="")})
        if self.about.locality:
            return self.model_copy(update={"about": About()})
        return self.model_copy(update={"subject": ""})

    def take(self, written: Written) -> AppealDraft:
        """With a further message, or with a new wording of one that it has. Raises TooManyFiles."""
        others = tuple(one for one in self.messages if one.message != written.message)
        if written.file and sum(one.file is not None for one in others) >= MOST:
            raise TooManyFiles(most=MOST)
        anew = self.rewriting and bool(written.text)
        if anew:
            others = tuple(replace(one, text="") for one in others if one.file)
        messages = tuple(sorted((*others, written), key=lambda one: one.message))
        return self.model_copy(update={"messages": messages, "rewriting": self.rewriting and not anew})

    def without_files(self) -> AppealDraft:
        """Captions go with their files."""
        return self.model_copy(update={"messages": tuple(one for one in self.messages if one.file is None)})


class OfferedWords(Draft):
    """Messages that no question had asked for; one press makes them an appeal."""

    messages: tuple[Written, ...] = ()

    def goes_on(self, at: datetime) -> bool:
        return bool(self.messages) and at - self.messages[-1].at <= _SITTING


class AddingDraft(Draft):
    """`appeal`: the key of the one that messages are added to; `album`: the newest that was added, `at`: when;
    `refused`: the newest of which a part was not."""

    states = Adding
    appeal: str
    album: str = ""
    refused: str = ""
    at: datetime | None = None

    def goes_on(self, at: datetime) -> bool:
        """Whether a message belongs to it; the first one may come late."""
        return self.at is None or at - self.at <= _SITTING


class RatingDraft(Draft):
    """`appeal`: the key of the one that was rated."""

    states = Rating
    appeal: str
