"""A newer row of a file changes its report; what people have done since is left, and named."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from crisismap.core.own_channels import FILE
from crisismap.core.place.place import Placement
from crisismap.core.report.report import Contact, CurrentReport
from crisismap.core.report.request import Request, State, answer, claim
from crisismap.core.report.row_update import DONE, NewerRow, RowUpdate, update_from_row
from tests.core.samples import NOW, current, taken

ROW: dict[str, Any] = {"category": "rescue", "text": "boat for four", "place": "Ward 3", "people": 4}
HERE = {"lon": 80.25, "lat": 13.05}
LATER = NOW + 60_000


def updated(
    now: CurrentReport, body: dict[str, Any], *, corrected: bool = False, contact: Contact | None = None, **arrival: Any
) -> RowUpdate:
    row = NewerRow(taken(body, channel=FILE, now_ms=LATER, **arrival), contact, Contact(phone="1"), corrected)
    return update_from_row(now, row, "admin", LATER)


def imported(body: dict[str, Any] = ROW, **arrival: Any) -> CurrentReport:
    return current(body, channel=FILE, **arrival)


def test_changes_what_the_row_changes_and_keeps_what_the_report_said() -> None:
    found = updated(imported(), ROW | {"text": "boat for SIX now", "people": 6, "place": "Ward 9"})
    assert (found.updated, found.left) == (["text", "place", "people"], [])
    change = found.change
    assert change is not None
    report = change.report
    assert (report.text, report.place_text, report.people) == ("boat for SIX now", "Ward 9", 6)
    assert change.addition is not None
    assert change.addition.text == "Before: boat for four; place Ward 3; people 4"
    assert (change.event.verb, change.event.data) == (
        "report.update",
        {"fields": ["text", "place", "people"], "left": 0},
    )
    assert report.payload_hash != imported().report.payload_hash
    assert (report.id, report.received_at, report.observed_at) == (imported().report.id, NOW, NOW)


def test_changes_nothing_for_another_case_and_other_spaces() -> None:
    found = updated(imported(), ROW | {"text": "Boat  for FOUR"})
    assert (found.updated, found.left, found.change) == ([], [], None)


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ({}, {"fields": {"depth_cm": 40}}, ["fields"]),
        ({"fields": {"depth_cm": 30}}, {"fields": {"depth_cm": 40}}, ["fields"]),
        ({"people": 4}, {"people": "about 6"}, ["people", "fields"]),
        ({}, {"observed_at": "2015-12-02T05:00:00Z"}, ["observed_at"]),
        ({}, {"consent": {"publish": True}}, ["consent"]),
        ({}, HERE, ["location"]),
    ],
)
def test_changes_every_part_of_a_report(before: dict[str, Any], after: dict[str, Any], names: list[str]) -> None:
    found = updated(imported(ROW | before), ROW | after)
    assert (found.updated, found.left) == (names, [])


def test_changes_the_contact_only_for_another_one() -> None:
    assert updated(imported(), ROW, contact=Contact(phone="2")).updated == ["contact"]
    assert updated(imported(), ROW, contact=Contact(phone="1")).updated == []
    assert updated(imported(), ROW).updated == []


def test_follows_the_location_of_the_row_back_and_forth() -> None:
    first = imported(ROW | HERE)
    there = updated(first, ROW | {"lon": 80.26, "lat": 13.06}).change
    assert there is not None
    assert there.places is not None
    assert [(each.lon, each.lat, each.source, each.by) for each in there.places] == [(80.26, 13.06, FILE, "admin")]
    moved = msgspec.structs.replace(first, places=there.places)
    assert updated(moved, ROW | {"lon": 80.26, "lat": 13.06}).updated == []
    back = updated(moved, ROW | HERE).change
    assert back is not None
    assert back.places is not None
    assert (back.places[-1].lon, back.places[-1].lat) == (80.25, 13.05)


@pytest.mark.parametrize(
    ("now", "body", "left"),
    [
        (imported(), ROW | {"category": "medical"}, "category (medical in the file)"),
        (imported(ROW | HERE), ROW, "location (the file has none now)"),
        (imported(ROW | HERE), ROW | {"lon": 13.05, "lat": 80.25}, "location (it is not plausible)"),
        (
            msgspec.structs.replace(imported(), places=(Placement(80.2, 13.0, None, "map"),)),
            ROW | HERE,
            "location (a person set it here)",
        ),
    ],
)
def test_leaves_and_names_what_it_may_not_change(now: CurrentReport, body: dict[str, Any], left: str) -> None:
    found = updated(now, body)
    assert (found.updated, found.left, found.change) == ([], [left], None)


def test_leaves_what_the_sender_corrected_and_what_was_deleted() -> None:
    found = updated(imported(), ROW | {"text": "other", "people": 5}, corrected=True)
    assert found.left == ["text (its sender corrected it here)", "people (its sender corrected it here)"]
    assert found.change is None
    now = imported()
    aged = msgspec.structs.replace(now, report=msgspec.structs.replace(now.report, text="", flags=("aged",)))
    assert updated(aged, ROW).left == ["text (it was deleted here)"]


def test_answers_a_request_that_the_row_calls_done_and_reopens_it() -> None:
    now = imported(asks=True)
    found = updated(now, ROW, asks=False)
    assert found.updated == ["status"]
    assert found.change is not None
    assert found.change.request is not None
    assert found.change.request.state is State.ANSWERED
    assert [event.verb for event in found.change.then] == ["request.answer"]
    done = msgspec.structs.replace(now, report=found.change.report, request=found.change.request)
    assert updated(done, ROW, asks=False).updated == []
    again = updated(done, ROW, asks=True)
    assert again.change is not None
    assert again.change.request is not None
    assert (again.updated, again.change.request.state) == (["status"], State.OPEN)


def test_leaves_a_request_that_a_team_works_on_or_has_answered() -> None:
    claimed = msgspec.structs.replace(imported(asks=True), request=claim(Request(), "a team", NOW))
    assert updated(claimed, ROW, asks=False).left == ["status (claimed by another)"]
    answered = msgspec.structs.replace(imported(asks=False), request=answer(Request(), "a team", NOW, DONE))
    assert updated(answered, ROW, asks=True).left == ["asks (answered here)"]


def test_makes_a_request_of_information_that_now_asks() -> None:
    road = {"category": "transport", "text": "road under water"}
    found = updated(imported(road), road | {"text": "people trapped in a bus, help"})
    assert found.updated == ["text", "asks"]
    assert found.change is not None
    assert found.change.request == Request(due_from=LATER)
