"""Answers on the Situation page: answered and confirmed requests, and waiting times by category and area."""

from __future__ import annotations

from datetime import tzinfo

import streamlit as st

from crisismap.i18n import english
from crisismap.services.lists import trends
from crisismap.services.lists.trends import Trend, Wait
from crisismap.ui.frame import style, stylesheet
from crisismap.ui.frame.wording import count_phrase, number
from crisismap.ui.numbers import charts, findings
from crisismap.ui.numbers.situation_now import SituationSnapshot

AREAS_DRAWN = 10
_HEADS = ("Requests", "Answered", "Median", "9 of 10")


def over_time(now: SituationSnapshot, trend: Trend, at: tzinfo) -> None:
    """Draw the answered and the confirmed requests over time."""
    labels, per = charts.labels_of(trend, at), charts.step_wording(trend.step_ms)
    with st.container(key="part-confirmed"):
        explanation = (
            "Two separate facts: a team marked the request as answered, and the requester confirmed that it is solved. "
            f"Totals at the end of each {per}; reopened requests count in neither."
        )
        stylesheet.finding(findings.confirming(trend.answered_so_far[-1], trend.confirmed_so_far[-1]), explanation)
        chart, table = st.columns([3, 2], gap="medium")
        with chart:
            alt_text = f"Lines of answered and of confirmed requests per {per}; the table has the numbers"
            charts.answered(trend, at, dark=style.dark(), alt_text=alt_text)
        with table:
            columns = (trend.answered_so_far, trend.confirmed_so_far)
            rows = [(label, *map(number, numbers)) for label, *numbers in zip(labels, *columns, strict=True)][::-1]
            heads = (f"From ({per})", "Answered", "Confirmed")
            stylesheet.table(heads, rows, numbers=2, height_px=charts.HEIGHT_PX)


def by_category(now: SituationSnapshot) -> None:
    """Draw the time to the first answer for each category."""
    names = {at: english().category(each) for at, each in enumerate(now.context.rules.categories)}
    found = trends.waiting_times_by(now.lives, now.board["category"], list(names))
    _waiting_times(now, found, names, "category")


def by_area(now: SituationSnapshot) -> None:
    """Draw the time to the first answer for each area; areas of several layers with the same code and name are one."""
    numbers, names = _areas(now)
    found = trends.waiting_times_by(now.lives, numbers, list(names))
    found.sort(key=lambda wait: -wait.asked)
    _waiting_times(now, found, names, "area")


def _areas(now: SituationSnapshot) -> tuple[trends.Moments, dict[int, str]]:
    """Return an area number for each row, and the names of these numbers."""
    areas = now.context.views.situation.areas
    first: dict[tuple[str, str], int] = {}
    same = [first.setdefault((area.code, area.name), at) for at, area in enumerate(areas)]
    numbers = trends.renumbered(now.board["area"], same)
    return numbers, {at: areas[at].name or areas[at].code for at in sorted(set(same))}


def _waiting_times(now: SituationSnapshot, found: list[Wait], names: dict[int, str], what: str) -> None:
    if not found:
        return
    with st.container(key=f"part-waits-{what}"):
        explanation = (
            f"Time from receiving a request to its first answer, by {what}: the median of the answered requests, "
            "and the time within which 9 of 10 of them were answered."
        )
        stylesheet.finding(
            findings.slowest([(names[wait.key], wait) for wait in found], rounded_ms=now.rounded_ms), explanation
        )
        drawn = [wait for wait in found if wait.median_ms is not None][:AREAS_DRAWN]
        chart, table = st.columns([3, 2], gap="medium")
        if drawn:
            with chart:
                rows = [(names[w.key], w.median_ms or 0, w.ninety_ms or 0) for w in drawn]
                alt_text = f"Median and 90th percentile of the wait by {what}; the table has the numbers"
                charts.waiting_chart(rows, dark=style.dark(), alt_text=alt_text, key=f"chart-waits-{what}")
        with table:
            lines = [
                (
                    names[wait.key],
                    number(wait.asked),
                    number(wait.answered),
                    findings.took(wait, rounded_ms=now.rounded_ms),
                    findings.ninety(wait, rounded_ms=now.rounded_ms),
                )
                for wait in found
            ]
            stylesheet.table(
                (what.capitalize(), *_HEADS),
                lines,
                numbers=4,
                caption=count_phrase(len(lines), what, "categories" if what == "category" else ""),
            )
