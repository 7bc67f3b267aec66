"""A place is read from one cell in every usual notation; words stay words."""

from __future__ import annotations

import time

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.place.cell import geometry_of_cell, point_of_cell

CHENNAI = (79.6, 12.6, 80.4, 13.4)


@pytest.mark.parametrize(
    "text",
    [
        "POINT (80.25 13.05)",
        "point(80.25 13.05)",
        "POINT Z (80.25 13.05 4)",
        "SRID=4326;POINT(80.25 13.05)",
        shapely.to_wkb(shapely.Point(80.25, 13.05), hex=True),
        '{"type": "Point", "coordinates": [80.25, 13.05]}',
        '{"type": "Feature", "geometry": {"type": "Point", "coordinates": [80.25, 13.05, 4]}, "properties": {}}',
        "[80.25, 13.05]",
        "13.05, 80.25",
        "(13.05,80.25)",
        "13.05 80.25",
        "13,05; 80,25",
        "13.05/80.25",
        "13.05 80.25 4.2 12.0",
        "13.05,80.25,0,5",
        "13°03'N 80°15'E".replace(" ", ", "),
        "N 13.05, E 80.25",
        "80.25 E, 13.05 N",
        "geo:13.05,80.25",
    ],
)
def test_reads_one_point(text: str) -> None:
    point, says_more = point_of_cell(text, None)
    assert point == pytest.approx((80.25, 13.05))
    assert not says_more


def test_takes_the_order_that_lies_in_the_incident() -> None:
    assert point_of_cell("80.25, 13.05", CHENNAI)[0] == (80.25, 13.05)
    assert point_of_cell("13.05, 80.25", CHENNAI)[0] == (80.25, 13.05)
    assert point_of_cell("13.05, 80.25", None)[0] == (80.25, 13.05)


def test_puts_a_point_inside_an_area() -> None:
    point, _ = point_of_cell("POLYGON ((80 13, 81 13, 81 14, 80 14, 80 13))", None)
    assert point is not None
    assert 80 <= point[0] <= 81


def test_keeps_what_a_cell_says_beside_its_point() -> None:
    assert point_of_cell("blue gate, 13.0512, 80.2512", CHENNAI) == ((80.2512, 13.0512), True)


@pytest.mark.parametrize(
    "text",
    ["Ward 3", "unknown", "12 Main Street", "12/4 Cross", "POINT EMPTY", "POINT (80", "{", "[1]", "100, 200"],
)
def test_reads_no_point_in_words(text: str) -> None:
    assert point_of_cell(text, None)[0] is None


@given(st.text(max_size=60) | st.text(alphabet="0123456789.,;/ -°'\"NSEW{}[]()POINT", max_size=40))
def test_never_fails_on_any_text(text: str) -> None:
    point_of_cell(text, None)
    point_of_cell(text, CHENNAI)


@pytest.mark.parametrize(("part", "times"), [(" ", 300_000), ("1 ", 150_000), ("N", 300_000), ("POINT (", 50_000)])
def test_takes_no_time_for_a_cell_that_is_made_to_take_some(part: str, times: int) -> None:
    begun = time.process_time()
    assert point_of_cell(f"{part * times}x", CHENNAI)[0] is None
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("text", "first", "point"),
    [
        ("13.05, 80.25", "lat", (80.25, 13.05)),
        ("13.05, 80.25", "lon", (13.05, 80.25)),
        ("100.5, 13.7", "", (100.5, 13.7)),
        ("100.5, 13.7", "lat", (13.7, 100.5)),
        ("13,05 80,25", "lat", (80.25, 13.05)),
        ("13.05°; 80.25°", "lat", (80.25, 13.05)),
    ],
)
def test_takes_the_order_that_a_column_has(text: str, first: str, point: tuple[float, float]) -> None:
    assert point_of_cell(text, None, first)[0] == point


@pytest.mark.parametrize(
    ("text", "kind", "srid"),
    [
        ("POLYGON ((80 13, 81 13, 81 14, 80 13))", "Polygon", "4326"),
        ("srid=3857;point(8929000 1460000)", "Point", "3857"),
        (shapely.to_wkb(shapely.set_srid(shapely.Point(1, 2), 32644), hex=True, include_srid=True), "Point", "32644"),
        ("MULTIPOINT EMPTY", "MultiPoint", "4326"),
        ('{"type": "LineString", "coordinates": [[80, 13, 5], [81, 13, 5]]}', "LineString", "4326"),
    ],
)
def test_reads_a_whole_geometry_and_its_system(text: str, kind: str, srid: str) -> None:
    found = geometry_of_cell(text)
    assert found is not None
    assert (found[0].geom_type, found[1], found[0].has_z) == (kind, srid, False)


@pytest.mark.parametrize(
    "text", ["POLYGON ((80 13", "{}", "[80]", '{"type": "Point"}', "0101zz", "point of interest", ""]
)
def test_reads_no_geometry_in_half_of_one(text: str) -> None:
    assert geometry_of_cell(text) is None
