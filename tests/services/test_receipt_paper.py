"""The receipt on paper: its words, the order in which they are read out, its codes and links; nothing breaks it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any, Final

import pytest
import typst
import zxingcpp
from hypothesis import given
from PIL import Image
from pypdf import PageObject, PdfReader

from services.documents import TypstDocuments, receipt_data
from services.documents.press import FOLDER
from services.receipts.models import Receipt, ReceiptLinks
from services.receipts.payment_code import PaymentCodeKind, ReceiptSettings
from services.supplier.models import ReceiptFacts, ZoneScheme
from tests.services.receipt_examples import FACTS, FLAT, LINKS, OCTOBER, example, facts, invented, statement, stepping

PAPER: Final = TypstDocuments()


async def printed(receipt: Receipt) -> PdfReader:
    return PdfReader(BytesIO(await PAPER.receipt(receipt)))


def plain(text: str) -> str:
    """With ordinary spaces, and without places to break."""
    return " ".join(text.replace("\u00a0", " ").replace("\u200b", "").split())


def words(pdf: PdfReader) -> str:
    return plain(" ".join(page.extract_text() for page in pdf.pages))


def pictures(receipt: Receipt, ppi: int) -> list[Image.Image]:
    """Its pages, as a printer makes them."""
    inputs = {"data": json.dumps(receipt_data.of(receipt), ensure_ascii=False)}
    made: Any = typst.compile(
        FOLDER / "receipt.typ", format="png", ppi=ppi, sys_inputs=inputs, ignore_system_fonts=True
    )
    return [Image.open(BytesIO(png)) for png in ([made] if isinstance(made, bytes) else made)]


def codes(receipt: Receipt, ppi: int = 200) -> list[bytes]:
    return [found.bytes for page in pictures(receipt, ppi) for found in zxingcpp.read_barcodes(page.convert("L"))]


# The structure, as a screen reader finds it

Node = tuple[str, str, list[Any]]  # role, own words or those that stand for a picture, children


def structure(pdf: PdfReader) -> Node:
    spoken = {page["/StructParents"]: _marked(page) for page in pdf.pages}
    root: Any = pdf.trailer["/Root"]
    return _node(root["/StructTreeRoot"].get_object(), spoken)


def _marked(page: PageObject) -> dict[int, str]:
    """Words of each marked piece of a page."""
    found: dict[int, str] = {}
    piece: list[int | None] = [None]

    def before(operator: bytes, operands: Any, *_: Any) -> None:
        if operator == b"BDC":
            piece[0] = operands[1].get("/MCID")
        elif operator == b"EMC":
            piece[0] = None

    def text(words: str, *_: Any) -> None:
        if words.strip() and piece[0] is not None:
            found[piece[0]] = found.get(piece[0], "") + words

    page.extract_text(visitor_operand_before=before, visitor_text=text)
    return found


def _node(element: Any, spoken: dict[Any, dict[int, str]]) -> Node:
    kids = element.get("/K", [])
    own, children = str(element.get("/Alt", "")), []
    for kid in kids if isinstance(kids, list) else [kids]:
        child = kid.get_object()
        if isinstance(child, int) or "/MCID" in child:
            page = (child.get("/Pg") if not isinstance(child, int) else None) or element["/Pg"]
            number = child if isinstance(child, int) else child["/MCID"]
            own = f"{own} {spoken[page.get_object()['/StructParents']].get(number, '')}"
        elif child.get("/Type") != "/OBJR":
            children.append(_node(child, spoken))
    return str(element.get("/S", "")), plain(own), children


def elements(node: Node) -> Iterator[tuple[str, str]]:
    """Roles and words in the order in which they are read out."""
    role, own, children = node
    yield role, own
    for child in children:
        yield from elements(child)


def said(node: Node) -> str:
    return plain(" ".join(own for _, own in elements(node)))


def tables(node: Node) -> Iterator[Node]:
    if node[0] == "/Table":
        yield node
    for child in node[2]:
        yield from tables(child)


def rows(table: Node) -> list[list[tuple[str, str]]]:
    return [[(cell[0], said(cell)) for cell in row[2]] for part in table[2] for row in part[2]]


# Its words


async def test_the_sum_and_the_way_to_pay_it_come_first() -> None:
    pdf = await printed(example())
    assert len(pdf.pages) == 1
    text = words(pdf)
    firsts = (
        "Квитанция за октябрь 2026",
        "К оплате до 15 ноября 2026",
        "1 234,56 ₽",
        "360000123456",
        "Лизюкова",
        "Ромашкина",
    )
    places = [text.index(one) for one in firsts]
    assert places == sorted(places)
    for one in (
        "3 410",
        "24.09.2026",
        "90 6,66 599,40",
        "−222,19",
        "Тариф 36-gas, цены с 01.10.2026.",
        "Корр. счёт 30101810400000000225",
    ):
        assert one in text


async def test_a_meter_of_three_zones_fits_one_page() -> None:
    months = ((OCTOBER.plus(-back), (3685 - 97 * back, 2796 - 91 * back, 5016 - 139 * back)) for back in range(13))
    meter = stepping(
        "36030000", ZoneScheme.PEAK_HALF_NIGHT, *months, place=FLAT.place, verification_due=date(2033, 3, 6)
    )
    one = example(replace(FACTS, meters=(meter,), statement=statement(1959_28)))
    assert (len(one.lines), len((await printed(one)).pages)) == (3, 1)


async def test_it_is_read_out_in_the_order_of_the_page() -> None:
    tree = structure(await printed(example()))
    outline = [(role, own) for role, own in elements(tree) if role in {"/H1", "/H2", "/Figure", "/Table"}]
    assert [role for role, _ in outline] == [
        *("/H1", "/Figure", "/H2", "/Table", "/H2", "/Table", "/H2", "/Table", "/H2", "/Figure", "/H2", "/Figure"),
    ]
    assert [own for role, own in outline if role.startswith("/H")] == [
        "Квитанция за октябрь 2026",
        "Показания счётчиков",
        "Начислено",
        "К оплате",
        "Расход за год, кВт·ч",
        "Поставщик и реквизиты",
    ]
    payment, chart, bot = [own for role, own in outline if role == "/Figure"]
    assert payment.startswith("Код для оплаты: 1 234,56 ₽")
    assert chart.startswith("Расход по месяцам, кВт·ч: ноябрь 2025 — 131, декабрь 2025 — 131")
    assert bot.startswith("Код, который открывает бота")
    heard = said(tree)
    assert heard.index("1 234,56 ₽") < heard.index("Лицевой счёт 360000123456") < heard.index("Показания счётчиков")


async def test_tables_have_heads_and_their_figures_add_up() -> None:
    [meters, charge, sums] = [rows(table) for table in tables(structure(await printed(example())))]
    for table in (meters, charge, sums):
        assert {role for role, _ in table[0]} == {"/TH"}
        assert {role for row in table[1:] for role, _ in row} == {"/TD"}
    assert [[words for _, words in row] for row in meters[1:]] == [
        [
            "10000001 лестничная площадка, поверка до 05.06.2028",
            "День, T1", "24.09.2026 3 410", "24.10.2026 3 500", "90",
        ],
        ["Ночь, T2", "24.09.2026 1 459", "24.10.2026 1 500", "41"],
    ]  # fmt: skip
    assert adding(charge) == [599_40, 191_06, 790_46]
    assert adding(sums) == [666_29, 790_46, 0, 0, -222_19, 1234_56]


def adding(table: list[list[tuple[str, str]]]) -> list[int]:
    """Kopecks in the last column, the last being the sum of the others."""
    found = [kopecks(row[-1][1]) for row in table[1:]]
    assert sum(found[:-1]) == found[-1]
    return found


def kopecks(shown: str) -> int:
    return int(re.sub(r"[ ,]", "", shown).replace("−", "-"))


async def test_the_paper_is_for_archives_and_for_everybody() -> None:
    pdf = await printed(example())
    root: Any = pdf.trailer["/Root"]
    about = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in about
    assert "<pdfuaid:part>1</pdfuaid:part>" in about
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("ru", True)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata
    assert pdf.metadata.title == "Квитанция за электроэнергию, октябрь 2026, лицевой счёт 360000123456"
    assert await PAPER.receipt(example()) == await PAPER.receipt(example())


async def test_the_sum_and_the_buttons_are_links() -> None:
    assert links(await printed(example())) == [LINKS.pay, LINKS.pay, LINKS.readings, LINKS.bot]
    assert links(await printed(example(links=ReceiptLinks()))) == []


def links(pdf: PdfReader) -> list[str]:
    found = [note.get_object() for page in pdf.pages for note in page.get("/Annots", [])]
    return [note["/A"]["/URI"] for note in found]


SETTLED: Final = replace(FACTS, statement=statement(790_46, opening=666_29, paid=1456_75), paid_on=None)
AHEAD: Final = replace(FACTS, statement=statement(790_46, opening=-5000_00))


async def test_what_is_paid_is_not_asked_for() -> None:
    text = words(await printed(example(SETTLED)))
    assert "К оплате 0,00 ₽ Платить не нужно." in text
    assert codes(example(SETTLED)) == [LINKS.bot.encode()]
    assert links(await printed(example(SETTLED))) == [LINKS.readings, LINKS.bot]


async def test_a_recommended_payment_is_no_duty() -> None:
    text = words(await printed(example(replace(FACTS, recommended=1900_00))))
    assert "Рекомендуемый платёж 1 900,00 ₽, он не обязателен." in text


async def test_an_advance_is_told_as_such() -> None:
    pdf = await printed(example(AHEAD))
    assert "Переплата 4 209,54 ₽ Платить не нужно: переплата пойдёт в счёт следующих месяцев." in words(pdf)
    assert "Переплата на 01.10.2026 −5 000,00" in words(pdf)
    assert "до 15 ноября" not in words(pdf)
    assert codes(example(AHEAD)) == [LINKS.bot.encode()]


async def test_a_charge_without_an_explanation_has_none() -> None:
    [meters, charge, _] = [
        rows(table) for table in tables(structure(await printed(example(replace(FACTS, statement=statement(500_00))))))
    ]
    assert [words for _, words in charge[1]] == ["По данным расчётной системы", "500,00"]
    assert adding(charge) == [500_00, 500_00]
    assert len(meters) == 3


async def test_an_account_without_meters_has_no_table_of_them() -> None:
    bare = replace(FACTS, meters=(), statement=statement(732_60))
    pdf = await printed(example(bare))
    assert len(list(tables(structure(pdf)))) == 2
    assert "Показания счётчиков" not in words(pdf)
    assert "Расход за год" not in words(pdf)


# Codes


@pytest.mark.parametrize("ppi", [200, 300])
def test_the_codes_on_the_page_are_read_to_the_byte(ppi: int) -> None:
    one = example()
    assert sorted(codes(one, ppi)) == sorted([one.payment_code, LINKS.bot.encode()])


def test_the_code_is_as_large_as_a_phone_wants_it() -> None:
    [page] = pictures(example(), 254)  # 10 pixels a millimetre
    [found] = [one for one in zxingcpp.read_barcodes(page.convert("L")) if one.bytes.startswith(b"ST00012")]
    corner, other = found.position.top_left, found.position.top_right
    assert other.x - corner.x >= 350
    assert corner.x > page.width / 2
    assert corner.y < page.height / 10


def test_the_payment_link_is_a_code_too() -> None:
    one = example(settings=ReceiptSettings(PaymentCodeKind.SBP_LINK, "https://qr.example/AS1?sum={kopecks}"))
    assert b"https://qr.example/AS1?sum=123456" in codes(one)
    assert codes(example(settings=ReceiptSettings(PaymentCodeKind.NONE))) == [LINKS.bot.encode()]


# Size


async def test_thirty_meters_and_a_long_address_go_on_over_pages_with_their_heads() -> None:
    many = tuple(
        stepping(
            str(10_000_000 + place),
            list(ZoneScheme)[place % 3],
            *((OCTOBER.plus(-back), tuple([9000 - 70 * back] * (place % 3 + 1))) for back in range(3)),
            place=f"этаж {place}, щит у лифта",
        )
        for place in range(30)
    )
    address = "Ставропольский край, Минераловодский муниципальный округ, " * 6
    one = example(replace(FACTS, meters=many, account=replace(FACTS.account, address=address)))
    pdf = await printed(one)
    assert len(pdf.pages) >= 3
    for number, page in enumerate(pdf.pages, 1):
        text = plain(page.extract_text())
        assert f"страница {number} из {len(pdf.pages)}" in text
        assert "Счётчик Зона Было Стало" in text or number == len(pdf.pages)
    text = words(pdf)
    assert [meter.number for meter in many if meter.number not in text] == []
    inside(pdf)


def inside(pdf: PdfReader) -> None:
    """All text begins between the margins of its page."""
    for page in pdf.pages:
        box = page.mediabox

        def look(text: str, cm: Any, tm: Any, *_: Any, box: Any = box) -> None:
            if text.strip():
                assert 50 <= cm[4] + cm[0] * tm[4] <= box.right - 50, text
                assert 20 <= cm[5] + cm[3] * tm[5] <= box.top - 30, text

        page.extract_text(visitor_text=look)


def blank_edges(page: Image.Image) -> bool:
    """Whether nothing is printed within 12 mm of the left and the right edge, at 100 pixels an inch."""
    grey = page.convert("L").point(lambda level: 255 - level)
    found = grey.getbbox()
    return found is not None and found[0] >= 47 and found[2] <= page.width - 47


@invented(12)
@given(facts())
def test_no_receipt_breaks_the_paper(found: ReceiptFacts) -> None:
    one = example(found)
    pdf = asyncio.run(printed(one))
    inside(pdf)
    text = words(pdf)
    assert one.account in text
    assert f"{receipt_data.money(abs(one.to_pay))} ₽".replace("\u00a0", " ") in text
    for table in list(tables(structure(pdf)))[-2:]:
        adding(rows(table))
    assert all(map(blank_edges, pictures(one, 100)))


@invented(80)
@given(facts())
def test_any_text_becomes_printable(found: ReceiptFacts) -> None:
    for text in (found.account.address, found.holder):
        shown = receipt_data.printable(text)
        assert all(sign.isprintable() or sign in "\u00a0\u200b" for sign in shown)
        assert max(map(len, re.split(r"[ \u200b]", shown)), default=0) <= 24


def test_every_sign_that_is_let_through_has_a_shape() -> None:
    shown = {chr(code) for code in range(0x3000)} - set(" \u00a0\u200b")
    known = sorted(sign for sign in shown if receipt_data.printable(sign) == sign)
    assert len(known) > 400
    data = json.dumps({"text": " ".join(known)}, ensure_ascii=False)
    source = b"""
        #let data = json(bytes(sys.inputs.data))
        #set document(title: "t", date: datetime(year: 2026, month: 1, day: 1))
        #set text(font: "Libertinus Serif")
        #data.text #text(weight: "bold", data.text)
    """
    pdf = typst.compile(source, sys_inputs={"data": data}, pdf_standards=["a-2a", "ua-1"], ignore_system_fonts=True)
    assert pdf.startswith(b"%PDF")
