"""Report files to read in tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crisismap.channels.file.mapping import ReportMapping, load_mapping
from crisismap.channels.file.read import read_reports
from crisismap.channels.file.rows import Row

CSV = "category,text,lon,lat\nflooding,Water,80.2,13.1\nrescue,Trapped,80.3,13.0\n"
# A mapping with every member.
FULL = """
name = "sample"
lang = "ta"
utc_offset = "+05:30"
bbox = [79.6, 12.6, 80.4, 13.4]
id = ["key"]
lon = "x"
lat = "y"
observed_at = { field = "when", format = "%d/%m/%Y %H:%M" }
text = { fields = ["title", "body"], join = ". " }
place = { fields = ["street", "town"], join = ", " }
people = "count"
source = { value = "desk" }
asks = { field = "state", values = { Closed = false }, default = true }
[category]
field = "kind"
values = { Flood = "flooding", Boat = "rescue" }
[fields]
depth_cm = { field = "data.depth", number = true }
state = "state"
[consent]
publish = true
"""


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def feature(geometry: Any = None, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def at(lon: Any, lat: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def collection(*features: Any, **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **members})


def rows(path: Path, mapping: ReportMapping | None = None) -> list[Row]:
    return list(read_reports(path, mapping))


def mapping(folder: Path, text: str, name: str = "m.toml") -> ReportMapping:
    return load_mapping(put(folder, name, text))
