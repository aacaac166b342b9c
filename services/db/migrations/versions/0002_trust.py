"""Proofs of accounts, and the rights that their owners give to others"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "guesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=48), nullable=False, comment="of the message in which it was typed"),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="of the region"),
        sa.Column(
            "hit",
            sa.Boolean(),
            nullable=True,
            comment="NULL: the supplier was asked and nobody knows what came of it",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guesses")),
    )
    with op.batch_alter_table("guesses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guesses_key"), ["key"], unique=False)
        batch_op.create_index("ix_guesses_user_id_day", ["user_id", "day"], unique=False)
        batch_op.create_index("ix_guesses_account_day", ["account", "day"], unique=False)
    op.create_table(
        "controls",
        sa.Column("account", sa.String(length=12), nullable=False, comment="one without a row is as by default"),
        sa.Column(
            "anyone_submits",
            sa.Boolean(),
            nullable=False,
            comment="readings from people who confirmed the address only",
        ),
        sa.Column("closed", sa.Boolean(), nullable=False, comment="nobody but its verified owners does anything"),
        sa.Column("locked", sa.Boolean(), nullable=False, comment="nobody else can be verified"),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_controls")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False, comment="who did it"),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("ix_journal_account_at", ["account", "at"], unique=False)


def downgrade() -> None:
    op.drop_table("journal")
    op.drop_table("controls")
    op.drop_table("guesses")
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.drop_column("verified_at")
