"""A printed receipt as its readers find it: eyes, a screen reader, and a camera that looks for codes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import pairwise
from typing import Any, Final

import typst
import zxingcpp
from PIL import Image
from pypdf import PageObject, PdfReader
from pypdf.generic import NameObject, StreamObject

from services.documents import TypstDocuments, receipt_data
from services.documents.press import FOLDER
from services.receipts.models import Receipt

PAPER: Final = TypstDocuments()
PPI: Final = 100  # pixels an inch: a page on a screen
_FONTS: Final = typst.Fonts(include_system_fonts=False)
_COMPILER: Final = typst.Compiler(root=FOLDER, font_paths=_FONTS, ignore_system_fonts=True)
_EDGES: Final = (12, 12, 12, 6)  # mm of a page that stay blank: left, top, right, bottom
_ONE_LINE: Final = 2.0  # points by which words on one line may stand higher or lower
_OUTLINES: Final = re.compile(rb"(?<=\s)(?:-?[\d.]+\s-?[\d.]+\s[ml]\s|h\s)+")  # codes' modules: nine tenths of a page

Node = tuple[str, str, list[Any]]  # role, own words or those that stand for a picture, children


@dataclass(frozen=True, slots=True)
class Piece:
    """Words as they are drawn, from a point on; `mark`: the number by which the structure names them, None for words
    that are no part of the text, such as the page's number."""

    mark: int | None
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Page:
    text: str
    pieces: tuple[Piece, ...]
    width: float
    height: float


class Printed:
    """`pages` are read once for all questions."""

    def __init__(self, pdf: bytes) -> None:
        self.file = PdfReader(BytesIO(pdf))
        self.pages = [_read(page) for page in self.file.pages]

    @property
    def words(self) -> str:
        return plain(" ".join(page.text for page in self.pages))

    @property
    def links(self) -> list[str]:
        found = [note.get_object() for page in self.file.pages for note in page.get("/Annots", [])]
        return [note["/A"]["/URI"] for note in found]

    @property
    def structure(self) -> Node:
        """As a screen reader finds it."""
        return self._tagged[0]

    @property
    def order(self) -> list[tuple[int, int]]:
        """Pages and marks in the order in which they are read out."""
        return self._tagged[1]

    @cached_property
    def _tagged(self) -> tuple[Node, list[tuple[int, int]]]:
        root: Any = self.file.trailer["/Root"]
        order: list[tuple[int, int]] = []
        return self._node(root["/StructTreeRoot"].get_object(), order), order

    @property
    def tables(self) -> list[list[list[tuple[str, str]]]]:
        """Rows of cells, each with its role and its words."""
        return [rows(table) for table in _tables(self.structure)]

    def _node(self, element: Any, order: list[tuple[int, int]]) -> Node:
        kids = element.get("/K", [])
        own, children = str(element.get("/Alt", "")), []
        for kid in kids if isinstance(kids, list) else [kids]:
            child = kid.get_object()
            if isinstance(child, int) or "/MCID" in child:
                page = (child.get("/Pg") if not isinstance(child, int) else None) or element["/Pg"]
                mark = child if isinstance(child, int) else child["/MCID"]
                number = self._numbers[page.get_object()["/StructParents"]]
                order.append((number, mark))
                own = f"{own} {self._spoken[number].get(mark, '')}"
            elif child.get("/Type") != "/OBJR":
                children.append(self._node(child, order))
        return str(element.get("/S", "")), plain(own), children

    @cached_property
    def _numbers(self) -> dict[Any, int]:
        return {page["/StructParents"]: number for number, page in enumerate(self.file.pages)}

    @cached_property
    def _spoken(self) -> list[dict[int, str]]:
        """Words of each mark, page by page."""
        found: list[dict[int, str]] = []
        for page in self.pages:
            found.append({})
            for piece in page.pieces:
                if piece.mark is not None:
                    found[-1][piece.mark] = found[-1].get(piece.mark, "") + piece.text
        return found


async def printed(receipt: Receipt) -> Printed:
    return Printed(await PAPER.receipt(receipt))


def _read(page: PageObject) -> Page:
    pieces: list[Piece] = []
    mark: list[int | None] = [None]

    def before(operator: bytes, operands: Any, *_: Any) -> None:
        if operator == b"BDC":
            mark[0] = operands[1].get("/MCID")
        elif operator == b"EMC":
            mark[0] = None

    def text(words: str, cm: Any, tm: Any, *_: Any) -> None:
        if words.strip():
            pieces.append(Piece(mark[0], words, cm[4] + cm[0] * tm[4], cm[5] + cm[3] * tm[5]))

    _leave_out_codes(page)
    whole = page.extract_text(visitor_operand_before=before, visitor_text=text)
    return Page(whole, tuple(pieces), float(page.mediabox.right), float(page.mediabox.top))


