"""The trap of PostgreSQL: a later number may commit first, so the greatest event is not a revision.

Two writers at once, as two hosts would be. The counter makes the second wait, and a number never shows before the
rows of every number below it.
"""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select

from crisismap.core.event import EventDraft
from crisismap.store import event_log, schema
from crisismap.store.contact_cipher import ContactCipher
from crisismap.store.engine import open_engine
from crisismap.store.store import Store
from crisismap.store.tables import new_reports
from tests.store.making import KEY, NOW, count, kept, new, opened

pytestmark = pytest.mark.postgres


def test_shows_no_revision_before_its_rows(postgres_db: str, tmp_path: Path) -> None:
    with opened(postgres_db, tmp_path) as store:
        slow, quick = open_engine(postgres_db, writes=True), open_engine(postgres_db, writes=True)
        done = threading.Event()
        try:
            with slow.begin() as first:
                outcomes, events, _ = new_reports.add(first, [new("slow")], ContactCipher(KEY))
                assert event_log.append(first, events) == 1

                def overtake() -> None:
                    with quick.begin() as second:
                        later = new_reports.add(second, [new("quick")], ContactCipher(KEY)).events
                        event_log.append(second, later)
                    done.set()

                thread = threading.Thread(target=overtake)
                thread.start()
                assert not done.wait(0.5), "the second must wait for the first"
                assert store.events.revision() == 0
                assert store.events.changes(0).reports == []
            assert done.wait(10)
            thread.join()
        finally:
            slow.dispose()
            quick.dispose()
        assert store.events.revision() == count(store) == 2
        assert [r.report.client_id for r in store.events.changes(0).reports] == ["slow", "quick"]
        assert store.events.verify().broken_at is None


def test_would_miss_rows_if_the_greatest_number_were_the_revision(postgres_db: str, tmp_path: Path) -> None:
    """The negative control: numbers from a sequence, as in an ordinary table, do show before lower ones."""
    with opened(postgres_db, tmp_path):
        slow, quick = open_engine(postgres_db, writes=True), open_engine(postgres_db, writes=True)

        def place(conn: Connection, seq: int) -> None:
            conn.execute(insert(schema.placement).values(report_seq=seq, lon=1.0, lat=2.0, source="map"))

        def greatest(conn: Connection) -> int:
            return conn.execute(select(func.max(schema.placement.c.id))).scalar_one() or 0

        try:
            with quick.begin() as conn:
                new_reports.add(conn, [new(), new()], ContactCipher(KEY))
            with slow.begin() as first:
                place(first, 1)
                with quick.begin() as second:
                    place(second, 2)
                with quick.begin() as reader:
                    seen = greatest(reader)
            with quick.begin() as reader:
                assert greatest(reader) == seen, "the number stands still although a row has appeared"
        finally:
            slow.dispose()
            quick.dispose()


def test_follows_what_another_process_wrote(postgres_db: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with opened(postgres_db, tmp_path / "a") as one:
        other = Store(postgres_db, tmp_path / "b", KEY)
        try:
            first = kept(one, new("key"))
            repeat = kept(other, new("key"))
            assert (repeat.id, repeat.repeated) == (first.id, True)
            kept(other, new())
            other.events.record(EventDraft("export.take", "csv", "p-1", NOW)).result()
            assert one.events.revision() == other.events.revision() == 3
            assert [r.updated_revision for r in one.events.changes(0).reports] == [1, 2]
            assert one.events.verify().broken_at is None
        finally:
            other.close()
