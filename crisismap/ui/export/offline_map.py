"""The way to a map to take along: a link to one area's map as a file that opens without a connection."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import streamlit as st

from crisismap.core.privacy import Audience
from crisismap.services.exports.offline_map import MOST_PLACES
from crisismap.situation.situation import Situation
from crisismap.ui.export.export_form import area_names
from crisismap.ui.frame import stylesheet


def address(area: str, audience: Audience) -> str:
    """Where the map of an area is, by code or name."""
    return f"/api/v1/map.html?{urlencode({'area': area, 'audience': str(audience)})}"


def choice(situation: Situation, audience: Audience) -> None:
    """The part of the Export page that is about maps; for whom is what the page asks above."""
    st.markdown("**A map to take along**")
    areas = area_names(situation)
    if not areas:
        stylesheet.note("There is no area with reports yet: once there is one, its map can be taken here.")
        return
    area = st.selectbox("Map of", list(areas), format_func=areas.__getitem__, key="map-area") or next(iter(areas))
    where = escape(address(area, audience), quote=True)
    st.html(f'<p><a href="{where}" download>Download the map, for the {escape(str(audience))}</a></p>')
    stylesheet.note(
        f"One HTML file that opens without a connection: the area's layers, and at most {MOST_PLACES:,} requests that "
        "have a place. It does not change any more: it says how old it is."
    )
