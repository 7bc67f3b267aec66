"""SQL of the event log: by report, by verb, and by search criteria; newest first unless stated otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, func, select

from crisismap.core.event import Event, EventSearch
from crisismap.store import schema
from crisismap.store.event_log import event_of

PART = 1000
_AT_ONCE = 500  # reports in one statement


def newest_ms(conn: Connection) -> int:
    """Return when the newest event happened; 0 when there is none."""
    event = schema.event.c
    return conn.execute(select(event.at_ms).order_by(event.revision.desc()).limit(1)).scalar_one_or_none() or 0


def of_report(conn: Connection, seq: int) -> list[Event]:
    """Return the events of one report, oldest first."""
    rows = conn.execute(select(schema.event).where(schema.event.c.report_seq == seq).order_by(schema.event.c.revision))
    return [event_of(row) for row in rows]


def first_of(conn: Connection, verb: str, seqs: Sequence[int]) -> dict[int, int]:
    """Return when each of some reports first had an event of a verb, ms UTC; those without one are left out."""
    event, found = schema.event.c, {}
    for at in range(0, len(seqs), _AT_ONCE):
        condition = event.report_seq.in_(seqs[at : at + _AT_ONCE])
        query = select(event.report_seq, func.min(event.at_ms)).where(condition, event.verb == verb)
        found.update({int(seq): int(ms) for seq, ms in conn.execute(query.group_by(event.report_seq))})
    return found


def about_reports(conn: Connection, after: int, verbs: Collection[str]) -> Iterator[tuple[int, int, str, int, str]]:
    """Yield the events of some verbs newer than `after` about a report: revision, row, verb, ms UTC, facts as JSON."""
    event = schema.event.c
    columns = (event.revision, event.report_seq, event.verb, event.at_ms, event.data)
    condition = (event.revision > after) & event.verb.in_(verbs) & event.report_seq.is_not(None)
    with conn.execution_options(yield_per=10_000).execute(
        select(*columns).where(condition).order_by(event.revision)
    ) as rows:
        for row in rows:
            yield tuple(row)


def search(conn: Connection, criteria: EventSearch, limit: int) -> list[Event]:
    """Return the newest events that match."""
    event = schema.event.c
    query = select(schema.event).order_by(event.revision.desc()).limit(limit)
    if criteria.verbs:
        query = query.where(event.verb.in_(criteria.verbs))
    if criteria.actor is not None:
        query = query.where(event.actor == criteria.actor)
    if criteria.subject:
        query = query.where(event.subject == criteria.subject)
    if criteria.since is not None:
        query = query.where(event.at_ms >= criteria.since)
    if criteria.until is not None:
        query = query.where(event.at_ms < criteria.until)
    if criteria.before is not None:
        query = query.where(event.revision < criteria.before)
    return [event_of(row) for row in conn.execute(query)]


def search_all(engine: Engine, criteria: EventSearch) -> Iterator[list[Event]]:
    """Yield all events that match, newest first, each batch in its own transaction: the log is append-only."""
    while True:
        with engine.begin() as conn:
            part = search(conn, criteria, PART)
        if part:
            yield part
        if len(part) < PART:
            return
        criteria = replace(criteria, before=part[-1].revision)
