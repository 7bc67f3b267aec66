"""Tiles of reports are brought up to the board, per audience and selection, and let go of what is little used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crisismap.core.layer.layer import Role
from crisismap.core.place.mercator import Tile
from crisismap.core.place.place import Placement
from crisismap.core.privacy import Audience
from crisismap.situation.board.selection import ALL, Selection
from crisismap.situation.tiles import report_tiles
from crisismap.situation.tiles.report_tiles import ReportTiles
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.situation import vector_tile
from tests.situation.crisis import HERE, Crisis, crisis, ward

ZOOM = 16  # where reports of one place are drawn beside each other


@pytest.fixture
def here(tmp_path: Path, clock: FakeClock) -> Iterator[Crisis]:
    with crisis(tmp_path, clock) as opened:
        yield opened


def marks(here: Crisis, audience: Audience = Audience.AGENCY, selection: Selection = ALL) -> dict[int, dict]:
    """Row -> properties of the reports in the one tile at HERE."""
    here.board()
    at = Tile.at(HERE["lon"], HERE["lat"], ZOOM)
    revision, tile = here.context.views.tiles.tile(audience, selection, at.z, at.x, at.y, here.clock())
    assert revision == here.context.store.events.revision()
    return {mark.id: mark.properties for mark in vector_tile.read(tile).get("reports", [])}


def test_shows_new_changed_moved_and_gone_reports(here: Crisis):
    assert marks(here) == {}
    one = here.post("flooding", **HERE)
    two = here.post("rescue", text="trapped", **HERE)
    found = marks(here)
    assert set(found) == {0, 1}
    assert "priority" not in found[0]
    assert (found[1]["priority"], found[1]["state"], found[1]["overdue"]) == ("P1", "open", False)
    acts.claim(here.context, RESPONDER, two, None).result()
    assert marks(here)[1]["state"] == "claimed"
    acts.place(here.context, RESPONDER, one, None, Placement(81.0, 13.0, None, "call")).result()
    assert set(marks(here)) == {1}


def test_turns_overdue_within_ten_seconds_without_any_event(here: Crisis):
    here.post("rescue", text="trapped", **HERE)
    assert not marks(here)[0]["overdue"]
    here.clock.advance(minutes=30, seconds=10)
    assert marks(here)[0]["overdue"]


def test_draws_overdue_above_open_above_claimed_above_information(here: Crisis):
    here.post("rescue", text="trapped", **HERE)
    here.clock.advance(minutes=30, seconds=10)
    claimed, unclaimed, answered = (here.post("rescue", text="trapped", **HERE) for _ in range(3))
    here.post("flooding", **HERE)
    acts.claim(here.context, RESPONDER, claimed, None).result()
    acts.claim(here.context, RESPONDER, answered, None).result()
    acts.answer(here.context, RESPONDER, answered, None, note="done").result()
    here.post("water_food", text="no food", **HERE)
    drawn = [(each.get("priority"), each.get("state"), each["overdue"]) for each in marks(here).values()]
    assert drawn[-3:] == [("P1", "claimed", False), ("P1", "open", False), ("P1", "open", True)]
    assert drawn[0][1] is None, "information lies below all"
    assert drawn[1][1] == "answered"


def test_changes_priority_when_a_hazard_comes(here: Crisis):
    here.post("other", asks=True, **HERE)
    assert marks(here)[0]["priority"] == "P4"
    here.put("flood", Role.HAZARD, ward(1, 80.15, 12.95))
    assert marks(here)[0]["priority"] == "P3"


def test_follows_a_selection_as_rows_come_and_go(here: Crisis):
    selection = Selection(state=("open",))
    one = here.post("rescue", **HERE)
    assert set(marks(here, selection=selection)) == {0}
    acts.claim(here.context, RESPONDER, one, None).result()
    assert marks(here, selection=selection) == {}
    acts.release(here.context, RESPONDER, one, None).result()
    assert set(marks(here, selection=selection)) == {0}


def test_shows_the_public_no_sensitive_report_and_no_exact_place(here: Crisis):
    here.post("medical", **HERE)
    here.post("rescue", **HERE)
    here.board()
    public = here.context.views.tiles.index(Audience.PUBLIC, ALL, here.clock())
    assert public.count == 1
    found = marks(here)
    assert {p["place_kind"] for p in found.values()} == {"exact"}
    for mark in marks(here, Audience.PUBLIC).values():
        assert mark["place_kind"] == "cell"


def test_keeps_one_index_while_nothing_changes(here: Crisis):
    here.post("rescue", **HERE)
    here.board()
    tiles = here.context.views.tiles
    first = tiles.index(Audience.PUBLIC, ALL, here.clock())
    assert tiles.index(Audience.PUBLIC, ALL, here.clock()) is first
    assert tiles.index(Audience.AGENCY, ALL, here.clock()) is not first


def test_lets_go_of_selections_that_are_little_used(here: Crisis, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(report_tiles, "MOST", 2)
    tiles = ReportTiles(here.context.views.situation)
    first = tiles.index(Audience.PUBLIC, ALL, here.clock())
    for priority in (1, 2, 3):
        tiles.index(Audience.PUBLIC, Selection(priority=(priority,)), here.clock())
    assert tiles.index(Audience.PUBLIC, ALL, here.clock()) is not first
