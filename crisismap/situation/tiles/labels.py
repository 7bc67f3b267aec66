"""Names on the map: which names of the official layers a tile shows, so that none lies on another or on a symbol.

Each tile is laid out by itself and no name crosses its edge, so neighbours need not know of each other. Names of areas
come first, then shelters, background (rivers, places) and streets; within a role the larger comes first. Where a name
does not fit it is tried elsewhere: in its area, along its line, around its point; then it is left out at this zoom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from crisismap.core.layer.layer import Feature, LayerVersion, Role
from crisismap.core.place.mercator import WORLD_PX, latitude, unit
from crisismap.core.text.map_label import LabelStyle, label_points, shortened, told_apart, width_of
from crisismap.situation.tiles import morton
from crisismap.situation.tiles.mvt import EXTENT
from crisismap.situation.tiles.tiles import TileIndex

MOST_ASKED = 300  # names of a tile that are tried, the most important ones
BELOW_SYMBOL = 24  # pixels from the middle of a shelter's symbol to that of its name
SHELTER_PX, REPORT_PX, CLUSTER_PX = 11, 17, 23  # from the middle of a symbol to its edge
_SPREAD = 2_654_435_761  # Knuth's multiplicative hash
_MOST_SYMBOLS = 1000  # of a tile, each as it is
_SMALL_SHELTER_PX = 5  # below the zoom at which shelters have names
_APART = 5  # pixels between two names
_SAME_APART = 160  # pixels between two names that read the same
_SCALES = np.array([[0.71], [1.0], [1.41]])  # maps draw a tile so much smaller or larger
STYLES = {
    Role.AREA: LabelStyle(13, 700, "label"),
    Role.SHELTER: LabelStyle(11, 600, "shelter"),
    Role.CONTEXT: LabelStyle(11, 600, "label", italic=True),
    Role.TRANSPORT: LabelStyle(11, 500, "label"),
}
FROM_ZOOM = {Role.AREA: 10, Role.SHELTER: 13, Role.CONTEXT: 12, Role.TRANSPORT: 15}
FIRST_ZOOM = min(FROM_ZOOM.values())
# Pixels of the images of names. Where a tile is drawn smaller its names are too, but none below the lowest.
LOWEST, HIGHEST = (of(each.image_height for each in STYLES.values()) for of in (min, max))
_ORDER = tuple(STYLES)
_ELSEWHERE = sorted(  # pixels from the middle of an area
    ((across, down) for across in range(-100, 101, 20) for down in range(-77, 78, 11)),
    key=lambda each: each[0] ** 2 + 2 * each[1] ** 2,
)[1:]
_ALONG = (0.35, 0.65, 0.2, 0.8)  # of a line
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Label:
    """A name to draw: its middle in degrees WGS 84, and the layer and role that it comes from."""

    name: str
    lon: float
    lat: float
    layer: str
    role: Role
    right_px: int = 0  # from the place to the middle of the name
    below_px: int = 0


class LayerLabels:
    """The named features of one layer version, by place, so that those of a tile are one range. Immutable."""

    def __init__(self, version: LayerVersion) -> None:
        """Find a place for each name: in the middle of a line, within an area."""
        self.layer, self.role = version.layer.id, version.layer.role
        named = [f for f in version.features if f.name and f.geometry is not None and not f.geometry.is_empty]
        if self.role not in STYLES:
            named = []
        shapes = np.array([f.geometry for f in named], dtype=object)
        west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
        points = label_points(shapes)
        lon, lat = shapely.get_x(points), shapely.get_y(points)
        key = morton.interleave(*morton.project(lon, lat))
        order = np.argsort(key, kind="stable")
        self._key, self._lon, self._lat = key[order], lon[order], lat[order]
        self._x, self._y = unit(self._lon, self._lat)
        near, far = unit(west, north), unit(east, south)
        self._across = (far[0] - near[0])[order]
        self._extent = np.hypot(far[0] - near[0], far[1] - near[1])[order]
        self._features: Sequence[Feature] = [named[at] for at in order.tolist()]
        named_alike = self.role in (Role.AREA, Role.SHELTER)
        codes = [each.code if named_alike else "" for each in self._features]
        self._names = told_apart([each.name for each in self._features], codes)

    def within(self, z: int, x: int, y: int, language: str) -> list[_Candidate]:
        """Return what may be named in a tile, the largest first."""
        if z < FROM_ZOOM.get(self.role, z + 1):
            return []
        style, px = STYLES[self.role], WORLD_PX * (1 << z)
        first, last = self._key.searchsorted(morton.edges(z, x, y)).tolist()
        found: list[_Candidate] = []
        spread = np.arange(first, last) * _SPREAD % (1 << 32)  # of equally large ones not all of one corner
        for at in (first + np.lexsort((spread, -self._extent[first:last]))[:MOST_ASKED]).tolist():
            name = self._written(at, language)
            width = width_of(name, style.size)
            room = (self._across if self.role is Role.AREA else self._extent)[at] * px
            if room < 0.8 * width and self._extent[at] > 0:  # larger than a point, but too small for its name
                continue
            place = float(self._x[at]) * px - WORLD_PX * x, float(self._y[at]) * px - WORLD_PX * y
            found.append(_Candidate(name, *place, width / 2, style.size / 2 + 2, at, self))
        return found

    def symbols(self, z: int, x: int, y: int) -> _Boxes:
        """Return the symbols of shelters in and around a tile."""
        if self.role is not Role.SHELTER:
            return _Boxes()
        half, side = SHELTER_PX if z >= FROM_ZOOM[self.role] else _SMALL_SHELTER_PX, 1 << z
        around = [(x + across, y + down) for across in (-1, 0, 1) for down in (-1, 0, 1)]
        tiles = [tile for tile in around if min(tile) >= 0 and max(tile) < side]
        ranges = [self._key.searchsorted(morton.edges(z, *tile)).tolist() for tile in tiles]
        at = np.concatenate([np.arange(*each) for each in ranges])
        place = np.column_stack([self._x[at] * side - x, self._y[at] * side - y]) * WORLD_PX
        place = place[(np.abs(place - WORLD_PX / 2) < WORLD_PX / 2 + 2 * SHELTER_PX).all(axis=1)]
        if len(place) > _MOST_SYMBOLS:  # a layer without any room for names is none for long calculations
            column, row = np.rint(place.T / SHELTER_PX).astype(np.int64) + 64
            place = np.column_stack(np.divmod(np.unique(column * 1024 + row), 1024)) * 1.0
            place = (place - 64) * SHELTER_PX
        return _Boxes.squares(place[:, 0], place[:, 1], half)

    def elsewhere(self, z: int, each: _Candidate) -> Iterator[tuple[_Place, tuple[float, float]]]:
        """Yield where a name may be: its place in the tile and its offset in pixels, the best first."""
        here = each.x, each.y, float(self._lon[each.at]), float(self._lat[each.at])
        if self.role is Role.SHELTER:
            beside = each.half_width + SHELTER_PX + 4
            for offset in ((0.0, BELOW_SYMBOL), (0.0, -BELOW_SYMBOL), (beside, 0.0), (-beside, 0.0)):
                yield here, offset
            return
        yield here, (0.0, 0.0)
        shape = self._features[each.at].geometry
        if self._extent[each.at] == 0:
            yield here, (0.0, 14.0)
            yield here, (0.0, -14.0)
        elif self.role is Role.AREA:
            west, north = each.x / WORLD_PX, each.y / WORLD_PX
            side = 1 << z
            x, y = float(self._x[each.at]) * side - west, float(self._y[each.at]) * side - north
            steps = np.array(_ELSEWHERE, np.float64) + (each.x, each.y)
            lon = (x + steps[:, 0] / WORLD_PX) / side * 360 - 180
            lat = np.array([latitude((y + down / WORLD_PX) / side) for down in steps[:, 1]])
            within = shapely.contains_xy(shape, lon, lat)
            for place in zip(*(part[within].tolist() for part in (*steps.T, lon, lat)), strict=True):
                yield place, (0.0, 0.0)
        else:
            yield from ((place, (0.0, 0.0)) for place in self._along(z, each, shape))

    def _along(self, z: int, each: _Candidate, shape: Any) -> Iterator[_Place]:
        """Yield further places on a line."""
        lines = [part for part in shapely.get_parts(shape) if isinstance(part, shapely.LineString)]
        if not lines:
            return
        longest = max(lines, key=lambda part: part.length)
        points = shapely.line_interpolate_point(longest, _ALONG, normalized=True)
        lon, lat = shapely.get_x(points), shapely.get_y(points)
        px = WORLD_PX * (1 << z)
        x, y = (
            new * px - float(old[each.at]) * px for new, old in zip(unit(lon, lat), (self._x, self._y), strict=True)
        )
        yield from zip((each.x + x).tolist(), (each.y + y).tolist(), lon.tolist(), lat.tolist(), strict=True)

    def _written(self, at: int, language: str) -> str:
        """Return the name on the map; one that several areas or shelters share has its code behind it."""
        feature, name = self._features[at], self._names[at]
        translated = _translated(feature, language)
        if not translated:
            return shortened(name)
        return f"{shortened(translated)} ({feature.code})" if name != feature.name else shortened(translated)


_Place = tuple[float, float, float, float]  # in the tile, and in degrees


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A name with the place of its feature in the tile and half of its width and height, in pixels."""

    name: str
    x: float
    y: float
    half_width: float
    half_height: float
    at: int
    layer: LayerLabels


