"""Populated areas without reports on the Situation page, in numbers and by name."""

from __future__ import annotations

import streamlit as st

from crisismap.core.layer.population import EXAMPLES
from crisismap.core.moment import HOUR_MS
from crisismap.services.lists.silence import silence
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.wording import count_phrase, number
from crisismap.ui.numbers import charts, findings
from crisismap.ui.numbers.situation_now import SituationSnapshot

HOURS = (3, 6, 24)
MAX_AREAS = 10


def draw(now: SituationSnapshot) -> None:
    """Draw the areas without reports and how many people live there."""
    with st.container(key="hours"):
        hours = st.segmented_control(
            "Without reports for", HOURS, default=6, required=True, key="situation-hours", format_func="{} h".format
        )
    hours = hours or HOURS[0]
    found = silence(shell.context().views.situation, now.audience, now.now_ms - hours * HOUR_MS)
    with st.container(key="part-silence"):
        if not found.source:
            stylesheet.finding("Areas without reports are unknown: no layer has population figures")
            stylesheet.empty(
                "No population figures",
                "On the Layers page, load an area layer with population figures, or a context layer of places that "
                f"have them. They are read from properties such as {EXAMPLES}.",
            )
            return
        unlocated = count_phrase(found.nowhere, "report")
        explanation = (
            f"Populated areas according to “{found.source}” without any report received in this time. "
            "Silence can be the worst sign: phones may be dead or the network down. "
            f"{unlocated} of this time without a location could come from anywhere."
        )
        stylesheet.finding(findings.silence(found, hours), explanation)
        if not found.quiet:
            return
        chart, table = st.columns([3, 2], gap="medium")
        with chart:
            stylesheet.note(
                f"The {count_phrase(min(MAX_AREAS, len(found.quiet)), 'area')} without reports and with the most people"
            )
            bars = [(each.name, each.people) for each in found.quiet[:MAX_AREAS]]
            alt_text = "Bars of people in areas without reports; the table has the numbers"
            charts.amount_chart(bars, "people", alt_text=alt_text, key="chart-silence")
        with table:
            rows = [(each.name, each.code or "-", number(each.people)) for each in found.quiet]
            caption = f"{count_phrase(len(rows), 'area')} without reports, of {number(found.areas)} populated areas"
            stylesheet.table(("Area", "Code", "People"), rows, numbers=1, caption=caption)
