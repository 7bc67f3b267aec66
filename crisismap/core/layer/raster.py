"""Pictures of a map: how one layer's tiles (Web Mercator, 256 pixels) are asked for."""

from __future__ import annotations

import math
import re

import msgspec

from crisismap.core.place.mercator import WORLD, Tile
from crisismap.core.place.place import Extent

_HOLE = re.compile(r"\{([^{}]*)\}")


class Recipe(msgspec.Struct, frozen=True):
    """What must be known to ask for any tile of a layer; nothing else is asked of its server."""

    # It may leave open {z}, {x}, {y}, {-y} (the row from the south), {bbox} (in metres) and {matrix} (WMTS's word).
    url: str
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
