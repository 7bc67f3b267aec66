"""The history mode of the Live map: the selected time, the buttons in and out, the slider, and the banner."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from html import escape
from pathlib import Path

import streamlit as st

from crisismap.core.moment import HOUR_MS, MINUTE_MS
from crisismap.core.privacy import Audience
from crisismap.services.lists import past
from crisismap.ui.frame import local_time, shell, side_panel

PAGE = "past"  # key of the side panel in history mode
LINE_REM = 6.0  # height of the banner, with the gap below
_AT = "look-back-at"
_SLIDER = "look-back-slider"
STEPS_MS = (10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS)
MAX_TIMES = 300  # times on one slider
AFTER = 3  # steps after the last report, where that is long ago
LONG_AGO_MS = 7 * 24 * HOUR_MS


def current() -> int | None:
    """Return the past time that this session shows; None for now."""
    at_ms = st.session_state.get(_AT)
    return at_ms if isinstance(at_ms, int) else None


def enter(audience: Audience) -> None:
    """Draw the History button where there are earlier reports."""
    if past.span(shell.context().views.situation, audience) is not None:
        help = "Show the map as it was known at an earlier time"
        st.button("History", key="look-back", help=help, on_click=_enter, args=(audience,))


def leave() -> None:
    """Return to now."""
    for key in (_AT, _SLIDER):
        st.session_state.pop(key, None)


def line(at_ms: int) -> None:
    """Draw the banner that sets the past apart from the present, with the button back to now."""
    st.html(Path(__file__).with_suffix(".css"))
    when = escape(moment_name(at_ms, shell.context().clock(), local_time.zone()))
    banner = (
        f"<b>You are looking at {when}, not now.</b><span>The map shows what was known then. "
        "You cannot claim or change anything here.</span>"
    )
    with st.container(key="look-back-line", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<div class="cm-past" role="status">{banner}</div>')
        st.button("Back to now", key="look-back-leave", type="primary", on_click=leave)


def slider(audience: Audience, at_ms: int) -> None:
    """Draw the slider of times, with buttons for an hour back and forward."""
    options, zone = _options(audience), local_time.zone()
    current_ms = nearest_moment(options, at_ms)
    st.session_state[_SLIDER] = current_ms
    with st.container(key="below-map", horizontal=True, vertical_alignment="center", gap="small"):
        for label, step_ms in (("− 1 h", -HOUR_MS), ("+ 1 h", HOUR_MS)):
            target_ms = nearest_moment(options, current_ms + step_ms)
            key, disabled = f"look-back{step_ms // HOUR_MS:+d}", target_ms == current_ms
            st.button(label, key=key, disabled=disabled, on_click=_go, args=(target_ms,))
        if len(options) > 1:
            st.select_slider(
                "Moment",
                options,
                key=_SLIDER,
                format_func=lambda ms: local_time.short_time(ms, zone),
                on_change=lambda: _go(st.session_state[_SLIDER]),
                label_visibility="collapsed",
            )


def moments(first_ms: int, last_ms: int, now_ms: int) -> list[int]:
    """Return times from before the first report to now, or to soon after the last if long ago, MAX_TIMES at most."""
    step = next((each for each in STEPS_MS if (now_ms - first_ms) / each < MAX_TIMES), STEPS_MS[-1])
    end_ms = now_ms
    if now_ms - last_ms > LONG_AGO_MS:
        step = next((each for each in STEPS_MS if (last_ms - first_ms) / each < MAX_TIMES - AFTER - 2), STEPS_MS[-1])
        end_ms = min(last_ms + AFTER * step, now_ms)
    begin = first_ms // step * step
    end = max(begin, min(-(-end_ms // step), now_ms // step) * step)
    return list(range(begin, end + 1, step))[-MAX_TIMES:]


def nearest_moment(options: list[int], at_ms: int) -> int:
    """Return the nearest time on the slider."""
    return min(options, key=lambda each: (abs(each - at_ms), each))


def moment_name(at_ms: int, now_ms: int, zone: tzinfo) -> str:
    """Return `13:00 today`, `13:00 yesterday` or `13:00 on 2 December 2015`."""
    at, now = (datetime.fromtimestamp(ms / 1000, zone) for ms in (at_ms, now_ms))
    days = {now.date(): "today", now.date() - timedelta(days=1): "yesterday"}
    return f"{at:%H:%M} {days.get(at.date(), f'on {at.day} {at:%B %Y}')}"


def _options(audience: Audience) -> list[int]:
    now_ms = shell.context().clock()
    first, last = past.span(shell.context().views.situation, audience) or (now_ms, now_ms)
    return moments(first, last, now_ms)


def _enter(audience: Audience) -> None:
    options = _options(audience)
    _go(nearest_moment(options, min(options[-1], shell.context().clock() - HOUR_MS)))


def _go(at_ms: int) -> None:
    st.session_state[_AT] = at_ms
    if side_panel.top(PAGE).kind == "rows":  # the rows belong to the time before
        side_panel.clear(PAGE)
