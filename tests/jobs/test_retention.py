"""Retention by itself: what has had its time goes, and nothing while the machine's clock is in doubt."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from crisismap import bootstrap
from crisismap.jobs.retention import remove_expired
from crisismap.services.runtime.context import Context
from crisismap.settings import read_settings
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.services.deployment import ask


def text(context: Context, report: str) -> str:
    return context.store.reports.one(report).report.text


def test_takes_out_what_is_over_and_says_how_many(
    context: Context, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    report, _ = ask(context)
    waiting, _ = ask(context)
    acts.answer(context, RESPONDER, report, None, note="done").result()
    with caplog.at_level(logging.INFO):
        remove_expired(context)
    assert text(context, report) == "on the roof"
    assert "retention" not in caplog.text, "silent when there is nothing to do"
    closed = context.rules.retention["words"].closed
    clock.advance(hours=24 * (closed + 1))
    with caplog.at_level(logging.INFO):
        remove_expired(context)
    assert (text(context, report), text(context, waiting)) == ("", "on the roof")
    assert "retention removed:" in caplog.text


def test_takes_nothing_out_while_the_clock_is_in_doubt(tmp_path: Path, clock: FakeClock) -> None:
    steady = FakeClock(1000)
    environ = {"CRISISMAP_DATA_DIR": str(tmp_path / "data")}
    with bootstrap.opened(read_settings(environ), clock=clock, steady=steady) as context:
        report, _ = ask(context)
        acts.answer(context, RESPONDER, report, None, note="done").result()
        closed = context.rules.retention["words"].closed
        clock.advance(hours=24 * (closed + 1))  # set forward by hand: no such time has passed
        remove_expired(context)
        assert text(context, report) == "on the roof"
        context.guards.clock.update()
        remove_expired(context)
        assert text(context, report) == "on the roof", "and for a day after it was noticed"
        for each in (clock, steady):
            each.advance(hours=25)
        remove_expired(context)
        assert text(context, report) == ""
