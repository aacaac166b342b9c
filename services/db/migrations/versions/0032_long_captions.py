"""Words that do not fit under the copy of a file stand in a message before it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appeal_messages", sa.Column("words_id", sa.Integer()))
    has_words = sa.text("words_id IS NOT NULL")
    op.create_index(
        "ix_appeal_messages_words",
        "appeal_messages",
        ["copy_chat_id", "words_id"],
        sqlite_where=has_words,
        postgresql_where=has_words,
    )


def downgrade() -> None:
    op.drop_index("ix_appeal_messages_words", "appeal_messages")
    op.drop_column("appeal_messages", "words_id")
