"""Scrub: what an erasure could not clean while others were reading is cleaned as soon as they are done."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from crisismap.core.event import EventDraft
from crisismap.jobs.scrub import scrub
from tests.store.making import NOW, kept, new, opened


def test_cleans_again_when_the_readers_of_old_pages_are_done(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'crisismap.sqlite3'}", tmp_path) as store:
        report = kept(store, new(text="a name to be forgotten"))
        with store._reader.begin() as reading:
            reading.execute(text("SELECT count(*) FROM report")).scalar()
            store.reports.erase(report.id, EventDraft("report.erase", report.id, "", NOW)).result()
            store.upkeep.scrub().result()
            assert store.upkeep.unscrubbed, "a reader is in the way"
            scrub(store)
            assert store.upkeep.unscrubbed
        scrub(store)
        assert not store.upkeep.unscrubbed
        files = [path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("crisismap.sqlite3")]
        assert files
        assert not any(b"a name to be forgotten" in body for body in files)


def test_leaves_a_clean_database_alone(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'crisismap.sqlite3'}", tmp_path) as store:
        kept(store, new())
        log = tmp_path / "crisismap.sqlite3-wal"
        before = log.stat().st_size
        assert before > 0
        scrub(store)
        assert log.stat().st_size == before, "the log was not cut: nothing was to be cleaned"
