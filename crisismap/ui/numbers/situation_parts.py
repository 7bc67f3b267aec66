"""The sections of the Situation page, each a finding with its chart and table, from one board of the audience."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import h3
import streamlit as st

from crisismap.core.moment import DAY_MS, HOUR_MS
from crisismap.core.privacy import Audience
from crisismap.core.text.symbols import letter
from crisismap.services.lists import trends
from crisismap.services.lists.cells import resolution_of, unanswered_cells
from crisismap.ui.frame import local_time, shell, style, stylesheet
from crisismap.ui.frame.wording import age, category_names, count_phrase, number
from crisismap.ui.map import hexagons
from crisismap.ui.map import map as desk_map
from crisismap.ui.numbers import charts, findings, situation_answers, situation_silence
from crisismap.ui.numbers.situation_now import SituationSnapshot, snapshot

MAX_AREAS = 10
MAX_CELLS = 30
WINDOWS: dict[str, int | None] = {
    "6 h": 6 * HOUR_MS,
    "24 h": DAY_MS,
    "7 days": 7 * DAY_MS,
    "all": None,
}
OBSERVED, RECEIVED = "when observed", "when received"


def draw(audience: Audience) -> None:
    now = snapshot(audience)
    if now is None:
        stylesheet.empty(
            "No reports yet",
            "The first report appears here within seconds. Send one on the Report page, or give people the address.",
        )
        return
    _summary(now)
    _waiting_times(now)
    situation_answers.by_category(now)
    situation_answers.by_area(now)
    _over_time(now)
    _locations(now)
    _by_area(now)
    _by_category(now)
    situation_silence.draw(now)
    stylesheet.note(_source(now))


def _summary(now: SituationSnapshot) -> None:
    totals = now.totals
    change, arrivals = trends.growth(now.lives, now.now_ms), trends.arrivals(now.lives, now.now_ms)
    # Escalations are internal to the teams, so the public does not see them.
    escalated = "" if now.rounded_ms else f"escalated: {number(now.escalated)}"
    with st.container(key="part-summary"):
        stylesheet.finding(findings.growth(change, totals["unanswered"]))
        stylesheet.facts(
            [
                ("Reports", number(totals["reports"]), f"{number(arrivals)} in the last hour"),
                ("Requests for help", number(totals["requests"]), ""),
                ("Unanswered", number(totals["unanswered"]), f"P1: {number(totals['urgent'])}"),
                ("Overdue now", number(totals["overdue"]), escalated),
                ("Reopened", number(now.reopened), "help was still needed"),
                ("Location needed", number(totals["unplaced"]), ""),
            ]
        )


def _waiting_times(now: SituationSnapshot) -> None:
    waits = trends.waiting_times(now.lives, now.now_ms)
    with st.container(key="part-waits"):
        explanation = (
            "Time from receiving a request to a team's first answer. Those that still wait count with the time that "
            "they have waited."
        )
        if now.rounded_ms:
            explanation += (
                " Times for the public are rounded to ten minutes: a wait may be up to ten minutes shorter than shown."
            )
        if not waits:
            stylesheet.finding("No requests for help yet", explanation)
            return
        stylesheet.finding(findings.priority_wait(waits[0], rounded_ms=now.rounded_ms), explanation)
        due = shell.context().rules.clocks.due
        rows = [
            (
                letter(wait.key),
                _due({row[wait.key] for row in due}),
                number(wait.total),
                number(wait.answered),
                f"{round(100 * wait.answered / wait.total)} %",
                findings.median_wait(wait, rounded_ms=now.rounded_ms),
                findings.nine_in_ten_wait(wait, rounded_ms=now.rounded_ms),
            )
            for wait in waits
        ]
        shares = ("Requests", "Answered", "Share")
        heads = ("Priority", "Due within", *shares, "Half answered within", "9 of 10 answered within")
        stylesheet.table(heads, rows, numbers=5)


def _over_time(now: SituationSnapshot) -> None:
    with st.container(key="when", horizontal=True, vertical_alignment="bottom"):
        basis = st.segmented_control(
            "Count reports", [OBSERVED, RECEIVED], default=OBSERVED, required=True, key="situation-basis"
        )
        moments = now.lives.observed_at if basis == OBSERVED else now.lives.received_at
        # Set only once per session, so that it does not override the person's own selection.
        fitting_ms = trends.window(moments, now.now_ms, [span for span in WINDOWS.values() if span])
        initial_window = next(name for name, span in WINDOWS.items() if span == fitting_ms)
        st.session_state.setdefault("situation-window", initial_window)
        selected_window = st.segmented_control("Time", list(WINDOWS), required=True, key="situation-window")
    span = WINDOWS[selected_window or "all"] or max(now.now_ms - int(moments.min()), HOUR_MS)
    step = HOUR_MS if span == DAY_MS else trends.step_for(span)
    since_ms, zone = now.now_ms - span + step, local_time.zone()
    trend = trends.trend(
        now.lives,
        now.now_ms,
        since_ms=since_ms,
        step_ms=step,
        observed=basis == OBSERVED,
        offset_ms=local_time.offset_ms(now.now_ms, zone),
    )
    labels = charts.interval_labels(trend, zone)
    per = charts.step_wording(step)

    def section(
        key: str,
        title: str,
        explanation: str,
        chart: Callable[..., None],
        alt: str,
        columns: dict[str, tuple[int, ...]],
    ) -> None:
        with st.container(key=key):
            stylesheet.finding(title, explanation)
            left, right = st.columns([3, 2], gap="medium")
            with left:
                chart(trend, zone, alt_text=f"{alt} per {per}; the table has the numbers")
            with right:
                rows = list(zip(labels, *(map(number, column) for column in columns.values()), strict=True))[::-1]
                stylesheet.table((f"From ({per})", *columns), rows, numbers=2, height_px=charts.HEIGHT_PX)

    if basis == OBSERVED:
        title = findings.peak_interval(trend, labels, per)
    else:
        title = findings.arrivals(trend, trends.arrivals(now.lives, now.now_ms))
    section(
        "part-received",
        title,
        f"Reports per {per}, {basis}.",
        charts.received_chart,
        "Bars of reports",
        {"Reports": trend.reports, "Requests for help": trend.requests},
    )
    change = trend.waiting[-1] - trend.waiting[0]
    section(
        "part-unanswered",
        f"{count_phrase(trend.waiting[-1], 'request')} waiting, {_change(change)} {labels[0]}",
        f"Unanswered requests at the end of each {per}; a request waits from when it is received.",
        charts.unanswered_chart,
        "Line of unanswered requests",
        {"Answered": trend.answered, "Unanswered": trend.waiting},
    )
    section(
        "part-confirmed",
        findings.confirmations(trend.answered_so_far[-1], trend.confirmed_so_far[-1]),
        "Two separate facts: a team marked the request as answered, and the requester confirmed that it is solved. "
        f"Totals at the end of each {per}; reopened requests count in neither.",
        charts.answered_chart,
        "Lines of answered and of confirmed requests",
        {"Answered": trend.answered_so_far, "Confirmed": trend.confirmed_so_far},
    )


def _locations(now: SituationSnapshot) -> None:
    dark = style.dark()
    cells = unanswered_cells(shell.context().views.situation, shell.context().rules, now.audience)
    ends = hexagons.steps([cell.count for cell in cells])
    with st.container(key="part-where"):
        size = f"{h3.average_hexagon_area(resolution_of(shell.context().rules)):.2g} km²"
        explanation = (
            f"Unanswered requests with a location, in cells of {size}; "
            f"{number(now.totals['unplaced'])} more need a location."
        )
        stylesheet.finding(findings.concentration([cell.count for cell in cells]), explanation)
        if not cells:
            stylesheet.empty(
                "No locations yet",
                "Set the location of requests in the queue “Location needed” on the Requests page.",
            )
            return
        swatches = "".join(
            f'<span><i style="background:{colour}"></i>{escape(label)}</span>'
            for colour, label in hexagons.legend(ends, dark=dark)
        )
        st.html(f'<div class="cm-swatches">requests in a cell: {swatches}</div>')
        hexagon_deck = hexagons.hexagons(shell.context().views, cells, dark=dark)
        chart, table = st.columns([3, 2], gap="medium")
        with chart:
            alt = "Hexagons of unanswered requests; the table has the numbers of the fullest"
            desk_map.show(hexagon_deck, height=hexagons.MAP_PX, key="situation-map", alt=alt)
        with table:
            rows = [
                (cell.area or "outside all areas", letter(cell.priority), number(cell.count))
                for cell in cells[:MAX_CELLS]
            ]
            caption = f"the {len(rows)} fullest of {count_phrase(len(cells), 'cell')}"
            heads = ("Cell, mostly in", "Most urgent", "Requests")
            stylesheet.table(heads, rows, numbers=1, caption=caption, height_px=hexagons.MAP_PX)


def _by_area(now: SituationSnapshot) -> None:
    rows = [area for area in now.areas if area["requests"]]
    with st.container(key="part-area"):
        explanation = "Areas of the official layers; reports outside all of them come last."
        stylesheet.finding(findings.fullest_area(rows), explanation)
        if not any(area["name"] for area in rows):
            stylesheet.empty(
                "No request is in an area",
                "Load a layer of wards or districts on the Layers page to see requests by area.",
            )
            return
        waiting = [area for area in rows if area["unanswered"] and area["name"] is not None][:MAX_AREAS]
        chart, table = st.columns([3, 2], gap="medium")
        if waiting:
            with chart:
                stylesheet.note(f"The {count_phrase(len(waiting), 'area')} with the most unanswered requests")
                _bars([area["name"] for area in waiting], waiting, "chart-area")
        with table:
            columns = ("requests", "unanswered", "overdue")
            cells = [(area["name"] or "outside all areas", *(number(area[name]) for name in columns)) for area in rows]
            heads = ("Area", "Requests", "Unanswered", "Overdue")
            stylesheet.table(heads, cells, numbers=3, caption=count_phrase(len(rows), "area"))


def _by_category(now: SituationSnapshot) -> None:
    labels = category_names(shell.context().rules.categories)
    with st.container(key="part-category"):
        explanation = (
            "The public sees sensitive categories only in this table, and of them no count under five: "
            "no list, map or other number has them."
            if now.rounded_ms
            else ""
        )
        stylesheet.finding(findings.leading_category(now.categories, labels), explanation)
        unanswered = (each for each in now.categories if each["unanswered"])
        waiting = sorted(unanswered, key=lambda each: -int(each["unanswered"]))
        chart, table = st.columns([3, 2], gap="medium")
        if waiting:
            with chart:
                _bars([labels[each["category"]] for each in waiting], waiting, "chart-category")
        with table:
            columns = ("reports", "requests", "unanswered", "overdue")
            rows = [
                (labels[each["category"]], *("few" if each[name] is None else number(each[name]) for name in columns))
                for each in now.categories
            ]
            stylesheet.table(("Category", "Reports", "Requests", "Unanswered", "Overdue"), rows, numbers=4)


def _bars(names: list[str], rows: list[dict[str, Any]], key: str) -> None:
    late = [int(row["overdue"] or 0) for row in rows]
    bars = [(name, n, int(row["unanswered"]) - n) for name, row, n in zip(names, rows, late, strict=True)]
    alt_text = "Bars of unanswered requests; the table has the numbers"
    charts.stacked_chart(bars, ("overdue", "in time"), alt_text=alt_text, key=key)


def _due(due_ms: set[int]) -> str:
    """Return the time within which requests of one priority are due; categories may differ."""
    durations = dict.fromkeys(age(ms / 1000) if ms else "no limit" for ms in sorted(due_ms))
    return " to ".join(list(durations)[:: max(1, len(durations) - 1)])


def _change(change: int) -> str:
    if not change:
        return "as many as at"
    return f"{number(abs(change))} {'more' if change > 0 else 'fewer'} than at"


def _source(now: SituationSnapshot) -> str:
    reader = "the agencies" if now.audience is Audience.AGENCY else "the public"
    when = local_time.short_time(now.now_ms, local_time.zone())
    made_up = " Made up: nothing here has happened." if shell.context().views.made_up else ""
    return f"As {reader} may see it, revision {number(now.totals['revision'])}, {when}.{made_up}"
