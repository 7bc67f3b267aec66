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
from crisismap.services.around.route import Route, Target, routes_to
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
MOST_PLACES = 5  # places that a text may mean
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

    `distance_m` (straight), `direction` and `route` are None without a given place.
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
    route: Route | None = None


def nearest_open(
    views: Views, now_ms: int, person: Person, lon: float, lat: float, most: int = NEAREST
) -> tuple[Shelter, ...]:
    """Return the nearest open shelters with free places, each with a route: on roads where known, else a straight line.

    Raises Invalid for coordinates out of range.
    """
    check_coordinates(lon, lat)
    open_shelters = _open_shelters(views)
    distances = dict(open_shelters.nearest(lon, lat, now_ms, most + MORE))  # number: metres
    shelters = _shelters(views.situation, now_ms, person, open_shelters, list(distances))
    targets = [Target((each.lon, each.lat), metres) for each, metres in zip(shelters, distances.values(), strict=True)]
    routes = routes_to(views, now_ms, person, (lon, lat), targets)
    candidates = [
        replace(each, distance_m=target.straight_m, direction=direction(lon, lat, *target.place), route=route)
        for each, target, route in zip(shelters, targets, routes, strict=True)
    ]
    # Those with a known route come first, then the nearest.
    order = sorted(range(len(routes)), key=lambda at: (not routes[at].by_road, routes[at].metres))
    nearest = [candidates[at] for at in order[:most]]
    # The nearest one is always included: people may know a route that the map does not have.
    if most > 1 and candidates and candidates[0] not in nearest:
        nearest[-1] = candidates[0]
    return tuple(nearest)


def of_request(
    store: Store, views: Views, clock: Clock, person: Person, report_id: str
) -> tuple[PlaceHit | None, tuple[Shelter, ...]]:
    """Return the shelters nearest to a report's place as the person may know it; none without one. Raises NotFound."""
    record = read.record(store, views, clock, person, report_id)
    if record.point is None:
        return None, ()
    place = PlaceHit("coordinates", "", record.place_kind, *record.point)
    return place, nearest_open(views, clock(), person, place.lon, place.lat)


def list_shelters(views: Views, now_ms: int, person: Person, begin: int, limit: int) -> tuple[tuple[Shelter, ...], int]:
    """Return one page of all current shelters, open or not, by id, and their total. Raises Invalid."""
    read.check_limit(limit, MAX_PAGE)
    open_shelters = _open_shelters(views)
    rows = open_shelters.now(now_ms)
    page = rows[begin : begin + limit].tolist()
    return tuple(_shelters(views.situation, now_ms, person, open_shelters, page)), len(rows)


def has_shelters(situation: Situation) -> bool:
    """Return whether a shelter layer is loaded."""
    return bool(situation.layers_of(Role.SHELTER))


def whereabouts(views: Views, rules: RuleFiles, settings: Settings, typed: str) -> tuple[PlaceHit, ...]:
    """Return places that the text may mean, most likely first: coordinates or names in layers. Raises Invalid."""
    query = " ".join(typed.split())
    if not query or len(query) > MAX_QUERY:
        raise Invalid("near", query[:MAX_QUERY], "place_not_written", most=MAX_QUERY)
    places = find_places(views, query, MOST_PLACES)
    if not places:
        suggestions = place_suggestions.places_of(views, rules, settings, query)[:MOST_PLACES]
        places = [PlaceHit("place", each.name, each.reason, each.lon, each.lat) for each in suggestions]
    if not places:
        raise Invalid("near", query, "place_unknown")
    return tuple(places)


def _shelters(
    situation: Situation, now_ms: int, person: Person, open_shelters: OpenShelters, numbers: Sequence[int]
) -> list[Shelter]:
    """Return shelters for display, without a distance."""
    board, statuses = situation.board(audience_of(person)), situation.reported_statuses
    rows_of_each = open_shelters.reports(numbers, board, telling(situation, board, "shelter", CLAIMS, now_ms))
    items = [open_shelters.items[number] for number in numbers]
    return [
        Shelter(
            layer=item.version.layer.id,
            id=item.feature.id,
            name=item.feature.name,
            lon=item.lon,
            lat=item.lat,
            status=item.status,
            open=item.is_open,
            facility=item.facility,
            # Their clock may run ahead, but details cannot be newer than now.
            as_of_ms=min(item.version.moment_ms if (at := item.facility.as_of_ms) is None else at, now_ms),
            people=_statements(board, rows, statuses),
        )
        for item, rows in zip(items, rows_of_each, strict=True)
    ]


def _statements(board: Board, rows: Rows, statuses: Sequence[str]) -> tuple[ShelterStatement, ...]:
    ms, code = last_seen(board, rows), board["reported_status"][rows]
    verified = board["verification"][rows] == VERIFIED
    statements = [
        ShelterStatement(statuses[n], int((code == n).sum()), int(verified[code == n].sum()), int(ms[code == n].max()))
        for n in np.unique(code).tolist()
    ]
    return tuple(sorted(statements, key=lambda each: (-each.last_ms, each.status)))


def _open_shelters(views: Views) -> OpenShelters:
    """Return the open shelters, computed again when a shelter layer has changed."""
    versions = views.situation.layers_of(Role.SHELTER)
    return views.caches.shelters.get(IdentityKey(*versions), lambda: OpenShelters(versions))
