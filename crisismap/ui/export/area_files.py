"""Files of one area: the print sheet of its unanswered requests, and its offline map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from crisismap.core.errors import shorten
from crisismap.core.privacy import Audience
from crisismap.services.exports.offline_map import MOST_PLACES
from crisismap.services.exports.print_sheet import MOST
from crisismap.ui.export.export_form import area_names
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.local_time import parameter
from crisismap.ui.requests import filters
from crisismap.ui.requests.filters import Filters

ALL_AREAS = "All areas"
MOST_LINKS = 3  # to sheets of one area each


def print_links(active: Filters) -> str:
    """Return links for a list: to the print sheet of each area that it is filtered by, or of all areas.

    The sheets are narrowed as the list is, by category, priority, overdue and location needed.
    """
    narrowed = replace(active, area=(), state=(), need=(), hours=None)
    limits = parse_qsl(filters.query(filters.selection(narrowed, 0)))
    if not 0 < len(active.area) <= MOST_LINKS:
        return _sheet_link("", "Print all areas", limits)
    return " · ".join(_sheet_link(area, f"Print {shorten(area, 40)}", limits) for area in active.area)


def print_sheet() -> None:
    """Draw the Print section of the Export page."""
    st.markdown("**Print**")
    areas = {"": ALL_AREAS, **area_names(shell.context().views.situation)}
    area = st.selectbox("Unanswered requests in", list(areas), format_func=areas.__getitem__, key="paper-area")
    st.html(f"<p>{_sheet_link(area or '', 'Open print sheet')}</p>")
    stylesheet.note(
        f"PDF with a small map and boxes to tick, most urgent requests first, at most {MOST}; of all areas, with an "
        "index and one section each. It has no contact details and no tracking codes."
    )


def offline_map(audience: Audience) -> None:
    """Draw the Offline map section of the Export page, for the audience selected above."""
    st.markdown("**Offline map**")
    areas = area_names(shell.context().views.situation)
    if not areas:
        stylesheet.note("No area has reports yet. When one does, you can download its map here.")
        return
    area = st.selectbox("Map of area", list(areas), format_func=areas.__getitem__, key="map-area") or next(iter(areas))
    address = escape(
        f"/api/v1/map.html?{urlencode({'area': area, 'audience': str(audience), **parameter()})}",
        quote=True,
    )
    st.html(f'<p><a href="{address}" download>Download offline map for the {escape(str(audience))}</a></p>')
    stylesheet.note(
        f"One HTML file that opens without a connection, with the area's layers and at most {MOST_PLACES:,} requests "
        "that have a location. It is not updated after the download, and it shows its age."
    )


def _sheet_link(area: str, label: str, limits: Sequence[tuple[str, str]] = ()) -> str:
    """Return a link to the sheet of an area, by code or name; "" for all areas."""
    query = [*([("area", area)] if area else []), *limits, *parameter().items()]
    address = "/api/v1/sheet.pdf" + (f"?{urlencode(query)}" if query else "")
    return f'<a href="{escape(address, quote=True)}" target="_blank" rel="noopener">{escape(label)}</a>'
