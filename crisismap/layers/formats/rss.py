"""Parsing of Atom, RSS and GeoRSS feeds to plain data. Runs in the sandbox."""

from __future__ import annotations

import calendar
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any

import feedparser

from crisismap.core import moment
from crisismap.core.errors import Malformed, shorten
from crisismap.layers.formats.cap import element

_CAP = "application/cap+xml"
_TIMES = ("gdacs_fromdate", "gdacs_todate")
# The parser flattens the nested resources of GDACS; these values are of the last resource, not of the event.
_DROPPED = ("gdacs_title", "gdacs_description", "gdacs_acknowledgements", "gdacs_accesslevel", "gdacs_xslt")


def parse(data: bytes) -> dict[str, Any]:
    """Return title and entries: id, title, summary, link, alert_link, updated (ms), geometry (GeoJSON), fields.

    Raises Malformed. The whole document must be well-formed: part of a feed would look like an all clear.
    """
    root = element(data)
    kind = root.tag.rpartition("}")[2]
    if kind not in ("feed", "rss", "RDF"):
        raise Malformed("not_a_feed", root=shorten(kind, 40))
    feed = feedparser.parse(BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    return {"title": _text(feed.feed, "title"), "entries": [_entry(entry) for entry in feed.entries]}


def _entry(entry: Any) -> dict[str, Any]:
    links = [(str(link.get("href", "")), str(link.get("type", ""))) for link in entry.get("links", ())]
    alert_link = next((href for href, kind in links if kind == _CAP), "")
    return {
        "id": _text(entry, "id") or _text(entry, "link"),
        **{name: _text(entry, name) for name in ("title", "summary", "link")},
        "alert_link": alert_link or _text(entry, "link"),
        "updated": _updated_ms(entry),
        "geometry": _geometry(entry),
        "fields": _fields(entry),
    }


def _updated_ms(entry: Any) -> int | None:
    # Asked for a time of update that is not there, feedparser warns and answers with that of publication; not for ever.
    time = ("updated_parsed" in entry and entry["updated_parsed"]) or entry.get("published_parsed")
    return calendar.timegm(time) * 1000 if time else None


def _fields(entry: Any) -> dict[str, str]:
    """Return the elements of the feed's own vocabulary; RFC 2822 times of GDACS become RFC 3339."""
    fields = {
        str(name): str(value).strip()
        for name, value in entry.items()
        if name.startswith("gdacs_") and isinstance(value, str) and value.strip()
    }
    for name in _TIMES:
        if name in fields:
            fields[name] = _mail_time(fields[name])
    return {name: value for name, value in fields.items() if name not in _DROPPED}


def _mail_time(text: str) -> str:
    try:
        return moment.rfc3339(moment.to_ms(parsedate_to_datetime(text)))
    except (ValueError, TypeError, OverflowError):
        return text


def _geometry(entry: Any) -> dict[str, Any] | None:
    """Return the geometry of GeoRSS (lat lon, swapped by the parser) or of the older geo:lat and geo:long."""
    where = entry.get("where")
    if isinstance(where, dict) and where.get("type") and where.get("coordinates"):
        kind, coordinates = str(where["type"]), where["coordinates"]
        if kind == "Box":
            (west, south), (east, north) = coordinates
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            return {"type": "Polygon", "coordinates": [ring]}
        return {"type": kind, "coordinates": _lists(coordinates)}
    lon, lat = entry.get("geo_long"), entry.get("geo_lat")
    if isinstance(lon, str) and isinstance(lat, str):
        return {"type": "Point", "coordinates": [float(lon), float(lat)]}
    return None


def _lists(value: Any) -> Any:
    return [_lists(each) for each in value] if isinstance(value, list | tuple) else float(value)


def _text(entry: Any, name: str) -> str:
    value = entry.get(name)
    return value.strip() if isinstance(value, str) else ""
