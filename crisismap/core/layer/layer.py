"""Official map data: a layer, one version of it, and the features of that version.

Geometry is shapely, WGS 84, lon/lat order, valid (repaired on the way in).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from crisismap.core.errors import Malformed


class Role(StrEnum):
    """What a layer means to the merge."""

    AREA = "area"  # districts, wards: gives a report its area
    HAZARD = "hazard"  # flooded or flood-prone: gives a report its hazards
    SHELTER = "shelter"  # places of refuge: nearest open one, with distance
    TRANSPORT = "transport"  # roads, bridges, bus lines: open or closed
    CONTEXT = "context"  # drawn, not merged


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing of a layer. `id` and `code` are text exactly as given; `code` is "" where there is none."""

    id: str
    name: str
    code: str
    geometry: BaseGeometry | None
    properties: dict[str, Any]
    status: str = ""  # lower case: open, closed, full, ...; "" where the layer does not say
    valid_from_ms: int | None = None
    valid_to_ms: int | None = None

    def counts_at(self, moment_ms: int) -> bool:
        """Whether its dates cover a moment; a missing one leaves that end open."""
        started = self.valid_from_ms is None or self.valid_from_ms <= moment_ms
        return started and (self.valid_to_ms is None or moment_ms <= self.valid_to_ms)


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer is, without its features."""

    id: str
    title: str
    role: Role
    licence: str = ""
    attribution: str = ""
    made_up: bool = False


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One loaded state of a layer; `version` counts from 1 per layer."""

    layer: Layer
    version: int
    loaded_at_ms: int
    features: tuple[Feature, ...]
    refused: int = 0  # features left out, with reasons in `notes`
    repaired: int = 0  # invalid geometries mended
    notes: tuple[str, ...] = field(default=())
    as_of_ms: int | None = None  # the moment it shows, where that is not when it was loaded

    @property
    def moment_ms(self) -> int:
        """The moment from which this version is what was known."""
        return self.loaded_at_ms if self.as_of_ms is None else self.as_of_ms

    @property
    def unlocated(self) -> int:
        """How many features have no geometry: nothing says where, or no area layer knows their codes."""
        return sum(feature.geometry is None for feature in self.features)

    def at(self, moment_ms: int) -> LayerVersion:
        """The same with only the features that count at a moment; the very same when all do."""
        kept = tuple(f for f in self.features if f.counts_at(moment_ms))
        return self if len(kept) == len(self.features) else replace(self, features=kept)

    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees; None when nothing has a geometry."""
        boxes = shapely.bounds(geometries(self.features))
        boxes = boxes[~np.isnan(boxes[:, 0])]  # as they are of an empty geometry and of none
        if not len(boxes):
            return None
        west, south = boxes[:, :2].min(axis=0).tolist()
        east, north = boxes[:, 2:].max(axis=0).tolist()
        return west, south, east, north


@dataclass(frozen=True, slots=True)
class VersionHead:
    """One kept version, without its features; `count` is None where an older program kept it."""

    version: int
    loaded_at_ms: int
    count: int | None
    refused: int
    repaired: int
    notes: tuple[str, ...]
    as_of_ms: int | None = None


_Packed = tuple[str, str, str, bytes | None, dict[str, Any], str, int | None, int | None]


def geometries(features: Iterable[Feature]) -> NDArray[np.object_]:
    """The geometries as one array, None for a feature that has none: what shapely does to all at once."""
    shapes = [feature.geometry for feature in features]
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def pack(features: tuple[Feature, ...]) -> bytes:
    """The features as zipped MessagePack with geometry in WKB, to be kept or sent."""
    shapes = shapely.to_wkb(geometries(features))
    rows: list[tuple[Any, ...]] = [
        (f.id, f.name, f.code, shape, f.properties, f.status, f.valid_from_ms, f.valid_to_ms)
        for f, shape in zip(features, shapes, strict=True)
    ]
    return zlib.compress(msgspec.msgpack.encode(rows), 1)


def unpack(packed: bytes) -> tuple[Feature, ...]:
    """The features again. Raises Malformed for anything that `pack` did not make."""
    try:
        rows = msgspec.msgpack.decode(zlib.decompress(packed), type=list[_Packed])
        shapes = shapely.from_wkb(np.array([row[3] for row in rows], dtype=object))
        return tuple(
            Feature(r[0], r[1], r[2], shape, r[4], r[5], r[6], r[7]) for r, shape in zip(rows, shapes, strict=True)
        )
    except (zlib.error, msgspec.MsgspecError, shapely.errors.ShapelyError) as problem:
        raise Malformed("not_packed_features", problem=str(problem)) from None
