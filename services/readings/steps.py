"""Steps on the way to a submission: the answers to a message with numbers, or to a press on the way."""

from __future__ import annotations

from dataclasses import dataclass

from services.errors import InputError
from services.readings.models import MeterForm, Submission, Submitted
from services.readings.views import AccountReadings, MeterView, Question
from services.supplier.models import Month
from services.supplier.periods import Window
from services.supplier.pricing import Estimate


@dataclass(frozen=True, slots=True)
class Preview:
    """Lines to be submitted. `estimate` is None where no price is known or the volume cannot be told."""

    lines: tuple[Submitted, ...]
    estimate: Estimate | None
    replaces: Submission | None
    window: Window

    @property
    def cost(self) -> int | None:
        """Kopecks."""
        return self.estimate.total if self.estimate else None


@dataclass(frozen=True, slots=True)
class Seen:
    """Lines of the preview that the customer confirms, their `cost` in kopecks, and the preview's month, None where it
    was not noted."""

    lines: tuple[Submitted, ...]
    cost: int | None
    period: Month | None


@dataclass(frozen=True, slots=True)
class AskMeter:
    """The account has several; nothing has been read yet."""

    account: AccountReadings


@dataclass(frozen=True, slots=True)
class OfMeter:
    """`form`: values and remarks of the meter by now."""

    account: AccountReadings
    view: MeterView
    form: MeterForm


@dataclass(frozen=True, slots=True)
class AskZones(OfMeter):
    """`changed`: earlier numbers were for zones that the meter has no more."""

    changed: bool


@dataclass(frozen=True, slots=True)
class AskDoubt(OfMeter):
    question: Question


@dataclass(frozen=True, slots=True)
class ShowPreview(OfMeter):
    preview: Preview


@dataclass(frozen=True, slots=True)
class UnreadableNumbers(OfMeter):
    """The numbers of the message could not be read; `form` is as it was before."""

    error: InputError


Step = AskZones | AskDoubt | ShowPreview
