"""The situation follows the store: what is new, what has changed, which rows a layer touches, and failures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from crisismap.core.event import EventDraft
from crisismap.core.layer.layer import Feature, LayerVersion, Role
from crisismap.core.place.place import Placement
from crisismap.core.privacy import Audience
from crisismap.situation.board.intake import BoardIntake
from crisismap.situation.situation import Situation
from tests import acts
from tests.api.desk import eventually
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.situation.crisis import HERE, Crisis, crisis, ward


@pytest.fixture
def here(tmp_path: Path, clock: FakeClock) -> Iterator[Crisis]:
    with crisis(tmp_path, clock) as opened:
        yield opened


def rebuilt(here: Crisis) -> Situation:
    again = Situation(
        here.context.store.events, here.context.views.situation.rules, code_key=here.context.keys.tracking_code
    )
    again.start()
    again.stop()
    return again


def test_shows_a_report_to_both_audiences_at_one_revision(here: Crisis):
    here.post("flooding", **HERE)
    boards = here.context.views.situation.boards()
    here.board()
    boards = here.context.views.situation.boards()
    assert {board.revision for board in boards.values()} == {here.context.store.events.revision()}
    assert {audience: board.n for audience, board in boards.items()} == {Audience.PUBLIC: 1, Audience.AGENCY: 1}


def test_leaves_sensitive_reports_out_of_the_public_board_for_good(here: Crisis):
    report_id = here.post("medical", **HERE)
    assert (here.board(Audience.PUBLIC).n, here.board(Audience.AGENCY).n) == (0, 1)
    acts.claim(here.context, RESPONDER, report_id, None).result()
    acts.place(here.context, RESPONDER, report_id, None, Placement(80.1, 13.1, None, "call")).result()
    assert here.board(Audience.PUBLIC).n == 0
    assert here.item(report_id)["state"] == "claimed"


def test_holds_no_codes_for_the_public(here: Crisis):
    here.post()
    assert here.board(Audience.AGENCY)["code"].all()
    assert not here.board(Audience.PUBLIC)["code"].any()


def test_gives_a_report_all_that_its_place_says(here: Crisis):
    here.put("wards", Role.AREA, ward(1, 80.15, 12.95))
    here.put("flood", Role.HAZARD, ward(7, 80.15, 12.95))
    here.put("schools", Role.SHELTER, Feature("s", "School", "", shapely.Point(80.21, 13.0), {}, "open"))
    item = here.item(here.post("rescue", **HERE))
    assert item["area"] == {"code": "W1", "name": "Ward 1"}
    assert item["hazards"] == [{"layer": "flood", "feature": "7", "name": "Ward 7"}]
    assert item["nearest_shelter"]["distance_m"] == pytest.approx(1085, abs=3)
    assert "rescue inside an official hazard zone" in item["reasons"]


def test_merges_again_what_is_placed_elsewhere(here: Crisis):
    here.put("wards", Role.AREA, ward(1, 80.15, 12.95), ward(2, 80.3, 12.95))
    report_id = here.post("rescue", **HERE)
    assert here.item(report_id)["area"]["code"] == "W1"
    acts.place(here.context, RESPONDER, report_id, None, Placement(80.35, 13.0, 50.0, "call")).result()
    assert here.item(report_id)["area"]["code"] == "W2"
    assert here.item(report_id, Audience.PUBLIC)["area"]["code"] == "W2"


@pytest.fixture
def merged_again(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Audience, list[int]]]:
    """Which rows were merged anew because a layer changed."""
    seen: list[tuple[Audience, list[int]]] = []
    plain = BoardIntake.again

    def again(self: BoardIntake, board: Any, rows: Any, *more: Any) -> Any:
        seen.append((self.audience, rows.tolist()))
        return plain(self, board, rows, *more)

    monkeypatch.setattr(BoardIntake, "again", again)
    return seen


def test_merges_again_only_what_a_changed_layer_touches(here: Crisis, merged_again: list[tuple[Audience, list[int]]]):
    for lon in (80.05, 80.25, 80.45):
        here.post("flooding", lon=lon, lat=13.05)
    here.board()
    here.put("wards", Role.AREA, ward(1, 80.0, 13.0), ward(2, 80.2, 13.0))
    here.board()
    assert merged_again == [(audience, [0, 1]) for audience in Audience]
    merged_again.clear()
    here.put("wards", Role.AREA, ward(1, 80.0, 13.0), ward(2, 80.2, 13.0, name="Renamed"))
    assert [item["area"] and item["area"]["name"] for item in here.items()] == ["Ward 1", "Renamed", None]
    assert merged_again == [(audience, [1]) for audience in Audience]
    merged_again.clear()
    here.put("wards", Role.AREA, ward(1, 80.0, 13.0), ward(2, 80.2, 13.0, name="Renamed"))
    here.board()
    assert merged_again == []


def test_forgets_an_area_that_is_gone(here: Crisis):
    report_id = here.post("flooding", **HERE)
    here.put("wards", Role.AREA, ward(1, 80.15, 12.95))
    assert here.item(report_id)["area"]["code"] == "W1"
    here.put("wards", Role.AREA)
    assert here.item(report_id)["area"] is None


def test_raises_priority_where_a_hazard_comes_and_lowers_it_where_it_goes(here: Crisis):
    report_id = here.post("other", asks=True, **HERE)
    assert here.item(report_id)["priority"] == "P4"
    here.put("flood", Role.HAZARD, ward(1, 80.15, 12.95))
    assert here.item(report_id)["priority"] == "P3"
    assert here.item(report_id)["reasons"] == ["inside an official hazard zone"]
    here.put("flood", Role.HAZARD)
    assert here.item(report_id)["priority"] == "P4"


def test_takes_the_newest_version_of_a_layer_after_a_start(here: Crisis):
    here.put("wards", Role.AREA, ward(1, 80.15, 12.95))
    here.put("wards", Role.AREA, ward(2, 80.15, 12.95))
    here.post("flooding", **HERE)
    here.board()
    again = rebuilt(here)
    assert again.layers["wards"].version == 2
    assert again.merger.facts.areas.items[again.board(Audience.AGENCY)["area"][0]].code == "W2"


def test_knows_where_the_incident_is(here: Crisis):
    assert here.context.views.situation.extent is None
    here.put("flood", Role.HAZARD, ward(1, 80.0, 12.0))
    here.board()
    assert here.context.views.situation.extent == pytest.approx((80.0, 12.0, 80.1, 12.1))
    here.put("wards", Role.AREA, ward(1, 79.0, 11.0), ward(2, 81.0, 11.0))  # what areas say counts
    here.board()
    assert here.context.views.situation.extent == pytest.approx((79.0, 11.0, 81.1, 11.1))


def test_names_who_has_claimed_to_the_agency_only(here: Crisis):
    report_id = here.post("rescue", **HERE)
    acts.claim(here.context, RESPONDER, report_id, None, minutes=5).result()
    agency, public = here.item(report_id), here.item(report_id, Audience.PUBLIC)
    assert (agency["claimed_by"], agency["claim_until"]) == ("Ravi (Boat Team 4)", "2015-12-02T06:35:00.000Z")
    assert (public["claimed_by"], public["claim_until"], public["state"]) == (None, None, "claimed")
    assert here.context.views.situation.person_name("nobody known") == "somebody"


def test_tells_each_revision_once_it_can_be_read(here: Crisis):
    seen: list[tuple[int, int]] = []
    situation = here.context.views.situation
    situation.when_moved(lambda update: seen.append((update.revision, situation.revision)))
    for _ in range(5):
        here.post()
    revision = here.board().revision
    eventually(lambda: bool(seen) and seen[-1][0] == revision)
    assert seen[-1] == (here.context.store.events.revision(),) * 2
    assert all(now >= told for told, now in seen)


def test_gives_up_waiting_for_what_does_not_come(here: Crisis):
    assert not here.context.views.situation.wait(here.context.store.events.revision() + 1, timeout_s=0.01)


def test_goes_on_after_a_failure_and_says_so_meanwhile(here: Crisis, monkeypatch: pytest.MonkeyPatch, caplog: Any):
    situation, store = here.context.views.situation, here.context.store
    failed = threading.Event()
    plain = store.events.changes

    def broken(known: int) -> Any:
        if not failed.is_set():
            failed.set()
            raise OSError("the disk is away")
        return plain(known)

    monkeypatch.setattr(store.events, "changes", broken)
    here.post("flooding", **HERE)
    assert failed.wait(5)
    assert here.board().n == 1
    assert situation.wait(store.events.revision())
    assert "could not follow" in caplog.text
    here.post("flooding", **HERE)
    assert here.board().n == 2
    assert situation.alive


def test_misses_no_layer_when_taking_it_in_fails_once(here: Crisis, monkeypatch: pytest.MonkeyPatch, caplog: Any):
    """A layer whose first merge fails is merged when it is tried again, for both audiences."""
    report_id = here.post("flooding", **HERE)
    here.board()
    plain, left = BoardIntake.again, [Audience.AGENCY]

    def once(self: BoardIntake, board: Any, rows: Any, *more: Any) -> Any:
        if self.audience in left:
            left.remove(self.audience)
            raise MemoryError("just now")
        return plain(self, board, rows, *more)

    monkeypatch.setattr(BoardIntake, "again", once)
    here.put("wards", Role.AREA, ward(1, 80.15, 12.95))
    for audience in Audience:
        assert here.item(report_id, audience)["area"] == {"code": "W1", "name": "Ward 1"}
    assert "could not follow" in caplog.text


def test_is_the_same_when_it_is_built_again(here: Crisis):
    here.put("wards", Role.AREA, ward(1, 80.15, 12.95))
    ids = [here.post("rescue", text="trapped", **HERE), here.post("medical"), here.post("flooding", **HERE)]
    acts.answer(here.context, RESPONDER, ids[0], None, note="done").result()
    board = here.board()
    again = rebuilt(here).board(Audience.AGENCY)
    assert (again.revision, again.n) == (board.revision, board.n)
    for name in ("seq", "id_low", "state", "lon", "at", "version", "updated_revision", "code"):
        assert np.array_equal(again[name], board[name], equal_nan=name == "lon")


def test_follows_many_writers(here: Crisis):
    def several() -> None:
        for _ in range(20):
            here.post("flooding", **HERE)

    threads = [threading.Thread(target=several) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert here.board().n == 80
    assert here.board()["seq"].tolist() == sorted(here.board()["seq"].tolist())


def test_keeps_a_version_without_features(here: Crisis):
    version = here.put("empty", Role.SHELTER)
    here.board()
    assert isinstance(here.context.views.situation.layers["empty"], LayerVersion)
    assert here.context.views.situation.layers["empty"].version == version.version == 1


def test_holds_each_text_once_however_often_its_state_changes(here: Crisis):
    report_id = here.post("flooding", text="zanzibar", asks=True, **HERE)
    here.board()
    heap = here.context.views.situation.heap
    size = len(heap)
    for _ in range(5):
        acts.claim(here.context, RESPONDER, report_id, None).result()
        acts.release(here.context, RESPONDER, report_id, None).result()
        here.board()
    assert len(heap) == size
    assert heap.content().count(b"zanzibar") == 1


def test_overwrites_a_removed_text_when_the_last_audience_has_lost_it(here: Crisis):
    report_id = here.post("flooding", text="zanzibar", consent={"publish": True}, **HERE)
    public = here.board(Audience.PUBLIC)
    heap = here.context.views.situation.heap
    assert heap.take(int(public["text_at"][0]), int(public["text_len"][0])) == b'"zanzibar"'
    acts.withhold(here.context, RESPONDER, report_id, None, reason="a name").result()
    assert here.item(report_id, Audience.PUBLIC)["text"] is None
    assert here.item(report_id)["text"] == "zanzibar", "staff still read it"
    acts.reconsider(here.context, RESPONDER, report_id, None).result()
    assert here.item(report_id, Audience.PUBLIC)["text"] == here.item(report_id)["text"] == "zanzibar"
    here.context.store.reports.erase(report_id, EventDraft("report.erase", report_id, "", here.clock())).result()
    here.board()
    assert b"zanzibar" not in heap.content(), "older boards cannot read it either"
