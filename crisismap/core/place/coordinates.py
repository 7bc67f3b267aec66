"""Places written as numbers or codes: plus codes, geo: URIs, decimal degrees, degrees with minutes; pure.

Sources: RFC 5870 (geo:), the Open Location Code specification. Each match has a confidence and an accuracy; this
module sets no place.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from openlocationcode import openlocationcode as olc

from crisismap.core.place.geodesy import EQUATOR_DEGREE_M, distance_m
from crisismap.core.place.place import FAR_AWAY_DEGREES, Extent, within

MOST_LETTERS = 5_000  # longest text that is searched
LEAST_ACCURACY_M = 10.0  # no phone is more accurate, however many digits it writes
OUTSIDE = 0.3  # factor on the confidence of a place outside the incident
_CODE = "23456789CFGHJMPQRVWX"

_FULL = re.compile(rf"(?<![0-9A-Z])[23456789CF][23456789CFGHJMPQRV][{_CODE}0]{{6}}\+(?:[{_CODE}]{{2,7}})?(?![0-9A-Z+])")
_SHORT = re.compile(rf"(?<![0-9A-Z])[{_CODE}]{{4}}(?:[{_CODE}]{{2}})?\+[{_CODE}]{{2,3}}(?![0-9A-Z+])")
_GEO = re.compile(
    r"geo:(-?\d{1,3}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)(?:,-?[\d.]+)?((?:;[\w-]+(?:=[^;\s]*)?)*)", re.IGNORECASE
)
_NUMBER = r"[+-]?\d{1,3}\.\d{3,}"
_DECIMAL = re.compile(
    rf"(?<![\d.])(?P<h1>[NSEW])?\s*(?P<a>{_NUMBER})\s*°?\s*(?P<g1>[NSEW](?![a-z]))?"
    rf"\s*[,;/\s]\s*(?P<h2>[NSEW])?\s*(?P<b>{_NUMBER})\s*°?\s*(?P<g2>[NSEW](?![a-z]))?(?![\d.]*\d)",
    re.IGNORECASE,
)
_ANGLE = (
    r"(?P<h{n}>[NSEW])?\s*(?P<d{n}>\d{{1,3}})\s*[°ºd]\s*(?P<m{n}>\d{{1,2}}(?:\.\d+)?)\s*['m]?"
    r"\s*(?:(?P<s{n}>\d{{1,2}}(?:\.\d+)?)\s*(?:''|[\"s])?)?\s*(?P<g{n}>[NSEW])?"
)
_DMS = re.compile(_ANGLE.format(n=1) + r"\s*[,;/]?\s*" + _ANGLE.format(n=2), re.IGNORECASE)
# Characters that phones use for minutes and seconds, and the typographic minus.
_MARKS = str.maketrans({"′": "'", "’": "'", "‘": "'", "″": '"', "”": '"', "“": '"', "\u2212": "-", "º": "°"})


@dataclass(frozen=True, slots=True)
class WrittenPlace:
    """A place written in a text: degrees WGS 84, accuracy in metres, confidence 0..1, and the reason."""

    quote: str
    lon: float
    lat: float
    accuracy_m: float
    confidence: float
    reason: str


def find_coordinates(text: str, extent: Extent | None) -> list[WrittenPlace]:
    """Return every place written as numbers or a code. `extent`: of the incident, to detect swapped axes."""
    plain = unicodedata.normalize("NFKC", text[:MOST_LETTERS].translate(_MARKS)).translate(_MARKS)
    found: list[WrittenPlace] = []
    for place in (*_codes(plain.upper(), extent), *_geo(plain, extent), *_decimal(plain, extent), *_dms(plain, extent)):
        if not any(distance_m(place.lon, place.lat, known.lon, known.lat) < LEAST_ACCURACY_M for known in found):
            found.append(place)
    return found


def _codes(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    for match in _FULL.finditer(text):
        if olc.isFull(match[0]):
            yield _code_place(match[0], match[0], 0.95, "a plus code", extent)
    if extent is None:
        return
    middle = _centre(extent)
    for match in _SHORT.finditer(text):
        if olc.isShort(match[0]):
            full = olc.recoverNearest(match[0], middle[1], middle[0])
            yield _code_place(match[0], full, 0.75, "a short plus code, read near the middle of this incident", extent)


def _code_place(quote: str, full: str, sure: float, reason: str, extent: Extent | None) -> WrittenPlace:
    area = olc.decode(full)
    lat, lon = area.latitudeCenter, area.longitudeCenter
    radius = distance_m(lon, lat, area.longitudeLo, area.latitudeLo)
    return _place(quote, lon, lat, radius, sure, reason, extent)


def _geo(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    for match in _GEO.finditer(text):
        options = dict(part.lower().partition("=")[::2] for part in match[3].split(";") if part)
        lat, lon = float(match[1]), float(match[2])
        if options.get("crs", "wgs84") != "wgs84" or not _on_earth(lon, lat):
            continue
        try:
            doubt = float(options.get("u", ""))
        except ValueError:
            doubt = _accuracy_of_digits(match[1], match[2])
        yield _place(
            match[0], lon, lat, doubt if math.isfinite(doubt) and doubt >= 0 else 100.0, 0.95, "a geo: address", extent
        )


def _decimal(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    for match in _DECIMAL.finditer(text):
        sides = [(match[f"h{n}"] or match[f"g{n}"] or "").upper() for n in (1, 2)]
        a, b = (_signed(float(match[name]), side) for name, side in zip("ab", sides, strict=True))
        accuracy = _accuracy_of_digits(match["a"], match["b"])
        yield from _pair(match[0].strip(), (a, b), sides, accuracy, extent)


def _dms(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    for match in _DMS.finditer(text):
        sides = [(match[f"h{n}"] or match[f"g{n}"] or "").upper() for n in (1, 2)]
        parts = [(int(match[f"d{n}"]), float(match[f"m{n}"]), float(match[f"s{n}"] or 0)) for n in (1, 2)]
        if any(minutes >= 60 or seconds >= 60 for _, minutes, seconds in parts):
            continue
        a, b = (_signed(d + m / 60 + s / 3600, side) for (d, m, s), side in zip(parts, sides, strict=True))
        accuracy = 30.0 if match["s1"] and match["s2"] else 1_000.0
        yield from _pair(match[0].strip(), (a, b), sides, accuracy, extent)


def _pair(
    quote: str, pair: tuple[float, float], sides: list[str], accuracy: float, extent: Extent | None
) -> Iterator[WrittenPlace]:
    """Yield the pair as latitude, longitude, unless the letters or the incident's extent show the other order."""
    (a, b), (one, two) = pair, sides
    if (one in ("N", "S") and two in ("N", "S")) or (one in ("E", "W") and two in ("E", "W")):
        return
    if one or two:
        lat, lon = (b, a) if one in ("E", "W") or two in ("N", "S") else (a, b)
        if _on_earth(lon, lat):
            yield _place(quote, lon, lat, accuracy, 0.95, "coordinates", extent)
        return
    orders = [(lon, lat) for lat, lon in ((a, b), (b, a)) if _on_earth(lon, lat)]
    inside = [order for order in orders if extent is None or within(*order, extent, FAR_AWAY_DEGREES)]
    for lon, lat in (inside or orders)[:1]:
        turned = (lat, lon) != (a, b)
        reason = "coordinates, longitude first" if turned else "coordinates"
        yield _place(quote, lon, lat, accuracy, 0.8 if turned else 0.9, reason, extent)


