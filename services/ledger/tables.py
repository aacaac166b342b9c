"""Tables of the embedded back end: one for each registry file, keyed as the file is, and the bot's submissions.

Units: money is integer kopecks, prices are 1/10000 rouble per kWh, energy is whole kWh. Account numbers are
integers of 12 digits, shown zero-filled. Exact decimals that are only shown (area, norms) are text.

Tables carry no foreign keys: registry files arrive in pieces and millions of lines, so the import itself looks
up what a line refers to, and nothing is ever deleted but what an import added that is withdrawn. `import_id` is of the
import that wrote the row last, NULL where it was before imports were on record or is the customer's.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, Table, Text, false, text, true

from services.db.metadata import Moment, metadata

# Only the type INTEGER makes the key of a SQLite table its row id.
_BIG = BigInteger().with_variant(Integer, "sqlite")
_EMPTY = text("''")


def _import_id() -> Column[int]:
    return Column("import_id", Integer)


accounts = Table(
    "ledger_accounts",
    metadata,
    Column("account", _BIG, primary_key=True, autoincrement=False),
    Column("address", Text, nullable=False),
    Column("holder", Text, nullable=False, server_default=_EMPTY),
    Column("phone", Text, nullable=False, server_default=_EMPTY),
    Column("residents", Integer),
    Column("area", Text),
    Column("season_ratio", Text),
    Column("social_norm", Text),
    Column("tariff", Text, nullable=False, server_default=_EMPTY),
    Column("status", Text, nullable=False, server_default=text("'active'")),
    _import_id(),
)

meters = Table(
    "ledger_meters",
    metadata,
    Column("account", _BIG, primary_key=True, autoincrement=False),
    Column("meter", Text, primary_key=True),
    Column("zones", Text, nullable=False),
    Column("digits", Integer, nullable=False, server_default=text("6")),
    Column("coefficient", Integer, nullable=False, server_default=text("1")),
    Column("verification_due", Date),
    Column("place", Text, nullable=False, server_default=_EMPTY),
    Column("status", Text, nullable=False, server_default=text("'active'")),
    _import_id(),
    sqlite_with_rowid=False,
)

tariffs = Table(
    "ledger_tariffs",
    metadata,
    Column("tariff", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("zone", Text, primary_key=True),
    Column("tier", Integer, primary_key=True, autoincrement=False),
    Column("up_to_kwh", Integer),
    Column("price", Integer, nullable=False),
    _import_id(),
    sqlite_with_rowid=False,
)

# `submission` is empty for what billing imported: its rows and the customers' never overwrite each other.
readings = Table(
    "ledger_readings",
    metadata,
    Column("account", _BIG, primary_key=True, autoincrement=False),
    Column("meter", Text, primary_key=True),
    Column("zone", Text, primary_key=True),
    Column("date", Date, primary_key=True),
    Column("submission", Text, primary_key=True, server_default=_EMPTY),
    Column("value", _BIG, nullable=False),
    Column("source", Text, nullable=False, server_default=_EMPTY),
    Column("counted", Boolean, nullable=False, server_default=false()),
    _import_id(),
    sqlite_with_rowid=False,
)

charges = Table(
    "ledger_charges",
    metadata,
    Column("account", _BIG, primary_key=True, autoincrement=False),
    Column("period", Text, primary_key=True),
    Column("opening", _BIG, nullable=False, server_default=text("0")),
    Column("charged", _BIG, nullable=False, server_default=text("0")),
    Column("recalculated", _BIG, nullable=False, server_default=text("0")),
    Column("penalty", _BIG, nullable=False, server_default=text("0")),
    Column("closing", _BIG, nullable=False),
    Column("recommended", _BIG),
    _import_id(),
    sqlite_with_rowid=False,
)

# Without a reference, equal payments of a day are told apart by `occurrence`: their number within the file and their
# source, as `2 касса`. It is empty where there is a reference.
payments = Table(
    "ledger_payments",
    metadata,
    Column("account", _BIG, primary_key=True, autoincrement=False),
    Column("date", Date, primary_key=True),
    Column("amount", _BIG, primary_key=True, autoincrement=False),
    Column("reference", Text, primary_key=True, server_default=_EMPTY),
    Column("occurrence", Text, primary_key=True, server_default=_EMPTY),
    Column("source", Text, nullable=False, server_default=_EMPTY),
    Column("status", Text, nullable=False, server_default=text("'active'")),
    _import_id(),
    sqlite_with_rowid=False,
)

# Receipts as the supplier has set them; the files lie beside the database.
receipts = Table(
    "ledger_receipts",
    metadata,
    Column("account", _BIG, primary_key=True, autoincrement=False),
    Column("period", Text, primary_key=True),
    Column("digest", Text, nullable=False, comment="SHA-256, the name of its file"),
    Column("size", _BIG, nullable=False, comment="bytes"),
    _import_id(),
    sqlite_with_rowid=False,
)

# Every submission the bot has handed over, the withdrawn ones too, so that a repeated call stays without effect.
submissions = Table(
    "ledger_submissions",
    metadata,
    Column("key", Text, primary_key=True),
    Column("number", Text, nullable=False, server_default=_EMPTY),
    Column("account", _BIG, nullable=False),
    Column("meter", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    Index(None, "account", "meter", "period"),
    sqlite_with_rowid=False,
)

# Imports, one row a file.
imports = Table(
    "ledger_imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("file", Text, nullable=False, comment="its name without the folder"),
    Column("size", _BIG, nullable=False, comment="bytes"),
    Column("checksum", Text, nullable=False, comment="SHA-256"),
    Column("encoding", Text, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment, comment="NULL: still running, or killed"),
    Column("added", Integer, nullable=False, server_default=text("0")),
    Column("changed", Integer, nullable=False, server_default=text("0")),
    Column("unchanged", Integer, nullable=False, server_default=text("0")),
    Column("rejected", Integer, nullable=False, server_default=text("0")),
    Column("undone_at", Moment),
    Column("restorable", Boolean, nullable=False, server_default=true(), comment="former values are still kept"),
    sqlite_autoincrement=True,
)

# Rows as they were before an import changed them: a layer under what it wrote. `row_key` and `former` are JSON lists of
# the table's key and of its other columns; without `former` there was no row. `earlier` is the import that wrote those.
replaced = Table(
    "ledger_replaced",
    metadata,
    Column("import_id", Integer, primary_key=True, autoincrement=False),
    Column("row_key", Text, primary_key=True),
    Column("earlier", Integer),
    Column("former", Text),
    Index(None, "earlier"),
    sqlite_with_rowid=False,
)
