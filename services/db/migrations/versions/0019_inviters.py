"""Invitations say who invites"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invitations", sa.Column("person", sa.String(64), comment="the inviter's name in Telegram"))


def downgrade() -> None:
    op.drop_column("invitations", "person")
