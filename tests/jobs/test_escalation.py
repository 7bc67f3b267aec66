"""Calls to one role after the other, each once; waiting that makes more urgent."""

from __future__ import annotations

import pytest

from crisismap.core.event import Event
from crisismap.core.privacy import Audience
from crisismap.core.report.report import require_request
from crisismap.core.report.request import State
from crisismap.core.verb import TriageBody
from crisismap.jobs import escalation
from crisismap.jobs.escalation import escalate
from crisismap.jobs.runner import JOBS
from crisismap.services.lists import read
from crisismap.services.runtime.context import Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER, STRANGER
from tests.services.deployment import ask


def run(context: Context, job) -> None:
    assert context.views.situation.wait(context.store.events.revision())
    JOBS[job][1](context)
    assert context.views.situation.wait(context.store.events.revision())


def events(context: Context, report: str, verb: str) -> list[Event]:
    return [e for e in context.store.events.of_report(context.store.reports.one(report).seq) if e.verb == verb]


def called(context: Context, report: str) -> list[str]:
    return [str(e.data["to"]) for e in events(context, report, "request.escalate")]


def test_calls_each_role_once_when_its_time_has_come(context: Context, clock: FakeClock) -> None:
    report, _ = ask(context)  # P1: due after 30 minutes
    expected: list[str] = []
    for minutes, role in ((30, None), (31, "responder"), (60, None), (61, "agency"), (150, None), (151, "admin")):
        clock.set(context.store.reports.one(report).report.received_at + minutes * 60_000)
        expected += [role] if role else []
        for _ in range(3):
            run(context, "escalation")
        assert called(context, report) == expected
    assert read.requester_record(context.store, context.views, context.clock, report).escalated_to is None, (
        "not for the requester"
    )
    assert read.record(context.store, context.views, context.clock, RESPONDER, report).escalated_to == "admin"


def test_is_not_seen_by_the_public_because_its_time_follows_from_the_exact_place(
    context: Context, clock: FakeClock
) -> None:
    report, _ = ask(context, category="water_food", text="we need blankets")
    clock.advance(hours=72)
    overdue = read.record(context.store, context.views, context.clock, STRANGER, report)
    tag = read.single_table(context.store, context.views, context.clock(), Audience.PUBLIC, report).etag
    for job in ("escalation", "age"):
        run(context, job)
    assert len(events(context, report, "request.escalate") + events(context, report, "request.age")) > 2
    assert read.record(context.store, context.views, context.clock, STRANGER, report) == overdue
    assert read.single_table(context.store, context.views, context.clock(), Audience.PUBLIC, report).etag == tag
    assert read.record(context.store, context.views, context.clock, RESPONDER, report).priority == "P2"
    acts.claim(context, RESPONDER, report, 1, minutes=None).result()


def test_makes_up_for_calls_that_fell_into_a_time_away(context: Context, clock: FakeClock) -> None:
    report, _ = ask(context)
    clock.advance(hours=9)
    run(context, "escalation")
    assert called(context, report) == ["responder", "agency", "admin"]


def test_calls_nobody_for_what_was_answered(context: Context, clock: FakeClock) -> None:
    report, _ = ask(context)
    acts.answer(context, RESPONDER, report, None, note="done").result()
    clock.advance(hours=9)
    run(context, "escalation")
    assert called(context, report) == []


def test_begins_anew_when_it_is_opened_again(context: Context, clock: FakeClock) -> None:
    report, _ = ask(context)
    clock.advance(hours=9)
    run(context, "escalation")
    acts.answer(context, RESPONDER, report, None, note="done").result()
    acts.by_code(context, report, "reopen", None).result()
    run(context, "escalation")
    assert len(called(context, report)) == 3
    clock.advance(minutes=31)
    run(context, "escalation")
    assert called(context, report)[3:] == ["responder"]


