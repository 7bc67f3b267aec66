"""A layer version as a GeoDataFrame in the precedence order of ids, as the merge needs it.

The order of features depends on their ids only, never on the file's order: numeric ids first, by number, then all
others, by text. "Lowest id" anywhere in the merge means first in this order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from crisismap.core.layer.layer import Feature, LayerVersion, geometries

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

ALWAYS_FROM_MS = np.iinfo(np.int64).min
ALWAYS_TO_MS = np.iinfo(np.int64).max
WGS84 = "EPSG:4326"


def id_order(feature_id: str) -> tuple[int, int, str, str]:
    """Return the sort key of a feature id: "2" before "10", "007" beside "7", digits before words."""
    if feature_id.isascii() and feature_id.isdigit():
        number = feature_id.lstrip("0")
        return 0, len(number), number, feature_id
    return 1, 0, feature_id, ""


def layer_frame(version: LayerVersion, *, polygons_only: bool = False) -> gpd.GeoDataFrame:
    """Return the features that have a geometry, lowest id first.

    Columns feature, code, name, status (text), valid_from, valid_to (int64 ms, open ends at the limits of
    int64), geometry (WGS 84). With `polygons_only` each geometry is reduced to its polygons and features without any
    are left out: a line or a point contains nothing.
    """
    import geopandas as gpd  # late: not needed without layers

    features = sorted(version.features, key=lambda f: (id_order(f.id), f.name))
    shapes = geometries(features)
    if polygons_only:
        for at in np.flatnonzero(~np.isin(shapely.get_type_id(shapes), _POLYGONS_OR_NONE)).tolist():
            shapes[at] = polygons_of(shapes[at])
    there = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    rows = [features[at] for at in there.tolist()]
    valid_from, valid_to = validity(rows)
    return gpd.GeoDataFrame(
        {
            "feature": _texts(f.id for f in rows),
            "code": _texts(f.code for f in rows),
            "name": _texts(f.name for f in rows),
            "status": _texts(plain_status(f.status) for f in rows),
            "valid_from": valid_from,
            "valid_to": valid_to,
        },
        geometry=shapes[there],
        crs=WGS84,
    )


def validity(features: Sequence[Feature]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return when features begin and end to be valid, in ms UTC; open ends at the limits of int64."""
    start = [ALWAYS_FROM_MS if f.valid_from_ms is None else f.valid_from_ms for f in features]
    end = [ALWAYS_TO_MS if f.valid_to_ms is None else f.valid_to_ms for f in features]
    return np.array(start, np.int64), np.array(end, np.int64)


def plain_status(status: str) -> str:
    """Return a status for comparison: trimmed, lower case."""
    return status.strip().lower()


def simple_parts(geometries: Sequence[BaseGeometry] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the points, lines and polygons in any nesting of collections: (parts, index of the geometry of each)."""
    parts = np.asarray(geometries, dtype=object)
    owner = np.arange(len(parts))
    while (shapely.get_type_id(parts) > _LAST_SIMPLE_TYPE).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        owner = owner[index]
    return parts, owner


_LAST_SIMPLE_TYPE = 3  # shapely type ids: 0 point, 1 line, 2 ring, 3 polygon; higher ones are collections
_POLYGONS_OR_NONE = (3, 6, -1)  # polygon, several polygons, no geometry


def _texts(values: Iterable[str]) -> pd.Series:
    """Return texts as objects: pandas' own text type would create each anew whenever the column is read."""
    import pandas as pd

    return pd.Series(list(values), dtype=object)


def polygons_of(geometry: BaseGeometry | None) -> BaseGeometry | None:
    """Return the polygons of a geometry; None where it has none."""
    if geometry is None or geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    parts, _ = simple_parts([geometry])
    polygons = [p for p in parts if p.geom_type == "Polygon"]
    return shapely.union_all(polygons) if polygons else None


def changed_features(old: Sequence[Feature], new: Sequence[Feature]) -> list[Feature]:
    """Return the features of either side that differ in any merged member or the geometry."""
    before, after = _identities(old), _identities(new)
    return [before[key] for key in before.keys() - after.keys()] + [after[key] for key in after.keys() - before.keys()]


def _identities(features: Sequence[Feature]) -> dict[tuple[object, ...], Feature]:
    shapes = shapely.to_wkb(geometries(features)).tolist()
    return {
        (f.id, f.name, f.code, f.status, f.valid_from_ms, f.valid_to_ms, shape): f
        for f, shape in zip(features, shapes, strict=True)
    }
