"""Times in the browser's own time zone, or in UTC where it is unknown."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st


def zone() -> tzinfo:
    """Return the browser's time zone; UTC where it is missing or unknown."""
    name = st.context.timezone
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def short_time(ms: int, zone: tzinfo) -> str:
    """Return `2 Dec 14:05`."""
    local = datetime.fromtimestamp(ms / 1000, zone)
    return f"{local.day} {local:%b %H:%M}"


def name_of(zone: tzinfo) -> str:
    """Return `UTC` or `Asia/Kolkata`."""
    return zone.key if isinstance(zone, ZoneInfo) else "UTC"