def _place(  # noqa: PLR0913 - one parameter a member
    quote: str, lon: float, lat: float, accuracy: float, sure: float, reason: str, extent: Extent | None
) -> WrittenPlace:
    if extent is not None and not within(lon, lat, extent, FAR_AWAY_DEGREES):
        sure, reason = sure * OUTSIDE, f"{reason}, but far from this incident"
    return WrittenPlace(quote, round(lon, 7), round(lat, 7), math.ceil(max(accuracy, LEAST_ACCURACY_M)), sure, reason)


def _signed(value: float, side: str) -> float:
    return -abs(value) if side in ("S", "W") else value


def _on_earth(lon: float, lat: float) -> bool:
    return abs(lat) <= 90 and abs(lon) <= 180 and (abs(lat) > 1e-6 or abs(lon) > 1e-6)


def _accuracy_of_digits(*numbers: str) -> float:
    """Return half the step of the last digit written, in metres."""
    return EQUATOR_DEGREE_M / 2 * 10.0 ** -min(len(number.partition(".")[2]) for number in numbers)


def _centre(extent: Extent) -> tuple[float, float]:
    west, south, east, north = extent
    wide = (east - west) % 360 if west > east else east - west
    return (west + wide / 2 + 180) % 360 - 180, (south + north) / 2
