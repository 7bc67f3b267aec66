"""Times as people read them: one zone for one reader, on a 24-hour clock, the same on screens, sheets and files.

A reader's zone is the incident's where it has one, because two people who say 14:10 over the radio must mean the same;
else that of the reader's browser; else UTC. Programs get RFC 3339 in UTC (`core.moment`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crisismap.core.errors import Invalid
from crisismap.core.moment import MINUTE_MS

MAX_ZONE = 64  # characters of a name


def zone_of(name: str) -> tzinfo:
    """Return the zone of a name of the IANA database, such as `Asia/Kolkata`. Raises Invalid."""
    try:
        if len(name) > MAX_ZONE:
            raise ValueError
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of the database is an OSError
        raise Invalid("zone", name[:MAX_ZONE], "not_a_time_zone") from None


def readers_zone(incident: str, browser: str | None = None) -> tzinfo:
    """Return the zone of a reader from the names that the incident and the browser give; unknown names are passed."""
    for name in (incident, browser):
        try:
            if name:
                return zone_of(name)
        except Invalid:
            continue
    return UTC


def zone_name(zone: tzinfo) -> str:
    """Return `UTC` or `Asia/Kolkata`."""
    return zone.key if isinstance(zone, ZoneInfo) else "UTC"


def offset_ms(ms: int, zone: tzinfo) -> int:
    """Return how many milliseconds the clock of a zone is ahead of UTC at a time."""
    return (datetime.fromtimestamp(ms / 1000, zone).utcoffset() or timedelta()) // timedelta(milliseconds=1)


def short_time(ms: int, zone: tzinfo) -> str:
    """Return `2 Dec 14:05`."""
    local = datetime.fromtimestamp(ms / 1000, zone)
    return f"{local.day} {local:%b %H:%M}"


def time_of_day(ms: int, zone: tzinfo) -> str:
    """Return `14:05`."""
    return f"{datetime.fromtimestamp(ms / 1000, zone):%H:%M}"


def offset_name(ms: int, zone: tzinfo) -> str:
    """Return `UTC+5:30`, the short name of a zone that everybody understands."""
    minutes = offset_ms(ms, zone) // MINUTE_MS
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "\u2212"
    return "UTC" if not minutes else f"UTC{sign}{hours}{f':{rest:02d}' if rest else ''}"


def minute(ms: int, zone: tzinfo) -> str:
    """Return `2015-12-02 14:05`, as what is kept shows it: sheets and files."""
    return f"{datetime.fromtimestamp(ms / 1000, zone):%Y-%m-%d %H:%M}"
