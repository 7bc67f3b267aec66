"""Pictures of a map: how one layer's tiles are asked for, and which tile lies where (Web Mercator, 256 pixels)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import msgspec

from crisismap.core.place.place import Extent

DEEPEST = 22  # zoom
HALF_WORLD_M = 20_037_508.342789244
WORLD: Extent = (-180.0, -85.051129, 180.0, 85.051129)
# What an address of tiles may leave open: the tile, its row counted from the south, its box in metres, WMTS's words.
HOLES = frozenset({"z", "x", "y", "-y", "bbox", "matrix"})
_HOLE = re.compile(r"\{([^{}]*)\}")


class Recipe(msgspec.Struct, frozen=True):
    """What must be known to ask for any tile of a layer; nothing else is asked of its server."""

    url: str  # with HOLES
    min_zoom: int = 0
    max_zoom: int = 19
    bounds: Extent = WORLD
    matrices: tuple[str, ...] = ()  # WMTS: what it calls each zoom from `min_zoom` on

    def covers(self, tile: Tile) -> bool:
        """Whether a tile of these zooms touches the bounds."""
        if not self.min_zoom <= tile.z <= self.max_zoom:
            return False
        west, south, east, north = tile.degrees()
        left, bottom, right, top = self.bounds
        return west < right and east > left and south < top and north > bottom

    def address(self, tile: Tile) -> str:
        """Where a tile is."""
        said = {
            "z": str(tile.z),
            "x": str(tile.x),
            "y": str(tile.y),
            "-y": str((1 << tile.z) - 1 - tile.y),
            "bbox": ",".join(f"{value:.6f}" for value in tile.metres()),
            "matrix": self.matrices[tile.z - self.min_zoom] if self.matrices else "",
        }
        return _HOLE.sub(lambda hole: said[hole.group(1)], self.url)

    def middle(self) -> Tile:
        """One tile that shows whether there are pictures: at the centre of the bounds, about as large as they are."""
        west, south, east, north = self.bounds
        wide = max(east - west, 1e-6) / 360
        z = min(max(math.floor(-math.log2(wide)), self.min_zoom), self.max_zoom)
        return Tile.at((west + east) / 2, (south + north) / 2, z)


def holes(url: str) -> set[str]:
    """What an address leaves open."""
    return set(_HOLE.findall(url))


@dataclass(frozen=True, slots=True)
class Tile:
    """One square of the world: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @property
    def is_one(self) -> bool:
        """Whether there is such a tile."""
        return 0 <= self.z <= DEEPEST and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @staticmethod
    def at(lon: float, lat: float, z: int) -> Tile:
        """The tile in which a place lies."""
        side = 1 << z
        held = math.radians(max(WORLD[1], min(WORLD[3], lat)))
        x = int((lon + 180) / 360 * side)
        y = int((1 - math.asinh(math.tan(held)) / math.pi) / 2 * side)
        return Tile(z, min(max(x, 0), side - 1), min(max(y, 0), side - 1))

    def degrees(self) -> Extent:
        """West, south, east, north."""
        side = 1 << self.z

        def lat(row: int) -> float:
            return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / side))))

        return self.x / side * 360 - 180, lat(self.y + 1), (self.x + 1) / side * 360 - 180, lat(self.y)

    def metres(self) -> Extent:
        """The same in EPSG:3857."""
        size = 2 * HALF_WORLD_M / (1 << self.z)
        west, north = self.x * size - HALF_WORLD_M, HALF_WORLD_M - self.y * size
        return west, north - size, west + size, north
