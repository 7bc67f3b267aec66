"""Bulk: one verb on many, each outcome told, and an undo that brings back how each one stood."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.report.request import Request
from crisismap.core.verb import Body
from crisismap.core.verbs import VERBS
from crisismap.services.requests import bulk
from crisismap.services.requests.bulk import Item
from crisismap.services.runtime.context import Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import AGENCY, RESPONDER, VOLUNTEER
from tests.services.deployment import ask

MALA = Person("p-mala", "Mala", "Ward Volunteers", frozenset({"responder"}))


def items(context: Context, *ids: str) -> list[Item]:
    return [Item(id_, context.store.reports.one(id_).version) for id_ in ids]


def wish(verb: str, **members: Any) -> tuple[str, Body]:
    """The verb and its body."""
    return verb, VERBS[verb].body(**members)


def now(context: Context, id_: str) -> Request:
    request = context.store.reports.one(id_).request
    assert request is not None
    return request


def test_claims_what_is_free_and_says_of_each_what_became_of_it(context: Context) -> None:
    free, taken, done = (ask(context)[0] for _ in range(3))
    acts.claim(context, MALA, taken, None).result()
    acts.answer(context, MALA, done, None, note="took them").result()
    outcomes = bulk.act(
        context.store,
        context.rules,
        context.clock,
        RESPONDER,
        items(context, free, taken, done),
        *wish("claim", minutes=30),
    )
    assert [bool(each.refused) for each in outcomes] == [False, True, True]
    assert "Somebody else has claimed" in outcomes[1].refused
    assert "answered" in outcomes[2].refused
    assert (now(context, free).claimed_by, now(context, taken).claimed_by) == (RESPONDER.id, MALA.id)


def test_leaves_what_has_changed_since_it_was_seen(context: Context) -> None:
    id_ = ask(context)[0]
    seen = items(context, id_)
    acts.priority(context, MALA, id_, None, priority=3, reason="safe").result()
    [outcome] = bulk.act(context.store, context.rules, context.clock, RESPONDER, seen, *wish("claim"))
    assert "has changed since you looked" in outcome.refused
    assert now(context, id_).claimed_by is None


def test_undoes_claims_and_extensions(context: Context, clock: FakeClock) -> None:
    free, mine = ask(context)[0], ask(context)[0]
    acts.claim(context, RESPONDER, mine, None, minutes=20).result()
    until = now(context, mine).claim_until
    outcomes = bulk.act(
        context.store, context.rules, context.clock, RESPONDER, items(context, free, mine), *wish("claim", minutes=240)
    )
    assert now(context, mine).claim_until == clock.ms + 240 * 60_000
    back = bulk.undo(context.store, context.rules, context.clock, RESPONDER, outcomes)
    assert not any(each.refused for each in back)
    assert str(now(context, free).state) == "open"
    assert now(context, mine).claim_until == until


def test_undoes_a_release_with_the_minutes_that_were_left(context: Context, clock: FakeClock) -> None:
    id_ = ask(context)[0]
    acts.claim(context, RESPONDER, id_, None, minutes=60).result()
    clock.advance(minutes=18)
    outcomes = bulk.act(context.store, context.rules, context.clock, RESPONDER, items(context, id_), *wish("release"))
    assert str(now(context, id_).state) == "open"
    bulk.undo(context.store, context.rules, context.clock, RESPONDER, outcomes)
    assert now(context, id_).claim_until == clock.ms + 42 * 60_000


def test_undoes_a_priority_to_what_was_set_before_or_to_the_rules(context: Context) -> None:
    ruled, set_ = ask(context)[0], ask(context)[0]
    acts.priority(context, MALA, set_, None, priority=3, reason="safe upstairs").result()
    before = now(context, set_).overruling
    only = wish("priority", priority="P4", reason="only a question")
    outcomes = bulk.act(context.store, context.rules, context.clock, RESPONDER, items(context, ruled, set_), *only)
    assert [now(context, each).overruling.priority for each in (ruled, set_)] == [4, 4]  # type: ignore[union-attr]
    bulk.undo(context.store, context.rules, context.clock, RESPONDER, outcomes)
    assert now(context, ruled).overruling is None
    assert now(context, set_).overruling == before


def test_undoes_a_triage_to_the_need_and_the_request_of_before(context: Context) -> None:
    doubted, told = ask(context, text="as described", asks=False)[0], ask(context, category="flooding", text="wet")[0]
    for need in ("asks", "information", "offer"):
        seen = items(context, doubted, told)
        outcomes = bulk.act(context.store, context.rules, context.clock, RESPONDER, seen, *wish("triage", need=need))
        assert [each.refused for each in outcomes] == ["", ""]
        assert [context.store.reports.one(each).need for each in (doubted, told)] == [need, need]
        undone = bulk.undo(context.store, context.rules, context.clock, RESPONDER, outcomes)
        assert [each.refused for each in undone] == ["", ""]
        assert now(context, doubted).in_doubt
        assert (context.store.reports.one(told).need, context.store.reports.one(told).request) == ("information", None)


def test_joins_and_separates_with_the_own_claim_back(context: Context) -> None:
    head, other, mine, hers = (ask(context)[0] for _ in range(4))
    acts.claim(context, RESPONDER, mine, None, minutes=30).result()
    acts.claim(context, MALA, hers, None).result()
    outcomes = bulk.act(
        context.store,
        context.rules,
        context.clock,
        RESPONDER,
        items(context, other, mine, hers),
        *wish("join", to=head),
    )
    assert [bool(each.refused) for each in outcomes] == [False, False, True]
    assert now(context, head).asking == 3
    assert now(context, hers).claimed_by == MALA.id
    back = bulk.undo(context.store, context.rules, context.clock, RESPONDER, outcomes)
    assert [each.refused for each in back] == ["", ""]
    assert now(context, head).asking == 1
    assert str(now(context, other).state) == "open"
    assert now(context, mine).claimed_by == RESPONDER.id


def test_does_not_undo_what_somebody_has_touched_since(context: Context) -> None:
    one, two = ask(context)[0], ask(context)[0]
    outcomes = bulk.act(
        context.store,
        context.rules,
        context.clock,
        RESPONDER,
        items(context, one, two),
        *wish("priority", priority="P4", reason="no hurry"),
    )
    acts.priority(context, MALA, one, None, priority=1, reason="it is a hurry").result()
    back = bulk.undo(context.store, context.rules, context.clock, RESPONDER, outcomes)
    assert [bool(each.refused) for each in back] == [True, False]
    assert now(context, one).overruling.priority == 1  # type: ignore[union-attr]
    assert now(context, two).overruling is None


def test_says_what_is_wrong_of_each_that_cannot_be(context: Context) -> None:
    id_ = ask(context)[0]
    unknown = Item("01516162-2240-8188-ab04-9ce972b09494", 1)
    outcomes = bulk.act(
        context.store,
        context.rules,
        context.clock,
        RESPONDER,
        [unknown, *items(context, id_)],
        *wish("priority", priority="P9", reason="x"),
    )
    assert "no such report" in outcomes[0].refused
    assert "must be P1" in outcomes[1].refused
    [itself] = bulk.act(
        context.store, context.rules, context.clock, RESPONDER, items(context, id_), *wish("join", to=id_)
    )
    assert "joined to itself" in itself.refused


@pytest.mark.parametrize(("person", "error"), [(STRANGER, NotSignedIn), (VOLUNTEER, Forbidden), (AGENCY, Forbidden)])
def test_is_for_responders(context: Context, person: Person, error: type[Exception]) -> None:
    with pytest.raises(error):
        bulk.act(context.store, context.rules, context.clock, person, items(context, ask(context)[0]), *wish("claim"))
