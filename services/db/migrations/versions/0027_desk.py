"""Topics and templates of the desk, and lines of the outbox"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    not_ended = sa.text("ended_at IS NULL")
    comment = "in a group: rows of a line keep their order"
    op.add_column("outbox", sa.Column("line", sa.String(length=32), nullable=False, server_default="", comment=comment))
    op.drop_index("ix_outbox_chat", "outbox")
    op.create_index(
        "ix_outbox_chat",
        "outbox",
        ["channel", "user_id", "line", "id"],
        sqlite_where=not_ended,
        postgresql_where=not_ended,
    )
    op.add_column(
        "appeal_messages", sa.Column("reply_id", sa.Integer(), comment="the message of its chat that it answers")
    )
    waiting = sa.text("side = 'staff' AND delivery IN ('waiting', 'blocked')")
    op.create_index(
        "ix_appeal_messages_on_its_way",
        "appeal_messages",
        ["delivery"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "desk_topics",
        sa.Column("appeal", sa.String(length=32), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False, comment="the group, by the number in the settings"),
        sa.Column("chat_id", sa.BigInteger(), comment="where it stands: the group may have moved"),
        sa.Column("thread_id", sa.Integer(), comment="NULL: not made yet, or in a group without topics"),
        sa.Column("card_id", sa.Integer(), comment="the message with the facts"),
        sa.Column("asked_at", moment, comment="when Telegram was asked for it and has not answered"),
        sa.Column("flat", sa.Boolean(), nullable=False, server_default="0", comment="the group has no topics"),
        sa.Column("remade", sa.Boolean(), nullable=False, server_default="0", comment="an earlier one was deleted"),
        sa.Column("closed", sa.Boolean(), nullable=False, server_default="0"),
        sa.Column("owner_id", sa.BigInteger(), comment="the member of the staff who took it"),
        sa.Column("owner_name", sa.String(length=128), nullable=False, server_default=""),
        sa.Column("reminded_at", moment, comment="when staff were told that time runs out"),
        sa.ForeignKeyConstraint(
            ["appeal"], ["appeals.key"], name=op.f("fk_desk_topics_appeal_appeals"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("appeal", name=op.f("pk_desk_topics")),
    )
    op.create_index("uq_desk_topics_thread", "desk_topics", ["chat_id", "thread_id"], unique=True)
    op.create_index("ix_desk_topics_card", "desk_topics", ["chat_id", "card_id"])
    op.create_table(
        "desk_templates",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="HTML"),
        sa.PrimaryKeyConstraint("group_id", "name", name=op.f("pk_desk_templates")),
    )


def downgrade() -> None:
    not_ended = sa.text("ended_at IS NULL")
    op.drop_table("desk_templates")
    op.drop_table("desk_topics")
    op.drop_index("ix_appeal_messages_on_its_way", "appeal_messages")
    op.drop_column("appeal_messages", "reply_id")
    op.drop_index("ix_outbox_chat", "outbox")
    op.create_index(
        "ix_outbox_chat",
        "outbox",
        ["channel", "user_id", "id"],
        sqlite_where=not_ended,
        postgresql_where=not_ended,
    )
    op.drop_column("outbox", "line")
