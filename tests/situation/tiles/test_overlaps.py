"""Nothing on the map hides anything else: symbols of the demo and of real Jakarta, counted at every zoom."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import shape

from crisismap.core.layer.layer import Feature, LayerVersion
from crisismap.demo.generator import layers
from crisismap.demo.reports import reports
from crisismap.situation.tiles.labels import LayerLabels
from tests.situation.tiles import drawn
from tests.situation.tiles.drawn import Floats, index_of

ZOOMS = np.arange(9, 17.6, 0.5).tolist()  # at halves the tiles are drawn smallest
Places = tuple[Floats, Floats]


@pytest.fixture(scope="module")
def demo() -> Places:
    told = [each.body for each in reports(7, 3000, start_ms=0, end_ms=3_600_000)]
    placed = [(each["lon"], each["lat"]) for each in told if each.get("lon") is not None]
    assert len(placed) > 2000
    lon, lat = np.array(placed).T
    return lon.copy(), lat.copy()


@pytest.fixture(scope="module")
def jakarta(shared_data: Path) -> Places:
    files = sorted((shared_data / "petabencana_jakarta_2017").glob("reports_*.geojson"))
    features = [each for file in files for each in json.loads(file.read_text())["features"]]
    assert len(features) == 1204
    lon, lat = np.array([each["geometry"]["coordinates"][:2] for each in features]).T
    return lon.copy(), lat.copy()


def crowd() -> Places:
    """10,000 points, 5,000 of them at one place, and pairs on both sides of many tiles' edges."""
    rng = np.random.default_rng(3)
    lon, lat = rng.normal(0.0, 0.03, 10_000), rng.normal(0.0, 0.03, 10_000)
    lon[:5000], lat[:5000] = 0.01, 0.01
    edges = rng.integers(-20, 20, 500) * 360 / 2**17
    lon[5000:5500], lat[5000:5500] = edges - 1e-6, lat[5500:6000]
    lon[5500:6000] = edges + 1e-6
    return lon, lat


def counts(places: Places) -> dict[float, int]:
    index = index_of(*places)
    return {zoom: drawn.symbols(index, *places, zoom).overlaps for zoom in ZOOMS}


def check(places: Places) -> None:
    found = counts(places)
    assert not any(found.values()), {zoom: count for zoom, count in found.items() if count}


def test_draws_no_symbol_of_the_demo_on_another(demo: Places) -> None:
    check(demo)


def test_draws_no_symbol_of_jakarta_on_another(jakarta: Places) -> None:
    check(jakarta)


def test_draws_no_symbol_of_a_crowd_on_another() -> None:
    check(crowd())


def test_counts_many_where_each_point_is_drawn_by_itself(demo: Places) -> None:
    """The count can fail: without clusters and fans there is no zoom at which nothing is hidden."""
    without = [drawn.each_alone(*demo, zoom).overlaps for zoom in (12, 14, 16, 17)]
    assert without == sorted(without, reverse=True)
    assert without[-1] > 100


@pytest.fixture(scope="module")
def official() -> list[LayerLabels]:
    """The layers of the demo."""
    return [
        LayerLabels(
            LayerVersion(
                layer,
                1,
                0,
                tuple(
                    Feature(each["id"], each["properties"]["name"], "", shape(each["geometry"]), {})
                    for each in collection["features"]
                ),
            )
        )
        for layer, collection in layers(7)
    ]


@pytest.mark.parametrize("zoom", [10.5, 11, 12, 12.5, 13, 14.5, 15, 16])
@pytest.mark.parametrize("count", [400, 2000])
def test_draws_no_name_on_a_symbol_or_another_name(
    demo: Places, official: list[LayerLabels], zoom: float, count: int
) -> None:
    lon, lat = (each[:count] for each in demo)
    tiles = drawn.tiles_of(lon, lat, drawn.tile_zoom(zoom))
    tiles = tiles[len(tiles) // 2 - 8 : len(tiles) // 2 + 8] or tiles
    index, symbols = index_of(lon, lat), drawn.symbols(index_of(lon, lat), lon, lat, zoom)
    boxes = drawn.names(official, index, tiles, zoom)
    shelters = drawn.shelters(official, zoom)
    assert (drawn.crossed(boxes), drawn.covered(boxes, symbols), drawn.covered(boxes, shelters)) == (0, 0, 0)
    if zoom in (12, 13):  # names of a city can be read although requests are everywhere, and would lie under them
        assert len(boxes) > 20
        careless = drawn.names(official, index_of(lon[:1], lat[:1] + 1), tiles, zoom)
        assert drawn.covered(careless, symbols) > 10
