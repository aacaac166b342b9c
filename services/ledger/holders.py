"""Holders of accounts by the registry: when two spellings are one holder, and when an account gets another one.

The same one: case, spaces, punctuation, ё, Latin letters that look like Russian ones, the surname first or last,
initials for names, a patronymic that is added or left out, an empty cell. Any other letter that differs is another
holder: Иванов and Иванова, Анна and Инна must not share an account, and whose name was only mistyped proves it anew.
"""

from __future__ import annotations

import asyncio
import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.accounts.address import LOOKALIKES
from services.accounts.members import begin_anew
from services.accounts.models import Action, Trust
from services.db.links import links
from services.db.store import SqlUnitOfWork
from services.ledger.batch import Form, Row
from services.ledger.refused import Refused
from services.ledger.tables import accounts, replaced

_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile("[а-яё]")
_PATRONYMIC = re.compile("[а-я]|[а-я]+(?:ич|вна|чна)")
_FULL_NAME = 3  # surname, name, patronymic
_SOME = 20  # accounts that may get another holder whatever their share of a file
_MOST = 10  # one account in so many
_KNOWN = f"""
    SELECT account, holder FROM {accounts.name}
    WHERE holder != '' AND account IN (SELECT value FROM json_each(?1))
"""  # noqa: S608  # only names of our own


async def compare(connection: AsyncConnection, form: Form, rows: Sequence[Row]) -> tuple[list[Row], tuple[str, ...]]:
    """The rows as they are to be written, and the numbers of accounts that get another holder. An empty cell, or a
    spelling that says less, does not take the place of the known one: the next is compared with all of that."""
    if form.layout.table is not accounts or "holder" not in form.names:
        return list(rows), ()
    place, written, changed = form.names.index("holder"), list(rows), []
    numbers = form.keys(["account"], rows)
    found = await connection.exec_driver_sql(_KNOWN, (json.dumps(numbers),))
    known = {row.account: row.holder for row in found}
    for index, number in enumerate(numbers):
        old, new = known.get(number), str(rows[index][place])
        if old is None or old == new:
            continue
        if not same_holder(old, new):
            changed.append(f"{number:012d}")
        elif _length(new) < _length(old):
            written[index] = (*rows[index][:place], old, *rows[index][place + 1 :])
    return written, tuple(changed)


def check_column(others: int, rows: int) -> None:
    """Raises Refused when so many accounts get another holder that the file's column is rather a wrong one."""
    if others > _SOME and others * _MOST > rows:
        raise Refused(
            f"Другой владелец у {others} из {rows} счетов подряд: похоже, в столбце holder не владельцы, а их права на "
            "счета закончились бы. Если так и должно быть, загрузите с --new-holders."
        )


async def restored(connection: AsyncConnection, import_id: int, former: str) -> tuple[str, ...]:
    """Numbers of the accounts that get another holder when an import is withdrawn; `former`: where the earlier one
    stands in an entry, as SQL."""
    found = await connection.exec_driver_sql(
        f"SELECT t.account, t.holder, {former} AS former FROM {accounts.name} AS t "  # noqa: S608
        f"JOIN {replaced.name} AS e ON e.import_id = t.import_id AND e.row_key = json_array(t.account) "
        "WHERE t.import_id = ?1 AND e.former IS NOT NULL",
        (import_id,),
    )
    return tuple(f"{row.account:012d}" for row in found if not same_holder(row.holder, row.former))


async def gone(connection: AsyncConnection) -> tuple[str, ...]:
    """Numbers of the accounts with a proof or a share that the registry does not have: it cannot tell whose they are
    when they come back."""
    found = await connection.exec_driver_sql(
        f"SELECT DISTINCT account FROM {links.name} WHERE trust != '{Trust.CONFIRMED}' "  # noqa: S608
        f"AND CAST(account AS INTEGER) NOT IN (SELECT account FROM {accounts.name})"
    )
    return tuple(found.scalars())


async def hand_over(
    connection: AsyncConnection, numbers: Sequence[str], at: datetime, cause: Action = Action.HOLDER_CHANGED
) -> None:
    """Proofs and shares of these accounts end with their holder, in the transaction that writes the new one;
    those concerned are told. A running bot finds the notices by itself."""
    if numbers:
        await begin_anew(SqlUnitOfWork(connection, asyncio.Event()), numbers, cause, at)


def same_holder(one: str, other: str) -> bool:
    """Whether two spellings mean one holder. One without words says nothing."""
    few, many = sorted((_parts(one), _parts(other)), key=len)
    if not few or len(few) == len(many):
        return not few or _fit(few, many)
    if len(many) != _FULL_NAME or len(many) - len(few) > 1:
        return False
    shorter = [many[:at] + many[at + 1 :] for at, part in enumerate(many) if _PATRONYMIC.fullmatch(part)]
    return any(_fit(few, rest) for rest in shorter)


def _parts(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", name).casefold().replace("ё", "е")
    if _CYRILLIC.search(plain):
        plain = plain.translate(LOOKALIKES)
    return _WORD.findall(plain)


def _length(name: str) -> int:
    return sum(map(len, _parts(name)))


def _fit(ones: Sequence[str], others: Sequence[str]) -> bool:
    """Part by part from some first one on, one of them being a whole word in both."""
    turned = ([*others[at:], *others[:at]] for at in range(len(others)))
    return any(_same_parts(ones, turn) and set(filter(_whole, ones)) & set(turn) for turn in turned)


def _same_parts(ones: Sequence[str], others: Sequence[str]) -> bool:
    pairs = zip(ones, others, strict=True)
    return all(one == other or (not (_whole(one) and _whole(other)) and one[0] == other[0]) for one, other in pairs)


def _whole(part: str) -> bool:
    return len(part) > 1
