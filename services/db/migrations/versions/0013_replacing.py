"""A submission keeps the trust of its customer, so that one of a lower trust does not replace it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    trust = sa.Column("trust", sa.String(length=16), server_default="confirmed", nullable=False)
    op.add_column("submissions", trust)
    op.execute(
        "UPDATE submissions SET trust = (SELECT trust FROM links WHERE links.user_id = submissions.user_id"
        " AND links.account = submissions.account) WHERE EXISTS (SELECT 1 FROM links"
        " WHERE links.user_id = submissions.user_id AND links.account = submissions.account)"
    )


def downgrade() -> None:
    op.drop_column("submissions", "trust")
