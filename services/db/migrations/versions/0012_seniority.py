"""The first proof of an account is known, and the moment at which its proofs began anew"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_FIRST = """
    UPDATE links SET proved_first = 1
    WHERE trust = 'verified' AND NOT EXISTS (
        SELECT 1 FROM links AS other
        WHERE other.account = links.account AND other.trust = 'verified'
        AND (other.verified_at, other.id) < (links.verified_at, links.id)
    )
"""


def upgrade() -> None:
    op.create_table(
        "renewals",
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="proofs of before ended then, and payments of before prove nothing",
        ),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_renewals")),
    )
    first = "no other proof of the account stood when this one was made"
    op.add_column("links", sa.Column("proved_first", sa.Boolean(), nullable=False, server_default="0", comment=first))
    op.execute(_FIRST)


def downgrade() -> None:
    op.drop_column("links", "proved_first")
    op.drop_table("renewals")
