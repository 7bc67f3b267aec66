"""The deployment's basemap: an imported file goes before the online one, and a bad file leaves the old one."""

from __future__ import annotations

import shutil
from dataclasses import replace

import geopandas
import pyogrio
import pytest
from shapely.geometry import box

from crisismap import bootstrap
from crisismap.core.errors import Malformed
from crisismap.services.layers.basemap import TILES, addresses, basemap, put_basemap
from crisismap.settings import read_settings

ONLINE = "https://tiles.example.org/{z}/{x}/{y}.png"


@pytest.fixture
def context(tmp_path):
    settings = read_settings({"CRISISMAP_DATA_DIR": str(tmp_path / "data"), "CRISISMAP_TILE_URL": ONLINE})
    with bootstrap.opened(settings) as opened:
        yield opened


@pytest.fixture
def area(tmp_path):
    path = tmp_path / "area.pmtiles"
    shapes = geopandas.GeoDataFrame({"name": ["block"]}, geometry=[box(80.2, 13.0, 80.3, 13.1)], crs="EPSG:4326")
    pyogrio.write_dataframe(shapes.to_crs(3857), path, driver="PMTiles", layer="water", MINZOOM=0, MAXZOOM=6)
    return path


def test_takes_the_online_map_until_a_file_is_imported(context, area):
    assert addresses(context.views.caches, context.settings) == (ONLINE, "")
    put_basemap(area, context.settings.data_dir)
    assert addresses(context.views.caches, context.settings) == ("", TILES)


def test_keeps_the_old_file_when_a_new_one_is_no_basemap(context, area, tmp_path):
    put_basemap(area, context.settings.data_dir)
    broken = tmp_path / "broken.pmtiles"
    shutil.copyfile(__file__, broken)
    with pytest.raises(Malformed):
        put_basemap(broken, context.settings.data_dir)
    held = basemap(context.views.caches, context.settings)
    assert held is not None
    assert held.max_zoom == 6


def test_calls_nobody_without_either(context):
    alone = replace(context, settings=replace(context.settings, tile_url=""))
    assert addresses(alone.views.caches, alone.settings) == ("", "")
