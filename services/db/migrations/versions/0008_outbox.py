"""Notices that edit, people who stopped the bot, clocks that are set back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("edits", sa.Integer(), nullable=True))
    op.add_column("outbox", sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_outbox_line", "outbox")
    _index("ix_outbox_line", "outbox", ["channel", "urgency", "due_at", "id"], "state = 'waiting'")
    _index("ix_inbox_parked", "inbox", ["update_id"], "parked_at IS NOT NULL")
    op.execute(
        "UPDATE outbox SET state = 'held' WHERE state = 'waiting' AND channel = 'telegram' "
        "AND user_id IN (SELECT id FROM users WHERE blocked_at IS NOT NULL)"
    )


def downgrade() -> None:
    op.execute("UPDATE outbox SET state = 'waiting' WHERE state = 'held'")
    op.drop_index("ix_inbox_parked", "inbox")
    op.drop_index("ix_outbox_line", "outbox")
    _index("ix_outbox_line", "outbox", ["channel", "urgency", "id"], "ended_at IS NULL")
    op.drop_column("outbox", "tried_at")
    op.drop_column("outbox", "edits")


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
