"""The response loop: states of a request after its answer, verification, additions, sender fingerprints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Upgrade the schema to this revision."""
    with op.batch_alter_table("request") as table:
        table.add_column(sa.Column("confirmed_at", sa.BigInteger()))
        table.add_column(sa.Column("due_from", sa.BigInteger()))
        table.add_column(sa.Column("escalated", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("set_priority", sa.Integer()))
        table.add_column(sa.Column("set_by", sa.Text()))
        table.add_column(sa.Column("set_reason", sa.Text()))
        table.add_column(sa.Column("aged", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("why", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("joined_to", _NUMBER))
        table.add_column(sa.Column("asking", sa.Integer(), nullable=False, server_default="1"))
        table.create_foreign_key(op.f("fk_request_joined_to"), "report", ["joined_to"], ["seq"])
        table.create_index(op.f("ix_request_joined_to"), ["joined_to"])
    op.create_table(
        "standing",
        sa.Column("report_seq", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("by", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reporters", sa.Integer(), nullable=False),
        sa.Column("reconfirmed_at", sa.BigInteger()),
        sa.Column("reconfirmed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["report_seq"], ["report.seq"], name=op.f("fk_standing_report_seq")),
        sa.PrimaryKeyConstraint("report_seq", name=op.f("pk_standing")),
    )
    op.create_table(
        "addition",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("report_seq", _NUMBER, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_seq"], ["report.seq"], name=op.f("fk_addition_report_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addition")),
    )
    op.create_index(op.f("ix_addition_report_seq"), "addition", ["report_seq"])
    op.create_table(
        "sender",
        sa.Column("report_seq", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("contact", sa.LargeBinary(length=16)),
        sa.Column("device", sa.LargeBinary(length=16)),
        sa.Column("network", sa.LargeBinary(length=16)),
        sa.ForeignKeyConstraint(["report_seq"], ["report.seq"], name=op.f("fk_sender_report_seq")),
        sa.PrimaryKeyConstraint("report_seq", name=op.f("pk_sender")),
    )
