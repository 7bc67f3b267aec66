"""store.reports: what is kept of a report, and what a repeat is answered, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crisismap.core.errors import KeyReused, NotFound
from crisismap.core.report.new_report import Acknowledgement
from crisismap.core.report.request import State
from crisismap.store.store import Store
from tests.store.making import count, kept, new, opened


def test_gives_back_what_was_said(store: Store) -> None:
    sent = new("key-1")
    receipt = kept(store, sent)
    found = store.reports.one(receipt.id)
    assert found.report == sent.report
    assert (found.version, found.updated_revision) == (1, receipt.revision)
    assert found.request is not None
    assert found.request.state is State.OPEN
    assert found.point() == (80.27, 13.08)


def test_keeps_one_of_twenty_simultaneous_repeats(store: Store) -> None:
    gate = threading.Barrier(20)

    def send(_: int) -> Acknowledgement:
        gate.wait()
        return kept(store, new("same"))

    with ThreadPoolExecutor(20) as pool:
        receipts = list(pool.map(send, range(20)))
    assert len({(receipt.id, receipt.revision) for receipt in receipts}) == 1
    assert sorted(receipt.repeated for receipt in receipts) == [False] + [True] * 19
    assert count(store) == store.events.revision() == 1


def test_answers_a_repeat_with_the_first_receipt_after_a_restart(url: str, tmp_path: Path) -> None:
    with opened(url, tmp_path) as store:
        first = kept(store, new("key"))
        kept(store, new())
    with opened(url, tmp_path) as again:
        repeat = kept(again, new("key"))
        assert (repeat.id, repeat.revision, repeat.repeated) == (first.id, first.revision, True)
        assert again.events.revision() == 2


def test_refuses_a_used_key_for_another_report_and_keeps_the_first(store: Store) -> None:
    first = kept(store, new("key"))
    [outcome] = store.reports.submit([new("key", text="something else", payload_hash=b"f" * 16)]).result()
    assert isinstance(outcome, KeyReused)
    assert store.reports.one(first.id).report.text.startswith("Water up")
    assert store.events.revision() == count(store) == 1


def test_knows_repeats_inside_one_batch(store: Store) -> None:
    other = new("a", text="other", payload_hash=b"f" * 16)
    a, again, reused, b, nameless, nameless_too = store.reports.submit(
        [new("a"), new("a"), other, new("b"), new(), new()]
    ).result()
    assert isinstance(a, Acknowledgement)
    assert again == Acknowledgement(a.id, a.revision, repeated=True)
    assert isinstance(reused, KeyReused)
    assert [r.revision for r in (b, nameless, nameless_too) if isinstance(r, Acknowledgement)] == [2, 3, 4]
    assert count(store) == store.events.revision() == 4


def test_does_not_find_what_is_no_id(store: Store) -> None:
    for wrong in ("", "x", "'; DROP TABLE report; --", new().report.id):
        with pytest.raises(NotFound):
            store.reports.one(wrong)
