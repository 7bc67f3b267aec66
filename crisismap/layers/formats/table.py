"""Tables with coordinates or codes: CSV, read with the standard library, and the rows of a workbook.

Rows above the column names (a title, a date, merged group names, HXL remarks) and a row of HXL hashtags or of the names
within a group below them are supported: the names are where the columns of the place are.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

import shapely
from shapely.geometry.base import BaseGeometry

from crisismap.core.errors import Invalid, Malformed, shorten
from crisismap.core.place.cell import WGS84, geometry_of_cell, point_of_cell
from crisismap.core.place.degrees import degrees
from crisismap.core.text.encoding import decode
from crisismap.core.text.number import decimal_mark
from crisismap.core.text.table_names import (
    DELIMITERS,
    HEADER_WITHIN,
    are_hashtags,
    column_by_name,
    declared_delimiter,
    distinct_names,
    fold_name,
)
from crisismap.layers.formats.raw import RawFeature, RawLayer
from crisismap.layers.normalise.column_words import ColumnKind, place_names
from crisismap.layers.normalise.mapping import LayerMapping, find

_CODE = re.compile(r"(adm(in)?\d?[_ ]?)?p[-_ ]?code|#adm\d\+code(\+.*)?", re.IGNORECASE)
_LONGEST_CELL = 16 << 20  # characters; a district's outline as well-known text has millions
_HEAD = 1 << 16  # characters from which the delimiter is judged
_LON_FIRST = re.compile(r"(lon|lng|long|x)", re.IGNORECASE)
_UNNAMED = re.compile(r"column \d+")


def parse(data: bytes, what: str, mapping: LayerMapping) -> RawLayer:
    """Return rows with longitude and latitude columns, a column of geometries or coordinates, or a column of p-codes.

    Raises Malformed (no table) and Invalid (no column for the place; a mapped column is missing).
    """
    decoded = decode(data, mapping.encoding, what)
    text, delimiter = _delimiter(decoded.text, mapping)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise Malformed("csv_unreadable", what=what, problem=str(error)) from None
    return parse_rows(rows, what, mapping, decoded.notes)


def parse_rows(rows: Sequence[Sequence[str]], what: str, mapping: LayerMapping, notes: list[str]) -> RawLayer:
    """Return the layer of rows of cells, names first. A row with too few or too many cells is refused by itself."""
    if not rows:
        raise Malformed("file_empty", what=what)
    header, tags, data, above = _header(rows, mapping)
    place = _Place(header, tags, mapping, data)
    features = [place.feature(number, cells) for number, cells in enumerate(data, 1)]
    if above:
        notes = [*notes, f"rows above the column names, not read: {len(above)} ({_quoted(above)})"]
    if place.by_code:
        notes = [*notes, "no columns of coordinates: each row is placed by its code, where an area layer has it"]
    if place.decimal == ",":
        notes = [*notes, "the coordinates have decimal commas"]
    return RawLayer(features, place.crs(), notes=notes, place_columns=place.columns)


def has_place(rows: Sequence[Sequence[str]], mapping: LayerMapping) -> bool:
    """Return whether these rows are a table with places, for a workbook in which one sheet of several is."""
    try:
        header, tags, data, _ = _header(rows, mapping)
        _Place(header, tags, mapping, data)
    except Invalid:
        return False
    return True


def is_layer(head: bytes) -> bool:
    """Return whether a table that begins so has columns of a place, for a zip in which one of several files is."""
    mapping = LayerMapping()
    text, delimiter = _delimiter(decode(head).text, mapping)
    try:
        rows = [row for row in csv.reader(text.splitlines()[:-1] or [text], delimiter=delimiter) if any(row)]
    except csv.Error:
        return False
    return bool(rows) and has_place(rows, mapping)


def _header(
    rows: Sequence[Sequence[str]], mapping: LayerMapping
) -> tuple[list[str], list[str], Sequence[Sequence[str]], list[Sequence[str]]]:
    """Return names, hashtags ("" without), the rows below, and rows above that are no part of the table.

    Columns of codes or without a name get their hashtag.
    """
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        tags = [cell.strip() for cell in row]
        if are_hashtags(tags):
            names = [cell.strip() for cell in rows[place - 1]] if place else []
            names += [""] * (len(tags) - len(names))
            header = [tag if _CODE.fullmatch(tag) else name or tag for name, tag in zip(names, tags, strict=False)]
            return distinct_names(header), tags, rows[place + 1 :], list(rows[: max(0, place - 1)])
    at = _row_of_names(rows, mapping)
    header = [name.strip() for name in rows[at]]
    above, data = list(rows[:at]), rows[at + 1 :]
    if above and _are_groups(above[-1], header):
        header = _with_groups(above.pop(), header)
    if data and _are_parts(header, data[0]):
        header, data = _with_groups(header, [cell.strip() for cell in data[0]]), data[1:]
    return distinct_names(header), [""] * len(header), data, above


def _row_of_names(rows: Sequence[Sequence[str]], mapping: LayerMapping) -> int:
    """Return the position of the first row that names columns of a place; else of the one that has most cells."""
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        names = [cell.strip() for cell in row]
        if _name_a_place(names, mapping):
            return at
        if mapping.code_field and fold_name(mapping.code_field) in map(fold_name, names):
            return at
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:HEADER_WITHIN]]
    return filled.index(max(filled))


def _name_a_place(names: Sequence[str], mapping: LayerMapping) -> bool:
    """Return whether names are of columns of coordinates, of a geometry, or of codes."""
    return bool(
        _lon_lat(names, mapping)
        or column_by_name(names, place_names(ColumnKind.SHAPE))
        or any(map(_CODE.fullmatch, names))
    )


def _lon_lat(names: Sequence[str], mapping: LayerMapping) -> tuple[str, str] | None:
    """Return the columns of longitude and latitude: those of the mapping, else the usual names; None for none."""
    known = {fold_name(name): name for name in names}
    lon = (
        known.get(fold_name(mapping.lon_field))
        if mapping.lon_field
        else column_by_name(names, place_names(ColumnKind.LON))
    )
    lat = (
        known.get(fold_name(mapping.lat_field))
        if mapping.lat_field
        else column_by_name(names, place_names(ColumnKind.LAT))
    )
    return (lon, lat) if lon and lat and lon != lat else None


def _are_groups(above: Sequence[str], header: Sequence[str]) -> bool:
    """Return whether a row names groups of columns, or columns whose own cell is empty, and is no title."""
    present = [place for place, cell in enumerate(above) if cell.strip()]
    return len(present) > 1 or any(place < len(header) and not header[place] for place in present)


def _are_parts(header: Sequence[str], row: Sequence[str]) -> bool:
    """Return whether the first row below the names has the names within a group of merged cells, and no data.

    A cell below a name that begins no group is data.
    """
    cells = [cell.strip() for cell in row]
    below_others = (cell for name, beside, cell in zip(header, header[1:], cells, strict=False) if name and beside)
    if any(below_others):
        return False
    under_nothing = [cell for name, cell in zip(header, cells, strict=False) if cell and not name]
    return bool(under_nothing) and cells.count("") > 1 and not any(re.search(r"\d", cell) for cell in cells)


def _with_groups(groups: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the names of columns under group names: the group's own where there is no other, and to tell two apart."""
    counts = Counter(name for name in names if name)
    found, group = [], ""
    for place in range(max(len(groups), len(names))):
        above = groups[place].strip() if place < len(groups) else ""
        name = names[place] if place < len(names) else ""
        group = above or group
        found.append(f"{group} {name}".strip() if counts[name] > 1 else name or above)
    return found


