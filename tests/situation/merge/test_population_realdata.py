"""People under a polygon, on the census tracts of New York; their land stands in for people, whom no set here has."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point

from crisismap.core.layer.layer import Layer, Role
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.read import read_layer
from crisismap.situation.merge.population import PopulationAreas

pytestmark = pytest.mark.realdata

STATE_PLANE = "EPSG:2263"


def test_agrees_with_geopandas_on_2166_tracts(shared_data: Path):
    layer, mapping = Layer("tracts", "Tracts", Role.AREA), LayerMapping(population_field="ALAND")
    folder = shared_data / "nyc_311_2025" / "census_tracts"
    version = read_layer(folder, layer=layer, mapping=mapping, now_ms=0)
    made = PopulationAreas(version)
    assert len(made) == 2166
    harbour = gpd.GeoSeries([Point(-73.95, 40.72)], crs="EPSG:4326").to_crs(STATE_PLANE).buffer(20_000)  # feet
    circle = harbour.to_crs("EPSG:4326")

    tracts = gpd.read_file(folder / "nyc_tracts_2018.shp").to_crs(STATE_PLANE)
    shares = tracts.intersection(harbour.iloc[0]).area / tracts.area
    (found,) = made.under(np.array([circle.iloc[0]], dtype=object))
    assert found is not None
    assert found.people == pytest.approx(float((shares * tracts["ALAND"]).sum()), rel=1e-5)
    assert found.covered == pytest.approx(
        tracts.intersection(harbour.iloc[0]).area.sum() / harbour.area.iloc[0], rel=1e-4
    )

    (everybody,) = made.under(np.array([circle.iloc[0].buffer(5)], dtype=object))
    assert everybody is not None and everybody.people == pytest.approx(float(tracts["ALAND"].sum()), rel=1e-9)
