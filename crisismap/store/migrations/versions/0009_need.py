"""The need of a report instead of whether it asks: it may also be in doubt, or an offer of help."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Upgrade the schema to this revision."""
    # Adding a column with a constant default is instant on both databases; the table is not rewritten.
    op.add_column("report", sa.Column("need", sa.Text(), nullable=False, server_default="information"))
    op.add_column("report", sa.Column("asked", sa.Boolean(), nullable=True))
    op.add_column("report", sa.Column("heard", sa.Text(), nullable=False, server_default=""))
    op.add_column("request", sa.Column("in_doubt", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Text that was added later made some reports requests that did not ask at first.
    report = sa.table("report", sa.column("seq"), sa.column("asks", sa.Boolean()), sa.column("need"))
    request = sa.table("request", sa.column("report_seq"))
    has_request = sa.select(request.c.report_seq).where(request.c.report_seq == report.c.seq).exists()
    op.execute(report.update().where(sa.or_(report.c.asks, has_request)).values(need="asks"))
    op.drop_column("report", "asks")
