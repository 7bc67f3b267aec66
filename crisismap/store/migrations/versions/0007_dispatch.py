"""Data of dispatchers: saved views, abilities, handovers, acknowledged alarms; an index of senders by contact."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Upgrade the schema to this revision."""
    op.create_index(op.f("ix_sender_contact"), "sender", ["contact"])
    op.create_table(
        "saved_view",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "name", name=op.f("pk_saved_view")),
    )
    op.create_table(
        "ability",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("ability", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "ability", name=op.f("pk_ability")),
    )
    op.create_table(
        "handover",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_table(
        "handover_read",
        sa.Column("handover_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_read_handover_id")),
        sa.PrimaryKeyConstraint("handover_id", "person_id", name=op.f("pk_handover_read")),
    )
    op.create_table(
        "heard",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("report_seq", _NUMBER, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["report_seq"], ["report.seq"], name=op.f("fk_heard_report_seq")),
        sa.PrimaryKeyConstraint("person_id", "report_seq", name=op.f("pk_heard")),
    )
