"""The event log: revisions without gaps, chained by hash; the revision is assigned last in a transaction.

`max(event.revision)` is not enough on PostgreSQL, where a higher number can become visible first: the one-row
counter serialises the writers, so that a number becomes visible together with its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, literal_column, select, update

from crisismap.core.event import GENESIS, Chain, Event, EventDraft, chain
from crisismap.store import schema
from crisismap.store.engine import Statement

Draft = tuple[EventDraft, int | None]  # the event and the row of the report it is about

# Built once: building a statement costs more than running it.
_THE_ROW = schema.log_end.c.id == literal_column("1")
_END = Statement(select(schema.log_end.c.revision, schema.log_end.c.hash).where(_THE_ROW).with_for_update())
_ADD = Statement(insert(schema.event), schema.event.c.keys())
_MOVE = Statement(update(schema.log_end).where(_THE_ROW), ("revision", "hash"))
_AFTER = select(schema.event).where(schema.event.c.revision > bindparam("known")).order_by(schema.event.c.revision)


def begin(conn: Connection) -> None:
    """Create the counter row of an empty database."""
    if conn.execute(select(schema.log_end.c.id)).first() is None:
        conn.execute(insert(schema.log_end).values(id=1, revision=0, hash=GENESIS))


def append(conn: Connection, drafts: Sequence[Draft]) -> int:
    """Number, chain and write the events; return the first revision (the current one when there are no events)."""
    [(revision, last_hash)] = _END.rows(conn)
    if not drafts:
        return int(revision)
    first, last_hash = revision + 1, bytes(last_hash)
    rows = []
    for number, (draft, report_seq) in enumerate(drafts, first):
        last_hash = chain(last_hash, number, draft)
        data = msgspec.json.encode(draft.data, order="sorted").decode() if draft.data else "{}"
        rows.append((number, draft.verb, draft.subject, report_seq, draft.actor, draft.at_ms, data, last_hash))
    _ADD.many(conn, rows)
    _MOVE.rows(conn, (first + len(rows) - 1, last_hash))
    return int(first)


def revision(conn: Connection) -> int:
    """Return the number of the newest event."""
    return int(conn.execute(select(schema.log_end.c.revision)).scalar_one())


def hash_of(conn: Connection, revision: int) -> bytes | None:
    """Return the hash of one event, which stands for the whole log up to it; None for one that is not there."""
    event = schema.event.c
    found = conn.execute(select(event.hash).where(event.revision == revision)).scalar_one_or_none()
    return None if found is None else bytes(found)


def after(conn: Connection, since: int) -> Iterator[tuple[Event, int | None]]:
    """Yield the events newer than `since`, in order, each with its report's row."""
    for row in conn.execute(_AFTER, {"known": since}):
        yield event_of(row), row.report_seq


def verify(conn: Connection, anchor: tuple[int, str] | None = None) -> Chain:
    """Verify the whole chain. `anchor`: a revision and its hash that were stored elsewhere.

    Whoever can write to the database can rewrite the whole chain; only a hash stored elsewhere shows that.
    """
    last, last_hash = 0, GENESIS
    events = select(schema.event).order_by(schema.event.c.revision)

    def broken(at: int, why: str) -> Chain:
        return Chain(last, last_hash.hex(), at, why)

    with conn.execution_options(yield_per=1000).execute(events) as rows:
        for row in rows:
            try:
                event = event_of(row)
            except (msgspec.MsgspecError, TypeError):
                return broken(last + 1, f"event {last + 1} cannot be read")
            if event.revision != last + 1:
                return broken(last + 1, f"event {last + 1} is missing")
            if chain(last_hash, event.revision, event) != event.hash:
                return broken(last + 1, f"event {last + 1} was changed, or the one before it")
            last, last_hash = event.revision, event.hash
            if anchor is not None and anchor[0] == last and anchor[1] != last_hash.hex():
                return broken(last, f"event {last} has another hash than the one that was kept elsewhere")
    counter = conn.execute(select(schema.log_end)).one()
    if (counter.revision, bytes(counter.hash)) != (last, last_hash):
        return broken(last + 1, f"the log ends at event {last}, but {counter.revision} were written")
    if anchor is not None and anchor[0] > last:
        return broken(last + 1, f"the log ends at event {last}, but it had {anchor[0]} when a hash was kept elsewhere")
    return Chain(last, last_hash.hex())


def event_of(row: Any) -> Event:
    """Return the event of a row."""
    data = msgspec.json.decode(row.data) if row.data != "{}" else {}
    return Event(row.revision, row.verb, row.subject, row.actor, row.at_ms, data, bytes(row.hash))
