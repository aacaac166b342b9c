"""Customers may leave the preliminary charge out of an account's sum; orders know whether their sum was due"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    said = "the sum to pay is shown with the charge of the current month"
    op.add_column("links", sa.Column("preliminary", sa.Boolean(), nullable=False, server_default="1", comment=said))
    due = "the sum was due when the link was shown"
    op.add_column("orders", sa.Column("offered", sa.Boolean(), nullable=False, server_default="0", comment=due))


def downgrade() -> None:
    op.drop_column("orders", "offered")
    op.drop_column("links", "preliminary")
