"""Receipts are formed for subscribers when a month is charged"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt_deliveries",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False, comment="telegram or mail"),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False, comment="1; more: of a corrected bill"),
        sa.Column("digest", sa.String(length=24), nullable=False, comment="of the bill's sums"),
        sa.Column("kopecks", sa.BigInteger(), nullable=False, comment="to pay by this bill"),
        sa.Column("formed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), comment="when the paper was made to be sent"),
        sa.PrimaryKeyConstraint(
            "month", "account", "user_id", "channel", "edition", name=op.f("pk_receipt_deliveries")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_receipt_deliveries_user_id"), "receipt_deliveries", ["user_id"])
    op.create_table(
        "charged_months",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when charges of the month came or changed last",
        ),
        sa.Column("formed_for", sa.DateTime(timezone=True), comment="the change for which receipts were formed last"),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_charged_months")),
    )


def downgrade() -> None:
    op.drop_table("charged_months")
    op.drop_table("receipt_deliveries")
