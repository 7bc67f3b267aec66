"""GeoJSON geometry: what cannot be built is left out, and why is said."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.layers.normalise.coordinates import BadGeometry, Builder, positions
from tests.layers.samples import SQUARE, collection, feature, point, polygon, read


def test_refuses_collections_nested_too_deeply() -> None:
    geometry: dict[str, object] = point(80, 13)
    for _ in range(20):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    with pytest.raises(Invalid, match="nested too deeply"):
        read(collection(feature(geometry)))


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        (None, "no geometry"),
        (point("80", "13"), "numbers"),
        (point(None, 13), "numbers"),
        (point(True, 13), "numbers"),
        (point(80, False), "numbers"),
        ({"type": "LineString", "coordinates": [[80, 13], [81, 14], [True, 15]]}, "numbers"),
        ({"type": "Point", "coordinates": [80]}, "two numbers"),
        ({"type": "Point", "coordinates": []}, "no geometry"),
        ({"type": "Blob", "coordinates": [80, 13]}, "Blob"),
        ({"type": "LineString", "coordinates": [[80, 13]]}, "two positions"),
        (polygon([[80, 13], [81, 13]]), "three different"),
        (polygon([[80, 13], [80, 13], [80, 13], [80, 13]]), "beyond repair"),
        ({"type": "LineString", "coordinates": [[80, 13], [80, 13]]}, "beyond repair"),
        (point(361, 13), "outside"),
        (point(10**400, 13), "finite"),
        ("POINT (80 13)", "not an object"),
    ],
)
def test_leaves_out_a_feature_with_bad_geometry_and_says_why(geometry: object, why: str) -> None:
    version = read(collection(feature(point(80, 13)), feature(geometry), feature(point(80, 12))))
    assert (len(version.features), version.refused) == (2, 1)
    assert why in version.notes[0]
    assert version.notes[0].endswith("row 2")


def test_drops_heights_even_ragged_ones() -> None:
    ring = [[80, 13, 5], [80.1, 13], [80.1, 13.1, 7], [80, 13, 5]]
    geometry = read(collection(feature(polygon(ring)))).features[0].geometry
    assert geometry is not None
    assert not geometry.has_z


def test_tells_that_a_ring_was_closed() -> None:
    open_, closed = Builder(), Builder()
    assert open_.build(polygon(SQUARE[:-1])) == closed.build(polygon(SQUARE))
    assert (open_.repaired, closed.repaired) == (True, False)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "MultiPoint", "coordinates": []},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "GeometryCollection", "geometries": [None, {"type": "Point", "coordinates": []}]},
    ],
)
def test_makes_nothing_of_what_is_empty(geometry: object) -> None:
    assert Builder().build(geometry) is None


@pytest.mark.parametrize(
    "coordinates", [[[True, False]], [[80, None]], ["80,13"], {"lon": 80}, [[80]], [[80, 13], [80, "13"]]]
)
def test_refuses_positions_that_are_no_numbers(coordinates: object) -> None:
    with pytest.raises(BadGeometry):
        positions(coordinates)


def test_drops_what_comes_after_longitude_and_latitude() -> None:
    assert positions([[80, 13, 5, 9], [81, 14]]).tolist() == [[80, 13], [81, 14]]
    assert positions([]).shape == (0, 2)
