"""The registry of export formats: one line makes a format known to the API, the OpenAPI document, desk and commands."""

from __future__ import annotations

from crisismap.exports.csv import csv
from crisismap.exports.format import Format
from crisismap.exports.geojson import geojson, geojsonl

EXPORTS: dict[str, Format] = {
    "geojson": Format("application/geo+json", geojson, "GeoJSON: for maps and GIS, one file"),
    "geojsonl": Format("application/x-ndjson", geojsonl, "Newline GeoJSON: one feature a line, for programs"),
    "csv": Format("text/csv; charset=utf-8", csv, "CSV: for spreadsheets", takes_bom=True),
}
LATER = frozenset({"geojsons", "gpkg", "fgb", "kml", "parquet", "xlsx", "html"})  # planned; answered 501 until built
