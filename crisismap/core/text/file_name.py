"""Names of downloaded files: what it is, of which area, and when, as `requests-velachery-2026-11-28-0310.geojson`."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence
from datetime import tzinfo

from crisismap.core.text.local_time import minute
from crisismap.core.text.names import fold_accents

MOST_AREA = 40  # characters
MOST_NAMED = 2  # areas; more are counted
_MARKS = frozenset({"Mn", "Mc"})  # vowel signs and accents belong to their letter
_SAFE = frozenset(string.ascii_letters + string.digits + "-._~")
_ASCII = re.compile(r"[^a-z0-9]+")


def file_name(kind: str, areas: Sequence[str], at_ms: int, zone: tzinfo, ending: str) -> str:
    """Return the name of a file; letters of any script, digits and hyphens. No area stands for all of them."""
    if len(areas) > MOST_NAMED:
        where = f"{len(areas)}-areas"
    else:
        where = "-".join(filter(None, (_slug(area) for area in areas))) or ("area" if areas else "all-areas")
    return f"{kind}-{where}-{_when(at_ms, zone)}.{ending}"


def dated_name(kind: str, at_ms: int, zone: tzinfo, ending: str) -> str:
    """Return the name of a file that is of no area."""
    return f"{kind}-{_when(at_ms, zone)}.{ending}"


def ascii_name(name: str) -> str:
    """Return a file name for those who read ASCII only: accents fall off, and a word of another script is left out."""
    stem, _, ending = name.rpartition(".")
    return f"{_ASCII.sub('-', fold_accents(stem)).strip('-') or 'file'}.{ending}"


def disposition(kind: str, name: str) -> str:
    """Return the header Content-Disposition (`attachment` or `inline`) for a name, after RFC 6266 and RFC 5987."""
    header = f'{kind}; filename="{ascii_name(name)}"'
    return header if name.isascii() else f"{header}; filename*=UTF-8''{_percent(name)}"


def _percent(name: str) -> str:
    return "".join(chr(byte) if chr(byte) in _SAFE else f"%{byte:02X}" for byte in name.encode())


def _when(at_ms: int, zone: tzinfo) -> str:
    return minute(at_ms, zone).replace(" ", "-").replace(":", "")


def _slug(text: str) -> str:
    letters = unicodedata.normalize("NFKC", " ".join(text.split())).lower()
    kept = "".join(each if each.isalnum() or unicodedata.category(each) in _MARKS else "-" for each in letters)
    return re.sub("-+", "-", kept[:MOST_AREA]).strip("-")
