"""Generated data of any size from a seed: reports, areas and shelters of a country 1,000 km across.

70 in 100 reports lie in 40 cities, the rest anywhere. Keys are random (sequential ones flatter every index), texts
differ, and only some requests are still unanswered, as in a real incident.

All of it ends at the start of the run. With a moment fixed here, every request would be overdue for months, and the
jobs of a server (calling roles, removing old data) would write thousands of events while it is measured.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.need.need import Need
from crisismap.core.people.identity import new_id
from crisismap.core.report.report import Consent, CurrentReport, Report
from crisismap.core.report.request import Answer, Request, State

BOX = (74.0, 10.0, 84.0, 20.0)  # west, south, east, north
NOW_MS = int(os.environ.setdefault("BENCH_NOW_MS", str(int(1000 * time.time()))))  # one moment for all processes
SPAN_MS = 20 * 3_600_000  # shorter than the wait after which any priority is raised (data/rules/clocks.toml)
ROLES_CALLED = 3  # all of data/rules/clocks.toml
CITIES = 40
SEED = 7
PART = 10_000  # reports generated at a time
CATEGORIES = ("flooding", "shelter", "transport", "rescue", "medical", "water_food", "other")
_WEIGHTS = (0.32, 0.06, 0.12, 0.18, 0.08, 0.16, 0.08)
_REQUEST_CATEGORIES = frozenset({"rescue", "medical", "water_food", "other"})
_SENTENCES = (
    "Water up to the first floor and still rising, {n} of us on the roof",
    "Road under water near the bridge, a bus is stuck since {n} hours",
    "No drinking water for {n} families since yesterday",
    "Old people in house number {n}, they cannot walk, please send a boat",
    "The school takes people in, room for {n} more",
    "Need insulin and milk powder, {n} children here",
    "Water has gone down a little, {n} centimetres left in the street",
    "Tree across the road and a wire in the water, keep away, house {n}",
)
_STATUS = {"shelter": ("open", "full", "closed"), "transport": ("open", "closed", "flooded")}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of the reports: `asking` of them are requests, and of these `open` are unanswered."""

    asking: float = 0.5
    open: float = 0.3


