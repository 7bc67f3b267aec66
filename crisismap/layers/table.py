"""CSV with coordinates: plain rows, read with the standard library, so no foreign code is needed."""

from __future__ import annotations

import csv
import io
import math

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from crisismap.core.errors import Invalid, Malformed, shorten
from crisismap.layers.fieldnames import find
from crisismap.layers.mapping import LayerMapping
from crisismap.layers.raw import RawFeature, RawLayer

_LON = ("longitude", "lon", "long", "lng", "x", "point_x", "easting")
_LAT = ("latitude", "lat", "y", "point_y", "northing")
_WKT = ("wkt", "geometry", "the_geom", "geom", "shape")


def parse(data: bytes, what: str, mapping: LayerMapping) -> RawLayer:
    """Rows with a longitude and a latitude column, or with a column of well-known text.

    Raises Malformed (no table) and Invalid (no column of coordinates; a mapped column is absent).
    """
    text, notes = _text(data, what, mapping.encoding)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)) if row]
    except csv.Error as error:
        raise Malformed(f"{what}: not a readable CSV ({error})") from None
    if not rows:
        raise Malformed(f"{what}: the file is empty")
    header = [name.strip() for name in rows[0]]
    place = _Columns(header, mapping)
    features = []
    for number, cells in enumerate(rows[1:], 1):
        if len(cells) != len(header):
            problem = f"{len(cells)} cells under {len(header)} column names"
            features.append(RawFeature(number, None, None, {}, problem))
            continue
        geometry, problem = place.geometry(cells)
        features.append(RawFeature(number, None, geometry, place.properties(cells), problem))
    return RawLayer(features, notes=notes)


class _Columns:
    def __init__(self, header: list[str], mapping: LayerMapping) -> None:
        self.header = header
        self.lon = find(header, mapping.lon_field, _LON)
        self.lat = find(header, mapping.lat_field, _LAT)
        self.wkt = None if self.lon and self.lat else find(header, "", _WKT)
        if self.wkt is None and not (self.lon and self.lat):
            why = "no columns of coordinates (longitude and latitude, or wkt); the mapping can name them"
            raise Invalid("columns", ", ".join(header), why)

    def geometry(self, cells: list[str]) -> tuple[BaseGeometry | None, str]:
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

    def properties(self, cells: list[str]) -> dict[str, str | None]:
        kept = zip(self.header, cells, strict=True)
        return {name: cell or None for name, cell in kept if name and name != self.wkt}


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t|", key=first.count)


def _text(data: bytes, what: str, encoding: str) -> tuple[str, list[str]]:
    if encoding:
        try:
            return data.decode(encoding), []
        except LookupError:
            raise Invalid("encoding", encoding, "there is no encoding of this name") from None
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise Malformed(f"{what}: line {line} is not {encoding}; name the encoding in the mapping") from None
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        note = f"line {line} is not UTF-8; the file was read as Windows-1252"
        return data.decode("cp1252", errors="replace"), [note]
