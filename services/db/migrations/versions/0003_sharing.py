"""Accounts shared by one-time links"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("role", sa.String(length=16), nullable=True, comment="of those with whom the account is shared")
        )
        batch_op.add_column(sa.Column("granted_by", sa.BigInteger(), nullable=True))
        batch_op.add_column(
            sa.Column("person", sa.String(length=64), nullable=True, comment="the name under which the owner sees them")
        )
        batch_op.add_column(sa.Column("used_at", sa.DateTime(timezone=True), nullable=True, comment="to the hour"))
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(length=64), nullable=False, comment="of the token, which only its link holds"),
        sa.Column("key", sa.String(length=64), nullable=False, comment="of the press that made it"),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("granted_by", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invitations")),
        sa.UniqueConstraint("key", name=op.f("uq_invitations_key")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index("ix_invitations_account", ["account"], unique=False)


def downgrade() -> None:
    op.drop_table("invitations")
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.drop_column("used_at")
        batch_op.drop_column("person")
        batch_op.drop_column("granted_by")
        batch_op.drop_column("role")
