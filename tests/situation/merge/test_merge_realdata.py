"""The merge on the real sets: Jakarta 2017, Chennai 2015, Nepal 2015."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from crisismap.core.layer.layer import Role
from crisismap.situation.merge.merge import Merger
from tests.situation.merge_layers import areas, asked, feature, hazards, layer, shelters

pytestmark = pytest.mark.realdata


def read(path: Path) -> list[tuple[dict[str, Any], BaseGeometry]]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    mended = [shapely.make_valid(shape(f["geometry"])) for f in features]
    return [(f["properties"], geometry) for f, geometry in zip(features, mended, strict=True)]


def test_finds_the_jakarta_reports_in_flooded_neighbourhoods(shared_data: Path) -> None:
    folder = shared_data / "petabencana_jakarta_2017"
    reports = [r for day in (20, 21, 22) for r in read(folder / f"reports_2017-02-{day}.geojson")]
    assert len(reports) == 1204
    # The files write local time (UTC+7) without an offset, so local texts compare as they stand.
    before = [g for p, g in reports if "2017-02-21" <= p["created_at"] < "2017-02-21T13:00"]
    assert len(before) == 852
    flooded = read(folder / "bpbd_flooded_areas_2017-02-21T13.geojson")
    assert len(flooded) == 168
    features = [feature(str(p["geom_id"]), g) for p, g in flooded]
    found = hazards(Merger([layer("bpbd", Role.HAZARD, features)]).merge(asked(*shapely.get_coordinates(before).T)))
    assert sum(bool(h) for h in found) == 346
    assert len({name for h in found for name in h}) == 162


def test_finds_the_chennai_streets_in_wards(shared_data: Path) -> None:
    folder = shared_data / "chennai_2015"
    streets = [g for _, g in read(folder / "flooded_streets_2015-12-02.geojson")]
    assert len(streets) == 2350
    wards = [feature(str(p["Ward_No"]), g, name=p["Zone_Name"]) for p, g in read(folder / "wards.geojson")]
    at = shapely.get_coordinates(shapely.point_on_surface(streets))
    found = areas(Merger([layer("wards", Role.AREA, wards)]).merge(asked(*at.T)))
    assert sum(name is not None for name in found) == 2065


def test_takes_the_nepal_camps_with_swapped_axes_without_harm(shared_data: Path) -> None:
    folder = shared_data / "nepal_2015"
    camps = [feature(str(i), g) for i, (_, g) in enumerate(read(folder / "displacement_sites.geojson"))]
    districts = [
        feature(str(i), g, code=p["ocha_pcode"])
        for i, (p, g) in enumerate(read(folder / "districts_pcode_damage.geojson"))
    ]
    merger = Merger([layer("camps", Role.SHELTER, camps), layer("districts", Role.AREA, districts)])
    x, y = shapely.get_coordinates([f.geometry for f in camps]).T
    merged = merger.merge(asked(x, y))
    arctic = y > 80
    assert arctic.sum() == 2
    assert [found is None for found in areas(merged)] == arctic.tolist()
    assert all(found is not None for found in shelters(merged))
    assert np.nanmax(merged.shelter_m) < 0.01  # every camp is its own nearest
