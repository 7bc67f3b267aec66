"""A file for an agency holds all that it may see of a report, and a public file holds none of that."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crisismap.core.channel import Message
from crisismap.core.own_channels import FILE
from crisismap.core.privacy import Audience
from crisismap.core.report.read_draft import draft_from
from crisismap.exports import EXPORTS
from crisismap.services.lists import read
from crisismap.services.reporter.erasure import erase
from crisismap.services.requests import photo
from crisismap.settings import ROOT
from crisismap.situation.board.selection import ALL
from tests import acts
from tests.conftest import FakeClock
from tests.people import ADMIN, RESPONDER
from tests.photos import jpeg
from tests.situation.crisis import HERE, Crisis, crisis

STAFF = (
    "place",
    "people",
    "fields",
    "photos",
    "reporters",
    "source",
    "claimed_by",
    "claim_until",
    "asking",
    "reopened",
)
HANDLED = ("joined_to", "answered_at", "answer_note", "confirmed_at", "cannot_meet_reason", "reopened", "stale")


@pytest.fixture
def here(tmp_path: Path, clock: FakeClock) -> Iterator[Crisis]:
    with crisis(tmp_path, clock) as opened:
        yield opened


def file(here: Crisis, form: str, audience: Audience = Audience.AGENCY) -> bytes:
    here.board()
    table = read.table(here.context.views, here.clock(), audience, ALL)
    return b"".join(EXPORTS[form].stream(table))


def in_file(here: Crisis, form: str, audience: Audience = Audience.AGENCY) -> dict[str, dict[str, Any]]:
    """The members of each report by its id, in any format; cells that are empty are left out."""
    body = file(here, form, audience)
    if form == "csv":
        rows = csv.DictReader(io.StringIO(body.decode(), newline=""))
        return {row["id"]: {name: value for name, value in row.items() if value} for row in rows}
    features = json.loads(body)["features"] if form == "geojson" else map(json.loads, body.splitlines())
    return {each["id"]: each["properties"] for each in features}


@pytest.mark.parametrize("form", EXPORTS)
def test_holds_a_rescue_that_has_only_words_for_its_place(here: Crisis, form: str) -> None:
    said = {"place": "behind St. Joseph school, 2nd floor", "people": 7, "fields": {"depth_cm": 120}}
    report = here.post("rescue", **said)
    seen = in_file(here, form)[report]
    assert (seen["place"], int(seen["people"])) == (said["place"], 7)
    assert int(seen["fields.depth_cm"] if form == "csv" else seen["fields"]["depth_cm"]) == 120
    assert said["place"].encode() in file(here, form)


@pytest.mark.parametrize("form", EXPORTS)
@pytest.mark.parametrize(
    ("category", "fields", "cells"),
    [
        (
            "rescue",
            {"trapped": True, "children": 0, "elderly": 2},
            {"trapped": "true", "children": "0", "elderly": "2"},
        ),
        ("medical", {"condition": 'insulin, "now"\nplease', "urgent": False}, {"condition": 'insulin, "now"\nplease'}),
        ("shelter", {"name": "பள்ளி", "status": "full", "free_places": 0}, {"name": "பள்ளி", "free_places": "0"}),
        ("other", {"ward no": "007", "=1+1": "=2+3", "km": 1.5}, {"ward no": "007", "=1+1": "'=2+3", "km": "1.5"}),
    ],
)
def test_holds_each_field(
    here: Crisis, form: str, category: str, fields: dict[str, Any], cells: dict[str, str]
) -> None:
    report = here.post(category, fields=fields)
    seen = in_file(here, form)[report]
    if form == "csv":
        assert {name: seen[f"fields.{name}"] for name in cells} == cells
    else:
        assert seen["fields"] == fields


@pytest.mark.parametrize("form", EXPORTS)
def test_counts_photos_and_names_the_file_of_a_row(here: Crisis, form: str) -> None:
    context = here.context
    message = Message(draft_from({"category": "flooding", "text": "deep"}), FILE, person=ADMIN, source="sheet.csv")
    row, shown = context.intake.receive(message).id, here.post("rescue")
    for _ in range(2):
        photo.add(context.store, context.guards.turns, here.clock(), RESPONDER, shown, jpeg())
    seen = in_file(here, form)
    assert (seen[row]["source"], int(seen[row]["photos"]), int(seen[shown]["photos"])) == ("sheet.csv", 0, 2)


@pytest.mark.parametrize("form", EXPORTS)
def test_says_how_each_request_is_handled(here: Crisis, form: str) -> None:
    claimed, answered, given_up, head, joined = (here.post("rescue", text=f"number {n}", **HERE) for n in range(5))
    acts.claim(here.context, RESPONDER, claimed, None).result()
    acts.answer(here.context, RESPONDER, answered, None, note="took all seven to the school").result()
    acts.cannot_meet(here.context, RESPONDER, given_up, None, reason="no boat").result()
    acts.join(here.context, RESPONDER, joined, None, to=head).result()
    seen = in_file(here, form)
    assert seen[claimed]["claimed_by"] == RESPONDER.label()
    assert seen[claimed]["claim_until"] > seen[claimed]["received_at"]
    assert seen[answered]["answer_note"] == "took all seven to the school"
    assert seen[answered]["answered_at"]
    assert seen[given_up]["cannot_meet_reason"] == "no boat"
    assert (seen[joined]["joined_to"], int(seen[head]["asking"])) == (head, 2)
    assert not seen[head].get("joined_to")
    acts.reopen(here.context, RESPONDER, answered, None).result()
    assert int(in_file(here, form)[answered]["reopened"]) == 1


@pytest.mark.parametrize("form", EXPORTS)
def test_gives_the_public_a_file_without_any_of_it(here: Crisis, form: str) -> None:
    """The same reports, and the same search: it finds them in the agency's file."""
    secret = ("behind the blue temple", "water to the neck", "took them to the school", "no boat left")
    answered = here.post("rescue", text="help", place=secret[0], people=7, fields={"note": secret[1]}, **HERE)
    given_up = here.post("rescue", text="help", place=secret[0], fields={"note": secret[1]})
    acts.answer(here.context, RESPONDER, answered, None, note=secret[2]).result()
    acts.cannot_meet(here.context, RESPONDER, given_up, None, reason=secret[3]).result()
    names = [f'"{name}"' if form != "csv" else f",{name}," for name in (*STAFF, *HANDLED)]
    if form == "csv":
        names = [name for name in names if name != ",fields,"] + [",fields.depth_cm,", ",fields_other,"]
    public, agency = file(here, form, Audience.PUBLIC).decode(), file(here, form).decode()
    assert len(in_file(here, form, Audience.PUBLIC)) == 2
    assert [each for each in (*secret, *names) if each in public] == []
    assert [each for each in (*secret, *names) if each not in agency] == []


