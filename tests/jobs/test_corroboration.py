"""Independent reporters near in place and time are counted; a crowd behind one network is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crisismap.core.channel import Message
from crisismap.core.own_channels import API
from crisismap.core.report.read_draft import draft_from
from crisismap.jobs.corroboration import count_reporters
from crisismap.services.lists import read
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.people import AGENCY, STRANGER
from tests.services.deployment import opened

LON, LAT = 80.25, 13.05


def say(context: Context, phone: str, address: str, **said: Any) -> str:
    body = {"category": "flooding", "text": "knee deep", "lon": LON, "lat": LAT, "contact": {"phone": phone}, **said}
    done = context.intake.receive(Message(draft_from(body), API, address=address))
    assert context.views.situation.wait(done.revision)
    return done.id


def counted(context: Context, report: str) -> tuple[str, int]:
    count_reporters(context)
    assert context.views.situation.wait(context.store.events.revision())
    item = read.record(context.store, context.views, context.clock, AGENCY, report)
    return item.verification, item.reporters


def test_corroborates_by_a_second_person(context: Context) -> None:
    first = say(context, "+91 98765 43210", "203.0.113.5")
    assert counted(context, first) == ("unverified", 1)
    second = say(context, "98400 11111", "198.51.100.7", lat=LAT + 0.0005)
    assert counted(context, first) == counted(context, second) == ("corroborated", 2)
    assert read.record(context.store, context.views, context.clock, STRANGER, first).verification == "corroborated"


@pytest.mark.parametrize(
    "second",
    [
        {"phone": "098765 43210", "address": "198.51.100.7"},  # the same number, written otherwise
        {"phone": "98400 11111", "address": "203.0.113.200"},  # the same network
        {"phone": "98400 11111", "address": "198.51.100.7", "lat": LAT + 0.01},  # too far
        {"phone": "98400 11111", "address": "198.51.100.7", "category": "transport"},
        {"phone": "98400 11111", "address": "198.51.100.7", "fields": {"status": "closed"}},
        {"phone": "98400 11111", "address": "198.51.100.7", "observed_at": "2015-12-01T06:30:00Z"},
    ],
)
def test_does_not_count_what_may_be_the_same_person_or_another_matter(context: Context, second: dict[str, Any]) -> None:
    first = say(context, "+91 98765 43210", "203.0.113.5")
    say(context, **second)
    assert counted(context, first) == ("unverified", 1)


@pytest.mark.parametrize(("category", "fields"), [("rescue", {}), ("medical", {}), ("flooding", {"hide_place": True})])
def test_neither_counts_nor_moves_for_what_is_told_as_a_cell(
    context: Context, category: str, fields: dict[str, Any]
) -> None:
    """Whoever sends reports all about would find by the count, or by the revision, where the hidden one is."""
    first = say(context, "+91 98765 43210", "203.0.113.5", category=category, fields=fields)
    second = say(context, "98400 11111", "198.51.100.7", category=category)
    before = context.store.events.revision()
    assert counted(context, first) == counted(context, second) == ("unverified", 1)
    assert context.store.events.revision() == before


def test_writes_nothing_twice(context: Context) -> None:
    first = say(context, "+91 98765 43210", "203.0.113.5")
    say(context, "98400 11111", "198.51.100.7")
    assert counted(context, first) == ("corroborated", 2)
    for _ in range(3):
        counted(context, first)
    timeline = context.store.events.of_report(context.store.reports.one(first).seq)
    assert [e.verb for e in timeline].count("report.corroborate") == 1


def test_goes_on_after_a_start_where_it_stood(tmp_path: Path, clock: FakeClock) -> None:
    folder = tmp_path / "again"
    with opened(folder, clock) as context:
        first = say(context, "+91 98765 43210", "203.0.113.5")
        count_reporters(context)
        say(context, "98400 11111", "198.51.100.7")
    with opened(folder, clock) as context:
        assert counted(context, first) == ("corroborated", 2)
