"""It puts a point in the place of every geometry; a bad one is kept as text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from tests.channels.samples import at, collection, feature, put, rows
from tests.core.samples import taken


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "LineString", "coordinates": [[80, 13], [80.1, 13], [80.2, 13.1]]},
        {"type": "MultiLineString", "coordinates": [[[80, 13], [80.1, 13]]]},
        {"type": "Polygon", "coordinates": [[[80, 13], [81, 13], [81, 14], [80, 14], [80, 13]]]},
        {"type": "Polygon", "coordinates": [[[80, 13], [81, 14], [81, 13], [80, 14], [80, 13]]]},
        {"type": "MultiPoint", "coordinates": [[80, 13], [80.1, 13]]},
    ],
)
def test_puts_a_point_on_a_line_or_area_in_its_place(tmp_path: Path, geometry: dict[str, Any]) -> None:
    (row,) = rows(put(tmp_path, "a.geojson", collection(feature(geometry, category="other"))))
    assert row.problem is None
    assert 80 <= row.body["lon"] <= 81
    drawn = shapely.make_valid(shape(geometry))
    assert drawn.distance(shapely.Point(row.body["lon"], row.body["lat"])) < 1e-9
    assert set(row.body) == {"category", "lon", "lat", "client_id"}, "the line or area itself is not kept"
    assert row.raw["geometry"] == geometry, "except among the refused rows, as it stands in the file"


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [80]},
        {"type": "Point", "coordinates": [True, 13]},
        {"type": "Point", "coordinates": ["x", "13"]},
        {"type": "LineString", "coordinates": [[80, "x"], [81, 13]]},
        {"type": "Polygon", "coordinates": [[[80, 13]]]},
        {"type": "Blob", "coordinates": [80, 13]},
        {"coordinates": [80, 13]},
        "POINT (80 13)",
        [],
    ],
)
def test_keeps_a_feature_with_bad_geometry_and_the_geometry_as_text(tmp_path: Path, geometry: object) -> None:
    odd, good = rows(
        put(
            tmp_path,
            "a.geojson",
            collection(feature(geometry, category="rescue"), feature(at(80, 13), category="other")),
        )
    )
    report = taken(odd.body)
    assert (report.lon, report.lat, report.flags) == (None, None, ("value_unread",))
    assert report.fields["as_written"]
    assert good.problem is None


def test_reads_numbers_that_are_text_and_takes_an_empty_geometry_for_none(tmp_path: Path) -> None:
    empty = {"type": "LineString", "coordinates": []}
    found = rows(
        put(
            tmp_path,
            "a.geojson",
            collection(feature(at("80", "13"), category="other"), feature(empty, category="other", text="help")),
        )
    )
    assert [(taken(row.body).lon, taken(row.body).lat) for row in found] == [(80.0, 13.0), (None, None)]
