"""Settings of customers: e-mail, notices and their hours, the order of their accounts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(length=254), nullable=True, comment="confirmed"))
        batch_op.add_column(
            sa.Column(
                "quiet", sa.String(length=8), nullable=False, server_default="22-8", comment="local hours, or off"
            )
        )
        batch_op.add_column(
            sa.Column("muted", sa.JSON(), nullable=False, server_default="[]", comment="kinds of notices switched off")
        )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("position", sa.Integer(), nullable=False, server_default="0", comment="the smallest stands first")
        )
    op.create_table(
        "email_requests",
        sa.Column("digest", sa.String(length=64), nullable=False, comment="of the token, which only its letter holds"),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the address was confirmed, or another one asked for",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_email_requests")),
    )
    with op.batch_alter_table("email_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_email_requests_user_id"), ["user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_email_requests_expires_at"), ["expires_at"], unique=False)
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("own_urgency", sa.Integer(), nullable=False, server_default="1", comment="the one it came with")
        )
        batch_op.add_column(
            sa.Column(
                "quiet",
                sa.Boolean(),
                nullable=False,
                server_default="0",
                comment="for after its person's quiet hours: until it is due, others pass it",
            )
        )
    op.execute("UPDATE outbox SET own_urgency = CASE WHEN bulk THEN 2 WHEN urgency < 1 THEN 0 ELSE 1 END")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.alter_column("own_urgency", existing_type=sa.Integer(), server_default=None)
        batch_op.drop_column("bulk")


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bulk", sa.Boolean(), nullable=False, server_default="0"))
    op.execute("UPDATE outbox SET bulk = (own_urgency = 2)")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.alter_column("bulk", existing_type=sa.Boolean(), server_default=None)
        batch_op.drop_column("quiet")
        batch_op.drop_column("own_urgency")
    op.drop_table("email_requests")
    op.drop_column("links", "position")
    for column in ("muted", "quiet", "email"):
        op.drop_column("users", column)  # made anew, the table would leave those behind who refer to it