@dataclass(frozen=True, slots=True)
class _Boxes:
    """What is on a tile: rows of place x and y, offset x and y, half width and height, and what is left of these.

    Places grow with the tile; sizes shrink with it to that part of them at most.
    """

    rows: Floats = field(default_factory=lambda: np.empty((0, 7)))

    @staticmethod
    def squares(x: Floats, y: Floats, half: float) -> _Boxes:
        none, halves = np.zeros(len(x)), np.full(len(x), half)
        return _Boxes(np.column_stack([x, y, none, none, halves, halves, none + 1]))

    def __add__(self, other: _Boxes) -> _Boxes:
        return _Boxes(np.concatenate([self.rows, other.rows]))

    def hit(self, box: Floats) -> bool:
        """Return whether a box is too near to one of them at a scale at which tiles are drawn."""
        x, y, right, below, half_width, half_height, least = self.rows.T
        left, own = _left(least), _left(box[6])
        across = np.abs((x - box[0]) * _SCALES + right - box[2]) < half_width * left + box[4] * own + _APART
        down = np.abs((y - box[1]) * _SCALES + below - box[3]) < half_height * left + box[5] * own + _APART / 2
        return bool((across & down).any())


def _left(least: Floats | float) -> Floats:
    """Return what is left of sizes at each scale."""
    left: Floats = np.clip(_SCALES, least, 1.0)
    return left


