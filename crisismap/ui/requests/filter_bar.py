"""The filter widgets, drawn only while open, with the number of active filters always visible."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from crisismap.core.report.request import STATES
from crisismap.rule_files import RuleFiles
from crisismap.situation.situation import Situation
from crisismap.ui.frame.wording import plain
from crisismap.ui.map.legend import labels
from crisismap.ui.requests import filters
from crisismap.ui.requests.card import STATE_WORDS
from crisismap.ui.requests.filters import Filters

HOURS = (1, 3, 6, 24, 72)
_WIDGETS = ("area", "category", "state", "priority")


def show(situation: Situation, rules: RuleFiles) -> None:
    """Draw the Filters popover, and a button that clears all filters."""
    now = filters.current()
    name = f"Filters **{now.count}**" if now.count else "Filters"
    with st.popover(name, key="filters", on_change="rerun") as opened:
        if opened.open:
            _widgets(situation, rules, now)
    if now != Filters():
        st.button("Clear filters", key="filters-lift", type="tertiary", on_click=_clear)


def window() -> None:
    """Draw the time window: observed within the last hours."""
    now = filters.current()
    key = "window"
    st.session_state[key] = now.hours if now.hours in HOURS else None
    st.segmented_control(
        "Observed in the last",
        HOURS,
        key=key,
        format_func=_hours_label,
        on_change=_window_changed,
        args=(key,),
        width="content",
        label_visibility="collapsed",
    )


def _widgets(situation: Situation, rules: RuleFiles, now: Filters) -> None:
    known = labels(rules.categories)
    areas = sorted({area.name for area in situation.areas if area.name})
    for name, value in (("area", now.area), ("category", now.category), ("state", now.state)):
        st.session_state[f"filter-{name}"] = list(value)
    st.session_state["filter-priority"] = list(now.priority)
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
        format_func=_priority_label,
        on_change=_changed,
    )


def _changed() -> None:
    area, category, state, priority = (tuple(st.session_state.get(f"filter-{name}") or ()) for name in _WIDGETS)
    filters.use(replace(filters.current(), area=area, category=category, state=state, priority=priority))


def _window_changed(key: str) -> None:
    filters.use(replace(filters.current(), hours=st.session_state[key]))


def _clear() -> None:
    filters.use(Filters())


def _hours_label(hours: int) -> str:
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"


def _priority_label(priority: int) -> str:
    return f"P{priority}"
