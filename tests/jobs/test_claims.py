"""Claims that run out are opened again, once, and by nobody in particular."""

from __future__ import annotations

import logging
import time

import pytest

from crisismap.core.privacy import Audience
from crisismap.core.report.request import State
from crisismap.jobs import runner
from crisismap.jobs.claims import expire_claims
from crisismap.services.runtime.context import Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.services.deployment import ask


def claimed(context: Context, minutes: int) -> str:
    report, _ = ask(context)
    context.views.situation.wait(acts.claim(context, RESPONDER, report, None, minutes=minutes).result().revision)
    return report


def state(context: Context, report: str) -> State:
    request = context.store.reports.one(report).request
    assert request is not None
    return request.state


def test_opens_what_was_not_answered_in_time(context: Context, clock: FakeClock) -> None:
    short, long = claimed(context, 10), claimed(context, 60)
    before = context.store.events.revision()
    expire_claims(context)
    assert context.store.events.revision() == before
    clock.advance(minutes=10)
    expire_claims(context)
    assert (state(context, short), state(context, long)) == (State.OPEN, State.CLAIMED)
    context.views.situation.wait(context.store.events.revision())
    expire_claims(context)
    assert context.store.events.revision() == before + 1, "once"
    last = context.store.events.of_report(context.store.reports.one(short).seq)[-1]
    assert (last.verb, last.actor) == ("claim.expire", "system")


def test_leaves_alone_what_was_answered_meanwhile(
    context: Context, clock: FakeClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = claimed(context, 10)
    clock.advance(minutes=10)
    old = context.views.situation.board(Audience.AGENCY)
    monkeypatch.setattr(context.views.situation, "board", lambda _audience: old)
    acts.answer(context, RESPONDER, report, None, note="done").result()
    with caplog.at_level(logging.INFO):
        expire_claims(context)
    assert state(context, report) is State.ANSWERED
    assert "did not expire" in caplog.text


def test_runs_on_when_a_job_fails(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def broken(_context: Context) -> None:
        calls.append("broken")
        raise RuntimeError("on purpose")

    monkeypatch.setattr(runner, "JOBS", {"broken": (0.0, broken), "good": (0.0, lambda _context: calls.append("good"))})
    running = runner.Runner(context)
    until = time.monotonic() + 10
    while min(map(calls.count, ("good", "broken"))) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    running.stop()
    assert min(map(calls.count, ("good", "broken"))) >= 2


def test_waits_for_no_server_of_others(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that answers slowly keeps nobody's claim."""
    calls: list[str] = []

    def slow(one: Context) -> None:
        one.guards.stopping.wait(10)

    monkeypatch.setattr(runner, "JOBS", {"good": (0.0, lambda _context: calls.append("good"))})
    monkeypatch.setattr(runner, "SLOW_JOBS", {"slow": (0.0, slow)})
    running = runner.Runner(context)
    until = time.monotonic() + 5
    while len(calls) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    began = time.monotonic()
    running.stop()
    assert len(calls) >= 3
    assert time.monotonic() - began < 5
