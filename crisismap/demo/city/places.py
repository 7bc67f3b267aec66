"""Named points of the city: neighbourhoods, landmarks and shelters, with the Tamil spelling people use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from crisismap.demo.city.plane import point_metres
from crisismap.demo.dice import Dice, dice
from crisismap.demo.inputs import inputs

NAME = "Chennai flood (made up)"  # of the incident
NEIGHBOURHOODS = 112


@dataclass(frozen=True, slots=True)
class NamedPoint:
    """A named point, metres. `kind`: neighbourhood, or a landmark's; `near` is the neighbourhood it belongs to."""

    name: str
    name_ta: str
    kind: str
    x: float
    y: float
    near: str


@dataclass(frozen=True, slots=True)
class DemoShelter:
    """A shelter as the official list has it, metres."""

    name: str
    x: float
    y: float
    status: str  # open, full, closed
    capacity: int
    occupancy: int


def name_list(seed: int) -> list[tuple[str, str]]:
    """Return all combinations of name parts (Latin, Tamil), shuffled, without the excluded ones."""
    names = inputs("names")
    excluded = {name.lower() for name in names["avoid"]}
    pairs = [(p["en"] + s["en"], p["ta"] + s["ta"]) for p in names["prefixes"] for s in names["suffixes"]]
    pairs = [pair for pair in pairs if pair[0].lower() not in excluded]
    dice(seed, "names").shuffle(pairs)
    return pairs


def neighbourhoods(
    seed: int, wards: list[shapely.Polygon], dry: BaseGeometry, names: list[tuple[str, str]]
) -> list[NamedPoint]:
    """Return neighbourhoods in the middle of some wards: a name and its label's place."""
    rng = dice(seed, "neighbourhoods")
    ward_numbers = sorted(rng.sample(range(len(wards)), min(NEIGHBOURHOODS, len(wards))))
    found: list[NamedPoint] = []
    for ward, (name, tamil) in zip(ward_numbers, names, strict=False):
        point = wards[ward].representative_point()
        x, y = _place_on_ground(rng, dry, *point_metres(point.x, point.y), 120)
        found.append(NamedPoint(name, tamil, "neighbourhood", x, y, name))
    return found


def ward_names(wards: list[shapely.Polygon], hoods: list[NamedPoint]) -> list[str]:
    """Return ward names after the nearest neighbourhood; further wards get a direction, then a number."""
    points = np.array([(h.x, h.y) for h in hoods])
    middles = np.array([point_metres(*w.centroid.coords[0]) for w in wards])
    away = np.hypot(*(middles[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    order, names, used = np.argsort(away.min(axis=1), kind="stable"), [""] * len(wards), set[str]()
    for ward in order.tolist():
        hood = int(away[ward].argmin())
        dx, dy = middles[ward] - points[hood]
        direction = inputs("names")["directions"][round(float(np.arctan2(dy, dx)) / (np.pi / 2)) % 4]
        base = hoods[hood].name
        options = [base, f"{base} {direction}", *(f"{base} {direction} {n}" for n in range(2, 9))]
        names[ward] = next(name for name in options if name not in used)
        used.add(names[ward])
    return names


def landmarks(seed: int, hoods: list[NamedPoint], dry: BaseGeometry) -> Iterator[NamedPoint]:
    """Yield schools, temples, markets and the like, some hundred metres from their neighbourhood."""
    rng = dice(seed, "landmarks")
    for kind in inputs("names")["landmarks"]:
        for hood in _sample(rng, hoods, kind["count"]):
            name = rng.choice(kind["names"]).format(hood.name)
            x, y = _place_on_ground(rng, dry, hood.x, hood.y, 420)
            yield NamedPoint(name, kind["ta"].format(hood.name_ta), kind["kind"], x, y, hood.name)


def shelters(seed: int, hoods: list[NamedPoint], dry: BaseGeometry, flooded: BaseGeometry) -> list[DemoShelter]:
    """Return halls and schools, nearly all outside the flood zones, one or two per neighbourhood near water."""
    rng = dice(seed, "shelters")
    plan = inputs("names")["shelters"]
    safe = dry - flooded
    near = sorted(hoods, key=lambda h: flooded.distance(shapely.Point(h.x, h.y)) + rng.uniform(0, 2_500))
    found: list[DemoShelter] = []
    for i in range(plan["count"]):
        hood = near[i % len(near)]
        ground = dry if rng.random() < 0.08 else safe
        x, y = _place_on_ground(rng, ground, hood.x, hood.y, 520)
        capacity = rng.choice([120, 150, 200, 250, 300, 400, 500, 600, 800, 1_200])
        status = rng.choices(["open", "full", "closed"], [0.7, 0.18, 0.12])[0]
        occupancy = {"full": capacity, "closed": 0}.get(status, int(capacity * rng.uniform(0.08, 0.93)))
        name = rng.choice([n for n in plan["names"] if n.format(hood.name) not in {s.name for s in found}])
        found.append(DemoShelter(name.format(hood.name), x, y, status, capacity, occupancy))
    return found


def _sample(rng: Dice, hoods: list[NamedPoint], count: int) -> list[NamedPoint]:
    """Return `count` neighbourhoods, none twice before all were used."""
    turns = [rng.sample(hoods, len(hoods)) for _ in range(-(-count // len(hoods)))]
    return [hood for turn in turns for hood in turn][:count]


def _place_on_ground(rng: Dice, ground: BaseGeometry, x: float, y: float, spread: float) -> tuple[float, float]:
    """Return a point on the given ground near x, y; the radius grows until there is one."""
    while True:
        px, py = rng.gauss(x, spread), rng.gauss(y, spread)
        if shapely.contains_xy(ground, px, py):
            return px, py
        spread *= 1.05
