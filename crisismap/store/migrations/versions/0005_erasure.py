"""Marks of the client ids of erased reports, so that a phone that sends one again does not restore it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    """Upgrade the schema to this revision."""
    op.create_table(
        "erased_key",
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_erased_key")),
    )
