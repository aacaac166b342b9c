"""Sent messages are noted outside the database"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("inbox", "said")


def downgrade() -> None:
    op.add_column("inbox", sa.Column("said", sa.JSON(), nullable=True))
