"""Layers to read in tests, and the shortest way to read one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely

from crisismap.core.layer.layer import Layer, LayerVersion, Role
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.read import read_layer, read_layer_bytes

LAYER = Layer("wards", "Wards", Role.AREA)
SQUARE = [[80.0, 13.0], [80.1, 13.0], [80.1, 13.1], [80.0, 13.1], [80.0, 13.0]]
BOW_TIE = [[80.0, 13.0], [80.1, 13.1], [80.1, 13.0], [80.0, 13.1], [80.0, 13.0]]


def feature(geometry: Any, identifier: Any = None, **properties: Any) -> dict[str, Any]:
    made = {"type": "Feature", "geometry": geometry, "properties": properties}
    return made if identifier is None else made | {"id": identifier}


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def point(lon: Any, lat: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def collection(*features: Any, **members: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **members}).encode()


def read(source: Path | bytes, mapping: LayerMapping | None = None) -> LayerVersion:
    if isinstance(source, bytes):
        return read_layer_bytes(source, layer=LAYER, mapping=mapping, now_ms=7)
    return read_layer(source, layer=LAYER, mapping=mapping, now_ms=7)


def write(
    path: Path, driver: str, crs: str | None = "EPSG:4326", layer: str | None = None, append: bool = False
) -> Path:
    """Two camps with codes that begin with zero, one of them with no number of beds."""
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array([shapely.Point(85.3, 27.7, 1300), shapely.Point(85.4, 27.6, 1400)], dtype=object)),
        [
            np.array(["007", "010"], dtype=object),
            np.array(["Camp A", "Camp B"], dtype=object),
            np.array([12.0, np.nan]),
        ],
        np.array(["code", "name", "beds"]),
        geometry_type="Point Z",
        crs=crs,
        driver=driver,
        layer=layer,
        append=append,
    )
    return path
