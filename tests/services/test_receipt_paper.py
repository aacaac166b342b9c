"""The receipt on paper: its words, the order in which they are read out, its codes and links; nothing breaks it."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest
import typst
import zxingcpp
from hypothesis import given

from services.documents import receipt_data
from services.receipts.models import ReceiptLinks
from services.receipts.payment_code import PaymentCodeKind, ReceiptSettings
from services.supplier.models import Month, ReceiptFacts, ZoneScheme
from tests.services.printed import (
    PAPER,
    adding,
    check,
    codes,
    elements,
    pictures,
    plain,
    printed,
    read_in_order,
    said,
)
from tests.services.receipt_examples import FACTS, FLAT, LINKS, OCTOBER, example, facts, invented, statement, stepping

# Its words


async def test_the_sum_and_the_way_to_pay_it_come_first() -> None:
    paper = await printed(example())
    assert len(paper.pages) == 1
    text = paper.words
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
    paper = await printed(example())
    read_in_order(paper)
    tree = paper.structure
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
    [meters, charge, sums] = (await printed(example())).tables
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


async def test_the_paper_is_for_archives_and_for_everybody() -> None:
    pdf = (await printed(example())).file
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
    assert (await printed(example())).links == [LINKS.pay, LINKS.pay, LINKS.readings, LINKS.bot]
    assert (await printed(example(links=ReceiptLinks()))).links == []


SETTLED: Final = replace(FACTS, statement=statement(790_46, opening=666_29, paid=1456_75), paid_on=None)
AHEAD: Final = replace(FACTS, statement=statement(790_46, opening=-5000_00))


async def test_what_is_paid_is_not_asked_for() -> None:
    paper = await check(example(SETTLED))
    assert "К оплате 0,00 ₽ Платить не нужно." in paper.words
    assert codes(pictures(example(SETTLED))) == [LINKS.bot.encode()]
    assert paper.links == [LINKS.readings, LINKS.bot]


async def test_a_recommended_payment_is_no_duty() -> None:
    text = (await printed(example(replace(FACTS, recommended=1900_00)))).words
    assert "Рекомендуемый платёж 1 900,00 ₽, он не обязателен." in text


async def test_an_advance_is_told_as_such() -> None:
    text = (await check(example(AHEAD))).words
    assert "Переплата 4 209,54 ₽ Платить не нужно: переплата пойдёт в счёт следующих месяцев." in text
    assert "Переплата на 01.10.2026 −5 000,00" in text
    assert "до 15 ноября" not in text
    assert codes(pictures(example(AHEAD))) == [LINKS.bot.encode()]


async def test_a_charge_without_an_explanation_has_none() -> None:
    [meters, charge, _] = (await printed(example(replace(FACTS, statement=statement(500_00))))).tables
    assert [words for _, words in charge[1]] == ["По данным расчётной системы", "500,00"]
    assert adding(charge) == [500_00, 500_00]
    assert len(meters) == 3


async def test_an_account_without_meters_has_no_table_of_them() -> None:
    bare = replace(FACTS, meters=(), statement=statement(732_60))
    paper = await printed(example(bare))
    assert len(paper.tables) == 2
    assert "Показания счётчиков" not in paper.words
    assert "Расход за год" not in paper.words


# Codes


@pytest.mark.parametrize("ppi", [200, 300])
def test_the_codes_on_the_page_are_read_to_the_byte(ppi: int) -> None:
    one = example()
    assert sorted(codes(pictures(one, ppi))) == sorted([one.payment_code, LINKS.bot.encode()])


def test_the_code_is_as_large_as_a_phone_wants_it() -> None:
    [page] = pictures(example(), 254)  # 10 pixels a millimetre
    [found] = [one for one in zxingcpp.read_barcodes(page.convert("L")) if one.bytes.startswith(b"ST00012")]
    corner, other = found.position.top_left, found.position.top_right
    assert other.x - corner.x >= 350
    assert corner.x > page.width / 2
    assert corner.y < page.height / 10


def test_the_payment_link_is_a_code_too() -> None:
    one = example(settings=ReceiptSettings(PaymentCodeKind.SBP_LINK, "https://qr.example/AS1?sum={kopecks}"))
    assert b"https://qr.example/AS1?sum=123456" in codes(pictures(one))
    without = example(settings=ReceiptSettings(PaymentCodeKind.NONE))
    assert codes(pictures(without)) == [LINKS.bot.encode()]


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
    paper = await check(one)
    assert len(paper.pages) >= 3
    for number, page in enumerate(paper.pages, 1):
        text = plain(page.text)
        assert f"страница {number} из {len(paper.pages)}" in text
        assert "Счётчик Зона Было Стало" in text or number == len(paper.pages)
    text = paper.words
    assert [meter.number for meter in many if meter.number not in text] == []


@pytest.mark.parametrize("count", range(6, 11))
async def test_tables_that_stand_beside_each_other_stay_on_one_page(count: int) -> None:
    """However many meters stand above them: else the end of one is read out before the head of the other."""
    readings = tuple(one for one in FLAT.readings if Month.of(one.day) >= OCTOBER.plus(-1))
    meters = tuple(replace(FLAT, number=str(10_000_000 + place), readings=readings) for place in range(count))
    await check(example(replace(FACTS, meters=meters)))


@invented(12)
@given(facts())
def test_no_receipt_breaks_the_paper(found: ReceiptFacts) -> None:
    asyncio.run(check(example(found)))


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
