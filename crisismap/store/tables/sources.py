"""SQL of sources: configuration, health, received warnings and the fetch log."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from crisismap.core.layer.alert import Alert, AlertMessage, Key
from crisismap.core.layer.original import MOST_BYTES, is_offered
from crisismap.core.layer.source import FollowedSource, LayerSource, SourceCheck, SourceHealth
from crisismap.store import schema
from crisismap.store.tables import layers

FETCH_LOG = 100  # entries kept per source


def put(conn: Connection, source: LayerSource, health: SourceHealth) -> None:
    """Write a source, replacing any earlier one of its layer."""
    table = schema.layer_source
    conn.execute(delete(table).where(table.c.layer_id == source.layer_id))
    conn.execute(insert(table).values(layer_id=source.layer_id, source=_text(source), health=_text(health)))


def remove(conn: Connection, layer_id: str) -> bool:
    """Delete a source and its warnings; return whether there was one. The fetch log stays."""
    for table in (schema.layer_message, schema.layer_source):
        count = conn.execute(delete(table).where(table.c.layer_id == layer_id)).rowcount
    layers.forget_originals(conn, layer_id)
    return bool(count)


def everything(conn: Connection) -> list[FollowedSource]:
    """Return all sources, by layer."""
    table = schema.layer_source
    rows = conn.execute(select(table.c.source, table.c.health).order_by(table.c.layer_id))
    return [
        FollowedSource(
            msgspec.json.decode(row.source, type=LayerSource), msgspec.json.decode(row.health, type=SourceHealth)
        )
        for row in rows
    ]


def set_health(conn: Connection, layer_id: str, health: SourceHealth, check: SourceCheck | None) -> None:
    """Write the health, with an entry in the fetch log when there is one."""
    table = schema.layer_source
    conn.execute(update(table).where(table.c.layer_id == layer_id).values(health=_text(health)))
    if check is None:
        return
    log = schema.layer_check
    conn.execute(insert(log).values(layer_id=layer_id, at_ms=check.at_ms, outcome=check.outcome, detail=check.detail))
    ids = conn.execute(select(log.c.id).where(log.c.layer_id == layer_id).order_by(log.c.id.desc())).scalars()
    old = list(ids)[FETCH_LOG:]
    if old:
        conn.execute(delete(log).where(log.c.id.in_(old)))


def fetch_log(conn: Connection, layer_id: str) -> list[SourceCheck]:
    """Return the fetch log, newest first."""
    table = schema.layer_check
    rows = conn.execute(select(table).where(table.c.layer_id == layer_id).order_by(table.c.id.desc()))
    return [SourceCheck(row.at_ms, row.outcome, row.detail) for row in rows]


def alerts(conn: Connection, layer_id: str) -> list[Alert]:
    """Return all received warnings, unordered."""
    table = schema.layer_message
    rows = conn.execute(select(table.c.alert).where(table.c.layer_id == layer_id).order_by(table.c.key)).scalars()
    return [msgspec.json.decode(row, type=Alert) for row in rows]


def origins(conn: Connection, layer_id: str) -> set[str]:
    """Return the URLs of the received warnings."""
    table = schema.layer_message
    return set(conn.execute(select(table.c.origin).where(table.c.layer_id == layer_id)).scalars())


def add_messages(conn: Connection, layer_id: str, messages: Sequence[AlertMessage]) -> None:
    """Write warnings. Which of two with the same key is kept does not depend on their order."""
    table = schema.layer_message
    for message in messages:
        key, original = _key_hash(message.alert.key), hashlib.sha256(message.body).digest()
        same_key = (table.c.layer_id == layer_id) & (table.c.key == key)
        current = conn.execute(select(table.c.original).where(same_key)).scalar_one_or_none()
        if current is not None and bytes(current) >= original:
            continue
        if len(message.body) <= MOST_BYTES:
            layers.add_original(conn, layer_id, original, message.body, offered=is_offered(message.alert))
        conn.execute(delete(table).where(same_key))
        conn.execute(
            insert(table).values(
                layer_id=layer_id,
                key=key,
                sent_at=message.alert.sent_ms,
                origin=message.origin,
                alert=_text(message.alert),
                original=original,
            )
        )
        if current is not None:
            layers.forget_originals(conn, layer_id)


def forget_messages(conn: Connection, layer_id: str, keys: Sequence[Key]) -> None:
    """Delete warnings that no longer matter."""
    table = schema.layer_message
    hashes = [_key_hash(key) for key in keys]
    if hashes:
        conn.execute(delete(table).where(table.c.layer_id == layer_id, table.c.key.in_(hashes)))
        layers.forget_originals(conn, layer_id)


def _key_hash(key: Key) -> bytes:
    return hashlib.sha256(msgspec.json.encode(key)).digest()


def _text(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()
