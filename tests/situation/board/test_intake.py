"""Taking in: the columns of each audience hold what its view lets through, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from crisismap.core.privacy import Audience
from crisismap.situation.board.column import NEVER, NO_STATE, NONE
from crisismap.situation.board.columns import LAYOUT
from crisismap.situation.board.heap import NO_TEXT
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.situation.crisis import HERE, Crisis, crisis

TEN_MINUTES = 600_000
# Columns in which the public may hold what the agency holds; all others must differ or be empty for a request.
SAME = {
    "seq", "id_high", "id_low", "category", "asks", "state", "verification", "updated_revision", "version", "asking",
    "reopened", "lang", "reported_status", "area", "hazards", "shelter", "disagrees", "priority_dry", "priority_wet",
}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, clock: FakeClock) -> Iterator[Crisis]:
    clock.advance(minutes=3, seconds=7, ms=89)
    with crisis(tmp_path, clock) as opened:
        yield opened


def test_holds_nothing_exact_of_a_request_in_the_public_columns(here: Crisis):
    report_id = here.post(
        "rescue",
        text="trapped with Asha",
        place="behind the temple",
        people=4,
        observed_at="2015-12-02T06:21:43.210Z",
        consent={"publish": True},
        accuracy_m=12.0,
        fields={"note": "Asha is here"},
        **HERE,
    )
    acts.priority(here.context, RESPONDER, report_id, None, priority=1, reason="Asha told us").result()
    acts.claim(here.context, RESPONDER, report_id, None).result()
    public, agency = here.board(Audience.PUBLIC), here.board(Audience.AGENCY)
    for name in LAYOUT.keys() - SAME:
        ours, theirs = public[name][0], agency[name][0]
        hidden = ours != theirs or ours in (0, NONE, NEVER) or np.isnan(ours)
        assert hidden or (name.endswith("_len") and ours == NO_TEXT[1]), name
    assert {public[f"{name}_len"][0] for name in ("text", "place_text", "fields", "answer_note")} == {NO_TEXT[1]}
    assert agency["fields_len"][0] > NO_TEXT[1]
    assert (public["people"][0], public["code"][0]) == (NONE, 0)
    assert public["claimed_by"][0] == NONE
    for name in ("observed_at", "at", "received_at", "answered_at", "confirmed_at"):
        assert public[name][0] % TEN_MINUTES == 0
    assert here.context.views.situation.vocabularies.reasons.items[public["reasons_dry"][0]] == ()


def test_sorts_by_arrival_what_a_wrong_clock_dates(here: Crisis):
    here.post("flooding", text="a", observed_at="2031-01-01T00:00:00Z")
    here.post("flooding", text="a", observed_at="1970-01-01T00:00:00Z")
    here.post("flooding", text="a", observed_at="2015-12-01T00:00:00Z")
    agency, public = here.board(Audience.AGENCY), here.board(Audience.PUBLIC)
    assert agency["at"].tolist() == [here.clock(), here.clock(), 1_448_928_000_000]
    step = here.clock() // TEN_MINUTES * TEN_MINUTES
    assert public["at"].tolist() == [step, step, 1_448_928_000_000]
    assert agency["observed_at"].tolist()[1] == 0


def test_gives_no_priority_to_what_asks_nothing(here: Crisis):
    here.post("flooding", text="knee deep", people=30)
    board = here.board()
    assert (board.priority[0], board["state"][0], board["asks"][0]) == (0, NO_STATE, False)


def test_takes_any_kind_of_status_and_number(here: Crisis):
    for status in (7, True, None, "", "FULL", "x" * 300):
        here.post("shelter", fields={"status": status}, **HERE)
    here.post("rescue", people=1_000_000)
    board = here.board()
    told = here.context.views.situation.vocabularies.reported_status.items
    assert [told[n] for n in board["reported_status"].tolist()][:5] == ["", "", "", "", "full"]
    assert board["people"][6] == 1_000_000
