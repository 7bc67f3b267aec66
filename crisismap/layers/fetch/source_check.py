"""Checks what is said of a source: of the formats of its kind, within bounds, at an address of the web."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crisismap.core.errors import Invalid, Misconfigured
from crisismap.core.layer.layer import Role
from crisismap.core.layer.raster import holes
from crisismap.core.layer.source import FORMATS, LayerSource, SourceKind
from crisismap.core.mercator import DEEPEST
from crisismap.core.moment import DAY_S
from crisismap.core.text.storable import check_length, check_no_nul
from crisismap.layers.fetch.address import check_url
from crisismap.layers.normalise.mapping import parse_layer_mapping

SHORTEST_S = 30  # nobody's server is asked more often
LONGEST_NAME = 500
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def checked(source: LayerSource) -> LayerSource:
    """The source if its texts and numbers can be taken. Raises Invalid naming the field."""
    if not _ID.fullmatch(source.layer_id):
        raise Invalid("id", source.layer_id, "must be 1 to 64 of a-z, 0-9, - and _, not beginning with - or _")
    if source.role not in set(Role):
        raise Invalid("role", source.role, f"must be one of {', '.join(Role)}")
    formats = FORMATS[source.kind]
    if source.format not in formats:
        raise Invalid("format", source.format, f"a {source.kind} has one of: {', '.join(formats) or 'nothing'}")
    if not SHORTEST_S <= source.refresh_s <= 30 * DAY_S:
        raise Invalid("refresh_s", source.refresh_s, f"must be {SHORTEST_S} to {30 * DAY_S} seconds")
    if not 0 < source.validity_h <= 24 * 366:
        raise Invalid("validity_h", source.validity_h, "must be more than 0 and at most 8784 hours")
    _check_texts(source)
    check_url(source.url)
    try:
        parse_layer_mapping(source.mapping, "mapping")
    except Misconfigured as wrong:
        raise Invalid("mapping", source.mapping, wrong.detail) from None
    if source.kind is SourceKind.PICTURE:
        _check_picture(source)
    elif source.bbox is not None:
        raise Invalid("bbox", source.bbox, "only goes with a picture")
    if source.kind is SourceKind.SERVICE and source.format != "arcgis" and not source.name:
        raise Invalid("name", "", "say which collection or feature type is asked for")
    return source


def _check_picture(source: LayerSource) -> None:
    if source.role != Role.CONTEXT:
        raise Invalid("role", source.role, "a picture is drawn and not compared with reports: its role is context")
    if source.mapping:
        raise Invalid("mapping", source.mapping, "a picture has no fields")
    if not 0 <= source.min_zoom <= source.max_zoom <= DEEPEST:
        raise Invalid("max_zoom", f"{source.min_zoom} to {source.max_zoom}", f"zooms go up from 0 to {DEEPEST}")
    if source.bbox is not None:
        west, south, east, north = source.bbox
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise Invalid("bbox", source.bbox, "must be west, south, east, north in degrees")
    _check_open(source, holes(source.url))
    if source.format != "xyz" and not holes(source.url) and not source.name:
        raise Invalid("name", "", "say which picture of the service is asked for")


def _check_open(source: LayerSource, open_: set[str]) -> None:
    if open_ & holes(urlsplit(source.url).netloc):
        raise Invalid("url", source.url, "must name its host; only the tile may be left open")
    if source.format == "xyz" and open_ not in ({"z", "x", "y"}, {"z", "x", "-y"}):
        raise Invalid("url", source.url, "must leave open {z}, {x} and {y} (or {-y}, counted from the south)")
    if source.format == "wmts" and open_ and open_ != {"TileMatrix", "TileRow", "TileCol"}:
        raise Invalid("url", source.url, "must leave open {TileMatrix}, {TileRow} and {TileCol}, or nothing")
    if source.format == "wms" and open_:
        raise Invalid("url", source.url, "must leave nothing open")


def _check_texts(source: LayerSource) -> None:
    for field in ("title", "licence", "attribution", "name"):
        value: str = getattr(source, field)
        check_length(field, value, LONGEST_NAME)
        check_no_nul(field, value)