def _leave_out_codes(page: PageObject) -> None:
    """They have no words, and are not worth the time that they take."""
    contents = page.get_contents()
    assert contents is not None
    words = StreamObject()
    words.set_data(_OUTLINES.sub(b"", contents.get_data()))
    page[NameObject("/Contents")] = words


def plain(text: str) -> str:
    """With ordinary spaces, and without places to break."""
    return " ".join(text.replace("\u00a0", " ").replace("\u200b", "").split())


def elements(node: Node) -> Iterator[tuple[str, str]]:
    """Roles and words in the order in which they are read out."""
    role, own, children = node
    yield role, own
    for child in children:
        yield from elements(child)


def said(node: Node) -> str:
    return plain(" ".join(own for _, own in elements(node)))


def _tables(node: Node) -> Iterator[Node]:
    if node[0] == "/Table":
        yield node
    for child in node[2]:
        yield from _tables(child)


def rows(table: Node) -> list[list[tuple[str, str]]]:
    return [[(cell[0], said(cell)) for cell in row[2]] for part in table[2] for row in part[2]]


def adding(table: list[list[tuple[str, str]]]) -> list[int]:
    """Kopecks in the last column, the last being the sum of the others."""
    found = [kopecks(row[-1][1]) for row in table[1:]]
    assert sum(found[:-1]) == found[-1]
    return found


def kopecks(shown: str) -> int:
    return int(re.sub(r"[ ,]", "", shown).replace("−", "-"))


# As a printer draws it


def pictures(receipt: Receipt, ppi: int = PPI) -> list[Image.Image]:
    """Its pages."""
    inputs = {"data": json.dumps(receipt_data.of(receipt), ensure_ascii=False)}
    made: Any = _COMPILER.compile(input=FOLDER / "receipt.typ", format="png", ppi=ppi, sys_inputs=inputs)
    return [Image.open(BytesIO(png)) for png in ([made] if isinstance(made, bytes) else made)]


def codes(pages: list[Image.Image]) -> list[bytes]:
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return [found.bytes for page in pages for found in zxingcpp.read_barcodes(page.convert("L"), formats=formats)]


def blank_edges(page: Image.Image, ppi: int = PPI) -> bool:
    """Whether nothing is printed where a printer may not reach."""
    found = page.convert("L").point(lambda level: 255 - level).getbbox()
    left, top, right, bottom = (mm * ppi / 25.4 for mm in _EDGES)
    return found is not None and (
        found[0] >= left and found[1] >= top and found[2] <= page.width - right and found[3] <= page.height - bottom
    )


# Together


def inside(paper: Printed) -> None:
    """All text begins between the margins of its page."""
    for page in paper.pages:
        for piece in page.pieces:
            assert 50 <= piece.x <= page.width - 50, piece.text
            assert 20 <= piece.y <= page.height - 30, piece.text


def read_in_order(paper: Printed) -> None:
    """Words that are read out next stand further down or further right, and all are read out, once."""
    starts: dict[tuple[int, int], Piece] = {}
    for number, page in enumerate(paper.pages):
        for piece in page.pieces:
            if piece.mark is not None:
                starts.setdefault((number, piece.mark), piece)
    heard = [place for place in paper.order if place in starts]
    assert len(heard) == len(set(heard))
    assert set(heard) == set(starts)
    for at, after in pairwise(heard):
        one, other = starts[at], starts[after]
        forward = after[0] > at[0] or (after[0] == at[0] and (other.x > one.x or other.y < one.y - _ONE_LINE))
        assert forward, (one.text, other.text)


async def check(receipt: Receipt) -> Printed:
    """All that must hold of any receipt on paper."""
    paper = await printed(receipt)
    inside(paper)
    read_in_order(paper)
    text = paper.words
    assert receipt.account in text
    assert f"{plain(receipt_data.money(abs(receipt.to_pay)))} ₽" in text
    charge, sums = map(adding, paper.tables[-2:])
    assert (charge[-1], sums[-1]) == (receipt.statement.charged, receipt.to_pay)
    assert look(receipt) == len(paper.pages)
    return paper


def look(receipt: Receipt) -> int:
    """Pages of its picture, whose edges are blank and whose codes are read."""
    pages = [page.convert("L") for page in pictures(receipt)]
    assert all(map(blank_edges, pages))
    assert sorted(codes(pages)) == sorted(filter(None, [receipt.payment_code, receipt.links.bot.encode()]))
    return len(pages)
