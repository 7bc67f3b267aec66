"""The time to the first answer on the Situation page, by category and by area."""

from __future__ import annotations

import streamlit as st

from crisismap.services.lists import trends
from crisismap.services.lists.trends import Wait
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.wording import category_names, count_phrase, number
from crisismap.ui.numbers import charts, findings
from crisismap.ui.numbers.situation_now import SituationSnapshot

AREAS_DRAWN = 10
_HEADS = ("Requests", "Answered", "Median", "9 of 10")


def by_category(now: SituationSnapshot) -> None:
    """Draw the time to the first answer for each category."""
    names = dict(enumerate(category_names(shell.context().rules.categories).values()))
    found = trends.waiting_times_by(now.lives, now.board["category"], list(names))
    _waiting_times(now, found, names, "category")


def by_area(now: SituationSnapshot) -> None:
    """Draw the time to the first answer for each area; areas of several layers with the same code and name are one."""
    numbers, names = _areas(now)
    found = trends.waiting_times_by(now.lives, numbers, list(names))
    found.sort(key=lambda wait: -wait.total)
    _waiting_times(now, found, names, "area")


def _areas(now: SituationSnapshot) -> tuple[trends.Moments, dict[int, str]]:
    """Return an area number for each row, and the names of these numbers."""
    areas = shell.context().views.situation.areas
    first: dict[tuple[str, str], int] = {}
    same = [first.setdefault((area.code, area.name), at) for at, area in enumerate(areas)]
    numbers = trends.renumber(now.board["area"], same)
    return numbers, {at: areas[at].name or areas[at].code for at in sorted(set(same))}


def _waiting_times(now: SituationSnapshot, found: list[Wait], names: dict[int, str], what: str) -> None:
    if not found:
        return
    with st.container(key=f"part-waits-{what}"):
        explanation = (
            f"Time from receiving a request to its first answer, by {what}: the median of the answered requests, "
            "and the time within which 9 of 10 of them were answered."
        )
        named = [(names[wait.key], wait) for wait in found]
        stylesheet.finding(findings.slowest(named, rounded_ms=now.rounded_ms), explanation)
        drawn = [(name, w.median_ms, w.ninety_ms or 0) for name, w in named if w.median_ms is not None][:AREAS_DRAWN]
        chart, table = st.columns([3, 2], gap="medium")
        if drawn:
            with chart:
                alt_text = f"Median and 90th percentile of the wait by {what}; the table has the numbers"
                charts.waiting_chart(drawn, alt_text=alt_text, key=f"chart-waits-{what}")
        with table:
            lines = [
                (
                    name,
                    number(wait.total),
                    number(wait.answered),
                    findings.took(wait, rounded_ms=now.rounded_ms),
                    findings.ninety(wait, rounded_ms=now.rounded_ms),
                )
                for name, wait in named
            ]
            caption = count_phrase(len(lines), what, "categories" if what == "category" else "")
            stylesheet.table((what.capitalize(), *_HEADS), lines, numbers=4, caption=caption)
