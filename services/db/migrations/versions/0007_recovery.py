"""Access from a lost Telegram account can be withdrawn; guesses count by the moment"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recoveries",
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("against", sa.BigInteger(), autoincrement=False, nullable=False, comment="whose access is to end"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("objected_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", "asked_by", "against", name=op.f("pk_recoveries")),
    )
    _change_guesses(
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        "UPDATE guesses SET at = day || ' 23:59:59.000000'",  # the latest that it may have been
        "day",
    )


def downgrade() -> None:
    _change_guesses(sa.Column("day", sa.Date(), nullable=True), "UPDATE guesses SET day = date(at)", "at")
    op.drop_table("recoveries")


def _change_guesses(new: sa.Column[object], fill: str, old: str) -> None:
    with op.batch_alter_table("guesses", schema=None) as batch_op:
        batch_op.drop_index(f"ix_guesses_user_id_{old}")
        batch_op.drop_index(f"ix_guesses_account_{old}")
        batch_op.add_column(new)
    op.execute(fill)
    with op.batch_alter_table("guesses", schema=None) as batch_op:
        batch_op.alter_column(new.name, existing_type=new.type, nullable=False)
        batch_op.drop_column(old)
        batch_op.create_index(f"ix_guesses_user_id_{new.name}", ["user_id", new.name], unique=False)
        batch_op.create_index(f"ix_guesses_account_{new.name}", ["account", new.name], unique=False)
