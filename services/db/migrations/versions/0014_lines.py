"""Each conversation's updates are read in order, a few at a time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_open = sa.text("done_at IS NULL AND parked_at IS NULL")
    op.create_index("ix_inbox_line", "inbox", ["conversation", "update_id"], sqlite_where=is_open)
    op.create_index("ix_inbox_wanted", "inbox", ["conversation"], sqlite_where=sa.text("tries < 0"))


def downgrade() -> None:
    op.drop_index("ix_inbox_wanted", "inbox")
    op.drop_index("ix_inbox_line", "inbox")
