"""Broadcasts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False, comment="the name that the operator gave"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False, comment="people, when it was made"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="draft, going, queued, stopped"),
        sa.Column("confirmed_by", sa.String(length=64), nullable=False, server_default=""),
        sa.Column(
            "after", sa.BigInteger(), nullable=False, server_default="0", comment="the last person that was looked at"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("broadcasts")
