"""Fetched layers: sources, warnings and fetch logs; layers that can be withdrawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    """Upgrade the schema to this revision."""
    op.add_column("layer", sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("layer_version", sa.Column("as_of", sa.BigInteger(), nullable=True))
    op.add_column("layer_version", sa.Column("feature_count", sa.Integer(), nullable=True))
    op.create_table(
        "layer_source",
        sa.Column("layer_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("health", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("layer_id", name=op.f("pk_layer_source")),
    )
    op.create_table(
        "layer_message",
        sa.Column("layer_id", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("layer_id", "key", name=op.f("pk_layer_message")),
    )
    op.create_table(
        "layer_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("layer_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layer_check")),
    )
    with op.batch_alter_table("layer_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_layer_check_layer_id"), ["layer_id"], unique=False)
