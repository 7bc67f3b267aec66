"""Places written in the grids of maps and armies: UTM and MGRS, on WGS 84.

Source: DMA TM 8358.1, Datums, Ellipsoids, Grids, and Grid Reference Systems, 1990.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BANDS = "CDEFGHJKLMNPQRSTUVWX"  # 8 degrees of latitude each, from 80 degrees south; the last one has 12
_COLUMNS = ("STUVWXYZ", "ABCDEFGH", "JKLMNPQR")  # of 100 km, by the zone modulo 3
_ROWS = "ABCDEFGHJKLMNPQRSTUV"  # of 100 km; even zones begin with F
_SQUARE_M, _ROUND_M = 100_000.0, 2_000_000.0
_SOUTH_M = 10_000_000.0  # the northing of the equator, counted from the south

_UTM = re.compile(
    r"(?<![\w.])(?P<word>utm\s?|zone\s?){0,2}(?P<zone>\d{1,2})\s?(?P<letter>[C-HJ-NP-X]|north|south)?(?![a-z])[\s,:]*"
    r"(?:E(?:asting)?[\s:=]*)?(?P<e>\d{6,7})(?:\.\d+)?\s*m?\s*E?[\s,;/]+"
    r"(?:N(?:orthing)?[\s:=]*)?(?P<n>\d{5,8})(?:\.\d+)?\s*m?\s*N?(?![\w])",
    re.IGNORECASE,
)
_MGRS = re.compile(
    r"(?<![\w.])(?P<zone>\d{1,2})\s?(?P<band>[C-HJ-NP-X])\s?(?P<column>[A-HJ-NP-Z])(?P<row>[A-HJ-NP-V])\s?"
    r"(?P<digits>\d{2,5}\s\d{2,5}|\d{4,10})(?![\w.])",
    re.IGNORECASE,
)

Grid = tuple[str, float, float, float]  # the text, lon, lat in degrees, accuracy in metres


def find_grids(text: str) -> Iterator[Grid]:
    """Yield every place in UTM or MGRS; all readings of a UTM zone whose letter may be a band or a hemisphere."""
    for match in _UTM.finditer(text):
        zone, letter = int(match["zone"]), (match["letter"] or "").upper()
        if not letter and not match["word"]:  # two telephone numbers look like this
            continue
        for south in _hemispheres(letter) if 1 <= zone <= 60 else ():
            place = _degrees(zone, south, float(match["e"]), float(match["n"]))
            is_band = len(letter) == 1 and letter not in ("N" if not south else "S")
            if place is not None and (not is_band or _in_band(place[1], letter)):
                yield match[0], *place, 1.0
    for match in _MGRS.finditer(text):
        found = _of_square(match)
        if found is not None:
            yield match[0], *found


def _hemispheres(letter: str) -> tuple[bool, ...]:
    """Return whether it is the south: no letter may be either, S a band of the north or the south itself."""
    if letter in ("", "S"):
        return (False, True)
    return (letter == "SOUTH" or (len(letter) == 1 and letter < "N"),)


def _of_square(match: re.Match[str]) -> tuple[float, float, float] | None:
    zone, band = int(match["zone"]), match["band"].upper()
    column, row, digits = match["column"].upper(), match["row"].upper(), match["digits"]
    parts = digits.split()
    if len(parts) == 1:
        parts = [digits[: len(digits) // 2], digits[len(digits) // 2 :]]
    if not 1 <= zone <= 60 or len(parts[0]) != len(parts[1]) or column not in _COLUMNS[zone % 3]:
        return None
    step = 10.0 ** (5 - len(parts[0]))
    easting, northing = (int(part) * step + step / 2 for part in parts)
    easting += (_COLUMNS[zone % 3].index(column) + 1) * _SQUARE_M
    northing += (_ROWS.index(row) - (5 if zone % 2 == 0 else 0)) % len(_ROWS) * _SQUARE_M
    south = band < "N"
    for turn in range(6):  # rows repeat every 2,000 km; the band says which it is
        place = _degrees(zone, south, easting, northing + turn * _ROUND_M)
        if place is not None and _in_band(place[1], band):
            return (*place, step / 2)
    return None


def _in_band(lat: float, band: str) -> bool:
    """Return whether a latitude lies in a band, or just beyond it, where a square crosses its border."""
    south = -80 + 8 * _BANDS.index(band)
    return south - 1 <= lat <= south + (12 if band == "X" else 8) + 1


def _degrees(zone: int, south: bool, easting: float, northing: float) -> tuple[float, float] | None:
    """Return lon, lat; None for numbers outside the zone."""
    from pyproj import Proj  # late: settings know places, and every command knows settings

    if not 100_000 <= easting <= 900_000 or not 0 <= northing <= _SOUTH_M:
        return None
    lon, lat = Proj(proj="utm", zone=zone, ellps="WGS84", south=south)(easting, northing, inverse=True)
    return (float(lon), float(lat)) if abs(lat) <= 84 and abs(lon) <= 180 else None
