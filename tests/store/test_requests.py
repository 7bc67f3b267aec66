"""store.requests: changes at a version, and of many at once, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from crisismap.core.errors import NotFound, Stale, WrongState
from crisismap.core.report.request import State
from crisismap.store.store import Store
from tests.store.making import claiming, kept, new


def test_changes_a_report_only_at_the_version_that_was_seen(store: Store) -> None:
    receipt = kept(store, new())
    done = store.requests.change(receipt.id, 1, claiming("p-1")).result()
    found = store.reports.one(receipt.id)
    assert (found.version, found.updated_revision) == (2, done.revision)
    with pytest.raises(Stale) as stale:
        store.requests.change(receipt.id, 1, claiming("p-2")).result()
    assert stale.value.details == {"version": 2}
    assert store.reports.one(receipt.id) == found
    with pytest.raises(NotFound):
        store.requests.change(new().report.id, None, claiming("p-1")).result()


def test_lets_one_of_many_simultaneous_claims_win(store: Store) -> None:
    receipt = kept(store, new())
    futures = [store.requests.change(receipt.id, 1, claiming(f"p-{n}")) for n in range(20)]
    refusals = [future.exception() for future in futures]
    assert refusals.count(None) == 1
    assert all(isinstance(refusal, Stale) for refusal in refusals if refusal is not None)
    request = store.reports.one(receipt.id).request
    assert request is not None
    assert request.claimed_by == f"p-{refusals.index(None)}"
    assert store.events.revision() == 2


def test_changes_many_requests_in_one_commit_and_leaves_the_refused_alone(store: Store) -> None:
    receipts = [kept(store, new()) for _ in range(3)]
    store.requests.change(receipts[1].id, 1, claiming("p-1")).result()
    before = [store.reports.one(receipt.id) for receipt in receipts]
    done = store.requests.change_many([now.seq for now in before], claiming("p-2")).result()
    assert [refusal.kind for refusal in done.value] == [WrongState.kind]
    assert done.revision == store.events.revision() == 6
    after = [store.reports.one(receipt.id) for receipt in receipts]
    assert after[1] == before[1]
    for now in (after[0], after[2]):
        assert now.request is not None
        assert (now.request.state, now.request.claimed_by, now.version) == (State.CLAIMED, "p-2", 1)
        assert [event.verb for event in store.events.of_report(now.seq)][-1] == "request.claim"
    assert store.events.verify().broken_at is None
