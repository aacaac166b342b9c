"""Deliveries know which of the supplier's own receipts was sent"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("receipt_deliveries", sa.Column("paper", sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("receipt_deliveries", "paper")
