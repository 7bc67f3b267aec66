"""The result of every reader: features as the file has them, before any repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from shapely.geometry.base import BaseGeometry

from crisismap.core.errors import Invalid, shorten

_MOST_NOTES = 10  # of one kind
_MOST_ROWS = 5  # row numbers listed in one note
_MOST_NAMES = 12  # listed in one note


@dataclass(frozen=True, slots=True)
class RawFeature:
    """One row of a file. `row` counts from 1; `problem` is why the geometry could not be built, or ""."""

    row: int
    id: str | None
    geometry: BaseGeometry | None
    properties: dict[str, Any]
    problem: str = ""
    repaired: bool = False  # whether a ring had to be closed
    keep: bool = False  # whether it stays without a geometry: a code or text gives its place


@dataclass(frozen=True, slots=True)
class RawLayer:
    """One file: its features in file order, in the coordinates of `crs`.

    `crs` is an authority code ("EPSG:2263") or WKT; None means that the file does not give it. `degrees_by_rule`
    is true where the format itself prescribes WGS 84 (GeoJSON), so that a missing CRS needs no note. `crs_problem` is
    why the system that the file gives cannot be used; a mapping may name it instead. `place_columns`
    are the columns that gave the place; `own_fields` is false where the format prescribes the fields, as in feeds.
    """

    features: list[RawFeature]
    crs: str | None = None
    degrees_by_rule: bool = False
    notes: list[str] = field(default_factory=list)
    place_columns: tuple[str, ...] = ()
    own_fields: bool = True
    crs_problem: Invalid | None = None

    def field_names(self) -> list[str]:
        """Return every property name, in order of first occurrence."""
        return list(dict.fromkeys(chain.from_iterable(feature.properties for feature in self.features)))


def first_notes(notes: Sequence[str]) -> list[str]:
    """Return the first notes of one kind, and how many more there are."""
    more = len(notes) - _MOST_NOTES
    return [*notes[:_MOST_NOTES], f"and {more} more of this kind"] if more > 0 else list(notes)


def row_numbers(rows: Sequence[int]) -> str:
    """Return `rows 1, 2, 3, 4, 5 and 7 more`."""
    listed = ", ".join(map(str, rows[:_MOST_ROWS]))
    more = f" and {len(rows) - _MOST_ROWS} more" if len(rows) > _MOST_ROWS else ""
    return f"row{'s' if len(rows) > 1 else ''} {listed}{more}"


def left_out(kind: str, names: Sequence[str]) -> str:
    """Return a note on parts of a file that were not used: counted, and the first ones named."""
    listed = ", ".join(shorten(name, 80) for name in names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{kind}, not used: {len(names)} ({listed}{more})"
