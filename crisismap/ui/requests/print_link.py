"""The way to paper: links to the printed sheet of unanswered requests, of one area or of all."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st

from crisismap.services.exports.print_sheet import MOST
from crisismap.situation.situation import Situation
from crisismap.ui.export.export_form import area_names
from crisismap.ui.frame import stylesheet

ALL = "all areas"


def address(area: str) -> str:
    """Where the sheet of an area is, by code or name; "" for all areas."""
    return f"/api/v1/sheet.pdf?{urlencode({'area': area})}" if area else "/api/v1/sheet.pdf"


def link(areas: Sequence[str]) -> str:
    """A small link beside a list: to the sheet of the one area that it is narrowed to, else of all."""
    area = areas[0] if len(areas) == 1 else ""
    words = f"Print {area}" if area else "Print all areas"
    return f'<a href="{escape(address(area), quote=True)}" target="_blank" rel="noopener">{escape(words)}</a>'


def choice(situation: Situation) -> None:
    """The part of the Export page that is about paper."""
    st.markdown("**On paper**")
    areas = {"": ALL, **area_names(situation)}
    area = st.selectbox("Unanswered requests of", list(areas), format_func=areas.__getitem__, key="paper-area")
    where = escape(address(area or ""), quote=True)
    st.html(f'<p><a href="{where}" target="_blank" rel="noopener">Open the sheet, to be printed</a></p>')
    stylesheet.note(
        f"PDF, most urgent first, with a small map and boxes to tick; at most {MOST} requests. No contact, no code."
    )
