"""The camera is aimed at the middle of a box, also across the antimeridian."""

from __future__ import annotations

import pytest

from crisismap.core.place.place import Extent
from crisismap.ui.map.fit_bounds import WORLD, fit_bounds


@pytest.mark.parametrize(
    ("box", "lon", "lat"),
    [
        ((80.0, 13.0, 80.4, 13.2), 80.2, 13.1),
        ((179.0, -17.0, -179.0, -16.0), 180.0, -16.5),
        ((1.0, 2.0, 1.0, 2.0), 1.0, 2.0),
    ],
)
def test_aims_at_the_middle_of_a_box(box: Extent, lon: float, lat: float) -> None:
    view = fit_bounds(box)
    assert abs(view.lon) == pytest.approx(lon, abs=0.01)
    assert view.lat == pytest.approx(lat, abs=0.01)
    assert 1 <= view.zoom <= 15


def test_shows_the_world_where_there_is_no_box() -> None:
    assert fit_bounds(None) == WORLD
