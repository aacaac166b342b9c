"""All groups of tables. A new one is a line here."""

from __future__ import annotations

from typing import Final

from services.db import (
    appeals,
    broadcasts,
    counters,
    customers,
    desk,
    disclosures,
    emails,
    inbox,
    links,
    orders,
    outbox,
    proofs,
    receipts,
    recoveries,
    reminders,
    shares,
    submissions,
    users,
)

GROUPS: Final = (
    customers.GROUP,
    links.GROUP,
    shares.GROUP,
    recoveries.GROUP,
    emails.GROUP,
    proofs.GROUP,
    disclosures.GROUP,
    submissions.GROUP,
    orders.GROUP,
    receipts.GROUP,
    reminders.GROUP,
    broadcasts.GROUP,
    desk.GROUP,  # refers to appeals
    appeals.GROUP,
    outbox.GROUP,
    inbox.GROUP,
    counters.GROUP,
    users.GROUP,  # after everything that refers to people
)
TRACES: Final = tuple(trace for group in GROUPS for trace in group.traces)
REPOSITORIES: Final = {port: made for group in GROUPS for port, made in group.repositories.items()}
