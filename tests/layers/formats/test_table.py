"""Tables: coordinates, well-known text or codes in rows of CSV, with hashtags or without."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import read


def test_reads_hashtags_below_remarks_and_names():
    table = "Flood 2015,,,\nWhere,North,East,Who\n#adm2+code,#geo+lat,#geo+lon,#org\n0033,13.05,80.25,City\n"
    (feature,) = read(table.encode()).features
    assert (feature.code, feature.geometry.bounds[:2]) == ("0033", (80.25, 13.05))
    assert feature.properties["Who"] == "City"


def test_keeps_rows_that_only_have_a_code():
    version = read(b"P-Code,Name\n0033,North\n0034,South\n")
    assert [(f.code, f.geometry) for f in version.features] == [("0033", None), ("0034", None)]
    assert "placed by its code" in version.notes[0]


def test_reads_csv_with_coordinates() -> None:
    version = read("name;lat;lon;code\nAé;27.7;85.3;007\nB;x;85.3;008\nC;27.7;85.3\n".encode())
    assert [(item.name, item.code) for item in version.features] == [("Aé", "007")]
    assert version.refused == 2
    assert any("lat: not a number (got x): row 2" in note for note in version.notes)
    assert any("3 cells under 4 column names: row 3" in note for note in version.notes)


def test_reads_csv_with_well_known_text() -> None:
    assert read(b'id,wkt\n1,"POINT (85.3 27.7)"\n').features[0].geometry is not None


def test_reads_latin1_csv_and_says_so() -> None:
    body = "name,lat,lon\nPanamá,8.9,-79.5\n".encode("latin-1")
    version = read(body)
    assert version.features[0].name == "Panamá"
    assert "line 2 is not UTF-8" in version.notes[0]
    assert read(body, LayerMapping(encoding="latin-1")).features[0].name == "Panamá"


def test_refuses_csv_without_coordinates() -> None:
    with pytest.raises(Invalid, match="no columns of coordinates.*place, code"):
        read(b"place,code\na,1\n")
