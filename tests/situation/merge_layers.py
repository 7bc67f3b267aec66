"""Small layers and batches for the merge tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.situation.merge.merge import MergeBatch, MergeResult

CATEGORIES = ("flooding", "shelter", "transport", "rescue", "medical", "water_food", "other")


def feature(id: str, geometry: BaseGeometry | None, **more: Any) -> Feature:
    return Feature(id, more.pop("name", f"name {id}"), more.pop("code", ""), geometry, {}, **more)


def layer(id: str, role: Role, features: Iterable[Feature], version: int = 1) -> LayerVersion:
    return LayerVersion(Layer(id, id, role), version, 0, tuple(features))


def asked(
    lon: Sequence[float] | np.ndarray,
    lat: Sequence[float] | np.ndarray,
    category: str | Sequence[str] = "other",
    status: str | Sequence[str] = "",
    at_ms: int | Sequence[int] = 0,
) -> MergeBatch:
    n = len(lon)
    categories = [category] * n if isinstance(category, str) else category
    return MergeBatch(
        np.asarray(lon, float),
        np.asarray(lat, float),
        np.array([CATEGORIES.index(c) for c in categories], np.uint8),
        np.broadcast_to(np.asarray(at_ms, np.int64), n),
        [status] * n if isinstance(status, str) else status,
        CATEGORIES,
    )


def areas(merged: MergeResult) -> list[str | None]:
    return [merged.facts.areas.items[k].feature if k >= 0 else None for k in merged.area]


def hazards(merged: MergeResult) -> list[list[str]]:
    return [[h.feature for h in merged.facts.hazards.sets[k]] if k >= 0 else [] for k in merged.hazards]


def shelters(merged: MergeResult) -> list[str | None]:
    return [merged.facts.shelters.items[k].feature if k >= 0 else None for k in merged.shelter]


def whys(merged: MergeResult) -> list[list[tuple[str, str]]]:
    sets = merged.facts.disagreements.sets
    return [[(d.feature, d.why) for d in sets[k]] if k >= 0 else [] for k in merged.disagrees]


def wobbly_districts(count: int, seed: int, box: tuple[float, float, float, float]) -> list[BaseGeometry]:
    """Neighbours that overlap and leave gaps a little, about 60 vertices each."""
    rng = np.random.default_rng(seed)
    west, south, east, north = box
    seeds = shapely.multipoints(rng.uniform([west, south], [east, north], (count, 2)))
    out = []
    for cell in shapely.get_parts(shapely.voronoi_polygons(seeds)):
        cell = shapely.segmentize(shapely.intersection(cell, shapely.box(*box)), (east - west) / 100)
        ring = shapely.get_coordinates(cell)
        shift = rng.normal(0, (east - west) / 2000, ring.shape)
        shift[-1] = shift[0]
        out.append(shapely.make_valid(shapely.Polygon(ring + shift)))
    return out
