"""A file name becomes an id that a layer may have."""

from __future__ import annotations

import pytest

from crisismap.ui.layers.layer_upload import id_from


@pytest.mark.parametrize(
    ("name", "layer_id"),
    [
        ("Flood Zones (2015).geojson", "flood-zones-2015"),
        ("../../x.zip", "x"),
        ("....", ""),
        ("a" * 99 + ".kml", "a" * 64),
    ],
)
def test_makes_an_id_of_a_file_name(name: str, layer_id: str) -> None:
    assert id_from(name) == layer_id
