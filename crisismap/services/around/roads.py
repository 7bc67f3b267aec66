"""The road nearest to a place, its official status, and what reports say about it."""

from __future__ import annotations

from dataclasses import dataclass

from crisismap.core.layer.layer import Feature, Role
from crisismap.core.moment import HOUR_MS
from crisismap.core.people.identity import id_bytes
from crisismap.core.privacy import Audience
from crisismap.rule_files import RuleFiles
from crisismap.services.runtime.views import Views
from crisismap.situation.board.near import rows_near_place
from crisismap.situation.merge.disagreement import REPORT_ROAD_OPEN, REPORT_ROAD_SHUT
from crisismap.situation.merge.layer_frame import plain_status
from crisismap.situation.merge.vicinity import metres_between
from crisismap.situation.situation import Situation

_CATEGORY = "transport"


@dataclass(frozen=True, slots=True)
class Testimony:
    """How many reports say something, and when the last was observed (ms UTC; 0 for none)."""

    reports: int = 0
    last_ms: int = 0


@dataclass(frozen=True, slots=True)
class NearestRoad:
    """A road near a place. `status` is the layer's value, "" without one."""

    layer: str
    title: str
    feature: str
    name: str
    distance_m: float
    status: str
    loaded_ms: int
    blocked: Testimony
    passable: Testimony


def nearest_road(
    views: Views, rules: RuleFiles, audience: Audience, lon: float, lat: float, now_ms: int, *, besides: str
) -> NearestRoad | None:
    """Return the nearest road of all transport layers; None if none is within the rule's distance.

    `besides` is the id of the report in question, which is not counted as a statement.
    """
    within = rules.surroundings.road.within_m
    indexes = views.caches.roads.of(views.situation.layers_of(Role.TRANSPORT))
    candidates = [(each, near[0]) for each in indexes if (near := each.near(lon, lat, within, now_ms))]
    if not candidates:
        return None
    index, (road, metres) = min(candidates, key=lambda each: (each[1][1], each[0].version.layer.id))
    blocked, passable = _testimonies(views.situation, rules, audience, road, (lon, lat), now_ms, besides)
    version = index.version
    return NearestRoad(
        layer=version.layer.id,
        title=version.layer.title,
        feature=road.id,
        name=road.name or road.id,
        distance_m=metres,
        status=plain_status(road.status),
        loaded_ms=version.moment_ms,
        blocked=blocked,
        passable=passable,
    )


def _testimonies(
    situation: Situation,
    rule_files: RuleFiles,
    audience: Audience,
    road: Feature,
    place: tuple[float, float],
    now_ms: int,
    besides: str,
) -> tuple[Testimony, Testimony]:
    """Return the statements that it is blocked and that it is open, from the audience's own board."""
    rules, board = rule_files.surroundings.road, situation.board(audience)
    rows = rows_near_place(board, *place, rules.reports_m)
    categories = tuple(situation.rules.categories)
    if _CATEGORY not in categories:
        return Testimony(), Testimony()
    kind = categories.index(_CATEGORY)
    own_row = board.row_of_id(id_bytes(besides) or b"")
    recent = board["at"][rows] >= now_ms - rules.reports_hours * HOUR_MS
    rows = rows[(board["category"][rows] == kind) & recent & (rows != (-1 if own_row is None else own_row))]
    moments: dict[bool, list[int]] = {True: [], False: []}  # whether it is blocked: when that was observed
    for row in rows.tolist():
        status = plain_status(situation.reported_statuses[int(board["reported_status"][row])])
        if status in REPORT_ROAD_SHUT | REPORT_ROAD_OPEN and road.geometry is not None:
            metres = metres_between(road.geometry, float(board["lon"][row]), float(board["lat"][row]))
            if metres <= rules.beside_m:
                moments[status in REPORT_ROAD_SHUT].append(int(board["at"][row]))
    blocked, passable = (Testimony(len(times), max(times, default=0)) for times in moments.values())
    return blocked, passable
