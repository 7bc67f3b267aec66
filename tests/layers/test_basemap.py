"""The offline basemap: a PMTiles file made by GDAL, read tile by tile."""

from __future__ import annotations

import geopandas
import pyogrio
import pytest
from shapely.geometry import box

from crisismap.core.errors import Malformed
from crisismap.layers.basemap import open_basemap


@pytest.fixture
def street_map(tmp_path):
    path = tmp_path / "area.pmtiles"
    shapes = geopandas.GeoDataFrame({"name": ["block"]}, geometry=[box(80.2, 13.0, 80.3, 13.1)], crs="EPSG:4326")
    pyogrio.write_dataframe(shapes.to_crs(3857), path, driver="PMTiles", layer="water", MINZOOM=0, MAXZOOM=8)
    return path


def test_reads_a_tile_and_says_what_it_holds(street_map):
    found = open_basemap(street_map)
    assert found.is_vector
    assert (found.min_zoom, found.max_zoom) == (0, 8)
    tile = found.tile(8, 185, 118)
    assert tile is not None
    assert b"water" in tile  # unpacked: the layer's name stands in clear


def test_has_no_tile_outside_the_area_or_the_world(street_map):
    found = open_basemap(street_map)
    assert found.tile(8, 0, 0) is None
    assert found.tile(3, 8, 0) is None
    assert found.tile(40, 0, 0) is None


@pytest.mark.parametrize("content", [b"", b"PMTiles", b"PMTiles\x02" + bytes(200), b"PNG" * 100])
def test_refuses_what_is_no_pmtiles_file(tmp_path, content):
    path = tmp_path / "not.pmtiles"
    path.write_bytes(content)
    with pytest.raises(Malformed, match="not a PMTiles file"):
        open_basemap(path)


def test_refuses_a_folder(tmp_path):
    with pytest.raises(Malformed, match="cannot be read"):
        open_basemap(tmp_path)
