"""Places written as numbers or codes: links, geo: URIs, degrees in every usual form, UTM, MGRS, plus codes; pure.

Sources: RFC 5870 (geo:), the Open Location Code specification. Each match has a confidence and an accuracy; this
module sets no place.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from openlocationcode import openlocationcode as olc

from crisismap.core.place.geodesy import EQUATOR_DEGREE_M, distance_m
from crisismap.core.place.grids import find_grids
from crisismap.core.place.map_links import find_links, percent_decoded
from crisismap.core.place.place import FAR_AWAY_DEGREES, Extent, within

MOST_LETTERS = 5_000  # longest text that is searched
LEAST_ACCURACY_M = 10.0  # no phone is more accurate, however many digits it writes
OUTSIDE = 0.3  # factor on the confidence of a place outside the incident
MOST_GRIDS = 20  # places in UTM or MGRS in one text; each takes a millisecond
MAP_CENTRE_M = 1_000.0  # accuracy of the middle of a map: the place meant may be anywhere on it
_CODE = "23456789CFGHJMPQRVWX"

_FULL = re.compile(rf"(?<![0-9A-Z])[23456789CF][23456789CFGHJMPQRV][{_CODE}0]{{6}}\+(?:[{_CODE}]{{2,7}})?(?![0-9A-Z+])")
_SHORT = re.compile(rf"(?<![0-9A-Z])[{_CODE}]{{4}}(?:[{_CODE}]{{2}})?\+[{_CODE}]{{2,3}}(?![0-9A-Z+])")
_GEO = re.compile(
    r"geo:(-?\d{1,3}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)(?:,-?[\d.]+)?((?:;[\w-]+(?:=[^;\s]*)?)*)", re.IGNORECASE
)
_NUMBER = r"[+-]?\d{1,3}\.\d{3,}"
_COMMA_NUMBER = r"[+-]?\d{1,3},\d{3,}"
_TWO_NUMBERS = (
    r"(?<![\d.,])(?P<h1>[NSEWO])?\s*(?P<a>{number})\s*°?\s*(?P<g1>[NSEWO](?![a-z]))?"
    r"{between}(?P<h2>[NSEWO])?\s*(?P<b>{number})\s*°?\s*(?P<g2>[NSEWO](?![a-z]))?(?![\d.]*\d)"
)
_DECIMAL = re.compile(_TWO_NUMBERS.format(number=_NUMBER, between=r"\s*[,;/\s]\s*"), re.IGNORECASE)
_DECIMAL_COMMA = re.compile(_TWO_NUMBERS.format(number=_COMMA_NUMBER, between=r"(?:\s*[;/|]\s*|,?\s+)"), re.IGNORECASE)
_WHOLE = re.compile(r"\s*\(?\s*([+-]?\d{1,3}\.\d\d)\s*[,;/\s]\s*([+-]?\d{1,3}\.\d\d)\s*\)?\s*")
# Degrees, minutes and seconds, with their signs or, where letters of the sides tell, with spaces, colons or dashes.
_SIGNED = (
    r"(?:(?P<h{n}>[NSEWO])\s*)?(?P<d{n}>-?\d{{1,3}})\s*[°d]\s*(?P<m{n}>\d{{1,2}}(?:[.,]\d+)?)\s*['m]?"
    r"\s*(?:(?P<s{n}>\d{{1,2}}(?:[.,]\d+)?)\s*(?:''|[\"s])?)?\s*(?P<g{n}>[NSEWO](?![a-z]))?"
)
_DMS = re.compile(_SIGNED.format(n=1) + r"\s*[,;/+]?\s*" + _SIGNED.format(n=2), re.IGNORECASE)
_ANGLE = r"\d{1,3}(?:[.,]\d{1,20})?(?:[\s:°d'\"-]{1,3}\d{1,2}(?:[.,]\d{1,20})?){0,2}[\s°'\"]{0,3}"
_LETTER_AFTER = re.compile(
    rf"(?<![\d.,])({_ANGLE})([NSEWO])(?![a-z])[\s,;/-]{{0,3}}({_ANGLE})([NSEWO])(?![a-z])", re.IGNORECASE
)
_LETTER_BEFORE = re.compile(
    rf"(?<![a-z])([NSEWO])\s?({_ANGLE})[,;/-]?\s?([NSEWO])\s?({_ANGLE})(?![\d.,]*\d)", re.IGNORECASE
)
# 130152N 0801316E of pilots, 1301.867N 08013.272E of receivers.
_COMPACT = re.compile(
    r"(?<![\d.])(\d\d)(\d\d(?:\.\d+)?)(\d\d(?:\.\d+)?)?\s?([NS])[\s,/]{0,2}"
    r"(\d{3})(\d\d(?:\.\d+)?)(\d\d(?:\.\d+)?)?\s?([EWO])(?![a-z])",
    re.IGNORECASE,
)
_LAT_WORD = r"lat(?:itude|itud)?|lintang|अक्षांश|அட்சரேகை|(?:خط |دائرة )?العرض"
_LON_WORD = r"lon(?:gitude|gitud|g)?|lng|bujur|देशान्तर|देशांतर|தீர்க்கரேகை|(?:خط )?الطول"
_LABELLED_ANGLE = rf"([NSEWO]?\s?[+-]?\s?{_ANGLE}(?:[NSEWO](?![a-z]))?)"
_LABELLED = tuple(
    re.compile(
        rf"(?<!\w)(?:{first})\.?\s?[:=]?\s?{_LABELLED_ANGLE}[\s,;/|&]{{0,3}}(?:\w{{1,5}} )?"
        rf"(?:{second})\.?\s?[:=]?\s?{_LABELLED_ANGLE}",
        re.IGNORECASE,
    )
    for first, second in ((_LAT_WORD, _LON_WORD), (_LON_WORD, _LAT_WORD))
)
_SIDES = {
    "N": r"north|norte|nord|utara|lu|شمالا?|उत्तर|வடக்கு",
    "S": r"south|sur|sud|selatan|ls|جنوبا?|दक्षिण|தெற்கு",
    "E": r"east|este|est|timur|bt|شرقا?|पूर्व|கிழக்கு",
    "W": r"west|oeste|ouest|barat|bb|غربا?|पश्चिम|மேற்கு",
}
_SIDE_WORDS = tuple(
    (re.compile(rf"(?<=[\d°'\"])\s?(?:{words})(?!\w)", re.IGNORECASE), f" {side}") for side, words in _SIDES.items()
)
# Characters that phones use for minutes and seconds, the typographic minus, separators and marks of Arabic.
_MARKS = str.maketrans(
    {"′": "'", "’": "'", "‘": "'", "″": '"', "”": '"', "“": '"', "\u2212": "-", "\u2013": "-", "º": "°", "˚": "°"}
    | {"\u066b": ".", "\u066c": "", "\u060c": ",", "\u061b": ";", "、": ","}
    | dict.fromkeys("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "")
)
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")


@dataclass(frozen=True, slots=True)
class WrittenPlace:
    """A place written in a text: degrees WGS 84, accuracy in metres, confidence 0..1, and the reason."""

    quote: str
    lon: float
    lat: float
    accuracy_m: float
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Degrees:
    """One written angle: its value, the letter of its side ("" for none), its accuracy in metres."""

    value: float
    side: str
    accuracy_m: float


def find_coordinates(text: str, extent: Extent | None) -> list[WrittenPlace]:
    """Return every place written as numbers or a code. `extent`: of the incident, to detect swapped axes."""
    plain = _plain(text[:MOST_LETTERS])
    found = list(_codes(plain.upper(), extent))
    links = list(_links(plain, extent))
    for link in links:
        plain = plain.replace(link.quote, " | ", 1)
    for place in (*links, *_unlinked(plain, extent)):
        if not any(distance_m(place.lon, place.lat, known.lon, known.lat) < LEAST_ACCURACY_M for known in found):
            found.append(place)
    return found


def _unlinked(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    """Yield what the finders of numbers yield for a text whose links were read already."""
    text = percent_decoded(text)
    for pattern, side in _SIDE_WORDS:
        text = pattern.sub(side, text)
    for find in _OF_NUMBERS:
        for place in list(find(text, extent)):
            text = text.replace(place.quote, " | ", 1)  # not read again in another way
            yield place


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_MARKS)
    text = _FOREIGN_DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), text)
    return " ".join(text.split())


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


def _links(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    for each in find_links(text):
        lon, lat = float(each.lon), float(each.lat)
        if _on_earth(lon, lat):
            accuracy, sure, reason = _accuracy_of_digits(each.lat, each.lon), 0.95, "the pin of a map link"
            if not each.is_pin:
                written = next(
                    _dms(percent_decoded(each.link), extent), None
                )  # a place without a name, as Google links it
                if written is not None:
                    yield replace(written, quote=each.link)
                    continue
                accuracy, sure, reason = MAP_CENTRE_M, 0.75, "the middle of a map link, which has no pin"
            yield _place(each.link, lon, lat, accuracy, sure, reason, extent)


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


def _labelled(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    for pattern, sides in zip(_LABELLED, ("NE", "EN"), strict=True):
        for match in pattern.finditer(text):
            yield from _lettered(match[0], (match[1], match[2]), sides, extent)


def _letter_after(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    for match in _LETTER_AFTER.finditer(text):
        yield from _lettered(match[0], (match[1] + match[2], match[3] + match[4]), "  ", extent)


def _letter_before(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    for match in _LETTER_BEFORE.finditer(text):
        yield from _lettered(match[0], (match[1] + match[2], match[3] + match[4]), "  ", extent)


def _lettered(quote: str, angles: tuple[str, str], sides: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    """Yield the pair of two angles; `sides` are those of angles without a letter of their own."""
    read = [_degrees(angle, side.strip()) for angle, side in zip(angles, sides, strict=True)]
    first, second = read
    if first is not None and second is not None:
        accuracy = max(first.accuracy_m, second.accuracy_m)
        yield from _pair(quote.strip(), (first.value, second.value), [first.side, second.side], accuracy, extent)


def _degrees(angle: str, side: str = "") -> _Degrees | None:
    """Return an angle of one to three numbers; None for 60 minutes or more, and for degrees that are hardly a place.

    `side`: that of a label before the angle.
    """
    letter = next((each for each in angle.upper() if each in "NSEWO"), side)
    numbers = re.findall(r"\d+(?:[.,]\d+)?", angle)
    texts = [each.replace(",", ".") for each in numbers]
    values = [float(each) for each in texts]
    if any(value >= 60 for value in values[1:]) or any("." in each for each in texts[:-1]):
        return None
    decimals = len(texts[-1].partition(".")[2])
    if len(values) == 1 and decimals < (1 if side else 2):
        return None
    value = sum(value / 60**place for place, value in enumerate(values))
    step_m = EQUATOR_DEGREE_M / 60 ** (len(values) - 1) * 10.0**-decimals
    negative = re.match(r"\s*[NSEWO]?\s*-", angle, re.IGNORECASE) is not None
    # People cut seconds and minutes rather than round them.
    return _Degrees(-value if negative else value, letter, step_m / 2 if len(values) == 1 else min(step_m, 1_000.0))


def _compact(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    for match in _COMPACT.finditer(text):
        lat, lon = (" ".join(filter(None, match.groups()[begin : begin + 4])) for begin in (0, 4))
        yield from _lettered(match[0], (lat, lon), "  ", extent)


def _decimal(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    for match in _DECIMAL.finditer(text):
        yield from _numbers(match, extent)


def _decimal_comma(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    for match in _DECIMAL_COMMA.finditer(text):
        # Three digits behind a comma may be thousands as well.
        exact = min(len(match[name].partition(",")[2]) for name in "ab") > 3
        yield from (place for place in _numbers(match, extent) if exact or (extent and _is_inside(place, extent)))


def _numbers(match: re.Match[str], extent: Extent | None) -> Iterator[WrittenPlace]:
    sides = [(match[f"h{n}"] or match[f"g{n}"] or "").upper() for n in (1, 2)]
    a, b = (match[name].replace(",", ".") for name in "ab")
    yield from _pair(match[0].strip(), (float(a), float(b)), sides, _accuracy_of_digits(a, b), extent)


def _whole(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    """Yield two short numbers that are all that was written, if they are in this incident."""
    match = _WHOLE.fullmatch(text)
    if match is not None and extent is not None:
        accuracy = _accuracy_of_digits(match[1], match[2])
        places = _pair(match[0].strip(), (float(match[1]), float(match[2])), ["", ""], accuracy, extent)
        yield from (place for place in places if _is_inside(place, extent))


def _dms(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    for match in _DMS.finditer(text):
        angles = []
        for n in (1, 2):
            parts = filter(None, (match[f"{name}{n}"] for name in "dms"))
            angles.append(f"{' '.join(parts)}{match[f'h{n}'] or match[f'g{n}'] or ''}")
        yield from _lettered(match[0], (angles[0], angles[1]), "  ", extent)


def _grids(text: str, extent: Extent | None) -> Iterator[WrittenPlace]:
    found = list(islice(find_grids(text), MOST_GRIDS))
    # Of several readings of one text, that within the incident.
    for quote, lon, lat, accuracy in found:
        others = [each for each in found if each[0] == quote]
        if len(others) == 1 or (extent is not None and within(lon, lat, extent, FAR_AWAY_DEGREES)):
            yield _place(quote, lon, lat, accuracy, 0.9, "coordinates in a grid (UTM or MGRS)", extent)


def _pair(
    quote: str, pair: tuple[float, float], sides: list[str], accuracy: float, extent: Extent | None
) -> Iterator[WrittenPlace]:
    """Yield the pair as latitude, longitude, unless the letters or the incident's extent show the other order."""
    one, two = (side.replace("O", "W") for side in sides)
    a, b = (_signed(value, side) for value, side in zip(pair, (one, two), strict=True))
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


def _is_inside(place: WrittenPlace, extent: Extent) -> bool:
    return within(place.lon, place.lat, extent, FAR_AWAY_DEGREES)


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


_OF_NUMBERS: tuple[Callable[[str, Extent | None], Iterator[WrittenPlace]], ...] = (
    *(_geo, _labelled, _compact, _dms, _letter_after, _letter_before),
    *(_decimal, _decimal_comma, _whole, _grids),
)
