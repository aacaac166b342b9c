"""Reminders: their hour, accounts that need none, rounds, and the messages that can be answered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("users", sa.Column("remind_hour", sa.Integer(), comment="local; NULL: as the settings have it"))
    op.add_column(
        "links",
        sa.Column("reminded", sa.Boolean(), nullable=False, server_default="1", comment="of readings that are missing"),
    )
    op.add_column("links", sa.Column("away_until", sa.Date(), comment="until this day the home stands empty"))
    op.add_column("outbox", sa.Column("not_before", moment, comment="the moment that it is planned for"))
    op.create_table(
        "reminder_rounds",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False, comment="counted when it began"),
        sa.Column("after", sa.BigInteger(), nullable=False, comment="the last person that was looked at"),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("done_at", moment),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_reminder_rounds")),
    )
    op.create_table(
        "reminder_warnings",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_reminder_warnings")),
    )
    op.create_table(
        "sent_reminders",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("links", sa.JSON(), nullable=False, comment="of the accounts that it names"),
        sa.Column("sent_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "message_id", name=op.f("pk_sent_reminders")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("sent_reminders")
    op.drop_table("reminder_warnings")
    op.drop_table("reminder_rounds")
    op.drop_column("outbox", "not_before")
    op.drop_column("links", "away_until")
    op.drop_column("links", "reminded")
    op.drop_column("users", "remind_hour")
