"""The audit log: search, CSV export, which is itself logged, and verification that it is complete and unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from crisismap.core import moment
from crisismap.core.event import Chain, Event, EventDraft, EventSearch
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.exports.csv import csv_rows
from crisismap.services.lists.read import check_limit
from crisismap.services.runtime.context import COMMAND_LINE, require
from crisismap.situation.situation import Situation

MOST = 1000
COLUMNS = ("revision", "at", "verb", "subject", "actor", "who", "data", "hash")


def search(store: Store, by: Person, query: EventSearch, limit: int = 200) -> list[Event]:
    """Return the newest matching events."""
    require(by, "audit.read")
    check_limit(limit, MOST)
    return store.events.search(query, limit)


def export(store: Store, situation: Situation, now_ms: int, by: Person, query: EventSearch) -> Iterator[bytes]:
    """Return all matching events as CSV, newest first. The export is recorded before the first byte."""
    require(by, "audit.read")
    data = {"verbs": list(query.verbs), "actor": query.actor, "since": query.since, "until": query.until}
    store.events.record(EventDraft("audit.read", query.subject, by.id, now_ms, data)).result()
    return csv_rows(COLUMNS, ([_row(situation, event) for event in part] for part in store.events.search_all(query)))


def verify_log(store: Store, person: Person, known: tuple[int, str] | None = None) -> Chain:
    """Verify the chain of hashes from the first event to the last, reading all of them.

    `known` is a revision with its hash, as in a backup's manifest.
    """
    require(person, "log.verify")
    return store.events.verify(known)


def actor_name(situation: Situation, actor: str) -> str:
    """Return an actor's displayed name."""
    if actor == "":
        return "a stranger"
    if actor == "system":
        return "the program"
    if actor == COMMAND_LINE.id:
        return COMMAND_LINE.name
    person = situation.people.get(actor)
    return person.label() if person is not None else actor


def _row(situation: Situation, event: Event) -> list[Any]:
    data = msgspec.json.encode(event.data).decode() if event.data else ""
    texts = (event.verb, event.subject, event.actor, actor_name(situation, event.actor), data, event.hash.hex())
    return [event.revision, moment.rfc3339(event.at_ms), *texts]
