"""The gazetteer file: a CSV of place names with coordinates; invalid rows are left out with the reason."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from crisismap.core.errors import CrisismapError, Invalid, Malformed, TooLarge
from crisismap.core.place.gazetteer import GazetteerEntry
from crisismap.core.place.place import check_coordinates
from crisismap.core.text.encoding import decode
from crisismap.problems import sentence

MOST_BYTES = 64 * 2**20
MOST_ROWS = 500_000
MOST_NAME = 200  # characters
MOST_OTHERS = 200  # alternative names of one place
MOST_NOTES = 5
ACCURACY_M = 500.0  # of a place without one: a neighbourhood, a village
_COLUMNS = {
    "name": ("name",),
    "lon": ("lon", "longitude"),
    "lat": ("lat", "latitude"),
    "accuracy_m": ("accuracy_m",),
    "others": ("alternatives", "alternatenames"),
}


@dataclass(frozen=True, slots=True)
class GazetteerFile:
    """The content of a file; alternative names are entries of their own.

    `notes`: how its text was read where that was guessed, and the problems of the first refused rows.
    """

    names: tuple[GazetteerEntry, ...]
    places: int
    refused: int
    notes: tuple[str, ...]


def read_gazetteer(path: Path) -> GazetteerFile:
    """Return the content of a file. Raises Invalid, Malformed, TooLarge for one that cannot be used at all."""
    names: list[GazetteerEntry] = []
    refused: list[str] = []
    places = 0
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TooLarge("file_too_large", what=path.name, most=MOST_BYTES // 2**20, field="file")
        decoded = decode(path.read_bytes(), what=path.name)
        rows = csv.DictReader(StringIO(decoded.text, newline=""), strict=True)
        columns = _columns(path.name, rows.fieldnames or ())
        for number, row in enumerate(rows, 2):
            if number > MOST_ROWS + 1:
                raise TooLarge("too_many_rows", what=path.name, most=MOST_ROWS, field="file")
            try:
                names += _entries(row, columns)
                places += 1
            except CrisismapError as problem:
                refused.append(f"row {number}: {sentence(problem)}")
    except OSError as problem:
        raise Invalid("file", path.name, "file_not_read", problem=problem.strerror) from None
    except csv.Error as problem:
        raise Malformed("csv_unreadable", what=path.name, problem=str(problem)) from None
    return GazetteerFile(tuple(names), places, len(refused), (*decoded.notes, *refused[:MOST_NOTES]))


def _columns(file: str, header: Iterable[str]) -> dict[str, str]:
    """Return our column names with those of the file."""
    by_name = {name.strip().casefold(): name for name in header}
    found = {
        ours: by_name[theirs] for ours, names in _COLUMNS.items() for theirs in reversed(names) if theirs in by_name
    }
    missing = {"name", "lon", "lat"} - found.keys()
    if missing:
        raise Invalid("file", file, "columns_missing", missing=sorted(missing))
    return found


def _entries(row: Mapping[str, str | None], columns: Mapping[str, str]) -> list[GazetteerEntry]:
    """Return the entries of one row: its name, then its alternative names."""
    values = {ours: (row.get(theirs) or "").strip() for ours, theirs in columns.items()}
    name = values["name"]
    if not name or len(name) > MOST_NAME:
        raise Invalid("name", name[:MOST_NAME], "length_out_of_range", least=1, most=MOST_NAME)
    lon, lat = (_number(axis, values[axis]) for axis in ("lon", "lat"))
    check_coordinates(lon, lat)
    accuracy = _number("accuracy_m", values["accuracy_m"]) if values.get("accuracy_m") else ACCURACY_M
    if not 0 <= accuracy <= 1e7:
        raise Invalid("accuracy_m", accuracy, "not_metres", most=10000000)
    others = values.get("others", "").replace(";", "|").split("|")[:MOST_OTHERS]
    spellings = dict.fromkeys([name, *(other.strip() for other in others)])
    return [GazetteerEntry(one, "gazetteer", lon, lat, accuracy) for one in spellings if 0 < len(one) <= MOST_NAME]


def _number(field: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise Invalid(field, text, "not_a_number") from None
    if not math.isfinite(value):
        raise Invalid(field, text, "not_finite")
    return value
