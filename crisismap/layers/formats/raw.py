"""What every reader hands to the normaliser: features as the file has them, before any repair."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class RawFeature:
    """One row of a file. `row` counts from 1; `problem` says why the geometry could not be built, or is ""."""

    row: int
    id: str | None
    geometry: BaseGeometry | None
    properties: dict[str, Any]
    problem: str = ""
    mended: bool = False  # the builder had to close a ring
    keep: bool = False  # stays without a geometry too: a code or words say where it is


@dataclass(frozen=True, slots=True)
class RawLayer:
    """One file: its features in file order, in the coordinates of `crs`.

    `crs` is an authority code ("EPSG:2263") or WKT; None means that the file does not say. `degrees_by_rule`
    is true where the format itself says WGS 84 (GeoJSON), so that silence needs no remark.
    """

    features: list[RawFeature]
    crs: str | None = None
    degrees_by_rule: bool = False
    notes: list[str] = field(default_factory=list)

    def field_names(self) -> list[str]:
        """Every property name that occurs, in order of first occurrence."""
        names: dict[str, None] = {}
        for feature in self.features:
            names.update(dict.fromkeys(feature.properties))
        return list(names)
