"""Papers: what is set, and what becomes of trouble in the library that sets them."""

from __future__ import annotations

import asyncio
import io
import threading
from typing import Any, ClassVar

import pytest
import typst
from PIL import Image

from services.documents import TypstDocuments
from services.documents.scale import scale
from services.errors import DocumentsBusy
from services.ports import Chart, Columns, Sheet

SHEET = Sheet(
    "Показания", "АО «Пример»", (("Счёт", "…3456"),), ("Зона", "Показание"), (("День", "3 650"),), "", "", "ru"
)


class Panic(BaseException):
    """As libraries raise that are written in Rust."""


async def test_a_sheet_is_a_pdf() -> None:
    assert (await TypstDocuments().sheet(SHEET)).startswith(b"%PDF")


class Panicking:
    """A compiler in whose Rust something breaks."""

    def __init__(self, **_: Any) -> None: ...

    def compile(self, **_: Any) -> bytes:
        raise Panic


async def test_a_panic_is_an_error_and_the_next_sheet_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = TypstDocuments()
    with monkeypatch.context() as patch:
        patch.setattr(typst, "Compiler", Panicking)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                await documents.sheet(SHEET)
    for _ in range(3):
        assert (await documents.sheet(SHEET)).startswith(b"%PDF")


class Standing:
    """A compiler that works until it is let go."""

    gate: ClassVar[threading.Event]

    def __init__(self, **_: Any) -> None: ...

    def compile(self, **_: Any) -> bytes:
        self.gate.wait(10)
        return b"%PDF"


async def test_a_paper_waits_for_its_turn_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typst, "Compiler", Standing)
    monkeypatch.setattr(Standing, "gate", threading.Event(), raising=False)
    patient, hasty = TypstDocuments(), TypstDocuments(patience=0)
    try:
        waiting = [asyncio.ensure_future(patient.sheet(SHEET)) for _ in range(5)]
        busy = [asyncio.ensure_future(hasty.sheet(SHEET)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(DocumentsBusy):
            await hasty.sheet(SHEET)
    finally:
        Standing.gate.set()
    assert await asyncio.gather(*waiting, *busy) == [b"%PDF"] * 7
    assert await hasty.sheet(SHEET) == b"%PDF"


async def test_the_loop_goes_on_while_papers_are_set() -> None:
    documents = TypstDocuments()
    setting = asyncio.gather(*(documents.sheet(SHEET) for _ in range(4)))
    turns = 0
    while not setting.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
    assert all(pdf.startswith(b"%PDF") for pdf in setting.result())


ZONES = (("day", "день"), ("night", "ночь"))


def chart(*columns: Columns) -> Chart:
    return Chart("Расход", "счёт …3456", "1 кВт·ч", "за 12 месяцев", ZONES, "2026", "годом раньше", columns, "ru")


async def test_a_chart_is_a_picture_as_wide_as_a_phone_needs() -> None:
    columns = [Columns("янв", (number, 1), (number * 2, 3), "2026") for number in range(12)]
    for some in (columns, [Columns("янв", None, None)] * 12, [Columns("янв", None, (0, 0))], [*columns[:11]]):
        with Image.open(io.BytesIO(await TypstDocuments().chart(chart(*some)))) as image:
            assert (image.format, image.width) == ("PNG", 1080)
            assert 900 <= image.height <= 1300


async def test_a_chart_that_is_made_anew_is_the_same_picture() -> None:
    documents = TypstDocuments()
    some = chart(*[Columns("янв", (1, 1), (2, 2))] * 12)
    assert await documents.chart(some) == await documents.chart(some)


@pytest.mark.parametrize(
    ("tallest", "top", "step"),
    [(0, 1, 1), (1, 1, 1), (7, 8, 2), (260, 300, 100), (501, 600, 200), (99_999, 100_000, 20_000)],
)
def test_a_scale_has_round_numbers(tallest: int, top: int, step: int) -> None:
    found = scale(chart(Columns("янв", (tallest, 0), None)))
    assert found["top"] == top
    assert [value for value, _ in found["ticks"]] == list(range(0, top + 1, step))
