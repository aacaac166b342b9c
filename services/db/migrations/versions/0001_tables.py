"""The bot's own tables and the ledger"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consent", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="of what was really shown"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_texts")),
        sa.UniqueConstraint("digest", name=op.f("uq_consent_texts_digest")),
    )
    op.create_table(
        "conversations",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_conversations")),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "inbox",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True, comment="the raw update; wiped when it is done"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "said",
            sa.JSON(),
            nullable=True,
            comment="what Telegram took of the answer so far: [[digest, message id or true]]",
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_inbox")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inbox_open", ["update_id"], unique=False, sqlite_where=sa.text("done_at IS NULL AND parked_at IS NULL")
        )

    op.create_table(
        "ledger_accounts",
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("phone", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("season_ratio", sa.Text(), nullable=True),
        sa.Column("social_norm", sa.Text(), nullable=True),
        sa.Column("tariff", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_ledger_accounts")),
    )
    op.create_table(
        "ledger_charges",
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column(
            "opening", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "charged", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "recalculated",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column(
            "penalty", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("closing", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("account", "period", name=op.f("pk_ledger_charges")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_meters",
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("zones", sa.Text(), nullable=False),
        sa.Column("digits", sa.Integer(), server_default=sa.text("6"), nullable=False),
        sa.Column("coefficient", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("verification_due", sa.Date(), nullable=True),
        sa.Column("place", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.PrimaryKeyConstraint("account", "meter", name=op.f("pk_ledger_meters")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_payments",
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("source", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("account", "date", "amount", "reference", name=op.f("pk_ledger_payments")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_readings",
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("submission", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("counted", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("account", "meter", "zone", "date", "submission", name=op.f("pk_ledger_readings")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_submissions",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ledger_submissions")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("ledger_submissions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_submissions_account"), ["account", "meter", "period"], unique=False)

    op.create_table(
        "ledger_tariffs",
        sa.Column("tariff", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("tier", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("up_to_kwh", sa.Integer(), nullable=True),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tariff", "valid_from", "zone", "tier", name=op.f("pk_ledger_tariffs")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lookups",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "day", "account", name=op.f("pk_lookups")),
    )
    op.create_table(
        "moved_chats",
        sa.Column("old_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("new_id", sa.BigInteger(), nullable=False, comment="a group that became a supergroup"),
        sa.PrimaryKeyConstraint("old_id", name=op.f("pk_moved_chats")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False, comment="telegram or mail"),
        sa.Column("user_id", sa.BigInteger(), nullable=False, comment="a person, or a group's chat"),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False, comment="emptied when it has ended"),
        sa.Column(
            "urgency",
            sa.Integer(),
            nullable=False,
            comment="0 goes first; what stands before it in a chat goes with it",
        ),
        sa.Column("bulk", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "doubts",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="tries that may have reached the person",
        ),
        sa.Column(
            "state",
            sa.String(length=16),
            server_default="waiting",
            nullable=False,
            comment="waiting, sending, sent, failed",
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_line",
            ["channel", "urgency", "id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "ix_outbox_chat",
            ["channel", "user_id", "id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "submissions",
        sa.Column("key", sa.String(length=32), nullable=False, comment="the confirmation's id"),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("meter", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False, comment="2026-11"),
        sa.Column("day", sa.Date(), nullable=False, comment="of the region"),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False, comment="[{zone, value, previous, consumption, remark}]"),
        sa.Column("cost", sa.BigInteger(), nullable=True, comment="kopecks, as it was estimated"),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["replaces"], ["submissions.key"], name=op.f("fk_submissions_replaces_submissions")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_submissions")),
        sa.UniqueConstraint("number", name=op.f("uq_submissions_number")),
    )
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.create_index("ix_submissions_account_submitted_at", ["account", "submitted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_submissions_user_id"), ["user_id"], unique=False)
        batch_op.create_index("ix_submissions_waiting", ["status", "submitted_at"], unique=False)
        batch_op.create_index(
            "uq_submissions_active",
            ["account", "meter", "period"],
            unique=True,
            sqlite_where=sa.text("status NOT IN ('replaced', 'refused')"),
            postgresql_where=sa.text("status NOT IN ('replaced', 'refused')"),
        )

    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Telegram's user id"),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("current_link", sa.String(length=16), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("consent", sa.String(length=32), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["text_id"], ["consent_texts.id"], name=op.f("fk_consents_text_id_consent_texts")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_consents_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_user_id"), ["user_id"], unique=False)

    op.create_table(
        "links",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=64), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_links_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("user_id", "account", name=op.f("uq_links_user_id")),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_links_account"), ["account"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_links_account"))

    op.drop_table("links")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consents_user_id"))

    op.drop_table("consents")
    op.drop_table("users")
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_submissions_active",
            sqlite_where=sa.text("status NOT IN ('replaced', 'refused')"),
            postgresql_where=sa.text("status NOT IN ('replaced', 'refused')"),
        )
        batch_op.drop_index("ix_submissions_waiting")
        batch_op.drop_index(batch_op.f("ix_submissions_user_id"))
        batch_op.drop_index("ix_submissions_account_submitted_at")

    op.drop_table("submissions")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_line", sqlite_where=sa.text("ended_at IS NULL"))
        batch_op.drop_index("ix_outbox_chat", sqlite_where=sa.text("ended_at IS NULL"))

    op.drop_table("outbox")
    op.drop_table("moved_chats")
    op.drop_table("lookups")
    op.drop_table("ledger_tariffs")
    with op.batch_alter_table("ledger_submissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_submissions_account"))

    op.drop_table("ledger_submissions")
    op.drop_table("ledger_readings")
    op.drop_table("ledger_payments")
    op.drop_table("ledger_meters")
    op.drop_table("ledger_charges")
    op.drop_table("ledger_accounts")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_open", sqlite_where=sa.text("done_at IS NULL AND parked_at IS NULL"))

    op.drop_table("inbox")
    op.drop_table("counters")
    op.drop_table("conversations")
    op.drop_table("consent_texts")