def test_forgets_what_was_erased(here: Crisis) -> None:
    report = here.post("rescue", text="help", place="behind the temple", fields={"note": "neck"}, **HERE)
    before = here.board()
    assert b"neck" in file(here, "geojson")
    context = here.context
    erase(context.store, context.views, context.settings, here.clock(), report, ADMIN.id)
    seen = in_file(here, "geojson")[report]
    assert (seen["place"], seen["people"], seen["fields"], seen["photos"]) == (None, None, {}, 0)
    # Those who still read an older board get the same types, without the words.
    old = here.context.views.features.records(before, [0], here.clock())[0]
    assert (old.fields, (old.place or "").strip()) == ({}, "")


def test_lists_in_the_reference_every_column(here: Crisis) -> None:
    here.post("rescue")
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    described = text.partition("## Formats")[2].partition("\n## ")[0]
    for audience, beginning in ((Audience.PUBLIC, "- for everybody:"), (Audience.AGENCY, "- for agencies also:")):
        [header] = list(csv.reader(io.StringIO(file(here, "csv", audience).decode(), newline="")))[:1]
        names = [name for name in header if not name.startswith("fields") and name not in ("made_up", "handling")]
        listed = described.partition("- for everybody:")[2].partition("- last")[0]
        if audience is Audience.PUBLIC:
            listed = listed.partition("- for agencies also:")[0]
        assert [name for name in listed.split("`")[1::2] if not name.startswith("fields")] == names, beginning
