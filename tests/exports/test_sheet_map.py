"""The small map of a printed sheet, drawn by PDFium."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from shapely.affinity import translate
from shapely.geometry import GeometryCollection, LineString, Point, Polygon, box

from crisismap.exports.sheet_map import STYLE, Shape
from tests.exports.sheets import SHAPES, WARD, entry, made, sheet
from tests.paper import dark, drawn, pages


def test_draws_the_map_from_layers_and_numbers() -> None:
    with_map = made(sheet(entry(), entry(point=(80.2, 13.01)), entry(point=None)))
    bare = made(sheet(entry(point=None), shapes=()))
    frame = (40, 95, 555, 355)
    assert dark(drawn(with_map), frame) > dark(drawn(bare), frame) + 1500
    assert "St. Mary's School" in pages(with_map)[0]
    assert "1 km N up" in pages(with_map)[0]
    assert "Hatched: official hazard" in pages(with_map)[0]
    assert "Hatched" not in pages(bare)[0]
    assert b"/Subtype /Image" not in with_map, "drawn, not a picture"


@pytest.mark.parametrize("kind", STYLE)
def test_draws_every_kind_of_shape(kind: str) -> None:
    bare = dark(drawn(made(sheet(shapes=()))))
    shape = Point(80.21, 13.005) if kind == "shelter" else Polygon(box(80.2, 13.0, 80.22, 13.01).exterior)
    assert dark(drawn(made(sheet(shapes=(Shape(kind, shape),))))) > bare + 30


@pytest.mark.parametrize(
    "shape",
    [
        GeometryCollection([Point(80.2, 13), LineString([(80.2, 13), (80.21, 13)])]),
        Polygon(),
        box(-180, -90, 180, 90),
        LineString([(-180, 13), (180, 13)]),
        Polygon([(80.2, 13), (80.21, 13.01), (80.21, 13), (80.2, 13.01)]),
        Point(0, 0),
    ],
    ids=["mixed", "empty", "world", "round the world", "bow tie", "far"],
)
@pytest.mark.parametrize("kind", ["hazard", "area", "shelter", "road_closed"])
def test_draws_odd_shapes_or_leaves_them_out(shape: Any, kind: str) -> None:
    assert "page 1 of 1" in pages(made(sheet(entry(), shapes=(Shape(kind, shape, "x"),))))[0]


@pytest.mark.parametrize("where", [(80.2, 13.0, 80.2, 13.0), (-180, -90, 180, 90), (179.9, 89.9, 180, 90)])
def test_draws_a_box_of_any_size(where: tuple[float, float, float, float]) -> None:
    assert "N up" in pages(made(sheet(entry(), box=where)))[0]


def test_draws_a_map_across_180_as_it_draws_one_elsewhere() -> None:
    """The same ward moved so that 180 degrees run through it, its shapes cut there."""
    turn = 180 - 80.21
    west, south, east, north = WARD
    shapes = tuple(replace(shape, geometry=cut(translate(shape.geometry, turn))) for shape in SHAPES)
    points = ((80.195, 13.0), (80.225, 13.01))
    wrapped = [((lon + turn + 180) % 360 - 180, lat) for lon, lat in points]
    assert [lon > 0 for lon, _ in wrapped] == [True, False]
    here = made(sheet(*(entry(point=point) for point in points)))
    across = made(
        sheet(*(entry(point=p) for p in wrapped), shapes=shapes, box=(west + turn, south, east + turn, north))
    )
    assert dark(drawn(across)) == pytest.approx(dark(drawn(here)), rel=0.01)
    one_side = made(sheet(*(entry(point=p) for p in wrapped), shapes=(), box=(west + turn, south, east + turn, north)))
    assert dark(drawn(one_side)) < dark(drawn(here)) * 0.95


def cut(shape: Any) -> Any:
    """A shape that runs on past 180 degrees as layers hold it."""
    beyond = translate(shape.intersection(box(180, -90, 360, 90)), -360)
    return shape.intersection(box(-180, -90, 180, 90)).union(beyond)


def test_leaves_the_map_out_where_there_is_nothing_to_draw() -> None:
    assert "N up" not in pages(made(replace(sheet(entry(point=None)), box=None)))[0]


NAMES = ["Adyar", "ولاية كسلا", "வேளச்சேரி", "x" * 300, "救命", "a \u202egnp", " ", "\u0301"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["here", "shelter", "context", "road"])
def test_writes_names_of_any_script_and_length(name: str, kind: str) -> None:
    line = LineString([(80.191, 13.0), (80.229, 13.0)])
    shape = Point(80.21, 13.005) if kind == "shelter" else box(*WARD) if kind == "here" else line
    named, bare = (made(sheet(shapes=(Shape(kind, shape, each),))) for each in (name, ""))
    words = pages(named)[0]
    if name in NAMES[:3]:  # read back, the letters of some scripts stand in another order
        assert dark(drawn(named)) > dark(drawn(bare)) + 20
    assert "x" * 40 not in words, "a long name is shortened"
    assert "\ufffd" not in words, "a name that the fonts lack is left out"


def test_lays_no_name_on_another_and_the_important_one_first() -> None:
    places = tuple(Shape("context", Point(80.21, 13.005), f"Place {number}") for number in range(500))
    words = pages(made(sheet(shapes=(*places, Shape("shelter", Point(80.21, 13.0052), "School")))))[0]
    assert "School" in words
    assert words.count("Place ") <= 1


def test_keeps_names_off_the_requests() -> None:
    crowd = sheet(entry(point=(80.21, 13.005)), shapes=(Shape("context", Point(80.21, 13.005), "Temple"),))
    assert "Temple" not in pages(made(crowd))[0]


def test_names_a_street_of_many_parts_once() -> None:
    parts = tuple(
        Shape("road", LineString([(80.19, 12.99 + at / 400), (80.23, 12.99 + at / 400)]), "Anna Salai")
        for at in range(10)
    )
    assert pages(made(sheet(shapes=parts)))[0].count("Anna Salai") == 1
