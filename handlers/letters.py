"""Letters begin with a greeting, and end with the supplier's name and the ways to reach it."""

from __future__ import annotations

from handlers.notices import LetterText
from locales import _
from services.notices.ports import LetterPart, LetterTable
from services.ports import Sheet
from services.supplier.profile import SupplierProfile


def letter(
    profile: SupplierProfile,
    subject: str,
    *parts: LetterPart,
    attachment: tuple[str, bytes] | None = None,
    unsubscribe: str = "",
    to: str = "",
) -> LetterText:
    """`parts`: paragraphs as plain words, `LetterLink` and `LetterTable`; the rest as `LetterText` has it."""
    footer = f"{profile.name}\n{profile.phone} · {profile.site}"
    return LetterText(subject, (_("Здравствуйте."), *parts), footer, attachment, unsubscribe, to)


def paper_letter(
    profile: SupplierProfile, subject: str, about: str, paper: Sheet, attachment: tuple[str, bytes]
) -> LetterText:
    """A letter with the facts of a paper, and the paper; `about`: a paragraph before them."""
    table = [LetterTable(paper.rows, paper.columns)] if paper.rows else []
    total = [paper.total] if paper.total else []
    return letter(profile, subject, about, LetterTable(paper.facts), *table, *total, attachment=attachment)
