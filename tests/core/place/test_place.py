"""Places: what is refused, what is doubted, and the cell that is published."""

from __future__ import annotations

import math

import h3
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crisismap.core.errors import Invalid
from crisismap.core.place.geodesy import distance_m
from crisismap.core.place.place import (
    cell_place,
    check_coordinates,
    place_flags,
    read_bbox,
    turned_to,
    unrolled,
    within,
)

CHENNAI = (80.0, 12.9, 80.4, 13.3)
FIJI = (176.0, -20.0, -178.0, -12.0)  # over the antimeridian
LON, LAT = st.floats(-180, 180), st.floats(-90, 90)


@pytest.mark.parametrize(
    ("lon", "lat", "field"),
    [
        (None, 13.0, "lon"),
        (80.0, None, "lat"),
        (math.nan, 13.0, "lon"),
        (80.0, math.inf, "lat"),
        (-math.inf, 0.0, "lon"),
        (180.0000001, 0.0, "lon"),
        (-181.0, 0.0, "lon"),
        (0.0, 90.0000001, "lat"),
        (0.0, -91.0, "lat"),
    ],
)
def test_refuses_what_is_no_point_on_earth(lon: float | None, lat: float | None, field: str):
    with pytest.raises(Invalid) as refusal:
        check_coordinates(lon, lat)
    assert refusal.value.field == field


@pytest.mark.parametrize(("lon", "lat"), [(None, None), (180.0, 90.0), (-180.0, -90.0), (0, 0)])
def test_takes_points_up_to_the_edge_of_the_world(lon: float | None, lat: float | None):
    check_coordinates(lon, lat)


@pytest.mark.parametrize(
    ("lon", "lat", "extent", "flags"),
    [
        (0.0, 0.0, None, ("zero_coordinates",)),
        (0.0, -1e-9, CHENNAI, ("zero_coordinates",)),
        (0.0, 0.0, (-1.0, -1.0, 1.0, 1.0), ("zero_coordinates",)),
        (0.001, 0.0, None, ()),
        (80.2, 13.0, CHENNAI, ()),
        (82.3, 15.2, CHENNAI, ()),  # beside it, within the margin
        (13.0, 80.2, CHENNAI, ("swapped_axes",)),
        (13.0, 80.2, None, ()),  # nothing says where the incident is
        (-80.2, 13.0, CHENNAI, ("far_away",)),
        (80.2, -13.0, CHENNAI, ("far_away",)),
        (120.0, 13.0, CHENNAI, ("far_away",)),
        (179.0, -17.0, FIJI, ()),
        (-179.0, -17.0, FIJI, ()),
        (-177.0, -17.0, FIJI, ()),
        (175.0, -17.0, FIJI, ()),
        (0.5, -17.0, FIJI, ("far_away",)),
        (-17.0, 90.0, (80.0, -20.0, 90.0, -10.0), ("swapped_axes",)),
        (179.5, 0.0, (-179.9, -1.0, -179.0, 1.0), ()),  # the margin reaches over the antimeridian
        (-179.5, 0.0, (179.0, -1.0, 179.9, 1.0), ()),
        (10.0, 89.9, (-180.0, 85.0, 180.0, 90.0), ()),
        (-170.0, -90.0, (-180.0, -90.0, 180.0, -85.0), ()),
        (10.0, 70.0, (-180.0, 85.0, 180.0, 90.0), ("far_away",)),
    ],
)
def test_flags_a_place_that_cannot_be_believed(lon: float, lat: float, extent, flags: tuple[str, ...]):
    assert place_flags(lon, lat, extent) == flags


@given(LON, LAT, LON, LON, LAT, LAT, st.floats(0, 5))
def test_finds_a_point_in_a_box_wherever_the_map_is_cut(lon, lat, west, east, a, b, margin: float):
    south, north = sorted((a, b))
    width = (east - west) % 360 if west > east else east - west
    assume(width + 2 * margin < 360)
    offset = (lon - west + margin) % 360
    edges = (0.0, width + 2 * margin, 360.0)
    assume(min(abs(offset - edge) for edge in edges) > 1e-9)
    assume(min(abs(lat - south + margin), abs(lat - north - margin)) > 1e-9)
    inside = offset <= width + 2 * margin and south - margin <= lat <= north + margin
    assert within(lon, lat, (west, south, east, north), margin) is inside


def test_reads_a_box():
    assert read_bbox("80,12.9,80.4,13.3") == CHENNAI
    assert read_bbox("176,-20,-178,-12") == FIJI


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,0,1,1", "-181,0,1,1", "0,-91,1,1", "0,2,1,1", "0,0,inf,1"]
)
def test_refuses_what_is_no_box(text: str):
    with pytest.raises(Invalid, match="bbox"):
        read_bbox(text)


def test_unrolls_an_extent_across_180():
    assert unrolled(CHENNAI) == CHENNAI
    assert unrolled((178.0, -18.0, -178.0, -15.0)) == (178.0, -18.0, 182.0, -15.0)


@pytest.mark.parametrize(
    ("lon", "drawn", "expected"),
    [
        (-179.95, (178.0, 0.0, 182.0, 1.0), 180.05),
        (179.95, (178.0, 0.0, 182.0, 1.0), 179.95),
        (179.95, (-179.99, 0.0, -179.9, 1.0), -180.05),
        (80.25, CHENNAI, 80.25),
        (-100.0, CHENNAI, 260.0),
        (-99.9, CHENNAI[:2] + (80.0, 13.3), -99.9),
    ],
)
def test_turns_a_longitude_to_the_middle_of_a_drawn_extent(lon: float, drawn: tuple[float, ...], expected: float):
    assert turned_to(lon, drawn) == pytest.approx(expected, abs=1e-9)  # type: ignore[arg-type]


@given(LON, LAT, st.integers(0, 9))
def test_publishes_the_same_cell_for_every_point_in_it(lon: float, lat: float, resolution: int):
    c_lon, c_lat, radius = cell_place(lon, lat, resolution)
    assert cell_place(lon, lat, resolution) == (c_lon, c_lat, radius)
    assert cell_place(c_lon, c_lat, resolution) == (c_lon, c_lat, radius)
    cell = h3.latlng_to_cell(lat, lon, resolution)
    for v_lat, v_lon in h3.cell_to_boundary(cell):
        assert distance_m(c_lon, c_lat, v_lon, v_lat) <= radius
    # Two paths of rounding may put a point on an edge to either side.
    assert distance_m(c_lon, c_lat, lon, lat) <= radius + 1
    assert -180 <= c_lon <= 180
    assert -90 <= c_lat <= 90


@given(st.tuples(st.floats(80.2, 80.3), st.floats(13.0, 13.1)))
def test_publishes_far_fewer_places_than_there_are(point: tuple[float, float]):
    assert cell_place(*point, 7)[:2] in CELLS


CELLS = {
    cell_place(lon / 400, lat / 400, 7)[:2] for lon in range(80 * 400 + 70, 80 * 400 + 131) for lat in range(5190, 5251)
}
