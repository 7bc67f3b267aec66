"""Format detection by content: GeoJSON, newline-delimited GeoJSON or CSV."""

from __future__ import annotations

import codecs
from pathlib import Path

from crisismap.channels.file.mapping import ReportMapping
from crisismap.core.errors import Invalid, Malformed

_LINE_SUFFIXES = {".geojsonl", ".geojsons", ".ndjson", ".jsonl", ".ndgeojson"}


def detect_format(path: Path, mapping: ReportMapping | None) -> str:
    """Return the format of a file by its content. Raises Invalid; Malformed, also when the mapping's format differs."""
    head = _head(path)
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text.strip(b"\x00 \r\n\t"):
        raise Malformed("file_empty", what=path.name)
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if text.startswith((b"<", b"PK\x03\x04", b"%PDF")) or (b"\x00" in head and not wide):
        raise Malformed("not_geojson_or_csv", what=path.name)
    table = text[:1] not in (b"{", b"[", b"\x1e")
    if mapping and mapping.format and (mapping.format == "csv") != table:
        raise Malformed("not_the_mapped_format", what=path.name, format=mapping.format, mapping=mapping.name)
    if table:
        return "csv"
    first, _, rest = text.partition(b"\n")
    lines = first.rstrip().endswith(b"}") and rest.lstrip(b"\x1e \r\n\t").startswith(b"{")
    marked = text[:1] == b"\x1e" or path.suffix.lower() in _LINE_SUFFIXES
    return "geojsonl" if lines or marked else "geojson"


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise Invalid("file", path.name, "file_is_folder")
    if not path.is_file():
        raise Invalid("file", path.name, "no_file")
    try:
        with path.open("rb") as handle:
            return handle.read(1 << 16)
    except OSError as error:
        raise Invalid("file", path.name, "file_not_opened", problem=error.strerror) from None
