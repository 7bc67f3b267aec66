"""Official map data: a layer, one version of it, and the features of that version.

Geometries are shapely, WGS 84, lon/lat order, valid (repaired on import).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from crisismap.core.errors import Invalid, Malformed
from crisismap.core.layer.original import Original
from crisismap.core.place.place import Extent, across_180

WARNING = "Warning: "  # begins the notes that a person should act on
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Role(StrEnum):
    """What a layer is used for when reports are merged with it."""

    AREA = "area"  # districts, wards: gives a report its area
    HAZARD = "hazard"  # flooded or flood-prone: gives a report its hazards
    SHELTER = "shelter"  # evacuation shelters: the nearest open one, with distance
    TRANSPORT = "transport"  # roads, bridges, bus lines: open or closed
    CONTEXT = "context"  # drawn, not merged


def check_layer(layer_id: str, role: str) -> None:
    """Raise Invalid unless a layer can have this id and this role."""
    if not _ID.fullmatch(layer_id):
        raise Invalid("id", layer_id, "id_wrong")
    if role not in tuple(Role):
        raise Invalid("role", role, "not_one_of", choices=list(Role))


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a layer. `id` and `code` are text exactly as given; `code` is "" where there is none."""

    id: str
    name: str
    code: str
    geometry: BaseGeometry | None
    properties: dict[str, Any]
    status: str = ""  # lower case: open, closed, full, ...; "" where the layer does not give it
    valid_from_ms: int | None = None
    valid_to_ms: int | None = None

    def counts_at(self, moment_ms: int) -> bool:
        """Return whether its dates include a moment; a missing date leaves that end open."""
        started = self.valid_from_ms is None or self.valid_from_ms <= moment_ms
        return started and (self.valid_to_ms is None or moment_ms <= self.valid_to_ms)

    def bounds(self) -> Extent | None:
        """Return west, south, east, north in degrees, west > east across 180; None without a geometry."""
        if self.geometry is None or self.geometry.is_empty:
            return None
        west, south, east, north = self.geometry.bounds
        return (west, south, east, north) if east - west <= 180 else extent_of(geometries([self]))


