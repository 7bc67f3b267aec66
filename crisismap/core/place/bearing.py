"""In which direction something lies, as one of eight words that people use; pure."""

from __future__ import annotations

import math

DIRECTIONS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


def bearing(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Where one sets out from the first point to the second, on a great circle: degrees from north, 0 to 360."""
    p1, p2, turn = math.radians(lat1), math.radians(lat2), math.radians(lon2 - lon1)
    east = math.sin(turn) * math.cos(p2)
    north = math.cos(p1) * math.sin(p2) - math.sin(p1) * math.cos(p2) * math.cos(turn)
    return math.degrees(math.atan2(east, north)) % 360.0


def direction(lon1: float, lat1: float, lon2: float, lat2: float) -> str:
    """The same as a word of DIRECTIONS."""
    return DIRECTIONS[round(bearing(lon1, lat1, lon2, lat2) / 45) % 8]
