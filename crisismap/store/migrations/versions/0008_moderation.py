"""Decisions on publishing the text of a report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Upgrade the schema to this revision."""
    op.create_table(
        "moderation",
        sa.Column("report_seq", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("of", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["report_seq"], ["report.seq"], name=op.f("fk_moderation_report_seq")),
        sa.PrimaryKeyConstraint("report_seq", name=op.f("pk_moderation")),
    )
