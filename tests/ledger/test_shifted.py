"""Files in wide encodings of which bytes came or went: what is between two such places, ends of lines too, is read as
letters of other scripts. No line gets another's text by that, and none is lost in silence."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.registry import exit_code
from services.db.engine import Database
from services.ledger import tables
from services.ledger.batch import Batch, Form, read_batch
from services.ledger.encoding import examine
from services.ledger.layout import LAYOUTS
from services.ledger.lines import Lines
from services.ledger.refused import Refused
from tests.ledger.registry_files import imported, rejected, rows

ACCOUNTS = next(layout for layout in LAYOUTS if layout.name == "accounts")
HEADER = "account;address;holder\n"
# Each line in a letter of its own, so that a stray piece is known by it.
OWN = "АБВ"
LINES = tuple(f"36000000000{number};{own * 2};{own}\n" for number, own in enumerate(OWN, 1))
MARKS = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}

wide = pytest.mark.parametrize("encoding", MARKS)
marked = pytest.mark.parametrize("mark", [True, False])


def in_bytes(encoding: str, *lines: str, mark: bool = True) -> bytes:
    return MARKS[encoding] * mark + "".join(lines).encode(encoding)


def read(data: bytes, encoding: str = "") -> Batch | None:
    """The rows and the rejected lines, None when the file is refused. `encoding` is told when it is empty."""
    file = io.BytesIO(data)
    try:
        lines = Lines(file, encoding or examine(file).encoding)
        (chunk,) = lines.chunks()
        return read_batch(Form.of(ACCOUNTS, lines.header), chunk)
    except Refused:
        return None


def mixed(batch: Batch | None) -> bool:
    """Whether the text of two lines is in one row."""
    return batch is not None and any(sum(own in str(row) for own in OWN) > 1 for row in batch.rows)


def shifts(first: bytes, second: bytes) -> Iterator[bytes]:
    """Two neighbours with a quote more anywhere in the first and a byte less anywhere in the second, reversed, and with
    a byte less in both."""
    for place in range(len(first)):
        for other in range(len(second)):
            yield first[:place] + b'"' + first[place:] + second[:other] + second[other + 1 :]
            yield first[:place] + first[place + 1 :] + second[:other] + b'"' + second[other:]
            yield first[:place] + first[place + 1 :] + second[:other] + second[other + 1 :]


@wide
@marked
def test_no_shift_from_line_to_line_mixes_them(encoding: str, mark: bool) -> None:
    account, first = LINES[0][:12], LINES[0][12:]
    start = in_bytes(encoding, HEADER, account, mark=mark)
    end = LINES[2].encode(encoding)
    for shifted in shifts(first.encode(encoding), LINES[1].encode(encoding)):
        batch = read(start + shifted + end, "" if mark else encoding)
        assert not mixed(batch), batch


@wide
async def test_a_shifted_line_end_rejects_its_lines_with_the_reason(
    database: Database, tmp_path: Path, encoding: str
) -> None:
    data = in_bytes(encoding, HEADER, *LINES)
    place, other = (data.index((own * 2).encode(encoding)) for own in "АБ")
    (path := tmp_path / "accounts.csv").write_bytes(data[:place] + b"\0" + data[place:other] + data[other + 1 :])
    report = await imported(database, path)
    assert await rows(database, tables.accounts, "account", "address") == [(360000000003, "ВВ")]
    ((line, reason, _),) = rejected(report)
    assert line == 2
    assert "32" in encoding or reason == "в строке есть знаки чужих письменностей: похоже, файл повреждён"


@wide
@marked
async def test_ends_of_lines_that_were_converted_byte_by_byte_lose_no_line(
    database: Database, tmp_path: Path, encoding: str, mark: bool
) -> None:
    data = in_bytes(encoding, HEADER, *LINES, mark=mark).replace(b"\n", b"\r\n")
    (path := tmp_path / "accounts.csv").write_bytes(data)
    report = await imported(database, path)
    assert report.added == 0
    assert exit_code([report]) != 0


@wide
@marked
def test_no_shift_of_the_header_takes_a_line(encoding: str, mark: bool) -> None:
    data = in_bytes(encoding, HEADER, *LINES, mark=mark)
    for place in range(len(in_bytes(encoding, HEADER, mark=mark))):
        for shifted in (data[:place] + b'"' + data[place:], data[:place] + data[place + 1 :]):
            batch = read(shifted, "" if mark else encoding)
            assert batch is None or not batch.rows, batch


@pytest.mark.parametrize("encoding", [*MARKS, "utf-8", "cp1251"])
@pytest.mark.parametrize("sign", ['"', '""', '";"', ';"'])
def test_no_line_end_that_is_lost_mixes_its_lines_wherever_a_quote_comes_in(encoding: str, sign: str) -> None:
    joined = LINES[0].rstrip("\n") + LINES[1]
    for place in range(len(joined)):
        batch = read(f"{HEADER}{joined[:place]}{sign}{joined[place:]}{LINES[2]}".encode(encoding), encoding)
        assert batch is not None
        assert [row[0] for row in batch.rows] == [360000000003]


HONEST = (
    "г. Казань, ул. Ә. Еники, д. 1;Гөлнара Җәмилева",
    "г. Уфа, ул. Ҙур, д. 2, кв. 3;Ғәлиә Ҡасимова",
    "ст. Ԝæрхъ, д. 4;ООО «Müller & Søn»",
    "д. Гадюкино, д. ½, корп. Ⅳ, этаж 2², №\u202f5–6…;“Quà”, ΑΩ, Nguyễn Văn Ất, Oﬃce",
    "с. Ямное\u00a0— у\u0301л. Тихая\u00ad;ИП Ким ☎ 5 ✓ ■ → 😀 ☀\ufe0f € ₽ ≈ − \uf0b7",
    "и\u0306ошкар\u200b-Ола, Ѣ, Ї;\u202aІван\u202c",
)


@pytest.mark.parametrize("encoding", [*MARKS, "utf-8"])
@pytest.mark.parametrize("line", HONEST)
def test_letters_and_signs_of_honest_lines_are_taken(encoding: str, line: str) -> None:
    batch = read(f"{HEADER}360000000001;{line}\n".encode(encoding), encoding)
    assert batch is not None
    assert batch.rows == [(360000000001, *line.split(";"))]


@pytest.mark.parametrize("encoding", [*MARKS, "utf-8"])
@pytest.mark.parametrize("name", ["王伟", "Գագիկ", "გია", "\u3100", "\ue000", "\U00043300"])
def test_letters_of_other_scripts_reject_their_line(encoding: str, name: str) -> None:
    batch = read(f"{HEADER}{LINES[0]}360000000002;г. Бор;{name}\n".encode(encoding), encoding)
    assert batch is not None
    assert [row[0] for row in batch.rows] == [360000000001]
    assert [number for number, _, _ in batch.rejected] == [3]


def test_column_names_of_other_scripts_refuse_the_file() -> None:
    with pytest.raises(Refused, match="чужих письменностей"):
        Lines(io.BytesIO("account;address;tariff㌀\n".encode()), "utf-8")