class _Place:
    """Where the place of a row is: two columns, one with a geometry or a pair of coordinates, or a code."""

    def __init__(
        self, header: list[str], tags: list[str], mapping: LayerMapping, data: Sequence[Sequence[str]]
    ) -> None:
        self.header = header
        self._named = {name for name in header if not _UNNAMED.fullmatch(name)}
        self._at = {name: place for place, name in reversed(list(enumerate(header)))}
        for name in (mapping.lon_field, mapping.lat_field):
            find(header, name)  # raises Invalid for a mapped column that is missing
        pair = _lon_lat(header, mapping)
        if pair is None and (lon := _column_by_tag(header, tags, place_names(ColumnKind.LON))):
            pair = (lon, _column_by_tag(header, tags, place_names(ColumnKind.LAT)) or "")
        self._pair = pair if pair and pair[1] else None
        shape = None if self._pair else column_by_name(header, place_names(ColumnKind.SHAPE))
        self._shape = shape
        point = None if self._pair or shape else column_by_name(header, place_names(ColumnKind.POINT))
        self._point = point if point and self._are_pairs(point, data) else None
        self.columns = self._pair or tuple(filter(None, (self._shape, self._point)))
        self.by_code = not self.columns and bool(
            find(header, mapping.code_field) or any(map(_CODE.fullmatch, [*header, *tags]))
        )
        if not self.columns and not self.by_code:
            raise Invalid("columns", ", ".join(header), "no_place_columns")
        self.decimal = decimal_mark(self._cells(self._pair, data)) if self._pair else ""
        self._srids: set[str] = set()

    def feature(self, number: int, cells: Sequence[str]) -> RawFeature:
        """Return the feature of one row; empty cells at its end that go beyond the names are no cells."""
        while len(cells) > len(self.header) and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) != len(self.header):
            problem = f"{len(cells)} cells under {len(self.header)} column names"
            return RawFeature(number, None, None, {}, problem)
        geometry, problem = self._geometry(cells)
        row = zip(self.header, cells, strict=True)
        properties = {name: cell or None for name, cell in row if name != self._shape and (cell or name in self._named)}
        return RawFeature(number, None, geometry, properties, problem, keep=self.by_code)

    def crs(self) -> str | None:
        """Return the coordinate system that the geometries name (SRID), None without; WGS 84 for several."""
        return f"EPSG:{next(iter(self._srids))}" if len(self._srids) == 1 else None

    def _geometry(self, cells: Sequence[str]) -> tuple[BaseGeometry | None, str]:
        if self._pair is not None:
            return self._of_pair(*(cells[self._at[name]].strip() for name in self._pair))
        if self._shape is not None:
            return self._of_shape(cells[self._at[self._shape]].strip())
        if self._point is not None:
            return self._of_point(self._point, cells[self._at[self._point]].strip())
        return None, ""

    def _of_pair(self, *texts: str) -> tuple[BaseGeometry | None, str]:
        if not all(texts):
            return None, ""
        try:
            lon, lat = map(float, texts)
            if math.isfinite(lon) and math.isfinite(lat):
                return shapely.points(lon, lat), ""
        except ValueError:
            pass  # no plain numbers
        numbers = [degrees(text, axis, self.decimal) for text, axis in zip(texts, ("lon", "lat"), strict=True)]
        if None in numbers and (written := point_of_cell(f"{texts[1]}; {texts[0]}", None)[0]):
            return shapely.points(*written), ""  # with the sides in words
        for name, text, number in zip(self._pair or (), texts, numbers, strict=True):
            if number is None or not math.isfinite(number):
                return None, f"{name}: not a number (got {shorten(text, 40)})"
        return shapely.points([number for number in numbers if number is not None]), ""

    def _of_shape(self, text: str) -> tuple[BaseGeometry | None, str]:
        """Return a geometry written as well-known text, hexadecimal WKB or GeoJSON."""
        if not text:
            return None, ""
        found = geometry_of_cell(text)
        if found is None:
            kind = "GeoJSON" if text.startswith("{") else "well-known text"
            return None, f"{self._shape}: not {kind} (got {shorten(text, 40)})"
        geometry, srid = found
        if srid != WGS84:
            self._srids.add(srid)
        return geometry, ""

    def _of_point(self, name: str, text: str) -> tuple[BaseGeometry | None, str]:
        """Return the point of two numbers in one cell: latitude first, unless the name of the column says otherwise."""
        if not text:
            return None, ""
        point, _ = point_of_cell(text, None, "lon" if _LON_FIRST.match(name.strip()) else "lat")
        if point is None:
            return None, f"{name}: no coordinates (got {shorten(text, 40)})"
        return shapely.points(*point), ""

    def _are_pairs(self, name: str, data: Sequence[Sequence[str]]) -> bool:
        """Return whether most of the first cells of a column are coordinates: `location` can also be words."""
        texts = [text for text in islice(self._cells((name,), data), 50) if text.strip()]
        return sum(self._of_point(name, text.strip())[0] is not None for text in texts) * 2 > len(texts)

    def _cells(self, names: Iterable[str], data: Sequence[Sequence[str]]) -> Iterable[str]:
        places = [self._at[name] for name in names]
        return (row[place] for row in data for place in places if place < len(row))


