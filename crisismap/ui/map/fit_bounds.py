"""Where a map is aimed so that a box of degrees fits into it."""

from __future__ import annotations

import math

from crisismap.core.place.place import Extent
from crisismap.ui.map.map import Camera

WORLD = Camera(20.0, 15.0, 1.0)
_CLOSEST = 15.0
_WORLD_PX = 512  # of a whole world at zoom 0


def aim(box: Extent | None, *, width_px: int = 640, height_px: int = 360) -> Camera:
    """The camera over a box with a small margin; the world for none. A box with west > east spans 180 degrees."""
    if box is None:
        return WORLD
    west, south, east, north = box
    wide = (east - west) % 360 if west > east else east - west
    lon = (west + wide / 2 + 180) % 360 - 180
    top, bottom = _mercator(north), _mercator(south)
    lat = math.degrees(2 * math.atan(math.exp((top + bottom) / 2)) - math.pi / 2)
    fits_x = width_px / _WORLD_PX * 360 / max(wide, 1e-6)
    fits_y = height_px / _WORLD_PX * 2 * math.pi / max(top - bottom, 1e-9)
    zoom = min(_CLOSEST, max(1.0, math.log2(min(fits_x, fits_y)) - 0.2))
    return Camera(round(lon, 6), round(lat, 6), round(zoom, 2))


def _mercator(lat: float) -> float:
    held = max(-85.0, min(85.0, lat))
    return math.log(math.tan(math.pi / 4 + math.radians(held) / 2))
