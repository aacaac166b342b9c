"""Old reminders are found by their moment: an hourly look went through all of two months"""

from __future__ import annotations

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sent_reminders_sent_at", "sent_reminders", ["sent_at"])


def downgrade() -> None:
    op.drop_index("ix_sent_reminders_sent_at", "sent_reminders")
