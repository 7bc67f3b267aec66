"""The place of a feature is its point, or one on it; odd coordinates stay as they are."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.channels.file.position import geometry_text, point_of_geometry

SQUARE = {"type": "Polygon", "coordinates": [[[80, 13], [81, 13], [81, 14], [80, 14], [80, 13]]]}


@pytest.mark.parametrize(
    ("geometry", "point"),
    [
        ({"type": "Point", "coordinates": [80.25, 13.05, 4]}, (80.25, 13.05)),
        ({"type": "Point", "coordinates": ["NaN", 13.05]}, ("NaN", 13.05)),
        ({"type": "Point", "coordinates": []}, None),
        (SQUARE, (80.5, 13.5)),
    ],
)
def test_gives_a_point(geometry: dict[str, Any], point: tuple[Any, Any] | None) -> None:
    assert point_of_geometry(geometry) == point


@pytest.mark.parametrize("geometry", [[80, 13], {"type": "Point", "coordinates": [80]}, {"type": "Circle"}])
def test_says_that_a_geometry_cannot_be_read(geometry: Any) -> None:
    with pytest.raises(ValueError, match="not|needs"):
        point_of_geometry(geometry)
    assert geometry_text(geometry).startswith(("[", "{"))
