"""Roads, bridges and railways: arterials from the old centre, three rings, and a bent street grid, sparser outwards."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from crisismap.demo.city.junctions import join
from crisismap.demo.city.plane import Floats, Line, Warp, Waves, evenly, lines, smooth
from crisismap.demo.city.terrain import Shore, Terrain, coast_x
from crisismap.demo.dice import Dice, dice
from crisismap.demo.inputs import inputs

HUB = (9_200.0, 5_200.0)
BLOCK = 1_000.0  # the street grid before it is bent, m
MAX_EXTENSION_M, GAP_M = 260.0, 2.0  # of a street to the next road; between stretches of one road


@dataclass(frozen=True, slots=True)
class Road:
    """One stretch of road or rail, metres. `kind`: arterial, ring, street, bridge, rail."""

    name: str
    kind: str
    shape: shapely.LineString
    status: str  # open, closed


NamedLine = tuple[str, str, shapely.LineString]  # name, kind, line in metres


def mains(seed: int, shore: Shore) -> list[NamedLine]:
    """Return arterials and rings before they are cut; drawn before the lakes."""
    return [*_arterials(seed, shore), *_rings(seed, shore)]


def backbone(seed: int, shore: Shore) -> BaseGeometry:
    """Return main roads and railways as one shape that lakes must avoid."""
    return shapely.union_all([line for _, _, line in mains(seed, shore)] + [line for _, line in _railways(seed, shore)])


def roads(seed: int, ground: Terrain, flooded: BaseGeometry, names: list[str]) -> list[Road]:
    """Return about 500 stretches, closed mostly in flooded areas. `names` are prefixes for street names."""
    rng = dice(seed, "roads")
    water = shapely.union_all([w.shape for w in ground.waters])
    found: list[Road] = []
    main = mains(seed, ground.shore)
    for name, kind, line in main:
        found += _with_bridges(rng, name, kind, line, water)
    for name, line in _railways(seed, ground.shore):
        found += [Road(f"{name} section {i + 1}", "rail", piece, "") for i, piece in enumerate(_cut(line, 5_200))]
    big = shapely.union_all([line for _, _, line in main]).buffer(130)
    streets = list(_streets(seed, ground, water, big))
    found += [
        Road(name, "street", line, "")
        for name, line in zip(_street_names(rng, names, len(streets)), streets, strict=True)
    ]
    shapely.prepare(flooded)
    return _connect([replace(road, status=_status(rng, road, flooded)) for road in found], water)


def _connect(found: list[Road], water: BaseGeometry) -> list[Road]:
    """Return the roads with a common vertex wherever two meet; rails stay separate."""
    plain = [shapely.simplify(road.shape, 3) for road in found]
    road_numbers = [i for i, road in enumerate(found) if road.kind != "rail"]
    reach = [MAX_EXTENSION_M if found[i].kind == "street" else GAP_M for i in road_numbers]
    for i, line in zip(road_numbers, join([plain[i] for i in road_numbers], reach, water), strict=True):
        plain[i] = line
    return [replace(road, shape=line) for road, line in zip(found, plain, strict=True)]


def _status(rng: Dice, road: Road, flooded: BaseGeometry) -> str:
    under = shapely.length(shapely.intersection(road.shape, flooded)) / road.shape.length
    chance = 0.62 if under > 0.45 else 0.3 if under > 0.1 else 0.012
    if road.kind == "bridge":
        chance *= 0.5
    return "closed" if rng.random() < chance else "open"


def _arterials(seed: int, shore: Shore) -> Iterator[NamedLine]:
    """Yield roads from the hub to the city limit, every 20 to 30 degrees on land, and one along the beach."""
    names = inputs("names")["streets"]["arterials"]
    angles = (183, 207, 232, 262, 152, 112)
    for name, degrees in zip([*names[:3], *names[4:]], angles, strict=False):
        sway = Waves.of(seed, f"arterial/{name}", ((6_500, 380), (2_100, 90), (800, 18)))
        along = np.arange(0, 34_000, 120.0)
        off = sway(along, along * 0) * np.clip(along / 2_500, 0, 1)
        turn = math.radians(degrees)
        x = HUB[0] + np.cos(turn) * along - np.sin(turn) * off
        y = HUB[1] + np.sin(turn) * along + np.cos(turn) * off
        yield name, "arterial", _clip_to_shore(np.column_stack((x, y)), shore)
    y = np.arange(-19_600, 17_500, 150.0)
    sway = Waves.of(seed, "beach", ((5_000, 130), (1_500, 25)))
    beach = np.column_stack((coast_x(shore.coast, y) - 520 + sway(y, y * 0), y))
    yield names[3], "arterial", _clip_to_shore(beach, shore)


def _rings(seed: int, shore: Shore) -> Iterator[NamedLine]:
    for name, radius in zip(inputs("names")["streets"]["rings"], (3_900, 8_200, 13_600), strict=True):
        turn = np.radians(np.arange(85, 276, 1.5))
        sway = Waves.of(seed, f"ring/{name}", ((7_000, radius * 0.05), (2_300, radius * 0.014)))
        x, y = HUB[0] + np.cos(turn) * radius * 0.93, HUB[1] - radius * 0.12 + np.sin(turn) * radius * 1.16
        push = sway(x, y)
        ring = np.column_stack((x + push * np.cos(turn), y + push * np.sin(turn)))
        yield name, "ring", _clip_to_shore(ring, shore)


def _railways(seed: int, shore: Shore) -> Iterator[tuple[str, shapely.LineString]]:
    courses = (
        [(8.4, 6.2), (5, 6.4), (-2, 7.6), (-15, 6.4)],
        [(8.6, 6.0), (6.4, 2), (2.6, -3), (1.2, -11), (-2, -21)],
        [(8.8, 6.4), (9.4, 10), (7.6, 15), (6.4, 21)],
    )
    for name, course in zip(inputs("names")["streets"]["railways"], courses, strict=True):
        bend = Warp.of(seed, f"rail/{name}", ((9_000, 260),))
        yield name, _clip_to_shore(bend(evenly(smooth(np.array(course) * 1_000, 4), 200)), shore)


def _clip_to_shore(points: Line, shore: Shore) -> shapely.LineString:
    return lines(shapely.intersection(shapely.LineString(points), shore.land.buffer(-40)))[0]


def _with_bridges(rng: Dice, name: str, kind: str, line: shapely.LineString, water: BaseGeometry) -> list[Road]:
    """Return the line in stretches of about 2.5 km, with every crossing of water as a bridge."""
    over = lines(shapely.intersection(line, water.buffer(15)))
    spans = [span for span in over if span.length > 60]
    spans.sort(key=lambda span: line.project(shapely.Point(span.coords[0])))
    found = [Road(f"{name} bridge {i + 1}", "bridge", span, "") for i, span in enumerate(spans)]
    rest = lines(line - shapely.union_all(spans).buffer(0.5)) if spans else [line]
    rest.sort(key=lambda part: line.project(shapely.Point(part.coords[0])))
    pieces = [piece for part in rest for piece in _cut(part, rng.uniform(2_200, 2_900))]
    return found + [Road(f"{name} section {i}", kind, piece, "") for i, piece in enumerate(pieces, 1)]


def _cut(line: shapely.LineString, step: float) -> list[shapely.LineString]:
    count = max(1, round(line.length / step))
    at = np.linspace(0, line.length, count + 1).tolist()
    pieces = [substring(line, a, b) for a, b in itertools.pairwise(at)]
    return [p for p in pieces if isinstance(p, shapely.LineString) and p.length > 40]


def _streets(seed: int, ground: Terrain, water: BaseGeometry, big: BaseGeometry) -> Iterator[shapely.LineString]:
    """Yield runs of one to five blocks of a bent grid, denser near the centre."""
    rng = dice(seed, "streets")
    bend = Warp.of(seed, "grid", ((7_500, 620), (2_600, 150), (900, 28)))
    keep_off = water.buffer(25) | big
    for across in (False, True):
        for i in range(-20, 21) if not across else range(-26, 27):
            for run in _runs(rng, across, i * BLOCK):
                line = shapely.LineString(bend(evenly(run, 110)))
                parts = lines(shapely.intersection(line, ground.land.buffer(-150)) - keep_off)
                yield from (shapely.simplify(p, 5) for p in parts if p.length > 600)


def _runs(rng: Dice, across: bool, offset: float) -> Iterator[Floats]:
    """Yield parts of one grid line, each two corner points (n, 2) before bending. The grid follows the coast."""
    start: float | None = None
    blocks_left = 0
    for at in np.arange(-21_000, 21_001, BLOCK):
        x, y = (at, offset) if across else (offset, at)
        x, y = x + 0.165 * y, y - 0.1 * x
        chance = 0.6 + 0.39 * math.exp(-((math.hypot(x - HUB[0], (y - HUB[1]) * 0.8) / 9_500) ** 2))
        continues = rng.random() < chance
        if continues and start is None:
            start, blocks_left = at, rng.randint(4, 9)
        blocks_left -= 1
        if start is not None and (not continues or blocks_left <= 0):
            ends = [(start, offset), (at, offset)] if across else [(offset, start), (offset, at)]
            if at > start:
                yield np.array([(px + 0.165 * py, py - 0.1 * px) for px, py in ends])
            start = None


def _street_names(rng: Dice, prefixes: list[str], count: int) -> list[str]:
    """Return distinct names: `Vanni Salai`, `3rd Cross Street, Marutham`."""
    parts = inputs("names")["streets"]
    names = [f"{p} {k}" for p in prefixes for k in parts["kinds"]]
    names += [f"{o} {k}, {p}" for o in parts["ordinals"] for k in parts["kinds"][:2] for p in prefixes]
    return rng.sample(names, count)
