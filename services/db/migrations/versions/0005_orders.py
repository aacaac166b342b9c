"""Payments through the bot"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column(
            "key", sa.String(length=36), nullable=False, comment="the confirmation's id, the provider's idempotence key"
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column(
            "user_id",
            sa.BigInteger(),
            nullable=True,
            comment="who did it; NULL: they had everything about them erased",
        ),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("kopecks", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "request", sa.JSON(), nullable=False, comment="the body of every attempt; emptied when the order has ended"
        ),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True, comment="the provider's"),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=64), server_default="", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True, comment="paid or canceled"),
        sa.Column("credited_on", sa.Date(), nullable=True, comment="by the supplier"),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False, comment="kopecks"),
        sa.Column(
            "dropped",
            sa.Boolean(),
            server_default="0",
            nullable=False,
            comment="the customer no longer wants to pay",
        ),
        sa.Column("shown_in", sa.BigInteger(), nullable=True, comment="the message that holds the link"),
        sa.Column(
            "ask_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the provider is to be asked; NULL: there is nothing to ask",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_orders")),
        sa.UniqueConstraint("external_id", name=op.f("uq_orders_external_id")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        asked = sa.text("ask_at IS NOT NULL")
        batch_op.create_index("ix_orders_account_created_at", ["account", "created_at"], unique=False)
        batch_op.create_index("ix_orders_ask_at", ["ask_at"], unique=False, sqlite_where=asked, postgresql_where=asked)
        batch_op.create_index("ix_orders_settled_at", ["settled_at"], unique=False)
        batch_op.create_index(op.f("ix_orders_user_id"), ["user_id"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_key", sa.String(length=36), nullable=False),
        sa.Column("kopecks", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when the provider told it"),
        sa.ForeignKeyConstraint(["order_key"], ["orders.key"], name=op.f("fk_refunds_order_key_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
    )
    with op.batch_alter_table("refunds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refunds_at"), ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("refunds")
    op.drop_table("orders")
