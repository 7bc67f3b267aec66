"""One coordinate as people write it in a cell: decimal degrees, or degrees with minutes and seconds; pure."""

from __future__ import annotations

import re

from crisismap.core.text.number import ascii_digits, read_number

_SIDES = {"N": 1.0, "E": 1.0, "S": -1.0, "W": -1.0, "O": -1.0}  # O: oeste, ouest
_LONGEST = 60  # characters; a longer cell is no coordinate, and would cost time
_DECIMAL = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]+)?")
_SIDE = re.compile(r"(?P<before>[NSEWO])?\s*(?P<angle>.*?)\s*(?P<after>[NSEWO])?", re.IGNORECASE | re.DOTALL)
_ANGLE = re.compile(
    r"(?P<sign>[+-]?)(?P<d>\d{1,3})\s*[°º:\s]\s*(?P<m>\d{1,2}(?:[.,]\d+)?)\s*(?:['′’:\s]\s*"
    r"(?:(?P<s>\d{1,2}(?:[.,]\d+)?)\s*(?:\"|″|”|''|′′|’’)?)?)?"
)
_AXES = {"lon": "EWO", "lat": "NS"}


def degrees(text: str, axis: str, decimal: str = "") -> float | None:
    """Return the degrees of a cell of the column `lon` or `lat`; None when it is no such angle.

    A decimal comma, a degree sign, minutes, seconds and the letters N, S, E, W are understood. `decimal`: the mark that
    the column uses, where that is known.
    """
    if len(text) > _LONGEST:
        return None
    if _DECIMAL.fullmatch(text):
        return float(text)  # as nearly all are written
    whole = _SIDE.fullmatch(ascii_digits(text.strip()))
    if whole is None:
        return None
    side = (whole["before"] or whole["after"] or "").upper()
    if (whole["before"] and whole["after"]) or (side and side not in _AXES[axis]):
        return None
    number = read_number(whole["angle"].rstrip("°º "), decimal=decimal, fraction=True)
    if number is None:
        number = _sexagesimal(whole["angle"])
    if number is None or (side and number < 0):
        return None
    return number * _SIDES.get(side, 1.0)


def _sexagesimal(text: str) -> float | None:
    match = _ANGLE.fullmatch(text.strip())
    if match is None:
        return None
    minutes, seconds = (float((match[name] or "0").replace(",", ".")) for name in "ms")
    if minutes >= 60 or seconds >= 60:
        return None
    angle = int(match["d"]) + minutes / 60 + seconds / 3600
    return -angle if match["sign"] == "-" else angle