def _column_by_tag(header: list[str], tags: list[str], names: Sequence[str]) -> str | None:
    return next((name for name, tag in zip(header, tags, strict=True) if tag and fold_name(tag) in names), None)


def _quoted(rows: Sequence[Sequence[str]]) -> str:
    """Return the beginning of rows above a table, for a person to recognise them by."""
    texts = [" ".join(cell.strip() for cell in row if cell.strip()) for row in rows]
    return shorten("; ".join(f"“{shorten(text, 60)}”" for text in texts if text), 160)


def _delimiter(text: str, mapping: LayerMapping) -> tuple[str, str]:
    """Return the table's text and its delimiter: as a first line `sep=;` says, else the one that gives names."""
    first, _, rest = text.partition("\n") if "\n" in text[:20] else text.partition("\r")
    if declared := declared_delimiter(first):
        return rest, declared
    lines = text[:_HEAD].splitlines()[: HEADER_WITHIN * 2]

    def fits(delimiter: str) -> tuple[bool, int]:
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if any(row)]
        except csv.Error:
            return False, 0
        if not rows:
            return False, 0
        row = rows[_row_of_names(rows, mapping)]
        names = [cell.strip() for cell in row]
        return _name_a_place(names, mapping), len(names)

    return text, max(DELIMITERS, key=fits)
