"""The filter widgets, drawn only while open, and the active filters as chips, always visible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from crisismap.core.errors import shorten
from crisismap.core.report.request import STATES
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import category_names, plain
from crisismap.ui.requests import filters
from crisismap.ui.requests.card import STATE_LABELS
from crisismap.ui.requests.filters import Filters

HOURS = (1, 3, 6, 24, 72)
MAX_CHIP = 40  # characters of a chip
CHIPS_REM = 2.75  # height of the row with the gap below
NUMBER_LABELS = {
    "unanswered": "unanswered",
    "may_need_help": "may need help",
    "urgent": "unanswered P1",
    "overdue": "overdue",
    "unplaced": "location needed",
}
NEED_LABELS = {"asks": "asks for help", "may": "may need help", "information": "information only", "offer": "offers"}
_WINDOW = "window"


def show() -> None:
    """Draw the Filters popover."""
    active = filters.current()
    name = f"Filters **{active.count}**" if active.count else "Filters"
    with st.popover(name, key="filters", on_change="rerun") as popover:
        if popover.open:
            _widgets(active)


def chips() -> float:
    """Draw what the map and the lists are narrowed to, each with a press to remove it; return the height in rem."""
    active = filters.current()
    if active == Filters():
        return 0.0
    with st.container(horizontal=True, key="chips", vertical_alignment="center", gap="small"):
        for number, (label, rest) in enumerate(_chips(active)):
            text = f"{plain(shorten(label, MAX_CHIP))} ✕"
            st.button(text, key=f"chip-{number}", on_click=filters.use, args=(rest,), help=f"Remove: {plain(label)}")
        st.button("Clear filters", key="filters-lift", type="tertiary", on_click=filters.use, args=(Filters(),))
    return CHIPS_REM


def _chips(active: Filters) -> list[tuple[str, Filters]]:
    """Return each active filter in words, with the filters that are left without it."""
    categories = category_names(shell.context().rules.categories)
    number = filters.active_number(active)
    if number:  # the pressed number in the head: its filters belong together
        return [(NUMBER_LABELS[number], Filters())]
    words: dict[str, Callable[[Any], str]] = {
        "area": lambda value: f"Area: {value}",
        "category": lambda value: categories.get(value, value),
        "state": lambda value: STATE_LABELS.get(value, value),
        "priority": "P{}".format,
        "need": lambda value: NEED_LABELS.get(value, value),
    }
    found = []
    for name, word in words.items():
        values = getattr(active, name)
        for value in values:
            rest: dict[str, Any] = {name: tuple(each for each in values if each != value)}
            found.append((word(value), replace(active, **rest)))
    if active.overdue:
        found.append(("overdue", replace(active, overdue=False)))
    if active.unplaced:
        found.append(("location needed", replace(active, unplaced=False)))
    if active.hours is not None:
        found.append((f"observed in the last {_hours(active.hours)}", replace(active, hours=None)))
    return found


def window() -> None:
    """Draw the time window: observed within the last hours."""
    active = filters.current()
    st.session_state[_WINDOW] = active.hours if active.hours in HOURS else None
    st.segmented_control(
        "Observed in the last",
        HOURS,
        key=_WINDOW,
        format_func=_hours,
        on_change=lambda: filters.use(replace(filters.current(), hours=st.session_state[_WINDOW])),
        width="content",
        label_visibility="collapsed",
    )


def _hours(hours: float) -> str:
    return f"{hours:g} h" if hours < 48 else f"{hours // 24:g} d"


def _widgets(active: Filters) -> None:
    context = shell.context()
    categories = category_names(context.rules.categories)
    areas = sorted({area.name for area in context.views.situation.areas if area.name})
    for name in filters.LISTS:
        st.session_state[f"filter-{name}"] = list(getattr(active, name))
    st.multiselect("Area", areas, key="filter-area", placeholder="All areas", on_change=_apply_filters)
    st.multiselect(
        "Category",
        list(categories),
        key="filter-category",
        format_func=lambda each: plain(categories[each]),
        on_change=_apply_filters,
        placeholder="All categories",
    )
    st.multiselect(
        "Status",
        STATES,
        key="filter-state",
        format_func=STATE_LABELS.__getitem__,
        on_change=_apply_filters,
        placeholder="All statuses",
    )
    st.pills(
        "Priority",
        (1, 2, 3, 4),
        key="filter-priority",
        selection_mode="multi",
        format_func="P{}".format,
        on_change=_apply_filters,
    )


def _apply_filters() -> None:
    values: dict[str, Any] = {name: tuple(st.session_state.get(f"filter-{name}") or ()) for name in filters.LISTS}
    filters.use(replace(filters.current(), **values))
