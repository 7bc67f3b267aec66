"""What the holder of a tracking code does with the own request."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid, NotFound, TooLarge, TooManyTries, WrongState
from crisismap.core.report.report import MAX_TEXT
from crisismap.core.report.request import State
from crisismap.services.lists import read
from crisismap.services.reporter import tracking
from crisismap.services.runtime.context import Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.services.deployment import ask


def state(context: Context, report: str) -> State:
    request = context.store.reports.one(report).request
    assert request is not None
    return request.state


def act(context: Context, report: str, verb: str, note: str = "") -> None:
    done = acts.by_code(context, report, verb, None, note).result()
    assert context.views.situation.wait(done.revision)


def test_confirms_reopens_and_withdraws(context: Context) -> None:
    report, _ = ask(context)
    with pytest.raises(WrongState, match="only an answered one"):
        act(context, report, "confirm")
    acts.answer(context, RESPONDER, report, None, note="took four to the school").result()
    act(context, report, "confirm")
    assert state(context, report) is State.CONFIRMED
    act(context, report, "reopen", "the water is back")
    assert read.requester_record(context.store, context.views, context.clock, report).reopened == 1
    assert "the water is back" in read.requester_record(context.store, context.views, context.clock, report).text
    act(context, report, "withdraw")
    assert state(context, report) is State.WITHDRAWN


def test_lets_added_words_raise_the_priority_and_never_lower_it(context: Context) -> None:
    report, _ = ask(context, category="water_food", text="we need blankets")
    assert read.requester_record(context.store, context.views, context.clock, report).priority == "P3"
    act(context, report, "add", "my mother is unconscious")
    assert read.requester_record(context.store, context.views, context.clock, report).priority == "P1"
    act(context, report, "add", "it is not urgent, do not come")
    assert read.requester_record(context.store, context.views, context.clock, report).priority == "P1"
    assert read.requester_record(context.store, context.views, context.clock, report).text.count("\n\n") == 2


def test_makes_a_report_a_request_when_words_of_need_are_added(context: Context) -> None:
    report, _ = ask(context, category="flooding", text="water on the street")
    assert context.store.reports.one(report).request is None
    act(context, report, "add", "rising")
    assert context.store.reports.one(report).request is None
    act(context, report, "add", "now we are trapped")
    item = read.requester_record(context.store, context.views, context.clock, report)
    assert (item.asks, item.state, item.priority) == (True, "open", "P1")


def test_refuses_words_that_are_none_or_too_many(context: Context) -> None:
    report, _ = ask(context)
    with pytest.raises(Invalid, match="note"):
        act(context, report, "add", " \n")
    with pytest.raises(TooLarge):
        act(context, report, "add", "x" * (MAX_TEXT + 1))
    act(context, report, "add", "x" * MAX_TEXT)
    with pytest.raises(WrongState, match="Nothing more"):
        act(context, report, "add", "x" * MAX_TEXT)


def test_knows_a_code_that_was_given_out_a_moment_ago(context: Context) -> None:
    report, code = ask(context)
    assert (
        tracking.report_of(
            context.store, context.views.situation, context.guards.code_tries, context.clock(), code, "1.2.3.4"
        )
        == report
    )
    tracking.require_code(context.store, context.keys, context.guards, context.clock(), code, "1.2.3.4", report)


def test_counts_a_code_that_opens_another_report_as_wrong(context: Context, clock: FakeClock) -> None:
    report, _ = ask(context)
    _, other = ask(context)
    for _ in range(10):
        with pytest.raises(NotFound):
            tracking.require_code(
                context.store,
                context.keys,
                context.guards,
                context.clock(),
                other,
                "1.2.3.4",
                report,
            )
    with pytest.raises(TooManyTries):
        tracking.require_code(
            context.store,
            context.keys,
            context.guards,
            context.clock(),
            other,
            "1.2.3.4",
            report,
        )
    clock.advance(hours=1)
    with pytest.raises(NotFound):
        tracking.require_code(
            context.store,
            context.keys,
            context.guards,
            context.clock(),
            other,
            "1.2.3.4",
            report,
        )


def test_tells_the_requester_an_organisation_and_no_name(context: Context) -> None:
    report, _ = ask(context)
    done = acts.claim(context, RESPONDER, report, None).result()
    context.views.situation.wait(done.revision)
    item = read.requester_record(context.store, context.views, context.clock, report)
    assert item.claimed_by == "a team"  # this person is not in the store; see tests/api for an organisation
    assert item.reasons == []
