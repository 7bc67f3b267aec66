"""Rows as JSON: every member always there, and nothing lost or added on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisismap.core.layer.layer import Role
from crisismap.core.place.place import Placement
from crisismap.core.privacy import Audience
from crisismap.situation.record import features as module
from crisismap.situation.record.fact import members_of
from crisismap.situation.record.record import Record
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.situation.crisis import HERE, Crisis, crisis, ward

PROPERTIES = [member.name for member in members_of(Record) if member.fact.feature and not member.fact.staff]
STAFF = [member.name for member in members_of(Record) if member.fact.staff]
# As CONTRACT lists them, in its order.
CONTRACT = [
    "category",
    "text",
    "lang",
    "status",
    "observed_at",
    "received_at",
    "updated_revision",
    "place_kind",
    "accuracy_m",
    "area",
    "hazards",
    "nearest_shelter",
    "disagrees",
    "flags",
    "asks",
    "need",
    "state",
    "priority",
    "reasons",
    "due_at",
    "overdue",
    "channel",
    "verification",
]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crisis]:
    with crisis(Path(tmp_path_factory.mktemp("features")), FakeClock(1_449_037_800_000)) as opened:
        opened.put("wards", Role.AREA, ward(1, 80.15, 12.95))
        yield opened


def feature(here: Crisis, report_id: str, audience: Audience = Audience.AGENCY) -> dict:
    board = here.board(audience)
    row = board.row_of_id(bytes.fromhex(report_id.replace("-", "")))
    [[made]] = here.context.views.features.features(board, np.array([row]), here.clock(), audience)
    return json.loads(made)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("category", ["flooding", "rescue"])
def test_has_every_member_of_the_contract_always(here: Crisis, audience: Audience, category: str):
    for body in ({}, HERE, {"people": 3, "text": "trapped", "observed_at": "1970-01-01"}):
        made = feature(here, here.post(category, **({"text": "a"} | body)), audience)
        assert list(made) == ["type", "id", "geometry", "properties"]
        assert CONTRACT == PROPERTIES
        assert list(made["properties"]) == CONTRACT + (STAFF if audience is Audience.AGENCY else [])


def test_says_of_an_item_what_the_contract_adds(here: Crisis):
    item = here.item(here.post("rescue", text="help", people=2, place="near the temple", **HERE))
    own = {"lon", "lat", "waiting_s", "claimed_by", "claim_until", "asking", "etag", "reopened", "place", "people"}
    own |= {"reporters", "stale", "escalated_to", "fields", "photos", "source", "joined_to"}
    own |= {"answered_at", "answer_note", "confirmed_at", "cannot_meet_reason"}
    assert set(item) == {"id", *CONTRACT} | own
    assert (item["lon"], item["lat"], item["waiting_s"], item["asking"]) == (80.2, 13.0, 0, 1)
    assert (item["etag"], item["place"], item["people"], item["reopened"]) == ('"1"', "near the temple", 2, 0)


def test_counts_the_waiting_in_whole_seconds(here: Crisis):
    report_id = here.post("rescue")
    here.clock.advance(ms=2999)
    assert here.item(report_id)["waiting_s"] == 2
    here.clock.advance(hours=-1)
    assert here.item(report_id)["waiting_s"] == 0  # a clock that was set back makes nobody wait less than nothing
    here.clock.advance(hours=1)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40))
def test_hands_out_any_text_as_it_came(here: Crisis, text: str):
    made = feature(here, here.post("rescue", text=text, place="x"))
    assert made["properties"]["text"] == (text.strip() or None)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(-180, 180), st.floats(-90, 90))
def test_hands_out_any_place_to_a_centimetre(here: Crisis, lon: float, lat: float):
    report_id = here.post("flooding", text="a")
    acts.place(here.context, RESPONDER, report_id, None, Placement(lon, lat, None, "x")).result()
    assert feature(here, report_id)["geometry"] == {"type": "Point", "coordinates": [round(lon, 7), round(lat, 7)]}


@pytest.mark.parametrize(
    ("observed", "shown"),
    [
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),  # a clock that was never set
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ("2015-12-02T12:00:00+05:30", "2015-12-02T06:30:00.000Z"),
    ],
)
def test_tells_any_time_in_utc(here: Crisis, observed: str, shown: str):
    made = feature(here, here.post("flooding", text="a", observed_at=observed))["properties"]
    assert made["observed_at"] == shown


def test_says_when_a_request_is_due_and_overdue(here: Crisis):
    report_id = here.post("rescue", text="trapped")
    made = feature(here, report_id)["properties"]
    assert (made["priority"], made["due_at"][:10], made["overdue"]) == ("P1", "2015-12-02", False)
    here.clock.advance(minutes=30)
    assert not feature(here, report_id)["properties"]["overdue"]
    here.clock.advance(ms=1)
    assert feature(here, report_id)["properties"]["overdue"]
    acts.answer(here.context, RESPONDER, report_id, None, note="done").result()
    made = feature(here, report_id)["properties"]
    assert (made["state"], made["due_at"], made["overdue"]) == ("answered", None, False)


def test_has_null_where_there_is_nothing(here: Crisis):
    made = feature(here, here.post("flooding", fields={"depth_cm": 3}))
    seen = made["properties"]
    nothing = [
        n for n in ("text", "lang", "accuracy_m", "area", "nearest_shelter", "state", "priority", "due_at") if seen[n]
    ]
    assert (made["geometry"], nothing) == (None, [])
    assert (seen["hazards"], seen["disagrees"], seen["flags"], seen["reasons"]) == ([], [], [], [])
    assert (seen["asks"], seen["overdue"]) == (False, False)


def test_streams_in_parts_without_losing_a_row(here: Crisis, monkeypatch: pytest.MonkeyPatch):
    for _ in range(5):
        here.post("flooding", text="a")
    board = here.board()
    rows = np.arange(board.n)
    features, audience = here.context.views.features.features, Audience.AGENCY
    whole = [f for part in features(board, rows, here.clock(), audience) for f in part]
    monkeypatch.setattr(module, "CHUNK", 2)
    parts = list(features(board, rows, here.clock(), audience))
    assert [f for part in parts for f in part] == whole
    assert len(parts) == (board.n + 1) // 2
    assert list(features(board, rows[:0], here.clock(), audience)) == []
