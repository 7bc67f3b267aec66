"""The Admin page: people, incident, sessions and tokens, sources and flags, rules, load, and the audit log."""

from __future__ import annotations

import streamlit as st

from crisismap.ui.admin import (
    admin_audit,
    admin_credentials,
    admin_incident,
    admin_load,
    admin_people,
    admin_rules,
    admin_sources,
)
from crisismap.ui.admin.admin_frame import show_outcome
from crisismap.ui.frame import shell, stylesheet

SECTIONS = {
    "People": admin_people.draw,
    "Incident": admin_incident.draw,
    "Sessions and tokens": admin_credentials.draw,
    "Sources and flags": admin_sources.draw,
    "Rules and people": admin_rules.draw,
    "Load": admin_load.draw,
    "Audit log": admin_audit.draw,
}

shell.page("Admin")
admin = shell.require("person.read", "Administrators manage people, tokens and the audit log.")
stylesheet.apply()
show_outcome()
part = st.segmented_control("Part", list(SECTIONS), default="People", required=True, label_visibility="collapsed")
SECTIONS[part or "People"](admin)
