"""The questions of the Export page: for whom, which format, which reports."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from crisismap.core.errors import Invalid
from crisismap.core.layer.layer import Role
from crisismap.core.moment import HOUR_MS, MINUTE_MS, to_ms
from crisismap.core.place.place import Extent, read_bbox
from crisismap.core.privacy import Audience
from crisismap.core.report.request import STATES
from crisismap.exports import EXPORTS
from crisismap.i18n import english
from crisismap.problems import reason
from crisismap.rule_files import RuleFiles
from crisismap.situation.board.selection import Selection
from crisismap.situation.situation import Situation
from crisismap.ui.export.export_choice import Choice, within
from crisismap.ui.frame import local_time, stylesheet

STEP_MS = 5 * MINUTE_MS  # a running window moves in steps, so that the address stays the same for a while
WINDOWS: dict[str, float | None] = {"all": None, "1 h": 1, "6 h": 6, "24 h": 24, "from ... to": None}
AUDIENCES = {Audience.AGENCY: "Agency: exact places and words", Audience.PUBLIC: "Public: safe to publish"}
ANYWHERE, BY_HAND = "anywhere", "west, south, east, north ..."


def export_questions(situation: Situation, rules: RuleFiles, now_ms: int) -> Choice:
    """Draw the questions and return the answers. A wrong box is told beside its field and left out."""
    audience = st.radio("**For whom?**", list(AUDIENCES), format_func=AUDIENCES.__getitem__, key="export-audience")
    form = st.radio("**Format**", list(EXPORTS), format_func=lambda name: EXPORTS[name].label, key="export-format")
    categories = {each: english().category(each) for each in rules.categories}
    st.markdown("**Which reports?** Nothing chosen means all.")
    category = st.multiselect(
        "Category", list(categories), format_func=categories.__getitem__, placeholder="all", key="export-category"
    )
    state = st.multiselect(
        "State of the request",
        list(STATES),
        format_func=_words,
        placeholder="all, and reports that ask nothing",
        key="export-state",
    )
    areas = area_names(situation)
    area = st.multiselect("Area", list(areas), format_func=areas.__getitem__, placeholder="all", key="export-area")
    since, until = _time(now_ms)
    selection = Selection(
        category=tuple(sorted(category)), state=tuple(sorted(state)), area=tuple(sorted(area)), since=since, until=until
    )
    return within(Choice(audience, form, selection), _box(situation))


def area_names(situation: Situation) -> dict[str, str]:
    """Every area by what an address calls it (its code, else its name), with what people call it.

    A comma parts areas in an address: one that has a comma in its code and in its name cannot be chosen.
    """
    found = {}
    for area in situation.areas:
        words = next((each for each in (area.code, area.name) if each and "," not in each), "")
        if words:
            found[words] = f"{area.name} ({area.code})" if area.code and area.name != area.code else area.name
    return dict(sorted(found.items(), key=lambda item: item[1].casefold()))


def _time(now_ms: int) -> tuple[int | None, int | None]:
    zone = local_time.zone()
    chosen = st.segmented_control(
        "Time of what was seen", list(WINDOWS), default="all", required=True, key="export-window"
    )
    if chosen != "from ... to":
        hours = WINDOWS.get(chosen or "all")
        return (int(now_ms - hours * HOUR_MS) // STEP_MS * STEP_MS if hours else None), None
    left, right = st.columns(2)
    name = local_time.name_of(zone)
    with left:
        since = _moment(st.datetime_input(f"From ({name})", value=None, key="export-since"))
    with right:
        until = _moment(st.datetime_input(f"To ({name})", value=None, key="export-until"))
    if since is not None and until is not None and since >= until:
        stylesheet.error("The end lies before the beginning: nothing fits.")
    return since, until


def _moment(given: datetime | None) -> int | None:
    return None if given is None else to_ms(given.replace(tzinfo=local_time.zone()))


def _box(situation: Situation) -> Extent | None:
    boxes = area_boxes(situation)
    chosen = st.selectbox("Box on the map", [ANYWHERE, BY_HAND, *boxes], format_func=_box_words, key="export-box")
    if chosen == ANYWHERE:
        return None
    if chosen != BY_HAND:
        return boxes[chosen]
    text = st.text_input(
        "West, south, east, north in degrees", key="export-bbox", placeholder="80.10,12.90,80.35,13.25"
    )
    if not text.strip():
        return None
    try:
        return read_bbox(text)
    except Invalid as problem:
        stylesheet.error(f"{reason(problem)[:1].upper()}{reason(problem)[1:]}; the box is left out.")
        return None


def area_boxes(situation: Situation) -> dict[str, Extent]:
    """The box round every named area of the live area layers, by name."""
    found: dict[str, Extent] = {}
    for version in situation.layers.values():
        if version.layer.role is not Role.AREA:
            continue
        for feature in version.features:
            if feature.geometry is not None and feature.name:
                found.setdefault(feature.name, feature.geometry.bounds)
    return dict(sorted(found.items(), key=lambda item: item[0].casefold()))


def _box_words(name: str) -> str:
    return name if name in (ANYWHERE, BY_HAND) else f"around {name}"


def _words(state: str) -> str:
    return state.replace("_", " ")
