"""The crowd's side of official features: who is beside each, who agrees and who contradicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from shapely import LineString, Point, box

from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.situation.board.board import Board
from crisismap.situation.merge.crowd import Crowd, crowd
from crisismap.situation.merge.layer_index import Disagreement
from tests.situation.merge_layers import CATEGORIES, feature, layer

TOLD = ("", "open", "full", "flooded")
NAN = float("nan")


def board(*reports: tuple[float, float, str, str], at: Sequence[int] = (), disagrees: Sequence[int] = ()) -> Board:
    """A board of reports: lon, lat, category, what they say of a status."""
    n = len(reports)
    columns: dict[str, Any] = {
        "lon": np.array([r[0] for r in reports], float),
        "lat": np.array([r[1] for r in reports], float),
        "category": np.array([CATEGORIES.index(r[2]) for r in reports], np.uint8),
        "reported_status": np.array([TOLD.index(r[3]) for r in reports], np.int32),
        "at": np.array(at or [0] * n, np.int64),
        "disagrees": np.array(disagrees or [-1] * n, np.int32),
    }
    return Board(1, n, columns)


def asked(version: LayerVersion, on: Board, contradictions: Sequence[tuple[Disagreement, ...]] = ()) -> list[Crowd]:
    return crowd(version, on, CATEGORIES, TOLD, contradictions)


def test_counts_who_reports_in_a_hazard_and_how_many_say_it_is_flooded() -> None:
    zone = layer("h", Role.HAZARD, [feature("1", box(0, 0, 1, 1)), feature("2", box(5, 5, 6, 6))])
    on = board((0.5, 0.5, "flooding", ""), (0.6, 0.5, "rescue", ""), (NAN, NAN, "flooding", ""), at=[7, 3, 1])
    assert asked(zone, on) == [Crowd("1", "name 1", 2, 3, 7, 1, 0)]


def test_counts_only_what_was_said_while_the_feature_counted() -> None:
    zone = layer("h", Role.HAZARD, [feature("1", box(0, 0, 1, 1), valid_from_ms=5, valid_to_ms=6)])
    on = board(*[(0.5, 0.5, "flooding", "")] * 4, at=[4, 5, 6, 7])
    assert [(each.reports, each.first_ms, each.last_ms) for each in asked(zone, on)] == [(2, 5, 6)]


def test_takes_a_report_of_the_same_status_as_agreeing() -> None:
    hall = layer("s", Role.SHELTER, [feature("1", Point(0, 0), status="full")])
    on = board((0, 0, "shelter", "full"), (0, 0, "shelter", "open"), (0, 0, "transport", "full"))
    assert [(each.reports, each.agree) for each in asked(hall, on)] == [(3, 1)]
    road = layer("r", Role.TRANSPORT, [feature("1", LineString([(0, 0), (1, 0)]), status="closed")])
    on = board((0.5, 0, "transport", "flooded"), (0.5, 0, "transport", "open"), (0.5, 0.1, "transport", "flooded"))
    assert [(each.reports, each.agree) for each in asked(road, on)] == [(2, 1)]


def test_counts_the_contradictions_of_this_layer_only() -> None:
    hall = layer("s", Role.SHELTER, [feature("1", Point(0, 0), status="open")])
    sets = ((Disagreement("s", "1", "x"), Disagreement("other", "1", "x")), (Disagreement("other", "1", "x"),))
    on = board(*[(0, 0, "shelter", "full")] * 3, disagrees=[0, 0, 1])
    assert [each.contradict for each in asked(hall, on, sets)] == [2]


def test_asks_nobody_to_agree_with_an_area() -> None:
    wards = layer("w", Role.AREA, [feature("1", box(0, 0, 1, 1)), feature("2", box(0, 0, 2, 2))])
    found = asked(wards, board((0.5, 0.5, "flooding", ""), (1.5, 1.5, "rescue", "")))
    assert [(each.feature, each.reports, each.agree) for each in found] == [("2", 2, None), ("1", 1, None)]
