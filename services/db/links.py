"""Accounts of people, and what the owners of an account allow."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    UniqueConstraint,
)

from services.accounts.models import Link, Role, Trust
from services.db.group import TableGroup, Trace, hidden
from services.db.metadata import Moment, metadata
from services.errors import N_

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
    Column(
        "preliminary",
        Boolean,
        nullable=False,
        server_default="1",
        comment="the sum to pay is shown with the charge of the current month",
    ),
    Column("position", Integer, nullable=False, server_default="0", comment="the smallest stands first"),
    Column("reminded", Boolean, nullable=False, server_default="1", comment="of readings that are missing"),
    Column("away_until", Date, comment="until this day the home stands empty"),
    UniqueConstraint("user_id", "account"),
)

controls = Table(
    "controls",
    metadata,
    Column("account", String(12), primary_key=True, comment="one without a row is as by default"),
    Column("anyone_submits", Boolean, nullable=False, comment="readings from people who confirmed the address only"),
    Column("closed", Boolean, nullable=False, comment="nobody but its verified owners does anything"),
    Column("locked", Boolean, nullable=False, comment="nobody else can be verified"),
)


def link_of(user_id: int, row: Row[Any], **known: Any) -> Link:
    """`known`: further fields, which stand in other rows."""
    return Link(
        id=row.id,
        user_id=user_id,
        account=row.account,
        trust=Trust(row.trust),
        label=row.label,
        verified_at=row.verified_at,
        proved_first=row.proved_first,
        linked_at=row.created_at,
        role=Role(row.role) if row.role else None,
        granted_by=row.granted_by,
        person=row.person,
        used_at=row.used_at,
        preliminary=row.preliminary,
        reminded=row.reminded,
        away_until=row.away_until,
        **known,
    )


GROUP: Final = TableGroup(
    traces=(
        Trace("accounts", N_("привязанные счета"), links.c.user_id, hidden("granted_by")),
        Trace(
            "shared",
            N_("кому вы открыли доступ к своим счетам"),
            links.c.granted_by,
            hidden("id", "user_id", "label", "trust", "verified_at", "preliminary", "reminded", "away_until"),
            left={"granted_by": None},
        ),
    ),
    impersonal={"controls": "what the owners of an account allow, without who said so"},
)
