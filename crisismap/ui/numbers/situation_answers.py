"""The time to the first answer on the Situation page, by category and by area."""

from __future__ import annotations

import streamlit as st

from crisismap.services.lists import trends
from crisismap.services.lists.trends import Wait
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.wording import category_names, count_phrase, number
from crisismap.ui.numbers import charts, findings
from crisismap.ui.numbers.situation_now import SituationSnapshot

MAX_AREAS = 10
_HEADS = ("Requests", "Answered", "Median", "9 of 10")


def by_category(now: SituationSnapshot) -> None:
    """Draw the time to the first answer for each category."""
    names = dict(enumerate(category_names(shell.context().rules.categories).values()))
    waits = trends.waiting_times_by(now.lives, now.now_ms, now.board["category"], list(names))
    _waiting_times(now, waits, names, "category")


def by_area(now: SituationSnapshot) -> None:
    """Draw the time to the first answer for each area; areas of several layers with the same code and name are one."""
    numbers, names = _areas(now)
    waits = trends.waiting_times_by(now.lives, now.now_ms, numbers, list(names))
    waits.sort(key=lambda wait: -wait.total)
    _waiting_times(now, waits, names, "area")


def _areas(now: SituationSnapshot) -> tuple[trends.Moments, dict[int, str]]:
    """Return an area number for each row, and the names of these numbers."""
    areas = shell.context().views.situation.areas
    first: dict[tuple[str, str], int] = {}
    shared_numbers = [first.setdefault((area.code, area.name), at) for at, area in enumerate(areas)]
    numbers = trends.renumber(now.board["area"], shared_numbers)
    return numbers, {at: areas[at].name or areas[at].code for at in sorted(set(shared_numbers))}


def _waiting_times(now: SituationSnapshot, waits: list[Wait], names: dict[int, str], grouping: str) -> None:
    if not waits:
        return
    with st.container(key=f"part-waits-{grouping}"):
        explanation = (
            f"Time from receiving a request to its first answer, by {grouping}: the times within which half and 9 of "
            "10 of all requests are answered. Those that still wait count with the time that they have waited."
        )
        named_waits = [(names[wait.key], wait) for wait in waits]
        stylesheet.finding(findings.longest_wait(named_waits, rounded_ms=now.rounded_ms), explanation)
        bars = [
            (name, w.median_ms, w.ninety_ms)
            for name, w in named_waits
            if w.median_ms is not None and w.ninety_ms is not None
        ][:MAX_AREAS]
        chart, table = st.columns([3, 2], gap="medium")
        if bars:
            with chart:
                alt_text = f"Median and 90th percentile of the wait by {grouping}; the table has the numbers"
                charts.waiting_chart(bars, alt_text=alt_text, key=f"chart-waits-{grouping}")
        with table:
            rows = [
                (
                    name,
                    number(wait.total),
                    number(wait.answered),
                    findings.median_wait(wait, rounded_ms=now.rounded_ms),
                    findings.nine_in_ten_wait(wait, rounded_ms=now.rounded_ms),
                )
                for name, wait in named_waits
            ]
            caption = count_phrase(len(rows), grouping, "categories" if grouping == "category" else "")
            stylesheet.table((grouping.capitalize(), *_HEADS), rows, numbers=4, caption=caption)