@dataclass(frozen=True, slots=True)
class Layer:
    """The metadata of a layer, without its features."""

    id: str
    title: str
    role: Role
    licence: str = ""
    attribution: str = ""
    made_up: bool = False


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is known of the columns of a file, whatever the role of the layer.

    `names` of those with values, in order; `given`: the columns of the fields (id, name, ...) and those that the
    mapping names, by use; `place`: those that give the place; `rows`: the row of each feature of the version.
    """

    names: tuple[str, ...]
    given: dict[str, str]
    place: tuple[str, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """What the columns of a file are used for with a role; `doubtful` are unused ones that look important.

    `used` is from what is used (name, capacity, place, ...) to its columns, `uses` from each column to what it is used
    for, `doubtful` from the column to its looks. `notes`: the sentences on all that, which the version has as well.
    """

    used: dict[str, str]
    uses: dict[str, tuple[str, ...]]
    unused: tuple[str, ...]
    doubtful: dict[str, str]
    notes: tuple[str, ...]
    file: ColumnFacts

    def summary(self) -> dict[str, Any]:
        """Return what programs are told: `used`, `unused` and `doubtful`."""
        return {"used": self.used, "unused": self.unused, "doubtful": self.doubtful}


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One imported version of a layer; `version` counts from 1 per layer.

    `notes` that begin with WARNING are of things that can cost somebody help. `columns` and `turned` are not stored.
    """

    layer: Layer
    version: int
    loaded_at_ms: int
    features: tuple[Feature, ...]
    refused: int = 0  # features left out, with reasons in `notes`
    repaired: int = 0  # invalid geometries repaired
    notes: tuple[str, ...] = field(default=())
    as_of_ms: int | None = None  # the time of the data, where it is not the time of the import
    mapping: dict[str, Any] = field(default_factory=dict)  # the tables of the mapping file that it was read with
    columns: ColumnUse | None = field(default=None, compare=False)
    originals: tuple[Original, ...] = ()  # of warnings: the messages that it was read from
    turned: Extent | None = field(default=None, compare=False)  # where a projected layer lies with its axes exchanged

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return the notes that are warnings, without the word."""
        return tuple(note.removeprefix(WARNING) for note in self.notes if note.startswith(WARNING))

    @property
    def moment_ms(self) -> int:
        """Return the moment from which this version was the current knowledge."""
        return self.loaded_at_ms if self.as_of_ms is None else self.as_of_ms

    @property
    def unlocated(self) -> int:
        """Return how many features have no geometry: no place given, or codes that no area layer has."""
        return sum(feature.geometry is None for feature in self.features)

    def at(self, moment_ms: int) -> LayerVersion:
        """Return the version with only the features valid at a moment; the same object when all are."""
        kept = tuple(f for f in self.features if f.counts_at(moment_ms))
        return self if len(kept) == len(self.features) else replace(self, features=kept)

    def same_content(self, other: LayerVersion) -> bool:
        """Return whether another version has the same metadata and features."""
        return (self.layer, pack(self.features)) == (other.layer, pack(other.features))

    def bounds(self) -> Extent | None:
        """Return west, south, east, north in degrees, west > east across 180; None when no feature has a geometry."""
        return extent_of(geometries(self.features))


@dataclass(frozen=True, slots=True)
class VersionHead:
    """One stored version without its features; `count` is None where an older release stored it."""

    version: int
    loaded_at_ms: int
    count: int | None
    refused: int
    repaired: int
    notes: tuple[str, ...]
    as_of_ms: int | None = None
    layer: Layer | None = None  # its metadata then; None where an older release stored it
    mapping: dict[str, Any] = field(default_factory=dict)

    @property
    def moment_ms(self) -> int:
        """Return the moment from which this version was the current knowledge."""
        return self.loaded_at_ms if self.as_of_ms is None else self.as_of_ms


_Packed = tuple[str, str, str, bytes | None, dict[str, Any], str, int | None, int | None]


def geometries(features: Iterable[Feature]) -> NDArray[np.object_]:
    """Return the geometries as one array for vectorised shapely calls; None for a feature that has none."""
    shapes = [feature.geometry for feature in features]
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def extent_of(shapes: NDArray[np.object_]) -> Extent | None:
    """Return the smallest box around geometries that are cut at 180 degrees, west > east across it; None for none."""
    boxes = shapely.bounds(shapes)
    boxes = boxes[~np.isnan(boxes[:, 0])]  # NaN for an empty or missing geometry
    if not len(boxes):
        return None
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    if east - west <= 180:
        return west, south, east, north
    parts = shapely.bounds(shapely.get_parts(shapes[~shapely.is_missing(shapes)]))
    parts = parts[~np.isnan(parts[:, 0])]
    return across_180((west, south, east, north), parts[:, 0], parts[:, 2])


def part_in(geometry: BaseGeometry, drawn: Extent) -> BaseGeometry:
    """Return what lies in an unrolled extent, in its longitudes; parts cut at 180 degrees are joined again."""
    west, _, east, _ = drawn
    left, _, right, _ = geometry.bounds
    turns = [turn for turn in (-360.0, 0.0, 360.0) if left + turn <= east and right + turn >= west]
    parts = [shapely.clip_by_rect(translate(geometry, turn) if turn else geometry, *drawn) for turn in turns]
    if len(parts) == 1:
        return parts[0]
    return shapely.union_all(shapely.make_valid(parts))  # clipping may make a part invalid, which cannot be joined


def pack(features: tuple[Feature, ...]) -> bytes:
    """Return the features as compressed MessagePack with geometries in WKB."""
    shapes = shapely.to_wkb(geometries(features))
    rows: list[tuple[Any, ...]] = [
        (f.id, f.name, f.code, shape, f.properties, f.status, f.valid_from_ms, f.valid_to_ms)
        for f, shape in zip(features, shapes, strict=True)
    ]
    return zlib.compress(msgspec.msgpack.encode(rows), 1)


def unpack(packed: bytes) -> tuple[Feature, ...]:
    """Return the features of packed bytes. Raises Malformed for anything that `pack` did not write."""
    try:
        rows = msgspec.msgpack.decode(zlib.decompress(packed), type=list[_Packed])
        shapes = shapely.from_wkb(np.array([row[3] for row in rows], dtype=object))
        return tuple(
            Feature(r[0], r[1], r[2], shape, r[4], r[5], r[6], r[7]) for r, shape in zip(rows, shapes, strict=True)
        )
    except (zlib.error, msgspec.MsgspecError, shapely.errors.ShapelyError) as problem:
        raise Malformed("not_packed_features", problem=str(problem)) from None
