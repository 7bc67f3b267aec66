"""What a map of a zoom draws, as discs and boxes in pixels of its screen, and how many of them lie on each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from crisismap.core.layer.layer import Role
from crisismap.core.place.mercator import unit
from crisismap.core.text.map_label import width_of
from crisismap.situation.tiles import morton
from crisismap.situation.tiles.labels import HIGHEST, LOWEST, STYLES, LayerLabels, symbols_around, tile_labels
from crisismap.situation.tiles.points import Points
from crisismap.situation.tiles.tiles import TileIndex

Floats = npt.NDArray[np.float64]
# As the Live map sets them: the icon's box is 64 wide, a plate with its halo reaches 20 from its middle, a ring 28.
REPORT_PX, FULL_SIZE_ZOOM, SMALLEST, LARGEST = 40, 14.5, 26, 48
PLATE, RING = 20 / 64, 28 / 64
TOUCHING = 2.0  # pixels that two symbols may share: their halos


@dataclass(frozen=True)
class Discs:
    """Symbols: their middles [n] in pixels of the world at a zoom, and their radii."""

    x: Floats
    y: Floats
    radius: Floats

    @property
    def overlaps(self) -> int:
        """How many pairs lie on each other by more than TOUCHING."""
        found = shapely.STRtree(shapely.points(self.x, self.y))
        reach = 2 * float(self.radius.max(initial=0))
        one, other = found.query(shapely.points(self.x, self.y), predicate="dwithin", distance=reach)
        one, other = one[one < other], other[one < other]
        far = np.hypot(self.x[one] - self.x[other], self.y[one] - self.y[other])
        return int((far < self.radius[one] + self.radius[other] - TOUCHING).sum())


def index_of(lon: Floats, lat: Floats) -> TileIndex:
    """An index of points of all priorities, a fifth of them information."""
    count = len(lon)
    urgency = np.arange(count) % 5
    nothing = np.zeros((count, 0), np.uint8)
    return TileIndex.build(
        Points(np.arange(count, dtype=np.uint32), lon, lat, nothing, urgency.astype(np.uint8), urgency > 0), (), 1
    )


def tile_zoom(zoom: float) -> int:
    """The zoom of the tiles that deck.gl draws: the next, half a zoom upwards."""
    return int(zoom + 0.5)


def plate_px(zoom: float) -> float:
    """Radius of a report's symbol."""
    return PLATE * min(LARGEST, max(SMALLEST, REPORT_PX * 2 ** (zoom - FULL_SIZE_ZOOM)))


def tiles_of(lon: Floats, lat: Floats, z: int) -> list[tuple[int, int]]:
    """The tiles in which points are."""
    x, y = (each >> np.uint32(morton.BITS - z) for each in morton.project(lon, lat))
    return sorted(set(zip(x.tolist(), y.tolist(), strict=True)))


def symbols(index: TileIndex, lon: Floats, lat: Floats, zoom: float) -> Discs:
    """The symbols of reports and clusters on a map of a zoom that shows all of the index."""
    z = tile_zoom(zoom)
    scale = 512 * 2 ** (zoom - z)
    found = [(np.empty((2, 0)), 0.0)]
    for x, y in tiles_of(lon, lat, z):
        corner = np.array([[x], [y]])
        for places, radius in zip(index.places(z, x, y), (plate_px(zoom), RING * LARGEST), strict=True):
            found.append(((corner + places / 4096) * scale, radius))
    x, y = np.concatenate([places for places, _ in found], axis=1)
    return Discs(x, y, np.concatenate([np.full(places.shape[1], radius) for places, radius in found]))


def each_alone(lon: Floats, lat: Floats, zoom: float) -> Discs:
    """The symbols without clusters and fans."""
    side = 512 * 2**zoom / 2**morton.BITS
    x, y = (each * side for each in morton.project(lon, lat))
    return Discs(x, y, np.full(len(x), plate_px(zoom)))


def names(layers: list[LayerLabels], index: TileIndex, tiles: list[tuple[int, int]], zoom: float) -> Floats:
    """The names of some tiles at a zoom: left, top, right and bottom [n, 4] in pixels of the world."""
    z, side = tile_zoom(zoom), 512 * 2**zoom
    found = []
    for tile in tiles:
        for each in tile_labels(layers, z, *tile, around=symbols_around(index, z, *tile)):
            style = STYLES[each.role]
            x, y = (float(part[0]) * side for part in unit(np.array([each.lon]), np.array([each.lat])))
            left = min(max(style.image_height * 2 ** (zoom - z), LOWEST), HIGHEST) / style.image_height
            if style.image_height == LOWEST:
                left = 1.0
            half, tall = left * width_of(each.name, style.size) / 2, left * style.size / 2
            x, y = x + each.right_px, y + each.below_px
            found.append((x - half, y - tall, x + half, y + tall))
    return np.array(found).reshape(-1, 4)


def covered(boxes: Floats, discs: Discs) -> int:
    """How many pairs of a name and a symbol lie on each other."""
    names = shapely.STRtree(shapely.box(*boxes.T))
    circles = shapely.points(discs.x, discs.y)
    reach = np.maximum(discs.radius - TOUCHING, 0)
    return int(names.query(circles, predicate="dwithin", distance=reach).shape[1])


def crossed(boxes: Floats) -> int:
    """How many pairs of names lie on each other."""
    shapes = shapely.box(*(boxes + (1, 1, -1, -1)).T)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    return int((one < other).sum())


def shelters(layers: list[LayerLabels], zoom: float) -> Discs:
    """The symbols of official shelters."""
    side = 512 * 2**zoom
    found = [(each._x * side, each._y * side) for each in layers if each.role is Role.SHELTER]
    x, y = np.concatenate(found, axis=1)
    return Discs(x, y, np.full(len(x), 17 / 64 * min(34.0, max(14.0, 34 * 2 ** (zoom - 13.3)))))
