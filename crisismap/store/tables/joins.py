"""SQL of joined requests: a tree by `joined_to`, whose head stands for all.

`asking` is recounted from the rows in the transaction of each change, never incremented, so that it cannot drift.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from crisismap.core.event import EventDraft
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Request, State, separate
from crisismap.store import event_log, schema
from crisismap.store.tables import reports

_table = schema.request


def head(conn: Connection, current: CurrentReport) -> CurrentReport:
    """Return the report at the head of the tree that this one belongs to; itself when it is not joined."""
    seq = current.seq
    while (above := _parent(conn, seq)) is not None:
        seq = above
    return current if seq == current.seq else reports.by_seqs(conn, [seq])[0]


def members(conn: Connection, seq: int) -> list[CurrentReport]:
    """Return the reports that were joined directly to this one."""
    below = conn.execute(select(_table.c.report_seq).where(_table.c.joined_to == seq)).scalars()
    return reports.by_seqs(conn, below)


def follow(conn: Connection, before: CurrentReport, after: Request, event: EventDraft) -> list[event_log.Draft]:
    """Write the consequences of a change for joined requests; return their events.

    The heads get a new count. Members of a withdrawn head are opened again, as one requester withdraws only for
    themself.
    """
    events: list[event_log.Draft] = []
    previous = before.request.joined_to if before.request is not None else None
    for seq in dict.fromkeys(s for s in (previous, after.joined_to) if s is not None and previous != after.joined_to):
        events += _count_up(conn, seq, event)
    if after.state is State.WITHDRAWN:
        for member in members(conn, before.seq):
            if member.request is not None:
                reports.advance(conn, member, None)
                reports.set_request(conn, member.seq, separate(member.request))
                separation = EventDraft("request.separate", member.report.id, "system", event.at_ms)
                events.append((separation, member.seq))
        events += _count_up(conn, before.seq, event)
    return events


def _count_up(conn: Connection, seq: int, cause: EventDraft) -> list[event_log.Draft]:
    """Recount how many ask, here and in all heads above; with an event where the number has changed."""
    events: list[event_log.Draft] = []
    at: int | None = seq
    while at is not None:
        below = select(func.coalesce(func.sum(_table.c.asking), 0)).where(_table.c.joined_to == at)
        asking = 1 + int(conn.execute(below).scalar_one())
        [now] = reports.by_seqs(conn, [at])
        if now.request is not None and now.request.asking != asking:
            reports.advance(conn, now, None)
            conn.execute(update(_table).where(_table.c.report_seq == at).values(asking=asking))
            recount = EventDraft("request.asking", now.report.id, cause.actor, cause.at_ms, {"asking": asking})
            events.append((recount, at))
        at = _parent(conn, at)
    return events


def _parent(conn: Connection, seq: int) -> int | None:
    return conn.execute(select(_table.c.joined_to).where(_table.c.report_seq == seq)).scalar_one_or_none()
