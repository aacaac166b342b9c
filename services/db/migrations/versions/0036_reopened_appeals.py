"""Appeals that were opened again have a promise of their own; broadcasts have the count of their recipients"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("appeals", sa.Column("reopened_at", moment, comment="the last time"))
    op.add_column(
        "appeals", sa.Column("first_due_at", moment, comment="the first promise, where due_at is a later one")
    )
    op.add_column("broadcasts", sa.Column("reach", sa.JSON(), comment="those people, and who does not hear it"))
    op.add_column(
        "broadcasts", sa.Column("count_asked_at", moment, comment="when they were to be counted; NULL: they are")
    )


def downgrade() -> None:
    for name in ("count_asked_at", "reach"):
        op.drop_column("broadcasts", name)
    for name in ("first_due_at", "reopened_at"):
        op.drop_column("appeals", name)
