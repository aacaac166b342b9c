"""Imports are on record and can be withdrawn; equal payments without a reference are told apart"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_LEDGER = ("accounts", "meters", "tariffs", "readings", "charges")
_ADDED = ("added", "changed", "unchanged", "rejected")


def upgrade() -> None:
    for name in _LEDGER:
        op.add_column(f"ledger_{name}", sa.Column("import_id", sa.Integer(), nullable=True))
    _payments(
        sa.Column("occurrence", sa.Text(), server_default=sa.text("''"), nullable=False),
        key=("account", "date", "amount", "reference", "occurrence"),
        others=(
            sa.Column("status", sa.Text(), server_default=sa.text("'active'"), nullable=False),
            sa.Column("import_id", sa.Integer(), nullable=True),
        ),
        copied="account, date, amount, reference, source, CASE reference WHEN '' THEN '1 ' || source ELSE '' END",
    )
    op.create_table(
        "ledger_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False, comment="its name without the folder"),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="bytes"),
        sa.Column("checksum", sa.Text(), nullable=False, comment="SHA-256"),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="NULL: still running, or killed"),
        *(sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False) for name in _ADDED),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "restorable",
            sa.Boolean(),
            server_default=sa.true(),
            nullable=False,
            comment="former values are still kept",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_imports")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ledger_replaced",
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("earlier", sa.Integer(), nullable=True),
        sa.Column("former", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("import_id", "row_key", name=op.f("pk_ledger_replaced")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_ledger_replaced_earlier"), "ledger_replaced", ["earlier"])


def downgrade() -> None:
    op.drop_table("ledger_replaced")
    op.drop_table("ledger_imports")
    _payments(key=("account", "date", "amount", "reference"), copied="account, date, amount, reference, source")
    for name in _LEDGER:
        op.drop_column(f"ledger_{name}", "import_id")


def _payments(
    *key_columns: sa.Column[str], key: tuple[str, ...], copied: str, others: tuple[sa.Column[object], ...] = ()
) -> None:
    """The table anew, for SQLite changes no primary key. Cancelled and equal payments are lost going down."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.rename_table("ledger_payments", "ledger_payments_before")
    op.create_table(
        "ledger_payments",
        sa.Column("account", big, autoincrement=False, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("amount", big, autoincrement=False, nullable=False),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        *key_columns,
        sa.Column("source", sa.Text(), server_default=sa.text("''"), nullable=False),
        *others,
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_ledger_payments")),
        sqlite_with_rowid=False,
    )
    names = ", ".join(["account", "date", "amount", "reference", "source", *(column.name for column in key_columns)])
    op.execute(f"INSERT OR IGNORE INTO ledger_payments ({names}) SELECT {copied} FROM ledger_payments_before")  # noqa: S608
    op.drop_table("ledger_payments_before")
