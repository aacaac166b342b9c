"""Runs alembic over the connection that `bot migrate` hands in."""

from __future__ import annotations

from alembic import context

import services.db.groups
import services.ledger.tables  # noqa: F401  # fills the metadata
from services.db.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
