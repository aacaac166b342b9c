"""The payment code by ГОСТ Р 56042-2014: read by a parser of its own, and as a picture by another library."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import cast

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from services.documents import TypstDocuments, _code, code
from services.documents.code import outline, reads_back
from services.payments.requisites import Requisites, payload, purpose
from services.ports import CodePicture
from services.supplier.models import Month
from tests.services.test_requisites import OURS

ACCOUNT = "610000000001"
OCTOBER = Month(2026, 10)
EXAMPLE = (
    "ST00012|Name=АО «Пример Энергосбыт»|PersonalAcc=40702810138250123017|BankName=ПАО «Банк Пример»|BIC=044525225"
    "|CorrespAcc=30101810400000000225|PayeeINN=7700000009|KPP=770001001|PersAcc=610000000001|PaymPeriod=102026"
    "|Sum=123456|Purpose=Электроэнергия, л/с 610000000001, 10.2026|TechCode=02"
).encode()

# A reader that knows the standard and nothing of the writer.

REQUIRED = ["Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc"]
FORMS = {
    "Name": ".{1,160}",
    "PersonalAcc": r"[1-9]\d{4}[0-9ABCEHKMPTX]\d{14}",
    "BankName": ".{1,45}",
    "BIC": r"\d{9}",
    "CorrespAcc": r"\d{20}",
    "PayeeINN": r"\d{10}|\d{12}",
    "KPP": r"\d{4}[0-9A-Z]{2}\d{3}",
    "PersAcc": ".+",
    "PaymPeriod": r"(0[1-9]|1[012])\d{4}",
    "Sum": r"[1-9]\d{0,17}",
    "Purpose": ".{1,210}",
    "TechCode": r"0[1-9]|1[0-5]",
}


def parsed(read: bytes) -> dict[str, str]:
    assert read[:6] == b"ST0001"
    assert read[6:7] == b"2", "UTF-8"
    text = read.decode()
    separator, body = text[7], text[8:]
    assert separator.isascii()
    pairs = [part.partition("=") for part in body.split(separator)]
    assert all(sign for _, sign, _ in pairs), "a value holds the separator"
    values = {key: value for key, _, value in pairs}
    assert len(values) == len(pairs)
    assert list(values)[:5] == REQUIRED
    required = separator.join(f"{key}={values[key]}" for key in REQUIRED)
    assert len(required.encode()) <= 300
    for key, value in values.items():
        assert re.fullmatch(FORMS[key], value, re.ASCII), key
        assert value == " ".join(value.split())
        assert value.isprintable()
    return values


def fitting(**texts: str) -> Requisites:
    return replace(OURS, **texts)


@st.composite
def requisites(draw_: st.DrawFn) -> Requisites:
    """Names of any characters, separators above all, that a supplier may have."""
    signs = st.characters(codec="utf-8", exclude_categories=["C"]) | st.sampled_from("|#;:^_~={}\n\t «»")
    name, bank = draw_(st.text(signs, min_size=1, max_size=30)), draw_(st.text(signs, min_size=1, max_size=10))
    words = draw_(st.text(signs, min_size=1, max_size=40))
    made = {"name": f"АО {name}", "bank_name": f"Банк {bank}", "purpose": f"Оплата {words}"}
    if set("|#;:^_~{}") <= set("".join(made.values())):
        made["purpose"] = made["name"] = made["bank_name"] = "|#;:^_~{"
    return fitting(**made)


def test_the_example() -> None:
    assert payload(OURS, account=ACCOUNT, month=OCTOBER, kopecks=123456) == EXAMPLE


@given(
    requisites(),
    st.none() | st.builds(Month, st.integers(2015, 2099), st.integers(1, 12)),
    st.none() | st.integers(1, 10**18 - 1),
)
def test_a_parser_of_the_standard_reads_what_was_meant(ours: Requisites, month: Month | None, sum_: int | None) -> None:
    values = parsed(payload(ours, account=ACCOUNT, month=month, kopecks=sum_))
    assert values.pop("Sum", None) == (str(sum_) if sum_ else None)
    assert values.pop("PaymPeriod", None) == (f"{month.month:02d}{month.year}" if month else None)
    assert values == {
        "Name": ours.name,
        "PersonalAcc": ours.personal_acc,
        "BankName": ours.bank_name,
        "BIC": ours.bic,
        "CorrespAcc": ours.corresp_acc,
        "PayeeINN": ours.payee_inn,
        "KPP": ours.kpp,
        "PersAcc": ACCOUNT,
        "Purpose": purpose(ours, ACCOUNT, month),
        "TechCode": "02",
    }


@pytest.mark.parametrize(("held", "separator"), [("", "|"), ("|", "#"), ("|#;", ":"), ("#", "|"), ("|#;:^_~{", "}")])
def test_the_separator_is_the_first_that_no_value_holds(held: str, separator: str) -> None:
    sent = payload(fitting(purpose=f"За свет {held}"), account=ACCOUNT, month=OCTOBER, kopecks=1)
    assert chr(sent[7]) == separator
    assert parsed(sent)["Purpose"] == f"За свет {held}, л/с {ACCOUNT}, 10.2026".replace(" ,", ",")


def test_an_account_cannot_smuggle_in_a_field() -> None:
    assert parsed(payload(OURS, account="1|Sum=1", month=None, kopecks=5))["Sum"] == "5"


def test_what_is_not_known_is_left_out() -> None:
    values = parsed(payload(fitting(kpp=""), account=ACCOUNT, month=None, kopecks=None))
    assert not values.keys() & {"KPP", "PaymPeriod", "Sum"}
    assert values["Purpose"] == "Электроэнергия, л/с 610000000001"


@pytest.mark.parametrize("kopecks", [0, -1, 10**18])
def test_a_sum_that_nobody_can_pay_is_refused(kopecks: int) -> None:
    with pytest.raises(ValueError, match="the sum of a payment code"):
        payload(OURS, account=ACCOUNT, month=OCTOBER, kopecks=kopecks)


def test_an_account_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 210"):
        payload(OURS, account="1" * 200, month=OCTOBER, kopecks=1)


def test_the_longest_purpose_fits_a_payment_provider_too() -> None:
    assert len(purpose(fitting(purpose="Э" * 100), ACCOUNT, OCTOBER)) <= 128


# The picture

LONGEST = payload(fitting(name="Ж" * 87, purpose="Э" * 100), account=ACCOUNT, month=OCTOBER, kopecks=10**18 - 1)


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png))


def seen(picture: Image.Image) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(picture.convert("L"))


def version(found: zxingcpp.Barcode) -> int:
    return int(cast("dict[str, str]", found.extra)["Version"])


def as_telegram_sends_it(png: bytes, side: int, quality: int) -> Image.Image:
    """A JPEG, scaled down."""
    file = BytesIO()
    small = opened(png).convert("L").resize((side, side), Image.Resampling.LANCZOS)
    small.save(file, "JPEG", quality=quality)
    return Image.open(file)


@pytest.mark.parametrize("sent", [EXAMPLE, LONGEST], ids=["the example", "the longest"])
def test_another_library_reads_the_same_bytes(sent: bytes) -> None:
    [found] = seen(opened(draw(sent)))
    assert found.bytes == sent
    assert found.text == sent.decode()
    assert (found.format, found.ec_level) == (zxingcpp.QRCode, "M")


def test_nothing_is_said_about_the_encoding_of_the_bytes() -> None:
    """Readers of banks stumble over an ECI: the third sign of the identifier would be 2, and its number follow."""
    [found] = zxingcpp.read_barcodes(opened(draw(EXAMPLE)).convert("L"), text_mode=zxingcpp.TextMode.HexECI)
    assert bytes.fromhex(found.text) == b"]Q1" + EXAMPLE


def test_all_bytes_are_in_one_segment() -> None:
    """Mixed segments are smaller but not every reader knows them: version 14 holds 362 bytes, version 13 only 331."""
    [found] = seen(opened(draw(EXAMPLE)))
    assert 331 < len(EXAMPLE) <= 362
    assert version(found) == 14
    assert [version(one) for one in seen(opened(draw(b"7" * 332)))] == [14]


@pytest.mark.parametrize("sent", [b"ST", EXAMPLE, LONGEST, b"x" * 2331], ids=["tiny", "example", "longest", "largest"])
def test_modules_are_squares_of_whole_pixels_with_a_quiet_zone(sent: bytes) -> None:
    picture = opened(draw(sent))
    assert picture.format == "PNG"
    assert min(picture.size) >= 600
    assert set(picture.convert("L").tobytes()) == {0, 255}
    [found] = seen(picture)
    modules = version(found) * 4 + 17 + 8
    assert (picture.height, picture.width % modules) == (picture.width, 0)
    small = picture.convert("L").resize((modules, modules), Image.Resampling.NEAREST)
    assert small.resize(picture.size, Image.Resampling.NEAREST).tobytes() == picture.convert("L").tobytes()
    dark = small.point(lambda level: 255 - level).getbbox()
    assert dark == (4, 4, modules - 4, modules - 4)


@pytest.mark.parametrize("sent", [EXAMPLE, LONGEST], ids=["the example", "the longest"])
@pytest.mark.parametrize("side", [600, 450, 300])
@pytest.mark.parametrize("quality", [87, 40])
def test_it_survives_telegrams_compression(sent: bytes, side: int, quality: int) -> None:
    assert [one.bytes for one in seen(as_telegram_sends_it(draw(sent), side, quality))] == [sent]


@settings(max_examples=15, deadline=None)
@given(requisites(), st.integers(1, 10**9))
def test_any_payload_survives_being_drawn(ours: Requisites, kopecks: int) -> None:
    sent = payload(ours, account=ACCOUNT, month=OCTOBER, kopecks=kopecks)
    assert [one.bytes for one in seen(opened(draw(sent)))] == [sent]
    assert reads_back(sent)


def test_the_check_knows_a_code_that_reads_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    other = code._encode(EXAMPLE.replace(b"Sum=1", b"Sum=9"))
    monkeypatch.setattr(code, "_encode", lambda _payload: other)
    assert not reads_back(EXAMPLE)


def draw(content: bytes) -> bytes:
    """PNG of the modules alone, each a square of whole pixels."""
    side, path = outline(content)
    bare, drawn = Image.new("L", (side, side), 255), BytesIO()
    for left, top, width in re.findall(r"M(\d+) (\d+)h(\d+)", path):
        bare.paste(0, (int(left), int(top), int(left) + int(width), int(top) + 1))
    bare.resize([side * -(-600 // side)] * 2, Image.Resampling.NEAREST).save(drawn, "PNG")
    return drawn.getvalue()


async def test_the_loop_goes_on_while_a_code_is_drawn() -> None:
    drawing, turns = asyncio.ensure_future(TypstDocuments().code(picture(LONGEST))), 0
    while not drawing.done():
        await asyncio.sleep(0)
        turns += 1
    assert drawing.result() == await TypstDocuments().code(picture(LONGEST))
    assert turns > 10


def picture(content: bytes) -> CodePicture:
    return CodePicture(content, "АО «Пример Энергосбыт»", "1 234,56 ₽", "Лицевой счёт 610000000001")


@pytest.mark.parametrize("content", [EXAMPLE, LONGEST], ids=["example", "longest"])
async def test_the_picture_with_words_is_read_as_the_bare_code_is(content: bytes) -> None:
    shown = Image.open(BytesIO(await TypstDocuments().code(picture(content)))).convert("L")
    assert shown.width >= 600
    for scale in (1, 2, 3):
        [found] = zxingcpp.read_barcodes(shown.resize((shown.width // scale * 2, shown.height // scale * 2)))
        assert found.bytes == content


async def test_words_that_cannot_be_printed_spoil_no_picture() -> None:
    strange = replace(picture(EXAMPLE), payee="#evil[$x$] \\ \u202e😀" * 20, account="")
    assert (await TypstDocuments().code(strange)).startswith(b"\x89PNG")


async def test_the_picture_says_what_is_paid_and_to_whom() -> None:
    """Its words are those of the template; in the picture each stands in its place, above the code or below it."""
    paper, base = TypstDocuments(), picture(EXAMPLE)
    page = PdfReader(BytesIO(await paper._press.pdf("code.typ", partial(_code, base)))).pages[0]
    said = page.extract_text().replace("\u00a0", " ")
    assert [line.strip() for line in said.splitlines() if line.strip()] == [base.payee, base.sum, base.account]

    above, below = around(await paper.code(base))
    for changed in (replace(base, sum="1 234,57 ₽"), replace(base, payee="АО «Пример»")):
        now_above, now_below = around(await paper.code(changed))
        assert (now_above == above, now_below == below) == (False, True)
    now_above, now_below = around(await paper.code(replace(base, account="Лицевой счёт 610000000002")))
    assert (now_above == above, now_below == below) == (True, False)


def around(png: bytes) -> tuple[bytes, bytes]:
    """Pixels above a code, and below it."""
    shown = opened(png).convert("L")
    [found] = zxingcpp.read_barcodes(shown)
    top, bottom = found.position.top_left.y - 8, found.position.bottom_left.y + 8
    return (
        shown.crop((0, 0, shown.width, top)).tobytes(),
        shown.crop((0, bottom, shown.width, shown.height)).tobytes(),
    )
