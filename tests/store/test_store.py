"""The store's contract, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, text

from crisismap.core.errors import KeyReused, NotFound, Stale, Unavailable, WrongState
from crisismap.core.event import EventDraft
from crisismap.core.place.place import Placement
from crisismap.core.report.request import State
from crisismap.store import schema
from crisismap.store.reports import Receipt
from crisismap.store.store import Change, Store
from tests.store.making import NOW, claiming, count, kept, new, opened

Drafts = list[tuple[EventDraft, int | None]]


@contextmanager
def busy(store: Store) -> Iterator[None]:
    """The writer has one job at hand until the end: what is queued meanwhile goes into one commit."""
    began, held = threading.Event(), threading.Event()

    def work(_conn: Connection) -> tuple[None, Drafts]:
        began.set()
        held.wait(10)
        return None, []

    first = store.run(work)
    assert began.wait(10)
    yield
    held.set()
    first.result()


def test_gives_back_what_was_said(store: Store) -> None:
    sent = new("key-1")
    receipt = kept(store, sent)
    found = store.report(receipt.id)
    assert found.report == sent.report
    assert (found.version, found.updated_revision) == (1, receipt.revision)
    assert found.request is not None
    assert found.request.state is State.OPEN
    assert found.point() == (80.27, 13.08)


def test_numbers_events_without_a_gap(store: Store) -> None:
    assert store.revision() == 0
    first = kept(store, new())
    many = store.submit([new() for _ in range(50)]).result()
    assert first.revision == 1
    assert [r.revision for r in many if isinstance(r, Receipt)] == list(range(2, 52))
    assert store.record(EventDraft("export.take", "csv", "p-1", NOW)).result().revision == 52
    assert store.revision() == 52
    changes = store.changes(1)
    assert (changes.revision, len(changes.reports)) == (52, 50)
    assert store.changes(52).reports == []


def test_keeps_no_gap_when_many_write_at_once(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(lambda n: kept(store, new(f"k-{n % 40}", text=f"{n % 40}")), range(80)))
    assert sorted({receipt.revision for receipt in receipts}) == list(range(1, 41))
    assert store.revision() == count(store) == 40
    assert store.first_break() is None


def test_finds_where_the_chain_was_tampered_with(store: Store) -> None:
    for _ in range(5):
        kept(store, new())
    assert store.first_break() is None

    def forge(conn: Connection) -> tuple[None, Drafts]:
        conn.execute(text("UPDATE event SET actor = 'p-somebody-else' WHERE revision = 3"))
        return None, []

    store.run(forge).result()
    assert store.first_break() == 3


@pytest.mark.parametrize("last", [True, False])
def test_finds_an_event_that_was_taken_out(store: Store, last: bool) -> None:
    for _ in range(4):
        kept(store, new())

    def remove(conn: Connection) -> tuple[None, Drafts]:
        conn.execute(text(f"DELETE FROM event WHERE revision = {4 if last else 2}"))
        return None, []

    store.run(remove).result()
    assert store.first_break() == (4 if last else 2)


def test_keeps_one_of_twenty_simultaneous_repeats(store: Store) -> None:
    gate = threading.Barrier(20)

    def send(_: int) -> Receipt:
        gate.wait()
        return kept(store, new("same"))

    with ThreadPoolExecutor(20) as pool:
        receipts = list(pool.map(send, range(20)))
    assert len({(receipt.id, receipt.revision) for receipt in receipts}) == 1
    assert sorted(receipt.repeated for receipt in receipts) == [False] + [True] * 19
    assert count(store) == store.revision() == 1


def test_answers_a_repeat_with_the_first_receipt_after_a_restart(url: str, tmp_path: Path) -> None:
    with opened(url, tmp_path) as store:
        first = kept(store, new("key"))
        kept(store, new())
    with opened(url, tmp_path) as again:
        repeat = kept(again, new("key"))
        assert (repeat.id, repeat.revision, repeat.repeated) == (first.id, first.revision, True)
        assert again.revision() == 2


def test_refuses_a_used_key_for_another_report_and_keeps_the_first(store: Store) -> None:
    first = kept(store, new("key"))
    [outcome] = store.submit([new("key", text="something else", payload_hash=b"f" * 16)]).result()
    assert isinstance(outcome, KeyReused)
    assert store.report(first.id).report.text.startswith("Water up")
    assert store.revision() == count(store) == 1


def test_knows_repeats_inside_one_batch(store: Store) -> None:
    other = new("a", text="other", payload_hash=b"f" * 16)
    a, again, reused, b, nameless, nameless_too = store.submit(
        [new("a"), new("a"), other, new("b"), new(), new()]
    ).result()
    assert isinstance(a, Receipt)
    assert again == Receipt(a.id, a.revision, repeated=True)
    assert isinstance(reused, KeyReused)
    assert [r.revision for r in (b, nameless, nameless_too) if isinstance(r, Receipt)] == [2, 3, 4]
    assert count(store) == store.revision() == 4


def test_changes_a_report_only_at_the_version_that_was_seen(store: Store) -> None:
    receipt = kept(store, new())
    done = store.change(receipt.id, 1, claiming("p-1")).result()
    found = store.report(receipt.id)
    assert (found.version, found.updated_revision) == (2, done.revision)
    with pytest.raises(Stale) as stale:
        store.change(receipt.id, 1, claiming("p-2")).result()
    assert stale.value.details == {"version": 2}
    assert store.report(receipt.id) == found
    with pytest.raises(NotFound):
        store.change(new().report.id, None, claiming("p-1")).result()


def test_lets_one_of_many_simultaneous_claims_win(store: Store) -> None:
    receipt = kept(store, new())
    futures = [store.change(receipt.id, 1, claiming(f"p-{n}")) for n in range(20)]
    refusals = [future.exception() for future in futures]
    assert refusals.count(None) == 1
    assert all(isinstance(refusal, Stale) for refusal in refusals if refusal is not None)
    request = store.report(receipt.id).request
    assert request is not None
    assert request.claimed_by == f"p-{refusals.index(None)}"
    assert store.revision() == 2


def test_changes_many_requests_in_one_commit_and_leaves_the_refused_alone(store: Store) -> None:
    receipts = [kept(store, new()) for _ in range(3)]
    store.change(receipts[1].id, 1, claiming("p-1")).result()
    before = [store.report(receipt.id) for receipt in receipts]
    done = store.change_requests([now.seq for now in before], claiming("p-2")).result()
    assert [refusal.kind for refusal in done.value] == [WrongState.kind]
    assert done.revision == store.revision() == 6
    after = [store.report(receipt.id) for receipt in receipts]
    assert after[1] == before[1]
    for now in (after[0], after[2]):
        assert now.request is not None
        assert (now.request.state, now.request.claimed_by, now.version) == (State.CLAIMED, "p-2", 1)
        assert [event.verb for event in store.timeline(now.seq)][-1] == "request.claim"
    assert store.first_break() is None


def test_keeps_the_good_beside_a_refused_change_in_one_commit(store: Store) -> None:
    receipt = kept(store, new())
    revisions: list[int] = []
    store.when_committed(revisions.append)
    with busy(store):
        good = store.change(receipt.id, None, claiming("p-1"))
        bad = store.change(receipt.id, None, claiming("p-2"))
        more = store.submit([new("beside")])
        placed = store.change(
            receipt.id,
            None,
            lambda now: Change(
                EventDraft("report.place", now.report.id, "p-3", NOW), placement=Placement(80.1, 13.1, None, "map")
            ),
        )
    assert isinstance(bad.exception(), WrongState)
    [beside] = more.result()
    assert isinstance(beside, Receipt)
    assert len(revisions) == 2  # the busy one, and one commit for the four
    assert sorted((beside.revision, good.result().revision, placed.result().revision)) == [2, 3, 4]
    found = store.report(receipt.id)
    assert (found.version, found.point()) == (3, (80.1, 13.1))
    assert store.first_break() is None


def test_does_not_let_a_poisoned_job_take_others_down(store: Store) -> None:
    def poison(conn: Connection) -> tuple[None, Drafts]:
        conn.execute(insert(schema.meta).values(key="half", value="done"))
        conn.execute(text("SELECT * FROM no_such_table"))
        return None, []

    with busy(store):
        before = store.submit([new("before")])
        bad = store.run(poison)
        after = store.submit([new("after")])
    assert isinstance(bad.exception(), Unavailable)
    assert "no_such_table" not in str(bad.exception())
    assert [isinstance(f.result()[0], Receipt) for f in (before, after)] == [True, True]
    assert store.meta("half") is None
    assert count(store) == store.revision() == 2
    store.check()  # the last write worked


def test_says_that_it_is_not_well_until_a_write_works_again(store: Store) -> None:
    store.check()

    def broken(conn: Connection) -> tuple[None, Drafts]:
        conn.execute(text("SELECT * FROM no_such_table"))
        return None, []

    assert isinstance(store.run(broken).exception(), Unavailable)
    with pytest.raises(Unavailable, match="last write"):
        store.check()
    kept(store, new())
    store.check()


def test_reads_everything_and_what_came_later_alike(store: Store) -> None:
    first = kept(store, new("a"))
    kept(store, new("b", asks=False, lon=None, lat=None))
    store.change(first.id, None, claiming("p-1")).result()
    whole = [report for part in store.everything() for report in part.reports]
    assert whole == store.changes(0).reports
    assert [report.seq for report in whole] == sorted(report.seq for report in whole)
    assert whole[0].updated_revision == 3
    assert whole[1].request is None
    assert [r.report.id for r in store.changes(2).reports] == [first.id]


def test_tells_the_timeline_of_a_report(store: Store) -> None:
    receipt = kept(store, new())
    kept(store, new())
    store.change(receipt.id, None, claiming("p-1")).result()
    timeline = store.timeline(store.report(receipt.id).seq)
    assert [(event.revision, event.verb, event.actor) for event in timeline] == [
        (1, "report.submit", "p-1"),
        (3, "request.claim", "p-1"),
    ]
    assert timeline[0].data == {"category": "rescue", "channel": "api"}


def test_does_not_find_what_is_no_id(store: Store) -> None:
    for wrong in ("", "x", "'; DROP TABLE report; --", new().report.id):
        with pytest.raises(NotFound):
            store.report(wrong)


def test_keeps_facts_about_the_deployment(store: Store) -> None:
    assert store.meta("made_up") is None
    store.set_meta("made_up", "no")
    store.set_meta("made_up", "yes")
    assert store.meta("made_up") == "yes"
