"""SQL of layers: each version as a whole, as compressed MessagePack with geometries in WKB."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, update

from crisismap.core.errors import NotFound
from crisismap.core.layer.layer import Layer, LayerVersion, Role, VersionHead, pack, unpack
from crisismap.core.layer.original import Original
from crisismap.store import schema


def put(conn: Connection, version: LayerVersion) -> LayerVersion:
    """Write the next version of a layer as the current one; return it with its number."""
    table, layer = schema.layer, version.layer
    originals = tuple(replace(each, body=None) for each in version.originals)
    known = conn.execute(select(table.c.version).where(table.c.id == layer.id).with_for_update()).scalar_one_or_none()
    number = int(known or 0) + 1
    values = asdict(layer) | {"role": str(layer.role), "version": number, "withdrawn": False}
    if known is None:
        conn.execute(insert(table).values(values))
    else:
        conn.execute(update(table).where(table.c.id == layer.id).values(values))
    conn.execute(
        insert(schema.layer_version).values(
            layer_id=layer.id,
            version=number,
            loaded_at=version.loaded_at_ms,
            features=pack(version.features),
            refused=version.refused,
            repaired=version.repaired,
            notes=msgspec.json.encode(version.notes).decode(),
            as_of=version.as_of_ms,
            feature_count=len(version.features),
            role=str(layer.role),
            title=layer.title,
            licence=layer.licence,
            attribution=layer.attribution,
            mapping=msgspec.json.encode(version.mapping).decode(),
            originals=msgspec.json.encode(originals).decode(),
        )
    )
    for each in version.originals:
        if each.body is not None:
            add_original(conn, layer.id, bytes.fromhex(each.id), each.body, offered=True)
    return replace(version, version=number, originals=originals)


def add_original(conn: Connection, layer_id: str, key: bytes, body: bytes, *, offered: bool) -> None:
    """Write an original message under the hash of its bytes, unless it is there."""
    table = schema.layer_original
    same = (table.c.layer_id == layer_id) & (table.c.hash == key)
    known = conn.execute(select(table.c.offered).where(same)).scalar_one_or_none()
    if known is None:
        conn.execute(insert(table).values(layer_id=layer_id, hash=key, offered=offered, body=body))


def original(conn: Connection, layer_id: str, original_id: str) -> bytes:
    """Return the bytes of an original message that is offered. Raises NotFound."""
    table = schema.layer_original
    try:
        key = bytes.fromhex(original_id)
    except ValueError:
        raise NotFound("no_original") from None
    one = (table.c.layer_id == layer_id) & (table.c.hash == key) & table.c.offered.is_(True)
    body = conn.execute(select(table.c.body).where(one)).scalar_one_or_none()
    if body is None:
        raise NotFound("no_original")
    return bytes(body)


def forget_originals(conn: Connection, layer_id: str) -> None:
    """Delete the originals to which no kept version and no received warning refers."""
    table, stored, messages = schema.layer_original, schema.layer_version, schema.layer_message
    known = _hashes(conn, table.c.hash, table.c.layer_id == layer_id)
    if not known:
        return
    lists = conn.execute(select(stored.c.originals).where(stored.c.layer_id == layer_id)).scalars()
    used = {bytes.fromhex(each.id) for text in lists for each in _originals(text)}
    used |= _hashes(conn, messages.c.original, messages.c.layer_id == layer_id)
    for key in known - used:
        conn.execute(delete(table).where(table.c.layer_id == layer_id, table.c.hash == key))


def current(conn: Connection) -> list[LayerVersion]:
    """Return the current version of every layer that was not withdrawn, by id."""
    table = schema.layer
    ids = conn.execute(select(table.c.id).where(table.c.withdrawn.is_(False)).order_by(table.c.id)).scalars().all()
    return [one(conn, layer_id) for layer_id in ids]


def one(conn: Connection, layer_id: str, version: int | None = None) -> LayerVersion:
    """Return the current version of one layer, or the one with this number. Raises NotFound."""
    table, stored = schema.layer, schema.layer_version
    match = stored.c.version == (table.c.version if version is None else version)
    columns = (stored.c.version.label("number"), stored.c.loaded_at, stored.c.features, stored.c.originals, *_REST)
    row = conn.execute(
        select(table.c.id, table.c.made_up, *_metadata(table), *columns)
        .join(stored, (stored.c.layer_id == table.c.id) & match)
        .where(table.c.id == layer_id)
    ).one_or_none()
    if row is None:
        raise NotFound("no_layer") if version is None else NotFound("no_version", version=version)
    layer = Layer(row.id, row.title, Role(row.role), row.licence, row.attribution, row.made_up)
    features = unpack(bytes(row.features))
    results = row.refused, row.repaired, _notes(row.notes), row.as_of, _mapping(row.mapping)
    return LayerVersion(layer, row.number, row.loaded_at, features, *results, originals=_originals(row.originals))


def is_withdrawn(conn: Connection, layer_id: str) -> bool:
    """Return whether a layer was withdrawn or never existed."""
    table = schema.layer
    return conn.execute(select(table.c.withdrawn).where(table.c.id == layer_id)).scalar_one_or_none() is not False


def withdraw(conn: Connection, layer_id: str) -> None:
    """Withdraw a layer; its versions stay. Raises NotFound."""
    table = schema.layer
    active = (table.c.id == layer_id) & table.c.withdrawn.is_(False)
    if conn.execute(update(table).where(active).values(withdrawn=True)).rowcount == 0:
        raise NotFound("no_layer")


def heads(conn: Connection, layer_id: str, most: int | None = None) -> list[VersionHead]:
    """Return the stored versions, newest first; at most `most`."""
    stored = schema.layer_version
    rows = conn.execute(
        select(stored.c.version, stored.c.loaded_at, stored.c.feature_count, *_REST, *(stored.c[n] for n in _METADATA))
        .where(stored.c.layer_id == layer_id)
        .order_by(stored.c.version.desc())
        .limit(most)
    )
    return [
        VersionHead(
            *(r.version, r.loaded_at, r.feature_count, r.refused, r.repaired, _notes(r.notes), r.as_of),
            layer=None if r.role is None else Layer(layer_id, r.title, Role(r.role), r.licence, r.attribution),
            mapping=_mapping(r.mapping),
        )
        for r in rows
    ]


def prune(conn: Connection, layer_id: str, keep: int) -> None:
    """Delete all but the newest `keep` versions."""
    table, stored = schema.layer, schema.layer_version
    newest = conn.execute(select(table.c.version).where(table.c.id == layer_id)).scalar_one_or_none() or 0
    if conn.execute(delete(stored).where(stored.c.layer_id == layer_id, stored.c.version <= newest - keep)).rowcount:
        forget_originals(conn, layer_id)


_METADATA = ("title", "role", "licence", "attribution")
_REST = tuple(schema.layer_version.c[name] for name in ("refused", "repaired", "notes", "as_of", "mapping"))


def _metadata(table: Table) -> list[ColumnElement[str]]:
    """Return the metadata of a version, or of its layer where the version was stored without."""
    return [func.coalesce(schema.layer_version.c[name], table.c[name]).label(name) for name in _METADATA]


def _hashes(conn: Connection, column: ColumnElement[bytes], where: ColumnElement[bool]) -> set[bytes]:
    return {bytes(each) for each in conn.execute(select(column).where(where)).scalars()}


def _originals(text: str) -> tuple[Original, ...]:
    return tuple(msgspec.json.decode(text, type=list[Original]))


def _notes(text: str) -> tuple[str, ...]:
    return tuple(msgspec.json.decode(text, type=list[str]))


def _mapping(text: str) -> dict[str, Any]:
    return msgspec.json.decode(text, type=dict[str, Any])
