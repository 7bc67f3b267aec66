"""A source: where a layer comes from when it comes in by itself, and how that went last time."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from crisismap.core.layer.raster import Recipe
from crisismap.core.place.place import Extent


class SourceKind(StrEnum):
    """How a layer comes in."""

    FILE = "file"  # one document, whole
    FEED = "feed"  # messages or entries
    SERVICE = "service"  # asked page by page
    PICTURE = "picture"  # asked tile by tile; drawn, not merged


FORMATS: dict[SourceKind, tuple[str, ...]] = {
    SourceKind.FILE: ("",),
    SourceKind.FEED: ("cap", "nws", "gdacs", "georss"),
    SourceKind.SERVICE: ("ogc", "wfs", "arcgis"),
    SourceKind.PICTURE: ("wms", "wmts", "xyz"),
}


class LayerSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything an agency says of a layer that is fetched. Kept in the store as JSON."""

    layer_id: str
    title: str
    role: str
    kind: SourceKind
    url: str
    format: str = ""
    name: str = ""  # the collection, feature type or picture asked for
    licence: str = ""
    attribution: str = ""
    refresh_s: int = 300
    validity_h: float = 24.0  # how long a warning counts that does not say when it ends
    mapping: dict[str, Any] = {}  # the tables of a mapping file
    bbox: Extent | None = None  # of pictures: west, south, east, north; None for what their server says
    min_zoom: int = 0  # of pictures
    max_zoom: int = 19


class SourceHealth(msgspec.Struct, frozen=True):
    """How fetching goes. Times are ms UTC, 0 for never."""

    checked_ms: int = 0  # asked, whatever came of it
    good_ms: int = 0  # answered well, changed or not
    due_ms: int = 0  # to be asked again
    failures: int = 0  # in a row
    error: str = ""  # why the last try failed, "" when it did not
    etag: str = ""
    last_modified: str = ""
    recipe: Recipe | None = None  # of pictures: how tiles are asked for, as their server said last


class FollowedSource(msgspec.Struct, frozen=True):
    """A source and how it goes."""

    source: LayerSource
    health: SourceHealth


class SourceCheck(msgspec.Struct, frozen=True):
    """One line of a source's diary: what came of asking, written when it differs from the line before."""

    at_ms: int
    outcome: str  # new, refused, failed
    detail: str
