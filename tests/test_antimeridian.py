"""Row 22: an incident across 180 degrees (Fiji) and one at the pole, through everything that is told of places."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from typing import Any

import httpx
import pytest
from shapely.geometry import Point, Polygon, box

from crisismap import bootstrap
from crisismap.api.app import make_api
from crisismap.api.front import Front
from crisismap.core.layer.alert import AlertArea
from crisismap.core.place.geodesy import distance_m
from crisismap.core.privacy import Audience
from crisismap.exports.sheet import write_sheet
from crisismap.layers.normalise.warnings import _outline
from crisismap.services.exports.offline_map import area_map
from crisismap.services.exports.print_sheet import make_sheet
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.lists.search import search
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.ui.export.export_form import area_boxes
from crisismap.ui.map.fit_bounds import fit_bounds
from crisismap.web.routes import routes
from tests.api.conftest import collection, square
from tests.conftest import FakeClock
from tests.paper import pages
from tests.people import ADMIN
from tests.planted import place_of, tile_of
from tests.services.deployment import ask, opened
from tests.situation import vector_tile

LAT = -16.8
WEST_SIDE, EAST_SIDE = (179.99, LAT), (-179.99, LAT)
EDGES = (180.0, -180.0)
BESIDE = (176.5, LAT)  # of the incident, and in no district
ACROSS = f"179.5,{LAT - 1},-179.5,{LAT + 1}"
# Given once cut at 180 as RFC 7946 wants it, once running on as many programs write it, from either side.
CUT = {
    "type": "MultiPolygon",
    "coordinates": [square(178, -18, 180, -15)["coordinates"], square(-180, -18, -178, -15)["coordinates"]],
}
LAYERS = {
    "districts": ("area", collection((CUT, {"code": "T", "name": "Taveuni"}))),
    "surge": (
        "hazard",
        collection(
            (square(179.9, -17, 180.1, -16), {"id": "beyond", "name": "Beyond"}),
            (square(-180.1, -17, -179.9, -16), {"id": "before", "name": "Before"}),
            (square(171, -17, 172, -16), {"id": "elsewhere", "name": "Elsewhere"}),
        ),
    ),
    "halls": (
        "shelter",
        collection(
            ({"type": "Point", "coordinates": [-179.95, LAT]}, {"id": "near", "name": "Near", "status": "open"}),
            ({"type": "Point", "coordinates": [179.9, LAT]}, {"id": "next", "name": "Next", "status": "open"}),
            ({"type": "Point", "coordinates": [180.5, LAT]}, {"id": "on", "name": "Runs on", "status": "open"}),
        ),
    ),
}
OWN = make_api(routes())
APP = Front(OWN, OWN)
POLE = [(30.0, 89.99), (-150.0, 89.99), (0.5, -89.99), (12.0, 90.0)]


Held = tuple[Context, dict[tuple[float, float], str]]


@contextmanager
def running(folders: pytest.TempPathFactory) -> Iterator[Context]:
    with opened(folders.mktemp("edge"), FakeClock(1_449_037_800_000), CRISISMAP_RATE_LIMIT="off") as context:
        yield context
    bootstrap.install(None)


@pytest.fixture(scope="module")
def fiji(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with running(tmp_path_factory) as held:
        for layer, (role, body) in LAYERS.items():
            put_layer_bytes(held, COMMAND_LINE, layer, role, body)
        assert held.views.situation.wait(held.store.events.revision())
        places = [WEST_SIDE, EAST_SIDE, BESIDE, *((lon, LAT) for lon in EDGES)]
        yield held, {place: ask(held, lon=place[0], lat=place[1])[0] for place in places}


@pytest.fixture(scope="module")
def pole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with running(tmp_path_factory) as held:
        yield held, {place: ask(held, lon=place[0], lat=place[1])[0] for place in POLE}


def get(held: Context, path: str, staff: bool = True) -> httpx.Response:
    bootstrap.install(held)
    headers = {"authorization": f"Bearer {held.keys.admin_token}"} if staff else {}

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://edge.test") as client:
            return await client.get(path, headers=headers)

    answer = asyncio.run(go())
    assert answer.status_code in (200, 204), answer.text
    return answer


def drawn(held: Context, query: str = "", staff: bool = True) -> dict[str, list[float]]:
    features = get(held, f"/api/v1/reports.geojson{query}", staff).json()["features"]
    return {each["id"]: each["geometry"]["coordinates"] for each in features}


def marks(held: Context, z: int, columns: range, rows: range, staff: bool) -> list[tuple[int, float]]:
    """What the tiles of a zoom show in these columns: how many, and the longitude of the mark."""
    found = []
    for x in columns:
        for y in rows:
            body = get(held, f"/api/v1/tiles/{z}/{x}/{y}.mvt", staff).content
            layers = vector_tile.read(body)
            for features in (layers.get("reports", []), layers.get("clusters", [])):
                found += [(int(each.properties.get("count", 1)), place_of(each, z, x, y)[0]) for each in features]
    return found


def rows(z: int) -> range:
    """The rows of tiles round the incident."""
    y = tile_of(*EAST_SIDE, z)[1]
    return range(max(0, y - 1), min(1 << z, y + 2))


def test_takes_a_box_across_180_in_every_list_and_export(fiji: Held) -> None:
    held, ids = fiji
    near = {ids[place] for place in ids if place != BESIDE}
    for staff in (True, False):
        assert set(drawn(held, f"?bbox={ACROSS}", staff)) == near
        listed = get(held, f"/api/v1/requests?bbox={ACROSS}", staff).json()
        assert (listed["total"], {each["id"] for each in listed["items"]}) == (4, near)
        lines = get(held, f"/api/v1/reports.geojsonl?bbox={ACROSS}", staff).content.splitlines()
        assert {json.loads(line)["id"] for line in lines} == near
        table = get(held, f"/api/v1/reports.csv?bbox={ACROSS}", staff).text
        assert {each for each in ids.values() if each in table} == near
    # The same numbers the other way round are the rest of the world.
    assert set(drawn(held, f"?bbox=-179.5,{LAT - 1},179.5,{LAT + 1}")) == {ids[BESIDE]}
    assert set(drawn(held, f"?bbox=179.5,{LAT - 1},180,{LAT + 1}")) == {ids[WEST_SIDE], ids[180.0, LAT]}


def test_a_box_that_knows_no_180_would_miss_them(fiji: Held) -> None:
    held, _ = fiji
    west, south, east, north = map(float, ACROSS.split(","))
    found = [lon for lon, lat in drawn(held).values() if west <= lon <= east and south <= lat <= north]
    assert found == []


@pytest.mark.parametrize("world", ["fiji", "pole"])
def test_publishes_a_cell_round_the_place_within_the_world(world: str, request: pytest.FixtureRequest) -> None:
    held, ids = request.getfixturevalue(world)
    told, exact = drawn(held, staff=False), drawn(held)
    for (lon, lat), id_ in ids.items():
        assert exact[id_] == [lon, lat]
        x, y = told[id_]
        assert abs(x) <= 180 and abs(y) <= 90
        feature = get(held, f"/api/v1/reports/{id_}", staff=False).json()
        assert 0 < distance_m(lon, lat, x, y) <= feature["properties"]["accuracy_m"] < 3_000


def test_shows_each_point_in_one_tile_at_both_edges_of_the_world(fiji: Held) -> None:
    held, ids = fiji
    for staff in (True, False):
        for z in range(7):
            assert sum(count for count, _ in marks(held, z, range(1 << z), rows(z), staff)) == len(ids), (staff, z)
    # Beside the edge a cluster stands on the side of its members and never half way round the world.
    for z in (3, 4, 5):
        west, east = (marks(held, z, range(x, x + 1), rows(z), True) for x in (0, (1 << z) - 1))
        assert sum(count for count, _ in west) == 2
        assert all(lon < -177 for _, lon in west), "within the margin of the tile"
        assert sum(count for count, _ in east) == 3
        assert all(lon > 176 for _, lon in east)


def test_shows_what_lies_at_the_poles_in_the_outermost_tiles(pole: Held) -> None:
    held, _ = pole
    for staff in (True, False):
        for z in (0, 3):
            assert sum(count for count, _ in marks(held, z, range(1 << z), range(1 << z), staff)) == len(POLE)


def test_finds_area_hazard_and_shelter_across_180(fiji: Held) -> None:
    held, ids = fiji
    for place, id_ in ids.items():
        properties = get(held, f"/api/v1/reports/{id_}").json()["properties"]
        hazards = {each["feature"] for each in properties["hazards"]}
        if place == BESIDE:
            assert (properties["area"], hazards) == (None, set())
            continue
        assert properties["area"] is not None
        assert hazards == {"beyond", "before"}, place
        assert properties["nearest_shelter"]["id"] == "near" or place == WEST_SIDE
    nearest = get(held, f"/api/v1/shelters?lon=179.99&lat={LAT}").json()["items"]
    assert [each["id"] for each in nearest] == ["near", "next", "on"]
    for each in nearest:
        assert math.isclose(each["distance_m"], distance_m(179.99, LAT, each["lon"], each["lat"]), rel_tol=0.01)
    assert nearest[0]["distance_m"] < 7_000
    assert nearest[0]["lon"] == -179.95
    assert nearest[2]["lon"] == pytest.approx(-179.5)
    assert [each["direction"] for each in nearest[:2]] == ["east", "west"]
    assert get(held, "/api/v1/requests?area=T").json()["total"] == 4
    assert get(held, "/api/v1/shelters?near=-16.8,-179.99").json()["items"][0]["id"] == "near"


def test_searches_and_counts_across_180(fiji: Held) -> None:
    held, _ = fiji
    for query, place in (("-16.8, -179.99", EAST_SIDE), ("179.99 -16.8", WEST_SIDE), ("16.8S, 180E", (180.0, LAT))):
        [spot] = search(held.views, ADMIN, query).places
        assert (spot.lon, spot.lat) == place
    areas = {each["code"]: each for each in get(held, "/api/v1/situation").json()["by_area"]}
    assert areas["T"]["unanswered"] == 4, areas


def test_prints_an_area_across_180_as_wide_as_its_parts(fiji: Held) -> None:
    held, _ = fiji
    made = make_sheet(held.views, held.rules, held.clock(), "T", UTC)
    assert made.box == (178, -18, 182, -15)
    assert len(made.entries) == 4
    assert {"here", "hazard", "shelter"} == {shape.kind for shape in made.shapes}
    assert "elsewhere" not in {shape.name.lower() for shape in made.shapes}
    [words] = pages(write_sheet(made))
    assert "50 km" in words or "100 km" in words, "the scale of four degrees; that of the world has thousands"
    # Without an area the box is that of the areas.
    everything = make_sheet(held.views, held.rules, held.clock(), None, UTC).box
    assert everything == made.box


def test_draws_the_offline_map_of_an_area_across_180_in_one_piece(fiji: Held) -> None:
    held, _ = fiji
    for audience in Audience:
        made = area_map(held.views, held.rules, held.clock(), "T", audience, UTC)
        assert made.box == (178, -18, 182, -15)
        assert len(made.places) == 4
        assert all(179.9 < place.lon < 180.1 for place in made.places)
        shapes = {each.title: each.geometry for layer in made.layers for each in layer.features}
        assert shapes["Taveuni"].equals(box(178, -18, 182, -15)), "one piece, without a line at 180"
        assert shapes["Beyond"].bounds == pytest.approx((179.9, -17, 180.1, -16))
        assert shapes["Near"].x == pytest.approx(180.05)
        assert "Elsewhere" not in shapes


def test_zooms_to_a_found_area_and_not_to_the_world(fiji: Held) -> None:
    held, _ = fiji
    [area] = search(held.views, ADMIN, "Taveuni").places
    assert area.box == (178, -18, -178, -15)
    camera = fit_bounds(area.box)
    assert abs(camera.lon) == 180
    assert camera.zoom > 6 > fit_bounds((-180, -18, 180, -15)).zoom
    assert area_boxes(held.views.situation) == {"Taveuni": area.box}
    query = ",".join(str(value) for value in area.box or ())
    assert get(held, f"/api/v1/requests?bbox={query}").json()["total"] == 4


def test_tells_layers_within_180(fiji: Held) -> None:
    held, _ = fiji
    for layer in LAYERS:
        assert list(positions(get(held, f"/api/v1/layers/{layer}.geojson").json()["features"]))
        for lon, lat in positions(get(held, f"/api/v1/layers/{layer}.geojson").json()["features"]):
            assert abs(lon) <= 180 and abs(lat) <= 90
    assert held.views.situation.layers["surge"].repaired == 2
    assert held.views.situation.layers["surge"].refused == 0


def positions(features: list[dict[str, Any]]) -> Iterator[tuple[float, float]]:
    for each in features:
        left = [each["geometry"]["coordinates"]]
        while left:
            part = left.pop()
            if isinstance(part[0], list):
                left += part
            else:
                yield part[0], part[1]


def test_knows_what_is_far_from_an_incident_across_180(fiji: Held) -> None:
    held, _ = fiji
    west, _, east, _ = held.views.situation.extent
    assert (west, east) == (178, -178)
    id_, _ = ask(held, category="other", text="elsewhere", lon=20.0, lat=LAT)
    assert "far_away" in get(held, f"/api/v1/reports/{id_}").json()["properties"]["flags"]
    # A client of tiles knows no box that wraps: it is told the whole band.
    assert get(held, "/api/v1/tiles.json").json()["bounds"] == [-180, -18, 180, -15]


def test_takes_a_warning_that_jumps_at_180_the_short_way() -> None:
    ring = ((179.0, -18.0), (-179.0, -18.0), (-179.0, -16.0), (179.0, -16.0), (179.0, -18.0))
    whole = ((-180.0, -60.0), (180.0, -60.0), (180.0, 60.0), (-180.0, 60.0), (-180.0, -60.0))
    area = _outline(AlertArea("Taveuni", polygons=(ring,), circles=((179.99, 10.0, 50.0),))).geometry
    assert area is not None
    for lon, lat, covered in (
        (179.5, -17, True),
        (-179.5, -17, True),
        (0, -17, False),
        (-179.8, 10, True),
        (0, 10, False),
    ):
        assert area.covers(Point(lon, lat)) is covered, (lon, lat)
    assert area.bounds[0] == -180
    assert area.bounds[2] == 180
    # Straight through the numbers it covers all the rest of the world, and not the place that is warned.
    assert Polygon(ring).covers(Point(0, -17))
    world = _outline(AlertArea("World", polygons=(whole,))).geometry
    assert world is not None and world.equals(Polygon(whole))
