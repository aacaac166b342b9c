"""Appeals and their messages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "appeals",
        sa.Column("key", sa.String(length=32), nullable=False, comment="the draft's id"),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger(), comment="who did it; NULL: they had everything about them erased"),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False, server_default="", comment="empty: of no customer"),
        sa.Column("locality", sa.String(length=120), nullable=False, server_default=""),
        sa.Column("address", sa.String(length=300), nullable=False, server_default=""),
        sa.Column("subject", sa.String(length=32), nullable=False, comment="its key in the profile"),
        sa.Column("name", sa.String(length=120), nullable=False, server_default=""),
        sa.Column("email", sa.String(length=254), nullable=False, server_default=""),
        sa.Column("phone", sa.String(length=32), nullable=False, server_default="", comment="E.164"),
        sa.Column("by_mail_only", sa.Boolean(), nullable=False, server_default="0"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="open or closed"),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False, comment="until when an answer is promised"),
        sa.Column("answered_at", moment, comment="the first answer"),
        sa.Column("answer_at", moment, comment="the newest answer"),
        sa.Column("seen_at", moment, comment="when the customer looked last"),
        sa.Column("closed_at", moment),
        sa.Column("closed_by", sa.String(length=16)),
        sa.Column("reopened", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rating", sa.Integer()),
        sa.Column("rating_words", sa.String(length=1000), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_appeals")),
        sa.UniqueConstraint("number", name=op.f("uq_appeals_number")),
    )
    op.create_index(op.f("ix_appeals_user_id"), "appeals", ["user_id"])
    op.create_index("ix_appeals_state_due_at", "appeals", ["state", "due_at"])
    op.create_table(
        "appeal_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal", sa.String(length=32), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False, comment="customer, staff; note: stays among the staff"),
        sa.Column("chat_id", sa.BigInteger(), comment="where it was written; NULL: its customer was erased"),
        sa.Column("message_id", sa.Integer(), comment="and as which message"),
        sa.Column("author_id", sa.BigInteger(), comment="the member of the staff"),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, server_default="", comment="HTML"),
        sa.Column("file_kind", sa.String(length=16), nullable=False, server_default=""),
        sa.Column(
            "file_id", sa.Text(), nullable=False, server_default="", comment="Telegram's, good for this bot alone"
        ),
        sa.Column("file_name", sa.String(length=255), nullable=False, server_default=""),
        sa.Column("file_size", sa.Integer(), nullable=False, server_default="0", comment="bytes"),
        sa.Column("album", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("written_at", moment, nullable=False),
        sa.Column("edited_at", moment),
        sa.Column("withdrawn_at", moment),
        sa.Column("copy_chat_id", sa.BigInteger()),
        sa.Column("copy_id", sa.Integer(), comment="the message on the other side"),
        sa.Column("delivery", sa.String(length=16), nullable=False, server_default="waiting"),
        sa.Column("reason", sa.String(length=64), nullable=False, server_default="", comment="of a refusal"),
        sa.Column("mark_id", sa.Integer(), comment="the message under which staff read of the delivery"),
        sa.ForeignKeyConstraint(["appeal"], ["appeals.key"], name=op.f("fk_appeal_messages_appeal_appeals")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_messages")),
    )
    op.create_index(op.f("ix_appeal_messages_appeal"), "appeal_messages", ["appeal"])
    op.create_index("uq_appeal_messages_chat_id", "appeal_messages", ["chat_id", "message_id"], unique=True)
    op.create_index("ix_appeal_messages_copy", "appeal_messages", ["copy_chat_id", "copy_id"])


def downgrade() -> None:
    op.drop_table("appeal_messages")
    op.drop_table("appeals")
