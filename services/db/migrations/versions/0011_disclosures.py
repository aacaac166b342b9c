"""Sums of an account that were shown to people without a proof of it

Accounts that people have already are watched since they came: sums they saw are not known any more, so only payments
count that were made thirty days before, which is by how much billing may be late.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# People behind these rows may have looked at the sum, also those who have gone since.
_TRACES = """
    SELECT account, created_at AS at FROM links
    UNION ALL SELECT account, created_at FROM orders
    UNION ALL SELECT account, submitted_at FROM submissions
    UNION ALL SELECT account, at FROM guesses
    UNION ALL SELECT account, at FROM journal
"""
_WATCHED = f"""
    INSERT INTO watches (account, since, seen_on, known)
    SELECT account, min(at), date('now'), '[]' FROM ({_TRACES}) GROUP BY account
"""  # noqa: S608  # nothing from outside
_KNOWN = """
    UPDATE watches SET known = (
        SELECT json_group_array(json_array(ledger_payments.date, ledger_payments.amount)) FROM ledger_payments
        WHERE ledger_payments.account = CAST(watches.account AS INTEGER)
        AND ledger_payments.date < date(watches.since, '-30 days')
    )
"""


def upgrade() -> None:
    op.create_table(
        "watches",
        sa.Column("account", sa.String(12), primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("known", sa.JSON(), nullable=False),
    )
    op.create_table(
        "shown_sums",
        sa.Column("account", sa.String(12), primary_key=True),
        sa.Column("kopecks", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("shown_on", sa.Date(), nullable=False),
    )
    op.execute(_WATCHED)
    op.execute(_KNOWN)


def downgrade() -> None:
    op.drop_table("shown_sums")
    op.drop_table("watches")
