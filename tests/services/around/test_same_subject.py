"""What others say of the same shelter or road: newest first, the older kept; the public reads what is cleared."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.core.errors import NotFound
from crisismap.core.people.person import Person
from crisismap.services.around.same_subject import related_reports
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.people import AGENCY, STRANGER
from tests.services.deployment import ask


def say(context: Context, clock: FakeClock, status: str, **more: Any) -> str:
    clock.advance(minutes=1)
    fields = {"status": status} if status else {}
    return ask(context, category="shelter", text="the school", fields=fields, **more)[0]


def seen(context: Context, person: Person, report: str) -> list[tuple[str, bool]]:
    return [
        (other.status, other.agrees)
        for other in related_reports(context.store, context.views, context.rules, context.clock, person, report)
    ]


def test_shows_newest_first_and_keeps_the_older(context: Context, clock: FakeClock) -> None:
    first = say(context, clock, "open")
    say(context, clock, "full", lat=13.0505)
    say(context, clock, "open", lon=80.2505)
    say(context, clock, "")  # says nothing of it
    say(context, clock, "closed", lat=13.06)  # another school
    ask(context, category="transport", fields={"status": "open"})
    assert seen(context, AGENCY, first) == [("open", True), ("full", False)]
    assert [
        round(other.distance_m)
        for other in related_reports(context.store, context.views, context.rules, context.clock, AGENCY, first)
    ] == [54, 56]


def test_tells_the_public_no_claim_that_waits_for_a_person(context: Context, clock: FakeClock) -> None:
    first = say(context, clock, "full")
    say(context, clock, "open")
    assert seen(context, AGENCY, first) == [("open", False)]
    assert seen(context, STRANGER, first) == []


def test_is_for_what_asks_nothing_and_is_there(context: Context, clock: FakeClock) -> None:
    assert related_reports(context.store, context.views, context.rules, context.clock, AGENCY, ask(context)[0]) == []
    with pytest.raises(NotFound):
        related_reports(
            context.store, context.views, context.rules, context.clock, STRANGER, ask(context, category="medical")[0]
        )
