"""Coordinate systems: from their various names to a transformation into WGS 84 lon/lat."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from crisismap.core.errors import Invalid
from crisismap.core.place.place import Extent

if TYPE_CHECKING:  # every command knows files of reports, and `--help` must not wait for pyproj
    from pyproj import CRS, Transformer

# "EPSG:3857", "urn:ogc:def:crs:EPSG::3857", "urn:ogc:def:crs:OGC:1.3:CRS84", "http://www.opengis.net/def/crs/EPSG/0/3857"
_NAME = re.compile(
    r"""^\s*(?:urn:(?:x-)?ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?
        (?P<authority>EPSG|OGC|ESRI)
        (?:[:/][0-9.]*)?[:/]+
        (?P<code>[A-Z0-9]+)\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
# "4326", and as in GML 2 "http://www.opengis.net/gml/srs/epsg.xml#4326"
_NUMBER = re.compile(r"(?:https?://www\.opengis\.net/gml/srs/epsg\.xml#)?(\d{4,6})")
_WGS84_NAMES = frozenset({"CRS84", "CRS:84", "WGS84", "WGS 84"})
_LON_LAT = {("OGC", "CRS84"), ("EPSG", "4326"), ("EPSG", "4979"), ("OGC", "CRS84H")}
_WEB_MERCATOR = {"900913": "3857"}  # the number that it had before EPSG gave it one


def crs_by_name(name: str) -> CRS:
    """Return the coordinate system of a name (authority code, number of EPSG, URN or URI).

    Raises Invalid. Free text never reaches PROJ, which also accepts file names and URLs.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    plain = name.strip()
    plain = "OGC:CRS84" if plain.upper() in _WGS84_NAMES else plain
    number = _NUMBER.fullmatch(plain)
    match = _NAME.match(f"EPSG:{number[1]}" if number else plain)
    if match is None:
        raise Invalid("crs", name, "crs_unknown")
    authority, code = match["authority"].upper(), match["code"].upper()
    # Many files give the numbers of Esri, such as 102100, as numbers of EPSG.
    for each in (authority, "ESRI") if authority == "EPSG" else (authority,):
        try:
            return CRS.from_authority(each, _WEB_MERCATOR.get(code, code))
        except CRSError:
            continue
    raise Invalid("crs", name, "crs_code_unknown", authority=authority, number=code)


def plain_name(name: str) -> str:
    """Return the authority and code of a name, so that two names of one system are equal; an unknown one as it is."""
    try:
        authority = crs_by_name(name).to_authority()
    except Invalid:
        return name
    return ":".join(authority) if authority else name


def crs_of_text(text: str) -> CRS:
    """Return the coordinate system of a name or of well-known text, as files give it."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if "[" not in text:
        return crs_by_name(text)
    try:
        return CRS.from_wkt(text)
    except CRSError:
        raise Invalid("crs", text, "crs_not_understood") from None


def name_in_member(member: Any) -> str | None:
    """Return the name in the old `crs` member of GeoJSON, in each of its forms; None for null.

    Raises Invalid for a link, which is never followed, and for a member without a name.
    """
    if member is None or isinstance(member, str):
        return member
    content = member.get("properties") if isinstance(member, dict) else None
    if not isinstance(content, dict):
        raise Invalid("crs", member, "crs_without_name")
    if member.get("type") == "link" or "href" in content:
        raise Invalid("crs", content.get("href", member), "crs_is_a_link")
    name = content.get("name", content.get("code"))
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise Invalid("crs", member, "crs_without_name")
    return str(name)


def is_lon_lat(crs: CRS) -> bool:
    """Return whether coordinates need no transformation."""
    return crs.to_authority(min_confidence=100) in _LON_LAT


def to_wgs84(geometries: NDArray[np.object_], crs: CRS) -> NDArray[np.object_]:
    """Return the geometries in WGS 84 lon/lat; points outside the system's domain become infinite."""
    if is_lon_lat(crs):
        return geometries
    transformer = transformer_of(crs)
    transformed: NDArray[np.object_] = shapely.transform(
        geometries, lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
    )
    return transformed


def transformer_of(crs: CRS) -> Transformer:
    """Return the way from a system to WGS 84 lon/lat, for callers with one point at a time. Raises Invalid."""
    from pyproj import CRS, Transformer
    from pyproj.exceptions import ProjError

    try:
        return Transformer.from_crs(crs, CRS.from_authority("OGC", "CRS84"), always_xy=True)
    except ProjError:
        raise Invalid("crs", crs.name, "crs_not_wgs84") from None


def area_of_use(crs: CRS) -> Extent | None:
    """Return where a system is meant for: west, south, east, north, west > east across 180; None if unknown."""
    area = crs.area_of_use
    return None if area is None else (area.west, area.south, area.east, area.north)


def turned(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the geometries with their two axes exchanged."""
    exchanged: NDArray[np.object_] = shapely.transform(geometries, lambda points: points[:, ::-1])
    return exchanged
