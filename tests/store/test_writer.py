"""The writer lets in only so much: what is accepted is kept, and what is too much is refused at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, text

from crisismap.core.errors import Unavailable, WrongState
from crisismap.core.event import EventDraft
from crisismap.core.place.place import Placement
from crisismap.core.report.change import Change
from crisismap.core.report.new_report import Acknowledgement
from crisismap.store import event_log, schema, writer
from crisismap.store.store import Store
from tests.store.making import NOW, Drafts, busy, claiming, count, kept, new, opened


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


def test_keeps_the_good_beside_a_refused_change_in_one_commit(store: Store) -> None:
    receipt = kept(store, new())
    revisions: list[int] = []
    store.events.when_committed(revisions.append)
    with busy(store):
        good = store.requests.change(receipt.id, None, claiming("p-1"))
        bad = store.requests.change(receipt.id, None, claiming("p-2"))
        more = store.reports.submit([new("beside")])
        placed = store.requests.change(
            receipt.id,
            None,
            lambda now: Change(
                EventDraft("report.place", now.report.id, "p-3", NOW), places=(Placement(80.1, 13.1, None, "map"),)
            ),
        )
    assert isinstance(bad.exception(), WrongState)
    [beside] = more.result()
    assert isinstance(beside, Acknowledgement)
    assert len(revisions) == 2  # the busy one, and one commit for the four
    assert sorted((beside.revision, good.result().revision, placed.result().revision)) == [2, 3, 4]
    found = store.reports.one(receipt.id)
    assert (found.version, found.point()) == (3, (80.1, 13.1))
    assert store.events.verify().broken_at is None


def test_does_not_let_a_poisoned_job_take_others_down(store: Store) -> None:
    def poison(conn: Connection) -> tuple[None, Drafts]:
        conn.execute(insert(schema.meta).values(key="half", value="done"))
        conn.execute(text("SELECT * FROM no_such_table"))
        return None, []

    with busy(store):
        before = store.reports.submit([new("before")])
        bad = store.writer.run(poison)
        after = store.reports.submit([new("after")])
    assert isinstance(bad.exception(), Unavailable)
    assert "no_such_table" not in str(bad.exception())
    assert [isinstance(f.result()[0], Acknowledgement) for f in (before, after)] == [True, True]
    assert store.upkeep.fact("half") is None
    assert count(store) == store.events.revision() == 2
    store.upkeep.check()  # the last write worked


def test_says_that_it_is_not_well_until_a_write_works_again(store: Store) -> None:
    store.upkeep.check()

    def broken(conn: Connection) -> tuple[None, Drafts]:
        conn.execute(text("SELECT * FROM no_such_table"))
        return None, []

    assert isinstance(store.writer.run(broken).exception(), Unavailable)
    with pytest.raises(Unavailable, match="last write"):
        store.upkeep.check()
    kept(store, new())
    store.upkeep.check()
