"""Detection of a file's format by its first bytes; the file name is ignored."""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import pairwise

from crisismap.core.errors import Malformed
from crisismap.core.text.encoding import wide_encoding

HEAD = 4096  # bytes needed for detection

_GEOPACKAGE = {b"GPKG", b"GP10", b"GP11"}
_KINDS = (
    "GeoJSON, Shapefile, GeoPackage, FlatGeobuf, KML, GPX, GML, CSV, XLSX, XLS, ODS, CAP, GeoRSS, or a file in a zip"
)
_ROOT = re.compile(rb"<\s*([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")


class FileKind(StrEnum):
    """The formats that can be read; the value is the reader's name, GDAL's where GDAL reads."""

    GEOJSON = "geojson"
    CSV = "csv"
    ZIP = "zip"
    SHAPEFILE = "ESRI Shapefile"
    GEOPACKAGE = "GPKG"
    FLATGEOBUF = "FlatGeobuf"
    KML = "LIBKML"
    GPX = "GPX"
    GML = "GML"
    WORKBOOK = "workbook"
    CAP = "cap"
    FEED = "feed"


_MAGIC = (
    (b"PK\x03\x04", FileKind.ZIP),
    (b"\x00\x00\x27\x0a", FileKind.SHAPEFILE),
    (b"fgb\x03", FileKind.FLATGEOBUF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind.WORKBOOK),  # of Excel until 2003
)
_XML_ROOTS = {
    "alert": FileKind.CAP,
    **dict.fromkeys(("feed", "rss", "rdf"), FileKind.FEED),
    "kml": FileKind.KML,
    "gpx": FileKind.GPX,
    "featurecollection": FileKind.GML,
}


def sniff(head: bytes, what: str) -> FileKind:
    """Return the format of a file whose first `HEAD` bytes are `head`. Raises Malformed naming what was found."""
    if not head.strip():
        raise Malformed("file_empty", what=what)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"SQLite format 3\x00"):
        if head[68:72] in _GEOPACKAGE:
            return FileKind.GEOPACKAGE
        raise Malformed("not_a_geopackage", what=what)
    text = _as_utf8(head).removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x1e")
    if text[:1] in (b"{", b"["):
        return FileKind.GEOJSON
    if text.startswith(b"<"):
        return _xml(text, what)
    if b"\x00" in text:
        raise Malformed("kind_unread", what=what, known=_KINDS)
    if not any(_separates(separator, text) for separator in b",;\t|"):
        raise Malformed("not_a_table", what=what, known=_KINDS)
    return FileKind.CSV


def _separates(separator: int, text: bytes) -> bool:
    """Return whether a character separates cells: in the first line, or as often in two lines below a title."""
    counts = [line.count(separator) for line in text.splitlines() if line.strip()]
    return bool(counts) and (counts[0] > 0 or any(one and one == two for one, two in pairwise(counts)))


def _as_utf8(head: bytes) -> bytes:
    wide = wide_encoding(head)
    return head if wide is None else head.decode(wide, errors="ignore").removeprefix("\ufeff").encode()


def _xml(text: bytes, what: str) -> FileKind:
    lower = text[:512].lower()
    if b"<!doctype html" in lower or b"<html" in lower:
        raise Malformed("is_a_web_page", what=what)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise Malformed("file_with_entities", what=what)
    match = _ROOT.search(text)
    root = match[2].decode().lower() if match else ""
    if root in _XML_ROOTS:
        return _XML_ROOTS[root]
    if root == "workbook":
        raise Malformed("is_an_xml_workbook", what=what)
    if root.startswith("ogrvrt"):
        raise Malformed("is_a_virtual_file", what=what)
    raise Malformed("xml_kind_unread", what=what, root=root or "?")
