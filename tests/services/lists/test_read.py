"""Looking: what just came is found, and what did not change keeps its tag."""

from __future__ import annotations

import pytest

from crisismap.core.errors import NotFound
from crisismap.core.event import EventDraft
from crisismap.core.privacy import Audience
from crisismap.services.lists import read
from crisismap.services.runtime.context import Context
from crisismap.situation.board.selection import ALL
from tests.conftest import FakeClock
from tests.people import AGENCY, STRANGER
from tests.services.deployment import ask


def tag(context: Context, audience: Audience = Audience.AGENCY) -> str:
    return read.table(context.views, context.clock(), audience, ALL).etag


def test_keeps_its_tag_when_somebody_only_took_it(context: Context) -> None:
    ask(context)
    before = tag(context)
    for person in (AGENCY, STRANGER):
        read.record_export(context.store, context.clock(), person, "csv", 1)
    context.store.events.record(EventDraft("session.begin", "p", "p", 0)).result()
    assert context.views.situation.wait(context.store.events.revision())
    assert context.store.events.revision() == 3, "the agency's export is written down, the stranger's is not"
    assert tag(context) == before
    ask(context)
    assert tag(context) != before


def test_changes_its_tag_when_a_request_becomes_overdue(context: Context, clock: FakeClock) -> None:
    ask(context)
    before = tag(context)
    clock.advance(minutes=29)
    assert tag(context) == before
    clock.advance(minutes=2)
    assert tag(context) != before
    assert read.totals(context.views.situation, context.clock(), Audience.AGENCY)["overdue"] == 1


def test_gives_each_audience_a_tag_of_its_own(context: Context) -> None:
    ask(context)
    assert tag(context) != tag(context, Audience.PUBLIC)


def test_never_shows_a_negative_age(context: Context, clock: FakeClock) -> None:
    report, _ = ask(context)
    clock.advance(hours=-1)
    assert read.record(context.store, context.views, context.clock, AGENCY, report).waiting_s == 0
    assert read.record(context.store, context.views, context.clock, AGENCY, report).overdue is False


def test_finds_nothing_under_what_is_no_id(context: Context) -> None:
    for wrong in ("", "x", "../secret"):
        with pytest.raises(NotFound):
            read.record(context.store, context.views, context.clock, AGENCY, wrong)