def places(n: int, seed: int = SEED) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of n reports."""
    rng = np.random.default_rng(seed)
    west, south, east, north = BOX
    centres = rng.uniform([west + 0.5, south + 0.5], [east - 0.5, north - 0.5], (CITIES, 2))
    points = rng.uniform([west, south], [east, north], (n, 2))
    urban = np.flatnonzero(rng.random(n) < 0.7)
    points[urban] = centres[rng.integers(0, CITIES, len(urban))] + rng.normal(0, 0.08, (len(urban), 2))
    points = np.round(np.clip(points, np.array([west, south]), np.array([east, north])), 6).astype(np.float64)
    return np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])


def reports(n: int, *, seed: int = SEED, mix: Mix | None = None) -> Iterator[list[CurrentReport]]:
    """Yield n reports as the store would return them, PART at a time, in order of arrival."""
    mix = mix or Mix()
    lon, lat = places(n, seed)
    dice = random.Random(seed)  # noqa: S311 - made-up data
    x, y = lon.tolist(), lat.tolist()
    asking, silent = _split()
    for start in range(0, n, PART):
        stop = min(start + PART, n)
        received = np.sort(np.random.default_rng([seed, start]).integers(0, SPAN_MS // max(1, n // PART), stop - start))
        begin = NOW_MS - SPAN_MS + SPAN_MS * start // n
        yield [
            _report(dice, i + 1, x[i], y[i], begin + int(at), asking if dice.random() < mix.asking else silent, mix)
            for i, at in zip(range(start, stop), received.tolist(), strict=True)
        ]


def _split() -> tuple[list[str], list[str]]:
    """Return categories that ask and those that do not, each as often as it is reported."""
    asking: list[str] = []
    silent: list[str] = []
    for category, weight in zip(CATEGORIES, _WEIGHTS, strict=True):
        (asking if category in _REQUEST_CATEGORIES else silent).extend([category] * round(100 * weight))
    return asking, silent


def _report(
    dice: random.Random, seq: int, lon: float, lat: float, at: int, categories: list[str], mix: Mix
) -> CurrentReport:
    category = dice.choice(categories)
    statuses = _STATUS.get(category)
    asks = category in _REQUEST_CATEGORIES
    report = Report(
        id=new_id(at, dice.randbytes(10)),
        category=category,
        text=dice.choice(_SENTENCES).format(n=dice.randrange(2, 5000)),
        lang="en",
        lon=lon,
        lat=lat,
        accuracy_m=float(dice.randrange(5, 200)),
        place_text="",
        observed_at=at - dice.randrange(0, 600_000),
        received_at=at,
        people=dice.randrange(1, 9) if asks else None,
        fields={"status": dice.choice(statuses)} if statuses else {},
        consent=Consent(publish=dice.random() < 0.5),
        flags=(),
        need=Need.ASKS if asks else Need.INFORMATION,
        channel="api",
        source=None,
        client_id=_uuid(dice),
        payload_hash=dice.randbytes(16),
    )
    return CurrentReport(seq, report, 1, seq, _request(dice, at, mix) if asks else None)


def _request(dice: random.Random, at: int, mix: Mix) -> Request:
    if dice.random() < mix.open:
        return Request(escalated=ROLES_CALLED)
    return Request(State.ANSWERED, answer=Answer("", min(at + 600_000, NOW_MS), "done"))


def _uuid(dice: random.Random) -> str:
    """Return a random (version 4) UUID, as old phones send."""
    h = f"{dice.getrandbits(128):032x}"
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"


def bodies(n: int, seed: int) -> list[bytes]:
    """Return n bodies for POST /api/v1/reports with random keys, about 200 bytes each."""
    return [encoded(body(current)) for part in reports(n, seed=seed) for current in part]


def encoded(members: dict[str, Any]) -> bytes:
    """Return members as JSON."""
    return msgspec.json.encode(members)


def body(current: CurrentReport) -> dict[str, Any]:
    """Return a report's body as a phone sends it, with members that a plain app can store in columns too."""
    report = current.report
    return {
        "category": report.category,
        "text": report.text,
        "lon": report.lon,
        "lat": report.lat,
        "accuracy_m": report.accuracy_m,
        "people": report.people,
        "client_id": report.client_id,
    }


def areas(count: int, seed: int = SEED) -> LayerVersion:
    """Return districts of about 200 corners whose borders overlap and leave small gaps, as surveyed ones do."""
    rng = np.random.default_rng([seed, 1])
    west, south, east, north = BOX
    step = ((east - west) * (north - south) / count) ** 0.5 / 50
    centres = shapely.multipoints(rng.uniform([west, south], [east, north], (count, 2)))
    features = []
    cells = shapely.voronoi_polygons(centres, extend_to=shapely.box(*BOX))
    for number, cell in enumerate(shapely.get_parts(cells)):
        ring = shapely.get_coordinates(shapely.segmentize(shapely.intersection(cell, shapely.box(*BOX)), step))
        shift = rng.normal(0, step / 8, ring.shape)
        shift[-1] = shift[0]
        shape = shapely.make_valid(shapely.Polygon(ring + shift))
        features.append(Feature(str(number), f"District {number}", f"D{number:04d}", shape, {}))
    return LayerVersion(Layer("districts", "Districts", Role.AREA, made_up=True), 1, NOW_MS, tuple(features))


def shelters(count: int, seed: int = SEED) -> LayerVersion:
    """Return open shelters at random places."""
    rng = np.random.default_rng([seed, 2])
    west, south, east, north = BOX
    points = shapely.get_parts(shapely.multipoints(rng.uniform([west, south], [east, north], (count, 2))))
    features = tuple(
        Feature(str(number), f"Shelter {number}", "", point, {}, status="open") for number, point in enumerate(points)
    )
    return LayerVersion(Layer("shelters", "Shelters", Role.SHELTER, made_up=True), 1, NOW_MS, features)
