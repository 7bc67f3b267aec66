"""Places in links of map services and messengers: the pin of a link, and only without one the middle of its map; pure.

A short link (maps.app.goo.gl) has no coordinates: only its server knows the place, and nothing here asks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_LINK = re.compile(r"(?:https?|comgooglemaps|waze|om|maps):/{1,3}[^\s<>\"]+", re.IGNORECASE)
_NUMBER = r"[+-]?\d{1,3}(?:\.\d{1,20})?"
_PAIR = re.compile(rf"(?:loc:|ll\.|point\.|geo:)?\s*({_NUMBER})\s*(?:[,~_;]|\s)\s*({_NUMBER})(?![.\d])", re.IGNORECASE)
# Google's own data: the last pair is the place that the link is about.
_GOOGLE_PIN = re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})")
_IN_PATH = re.compile(rf"/({_NUMBER}),\s*({_NUMBER})(?=[,/?#]|$)")
_CENTRE = re.compile(rf"(?:/@|[#&?]map=\d{{1,2}}(?:\.\d+)?/)({_NUMBER})[,/]({_NUMBER})")
_TWO_PARAMETERS = (("mlat", "mlon"), ("lat", "lon"), ("lat", "lng"), ("latitude", "longitude"))
# Parameters with both numbers: those of a pin before those that may be the middle of the map.
_ONE_PARAMETER = (
    *("q", "query", "destination", "daddr", "coordinate", "coordinates", "pin", "pt", "marker", "loc", "to", "latlng"),
    *("sp", "point", "location", "text", "viewpoint", "cbll", "ll", "cp", "center", "map", "saddr", "sll"),
)
_LON_FIRST = re.compile(r"\w+:/+(?:[\w-]+\.)*(?:yandex|ya)\.[a-z.]+(?:[/?#:]|$)", re.IGNORECASE)
_PARAMETER = re.compile(r"[?&#]([\w.]+)=([^&#]*)")
_ESCAPED = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_ENDING = ".,;:!?)]}'»"


@dataclass(frozen=True, slots=True)
class LinkPlace:
    """The place of one link: its text and the numbers as written; `is_pin` is false for the middle of a map."""

    link: str
    lat: str
    lon: str
    is_pin: bool


def find_links(text: str) -> Iterator[LinkPlace]:
    """Yield the place of each link that has one."""
    for match in _LINK.finditer(text):
        link = match[0].rstrip(_ENDING)
        plain = percent_decoded(link.replace("+", " "))
        pair = _pin(link, plain)
        if pair is not None:
            yield LinkPlace(link, *pair, True)
        elif (centre := _CENTRE.search(plain)) is not None:
            yield LinkPlace(link, centre[1], centre[2], False)


def percent_decoded(text: str) -> str:
    """Return a text with the characters that links write as %2C; what is not UTF-8 becomes a replacement character."""
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), text)


def _pin(link: str, plain: str) -> tuple[str, str] | None:
    pins = _GOOGLE_PIN.findall(plain)
    if pins:
        lat, lon = pins[-1]
        return lat, lon
    query: dict[str, str] = {}
    for name, value in _PARAMETER.findall(link):  # split first: a value may contain an escaped "&"
        query.setdefault(name.lower(), percent_decoded(value.replace("+", " ")))
    by_parameter = _of_parameters(query)
    if by_parameter is not None:
        lat, lon = by_parameter
        return (lon, lat) if _LON_FIRST.match(link) else (lat, lon)
    in_path = _IN_PATH.search(plain)
    return (in_path[1], in_path[2]) if in_path else None


def _of_parameters(query: Mapping[str, str]) -> tuple[str, str] | None:
    for lat, lon in _TWO_PARAMETERS:
        if re.fullmatch(_NUMBER, query.get(lat, "")) and re.fullmatch(_NUMBER, query.get(lon, "")):
            return query[lat], query[lon]
    for name in _ONE_PARAMETER:
        pair = _PAIR.match(query.get(name, ""))
        if pair is not None:
            return pair[1], pair[2]
    return None
