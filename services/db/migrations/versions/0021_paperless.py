"""Receipts by e-mail are confirmed by a link and keep paper away; those in the chat have a switch for each account"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_PAPERLESS = "the account's owner wants no paper"
_WHOSE = "whose receipts the link is about"
_UNMUTED = """
    UPDATE users SET muted = (SELECT json_group_array(value) FROM json_each(users.muted) WHERE value != 'receipt')
    WHERE EXISTS (SELECT 1 FROM json_each(users.muted) WHERE value = 'receipt')
"""
# The one switch of a person becomes one for each account that they have proved, and stays as it was.
_ON = """
    INSERT OR IGNORE INTO subscriptions (account, user_id, channel, since)
    SELECT links.account, links.user_id, 'telegram', COALESCE(links.verified_at, links.created_at)
    FROM links JOIN users ON users.id = links.user_id
    WHERE links.trust = 'verified'
    AND NOT EXISTS (SELECT 1 FROM json_each(users.muted) WHERE value = 'receipt')
"""
_OFF = """
    UPDATE users SET muted = json_insert(muted, '$[#]', 'receipt')
    WHERE EXISTS (SELECT 1 FROM links WHERE links.user_id = users.id AND links.trust = 'verified')
    AND NOT EXISTS (SELECT 1 FROM subscriptions AS s WHERE s.user_id = users.id AND s.channel = 'telegram')
"""


def upgrade() -> None:
    of_link = sa.Column("purpose", sa.String(length=16), nullable=False, server_default="own", comment="of the link")
    op.add_column("email_requests", of_link)
    op.add_column(
        "email_requests",
        sa.Column("account", sa.String(length=12), nullable=False, server_default="", comment=_WHOSE),
    )
    op.add_column(
        "subscriptions",
        sa.Column("paperless", sa.Boolean(), nullable=False, server_default="0", comment=_PAPERLESS),
    )
    op.create_table(
        "paperless",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), comment="paper receipts are printed again"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paperless")),
    )
    op.create_index(op.f("ix_paperless_account"), "paperless", ["account"])
    op.create_table(
        "ending_reasons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ending_reasons")),
    )
    op.execute(_ON)
    op.execute(_UNMUTED)


def downgrade() -> None:
    op.execute(_OFF)
    op.drop_table("ending_reasons")
    op.drop_table("paperless")
    op.drop_column("subscriptions", "paperless")
    op.drop_column("email_requests", "account")
    op.drop_column("email_requests", "purpose")
