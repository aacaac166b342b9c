"""Receipts are uploaded once, and lead back to their accounts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False, comment="digest of the receipts that the file is"),
        sa.Column("file_id", sa.Text(), nullable=False, comment="Telegram's, good for this bot alone"),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "key", name=op.f("pk_uploads")),
    )
    op.create_table(
        "paper_tokens",
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("token", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_paper_tokens")),
        sa.UniqueConstraint("token", name=op.f("uq_paper_tokens_token")),
    )


def downgrade() -> None:
    op.drop_table("paper_tokens")
    op.drop_table("uploads")
