"""The terrain of the demo: an invented coast and city limit, rivers with estuaries, lakes and a marsh."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from crisismap.demo.city.plane import Floats, Line, Warp, Waves, evenly, normals, polygons, ribbon, smooth
from crisismap.demo.dice import dice, numpy_dice


@dataclass(frozen=True, slots=True)
class Course:
    """The plan of a river. Only name and rough course are those of a real one."""

    name: str
    points: tuple[tuple[float, float], ...]  # km, from west to the sea; the last point is moved onto the coast
    narrow: float  # width upstream, m
    mouth: float  # width at the sea, m
    bend: float  # height of the meanders, m


RIVERS = (
    Course("Kosasthalaiyar", ((-19, 15.5), (-10, 17.2), (-3, 14.6), (4, 16.4), (9, 15.2), (17, 16.6)), 70, 300, 330),
    Course("Cooum", ((-19, 0.5), (-11, 3.2), (-4, 1.6), (2, 4.4), (7, 2.6), (15, 4.6)), 35, 130, 300),
    Course("Adyar", ((-17, -9.5), (-9, -6.2), (-3, -7.4), (3, -2.6), (7, -4.4), (14, -3.0)), 45, 330, 340),
)


@dataclass(frozen=True, slots=True)
class Water:
    """A river, canal or lake; `line` is the centre line of flowing water, else None."""

    name: str
    kind: str  # river, canal, lake, marsh
    shape: BaseGeometry
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Shore:
    """The land inside the city limit, and the waves of its coast."""

    land: shapely.Polygon
    coast: Waves


@dataclass(frozen=True, slots=True)
class Terrain:
    """The land, its waters, and the remaining dry ground."""

    shore: Shore
    waters: tuple[Water, ...]
    dry: BaseGeometry

    @property
    def land(self) -> shapely.Polygon:
        """Return everything inside the city limit, water included."""
        return self.shore.land


def coast_x(waves: Waves, y: Floats) -> Floats:
    """Return the shore's x at each y, metres."""
    return np.asarray(10_300 + y * 0.165 + waves(np.zeros_like(y), y), dtype=np.float64)


def shore(seed: int) -> Shore:
    """Return coast and city limit, without anything on the land."""
    coast = Waves.of(seed, "coast", ((9_000, 420), (3_200, 110), (1_100, 22)))
    land = polygons(_limit(seed) - _sea(coast))[0]
    return Shore(shapely.simplify(land, 5), coast)


def terrain(seed: int, shore: Shore, lake_names: list[str], mains: BaseGeometry) -> Terrain:
    """Return the land with its waters; `lake_names` names the lakes, `mains` are roads that lakes avoid."""
    land, coast = shore.land, shore.coast
    streams = [_river(seed, coast, river) for river in RIVERS] + [_canal(seed, coast)]
    marsh = _marsh(seed)
    keep_off = shapely.union_all([w.shape for w in streams]).buffer(260) | marsh.shape.buffer(900) | mains.buffer(140)
    waters = [
        Water(w.name, w.kind, shapely.simplify(shape, 4), w.line)
        for w in [*streams, marsh, *_lakes(seed, land, keep_off, lake_names)]
        if not (shape := shapely.intersection(w.shape, land.buffer(400))).is_empty
    ]
    wet = shapely.union_all([w.shape for w in waters])
    return Terrain(shore, tuple(waters), shapely.buffer(land, -60) - wet.buffer(12))


def _sea(coast: Waves) -> shapely.Polygon:
    y = np.arange(-30_000, 30_001, 60.0)
    shore = np.column_stack((coast_x(coast, y), y))
    return shapely.Polygon(np.vstack((shore, [[40_000, 30_000], [40_000, -30_000]])))


def _limit(seed: int) -> shapely.Polygon:
    """Return the city limit on the land side: an irregular oval, longer from south to north."""
    turn = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    x, y = np.cos(turn) * 13_900, np.sin(turn) * 19_300
    oval = shapely.Polygon(np.column_stack((x + 1_000 + 0.14 * y, y)))
    strand = shapely.box(1_500, -19_600, 30_000, 19_400).buffer(600)  # the city reaches both ends of its beach
    warp = Warp.of(seed, "limit", ((16_000, 1_000), (5_200, 480), (1_900, 130)))
    shape = shapely.transform(shapely.segmentize(oval | strand, 120), warp)
    return polygons(shapely.intersection(shapely.make_valid(shape), shapely.box(-14_600, -20_420, 20_000, 20_420)))[0]


