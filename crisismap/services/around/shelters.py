"""Official shelters with their own details, statements in reports about them, and the nearest ones to a place.

Official and unofficial information stand side by side: a report that says "full" does not change the layer's status.
Statements come from the board of the person's own audience.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from crisismap.core.clock import Clock
from crisismap.core.errors import Invalid
from crisismap.core.layer.facility import Facility
from crisismap.core.layer.layer import Role
from crisismap.core.people.person import Person
from crisismap.core.place.geodesy import direction
from crisismap.core.place.place import check_coordinates
from crisismap.core.ports import Store
from crisismap.rule_files import RuleFiles
from crisismap.services.around.route import Route, Target, ways_to
from crisismap.services.layers import place_suggestions
from crisismap.services.lists import read
from crisismap.services.lists.search import MAX_QUERY, PlaceHit, find_places
from crisismap.services.runtime.caches import IdentityKey
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.views import Views
from crisismap.settings import Settings
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.merge.open_shelters import CLAIMS, OpenShelters
from crisismap.situation.merge.statements import VERIFIED, last_seen, telling
from crisismap.situation.situation import Situation

NEAREST = 3
MAX_PAGE = 1000
MEANT = 5  # places that a text may mean
MORE = 3  # further candidates, because the nearest by road may not be the nearest in a straight line


@dataclass(frozen=True, slots=True)
class ShelterStatement:
    """What some reports say of one shelter, as a term of the rules, never free text. `last_ms` is UTC."""

    status: str
    reports: int
    verified: int  # number verified by a person
    last_ms: int


@dataclass(frozen=True, slots=True)
class Shelter:
    """A shelter for display. `as_of_ms` is when its details were valid, at latest now.

    `distance_m` (straight), `direction` and `way` are None without a given place.
    """

    layer: str
    id: str
    name: str
    lon: float
    lat: float
    status: str
    open: bool
    facility: Facility
    as_of_ms: int
    people: tuple[ShelterStatement, ...]  # newest first
    distance_m: float | None = None
    direction: str | None = None
    way: Route | None = None


def nearest_open(
    views: Views, now_ms: int, person: Person, lon: float, lat: float, most: int = NEAREST
) -> tuple[Shelter, ...]:
    """Return the nearest open shelters with free places, each with a route: on roads where known, else a straight line.

    Raises Invalid for coordinates out of range.
    """
    check_coordinates(lon, lat)
    refuges = _open_shelters(views)
    found = dict(refuges.nearest(lon, lat, now_ms, most + MORE))  # number: metres
    made = _shelters(views.situation, now_ms, person, refuges, list(found))
    targets = [Target((each.lon, each.lat), metres) for each, metres in zip(made, found.values(), strict=True)]
    ways = ways_to(views, now_ms, person, (lon, lat), targets)
    reached = [
        replace(each, distance_m=target.straight_m, direction=direction(lon, lat, *target.place), way=way)
        for each, target, way in zip(made, targets, ways, strict=True)
    ]
    # Those with a known route come first, then the nearest.
    order = sorted(range(len(ways)), key=lambda at: (not ways[at].by_road, ways[at].metres))
    chosen = [reached[at] for at in order[:most]]
    # The nearest one is always included: people may know a route that the map does not have.
    if most > 1 and reached and reached[0] not in chosen:
        chosen[-1] = reached[0]
    return tuple(chosen)


def of_request(
    store: Store, views: Views, clock: Clock, person: Person, report_id: str
) -> tuple[PlaceHit | None, tuple[Shelter, ...]]:
    """Return the shelters nearest to a report's place as the person may know it; none without one. Raises NotFound."""
    record = read.record(store, views, clock, person, report_id)
    if record.point is None:
        return None, ()
    spot = PlaceHit("coordinates", "", record.place_kind, *record.point)
    return spot, nearest_open(views, clock(), person, spot.lon, spot.lat)


def listed(views: Views, now_ms: int, person: Person, begin: int, limit: int) -> tuple[tuple[Shelter, ...], int]:
    """Return one page of all current shelters, open or not, by id, and their total. Raises Invalid."""
    if not 1 <= limit <= MAX_PAGE:
        raise Invalid("limit", limit, "out_of_range", least=1, most=MAX_PAGE)
    refuges = _open_shelters(views)
    rows = refuges.now(now_ms)
    page = rows[begin : begin + limit].tolist()
    return tuple(_shelters(views.situation, now_ms, person, refuges, page)), len(rows)


def loaded(situation: Situation) -> bool:
    """Return whether a shelter layer is loaded."""
    return bool(situation.layers_of(Role.SHELTER))


def whereabouts(views: Views, rules: RuleFiles, settings: Settings, typed: str) -> tuple[PlaceHit, ...]:
    """Return places that the text may mean, most likely first: coordinates or names in layers. Raises Invalid."""
    query = " ".join(typed.split())
    if not query or len(query) > MAX_QUERY:
        raise Invalid("near", query[:MAX_QUERY], "place_not_written", most=MAX_QUERY)
    found = find_places(views.situation, query, MEANT)
    if not found:
        meant = place_suggestions.places_of(views, rules, settings, query)[:MEANT]
        found = [PlaceHit("place", each.name, each.reason, each.lon, each.lat) for each in meant]
    if not found:
        raise Invalid("near", query, "place_unknown")
    return tuple(found)


def _shelters(
    situation: Situation, now_ms: int, person: Person, refuges: OpenShelters, numbers: Sequence[int]
) -> list[Shelter]:
    """Return shelters for display, without a distance."""
    board, statuses = situation.board(audience_of(person)), situation.reported_statuses
    about = refuges.reports(numbers, board, telling(situation, board, "shelter", CLAIMS, now_ms))
    made = []
    for refuge, rows in zip([refuges.items[number] for number in numbers], about, strict=True):
        as_of = refuge.facility.as_of_ms
        shelter = Shelter(
            layer=refuge.version.layer.id,
            id=refuge.feature.id,
            name=refuge.feature.name,
            lon=refuge.lon,
            lat=refuge.lat,
            status=refuge.status,
            open=refuge.is_open,
            facility=refuge.facility,
            # Their clock may run ahead, but details cannot be newer than now.
            as_of_ms=min(refuge.version.moment_ms if as_of is None else as_of, now_ms),
            people=_statements(board, rows, statuses),
        )
        made.append(shelter)
    return made


def _statements(board: Board, rows: Rows, statuses: Sequence[str]) -> tuple[ShelterStatement, ...]:
    seen, word, checked = (
        last_seen(board, rows),
        board["reported_status"][rows],
        board["verification"][rows] == VERIFIED,
    )
    found = [
        ShelterStatement(statuses[n], int((word == n).sum()), int(checked[word == n].sum()), int(seen[word == n].max()))
        for n in np.unique(word).tolist()
    ]
    return tuple(sorted(found, key=lambda each: (-each.last_ms, each.status)))


def _open_shelters(views: Views) -> OpenShelters:
    """Return the open shelters, computed again when a shelter layer has changed."""
    versions = views.situation.layers_of(Role.SHELTER)
    return views.caches.shelters.get(IdentityKey(*versions), lambda: OpenShelters(versions))
