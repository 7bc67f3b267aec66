"""Each version of a layer keeps its role, title, licence, attribution and mapping; before, only the newest did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Upgrade the schema to this revision."""
    for name in ("role", "title", "licence", "attribution"):
        # Null in versions that an older release stored: what they had is not known, and the layer's own counts.
        op.add_column("layer_version", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("layer_version", sa.Column("mapping", sa.Text(), nullable=False, server_default="{}"))
    layer = sa.table("layer", *(sa.column(n) for n in ("id", "version", "role", "title", "licence", "attribution")))
    version = sa.table(
        "layer_version", *(sa.column(n) for n in ("layer_id", "version", "role", "title", "licence", "attribution"))
    )
    of = sa.and_(layer.c.id == version.c.layer_id, layer.c.version == version.c.version)
    own = {
        name: sa.select(layer.c[name]).where(of).scalar_subquery()
        for name in ("role", "title", "licence", "attribution")
    }
    op.execute(version.update().values(own))
