"""The bot's own tables. Moments are aware UTC, days ISO dates, money integer kopecks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from services.db.tables_base import metadata


class Moment(TypeDecorator[datetime]):
    """An aware moment; SQLite drops zones, so it is kept as UTC and comes back aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC)


_ERASED = "who did it; NULL: they had everything about them erased"

users = Table(
    "users",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False, comment="Telegram's user id"),
    Column("language", String(8), nullable=False),
    Column("current_link", String(16)),
    Column("created_at", Moment, nullable=False),
    Column("blocked_at", Moment),
    Column("email", String(254), comment="confirmed"),
    Column("quiet", String(8), nullable=False, server_default="22-8", comment="local hours, or off"),
    Column("muted", JSON, nullable=False, server_default="[]", comment="kinds of notices switched off"),
)

consent_texts = Table(
    "consent_texts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("consent", String(32), nullable=False),
    Column("version", String(32), nullable=False),
    Column("language", String(8), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True, comment="of what was really shown"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", BigInteger, nullable=False, index=True, comment="stays when the person's row is gone"),
    Column("consent", String(32), nullable=False),
    Column("text_id", ForeignKey("consent_texts.id"), nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)

links = Table(
    "links",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("account", String(12), nullable=False, index=True),
    Column("trust", String(16), nullable=False),
    Column("label", String(64), nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("verified_at", Moment),
    Column(
        "proved_first",
        Boolean,
        nullable=False,
        server_default="0",
        comment="no other proof of the account stood when this one was made",
    ),
    Column("role", String(16), comment="of those with whom the account is shared"),
    Column("granted_by", BigInteger),
    Column("person", String(64), comment="the name under which the owner sees them"),
    Column("used_at", Moment, comment="to the hour"),
    Column("position", Integer, nullable=False, server_default="0", comment="the smallest stands first"),
    UniqueConstraint("user_id", "account"),
)

lookups = Table(
    "lookups",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
    Column("account", String(12), primary_key=True),
)

wrong_flats = Table(
    "wrong_flats",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", String(12), primary_key=True),
    Column("answer", String(24), primary_key=True, comment="its digest: the same one again is no other guess"),
    Column("at", Moment, nullable=False),
)

guesses = Table(
    "guesses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(48), nullable=False, index=True, comment="of the message in which it was typed"),
    Column("user_id", BigInteger, comment=_ERASED),
    Column("account", String(12), nullable=False),
    Column("at", Moment, nullable=False),
    Column("hit", Boolean, comment="NULL: the supplier was asked and nobody knows what came of it"),
    Index("ix_guesses_user_id_at", "user_id", "at"),
    Index("ix_guesses_account_at", "account", "at"),
)

controls = Table(
    "controls",
    metadata,
    Column("account", String(12), primary_key=True, comment="one without a row is as by default"),
    Column("anyone_submits", Boolean, nullable=False, comment="readings from people who confirmed the address only"),
    Column("closed", Boolean, nullable=False, comment="nobody but its verified owners does anything"),
    Column("locked", Boolean, nullable=False, comment="nobody else can be verified"),
)

watches = Table(
    "watches",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("since", Moment, nullable=False, comment="when its sum was first shown to somebody without a proof"),
    Column("seen_on", Date, nullable=False, comment="the last day on which it was"),
    Column("known", JSON, nullable=False, comment="[[day, kopecks]] of the payments that were credited before"),
)

shown_sums = Table(
    "shown_sums",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("kopecks", BigInteger, primary_key=True, autoincrement=False, comment="negative: an advance"),
    Column("shown_on", Date, nullable=False, comment="the first day"),
)

renewals = Table(
    "renewals",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("at", Moment, nullable=False, comment="proofs of before ended then, and payments of before prove nothing"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True, comment="of the token, which only its link holds"),
    Column("key", String(64), nullable=False, unique=True, comment="of the press that made it"),
    Column("account", String(12), nullable=False),
    Column("granted_by", BigInteger, nullable=False),
    Column("role", String(16), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index("ix_invitations_account", "account"),
)

recoveries = Table(
    "recoveries",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("asked_by", BigInteger, primary_key=True, autoincrement=False),
    Column("against", BigInteger, primary_key=True, autoincrement=False, comment="whose access is to end"),
    Column("asked_at", Moment, nullable=False),
    Column("objected_at", Moment),
)

email_requests = Table(
    "email_requests",
    metadata,
    Column("digest", String(64), primary_key=True, comment="of the token, which only its letter holds"),
    Column("user_id", BigInteger, nullable=False, index=True),
    Column("address", String(254), nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment, comment="the address was confirmed, or another one asked for"),
)

letters = Table(
    "letters",
    metadata,
    Column("key", String(96), primary_key=True, comment="of its notice"),
    Column("mailbox", String(32), nullable=False, comment="digest of an unconfirmed address"),
    Column("at", Moment, nullable=False),
    Index("ix_letters_mailbox_at", "mailbox", "at"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String(12), nullable=False),
    Column("user_id", BigInteger, comment=_ERASED),
    Column("action", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_journal_account_at", "account", "at"),
)

submissions = Table(
    "submissions",
    metadata,
    Column("key", String(32), primary_key=True, comment="the confirmation's id"),
    Column("number", String(32), nullable=False, unique=True),
    Column("user_id", BigInteger, index=True, comment=_ERASED),
    Column("account", String(12), nullable=False),
    Column("meter", String(64), nullable=False),
    Column("period", String(7), nullable=False, comment="2026-11"),
    Column("day", Date, nullable=False, comment="of the region"),
    Column("submitted_at", Moment, nullable=False),
    Column("lines", JSON, nullable=False, comment="[{zone, value, previous, consumption, remark}]"),
    Column("cost", BigInteger, comment="kopecks, as it was estimated"),
    Column("status", String(16), nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("replaces", ForeignKey("submissions.key")),
    Column("trust", String(16), nullable=False, server_default="confirmed", comment="of the customer, then"),
    Index("ix_submissions_account_submitted_at", "account", "submitted_at"),
    Index("ix_submissions_waiting", "status", "submitted_at"),
    Index(
        "uq_submissions_active",
        "account",
        "meter",
        "period",
        unique=True,
        sqlite_where=text("status NOT IN ('replaced', 'refused')"),
        postgresql_where=text("status NOT IN ('replaced', 'refused')"),
    ),
)

orders = Table(
    "orders",
    metadata,
    Column("key", String(36), primary_key=True, comment="the confirmation's id, the provider's idempotence key"),
    Column("number", String(32), nullable=False, unique=True),
    Column("user_id", BigInteger, index=True, comment=_ERASED),
    Column("account", String(12), nullable=False),
    Column("kopecks", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("request", JSON, nullable=False, comment="the body of every attempt; emptied when the order has ended"),
    Column("status", String(16), nullable=False),
    Column("external_id", String(64), unique=True, comment="the provider's"),
    Column("url", Text),
    Column("reason", String(64), nullable=False, server_default=""),
    Column("settled_at", Moment, comment="paid, by the provider's clock, or canceled"),
    Column("learned_at", Moment, comment="when the bot heard that it was settled"),
    Column("credited_on", Date, comment="by the supplier"),
    Column("refunded", BigInteger, nullable=False, server_default="0", comment="kopecks"),
    Column("dropped", Boolean, nullable=False, server_default="0", comment="the customer no longer wants to pay"),
    Column("shown_in", BigInteger, comment="the message that holds the link"),
    Column("ask_at", Moment, comment="when the provider is to be asked; NULL: there is nothing to ask"),
    Index("ix_orders_account_created_at", "account", "created_at"),
    Index(
        "ix_orders_ask_at",
        "ask_at",
        sqlite_where=text("ask_at IS NOT NULL"),
        postgresql_where=text("ask_at IS NOT NULL"),
    ),
    Index("ix_orders_settled_at", "settled_at"),
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_key", ForeignKey("orders.key"), nullable=False),
    Column("kopecks", BigInteger, nullable=False),
    Column("at", Moment, nullable=False, index=True, comment="when the provider told it"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Integer, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("conversation", String(64), nullable=False, comment="wiped when it is done, as are the words"),
    Column("body", LargeBinary, comment="the raw update"),
    Column("received_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("done_at", Moment),
    Column("parked_at", Moment),
    Index("ix_inbox_open", "update_id", sqlite_where=text("done_at IS NULL AND parked_at IS NULL")),
    Index("ix_inbox_line", "conversation", "update_id", sqlite_where=text("done_at IS NULL AND parked_at IS NULL")),
    Index("ix_inbox_wanted", "conversation", sqlite_where=text("tries < 0")),
    Index("ix_inbox_parked", "update_id", sqlite_where=text("parked_at IS NOT NULL")),
)

conversations = Table(
    "conversations",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("state", String(64)),
    Column("data", JSON, nullable=False),
)

_ON_ITS_WAY = text("ended_at IS NULL")
_WAITS = text("state = 'waiting'")

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(96), nullable=False, unique=True),
    Column("channel", String(16), nullable=False, comment="telegram or mail"),
    Column("user_id", BigInteger, nullable=False, comment="a person, or a group's chat"),
    Column("kind", String(32), nullable=False),
    Column("facts", JSON, nullable=False, comment="emptied when it has ended"),
    Column("edits", Integer, comment="id of the message that it brings up to date"),
    Column("urgency", Integer, nullable=False, comment="0 goes first; what stands before it in a chat goes with it"),
    Column("own_urgency", Integer, nullable=False, comment="the one it came with"),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column(
        "quiet",
        Boolean,
        nullable=False,
        server_default="0",
        comment="for after its person's quiet hours: until it is due, others pass it",
    ),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("tried_at", Moment, comment="when the last try ended that left it waiting"),
    Column("doubts", Integer, nullable=False, server_default="0", comment="tries that may have reached the person"),
    Column(
        "state", String(16), nullable=False, server_default="waiting", comment="waiting, held, sending, sent, failed"
    ),
    Column("ended_at", Moment),
    Index("ix_outbox_line", "channel", "urgency", "due_at", "id", sqlite_where=_WAITS, postgresql_where=_WAITS),
    Index("ix_outbox_chat", "channel", "user_id", "id", sqlite_where=_ON_ITS_WAY, postgresql_where=_ON_ITS_WAY),
)

moved_chats = Table(
    "moved_chats",
    metadata,
    Column("old_id", BigInteger, primary_key=True, autoincrement=False),
    Column("new_id", BigInteger, nullable=False, comment="a group that became a supergroup"),
)