def test_calls_the_next_role_at_once_when_it_cannot_be_met(context: Context, clock: FakeClock) -> None:
    report, _ = ask(context)
    acts.cannot_meet(context, RESPONDER, report, None, reason="no boat").result()
    assert called(context, report) == ["responder"]
    clock.advance(hours=9)
    run(context, "escalation")
    assert called(context, report) == ["responder"], "it is not unanswered any more"


def test_makes_more_urgent_by_waiting_once(context: Context, clock: FakeClock) -> None:
    report, _ = ask(context, category="water_food", text="we need blankets")
    clock.advance(hours=24)
    for _ in range(3):
        run(context, "age")
    assert len(events(context, report, "request.age")) == 1
    item = read.record(context.store, context.views, context.clock, RESPONDER, report)
    assert (item.priority, item.reasons[0]) == ("P2", "has waited for 24 h or more")


def test_leaves_a_priority_that_a_person_has_set(context: Context, clock: FakeClock) -> None:
    report, _ = ask(context, category="water_food", text="we need blankets")
    acts.priority(context, RESPONDER, report, None, priority=4, reason="they have a well").result()
    clock.advance(hours=100)
    before = context.store.events.revision()
    run(context, "age")
    assert context.store.events.revision() == before
    item = read.record(context.store, context.views, context.clock, RESPONDER, report)
    assert (item.priority, item.reasons[0]) == ("P4", "set to P4 by a person: they have a well")


def test_makes_up_for_many_at_once_and_leaves_alone_what_somebody_was_quicker_with(
    context: Context, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalation, "AT_ONCE", 3)
    asking = [ask(context)[0] for _ in range(7)]
    clock.advance(hours=9)
    assert context.views.situation.wait(context.store.events.revision())
    board = context.views.situation.board(Audience.AGENCY)
    claimed, answered = asking[1], asking[5]
    acts.claim(context, RESPONDER, claimed, None, minutes=30).result()
    acts.answer(context, RESPONDER, answered, None, note="done").result()
    monkeypatch.setattr(context.views.situation, "board", lambda _: board)  # the board has not seen it yet
    versions = {report: context.store.reports.one(report).version for report in asking}
    escalate(context)
    monkeypatch.undo()
    for report in asking:
        done = report == answered
        assert called(context, report) == ([] if done else ["responder", "agency", "admin"])
        after = context.store.reports.one(report)
        assert after.version == versions[report], "the clock contradicts nobody who has seen it before"
        assert require_request(after).escalated == (0 if done else 3)
    assert require_request(context.store.reports.one(claimed)).state is State.CLAIMED
    assert context.store.events.verify().broken_at is None
    run(context, "escalation")
    assert called(context, asking[0]) == ["responder", "agency", "admin"]


def test_calls_for_what_nobody_has_looked_at_and_again_for_what_nobody_has_answered(
    context: Context, clock: FakeClock
) -> None:
    report, _ = ask(context, text="nothing of need", asks=False)
    assert context.store.reports.one(report).need == "may"
    public = read.record(context.store, context.views, context.clock, STRANGER, report)
    clock.advance(minutes=5)
    run(context, "escalation")
    assert called(context, report) == []
    clock.advance(minutes=1)
    run(context, "escalation")
    assert called(context, report) == ["responder"]
    seen = read.record(context.store, context.views, context.clock, RESPONDER, report)
    assert (seen.need, seen.overdue, seen.priority) == ("may", True, "P2")
    shown = read.record(context.store, context.views, context.clock, STRANGER, report)
    assert (shown.need, shown.overdue, shown.due_at) == (None, False, public.due_at)
    requester = read.requester_record(context.store, context.views, context.clock, report)
    assert (requester.need, requester.overdue) == ("asks", False)
    acts.do(context, RESPONDER, report, None, "triage", TriageBody("asks", "P1")).result()
    clock.advance(minutes=26)
    run(context, "escalation")
    assert called(context, report) == ["responder", "responder"], "due 30 minutes after it came, as every P1"
