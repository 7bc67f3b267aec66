"""Ways out: one function per format, each a stream of bytes from chosen reports. Listed by hand."""

from __future__ import annotations

from crisismap.exports.csv import csv
from crisismap.exports.format import Format
from crisismap.exports.geojson import geojson, geojsonl

EXPORTS: dict[str, Format] = {
    "geojson": Format("application/geo+json", geojson),
    "geojsonl": Format("application/x-ndjson", geojsonl),
    "csv": Format("text/csv; charset=utf-8", csv),
}
