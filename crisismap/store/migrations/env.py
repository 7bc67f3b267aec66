"""Alembic's entry point: runs the migrations on the connection that `store/migrate.py` provides."""

from __future__ import annotations

from alembic import context

from crisismap.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    # All migrations run in one transaction, on SQLite as on PostgreSQL.
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
