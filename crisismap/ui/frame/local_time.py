"""The time zone of whoever reads the desk, and times in it."""

from __future__ import annotations

from datetime import tzinfo

import streamlit as st

from crisismap import bootstrap
from crisismap.core.text.local_time import minute, offset_ms, offset_name, readers_zone, short_time, zone_name
from crisismap.i18n import english

__all__ = ["minute", "name", "offset_ms", "offset_name", "parameter", "short_time", "zone"]


def zone() -> tzinfo:
    """Return the incident's time zone, else the browser's, else UTC."""
    name = st.context.timezone
    return readers_zone(bootstrap.current().views.incident().time_zone, name if isinstance(name, str) else None)


def parameter() -> dict[str, str]:
    """Return the parameter that makes a file of ours show the reader's times; none where the server knows the zone."""
    name = zone_name(zone())
    return {"zone": name} if name != zone_name(readers_zone(bootstrap.current().views.incident().time_zone)) else {}


def name() -> str:
    """Return the zone as people call it: `India Standard Time`."""
    return english().time_zone(zone(), bootstrap.current().clock())
