"""Papers: what is set, and what becomes of trouble in the library that sets them."""

from __future__ import annotations

from typing import Any

import pytest
import typst

from services.documents import TypstDocuments
from services.ports import Sheet

SHEET = Sheet(
    "Показания", "АО «Пример»", (("Счёт", "…3456"),), ("Зона", "Показание"), (("День", "3 650"),), "", "", "ru"
)


class Panic(BaseException):
    """As libraries raise that are written in Rust."""


async def test_a_sheet_is_a_pdf() -> None:
    assert (await TypstDocuments().sheet(SHEET)).startswith(b"%PDF")


async def test_a_panic_is_an_error_and_the_next_sheet_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = TypstDocuments()

    def panic(*_: object, **__: Any) -> bytes:
        raise Panic

    with monkeypatch.context() as patch:
        patch.setattr(typst, "compile", panic)
        with pytest.raises(RuntimeError):
            await documents.sheet(SHEET)
    assert (await documents.sheet(SHEET)).startswith(b"%PDF")
