"""Receipts that the supplier has set itself"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_receipts",
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256, the name of its file"),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="bytes"),
        sa.Column("import_id", sa.Integer()),
        sa.PrimaryKeyConstraint("account", "period", name=op.f("pk_ledger_receipts")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("ledger_receipts")
