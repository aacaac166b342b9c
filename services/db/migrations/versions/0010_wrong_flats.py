"""Wrong answers about an address and letters to unconfirmed e-mail addresses are counted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wrong_flats",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column(
            "answer",
            sa.String(length=24),
            nullable=False,
            comment="its digest: the same one again is no other guess",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "account", "answer", name=op.f("pk_wrong_flats")),
    )
    op.create_table(
        "letters",
        sa.Column("key", sa.String(length=96), nullable=False, comment="of its notice"),
        sa.Column("mailbox", sa.String(length=32), nullable=False, comment="digest of an unconfirmed address"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_letters")),
    )
    op.create_index("ix_letters_mailbox_at", "letters", ["mailbox", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_letters_mailbox_at", table_name="letters")
    op.drop_table("letters")
    op.drop_table("wrong_flats")
