"""What the store's tests are made of: reports to keep, and stores on either database."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from crisismap.core.event import EventDraft
from crisismap.core.people.identity import new_id
from crisismap.core.report.report import Consent, Contact, CurrentReport, Report
from crisismap.core.report.request import Request, claim
from crisismap.store import schema
from crisismap.store.migrate import migrate_database
from crisismap.store.reports import NewReport, Receipt
from crisismap.store.store import Change, Store

KEY = bytes(range(32))
NOW = 1_449_037_800_000
_numbers = itertools.count(1)

OpenStore = Callable[[], Store]


def new(client_id: str | None = None, *, contact: Contact | None = None, **said: Any) -> NewReport:
    """A report that asks for rescue unless told otherwise; each has an id of its own."""
    report = Report(
        id=new_id(NOW, os.urandom(10)),
        category="rescue",
        text="Water up to the roof, மூன்று பேர் 🛶",
        lang="ta",
        lon=80.27,
        lat=13.08,
        accuracy_m=12.5,
        words="behind the temple",
        observed_at=NOW - 60_000,
        received_at=NOW,
        people=3,
        fields={"trapped": True, "depth_cm": 140},
        consent=Consent(True, False, "1"),
        flags=("time_no_zone",),
        asks=True,
        channel="api",
        source="p-1",
        client_id=client_id,
        payload_hash=b"0123456789abcdef",
    )
    return NewReport(msgspec.structs.replace(report, **said), "p-1", contact)


def kept(store: Store, news: NewReport) -> Receipt:
    """The receipt of one report that must be accepted."""
    [outcome] = store.submit([news]).result()
    assert isinstance(outcome, Receipt), outcome
    return outcome


def claiming(person: str, now_ms: int = NOW) -> Callable[[CurrentReport], Change]:
    """What a claim decides inside the transaction."""

    def decide(now: CurrentReport) -> Change:
        event = EventDraft("request.claim", now.report.id, person, now_ms)
        return Change(event, request=claim(now.request or Request(), person, now_ms))

    return decide


def count(store: Store) -> int:
    """How many reports there are."""
    return sum(len(part.reports) for part in store.everything())


@contextmanager
def opened(url: str, folder: Path, key: bytes = KEY) -> Iterator[Store]:
    """A store on a database that is brought to the current schema first."""
    migrate_database(url, folder)
    store = Store(url, folder, key)
    try:
        yield store
    finally:
        store.close()


def bodies_of(store: Store, layer_id: str) -> list[bytes]:
    """The original bytes of the warnings that came for a layer."""
    table = schema.layer_message
    with store.catalogue._reader.begin() as conn:
        rows = conn.execute(select(table.c.body).where(table.c.layer_id == layer_id)).scalars()
        return [bytes(row) for row in rows]
