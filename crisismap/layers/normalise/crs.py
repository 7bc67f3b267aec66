"""Coordinate systems: from their various names to a transformation into WGS 84 lon/lat."""

from __future__ import annotations

import re

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from crisismap.core.errors import Invalid

WGS84 = "OGC:CRS84"

# "EPSG:3857", "urn:ogc:def:crs:EPSG::3857", "urn:ogc:def:crs:OGC:1.3:CRS84", "http://www.opengis.net/def/crs/EPSG/0/3857"
_NAME = re.compile(
    r"""^\s*(?:urn:(?:x-)?ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?
        (?P<authority>EPSG|OGC|ESRI)
        (?:[:/][0-9.]*)?[:/]+
        (?P<code>[A-Z0-9]+)\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_LON_LAT = {("OGC", "CRS84"), ("EPSG", "4326"), ("EPSG", "4979"), ("OGC", "CRS84H")}


def crs_by_name(name: str) -> CRS:
    """Return the coordinate system of a name (authority code, URN or URI).

    Raises Invalid. Free text never reaches PROJ, which also accepts file names and URLs.
    """
    plain = "OGC:CRS84" if name.strip().upper() in {"CRS84", "WGS84", "WGS 84"} else name
    match = _NAME.match(plain)
    if match is None:
        raise Invalid("crs", name, "crs_unknown")
    authority, code = match["authority"].upper(), match["code"].upper()
    try:
        return CRS.from_authority(authority, code)
    except CRSError:
        raise Invalid("crs", name, "crs_code_unknown", authority=authority, number=code) from None


def crs_of_text(text: str) -> CRS:
    """Return the coordinate system of a name or of well-known text, as files give it."""
    if "[" not in text:
        return crs_by_name(text)
    try:
        return CRS.from_wkt(text)
    except CRSError:
        raise Invalid("crs", text, "crs_not_understood") from None


def is_lon_lat(crs: CRS) -> bool:
    """Return whether coordinates need no transformation."""
    return crs.to_authority(min_confidence=100) in _LON_LAT


def to_wgs84(geometries: NDArray[np.object_], crs: CRS) -> NDArray[np.object_]:
    """Return the geometries in WGS 84 lon/lat; points outside the system's domain become infinite."""
    if is_lon_lat(crs):
        return geometries
    try:
        transformer = Transformer.from_crs(crs, CRS.from_authority("OGC", "CRS84"), always_xy=True)
    except ProjError:
        raise Invalid("crs", crs.name, "crs_not_wgs84") from None
    transformed: NDArray[np.object_] = shapely.transform(
        geometries, lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
    )
    return transformed
