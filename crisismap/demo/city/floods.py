"""Flood zones: low land along rivers, below lakes and around the marsh, as irregular patches with name and level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from crisismap.demo.city.plane import Floats, Line, Warp, Waves, evenly, polygons, ribbon, smooth
from crisismap.demo.city.terrain import Terrain, Water, blob
from crisismap.demo.dice import Dice, dice

REACHES = {"Kosasthalaiyar": 4, "Cooum": 6, "Adyar": 6}
SPREAD = {"Kosasthalaiyar": 560.0, "Cooum": 380.0, "Adyar": 640.0}  # usual half width of a river's flooding, m


@dataclass(frozen=True, slots=True)
class Zone:
    """One flood zone, metres. `onset` is when it fills in the story: 0 first, 1 last."""

    name: str
    level: str  # severe, high, moderate
    shape: shapely.Polygon
    onset: float


def zones(seed: int, ground: Terrain) -> list[Zone]:
    """Return zones that do not overlap: rivers first, then marsh, lakes and the canal's low ground."""
    edge_warp = Warp.of(seed, "flood-edge", ((900, 60), (330, 20), (140, 6)))
    found: list[Zone] = []
    occupied: BaseGeometry = shapely.Polygon()
    for name, level, shape, onset in _drafts(seed, ground):
        rough = shapely.transform(shapely.segmentize(shape.buffer(90).buffer(-90), 60), edge_warp)
        free = shapely.intersection(shapely.make_valid(rough), ground.land) - occupied
        parts = polygons(free.buffer(-25).buffer(25))
        if parts and parts[0].area > 160_000:
            outline = shapely.simplify(shapely.Polygon(parts[0].exterior), 7)
            found.append(Zone(name, level, polygons(shapely.make_valid(outline - occupied))[0], onset))
            occupied = occupied | found[-1].shape
    return found


Draft = tuple[str, str, BaseGeometry, float]


def _drafts(seed: int, ground: Terrain) -> Iterator[Draft]:
    rng = dice(seed, "floods")
    for water in ground.waters:
        if water.kind == "river":
            yield from _river_drafts(seed, rng, water, ground.land)
    for water in ground.waters:
        if water.kind == "marsh":
            yield f"{water.name} basin", "high", water.shape.buffer(520), 0.35
        elif water.kind == "lake" and rng.random() < 0.62:
            yield _lake_draft(seed, rng, water)
        elif water.kind == "canal":
            yield from _pockets(seed, rng, water, ground.land)


def _river_drafts(seed: int, rng: Dice, river: Water, land: shapely.Polygon) -> Iterator[Draft]:
    """Yield reaches of the river; each varies in width and extends up its side drains."""
    assert river.line is not None  # noqa: S101 - rivers are made with one
    line = river.line[shapely.contains_xy(land, river.line)]
    count = REACHES[river.name]
    breadth = Waves.of(seed, f"breadth/{river.name}", ((4_200, 0.34), (1_500, 0.24), (600, 0.12)))
    side = Waves.of(seed, f"side/{river.name}", ((3_000, 0.45),))
    along = np.arange(len(line)) * 70.0
    radius = SPREAD[river.name] * np.clip(0.95 + breadth(along, along * 0), 0.3, 1.9)
    course = line + np.column_stack((side(along, along), side(along, -along))) * radius[:, None]
    cuts = np.linspace(0, len(line) - 1, count + 1).astype(int)
    for i, (start, end) in enumerate(zip(cuts[:-1], cuts[1:], strict=True)):
        if rng.random() < 0.12:
            continue
        shape = ribbon(course[start : end + 1], radius[start : end + 1])
        fingers = [_finger(rng, line[rng.randrange(start, end)]) for _ in range(rng.randint(2, 4))]
        level = rng.choices(["severe", "high", "moderate"], [0.45, 0.4, 0.15])[0]
        yield f"{river.name} reach {i + 1}", level, shapely.union_all([shape, *fingers]), i / count


def _finger(rng: Dice, start: Floats) -> BaseGeometry:
    angle, points = rng.uniform(0, 6.28), [start]
    for _ in range(rng.randint(3, 6)):
        angle += rng.uniform(-0.6, 0.6)
        points.append(points[-1] + np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(230, 420))
    line: Line = evenly(smooth(np.array(points), 2), 60)
    return ribbon(line, np.linspace(rng.uniform(220, 330), rng.uniform(60, 110), len(line)))


def _lake_draft(seed: int, rng: Dice, lake: Water) -> Draft:
    """Return the low land on one side of a lake that floods when the lake is full."""
    size = float(np.sqrt(lake.shape.area))
    angle = rng.uniform(0, 6.28)
    centre = lake.shape.centroid
    centre_point = (centre.x + np.cos(angle) * size * 0.7, centre.y + np.sin(angle) * size * 0.7)
    shape = blob(seed, f"below/{lake.name}", centre_point, size * rng.uniform(0.75, 1.05), rng.uniform(1.1, 1.5))
    level = rng.choices(["high", "moderate"], [0.4, 0.6])[0]
    return f"{lake.name} overflow", level, shape | lake.shape.buffer(50), rng.uniform(0.2, 0.9)


def _pockets(seed: int, rng: Dice, canal: Water, land: shapely.Polygon) -> Iterator[Draft]:
    assert canal.line is not None  # noqa: S101 - canals are made with one
    line = canal.line[shapely.contains_xy(land, canal.line)]
    for i in range(7):
        x, y = line[int((i + rng.uniform(0.25, 0.75)) * len(line) / 7)]
        shape = blob(seed, f"pocket/{i}", (x, y), rng.uniform(420, 800), 1.35)
        yield f"Canal low ground {i + 1}", rng.choice(["high", "moderate"]), shape, rng.uniform(0.3, 1)
