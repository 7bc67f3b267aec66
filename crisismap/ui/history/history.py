"""The history mode of the Live map: the selected time, the buttons in and out, the slider, and the banner."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

import streamlit as st

from crisismap.core.moment import HOUR_MS
from crisismap.core.privacy import Audience
from crisismap.services.lists import past
from crisismap.situation.situation import Situation
from crisismap.ui.frame import local_time, side_panel
from crisismap.ui.history.history_time import moment_name, moments, nearest_moment, short

PAGE = "past"  # key of the side panel in history mode
LINE_REM = 6.0  # height of the banner, with the gap below
_AT = "look-back-at"
_SLIDER = "look-back-slider"


def current() -> int | None:
    """Return the past time that this session shows; None for now."""
    at_ms = st.session_state.get(_AT)
    return at_ms if isinstance(at_ms, int) else None


def enter(situation: Situation, clock: Callable[[], int], audience: Audience) -> None:
    """Draw the History button where there are earlier reports."""
    if past.span(situation, audience) is not None:
        help = "Show the map as it was known at an earlier time"
        st.button("History", key="look-back", help=help, on_click=_enter, args=(situation, clock, audience))


def leave() -> None:
    """Return to now."""
    for key in (_AT, _SLIDER):
        st.session_state.pop(key, None)


def line(now_ms: int, at_ms: int) -> None:
    """Draw the banner that sets the past apart from the present, with the button back to now."""
    st.html(Path(__file__).with_suffix(".css"))
    zone = local_time.zone()
    when, zone_name = escape(moment_name(at_ms, now_ms, zone)), escape(local_time.name_of(zone))
    banner = (
        f"<b>You are looking at {when}, not now.</b><span>The map shows what was known then (times in {zone_name}). "
        "You cannot claim or change anything here.</span>"
    )
    with st.container(key="look-back-line", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<div class="cm-past" role="status">{banner}</div>')
        st.button("Back to now", key="look-back-leave", type="primary", on_click=leave)


def slider(situation: Situation, now_ms: int, audience: Audience, at_ms: int) -> None:
    """Draw the slider of times, with buttons for an hour back and forward."""
    options = _options(situation, now_ms, audience)
    here = nearest_moment(options, at_ms)
    st.session_state[_SLIDER] = here
    with st.container(key="below-map", horizontal=True, vertical_alignment="center", gap="small"):
        for label, by in (("− 1 h", -HOUR_MS), ("+ 1 h", HOUR_MS)):
            there = nearest_moment(options, here + by)
            key, off = f"look-back{by // HOUR_MS:+d}", there == here
            st.button(label, key=key, disabled=off, on_click=_go, args=(there,))
        if len(options) > 1:
            st.select_slider(
                "Moment", options, key=_SLIDER, format_func=short, on_change=_slider_moved, label_visibility="collapsed"
            )


def _options(situation: Situation, now_ms: int, audience: Audience) -> list[int]:
    first, last = past.span(situation, audience) or (now_ms, now_ms)
    return moments(first, last, now_ms)


def _enter(situation: Situation, clock: Callable[[], int], audience: Audience) -> None:
    options = _options(situation, clock(), audience)
    _go(nearest_moment(options, min(options[-1], clock() - HOUR_MS)))


def _go(at_ms: int) -> None:
    st.session_state[_AT] = at_ms
    if side_panel.top(PAGE).kind == "rows":  # the rows belong to the time before
        side_panel.clear(PAGE)


def _slider_moved() -> None:
    _go(st.session_state[_SLIDER])
