"""A source: where a layer comes from when it comes in by itself, and how that went last time."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import msgspec

from crisismap.core.errors import Invalid

DAY_S = 86_400
SHORTEST_S = 30  # nobody's server is asked more often
LONGEST_NAME = 500
LONGEST_URL = 2000
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Kind(StrEnum):
    """How a layer comes in."""

    FILE = "file"  # one document, whole
    FEED = "feed"  # messages or entries
    SERVICE = "service"  # asked page by page
    PICTURE = "picture"  # drawn, not merged


FORMATS: dict[Kind, tuple[str, ...]] = {
    Kind.FILE: ("",),
    Kind.FEED: ("cap", "nws", "gdacs", "georss"),
    Kind.SERVICE: ("ogc", "wfs", "arcgis"),
    Kind.PICTURE: ("xyz", "wms", "wmts"),
}
WARNINGS = frozenset({"cap", "nws"})  # formats whose documents are messages that end one another


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything an agency says of a layer that is fetched. Kept in the store as JSON."""

    layer_id: str
    title: str
    role: str
    kind: Kind
    url: str
    format: str = ""
    name: str = ""  # the collection, feature type or picture layer asked for
    licence: str = ""
    attribution: str = ""
    refresh_s: int = 300
    validity_h: float = 24.0  # how long a warning counts that does not say when it ends
    mapping: dict[str, Any] = {}  # the tables of a mapping file


class Health(msgspec.Struct, frozen=True):
    """How fetching goes. Times are ms UTC, 0 for never."""

    checked_ms: int = 0  # asked, whatever came of it
    good_ms: int = 0  # answered well, changed or not
    due_ms: int = 0  # to be asked again
    failures: int = 0  # in a row
    error: str = ""  # why the last try failed, "" when it did not
    etag: str = ""
    last_modified: str = ""


class Followed(msgspec.Struct, frozen=True):
    """A source and how it goes."""

    source: Source
    health: Health


class Check(msgspec.Struct, frozen=True):
    """One line of a source's diary: what came of asking, written when it differs from the line before."""

    at_ms: int
    outcome: str  # new, refused, failed
    detail: str


def checked(source: Source) -> Source:
    """The source if its texts and numbers can be taken. Raises Invalid naming the field."""
    if not _ID.fullmatch(source.layer_id):
        raise Invalid("id", source.layer_id, "must be 1 to 64 of a-z, 0-9, - and _, not beginning with - or _")
    formats = FORMATS[source.kind]
    if source.format not in formats:
        raise Invalid("format", source.format, f"a {source.kind} has one of: {', '.join(formats) or 'none'}")
    if source.kind is Kind.PICTURE and source.role != "context":
        raise Invalid("role", source.role, "a picture is drawn and not merged, so its role is context")
    if not SHORTEST_S <= source.refresh_s <= 30 * DAY_S:
        raise Invalid("refresh_s", source.refresh_s, f"must be {SHORTEST_S} to {30 * DAY_S} seconds")
    if not 0 < source.validity_h <= 24 * 366:
        raise Invalid("validity_h", source.validity_h, "must be more than 0 and at most 8784 hours")
    for field in ("title", "licence", "attribution", "name"):
        value: str = getattr(source, field)
        if len(value) > LONGEST_NAME or "\x00" in value:
            raise Invalid(field, value, f"must be at most {LONGEST_NAME} characters, without a NUL")
    check_url(source.url)
    return source


def check_url(url: str) -> None:
    """Raise Invalid unless this is an http(s) address without a name and password in it."""
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        raise Invalid("url", url, "is not an address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_fits:
        raise Invalid("url", url, "must begin with http:// or https:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise Invalid("url", url.rpartition("@")[2], "must not carry a name or password")
    if len(url) > LONGEST_URL or re.search(r"[\x00-\x20\x7f]", url):
        raise Invalid("url", url, f"must be at most {LONGEST_URL} characters, without spaces")
