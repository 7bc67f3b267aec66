"""Searching the event log: who did what, when, to what; newest first, a part at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import Connection, Engine, select

from crisismap.core.event import Event
from crisismap.store import schema

PART = 1000


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; empty means anything. Times in ms UTC: `since` counts, `until` does not any more."""

    verbs: tuple[str, ...] = ()
    actor: str | None = None  # a person's id; "" is a stranger
    subject: str = ""
    since: int | None = None
    until: int | None = None
    before: int | None = None  # only revisions below this one


def found(conn: Connection, search: Search, limit: int) -> list[Event]:
    """The newest that fit."""
    event = schema.event
    wanted = select(event).order_by(event.c.revision.desc()).limit(limit)
    if search.verbs:
        wanted = wanted.where(event.c.verb.in_(search.verbs))
    if search.actor is not None:
        wanted = wanted.where(event.c.actor == search.actor)
    if search.subject:
        wanted = wanted.where(event.c.subject == search.subject)
    if search.since is not None:
        wanted = wanted.where(event.c.at_ms >= search.since)
    if search.until is not None:
        wanted = wanted.where(event.c.at_ms < search.until)
    if search.before is not None:
        wanted = wanted.where(event.c.revision < search.before)
    return [
        Event(row.revision, row.verb, row.subject, row.actor, row.at_ms, msgspec.json.decode(row.data), bytes(row.hash))
        for row in conn.execute(wanted)
    ]


def everything(engine: Engine, search: Search) -> Iterator[list[Event]]:
    """All that fit, newest first; each part in a transaction of its own, for the log only grows at the other end."""
    while True:
        with engine.begin() as conn:
            part = found(conn, search, PART)
        if part:
            yield part
        if len(part) < PART:
            return
        search = replace(search, before=part[-1].revision)
