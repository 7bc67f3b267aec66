"""Report files to read in tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crisismap.channels.file.mapping import ReportMapping, load_mapping
from crisismap.channels.file.read import read_reports
from crisismap.channels.file.rows import Row

CSV = "category,text,lon,lat\nflooding,Water,80.2,13.1\nrescue,Trapped,80.3,13.0\n"


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
