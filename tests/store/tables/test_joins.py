"""Requests that ask for the same: the head stands for all, the count is right after every change."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisismap.core.errors import CrisismapError, WrongState
from crisismap.core.event import EventDraft
from crisismap.core.report import request as life
from crisismap.core.report.change import Change
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Request, State
from crisismap.store.store import Store
from tests.store.making import NOW, kept, new


def join(store: Store, one: str, to: str) -> None:
    def decide(now: CurrentReport, head: CurrentReport) -> Change:
        if head.seq == now.seq:
            raise WrongState("itself")
        event = EventDraft("request.join", one, "p", NOW)
        return Change(event, request=life.join(now.request or Request(), head.request or Request(), head.seq))

    store.requests.join(one, None, to, decide).result()


def step(store: Store, one: str, verb: str) -> None:
    def decide(now: CurrentReport) -> Change:
        after = {"separate": life.separate, "withdraw": life.withdraw}[verb](now.request or Request())
        return Change(EventDraft(f"request.{verb}", one, "p", NOW), request=after)

    store.requests.change(one, None, decide).result()


def request(store: Store, one: str) -> Request:
    found = store.reports.one(one).request
    assert found is not None
    return found


def test_counts_who_asks_together_and_apart(store: Store) -> None:
    a, b, c = (kept(store, new()).id for _ in range(3))
    join(store, a, b)
    join(store, c, a)  # a stands for nobody any more: its head does
    assert (request(store, b).asking, request(store, a).asking, request(store, c).asking) == (3, 1, 1)
    assert store.requests.head(c).report.id == b
    assert {each.report.id for each in store.requests.joined(store.reports.one(b).seq)} == {a, c}
    step(store, a, "separate")
    assert (request(store, b).asking, request(store, a).state) == (2, State.OPEN)
    assert store.requests.head(a).report.id == a


def test_moves_a_head_with_all_that_it_stands_for(store: Store) -> None:
    a, b, c, d = (kept(store, new()).id for _ in range(4))
    join(store, a, b)
    join(store, c, d)
    join(store, b, d)
    assert (request(store, d).asking, request(store, b).asking) == (4, 2)
    step(store, b, "separate")
    assert (request(store, d).asking, request(store, b).asking) == (2, 2)
    assert store.requests.head(a).report.id == b


def test_opens_again_who_asked_with_one_that_is_withdrawn(store: Store) -> None:
    a, b, c = (kept(store, new()).id for _ in range(3))
    join(store, a, b)
    join(store, c, b)
    before = store.events.revision()
    step(store, b, "withdraw")
    assert [request(store, one).state for one in (a, b, c)] == [State.OPEN, State.WITHDRAWN, State.OPEN]
    assert request(store, b).asking == 1
    changed = {each.report.id for each in store.events.changes(before).reports}
    assert changed == {a, b, c}, "everybody who follows the feed hears of all of them"


def test_counts_one_less_when_a_joined_one_is_withdrawn(store: Store) -> None:
    a, b = (kept(store, new()).id for _ in range(2))
    join(store, a, b)
    step(store, a, "withdraw")
    assert (request(store, b).asking, request(store, a).joined_to) == (1, None)


def test_refuses_a_circle(store: Store) -> None:
    a, b, c = (kept(store, new()).id for _ in range(3))
    join(store, a, b)
    join(store, b, c)
    for one, to in ((c, a), (c, b), (c, c)):
        try:
            join(store, one, to)
        except WrongState:
            continue
        raise AssertionError(f"{one} was joined to what it stands for")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["join", "separate", "withdraw"]), st.integers(0, 5), st.integers(0, 5))))
def test_counts_right_whatever_is_done(store: Store, deeds: list[tuple[str, int, int]]) -> None:
    ids = [kept(store, new()).id for _ in range(6)]
    for verb, one, other in deeds:
        try:
            if verb == "join":
                join(store, ids[one], ids[other])
            else:
                step(store, ids[one], verb)
        except CrisismapError:
            pass
        now = [store.reports.one(each) for each in ids]
        requests = {each.seq: each.request or Request() for each in now}
        for seq, asked in requests.items():
            below = sum(r.asking for r in requests.values() if r.joined_to == seq)
            assert asked.asking == 1 + below
            assert (asked.state is State.JOINED) == (asked.joined_to is not None)
            assert asked.joined_to is None or requests[asked.joined_to].state is not State.WITHDRAWN
        heads = [r for r in requests.values() if r.joined_to is None]
        assert sum(r.asking for r in heads) == len(ids), "nobody is counted twice or not at all"
