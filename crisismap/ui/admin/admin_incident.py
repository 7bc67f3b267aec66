"""The incident: its name, the area where maps open, the emergency number and the time zone."""

from __future__ import annotations

import msgspec
import streamlit as st

from crisismap.core.incident import MAX_NAME, incident_from, place_text
from crisismap.core.people.person import Person
from crisismap.core.text.local_time import MAX_ZONE
from crisismap.services.operations.incident import describe
from crisismap.services.runtime.current_incident import VARIABLES
from crisismap.ui.admin.admin_frame import attempt
from crisismap.ui.frame import shell, stylesheet


def draw(admin: Person) -> None:
    context = shell.context()
    current, fixed = context.views.incident(), context.views.incident.fixed
    stylesheet.finding("Incident", "Shown on every page, on printed sheets and on offline maps.")
    with st.form("admin-incident"):
        name = st.text_input("Name of the incident", current.name, max_chars=MAX_NAME, disabled="name" in fixed)
        number = st.text_input(
            "Emergency number",
            current.emergency_number,
            max_chars=30,
            help="Shown above every report form.",
            disabled="emergency_number" in fixed,
        )
        place = st.text_input(
            "Map area: west, south, east, north in degrees",
            place_text(current.place),
            max_chars=100,
            placeholder="80.1,12.9,80.4,13.2",
            help="Maps open here. Leave it empty to open them at the area layers.",
            disabled="place" in fixed,
        )
        time_zone = st.text_input(
            "Time zone",
            current.time_zone,
            max_chars=MAX_ZONE,
            placeholder=st.context.timezone or "Asia/Kolkata",
            help="Everybody sees times in this zone, on screens, sheets and maps. Leave it empty to show each reader "
            "the times of their own browser.",
            disabled="time_zone" in fixed,
        )
        if st.form_submit_button("Save incident"):
            attempt(lambda: _save(admin, (name, number, place, time_zone)), "Incident saved.")
    for member in fixed:
        stylesheet.note(f"{VARIABLES[member]} is set, so only the operator of this server can change it.")


def _save(admin: Person, texts: tuple[str, str, str, str]) -> None:
    context = shell.context()
    fixed = context.views.incident.fixed
    values = ("" if member in fixed else text for member, text in zip(VARIABLES, texts, strict=True))
    incident = msgspec.structs.replace(incident_from(*values), **fixed)
    describe(context.store, context.views, context.clock(), admin, incident)
