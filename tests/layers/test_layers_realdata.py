"""It reads the real official layers, quirks and all."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import shapely

from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import read

pytestmark = pytest.mark.realdata


def test_reads_census_tracts_in_another_system(shared_data: Path) -> None:
    version = read(shared_data / "nyc_311_2025" / "census_tracts")
    assert (len(version.features), version.refused) == (2166, 0)
    others = "STATEFP, COUNTYFP, TRACTCE, AFFGEOID, LSAD, ALAND, AWATER"
    unused = f"other columns, kept with the features, not used: 7 ({others})"
    assert version.notes == ("reprojected from NAD83 to WGS 84", unused)
    assert version.bounds() == pytest.approx((-74.26, 40.50, -73.70, 40.92), abs=0.01)
    assert {len(item.code) for item in version.features} == {11}


def test_reads_wards(shared_data: Path) -> None:
    version = read(shared_data / "chennai_2015" / "wards.geojson")
    assert (len(version.features), version.refused) == (201, 0)
    assert len({item.id for item in version.features}) == 201
    assert "Ward 119" in {item.name for item in version.features}


def test_reads_districts_with_their_codes_as_text(shared_data: Path) -> None:
    version = read(shared_data / "nepal_2015" / "districts_pcode_damage.geojson")
    assert len(version.features) == 75
    assert ("C-BAG-23", "Sindhupalchok") in {(item.code, item.name) for item in version.features}


def test_notes_the_two_swapped_camps(shared_data: Path) -> None:
    version = read(shared_data / "nepal_2015" / "displacement_sites.geojson")
    assert len(version.features) == 34
    assert version.notes[0] == "longitude and latitude look swapped, left as they are: rows 1, 17"
    assert "“Total Households”: a number of people" in version.warnings[0]


def test_reads_flooded_neighbourhoods(shared_data: Path) -> None:
    name = "bpbd_flooded_areas_2017-02-21T13.geojson"
    version = read(shared_data / "petabencana_jakarta_2017" / name)
    assert len(version.features) == 168
    assert all(len(item.id) == 16 and item.geometry.is_valid for item in version.features if item.geometry)


def test_reprojects_feet_of_the_state_plane(shared_data: Path, tmp_path: Path) -> None:
    """The file has each point twice: in degrees, and in US feet of EPSG:2263."""
    with (shared_data / "nyc_311_2025" / "water_complaints_2025-06-10_12.csv").open(newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["latitude"]]
    table = tmp_path / "feet.csv"
    lines = [f"{r['x_coordinate_state_plane']},{r['y_coordinate_state_plane']}" for r in rows]
    table.write_text("x,y\n" + "\n".join(lines) + "\n")
    version = read(table, LayerMapping(crs="EPSG:2263"))
    assert len(version.features) == len(rows) == 726
    for row, item in zip(rows, version.features, strict=True):
        there = shapely.Point(float(row["longitude"]), float(row["latitude"]))
        assert item.geometry is not None
        assert item.geometry.distance(there) < 1e-5
