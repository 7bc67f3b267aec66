"""Parsing of Atom, RSS and GeoRSS feeds to plain data. Runs in the sandbox."""

from __future__ import annotations

import calendar
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element

import feedparser

from crisismap.core import moment
from crisismap.core.errors import Malformed, shorten
from crisismap.layers.formats.cap import element, local_name
from crisismap.layers.formats.georss import places

_CAP = "application/cap+xml"
_TIMES = ("gdacs_fromdate", "gdacs_todate")
# The parser flattens the nested resources of GDACS; these values are of the last resource, not of the event.
_DROPPED = ("gdacs_title", "gdacs_description", "gdacs_acknowledgements", "gdacs_accesslevel", "gdacs_xslt")


def parse(data: bytes) -> dict[str, Any]:
    """Return title and entries: id, title, summary, link, alert_link, updated (ms), geometry (GeoJSON), problems
    (places that cannot be read), fields.

    Raises Malformed. The whole document must be well-formed: part of a feed would look like an all clear.
    """
    root = element(data)
    kind = local_name(root)
    if kind not in ("feed", "rss", "RDF"):
        raise Malformed("not_a_feed", root=shorten(kind, 40))
    feed = feedparser.parse(BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    found: list[tuple[Any, list[str]]] = [places(node) for node in _elements(root)]
    if len(found) != len(feed.entries):  # no place is better than that of another entry
        found = [(None, ["cannot be told apart from those of other entries"])] * len(feed.entries)
    entries = [_entry(entry, *each) for entry, each in zip(feed.entries, found, strict=True)]
    return {"title": _text(feed.feed, "title"), "entries": entries}


def _elements(root: Element) -> list[Element]:
    """Return the entries in the order of the document: of Atom and RDF below the root, of RSS below its channel."""
    parents = (parent for parent in (root, *root) if parent is root or local_name(parent) == "channel")
    return [node for parent in parents for node in parent if local_name(node) in ("entry", "item")]


def _entry(entry: Any, geometry: dict[str, Any] | None, problems: list[str]) -> dict[str, Any]:
    links = [(str(link.get("href", "")), str(link.get("type", ""))) for link in entry.get("links", ())]
    alert_link = next((href for href, kind in links if kind == _CAP), "")
    return {
        "id": _text(entry, "id") or _text(entry, "link"),
        **{name: _text(entry, name) for name in ("title", "summary", "link")},
        "alert_link": alert_link or _text(entry, "link"),
        "updated": _updated_ms(entry),
        "geometry": geometry,
        "problems": problems,
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


def _text(entry: Any, name: str) -> str:
    value = entry.get(name)
    return value.strip() if isinstance(value, str) else ""