def _river(seed: int, coast: Waves, plan: Course) -> Water:
    points = np.array(plan.points) * 1_000
    points[-1, 0] = coast_x(coast, points[-1:, 1])[0] + 900
    line = evenly(smooth(points), 70)
    along = np.arange(len(line)) * 70.0
    calm = np.clip((along[-1] - along) / 3_500, 0.12, 1)  # rivers run straighter near the sea
    swing = Waves.of(
        seed, f"river/{plan.name}", ((3_300, plan.bend), (1_250, plan.bend * 0.34), (480, plan.bend * 0.07))
    )
    line = line + normals(line) * (swing(along, np.zeros_like(along)) * calm)[:, None]
    uneven = 1 + 0.18 * np.sin(along / 700) + 0.12 * np.sin(along / 230 + 1)
    width = plan.narrow + (plan.mouth - plan.narrow) * np.exp(-(along[-1] - along) / 3_800)
    return Water(plan.name, "river", ribbon(line, width * uneven / 2), line)


def _canal(seed: int, coast: Waves) -> Water:
    y = np.arange(-21_000, 18_000, 90.0)
    sway = Waves.of(seed, "canal", ((7_000, 170), (1_800, 30)))
    line = np.column_stack((coast_x(coast, y) - 1_300 - 10 * np.sqrt(np.abs(y - 3_000)) + sway(y * 0, y), y))
    return Water("Palmyra Canal", "canal", ribbon(line, np.full(len(line), 17.0)), line)


def blob(seed: int, purpose: str, centre: tuple[float, float], radius: float, stretch: float = 1.0) -> BaseGeometry:
    """Return a lake-like outline: a circle, stretched, turned and made irregular."""
    rng = dice(seed, purpose)
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    uneven = 1 + sum(rng.uniform(-0.3, 0.3) / n**0.7 * np.sin(n * turn + rng.uniform(0, 6.3)) for n in range(2, 7))
    x, y = np.cos(turn) * radius * stretch * uneven, np.sin(turn) * radius / stretch * uneven
    tilt = rng.uniform(0, math.pi)
    ring = np.column_stack((x * math.cos(tilt) - y * math.sin(tilt), x * math.sin(tilt) + y * math.cos(tilt)))
    return shapely.make_valid(shapely.Polygon(ring + np.array(centre)))


def _marsh(seed: int) -> Water:
    parts = [blob(seed, f"marsh/{i}", (3_700 + 260 * i, -13_400 - 900 * i), 840 - 130 * i, 1.25) for i in range(3)]
    shape = shapely.union_all(parts).buffer(160).buffer(-160)
    return Water("South Marsh", "marsh", polygons(shape)[0])


def _lakes(seed: int, land: shapely.Polygon, avoid: BaseGeometry, names: list[str]) -> list[Water]:
    """Return old irrigation tanks: round upstream, cut straight by their dam, more of them far from the centre."""
    rng = numpy_dice(seed, "lakes")
    west, south, east, north = land.bounds
    inside, occupied, found = land.buffer(-500), avoid, list[Water]()
    for attempt in range(4_000):
        if len(found) == len(names):
            break
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if rng.random() > min(1.0, (math.hypot(x - 9_000, (y - 4_000) * 0.8) / 15_000) ** 2):
            continue
        radius = float(rng.choice([170, 240, 330, 460, 620], p=[0.3, 0.26, 0.22, 0.14, 0.08]))
        shape = blob(seed, f"lake/{attempt}", (x, y), radius, rng.uniform(1.0, 1.5))
        bund = shapely.box(radius * 0.55, -9_000, 9_000, 9_000)
        bund = affinity.translate(affinity.rotate(bund, rng.uniform(0, 360), (0, 0)), x, y)
        shape = polygons((shape - bund).buffer(-radius * 0.1).buffer(radius * 0.1))[0]
        if inside.contains(shape) and not occupied.intersects(shape):
            found.append(Water(names[len(found)], "lake", shape))
            occupied = occupied | shape.buffer(600)
    return found
