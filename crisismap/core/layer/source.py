"""Sources: where a layer is fetched from, and the results of fetching it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from crisismap.core.layer.raster import Recipe
from crisismap.core.place.place import Extent


class SourceKind(StrEnum):
    """How a layer is fetched."""

    FILE = "file"  # one document, whole
    FEED = "feed"  # messages or entries
    SERVICE = "service"  # requested page by page
    PICTURE = "picture"  # requested tile by tile; drawn, not merged


FORMATS: dict[SourceKind, tuple[str, ...]] = {
    SourceKind.FILE: ("",),
    SourceKind.FEED: ("cap", "nws", "gdacs", "georss"),
    SourceKind.SERVICE: ("ogc", "wfs", "arcgis"),
    SourceKind.PICTURE: ("wms", "wmts", "xyz"),
}


class LayerSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The configuration of a fetched layer, as an agency enters it. Stored as JSON."""

    layer_id: str
    title: str
    role: str
    kind: SourceKind
    url: str
    format: str = ""
    name: str = ""  # the collection, feature type or raster layer that is requested
    licence: str = ""
    attribution: str = ""
    refresh_s: int = 300
    validity_h: float = 24.0  # how long a warning without an end is in force
    mapping: dict[str, Any] = {}  # the tables of a mapping file
    bbox: Extent | None = None  # of rasters: west, south, east, north; None: as the server gives it
    min_zoom: int = 0  # of rasters
    max_zoom: int = 19


class SourceHealth(msgspec.Struct, frozen=True):
    """The state of fetching. Times are ms UTC, 0 for never."""

    checked_ms: int = 0  # last fetched, with any result
    good_ms: int = 0  # last fetched successfully, changed or not
    due_ms: int = 0  # next fetch
    failures: int = 0  # consecutive
    error: str = ""  # reason of the last failure, "" after a success
    server_message: str = ""  # the server's own words about it, of a stranger: for people who manage layers only
    etag: str = ""
    last_modified: str = ""
    recipe: Recipe | None = None  # of rasters: how tiles are requested, as the server last described it


class FollowedSource(msgspec.Struct, frozen=True):
    """A source and its health."""

    source: LayerSource
    health: SourceHealth


class SourceCheck(msgspec.Struct, frozen=True):
    """One entry of a source's fetch log, written when the result differs from the previous entry."""

    at_ms: int
    outcome: str  # new, refused, failed
    detail: str
