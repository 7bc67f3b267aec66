"""The charts of the situation: few colours, told apart in grey too, drawn in the browser from numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

import streamlit as st

from crisismap.core.moment import DAY_MS, MINUTE_MS
from crisismap.core.text import symbols
from crisismap.services.lists.trends import Trend

Spec = dict[str, Any]  # of Vega-Lite, written out: altair would check each one for tens of milliseconds a run
Pair = tuple[str, str]
HEIGHT_PX = 240
ASKS: Pair = ("asks for help", "asks nothing")
SAID: Pair = ("answered by a team", "confirmed by the one who asked")
NAME = 28  # characters of a name beside a bar
_ROW_PX = 26
_COUNTS: Spec = {"tickMinStep": 1, "format": ",d", "tickCount": 5}


def received(trend: Trend, at: tzinfo, *, dark: bool, alt_text: str) -> None:
    """Bars of reports per interval; those that ask for help stand out below the others."""
    labels = labels_of(trend, at)
    pairs = zip(labels, trend.reports, trend.requests, strict=True)
    rows = [
        {"start": start, "reports": count, "kind": kind, "order": order}
        for start, every, asking in pairs
        for order, (kind, count) in enumerate(zip(ASKS, (asking, every - asking), strict=True))
    ]
    spec = {
        "data": {"values": rows},
        "mark": "bar",
        "encoding": {
            "x": _time_axis(labels, trend),
            "y": _count_axis("reports", f"reports per {step_wording(trend.step_ms)}"),
            "color": _kinds(ASKS, (symbols.palette(dark).priority[2], _faint(dark))),
            "order": {"field": "order", "type": "ordinal"},
            "tooltip": [_told("start", "from"), _told("kind", "kind"), _told("reports", "reports")],
        },
    }
    _draw(spec, HEIGHT_PX, "chart-received", alt_text)


def unanswered(trend: Trend, at: tzinfo, *, dark: bool, alt_text: str) -> None:
    """A line of the requests that waited at the end of each interval."""
    colour = symbols.palette(dark).priority[1]
    labels = labels_of(trend, at)
    rows = [
        {"start": start, "waiting": waiting, "answered": answered}
        for start, waiting, answered in zip(labels, trend.waiting, trend.answered, strict=True)
    ]
    step: Spec = {"interpolate": "step-after", "color": colour}
    spec = {
        "data": {"values": rows},
        "encoding": {
            "x": _time_axis(labels, trend),
            "y": _count_axis("waiting", "requests unanswered"),
            "tooltip": [_told("start", "from"), _told("waiting", "unanswered"), _told("answered", "answered")],
        },
        "layer": [
            {"mark": {"type": "area", "opacity": 0.12, **step}},
            {"mark": {"type": "line", "strokeWidth": 2.5, **step}},
            {
                "transform": [{"filter": {"field": "start", "equal": labels[-1]}}],
                "mark": {"type": "point", "filled": True, "size": 60, "color": colour},
            },
        ],
    }
    _draw(spec, HEIGHT_PX, "chart-unanswered", alt_text)


def answered(trend: Trend, at: tzinfo, *, dark: bool, alt_text: str) -> None:
    """Two lines: what teams call done, and what those who asked call solved; told apart by dashes too."""
    labels, colours = labels_of(trend, at), symbols.palette(dark)
    pairs = zip(labels, trend.answered_so_far, trend.confirmed_so_far, strict=True)
    rows = [
        {"start": start, "count": count, "kind": kind}
        for start, *counts in pairs
        for kind, count in zip(SAID, counts, strict=True)
    ]
    dashes = {"domain": list(SAID), "range": [[5, 3], [1, 0]]}
    spec = {
        "data": {"values": rows},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.5},
        "encoding": {
            "x": _time_axis(labels, trend),
            "y": _count_axis("count", "requests so far"),
            "color": _kinds(SAID, (colours.priority[3], colours.shelter)),
            "strokeDash": {"field": "kind", "type": "nominal", "scale": dashes, "legend": None},
            "tooltip": [_told("start", "from"), _told("kind", "kind"), _told("count", "requests")],
        },
    }
    _draw(spec, HEIGHT_PX, "chart-confirmed", alt_text)


def waiting_chart(rows: Sequence[tuple[str, int, int]], *, dark: bool, alt_text: str, key: str) -> None:
    """For each name a line from the median to the 90th percentile of its waits in ms, with a mark at both ends."""
    colours, names = symbols.palette(dark), _names([name for name, *_ in rows])
    values = [
        {"name": name, "said": said, "median": median / MINUTE_MS, "ninety": ninety / MINUTE_MS}
        for name, (said, median, ninety) in zip(names, rows, strict=True)
    ]
    y = _name_axis(names)
    ends = [_told("said", "name"), _told("median", "median, min"), _told("ninety", "90 %, min")]
    ends = [end | ({"format": ",.0f", "type": "quantitative"} if end["field"] != "said" else {}) for end in ends]
    minutes = {"type": "quantitative", "title": "minutes; ring: median, dot: 90 %"}
    mark: Spec = {"type": "point", "size": 90, "strokeWidth": 2.5, "color": colours.priority[3]}
    spec = {
        "data": {"values": values},
        "encoding": {"y": y, "tooltip": ends},
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 2.5, "color": colours.priority[3]},
                "encoding": {"x": {"field": "median", **minutes}, "x2": {"field": "ninety"}},
            },
            {"mark": mark | {"fill": colours.surface}, "encoding": {"x": {"field": "median", **minutes}}},
            {"mark": mark | {"filled": True}, "encoding": {"x": {"field": "ninety", **minutes}}},
        ],
    }
    _draw(spec, len(names) * _ROW_PX + 80, key, alt_text)


def amounts(rows: Sequence[tuple[str, int]], what: str, *, dark: bool, alt_text: str, key: str) -> None:
    """Horizontal bars of one kind: a name and its number."""
    colours, names = symbols.palette(dark), _names([name for name, _ in rows])
    values = [{"name": name, "said": said, "count": count} for name, (said, count) in zip(names, rows, strict=True)]
    room = {"domainMax": max(count for _, count in rows) * 1.15}  # for the number behind the longest bar
    x = {"field": "count", "type": "quantitative", "title": what, "axis": _COUNTS, "scale": room}
    text = {"type": "text", "align": "left", "dx": 4, "color": colours.choice}
    label = {"field": "count", "type": "quantitative", "format": ",d"}
    spec = {
        "data": {"values": values},
        "encoding": {"y": _name_axis(names), "x": x, "tooltip": [_told("said", "name"), _told("count", what)]},
        "layer": [
            {"mark": {"type": "bar", "height": 16, "color": colours.priority[4]}},
            {"mark": text, "encoding": {"text": label}},
        ],
    }
    _draw(spec, len(names) * _ROW_PX + 70, key, alt_text)


def per_name(bars: Sequence[tuple[str, int, int]], kinds: Pair, *, dark: bool, alt_text: str, key: str) -> None:
    """Horizontal bars: a name, a first part and the rest, as `kinds` calls the two, with the sum behind."""
    colours = symbols.palette(dark)
    names = _names([name for name, *_ in bars])
    rows = [
        {"name": name, "said": said, "count": count, "kind": kind, "order": order}
        for name, (said, *counts) in zip(names, bars, strict=True)
        for order, (kind, count) in enumerate(zip(kinds, counts, strict=True))
    ]
    totals = [{"name": name, "total": first + rest} for name, (_, first, rest) in zip(names, bars, strict=True)]
    y = _name_axis(names)
    ends = {"type": "text", "align": "left", "dx": 4, "color": colours.choice}
    total = {"field": "total", "type": "quantitative"}
    spec = {
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "bar", "height": 16},
                "encoding": {
                    "y": y,
                    "x": {"field": "count", "type": "quantitative", "title": None, "axis": _COUNTS},
                    "color": _kinds(kinds, (colours.priority[1], colours.priority[2])),
                    "order": {"field": "order", "type": "ordinal"},
                    "tooltip": [_told("said", "name"), _told("kind", "kind"), _told("count", "requests")],
                },
            },
            {"data": {"values": totals}, "mark": ends, "encoding": {"y": y, "x": total, "text": total}},
        ]
    }
    _draw(spec, len(names) * _ROW_PX + 70, key, alt_text)


def _names(said: Sequence[str]) -> list[str]:
    # Two areas may share a name: the position keeps them apart, and the axis shows the words after it.
    return [f"{at:04d}|{name if len(name) <= NAME else name[: NAME - 1] + '…'}" for at, name in enumerate(said)]


def _name_axis(names: Sequence[str]) -> Spec:
    axis = {"labelExpr": "slice(datum.label, 5)", "labelLimit": 220, "labelOverlap": False, "ticks": False}
    return {"field": "name", "type": "nominal", "title": None, "sort": list(names), "axis": axis}


def _draw(spec: Spec, height: int, key: str, alt_text: str) -> None:
    st.vega_lite_chart(spec=spec | {"height": height}, width="stretch", height=height, key=key, alt=alt_text)


def _kinds(names: Pair, colours: Pair) -> Spec:
    legend = {"title": None, "orient": "top", "direction": "horizontal", "labelLimit": 300}
    scale = {"domain": list(names), "range": list(colours)}
    return {"field": "kind", "type": "nominal", "scale": scale, "legend": legend}


def _told(field: str, title: str) -> Spec:
    return {"field": field, "title": title}


def labels_of(trend: Trend, at: tzinfo) -> list[str]:
    """The beginning of each interval in words, all different: `2 Dec 14:00`, or `2 Dec 2015` for days."""
    form = "%d %b %Y" if trend.step_ms >= DAY_MS else "%d %b %H:%M"
    zone = UTC if trend.step_ms >= DAY_MS else at  # days begin in UTC, as they are counted
    from_utc = [datetime.fromtimestamp(ms / 1000, zone) for ms in trend.starts]
    return [moment.strftime(form).lstrip("0") for moment in from_utc]


def _time_axis(labels: Sequence[str], trend: Trend) -> Spec:
    # Words in place of times: the browser's own zone and the page's cannot disagree then.
    short = (
        "datum.label"
        if trend.step_ms >= DAY_MS or len(trend.starts) * trend.step_ms > DAY_MS
        else "slice(datum.label, -5)"
    )
    step = max(1, -(-len(labels) // 8))
    axis = {"labelAngle": 0, "labelExpr": short, "values": list(labels[::step]), "labelOverlap": True}
    return {"field": "start", "type": "ordinal", "title": None, "sort": list(labels), "axis": axis}


def _count_axis(field: str, title: str) -> Spec:
    return {"field": field, "type": "quantitative", "title": title, "axis": _COUNTS}


def step_wording(step_ms: int) -> str:
    """`10 min`, `hour`, `3 h`, `day`."""
    minutes = step_ms // MINUTE_MS
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 24:
        return "hour" if hours == 1 else f"{hours} h"
    return "day" if hours == 24 else f"{hours // 24} days"


def _faint(dark: bool) -> str:
    return "#5B6B78" if dark else "#B9C3CB"
