"""Tracking codes: what a requester sees, and how few may be tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap.core.errors import NotFound, TooManyTries
from crisismap.services.reporter.tracking import track
from crisismap.services.runtime.context import Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.services.deployment import ask, opened


def test_tells_the_requester_what_happened(context: Context) -> None:
    report, code = ask(context, category="medical")
    done = acts.claim(context, RESPONDER, report, None).result()
    context.views.situation.wait(acts.read_contact(context, RESPONDER, report).revision)
    assert done.revision
    for typed in (code, code.lower(), code.replace("-", ""), f" {code} "):
        seen = track(context.store, context.views, context.guards.code_tries, context.clock, typed, "192.0.2.1")
        assert seen.current.report.id == report
        assert [event.verb for event, _ in seen.steps] == ["report.submit", "request.claim"]


def test_allows_ten_wrong_codes_an_hour_from_one_address(context: Context, clock: FakeClock) -> None:
    _, code = ask(context)
    for number in range(10):
        with pytest.raises(NotFound) as wrong:
            track(
                context.store,
                context.views,
                context.guards.code_tries,
                context.clock,
                "0000-0000-0000" if number % 2 else "no code",
                "192.0.2.1",
            )
        assert str(wrong.value) == "There is no report with this code."
    with pytest.raises(TooManyTries) as limited:
        track(context.store, context.views, context.guards.code_tries, context.clock, code, "192.0.2.1")
    assert 0 < limited.value.details["retry_after_s"] <= 3600
    assert track(
        context.store, context.views, context.guards.code_tries, context.clock, code, "192.0.2.2"
    ).current.report.text
    clock.advance(hours=1)
    assert track(
        context.store, context.views, context.guards.code_tries, context.clock, code, "192.0.2.1"
    ).current.report.text


def test_gives_the_same_code_again_after_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock) as context:
        _, code = ask(context, client_id="key")
    with opened(tmp_path / "data", clock) as context:
        assert ask(context, client_id="key")[1] == code
        assert (
            track(
                context.store, context.views, context.guards.code_tries, context.clock, code, ""
            ).current.report.client_id
            == "key"
        )


def test_does_not_limit_when_told_so(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock, CRISISMAP_RATE_LIMIT="off") as context:
        for _ in range(12):
            with pytest.raises(NotFound):
                track(
                    context.store,
                    context.views,
                    context.guards.code_tries,
                    context.clock,
                    "0000-0000-0000",
                    "192.0.2.1",
                )
