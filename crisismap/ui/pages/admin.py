"""Admin: what this map is for, who has an account, what they hold, which sources are set apart, and who did what."""

from __future__ import annotations

import streamlit as st

from crisismap.ui.admin import admin_audit, admin_credentials, admin_incident, admin_people, admin_sources
from crisismap.ui.admin.admin_frame import show_outcome
from crisismap.ui.frame import shell, stylesheet

PARTS = {
    "People": admin_people.draw,
    "Incident": admin_incident.draw,
    "Sessions and tokens": admin_credentials.draw,
    "Sources and flags": admin_sources.draw,
    "Who did what": admin_audit.draw,
}

shell.page("Admin")
here = shell.require("person.read", "People, tokens and the log of who did what are looked after by administrators.")
stylesheet.apply()
show_outcome()
part = st.segmented_control("Part", list(PARTS), default="People", required=True, label_visibility="collapsed")
PARTS[part or "People"](here)
