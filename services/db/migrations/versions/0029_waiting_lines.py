"""An index of what waits for groups: a look at the outbox passes what is planned for people"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waiting = sa.text("state = 'waiting' AND line != ''")
    op.create_index(
        "ix_outbox_groups",
        "outbox",
        ["channel", "due_at", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_groups", "outbox")
