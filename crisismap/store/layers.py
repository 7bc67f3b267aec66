"""Layers in the database: each version whole, as zipped MessagePack with geometry in WKB."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from crisismap.core.errors import NotFound
from crisismap.core.layer import Layer, LayerVersion, Role, pack, unpack
from crisismap.store import schema


def put(conn: Connection, version: LayerVersion) -> LayerVersion:
    """Write the next version of a layer and make it the current one; returns it with its number."""
    table, layer = schema.layer, version.layer
    known = conn.execute(select(table.c.version).where(table.c.id == layer.id).with_for_update()).scalar_one_or_none()
    number = int(known or 0) + 1
    values: dict[str, Any] = {
        "title": layer.title,
        "role": str(layer.role),
        "licence": layer.licence,
        "attribution": layer.attribution,
        "made_up": layer.made_up,
        "version": number,
    }
    if known is None:
        conn.execute(insert(table).values(id=layer.id, **values))
    else:
        conn.execute(update(table).where(table.c.id == layer.id).values(**values))
    conn.execute(
        insert(schema.layer_version).values(
            layer_id=layer.id,
            version=number,
            loaded_at=version.loaded_at_ms,
            features=pack(version.features),
            refused=version.refused,
            repaired=version.repaired,
            notes=msgspec.json.encode(version.notes).decode(),
        )
    )
    return LayerVersion(
        layer,
        number,
        version.loaded_at_ms,
        version.features,
        version.refused,
        version.repaired,
        version.notes,
    )


def current(conn: Connection) -> list[LayerVersion]:
    """The current version of every layer, by id."""
    ids = conn.execute(select(schema.layer.c.id).order_by(schema.layer.c.id)).scalars().all()
    return [one(conn, layer_id) for layer_id in ids]


def one(conn: Connection, layer_id: str) -> LayerVersion:
    """The current version of one layer. Raises NotFound."""
    table, stored = schema.layer, schema.layer_version
    row = conn.execute(
        select(table, stored.c.loaded_at, stored.c.features, stored.c.refused, stored.c.repaired, stored.c.notes)
        .join(stored, (stored.c.layer_id == table.c.id) & (stored.c.version == table.c.version))
        .where(table.c.id == layer_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such layer.")
    layer = Layer(row.id, row.title, Role(row.role), row.licence, row.attribution, row.made_up)
    notes = tuple(msgspec.json.decode(row.notes, type=list[str]))
    return LayerVersion(
        layer, row.version, row.loaded_at, unpack(bytes(row.features)), row.refused, row.repaired, notes
    )
