"""Names on the map: which names of the official layers a tile shows, so that none lies on another.

Each tile is laid out by itself and no name crosses its edge, so neighbours need not know of each other. Names of areas
come first, then shelters, background (rivers, places) and streets; within a role the larger comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from crisismap.core.layer.layer import Feature, LayerVersion, Role
from crisismap.core.place.mercator import WORLD_PX, unit
from crisismap.core.text.map_label import LabelBox, LabelStyle, label_points, shortened, told_apart, width_of

MOST = 50_000  # names of a layer: its largest features
MOST_ASKED = 300  # names of a tile that are tried, the most important ones
BELOW_SYMBOL = 24  # pixels from the middle of a shelter's symbol to that of its name
_APART = 6  # pixels between two names
STYLES = {
    Role.AREA: LabelStyle(13, 700, "label"),
    Role.SHELTER: LabelStyle(11, 600, "shelter"),
    Role.CONTEXT: LabelStyle(11, 600, "label", italic=True),
    Role.TRANSPORT: LabelStyle(11, 500, "label"),
}
FROM_ZOOM = {Role.AREA: 10, Role.SHELTER: 13, Role.CONTEXT: 12, Role.TRANSPORT: 15}
_ORDER = tuple(STYLES)


@dataclass(frozen=True, slots=True)
class Label:
    """A name to draw: its middle in degrees WGS 84, and the layer and role that it comes from."""

    name: str
    lon: float
    lat: float
    layer: str
    role: Role
    below_px: int = 0  # from the place down to the middle of the name


class LayerLabels:
    """The named features of one layer version, the largest first. Immutable."""

    def __init__(self, version: LayerVersion) -> None:
        """Find a place for each name: in the middle of a line, within an area."""
        self.layer, self.role = version.layer.id, version.layer.role
        named = [f for f in version.features if f.name and f.geometry is not None and not f.geometry.is_empty]
        if self.role not in STYLES:
            named = []
        shapes = np.array([f.geometry for f in named], dtype=object)
        west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
        x, y = unit(west, north)
        far_x, far_y = unit(east, south)
        extent = np.hypot(far_x - x, far_y - y)
        order = np.argsort(-extent, kind="stable")[:MOST]
        self._features: Sequence[Feature] = [named[at] for at in order.tolist()]
        codes = [each.code if self.role is Role.AREA else "" for each in self._features]
        self._names = told_apart([each.name for each in self._features], codes)
        points = label_points(shapes[order])
        self._lon, self._lat = shapely.get_x(points), shapely.get_y(points)
        self._x, self._y = unit(self._lon, self._lat)
        self._across, self._extent = (far_x - x)[order], extent[order]

    def within(self, z: int, x: int, y: int, language: str) -> list[tuple[Label, LabelBox]]:
        """Return what may be named in a tile, each with its room in pixels, the largest first."""
        if z < FROM_ZOOM.get(self.role, z + 1):
            return []
        side = 1 << z
        inside = (np.floor(self._x * side) == x) & (np.floor(self._y * side) == y)
        style, px = STYLES[self.role], WORLD_PX * side
        found: list[tuple[Label, LabelBox]] = []
        for at in np.flatnonzero(inside)[:MOST_ASKED].tolist():
            name = shortened(_translated(self._features[at], language) or self._names[at])
            width = width_of(name, style.size)
            room = (self._across if self.role is Role.AREA else self._extent)[at] * px
            if room < 0.8 * width and self._extent[at] > 0:  # larger than a point, but too small for its name
                continue
            below = BELOW_SYMBOL if self.role is Role.SHELTER else 0
            label = Label(name, float(self._lon[at]), float(self._lat[at]), self.layer, self.role, below)
            middle = float(self._x[at]) * px - WORLD_PX * x, float(self._y[at]) * px - WORLD_PX * y + below
            found.append((label, LabelBox(*middle, width / 2, style.size / 2 + 2)))
        return found


def tile_labels(layers: Iterable[LayerLabels], z: int, x: int, y: int, language: str = "") -> list[Label]:
    """Return the names of an XYZ tile of 512 pixels; `language` is of names that a layer has in several (`name:ta`)."""
    placed: list[LabelBox] = []
    labels: list[Label] = []
    named: set[tuple[str, str]] = set()
    for layer in sorted(layers, key=lambda each: (_ORDER.index(each.role) if each.role in _ORDER else 9, each.layer)):
        for label, room in layer.within(z, x, y, language):
            key = layer.layer, label.name
            taken = key in named or any(room.hits(other, _APART) for other in placed)
            if taken or not room.fits(WORLD_PX, WORLD_PX):
                continue  # a street of many parts is named once
            named.add(key)
            placed.append(room)
            labels.append(label)
    return labels


def _translated(feature: Feature, language: str) -> str:
    """Return the name in a language where the feature has one, as `name:ta` or `name_ta`; else an empty text."""
    if language:
        for key in (f"name:{language}", f"name_{language}"):
            written: Any = feature.properties.get(key)
            if isinstance(written, str) and written.strip():
                return written
    return ""
