"""Web Mercator: the projection and its tiles. Degrees are WGS 84.

The world is a square from 0 to 1, x from the west, y from the north; the side of a tile of zoom z is 1 / 2**z.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crisismap.core.place.geodesy import AXIS_M

Floats = NDArray[np.float64]
Extent = tuple[float, float, float, float]  # west, south, east, north

MAX_LAT = 85.05112877980659  # edge of the square
HALF_WORLD_M = math.pi * AXIS_M  # EPSG:3857
WORLD: Extent = (-180.0, -85.051129, 180.0, 85.051129)
DEEPEST = 22  # zoom
WORLD_PX = 512  # side of the world at zoom 0 in MapLibre and deck.gl; deck.gl calls these common units


def unit(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return x and y of points (n,); latitudes beyond the square are clipped to its edge."""
    x = lon * (1 / 360)
    x += 0.5
    y: Floats = np.clip(lat, -MAX_LAT, MAX_LAT)  # in place from here on: tiles project a million points at once
    for step in (np.radians, np.sin, np.arctanh):
        step(y, out=y)
    y *= -0.5 / np.pi
    y += 0.5
    return x, y


def unit_y(lat: float) -> float:
    """Return y of a latitude."""
    return 0.5 - math.atanh(math.sin(math.radians(max(-MAX_LAT, min(MAX_LAT, lat))))) * (0.5 / math.pi)


def latitude(y: float) -> float:
    """Return the latitude of y."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))


def common_units(metres: float, lat: float) -> float:
    """Return a length on the ground at a latitude in units of which the world is WORLD_PX wide."""
    latitude_rad = math.radians(max(-MAX_LAT, min(MAX_LAT, lat)))
    return metres * WORLD_PX / (2 * HALF_WORLD_M * math.cos(latitude_rad))


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Return whether column and row are within the world at this zoom."""
        return self.z >= 0 and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @staticmethod
    def at(lon: float, lat: float, z: int) -> Tile:
        """Return the tile that contains a point."""
        side = 1 << z
        x, y = int((lon + 180) / 360 * side), int(unit_y(lat) * side)
        return Tile(z, min(max(x, 0), side - 1), min(max(y, 0), side - 1))

    def degrees(self) -> Extent:
        """Return west, south, east, north in degrees."""
        side = 1 << self.z
        west, east = self.x / side * 360 - 180, (self.x + 1) / side * 360 - 180
        return west, latitude((self.y + 1) / side), east, latitude(self.y / side)

    def metres(self) -> Extent:
        """Return west, south, east, north in EPSG:3857."""
        size = 2 * HALF_WORLD_M / (1 << self.z)
        west, north = self.x * size - HALF_WORLD_M, HALF_WORLD_M - self.y * size
        return west, north - size, west + size, north
