"""Original messages lie under their hash, once for all versions and received warnings that refer to them."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Upgrade the schema to this revision."""
    op.add_column("layer_version", sa.Column("originals", sa.Text(), nullable=False, server_default="[]"))
    original = op.create_table(
        "layer_original",
        sa.Column("layer_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("layer_id", "hash", name=op.f("pk_layer_original")),
    )
    op.add_column("layer_message", sa.Column("original", sa.LargeBinary(length=32), nullable=True))
    conn = op.get_bind()
    message = sa.table("layer_message", *(sa.column(n) for n in ("layer_id", "key", "alert", "body", "original")))
    known = set()
    for row in conn.execute(sa.select(message.c.layer_id, message.c.key)).all():
        same = (message.c.layer_id == row.layer_id) & (message.c.key == row.key)
        found = conn.execute(sa.select(message.c.alert, message.c.body).where(same)).one()
        body, alert = bytes(found.body), json.loads(found.alert)
        key = hashlib.sha256(body).digest()
        offered = (alert["status"], alert["scope"]) == ("Actual", "Public") and alert["kind"] in _OFFERED
        # A parsed message says from now on which bytes it was read from, and whether they contain a signature.
        alert |= {"original": key.hex(), "signed": b"http://www.w3.org/2000/09/xmldsig#" in body}
        conn.execute(message.update().where(same).values(original=key, alert=json.dumps(alert)))
        if (row.layer_id, key) not in known:
            known.add((row.layer_id, key))
            values = {"layer_id": row.layer_id, "hash": key, "offered": offered, "body": body}
            conn.execute(original.insert().values(values))
    with op.batch_alter_table("layer_message") as batch:
        batch.alter_column("original", existing_type=sa.LargeBinary(length=32), nullable=False)
        batch.drop_column("body")


_OFFERED = ("Alert", "Update", "Cancel")
