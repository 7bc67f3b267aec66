"""What schemathesis is told beyond the document: how newline JSON is written, and ids of reports that exist."""

from __future__ import annotations

import os
import zlib
from typing import Any

import schemathesis

IDS = os.environ.get("FUZZ_IDS", "").split()
CHOICES = {
    "report_id": IDS,
    "verb": os.environ.get("FUZZ_VERBS", "").split(),
    "form": os.environ.get("FUZZ_FORMS", "").split(),
    "name": ["wards.geojson", "flooded.geojson"],
}


@schemathesis.serializer("application/x-ndjson")
def ndjson(_context: Any, value: Any) -> bytes:
    """Text as it is. What is no text becomes a body without lines, for each line has an answer of its own."""
    if isinstance(value, bytes):
        return value
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else b""


@schemathesis.hook
def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Half of what is asked for exists, so that the tests get behind the first 404."""
    for name, value in (path_parameters or {}).items():
        chance = zlib.crc32(repr(value).encode())
        if CHOICES.get(name) and chance % 2:
            path_parameters[name] = CHOICES[name][chance // 2 % len(CHOICES[name])]  # type: ignore[index]
    return path_parameters


@schemathesis.hook
def map_headers(_context: Any, headers: dict[str, Any] | None) -> dict[str, Any] | None:
    """Half of the changes come with a tag that fits."""
    if headers and "If-Match" in headers and zlib.crc32(repr(headers["If-Match"]).encode()) % 2:
        headers["If-Match"] = "*"
    return headers
