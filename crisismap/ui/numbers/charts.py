"""The charts of the Situation page, drawn in the browser from numbers; their colours also differ in greyscale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

import streamlit as st

from crisismap.core.errors import shorten
from crisismap.core.moment import DAY_MS, MINUTE_MS
from crisismap.core.text import symbols
from crisismap.services.lists.trends import Trend
from crisismap.ui.frame import style

Spec = dict[str, Any]  # Vega-Lite as plain data: altair would spend tens of milliseconds per run on validation
Pair = tuple[str, str]
HEIGHT_PX = 240
KINDS: Pair = ("requests for help", "information only")
ANSWERS: Pair = ("answered by a team", "confirmed by the requester")
NAME = 28  # characters of a bar's label
_ROW_PX = 26
_COUNTS: Spec = {"tickMinStep": 1, "format": ",d", "tickCount": 5}


def received_chart(trend: Trend, zone: tzinfo, *, alt_text: str) -> None:
    """Draw bars of reports per interval, requests for help below the others."""
    labels = interval_labels(trend, zone)
    pairs = zip(labels, trend.reports, trend.requests, strict=True)
    rows = [
        {"start": start, "reports": count, "kind": kind, "order": order}
        for start, total, asking in pairs
        for order, (kind, count) in enumerate(zip(KINDS, (asking, total - asking), strict=True))
    ]
    faint = "#5B6B78" if style.dark() else "#B9C3CB"
    spec = {
        "data": {"values": rows},
        "mark": "bar",
        "encoding": {
            "x": _time_axis(labels, trend),
            "y": _count_axis("reports", f"reports per {step_wording(trend.step_ms)}"),
            "color": _kinds(KINDS, (symbols.palette(style.dark()).priority[2], faint)),
            "order": {"field": "order", "type": "ordinal"},
            "tooltip": [_tooltip("start", "from"), _tooltip("kind", "kind"), _tooltip("reports", "reports")],
        },
    }
    _draw(spec, HEIGHT_PX, "chart-received", alt_text)


def unanswered_chart(trend: Trend, zone: tzinfo, *, alt_text: str) -> None:
    """Draw a line of the unanswered requests at the end of each interval."""
    colour = symbols.palette(style.dark()).priority[1]
    labels = interval_labels(trend, zone)
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
            "tooltip": [_tooltip("start", "from"), _tooltip("waiting", "unanswered"), _tooltip("answered", "answered")],
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


def answered_chart(trend: Trend, zone: tzinfo, *, alt_text: str) -> None:
    """Draw lines of the answered and the confirmed requests, one of them dashed."""
    labels, colours = interval_labels(trend, zone), symbols.palette(style.dark())
    pairs = zip(labels, trend.answered_so_far, trend.confirmed_so_far, strict=True)
    rows = [
        {"start": start, "count": count, "kind": kind}
        for start, *counts in pairs
        for kind, count in zip(ANSWERS, counts, strict=True)
    ]
    dashes = {"domain": list(ANSWERS), "range": [[5, 3], [1, 0]]}
    spec = {
        "data": {"values": rows},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.5},
        "encoding": {
            "x": _time_axis(labels, trend),
            "y": _count_axis("count", "requests so far"),
            "color": _kinds(ANSWERS, (colours.priority[3], colours.shelter)),
            "strokeDash": {"field": "kind", "type": "nominal", "scale": dashes, "legend": None},
            "tooltip": [_tooltip("start", "from"), _tooltip("kind", "kind"), _tooltip("count", "requests")],
        },
    }
    _draw(spec, HEIGHT_PX, "chart-confirmed", alt_text)


def waiting_chart(rows: Sequence[tuple[str, int, int]], *, alt_text: str, key: str) -> None:
    """Draw a line per name from the median to the 90th percentile of its waits in ms, with a mark at both ends."""
    colours, names = symbols.palette(style.dark()), _names([name for name, *_ in rows])
    values = [
        {"name": name, "title": title, "median": median / MINUTE_MS, "ninety": ninety / MINUTE_MS}
        for name, (title, median, ninety) in zip(names, rows, strict=True)
    ]
    y = _name_axis(names)
    ends = [_tooltip("title", "name"), _tooltip("median", "median, min"), _tooltip("ninety", "90th percentile, min")]
    ends = [end | ({"format": ",.0f", "type": "quantitative"} if end["field"] != "title" else {}) for end in ends]
    minutes = {"type": "quantitative", "title": "minutes (ring: median, dot: 90th percentile)"}
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


def amount_chart(rows: Sequence[tuple[str, int]], unit: str, *, alt_text: str, key: str) -> None:
    """Draw horizontal bars: a name and its number."""
    colours, names = symbols.palette(style.dark()), _names([name for name, _ in rows])
    values = [{"name": name, "title": title, "count": count} for name, (title, count) in zip(names, rows, strict=True)]
    scale = {"domainMax": max(count for _, count in rows) * 1.15}  # space for the number after the longest bar
    x = {"field": "count", "type": "quantitative", "title": unit, "axis": _COUNTS, "scale": scale}
    number_mark = {"type": "text", "align": "left", "dx": 4, "color": colours.choice}
    label = {"field": "count", "type": "quantitative", "format": ",d"}
    spec = {
        "data": {"values": values},
        "encoding": {"y": _name_axis(names), "x": x, "tooltip": [_tooltip("title", "name"), _tooltip("count", unit)]},
        "layer": [
            {"mark": {"type": "bar", "height": 16, "color": colours.priority[4]}},
            {"mark": number_mark, "encoding": {"text": label}},
        ],
    }
    _draw(spec, len(names) * _ROW_PX + 70, key, alt_text)


def stacked_chart(bars: Sequence[tuple[str, int, int]], kinds: Pair, *, alt_text: str, key: str) -> None:
    """Draw stacked horizontal bars: a name, two parts named by `kinds`, and the sum after the bar."""
    colours = symbols.palette(style.dark())
    names = _names([name for name, *_ in bars])
    rows = [
        {"name": name, "title": title, "count": count, "kind": kind, "order": order}
        for name, (title, *counts) in zip(names, bars, strict=True)
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
                    "tooltip": [_tooltip("title", "name"), _tooltip("kind", "kind"), _tooltip("count", "requests")],
                },
            },
            {"data": {"values": totals}, "mark": ends, "encoding": {"y": y, "x": total, "text": total}},
        ]
    }
    _draw(spec, len(names) * _ROW_PX + 70, key, alt_text)


def _names(names: Sequence[str]) -> list[str]:
    # Two areas may share a name and would share a bar: a hidden position keeps them apart.
    return [f"{at:04d}|{shorten(name, NAME)}" for at, name in enumerate(names)]


def _name_axis(names: Sequence[str]) -> Spec:
    axis = {"labelExpr": "slice(datum.label, 5)", "labelLimit": 220, "labelOverlap": False, "ticks": False}
    return {"field": "name", "type": "nominal", "title": None, "sort": list(names), "axis": axis}


def _draw(spec: Spec, height: int, key: str, alt_text: str) -> None:
    st.vega_lite_chart(spec=spec | {"height": height}, width="stretch", height=height, key=key, alt=alt_text)


def _kinds(names: Pair, colours: Pair) -> Spec:
    legend = {"title": None, "orient": "top", "direction": "horizontal", "labelLimit": 300}
    scale = {"domain": list(names), "range": list(colours)}
    return {"field": "kind", "type": "nominal", "scale": scale, "legend": legend}


def _tooltip(field: str, title: str) -> Spec:
    return {"field": field, "title": title}


def interval_labels(trend: Trend, at: tzinfo) -> list[str]:
    """Return the start of each interval, all different: `2 Dec 14:00`, or `2 Dec 2015` for days."""
    date_format = "%d %b %Y" if trend.step_ms >= DAY_MS else "%d %b %H:%M"
    # Days are counted by one clock, also where the zone changes its own between them.
    zone = timezone(timedelta(milliseconds=trend.offset_ms)) if trend.step_ms >= DAY_MS else at
    starts = [datetime.fromtimestamp(ms / 1000, zone) for ms in trend.starts]
    return [moment.strftime(date_format).lstrip("0") for moment in starts]


def _time_axis(labels: Sequence[str], trend: Trend) -> Spec:
    # Labels instead of times: the browser would format times in its own zone, which may differ from the page's.
    days = trend.step_ms >= DAY_MS or len(trend.starts) * trend.step_ms > DAY_MS
    label_text = "datum.label" if days else "slice(datum.label, -5)"
    step = max(1, -(-len(labels) // 8))
    axis = {"labelAngle": 0, "labelExpr": label_text, "values": list(labels[::step]), "labelOverlap": True}
    return {"field": "start", "type": "ordinal", "title": None, "sort": list(labels), "axis": axis}


def _count_axis(field: str, title: str) -> Spec:
    return {"field": field, "type": "quantitative", "title": title, "axis": _COUNTS}


def step_wording(step_ms: int) -> str:
    """Return `10 min`, `hour`, `3 h` or `day`."""
    minutes = step_ms // MINUTE_MS
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 24:
        return "hour" if hours == 1 else f"{hours} h"
    return "day" if hours == 24 else f"{hours // 24} days"
