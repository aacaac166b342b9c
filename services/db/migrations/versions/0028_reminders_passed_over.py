"""Reminders after which an account was chosen: numbers that are typed then are for that one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    comment = "an account was chosen since"
    op.add_column(
        "sent_reminders",
        sa.Column("passed_over", sa.Boolean(), nullable=False, server_default="0", comment=comment),
    )


def downgrade() -> None:
    op.drop_column("sent_reminders", "passed_over")
