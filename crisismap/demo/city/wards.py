"""The wards: a tiling of the land, small in the old centre and large at the edge, with irregular borders.

Borders are drawn once as lines on the six-decimal grid and closed to polygons afterwards, so neighbours share the same
corners without gaps or overlaps.
"""

from __future__ import annotations

import numpy as np
import shapely
from scipy.spatial import cKDTree

from crisismap.demo.city.plane import STEP, Floats, Warp, lonlat, polygons
from crisismap.demo.city.terrain import Terrain
from crisismap.demo.dice import numpy_dice

WARD_COUNT = 184
CENTRE = np.array([9_300.0, 4_800.0])


def ward_shapes(seed: int, ground: Terrain) -> list[shapely.Polygon]:
    """Return polygons in degrees, numbered in bands from the north, alternating in direction."""
    outline = lonlat(ground.land)
    warp = Warp.of(seed, "wards", ((5_200, 330), (1_900, 75), (640, 17)))
    centres = shapely.multipoints(_centres(seed, ground))
    cells = shapely.voronoi_polygons(centres, extend_to=ground.land.buffer(9_000), only_edges=True)
    edges = shapely.get_parts(shapely.get_parts(shapely.segmentize(cells, 190)))
    grown = shapely.MultiLineString([warp(shapely.get_coordinates(edge)) for edge in edges])
    borders = shapely.intersection(shapely.set_precision(lonlat(grown), STEP), outline, grid_size=STEP)
    net = shapely.union_all([borders, outline.boundary], grid_size=STEP)
    faces = [
        f
        for f in shapely.get_parts(shapely.polygonize(list(shapely.get_parts(net))))
        if outline.covers(f.point_on_surface())
    ]
    return _number_wards(_merge_slivers(faces))


def _centres(seed: int, ground: Terrain) -> Floats:
    """Return seeds of the cells: drawn by density, then moved twice to the centroid of their cell."""
    rng = numpy_dice(seed, "ward-centres")
    west, south, east, north = ground.land.bounds
    points = rng.uniform((west, south), (east, north), (60_000, 2))
    points = points[shapely.contains_xy(ground.land, points)]
    away = np.hypot(points[:, 0] - CENTRE[0], (points[:, 1] - CENTRE[1]) * 0.75)
    crowd = 0.10 + np.exp(-((away / 6_800) ** 2))
    points = points[rng.random(len(points)) < crowd / crowd.max()]
    centres = points[rng.choice(len(points), WARD_COUNT, replace=False)]
    for _ in range(3):
        _, nearest = cKDTree(centres).query(points)
        count = np.bincount(nearest, minlength=WARD_COUNT)
        sums = np.column_stack([np.bincount(nearest, points[:, i], WARD_COUNT) for i in (0, 1)])
        centres = np.where(count[:, None] > 0, sums / np.maximum(count, 1)[:, None], centres)
    return np.asarray(centres, dtype=np.float64)


def _merge_slivers(faces: list[shapely.Polygon]) -> list[shapely.Polygon]:
    """Return faces with slivers at shore and city limit merged into the neighbour with the longest common border."""
    least = sum(f.area for f in faces) / len(faces) * 0.09
    while True:
        smallest = min(range(len(faces)), key=lambda i: faces[i].area)
        if faces[smallest].area >= least or len(faces) == 1:
            return faces
        sliver = faces.pop(smallest)
        border_lengths = [shapely.length(shapely.intersection(sliver.boundary, f.boundary)) for f in faces]
        neighbour = int(np.argmax(border_lengths))
        faces[neighbour] = polygons(shapely.union_all([faces[neighbour], sliver], grid_size=STEP))[0]


def _number_wards(faces: list[shapely.Polygon]) -> list[shapely.Polygon]:
    def key(face: shapely.Polygon) -> tuple[int, float]:
        x, y = face.centroid.coords[0]
        band = int((13.22 - y) / 0.028)
        return band, x if band % 2 else -x

    return sorted(faces, key=key)
