"""It reads feeds and workbooks in the sandbox: entries, rows and codes as their makers wrote them."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Malformed
from tests.layers.samples import read

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss"><title>Gauges</title>
<entry><id>g-1</id><title>Adyar 4.2 m</title><updated>2015-12-02T06:00:00Z</updated>
<link href="https://met.example.org/1"/>{}</entry></feed>"""


@pytest.mark.parametrize(
    ("where", "kind", "bounds"),
    [
        ("<georss:point>13.05 80.25</georss:point>", "Point", (80.25, 13.05, 80.25, 13.05)),
        ("<georss:line>13 80 13.1 80.1</georss:line>", "LineString", (80, 13, 80.1, 13.1)),
        ("<georss:polygon>13 80 13 80.1 13.1 80.1 13 80</georss:polygon>", "Polygon", (80, 13, 80.1, 13.1)),
        ("<georss:box>13 80 13.1 80.1</georss:box>", "Polygon", (80, 13, 80.1, 13.1)),
    ],
)
def test_reads_georss_which_is_written_latitude_first(where: str, kind: str, bounds: tuple[float, ...]):
    (feature,) = read(ATOM.format(where).encode()).features
    assert (feature.id, feature.name) == ("g-1", "Adyar 4.2 m")
    assert (feature.geometry.geom_type, feature.geometry.bounds) == (kind, bounds)


def test_keeps_an_entry_without_a_place():
    (feature,) = read(ATOM.format("").encode()).features
    assert feature.geometry is None


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (ATOM.format("").encode()[:-30], "cut off"),
        (b"<!DOCTYPE html><html><body>Sorry</body></html>", "web page"),
        (b"<html><body>Sorry</body></html>", "web page"),
        (b'<!DOCTYPE rss [<!ENTITY x "y">]><rss/>', "document type"),
        (b"<rss>" + b" " * 5000 + b'<!DOCTYPE a [<!ENTITY x "y">]></rss>', "cut off"),
    ],
)
def test_refuses_what_is_no_whole_feed(data: bytes, named: str):
    with pytest.raises(Malformed, match=named):
        read(data)


RSS = """<rss version="2.0" xmlns:georss="http://www.georss.org/georss"><channel><title>t</title>
<item><title>road closed, place to follow</title><guid>a</guid>{}</item>
<item><title>bridge out</title><guid>b</guid><georss:point>13.01 80.21</georss:point></item></channel></rss>"""


@pytest.mark.parametrize(
    ("where", "note"),
    [
        ("<georss:point> </georss:point>", ""),
        ("<georss:point>to follow</georss:point>", "a place cannot be used, row 1: point 'to follow' cannot be read"),
        ("<georss:point>130 80</georss:point>", "listed without its place, coordinates outside longitude"),
        ("<georss:polygon>13 80 13 80 13 80</georss:polygon>", "listed without its place, a polygon"),
    ],
)
def test_lists_an_entry_without_a_usable_place_and_places_the_others(where: str, note: str):
    version = read(RSS.format(where).encode())
    assert [(f.id, f.geometry is None) for f in version.features] == [("a", True), ("b", False)]
    assert (version.refused, version.unlocated) == (0, 1)
    assert [text.startswith(note) for text in version.notes] == ([True] if note else [])


def test_all_places_of_an_entry_count_on_the_map():
    two = "".join(f"<georss:polygon>{n} 80 {n} 81 {n + 1} 81 {n} 80</georss:polygon>" for n in (13, 15))
    version = read(RSS.format(two).encode())
    geometry = version.features[0].geometry
    assert geometry is not None
    assert (geometry.geom_type, geometry.bounds, version.unlocated) == ("MultiPolygon", (80, 13, 81, 16), 0)


@pytest.mark.parametrize(
    ("where", "kind", "bounds"),
    [
        (
            "<georss:point>13 80</georss:point><georss:point>13.2 80.3</georss:point>",
            "MultiPoint",
            (80, 13, 80.3, 13.2),
        ),
        (
            "<georss:point>13 80</georss:point><georss:box>13.1 80.1 13.2 80.2</georss:box>",
            "GeometryCollection",
            (80, 13, 80.2, 13.2),
        ),
        (
            "<georss:line>13 80 13.1 80.1</georss:line><georss:line>13.2 80.2 13.3 80.3</georss:line>",
            "MultiLineString",
            (80, 13, 80.3, 13.3),
        ),
        (
            "<georss:polygon>13 80 13 80.1 13.1 80.1 13 80</georss:polygon><georss:polygon>nowhere</georss:polygon>"
            "<georss:polygon>14 81 14 81.1 14.1 81.1 14 81</georss:polygon>",
            "MultiPolygon",
            (80, 13, 81.1, 14.1),
        ),
    ],
)
def test_several_places_of_one_entry_are_one_geometry(where: str, kind: str, bounds: tuple[float, ...]):
    found = read(ATOM.format(where).encode())
    (feature,) = found.features
    assert (feature.geometry.geom_type, feature.geometry.bounds) == (kind, bounds)
    assert any("nowhere" in note for note in found.notes) is ("nowhere" in where)


def test_draws_a_circle_in_the_sandbox():
    version = read(RSS.format("<georss:circle>13 80 1000</georss:circle>").encode())
    assert version.features[0].geometry is not None, version.notes
