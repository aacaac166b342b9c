"""People who have written to the bot."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Integer,
    String,
    Table,
)

from services.customers.models import DEFAULT_QUIET
from services.db.group import TableGroup, Trace
from services.db.metadata import Moment, metadata
from services.errors import N_

users = Table(
    "users",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False, comment="Telegram's user id"),
    Column("language", String(8), nullable=False),
    Column("current_link", String(16)),
    Column("created_at", Moment, nullable=False),
    Column("blocked_at", Moment),
    Column("email", String(254), comment="confirmed"),
    Column("quiet", String(8), nullable=False, server_default=str(DEFAULT_QUIET), comment="local hours, or off"),
    Column("muted", JSON, nullable=False, server_default="[]", comment="kinds of notices switched off"),
    Column("remind_hour", Integer, comment="local; NULL: as the settings have it"),
)


GROUP: Final = TableGroup(traces=(Trace("customer", N_("вы, как вас знает бот"), users.c.id),))
