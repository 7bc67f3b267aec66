"""What the store's tests are made of: reports to keep, and stores on either database."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from crisismap.core.event import EventDraft
from crisismap.core.need.need import Need
from crisismap.core.people.identity import new_id
from crisismap.core.report.change import Change
from crisismap.core.report.new_report import Acknowledgement, NewReport
from crisismap.core.report.report import Consent, Contact, CurrentReport, Report
from crisismap.core.report.request import Request, claim
from crisismap.store import schema
from crisismap.store.migrate import migrate_database
from crisismap.store.store import Store

KEY = bytes(range(32))
NOW = 1_449_037_800_000
_numbers = itertools.count(1)

Drafts = list[tuple[EventDraft, int | None]]
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
        place_text="behind the temple",
        observed_at=NOW - 60_000,
        received_at=NOW,
        people=3,
        fields={"trapped": True, "depth_cm": 140},
        consent=Consent(True, False, "1"),
        flags=("time_no_zone",),
        need=Need.ASKS,
        channel="api",
        source="p-1",
        client_id=client_id,
        payload_hash=b"0123456789abcdef",
    )
    return NewReport(msgspec.structs.replace(report, **said), "p-1", contact)


def kept(store: Store, news: NewReport) -> Acknowledgement:
    """The receipt of one report that must be accepted."""
    [outcome] = store.reports.submit([news]).result()
    assert isinstance(outcome, Acknowledgement), outcome
    return outcome


def claiming(person: str, now_ms: int = NOW) -> Callable[[CurrentReport], Change]:
    """What a claim decides inside the transaction."""

    def decide(now: CurrentReport) -> Change:
        event = EventDraft("request.claim", now.report.id, person, now_ms)
        return Change(event, request=claim(now.request or Request(), person, now_ms))

    return decide


def count(store: Store) -> int:
    """How many reports there are."""
    return sum(len(part.reports) for part in store.events.everything())


def bodies_of(store: Store, layer_id: str) -> list[bytes]:
    """The original bytes of all warnings of a source, as they lie in the database."""
    message, table = schema.layer_message, schema.layer_original
    same = (message.c.layer_id == table.c.layer_id) & (message.c.original == table.c.hash)
    with store._reader.begin() as conn:
        found = conn.execute(select(table.c.body).join(message, same).where(table.c.layer_id == layer_id)).scalars()
        return [bytes(body) for body in found]


@contextmanager
def busy(store: Store) -> Iterator[None]:
    """The writer has one job at hand until the end: what is queued meanwhile goes into one commit."""
    began, held = threading.Event(), threading.Event()

    def work(_conn: Connection) -> tuple[None, Drafts]:
        began.set()
        held.wait(10)
        return None, []

    first = store.writer.run(work)
    assert began.wait(10)
    yield
    held.set()
    first.result()


@contextmanager
def opened(url: str, folder: Path, key: bytes = KEY) -> Iterator[Store]:
    """A store on a database that is brought to the current schema first."""
    migrate_database(url, folder)
    store = Store(url, folder, key)
    try:
        yield store
    finally:
        store.close()
