"""The heartbeat: a small write, and a log line where even that is not taken."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy import text

from crisismap.jobs.heartbeat import beat
from tests.store.making import opened

NOW = 1_449_037_800_000


def test_writes_the_time_and_no_event(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'crisismap.sqlite3'}", tmp_path) as store:
        before = store.events.revision()
        for at_ms in (NOW, NOW + 5000):
            beat(store, at_ms)
            assert store.upkeep.fact("heartbeat") == str(at_ms)
        assert store.events.revision() == before, "nobody's list is read again for it"


def test_says_so_when_it_cannot_write_and_raises_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    refuse = "CREATE TRIGGER refuse BEFORE INSERT ON meta BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
    with opened(f"sqlite:///{tmp_path / 'crisismap.sqlite3'}", tmp_path) as store:
        with store._write_engine.begin() as conn:
            conn.execute(text(refuse))
        with caplog.at_level(logging.WARNING):
            beat(store, NOW)
        assert "the heartbeat could not be written" in caplog.text
        with store._write_engine.begin() as conn:
            conn.execute(text("DROP TRIGGER refuse"))
        beat(store, NOW)
        assert store.upkeep.fact("heartbeat") == str(NOW), "it heals by itself"
