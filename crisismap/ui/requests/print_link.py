"""Links to the print sheet of unanswered requests, for one area or for all."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st

from crisismap.services.exports.print_sheet import MOST
from crisismap.situation.situation import Situation
from crisismap.ui.export.export_form import area_names
from crisismap.ui.frame import stylesheet

ALL = "All areas"


def address(area: str) -> str:
    """Return the URL of the sheet of an area, by code or name; "" for all areas."""
    return f"/api/v1/sheet.pdf?{urlencode({'area': area})}" if area else "/api/v1/sheet.pdf"


def link(areas: Sequence[str]) -> str:
    """Return a link for a list: to the sheet of the one area it is filtered by, otherwise of all areas."""
    area = areas[0] if len(areas) == 1 else ""
    label = f"Print {area}" if area else "Print all areas"
    return f'<a href="{escape(address(area), quote=True)}" target="_blank" rel="noopener">{escape(label)}</a>'


def choice(situation: Situation) -> None:
    """Draw the Print section of the Export page."""
    st.markdown("**Print**")
    areas = {"": ALL, **area_names(situation)}
    area = st.selectbox("Unanswered requests in", list(areas), format_func=areas.__getitem__, key="paper-area")
    where = escape(address(area or ""), quote=True)
    st.html(f'<p><a href="{where}" target="_blank" rel="noopener">Open print sheet</a></p>')
    stylesheet.note(
        f"PDF with a small map and boxes to tick, most urgent requests first, at most {MOST}. It has no contact "
        "details and no tracking codes."
    )
