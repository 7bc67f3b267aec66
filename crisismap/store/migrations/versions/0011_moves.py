"""A place that was set has who set it, when, and whether it counts; before, the newest always did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Upgrade the schema to this revision."""
    op.add_column("placement", sa.Column("by", sa.Text(), nullable=False, server_default=""))
    op.add_column("placement", sa.Column("at_ms", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("placement", sa.Column("status", sa.Text(), nullable=False, server_default="set"))
