"""A good file after accidents: no line's text gets into another line's row, and nothing taken is never success."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli.registry import exit_code
from services.db.engine import Database
from services.db.metadata import metadata
from services.ledger import tables
from services.ledger.registry import Imported, import_registry
from tests.ledger.registry_files import rows

# Every cell of a line carries its number in letters, so that a stray piece is known by its owner.
NAMES = ("Азов", "Муром", "Воронеж", "Калуга", "Липецк", "Москва", "Пенза", "Самара", "Тула", "Ярославль")
GOOD = "account;address;holder;phone;tariff\n" + "".join(
    f"36000000000{number};г. {name}, ул. Мира, д. {number}, кв. 1{number};Иванова {name};+7 {number};{name}\n"
    for number, name in enumerate(NAMES)
)
ENCODINGS = (
    *("utf-8", "utf-8-sig", "cp1251", "cp866", "koi8-r", "mac-cyrillic", "iso8859-5"),
    *("utf-16", "utf-16-le", "utf-16-be", "utf-32"),
)

Accident = Callable[[bytes], bytes]
places = st.integers(0, 1000)


def at(data: bytes, place: int) -> int:
    return place * len(data) // 1001


changes = st.one_of(
    st.builds(
        lambda place, sign: lambda data: data[: at(data, place)] + sign + data[at(data, place) :],
        places,
        st.sampled_from([b'"', b'""', b";", b"\n", b"\r", b"\0", b"\x1a", b"\xff", b"\t", b'";"', b"\xef\xbb\xbf"]),
    ),
    st.builds(lambda place, other: lambda data: _swapped(data, at(data, place), at(data, other)), places, places),
    st.builds(lambda place, bit: lambda data: _flipped(data, at(data, place), bit), places, st.integers(0, 7)),
    st.sampled_from(
        [
            lambda data: data.replace(b"\n", b"\r\n"),
            lambda data: data.replace(b"\n", b"\r"),
            lambda data: data.replace(b";", b","),
            lambda data: data.replace(b";", b"\t"),
            lambda data: data.replace(b";", b'";"'),
            lambda data: b"sep=;\n" + data,
        ]
    ),
)
losses = st.one_of(
    st.builds(lambda place: lambda data: data[: at(data, place)], places),
    st.builds(lambda place, count: lambda data: _cut(data, at(data, place), count), places, st.integers(1, 90)),
)
# One loss at most: two lines of which suitable parts are lost are one good line when the end between them is lost, too.
accidents = st.tuples(st.lists(changes, max_size=2), st.lists(losses, max_size=1)).flatmap(
    lambda found: st.permutations([*found[0], *found[1]])
)


def _cut(data: bytes, place: int, count: int) -> bytes:
    """Without some bytes of a line: an end that is lost with no cell cannot be noticed."""
    ends = (data.find(b"\n", place), data.find(b"\r", place), len(data))
    end = min(place + count, *(at for at in ends if at >= 0))
    return data[:place] + data[end:]


def _swapped(data: bytes, one: int, other: int) -> bytes:
    """An end of a line stays: where it moves by as many cells as are lost, nothing can be noticed."""
    changed = bytearray(data)
    if one < len(data) and other < len(data) and not {data[one], data[other]} & set(b"\r\n"):
        changed[one], changed[other] = changed[other], changed[one]
    return bytes(changed)


def _flipped(data: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(data)
    if place < len(data):
        changed[place] ^= 1 << bit
    return bytes(changed)


async def _taken(data: bytes) -> tuple[Imported, list[tuple[int, str]]]:
    """The report, and the words of each account."""
    with TemporaryDirectory() as folder:
        (path := Path(folder) / "accounts.csv").write_bytes(data)
        database = Database(f"sqlite+aiosqlite:///{folder}/bot.db")
        async with database.engine.begin() as connection:
            await connection.run_sync(lambda sync: metadata.create_all(sync, tables=_LEDGER))
        (report,) = await import_registry(database, [path])
        found = await rows(database, tables.accounts, "account", "address", "holder", "phone", "tariff")
        await database.close()
    return report, [(account, " ".join(words)) for account, *words in found]


_LEDGER = [table for table in metadata.sorted_tables if table.name.startswith("ledger_")]


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(ENCODINGS), accidents)
def test_no_accident_mixes_lines_or_is_a_silent_nothing(encoding: str, accident: list[Accident]) -> None:
    data = GOOD.encode(encoding)
    for happen in accident:
        data = happen(data)
    report, found = asyncio.run(_taken(data))
    assert found or exit_code([report]) != 0
    for _, words in found:
        owners = {name for name in NAMES if name in words}
        assert len(owners) <= 1, (report, words)
    if not accident:
        assert len(found) == len(NAMES)
        assert exit_code([report]) == 0
