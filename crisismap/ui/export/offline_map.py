"""The offline map: a link to one area's map as a file that opens without a connection."""

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
    """Return the URL of the map of an area, by code or name."""
    return f"/api/v1/map.html?{urlencode({'area': area, 'audience': str(audience)})}"


def choice(situation: Situation, audience: Audience) -> None:
    """Draw the Offline map section of the Export page, for the audience selected above."""
    st.markdown("**Offline map**")
    areas = area_names(situation)
    if not areas:
        stylesheet.note("No area has reports yet. When one does, you can download its map here.")
        return
    area = st.selectbox("Map of area", list(areas), format_func=areas.__getitem__, key="map-area") or next(iter(areas))
    where = escape(address(area, audience), quote=True)
    st.html(f'<p><a href="{where}" download>Download offline map for the {escape(str(audience))}</a></p>')
    stylesheet.note(
        f"One HTML file that opens without a connection, with the area's layers and at most {MOST_PLACES:,} requests "
        "that have a location. It is not updated after the download, and it shows its age."
    )