def _fits(box: Floats) -> bool:
    """Return whether a box is within the tile at each scale."""
    middle, half = box[:2] * _SCALES + box[2:4], box[4:6] * _left(box[6])
    return bool(((middle >= half) & (middle <= WORLD_PX * _SCALES - half)).all())


def symbols_around(index: TileIndex, z: int, x: int, y: int) -> _Boxes:
    """Return the symbols of reports in an XYZ tile and those around it."""
    found, side = _Boxes(), 1 << z
    if z < FIRST_ZOOM:  # where nothing is named, and tiles are full
        return found
    for down in range(max(y - 1, 0), min(y + 2, side)):
        for across in range(x - 1, x + 2) if side > 2 else range(side):
            for places, half in zip(index.places(z, across % side, down), (REPORT_PX, CLUSTER_PX), strict=True):
                at_x, at_y = places * (WORLD_PX / EXTENT)
                found += _Boxes.squares(at_x + (across - x) * WORLD_PX, at_y + (down - y) * WORLD_PX, half)
    return found


def tile_labels(
    layers: Iterable[LayerLabels], z: int, x: int, y: int, language: str = "", around: _Boxes | None = None
) -> list[Label]:
    """Return the names of an XYZ tile of 512 pixels; `language` is of names that a layer has in several (`name:ta`).

    None lies on what is `around`, which `symbols_around` gives, or on a shelter.
    """
    if z < FIRST_ZOOM:
        return []
    layers = sorted(layers, key=lambda each: (_ORDER.index(each.role) if each.role in _ORDER else 9, each.layer))
    boxes = around or _Boxes()
    for layer in layers:
        boxes += layer.symbols(z, x, y)
    placed: list[Label] = []
    named: dict[str, list[tuple[float, float]]] = {}
    for layer in layers:
        least = LOWEST / STYLES[layer.role].image_height if layer.role in STYLES else 1.0
        for each in layer.within(z, x, y, language):
            once = layer.role in (Role.TRANSPORT, Role.CONTEXT)  # a street of many parts
            before = named.setdefault(each.name, [])
            if any(once or abs(each.x - at_x) + abs(each.y - at_y) < _SAME_APART for at_x, at_y in before):
                continue
            for place, offset in layer.elsewhere(z, each):
                box = np.array([*place[:2], *offset, each.half_width, each.half_height, least])
                if _fits(box) and not boxes.hit(box):
                    boxes += _Boxes(box[None])
                    before.append((each.x, each.y))
                    right, below = (round(part) for part in offset)
                    placed.append(Label(each.name, *place[2:], layer.layer, layer.role, right, below))
                    break
    return placed


def _translated(feature: Feature, language: str) -> str:
    """Return the name in a language where the feature has one, as `name:ta` or `name_ta`; else an empty text."""
    if language:
        for key in (f"name:{language}", f"name_{language}"):
            written: Any = feature.properties.get(key)
            if isinstance(written, str) and written.strip():
                return written
    return ""
