"""The charts of the situation: few colours, told apart in grey too, drawn in the browser from numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

import altair as alt
import pandas as pd
import streamlit as st

from crisismap.core import symbols
from crisismap.services.trends import DAY_MS, Trend

HEIGHT_PX = 240
_ROW_PX = 26


def received(trend: Trend, at: tzinfo, *, dark: bool, alt_text: str) -> None:
    """Bars of reports per interval; those that ask for help stand out below the others."""
    colours = symbols.palette(dark)
    quiet = [total - asking for total, asking in zip(trend.reports, trend.requests, strict=True)]
    names, labels = ("asks for help", "asks nothing"), labels_of(trend, at)
    frame = pd.concat(
        pd.DataFrame({"start": labels, "reports": values, "kind": name, "order": order})
        for order, (name, values) in enumerate(zip(names, (trend.requests, quiet), strict=True))
    )
    chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=_time_axis(labels, trend),
            y=_count_axis("reports", f"reports per {step_words(trend.step_ms)}"),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=list(names), range=[colours.priority[2], _faint(dark)]),
                legend=alt.Legend(title=None, orient="top", direction="horizontal"),
            ),
            order="order:O",
            tooltip=[alt.Tooltip("start:N", title="from"), "kind:N", "reports:Q"],
        )
    )
    _draw(chart, HEIGHT_PX, "chart-received", alt_text)


def unanswered(trend: Trend, at: tzinfo, *, dark: bool, alt_text: str) -> None:
    """A line of the requests that waited at the end of each interval."""
    colours = symbols.palette(dark)
    labels = labels_of(trend, at)
    frame = pd.DataFrame({"start": labels, "waiting": trend.waiting, "answered": trend.answered})
    base = alt.Chart(frame).encode(
        x=_time_axis(labels, trend),
        y=_count_axis("waiting", "requests unanswered"),
        tooltip=[alt.Tooltip("start:N", title="from"), "waiting:Q", "answered:Q"],
    )
    area = base.mark_area(color=colours.priority[1], opacity=0.12, interpolate="step-after")
    line = base.mark_line(color=colours.priority[1], strokeWidth=2.5, interpolate="step-after")
    last = base.mark_point(color=colours.priority[1], filled=True, size=60).transform_filter(
        alt.FieldEqualPredicate(field="start", equal=labels[-1])
    )
    _draw(area + line + last, HEIGHT_PX, "chart-unanswered", alt_text)


def per_name(
    names: Sequence[str],
    claimed_for: Sequence[tuple[int, int]],
    words: tuple[str, str],
    *,
    dark: bool,
    alt_text: str,
    key: str,
) -> None:
    """Horizontal bars, one per name: a dark part and a lighter rest, as `words` calls them, with the sum behind."""
    colours = symbols.palette(dark)
    shown = [name if len(name) <= 28 else name[:27] + "…" for name in names]
    # Two areas may share a name: the position keeps them apart, and the axis shows the words after it.
    keys = [f"{at:04d}|{name}" for at, name in enumerate(shown)]
    frame = pd.DataFrame(
        [
            {"name": each, "said": said, "count": count, "kind": kind, "order": order}
            for each, said, pair in zip(keys, shown, claimed_for, strict=True)
            for order, (kind, count) in enumerate(zip(words, pair, strict=True))
        ]
    )
    totals = pd.DataFrame({"name": keys, "total": [sum(pair) for pair in claimed_for]})
    y = alt.Y(
        "name:N",
        title=None,
        sort=keys,
        axis=alt.Axis(labelExpr="slice(datum.label, 5)", labelLimit=220, labelOverlap=False, ticks=False),
    )
    bars = (
        alt.Chart(frame)
        .mark_bar(height=16)
        .encode(
            y=y,
            x=alt.X("count:Q", title=None, axis=alt.Axis(tickMinStep=1, format=",d", tickCount=5)),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=list(words), range=[colours.priority[1], colours.priority[2]]),
                legend=alt.Legend(title=None, orient="top", direction="horizontal"),
            ),
            order="order:O",
            tooltip=[alt.Tooltip("said:N", title="name"), "kind:N", "count:Q"],
        )
    )
    ends = (
        alt.Chart(totals).mark_text(align="left", dx=4, color=colours.choice).encode(y=y, x="total:Q", text="total:Q")
    )
    _draw(bars + ends, len(keys) * _ROW_PX + 70, key, alt_text)


def _draw(chart: alt.Chart | alt.LayerChart, height: int, key: str, alt_text: str) -> None:
    st.altair_chart(chart.properties(height=height), width="stretch", height=height, key=key, alt=alt_text)


def labels_of(trend: Trend, at: tzinfo) -> list[str]:
    """The beginning of each interval in words, all different: `2 Dec 14:00`, or `2 Dec 2015` for days."""
    form = "%d %b %Y" if trend.step_ms >= DAY_MS else "%d %b %H:%M"
    zone = UTC if trend.step_ms >= DAY_MS else at  # days begin in UTC, as they are counted
    from_utc = [datetime.fromtimestamp(ms / 1000, zone) for ms in trend.starts]
    return [moment.strftime(form).lstrip("0") for moment in from_utc]


def _time_axis(labels: Sequence[str], trend: Trend) -> alt.X:
    # Words in place of times: the browser's own zone and the page's cannot disagree then.
    short = (
        "datum.label"
        if trend.step_ms >= DAY_MS or len(trend.starts) * trend.step_ms > DAY_MS
        else "slice(datum.label, -5)"
    )
    step = max(1, -(-len(labels) // 8))
    axis = alt.Axis(labelAngle=0, labelExpr=short, values=list(labels[::step]), labelOverlap=True, ticks=True)
    return alt.X("start:N", title=None, sort=list(labels), axis=axis)


def _count_axis(field: str, title: str) -> alt.Y:
    return alt.Y(f"{field}:Q", title=title, axis=alt.Axis(tickMinStep=1, format=",d", tickCount=5))


def step_words(step_ms: int) -> str:
    """`10 min`, `hour`, `3 h`, `day`."""
    minutes = step_ms // 60_000
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 24:
        return "hour" if hours == 1 else f"{hours} h"
    return "day" if hours == 24 else f"{hours // 24} days"


def _faint(dark: bool) -> str:
    return "#5B6B78" if dark else "#B9C3CB"
