"""Tables of the embedded back end: one for each registry file, keyed as the file is, and the bot's submissions.

Units: money is integer kopecks, prices are 1/10000 rouble per kWh, energy is whole kWh. Account numbers are
integers of 12 digits, shown zero-filled. Exact decimals that are only shown (area, norms) are text.

Tables carry no foreign keys: registry files arrive in pieces and millions of lines, so the import itself looks
up what a line refers to, and nothing is ever deleted.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, Table, Text, false, text

from services.db.tables_base import metadata

# Only the type INTEGER makes the key of a SQLite table its row id.
_BIG = BigInteger().with_variant(Integer, "sqlite")
_EMPTY = text("''")


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
    sqlite_with_rowid=False,
)

payments = Table(
    "ledger_payments",
    metadata,
    Column("account", _BIG, primary_key=True, autoincrement=False),
    Column("date", Date, primary_key=True),
    Column("amount", _BIG, primary_key=True, autoincrement=False),
    Column("reference", Text, primary_key=True, server_default=_EMPTY),
    Column("source", Text, nullable=False, server_default=_EMPTY),
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
