"""The options of the Export page: audience, format and reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from crisismap.core.errors import Invalid
from crisismap.core.layer.layer import Role
from crisismap.core.moment import to_ms
from crisismap.core.place.place import Extent, read_bbox
from crisismap.core.privacy import Audience
from crisismap.core.report.request import STATES
from crisismap.exports import EXPORTS
from crisismap.problems import reason
from crisismap.situation.board.selection import Selection
from crisismap.situation.situation import Situation
from crisismap.ui.export.export_choice import Choice, within
from crisismap.ui.frame import local_time, shell, stylesheet
from crisismap.ui.frame.wording import category_names
from crisismap.ui.requests import filters
from crisismap.ui.requests.filters import window_start

WINDOWS: dict[str, float | None] = {"all": None, "1 h": 1, "3 h": 3, "6 h": 6, "24 h": 24, "3 d": 72, "custom": None}
AUDIENCES = {Audience.AGENCY: "Agency: exact locations and text", Audience.PUBLIC: "Public: safe to publish"}
_TAKEN = "export-filters"  # the filters of the desk that the form was last filled in from
ANYWHERE, CUSTOM = "Anywhere", "Custom coordinates"


def export_questions() -> Choice:
    """Draw the options and return the selected ones. An invalid map area is reported beside its field and ignored."""
    context = shell.context()
    situation = context.views.situation
    audience = st.radio("**Who is it for?**", list(AUDIENCES), format_func=AUDIENCES.__getitem__, key="export-audience")
    form = st.radio("**Format**", list(EXPORTS), format_func=lambda name: EXPORTS[name].label, key="export-format")
    bom = EXPORTS[form].takes_bom and st.checkbox(
        "For Excel: begin with a byte order mark", key="export-bom", help="Without it Excel misreads letters like é."
    )
    categories, areas = category_names(context.rules.categories), area_names(situation)
    _take_filters(situation, areas)
    st.markdown("**Which reports?** Leave a field empty to include all.")
    if _left_out(filters.current()):
        stylesheet.note(f"The filters of the Live map are filled in, except {_left_out(filters.current())}.")
    elif filters.current() != filters.Filters():
        stylesheet.note("The filters of the Live map are filled in.")
    category = st.multiselect(
        "Category", list(categories), format_func=categories.__getitem__, placeholder="All", key="export-category"
    )
    state = st.multiselect(
        "Status of the request",
        list(STATES),
        format_func=lambda each: each.replace("_", " "),
        placeholder="All, and information-only reports",
        key="export-state",
    )
    levels = (1, 2, 3, 4)
    priority = st.pills("Priority", levels, format_func="P{}".format, selection_mode="multi", key="export-priority")
    area = st.multiselect("Area", list(areas), format_func=areas.__getitem__, placeholder="All", key="export-area")
    since, until = _time(context.clock())
    chosen: dict[str, list[Any]] = {"category": category, "state": state, "area": area, "priority": priority}
    lists: dict[str, Any] = {name: tuple(sorted(values)) for name, values in chosen.items()}
    selection = Selection(since=since, until=until, **lists)
    return within(Choice(audience, form, selection, bom), _box(situation))


def _take_filters(situation: Situation, areas: Mapping[str, str]) -> None:
    """Fill in the form from the filters of the desk, once for each of them, so that map, list and file agree."""
    active = filters.current()
    if st.session_state.get(_TAKEN, filters.Filters()) == active:
        return
    st.session_state[_TAKEN] = active
    named = {area.name: value for area in situation.areas for value in (area.code, area.name) if value in areas}
    st.session_state["export-category"] = list(active.category)
    st.session_state["export-state"] = list(active.state)
    st.session_state["export-area"] = [named[name] for name in active.area if name in named]
    st.session_state["export-priority"] = list(active.priority)
    window = next((name for name, hours in WINDOWS.items() if hours == active.hours), "all")
    st.session_state["export-window"] = window


def _left_out(active: filters.Filters) -> str:
    """Return which of the desk's filters a file cannot have, in words."""
    names = {"overdue": active.overdue, "location needed": active.unplaced, "need": bool(active.need)}
    return ", ".join(name for name, is_set in names.items() if is_set)


def area_names(situation: Situation) -> dict[str, str]:
    """Return the label of every area by its value in a URL, which is its code or else its name.

    A comma separates areas in a URL, so an area with a comma in both its code and its name cannot be selected.
    """
    names = {}
    for area in situation.areas:
        value = next((each for each in (area.code, area.name) if each and "," not in each), "")
        if value:
            names[value] = f"{area.name} ({area.code})" if area.code and area.name != area.code else area.name
    return dict(sorted(names.items(), key=lambda item: item[1].casefold()))


def _time(now_ms: int) -> tuple[int | None, int | None]:
    zone = local_time.zone()
    window = st.segmented_control("Time observed", list(WINDOWS), default="all", required=True, key="export-window")
    if window != "custom":
        return window_start(now_ms, WINDOWS.get(window or "all")), None
    left, right = st.columns(2)
    name = local_time.name_of(zone)
    since = _moment(left.datetime_input(f"From ({name})", value=None, key="export-since"))
    until = _moment(right.datetime_input(f"To ({name})", value=None, key="export-until"))
    if since is not None and until is not None and since >= until:
        stylesheet.error("The end is before the start, so no report matches. Change one of them.")
    return since, until


def _moment(local: datetime | None) -> int | None:
    return None if local is None else to_ms(local.replace(tzinfo=local_time.zone()))


def _box(situation: Situation) -> Extent | None:
    boxes = area_boxes(situation)
    labels = {name: f"Around {name}" for name in boxes} | {ANYWHERE: ANYWHERE, CUSTOM: CUSTOM}
    selected = st.selectbox("Map area", [ANYWHERE, CUSTOM, *boxes], format_func=labels.__getitem__, key="export-box")
    if selected == ANYWHERE:
        return None
    if selected != CUSTOM:
        return boxes[selected]
    text = st.text_input(
        "West, south, east, north in degrees", key="export-bbox", placeholder="80.10,12.90,80.35,13.25"
    )
    if not text.strip():
        return None
    try:
        return read_bbox(text)
    except Invalid as problem:
        stylesheet.error(f"{reason(problem)[:1].upper()}{reason(problem)[1:]}; the map area is ignored.")
        return None


def area_boxes(situation: Situation) -> dict[str, Extent]:
    """Return the bounding box of every named area of the area layers, by name; west > east across 180 degrees."""
    boxes: dict[str, Extent] = {}
    for version in situation.layers.values():
        if version.layer.role is not Role.AREA:
            continue
        for feature in version.features:
            box = feature.bounds()
            if box is not None and feature.name:
                boxes.setdefault(feature.name, box)
    return dict(sorted(boxes.items(), key=lambda item: item[0].casefold()))
