"""The merge against geopandas and pyproj on the same data: same answers, whichever index gave them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point
from shapely.geometry.base import BaseGeometry

from crisismap.core.layer.layer import Role
from crisismap.situation.merge import area_grid
from crisismap.situation.merge.merge import Merger
from tests.situation.merge_layers import areas, asked, feature, hazards, layer, shelters, whys, wobbly_districts

BOX = (106.5, -6.5, 107.1, -6.0)


def sjoin(polygons: list[BaseGeometry], lon: np.ndarray, lat: np.ndarray) -> list[list[int]]:
    """Polygons at each point, by geopandas."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    frame = gpd.GeoDataFrame({"number": range(len(polygons))}, geometry=polygons, crs=4326)
    joined = gpd.sjoin(points, frame, predicate="intersects")
    out: list[list[int]] = [[] for _ in lon]
    for point, number in zip(joined.index, joined["number"], strict=True):
        out[point].append(int(number))
    return [sorted(found) for found in out]


def points_and_borders(polygons: list[BaseGeometry], n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random points, every vertex, and points computed on edges, which fall on either side by rounding."""
    rng = np.random.default_rng(seed)
    corners = shapely.get_coordinates(polygons)
    middles = (corners[1:] + corners[:-1]) / 2
    west, south, east, north = BOX
    random = rng.uniform([west - 0.05, south - 0.05], [east + 0.05, north + 0.05], (n, 2))
    lon, lat = np.concatenate([random, corners, middles]).T
    return np.ascontiguousarray(lon), np.ascontiguousarray(lat)


@pytest.mark.parametrize("gridded", [False, True])
def test_agrees_with_sjoin_on_overlapping_areas_and_borders(gridded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(area_grid, "GRID_AFTER", 1_000 if gridded else 1_000_000)
    polygons = wobbly_districts(60, 7, BOX) + [Point(106.8, -6.2).buffer(0.1)]
    lon, lat = points_and_borders(polygons, 10_000, 1)
    want = sjoin(polygons, lon, lat)
    assert sum(len(found) > 1 for found in want) > 500
    features = [feature(str(i), p) for i, p in enumerate(polygons)]
    merger = Merger([layer("w", Role.AREA, features), layer("h", Role.HAZARD, features)])
    merged = merger.merge(asked(lon, lat))
    assert areas(merged) == [str(found[0]) if found else None for found in want]
    assert hazards(merged) == [[str(i) for i in found] for found in want]


def test_agrees_with_sjoin_nearest_in_metres() -> None:
    rng = np.random.default_rng(3)
    west, south, east, north = BOX
    spots = rng.uniform([west, south], [east, north], (80, 2))
    lon, lat = rng.uniform([west, south], [east, north], (2_000, 2)).T
    merger = Merger([layer("s", Role.SHELTER, [feature(str(i), Point(p)) for i, p in enumerate(spots)])])
    merged = merger.merge(asked(lon, lat))
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    official = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*spots.T), crs=4326)
    utm = official.estimate_utm_crs()
    joined = gpd.sjoin_nearest(points.to_crs(utm), official.to_crs(utm), distance_col="m")
    joined = joined[~joined.index.duplicated()].sort_index()
    np.testing.assert_allclose(merged.shelter_m, joined["m"], rtol=1e-3)
    same = np.array([int(s or -1) for s in shelters(merged)]) == joined["index_right"].to_numpy()
    # The plane of UTM stretches by up to 0.04 percent: only near ties may fall the other way.
    assert same.mean() > 0.998


@settings(max_examples=100, deadline=None)
@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    bearing=st.floats(0, 360),
    metres=st.floats(0, 99_900),
)
def test_measures_the_geodesic_anywhere(lon: float, lat: float, bearing: float, metres: float) -> None:
    to_lon, to_lat, _ = Geod(ellps="WGS84").fwd(lon, lat, bearing, metres)
    merged = Merger([layer("s", Role.SHELTER, [feature("1", Point(lon, lat))])]).merge(asked([to_lon], [to_lat]))
    assert merged.shelter_m[0] == pytest.approx(metres, abs=0.05)


@pytest.mark.parametrize("lat", [0.1, -33.9, 60.2, 84.9])
def test_agrees_with_geopandas_on_distance_to_roads(lat: float) -> None:
    rng = np.random.default_rng(4)
    stretch = 1 / np.cos(np.radians(lat))
    centre = np.array([25.0, lat])
    lines = []
    for start in rng.uniform(-0.01, 0.01, (120, 2)):
        path = np.cumsum(np.concatenate([[start], rng.normal(0, 0.001, (6, 2))]), axis=0)
        lines.append(shapely.LineString(centre + path * [stretch, 1]))
    lon, lat_of = (centre + rng.uniform(-0.012, 0.012, (1_500, 2)) * [stretch, 1]).T
    merger = Merger([layer("r", Role.TRANSPORT, [feature(str(i), g, status="open") for i, g in enumerate(lines)])])
    found = [{f for f, _ in w} for w in whys(merger.merge(asked(lon, lat_of, "flooding")))]
    # An azimuthal plane around the place is true to well under a millimetre per metre here.
    plane = f"+proj=aeqd +lat_0={lat} +lon_0=25 +ellps=WGS84"
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat_of), crs=4326).to_crs(plane)
    flat = gpd.GeoSeries(lines, crs=4326).to_crs(plane)
    hits = 0
    for i, line in enumerate(flat):
        for point, metres in enumerate(points.distance(line)):
            if abs(metres - 30) > 0.05:
                assert (str(i) in found[point]) == (metres < 30), (point, i, metres)
                hits += metres < 30
    assert hits > 200
