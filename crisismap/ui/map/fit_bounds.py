"""The camera that fits a bounding box into a map."""

from __future__ import annotations

import math

from crisismap.core.place.mercator import WORLD_PX, latitude, unit_y
from crisismap.core.place.place import Extent
from crisismap.ui.map.map import Camera

WORLD = Camera(20.0, 15.0, 1.0)
_CLOSEST = 15.0


def fit_bounds(box: Extent | None, *, width_px: int = 640, height_px: int = 360) -> Camera:
    """Return the camera over a box with a small margin; the world for None. With west > east the box crosses 180°."""
    if box is None:
        return WORLD
    west, south, east, north = box
    width_deg = (east - west) % 360 if west > east else east - west
    lon = (west + width_deg / 2 + 180) % 360 - 180
    top, bottom = unit_y(north), unit_y(south)
    lat = latitude((top + bottom) / 2)
    fits_x = width_px / WORLD_PX * 360 / max(width_deg, 1e-6)
    fits_y = height_px / WORLD_PX / max(bottom - top, 1e-9)
    zoom = min(_CLOSEST, max(0.0, math.log2(min(fits_x, fits_y)) - 0.2))
    return Camera(round(lon, 6), round(lat, 6), round(zoom, 2))
