"""Broadcasts that staff write in their group: authors, ends, cards; an index of what is planned"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None

_PLANNED = sa.text("not_before IS NOT NULL")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column("author_id", sa.BigInteger(), comment="the member of the staff; NULL: made on the command line"),
        sa.Column("confirmer_id", sa.BigInteger(), comment="the member of the staff"),
        sa.Column("confirmed_at", moment),
        sa.Column("stopped_by", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("ended_at", moment),
    ):
        op.add_column("broadcasts", column)
    op.create_table(
        "broadcast_cards",
        sa.Column("broadcast", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False, comment="the group, by the number in the settings"),
        sa.Column("chat_id", sa.BigInteger(), nullable=False, comment="where it stands: the group may have moved"),
        sa.Column("thread_id", sa.Integer()),
        sa.Column("command", sa.String(length=64), nullable=False, comment="the message or the press that began it"),
        sa.Column("message_id", sa.Integer(), comment="the newest card"),
        sa.Column("asked_id", sa.Integer(), comment="the message whose replies answer the question"),
        sa.Column("question", sa.String(length=16), comment="audience, street, accounts, text; NULL: none"),
        sa.ForeignKeyConstraint(["broadcast"], ["broadcasts.id"], name=op.f("fk_broadcast_cards_broadcast_broadcasts")),
        sa.PrimaryKeyConstraint("broadcast", name=op.f("pk_broadcast_cards")),
    )
    op.create_index("uq_broadcast_cards_command", "broadcast_cards", ["chat_id", "command"], unique=True)
    op.create_index("ix_outbox_planned", "outbox", ["not_before"], sqlite_where=_PLANNED, postgresql_where=_PLANNED)


def downgrade() -> None:
    op.drop_index("ix_outbox_planned", "outbox")
    op.drop_table("broadcast_cards")
    for name in ("ended_at", "stopped_by", "confirmed_at", "confirmer_id", "author_id"):
        op.drop_column("broadcasts", name)
