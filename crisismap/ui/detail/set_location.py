"""The form that sets the location of a report: a click on a map or coordinates, the accuracy and the source."""

from __future__ import annotations

from html import escape

import streamlit as st

from crisismap.core.errors import Invalid
from crisismap.core.people.person import Person
from crisismap.core.verb import PlaceBody
from crisismap.problems import sentence
from crisismap.services.layers import place_suggestions
from crisismap.services.layers.place_suggestions import PlaceSuggestion
from crisismap.services.lists.search import coordinates
from crisismap.services.operations import incident
from crisismap.services.requests.report_detail import ReportDetail
from crisismap.ui.frame import shell, style
from crisismap.ui.frame.wording import distance, plain
from crisismap.ui.map.base_map import layer_views
from crisismap.ui.map.fit_bounds import fit_bounds
from crisismap.ui.map.map import Camera
from crisismap.ui.map.place_picker import MAP_ROLES, Place, place_picker
from crisismap.ui.requests import acting

SOURCES = {
    "map": "Found on the map",
    "suggestion": "Suggested from the text",
    "phone call": "Given by phone",
    "on site": "Seen on site",
}
ACCURACIES = {
    30: "House (30 m)",
    100: "Block (100 m)",
    300: "Street (300 m)",
    1000: "Neighbourhood (1 km)",
    5000: "Town (5 km)",
}
_CLOSE = 14.0
_BLOCK = 100
_OPEN = "place-it"


def begin(report_id: str) -> None:
    """Open the form for this report."""
    st.session_state[_OPEN] = report_id


def end() -> None:
    """Close the form."""
    st.session_state.pop(_OPEN, None)


def is_open(report_id: str) -> bool:
    """Return whether the form is open for this report."""
    return bool(st.session_state.get(_OPEN) == report_id)


def show(person: Person, detail: ReportDetail, *, dark: bool) -> None:
    """Draw the form. The report's text stays visible, because the location is read from it."""
    context = shell.context()
    record = detail.record
    text = " · ".join(filter(None, (record.text, record.place)))
    if text:
        st.html(f'<p class="cm-said">{escape(text)}</p>')
    _suggest(person, record.id)
    if record.lon is not None and record.lat is not None:
        camera = Camera(round(record.lon, 4), round(record.lat, 4), _CLOSE)
    else:
        camera = fit_bounds(incident.box(context.views), width_px=420, height_px=280)
    layers = layer_views(context.views.situation.layers.values(), MAP_ROLES)
    click = place_picker(camera, layers=layers, dark=dark, height=280, key=f"pick-{record.id}")
    entry = st.text_input("Or enter latitude, longitude", key=f"typed-{record.id}", placeholder="13.0827, 80.2707")
    place, problem = read(entry, click)
    if problem:
        style.notice("error", problem, role="alert")
    elif place:
        st.markdown(f"Selected: **{plain(f'{place[1]:.5f}, {place[0]:.5f}')}**")
    st.session_state.setdefault(
        "place-exact", _BLOCK
    )  # a suggestion sets this key too, and Streamlit warns about a widget with both a default and a set key
    accuracy = st.selectbox(
        "How accurate is the location?", list(ACCURACIES), format_func=ACCURACIES.__getitem__, key="place-exact"
    )
    source = st.selectbox("Source of the location", list(SOURCES), format_func=SOURCES.__getitem__, key="place-source")
    with st.container(horizontal=True):
        if st.button("Save location", type="primary", disabled=place is None, key="place-save") and place:
            body = PlaceBody(place[0], place[1], source, float(accuracy))
            if acting.act(record.id, detail.version, "place", body):
                end()
            st.rerun()
        st.button("Cancel", key="place-cancel", on_click=end)


def _suggest(person: Person, report_id: str) -> None:
    """Draw a button for each place that the text may mean; the person still checks and saves it."""
    context = shell.context()
    suggestions = place_suggestions.places(
        context.store, context.views, context.rules, context.settings, context.clock, person, report_id
    )
    for number, place in enumerate(suggestions):
        st.button(
            f"{plain(place.name)} · {place.confidence:.0%} sure, within {distance(place.accuracy_m)}",
            key=f"suggested-{report_id}-{number}",
            help=plain(place.reason),
            on_click=_choose,
            args=(report_id, place),
            width="stretch",
        )


def _choose(report_id: str, place: PlaceSuggestion) -> None:
    """Fill in the form from a suggestion."""
    st.session_state[f"typed-{report_id}"] = f"{place.lat:.6f}, {place.lon:.6f}"
    accuracy = next((metres for metres in ACCURACIES if metres >= place.accuracy_m), max(ACCURACIES))
    st.session_state["place-exact"] = accuracy
    st.session_state["place-source"] = "suggestion"


def read(entry: str, click: Place | None) -> tuple[Place | None, str]:
    """Return the location and what is wrong with the typed coordinates; typed coordinates override the click."""
    if not entry.strip():
        return click, ""
    try:
        point = coordinates(entry, None)
    except Invalid as problem:
        return None, sentence(problem)
    if point is None:
        return None, "Enter two numbers: latitude, longitude, for example 13.0827, 80.2707."
    return (point.lon, point.lat), ""
