"""A person can be taken out of what stays"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_constraint("fk_consents_user_id_users", type_="foreignkey")
    _let_person_be_missing(missing=True)
    op.execute("UPDATE inbox SET conversation = '' WHERE done_at IS NOT NULL")


def downgrade() -> None:
    """The id 0 is no person's; consents of people who are gone go, too."""
    for table in ("guesses", "journal", "submissions"):
        op.execute(sa.text(f"UPDATE {table} SET user_id = 0 WHERE user_id IS NULL"))  # noqa: S608  # our own names
    _let_person_be_missing(missing=False)
    op.execute("DELETE FROM consents WHERE user_id NOT IN (SELECT id FROM users)")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_foreign_key("fk_consents_user_id_users", "users", ["user_id"], ["id"])


def _let_person_be_missing(*, missing: bool) -> None:
    """SQLite makes the tables anew, and does not let one go whose rows refer to each other."""
    op.execute("CREATE TEMPORARY TABLE corrections AS SELECT key, replaces FROM submissions WHERE replaces IS NOT NULL")
    op.execute("UPDATE submissions SET replaces = NULL")
    for table in ("guesses", "journal", "submissions"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("user_id", existing_type=sa.BigInteger(), nullable=missing)
    op.execute(
        "UPDATE submissions SET replaces = (SELECT c.replaces FROM corrections c WHERE c.key = submissions.key) "
        "WHERE key IN (SELECT key FROM corrections)"
    )
    op.execute("DROP TABLE corrections")
