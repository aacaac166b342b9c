"""A payment is dated by the provider's capture; the moment at which the bot heard of it stands beside that"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Orders that are settled already keep the only moment that is known: when the bot heard of it."""
    op.add_column("orders", sa.Column("learned_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE orders SET learned_at = settled_at")


def downgrade() -> None:
    op.drop_column("orders", "learned_at")
