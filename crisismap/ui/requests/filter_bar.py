"""The filter widgets, drawn only while open, with the number of active filters always visible."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from crisismap.core.report.request import STATES
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import category_names, plain
from crisismap.ui.requests import filters
from crisismap.ui.requests.card import STATE_LABELS
from crisismap.ui.requests.filters import Filters

HOURS = (1, 3, 6, 24, 72)
_WINDOW = "window"


def show() -> None:
    """Draw the Filters popover, and a button that clears all filters."""
    active = filters.current()
    name = f"Filters **{active.count}**" if active.count else "Filters"
    with st.popover(name, key="filters", on_change="rerun") as popover:
        if popover.open:
            _widgets(active)
    if active != Filters():
        st.button("Clear filters", key="filters-lift", type="tertiary", on_click=filters.use, args=(Filters(),))


def window() -> None:
    """Draw the time window: observed within the last hours."""
    active = filters.current()
    st.session_state[_WINDOW] = active.hours if active.hours in HOURS else None
    st.segmented_control(
        "Observed in the last",
        HOURS,
        key=_WINDOW,
        format_func=lambda hours: f"{hours} h" if hours < 48 else f"{hours // 24} d",
        on_change=lambda: filters.use(replace(filters.current(), hours=st.session_state[_WINDOW])),
        width="content",
        label_visibility="collapsed",
    )


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
