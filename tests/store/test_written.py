"""What the writer hands to the situation is what the database would have told it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisismap.core.event import EventDraft
from crisismap.core.need.need import Need
from crisismap.core.people.fingerprint import BY
from crisismap.core.report.new_report import Acknowledgement, NewReport
from crisismap.core.report.report import Consent, CurrentReport
from crisismap.core.report.request import Answer, Request, State
from crisismap.rule_files import RuleFiles, read_rule_files
from crisismap.situation.rules import Rules
from crisismap.situation.situation import Situation
from crisismap.store import writer
from crisismap.store.engine import Reader
from crisismap.store.events import Events
from crisismap.store.store import Store
from crisismap.store.writer import Written
from tests.store.making import NOW, claiming, kept, new, opened

TEXTS = st.sampled_from(["", "water in the street", "we are trapped", "call 9840012345", 'சிக்கி "\\ \n🛶'])
SAID = st.fixed_dictionaries(
    {"text": TEXTS, "need": st.sampled_from(Need), "sender": st.sampled_from([None, "sender:1", "sender:2"])},
    optional={
        "category": st.sampled_from(["flooding", "medical", "shelter"]),
        "lon": st.none() | st.floats(-180, 180, allow_subnormal=False),
        "lang": st.sampled_from([None, "en", "ta"]),
        "people": st.none() | st.integers(0, 1_000_000),
        "fields": st.fixed_dictionaries(
            {}, optional={"status": st.just("open"), "n": st.floats(0, 9), "hide_place": st.booleans()}
        ),
        "flags": st.sampled_from([(), ("far_away",), ("time_future", "value_unread")]),
        "asked": st.sampled_from([None, True, False]),
        "source": st.sampled_from([None, "p-1", "file.csv"]),
        "consent": st.builds(Consent, st.booleans(), st.booleans(), st.sampled_from([None, "1"])),
        "network": st.just("network:1"),
        "heard": st.just('["",'),
    },
)
KEYS = st.sampled_from([None, None, None, "k-1", "k-2"])
BATCHES = st.lists(st.tuples(SAID, KEYS), min_size=1, max_size=4)
ACTS = st.lists(
    st.tuples(
        st.one_of(BATCHES, st.sampled_from(["claim", "quarantine", "release", "take", "fact"])),
        st.booleans(),  # whether the situations follow now
    ),
    max_size=12,
)
DONE = Request(State.ANSWERED, answer=Answer("p-1", NOW, "row of a file"))


@pytest.fixture(scope="module")
def rules() -> RuleFiles:
    return read_rule_files()


class Followed:
    """Events for a situation that a test moves on by hand."""

    def __init__(self, events: Any) -> None:
        self.everything, self.changes = events.everything, events.changes

    def when_committed(self, _listener: object) -> None:
        """Nobody is told."""


@contextmanager
def two(files: RuleFiles) -> Iterator[tuple[Store, Situation, Situation]]:
    """A store, a situation that the writer hands reports to, and one that reads the database."""
    with tempfile.TemporaryDirectory() as name, opened(f"sqlite:///{name}/crisismap.sqlite3", Path(name)) as store:
        store.events.when_committed(lambda _revision: None)
        reading = Events(Reader(store._reader), None, [])
        rules = Rules(files.categories, files.priority, files.clocks, files.privacy, detector=files.detector)
        yield store, *(Situation(Followed(each), rules, code_key=b"k" * 32) for each in (store.events, reading))


def news_of(batch: list[tuple[dict[str, Any], str | None]]) -> list[NewReport]:
    found = []
    for said, key in batch:
        said = said if said.get("lon", 0) is not None else {**said, "lat": None}
        one = new(key, **said)
        found.append(msgspec.structs.replace(one, request=DONE) if said.get("source") == "file.csv" else one)
    return found


def act(store: Store, what: Any) -> None:
    if isinstance(what, list):
        store.reports.submit(news_of(what)).result()
    elif what == "claim":
        first = next((r for part in store.events.everything() for r in part.reports if r.asks), None)
        if first is not None:
            store.requests.change(first.report.id, None, claiming("p-1")).exception()
    elif what in ("quarantine", "release"):
        lift = what == "release"
        event = EventDraft(f"source.{what}", f"{BY}p-1", "p-2", NOW)
        store.reports.quarantine(f"{BY}p-1", event, lift=lift).exception()
    elif what == "fact":
        store.upkeep.set_fact("heartbeat", "1").result()
    else:
        store.events.record(EventDraft("export.take", "csv", "p-1", NOW)).result()


def everything_in(situation: Situation) -> dict[str, Any]:
    """All that a situation holds, as bytes."""
    found: dict[str, Any] = {"heap": situation.heap.content(), "revision": situation.revision}
    for audience, board in situation.boards().items():
        found |= {f"{audience} {name}": np.ascontiguousarray(board[name]).tobytes() for name in board.columns}
        found[f"{audience} changed"] = board.changed
    words = situation.vocabularies
    return found | {name: list(each.items) for name, each in vars(words).items()}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=ACTS)
def test_makes_the_boards_that_reading_the_database_makes(rules: RuleFiles, acts: list[tuple[Any, bool]]) -> None:
    with two(rules) as (store, handed, reading):
        for what, now in [*acts, ("take", True)]:
            act(store, what)
            if now:
                handed.follow()
                reading.follow()
                assert everything_in(handed) == everything_in(reading)


def test_hands_over_what_is_read_back(store: Store) -> None:
    kept(store, new())
    store.events.when_committed(lambda _revision: None)
    store.reports.submit([new("a"), new("a"), new(need=Need.MAY, sender="s"), new(need=Need.OFFER)]).result()
    store.reports.submit([new(fields={"n": 1.5, "much": 2**53, "text": "é"}, lon=80, people=None)]).result()
    assert store.writer is not None
    assert [one.updated_revision for one in store.writer.written._reports] == [2, 3, 4, 5]
    handed = store.events.changes(1)
    assert (handed.revision, len(handed.reports)) == (5, 4)
    again = store.events.changes(1)
    assert again == handed, "the second time it is read from the database"
    assert store.writer.written.take(1) == []


def report(revision: int) -> CurrentReport:
    return CurrentReport(revision, new().report, 1, revision)


def test_keeps_nothing_while_nobody_follows(store: Store) -> None:
    one = Written()
    one.add([report(1)])
    assert one.take(0) == []
    kept(store, new())
    assert store.writer.written.take(0) == []


def test_gives_no_part_that_has_a_gap_before_it() -> None:
    one = Written()
    one.followed = True
    one.add([report(2), report(3)])
    assert one.take(0) == [], "revision 1 is missing"
    one.add([report(4)])
    assert [each.updated_revision for each in one.take(2)] == [3, 4]
    assert one.take(2) == [], "it was taken"
    one.add([report(5)])
    one.add([report(7)])
    assert one.take(4) == [], "revision 6 is missing"
    assert [each.updated_revision for each in one.take(6)] == [7]


def test_is_emptied_by_whatever_else_is_committed(store: Store) -> None:
    store.events.when_committed(lambda _revision: None)
    first = kept(store, new())
    store.requests.change(first.id, None, claiming("p-1")).result()
    assert store.writer.written.take(0) == []
    [now] = store.events.changes(0).reports
    assert now.request is not None
    assert now.request.state is State.CLAIMED


def test_knows_of_a_quarantine_that_came_before(store: Store) -> None:
    store.events.when_committed(lambda _revision: None)
    kept(store, new(source="p-9"))
    act(store, "quarantine")
    receipts = store.reports.submit([new(source="p-1"), new(source="p-9")]).result()
    assert all(isinstance(each, Acknowledgement) for each in receipts)
    assert [one.quarantined for one in store.events.changes(2).reports] == [True, False]


def test_stays_within_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MOST_HANDED", 3)
    one = Written()
    one.followed = True
    for revision in range(1, 8):
        one.add([report(revision)])
        assert len(one._reports) <= 3
    assert one.take(0) == []
    assert [each.updated_revision for each in one.take(6)] == [7]
