"""The filter widgets, drawn only while open, with the number of active filters always visible."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from crisismap.core.report.request import STATES
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import category_names, plain
from crisismap.ui.requests import filters
from crisismap.ui.requests.card import STATE_WORDS
from crisismap.ui.requests.filters import Filters

HOURS = (1, 3, 6, 24, 72)
_WIDGETS = ("area", "category", "state", "priority")
_WINDOW = "window"


def show() -> None:
    """Draw the Filters popover, and a button that clears all filters."""
    now = filters.current()
    name = f"Filters **{now.count}**" if now.count else "Filters"
    with st.popover(name, key="filters", on_change="rerun") as opened:
        if opened.open:
            _widgets(now)
    if now != Filters():
        st.button("Clear filters", key="filters-lift", type="tertiary", on_click=filters.use, args=(Filters(),))


def window() -> None:
    """Draw the time window: observed within the last hours."""
    now = filters.current()
    st.session_state[_WINDOW] = now.hours if now.hours in HOURS else None
    st.segmented_control(
        "Observed in the last",
        HOURS,
        key=_WINDOW,
        format_func=lambda hours: f"{hours} h" if hours < 48 else f"{hours // 24} d",
        on_change=_window_changed,
        width="content",
        label_visibility="collapsed",
    )


def _widgets(now: Filters) -> None:
    context = shell.context()
    known = category_names(context.rules.categories)
    areas = sorted({area.name for area in context.views.situation.areas if area.name})
    for name in _WIDGETS:
        st.session_state[f"filter-{name}"] = list(getattr(now, name))
    st.multiselect("Area", areas, key="filter-area", placeholder="All areas", on_change=_changed)
    st.multiselect(
        "Category",
        list(known),
        key="filter-category",
        format_func=lambda each: plain(known[each]),
        on_change=_changed,
        placeholder="All categories",
    )
    st.multiselect(
        "Status",
        STATES,
        key="filter-state",
        format_func=STATE_WORDS.__getitem__,
        on_change=_changed,
        placeholder="All statuses",
    )
    st.pills(
        "Priority",
        (1, 2, 3, 4),
        key="filter-priority",
        selection_mode="multi",
        format_func="P{}".format,
        on_change=_changed,
    )


def _changed() -> None:
    chosen: dict[str, Any] = {name: tuple(st.session_state.get(f"filter-{name}") or ()) for name in _WIDGETS}
    filters.use(replace(filters.current(), **chosen))


def _window_changed() -> None:
    filters.use(replace(filters.current(), hours=st.session_state[_WINDOW]))
