"""Giving a report its place: a click on a map or two numbers, how exact that is, and how it is known."""

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
from crisismap.services.runtime.views import Views
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import distance, plain
from crisismap.ui.map.base_map import LayerView
from crisismap.ui.map.fit_bounds import aim
from crisismap.ui.map.map import Camera
from crisismap.ui.map.place_picker import Place, place_picker
from crisismap.ui.requests import acting

SOURCES = {
    "map": "found on the map",
    "suggestion": "suggested by its words",
    "phone call": "told on the phone",
    "on site": "we are there",
}
EXACT = {
    30: "the house (30 m)",
    100: "the block (100 m)",
    300: "the street (300 m)",
    1000: "the quarter (1 km)",
    5000: "the town (5 km)",
}
_CLOSE = 14.0
_BLOCK = 100
_OPEN = "place-it"


def begin(report_id: str) -> None:
    """Open the form for this report."""
    st.session_state[_OPEN] = report_id


def end() -> None:
    """Close it."""
    st.session_state.pop(_OPEN, None)


def is_open(report_id: str) -> bool:
    """Whether it is open for this report."""
    return bool(st.session_state.get(_OPEN) == report_id)


def show(person: Person, found: ReportDetail, *, dark: bool) -> None:
    """The form. What was said stays in sight, because the place is read from it."""
    context = shell.context()
    record = found.record
    said = " · ".join(filter(None, (record.text, record.place)))
    if said:
        st.html(f'<p class="cm-said">{escape(said)}</p>')
    _suggest(person, record.id)
    layers = [
        LayerView(v.layer.id, v.layer.role, v.version)
        for v in context.views.situation.layers.values()
        if v.layer.role in ("area", "hazard", "shelter")
    ]
    clicked = place_picker(
        _view(context.views, record.lon, record.lat), layers=layers, dark=dark, height=280, key=f"pick-{record.id}"
    )
    typed = st.text_input("Or latitude, longitude", key=f"typed-{record.id}", placeholder="13.0827, 80.2707")
    place, problem = read(typed, clicked)
    if problem:
        st.html(f'<div class="cm-notice error" role="alert">{escape(problem)}</div>')
    elif place:
        st.markdown(f"Chosen: **{plain(f'{place[1]:.5f}, {place[0]:.5f}')}**")
    st.session_state.setdefault("place-exact", _BLOCK)  # not as the widget's default: a suggestion sets it too
    exact = st.selectbox("How exact is it?", list(EXACT), format_func=EXACT.__getitem__, key="place-exact")
    source = st.selectbox("How is it known?", list(SOURCES), format_func=SOURCES.__getitem__, key="place-source")
    with st.container(horizontal=True):
        if st.button("Save the place", type="primary", disabled=place is None, key="place-save") and place:
            body = PlaceBody(place[0], place[1], source, float(exact))
            if acting.act(record.id, found.version, "place", body):
                end()
            st.rerun()
        st.button("Cancel", key="place-cancel", on_click=end)


def _suggest(person: Person, report_id: str) -> None:
    """Places that the words may mean, to be chosen by one click; the person still looks and saves."""
    context = shell.context()
    suggested = place_suggestions.places(
        context.store, context.views, context.rules, context.settings, context.clock, person, report_id
    )
    for number, place in enumerate(suggested):
        st.button(
            f"{plain(place.name)} · {place.confidence:.0%} sure, within {distance(place.accuracy_m)}",
            key=f"suggested-{report_id}-{number}",
            help=plain(place.reason),
            on_click=_choose,
            args=(report_id, place),
            width="stretch",
        )


def _choose(report_id: str, place: PlaceSuggestion) -> None:
    """Fill the form with a suggestion."""
    st.session_state[f"typed-{report_id}"] = f"{place.lat:.6f}, {place.lon:.6f}"
    exact = next((metres for metres in EXACT if metres >= place.accuracy_m), max(EXACT))
    st.session_state["place-exact"] = exact
    st.session_state["place-source"] = "suggestion"


def read(typed: str, clicked: Place | None) -> tuple[Place | None, str]:
    """The place that is meant, and what is wrong with the numbers typed; what is typed goes before the click."""
    if not typed.strip():
        return clicked, ""
    try:
        spot = coordinates(typed, None)
    except Invalid as problem:
        return None, sentence(problem)
    if spot is None:
        return None, "Two numbers are needed: latitude, longitude, such as 13.0827, 80.2707"
    return (spot.lon, spot.lat), ""


def _view(views: Views, lon: float | None, lat: float | None) -> Camera:
    if lon is not None and lat is not None:
        return Camera(round(lon, 4), round(lat, 4), _CLOSE)
    return aim(incident.box(views), width_px=420, height_px=280)
