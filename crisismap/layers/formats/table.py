"""Tables with coordinates or codes: CSV, read with the standard library, and the rows of a workbook.

A row of HXL hashtags below the header is supported, and so are rows of remarks above it.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from crisismap.core.errors import Invalid, Malformed, shorten
from crisismap.layers.formats.raw import RawFeature, RawLayer
from crisismap.layers.normalise.mapping import LayerMapping, find

_LON = ("longitude", "lon", "long", "lng", "x", "point_x", "easting", "#geo+lon")
_LAT = ("latitude", "lat", "y", "point_y", "northing", "#geo+lat")
_WKT = ("wkt", "geometry", "the_geom", "geom", "shape")


_CODE = re.compile(r"(adm(in)?\d?[_ ]?)?p[-_ ]?code|#adm\d\+code(\+.*)?", re.IGNORECASE)
_HASHTAGS_BY = 25  # HXL requires the row of hashtags within so many rows


def parse(data: bytes, what: str, mapping: LayerMapping) -> RawLayer:
    """Return rows with longitude and latitude columns, a column of well-known text, or a column of p-codes.

    Raises Malformed (no table) and Invalid (no column for the place; a mapped column is missing).
    """
    text, notes = _text(data, what, mapping.encoding)
    delimiter = max(",;\t|", key=text.partition("\n")[0].count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    except csv.Error as error:
        raise Malformed("csv_unreadable", what=what, problem=str(error)) from None
    return parse_rows(rows, what, mapping, notes)


def parse_rows(rows: Sequence[Sequence[str]], what: str, mapping: LayerMapping, notes: list[str]) -> RawLayer:
    """Return the layer of rows of cells, header first. A row with another number of cells is refused by itself."""
    if not rows:
        raise Malformed("file_empty", what=what)
    header, tags, data = _header(rows)
    place = _Columns(header, tags, mapping)
    features = []
    for number, cells in enumerate(data, 1):
        if len(cells) != len(header):
            problem = f"{len(cells)} cells under {len(header)} column names"
            features.append(RawFeature(number, None, None, {}, problem))
            continue
        geometry, problem = place.geometry(cells)
        features.append(RawFeature(number, None, geometry, place.properties(cells), problem, keep=place.by_code))
    if place.by_code:
        notes = [*notes, "no columns of coordinates: each row is placed by its code, where an area layer has it"]
    return RawLayer(features, notes=notes)


def _header(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[str], Sequence[Sequence[str]]]:
    """Return names, hashtags ("" without) and the rows below; columns of codes or without a name get their hashtag."""
    for place, row in enumerate(rows[:_HASHTAGS_BY]):
        tags = [cell.strip() for cell in row]
        present = [tag for tag in tags if tag]
        if present and all(re.fullmatch(r"#[A-Za-z][\w+ ]*", tag) for tag in present):
            names = [cell.strip() for cell in rows[place - 1]] if place else []
            names += [""] * (len(tags) - len(names))
            header = [tag if _CODE.fullmatch(tag) else name or tag for name, tag in zip(names, tags, strict=False)]
            return header, tags, rows[place + 1 :]
    header = [name.strip() for name in rows[0]]
    return header, [""] * len(header), rows[1:]


class _Columns:
    def __init__(self, header: list[str], tags: list[str], mapping: LayerMapping) -> None:
        self.header = header
        self.lon = find(header, mapping.lon_field, _LON) or _column_by_tag(header, tags, _LON)
        self.lat = find(header, mapping.lat_field, _LAT) or _column_by_tag(header, tags, _LAT)
        self.wkt = None if self.lon and self.lat else find(header, "", _WKT)
        has_coordinates = self.wkt is not None or bool(self.lon and self.lat)
        self.by_code = not has_coordinates and bool(
            find(header, mapping.code_field) or any(map(_CODE.fullmatch, [*header, *tags]))
        )
        if not has_coordinates and not self.by_code:
            raise Invalid("columns", ", ".join(header), "no_place_columns")

    def geometry(self, cells: Sequence[str]) -> tuple[BaseGeometry | None, str]:
        if self.by_code:
            return None, ""
        if self.wkt is not None:
            text = cells[self.header.index(self.wkt)].strip()
            try:
                return (shapely.from_wkt(text) if text else None), ""
            except ShapelyError:
                return None, f"{self.wkt}: not well-known text (got {shorten(text, 40)})"
        numbers = []
        for name in (self.lon, self.lat):
            text = cells[self.header.index(name or "")].strip()
            if not text:
                return None, ""
            try:
                number = float(text)
            except ValueError:
                number = math.nan
            if not math.isfinite(number):
                return None, f"{name}: not a number (got {shorten(text, 40)})"
            numbers.append(number)
        return shapely.points(numbers), ""

    def properties(self, cells: Sequence[str]) -> dict[str, str | None]:
        row = zip(self.header, cells, strict=True)
        return {name: cell or None for name, cell in row if name and name != self.wkt}


def _column_by_tag(header: list[str], tags: list[str], names: Sequence[str]) -> str | None:
    return next((name for name, tag in zip(header, tags, strict=True) if tag.lower().replace(" ", "") in names), None)


def _text(data: bytes, what: str, encoding: str) -> tuple[str, list[str]]:
    if encoding:
        try:
            return data.decode(encoding), []
        except LookupError:
            raise Invalid("encoding", encoding, "encoding_unknown") from None
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise Malformed("line_not_encoded", what=what, line=line, encoding=encoding) from None
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        note = f"line {line} is not UTF-8; the file was read as Windows-1252"
        return data.decode("cp1252", errors="replace"), [note]
