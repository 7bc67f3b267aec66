"""The writer lets in only so much: what is accepted is kept, and what is too much is refused at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection

from crisismap.core.errors import Unavailable
from crisismap.core.new_report import Acknowledgement
from crisismap.store import event_log, writer
from tests.store.making import count, new, opened


def test_refuses_what_is_too_much_and_keeps_what_it_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING", 50)
    held, go = threading.Event(), threading.Event()

    def slow(_conn: Connection) -> tuple[None, list[event_log.Draft]]:
        held.set()
        go.wait(10)
        return None, []

    with opened(f"sqlite:///{tmp_path / 'crisismap.sqlite3'}", tmp_path) as store:
        first = store.writer.run(slow)
        held.wait(10)
        let_in = [store.reports.submit([new()]) for _ in range(49)]
        assert store.upkeep.waiting == 50
        for _ in range(3):
            with pytest.raises(Unavailable, match="nothing was accepted"):
                store.reports.submit([new()])
        go.set()
        first.result(10)
        outcomes = [done.result(10)[0] for done in let_in]
        assert all(isinstance(outcome, Acknowledgement) for outcome in outcomes), "never a lost accepted report"
        assert store.upkeep.waiting == 0
        store.reports.submit([new()]).result(10)
        assert count(store) == 50


def test_takes_a_batch_that_is_larger_than_the_bound_when_nothing_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING", 5)
    with opened(f"sqlite:///{tmp_path / 'crisismap.sqlite3'}", tmp_path) as store:
        assert len(store.reports.submit([new() for _ in range(20)]).result(10)) == 20


def test_lets_nobody_wait_behind_a_write_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "STALL_S", 0.05)
    held, go = threading.Event(), threading.Event()

    def hangs(_conn: Connection) -> tuple[None, list[event_log.Draft]]:
        held.set()
        go.wait(10)
        return None, []

    with opened(f"sqlite:///{tmp_path / 'crisismap.sqlite3'}", tmp_path) as store:
        first = store.writer.run(hangs)
        held.wait(10)
        threading.Event().wait(0.1)
        with pytest.raises(Unavailable):
            store.reports.submit([new()])
        with pytest.raises(Unavailable, match="hangs"):
            store.upkeep.check()
        assert not store.upkeep.writes_ok
        go.set()
        first.result(10)
        store.reports.submit([new()]).result(10)
        store.upkeep.check()
