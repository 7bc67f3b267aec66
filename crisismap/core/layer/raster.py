"""Raster layers: how the tiles (Web Mercator, 256 pixels) of one layer are requested."""

from __future__ import annotations

import math
import re

import msgspec

from crisismap.core.place.mercator import WORLD, Tile
from crisismap.core.place.place import Extent

_HOLE = re.compile(r"\{([^{}]*)\}")


class Recipe(msgspec.Struct, frozen=True):
    """Everything needed to request any tile of a layer; its server is not asked for more."""

    # Placeholders: {z}, {x}, {y}, {-y} (row counted from the south), {bbox} (in metres), {matrix} (WMTS TileMatrix).
    url: str
    min_zoom: int = 0
    max_zoom: int = 19
    bounds: Extent = WORLD
    matrices: tuple[str, ...] = ()  # WMTS TileMatrix identifiers, from `min_zoom` on

    def covers(self, tile: Tile) -> bool:
        """Return whether a tile is within the zoom range and touches the bounds."""
        if not self.min_zoom <= tile.z <= self.max_zoom:
            return False
        west, south, east, north = tile.degrees()
        left, bottom, right, top = self.bounds
        return west < right and east > left and south < top and north > bottom

    def address(self, tile: Tile) -> str:
        """Return the URL of a tile."""
        values = {
            "z": str(tile.z),
            "x": str(tile.x),
            "y": str(tile.y),
            "-y": str((1 << tile.z) - 1 - tile.y),
            "bbox": ",".join(f"{value:.6f}" for value in tile.metres()),
            "matrix": self.matrices[tile.z - self.min_zoom] if self.matrices else "",
        }
        return _HOLE.sub(lambda hole: values[hole.group(1)], self.url)

    def middle(self) -> Tile:
        """Return a tile that can test the server: at the centre of the bounds, about as large as they are."""
        west, south, east, north = self.bounds
        wide = max(east - west, 1e-6) / 360
        z = min(max(math.floor(-math.log2(wide)), self.min_zoom), self.max_zoom)
        return Tile.at((west + east) / 2, (south + north) / 2, z)


def holes(url: str) -> set[str]:
    """Return the names of the placeholders in a URL."""
    return set(_HOLE.findall(url))
